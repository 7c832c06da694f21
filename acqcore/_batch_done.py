"""Whether a file holds already what a batch would compute: so that it can be resumed.

A result counts as done when its provenance names the same parameters (defaults included),
geometry, calibration and version of the analysis, its rows are there, its parents are
older, and the pixels are the same. Pixels are the same when the recording is older than
the run; a newer one (a copy, mostly) is read and its hash compared, which still costs far
less than the run. Versions of Python and numpy do not matter: an update must not ask for
ten thousand runs again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.model.record import AnalysisRecord, Provenance
from acqcore.model.state import AcqState
from acqcore.run import Source


def why_not_done(
    image: AcqImage, state: AcqState, record: AnalysisRecord, parameters: Mapping[str, Any]
) -> str:
    """Why a record is not what a run with these parameters would give; empty if it is."""
    method, ran = analysis(record.key.analysis_name), record.provenance
    if ran is None:
        return "it has not run yet"
    stale = state.stale_reason(record, image.header.calibration)
    if stale:
        return stale if stale[:3].isupper() else stale[0].lower() + stale[1:]
    if _as_stored(asdict(method.parse(parameters))) != _as_stored(ran.parameters):
        return "it ran with other parameters"
    if ran.versions.get("analysis") != str(method.version):
        return "another version or another program computed it"
    if method.columns and record.table is None:
        return "its rows are gone"
    if _older_than_parents(state, record):
        return "what it depends on ran again since then"
    if not _same_pixels(image, state, record, ran):
        return "the pixels changed since then"
    return ""


def _as_stored(values: Mapping[str, Any]) -> Any:
    """As a sidecar gives them back: JSON knows no tuples."""
    return json.loads(json.dumps(dict(values), sort_keys=True))


def _older_than_parents(state: AcqState, record: AnalysisRecord) -> bool:
    mine = record.provenance.time_utc if record.provenance else ""
    for other in state.records:
        is_parent = other.key.analysis_name in analysis(record.key.analysis_name).depends_on
        same_place = (other.key.channel, other.key.roi_id) == (
            record.key.channel,
            record.key.roi_id,
        )
        if is_parent and same_place and other.provenance and other.provenance.time_utc > mine:
            return True
    return False


def _same_pixels(image: AcqImage, state: AcqState, record: AnalysisRecord, ran: Provenance) -> bool:
    told = ran.pixels
    if told.get("dtype") != image.header.dtype:
        return False
    if _is_older(image, ran.time_utc):
        return True
    source = Source(image.images, state)
    pixels = source.crop(record.key.channel, source.rect(record.key.roi_id))
    if list(pixels.shape) != told.get("shape"):
        return False
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()
    return bool(digest == told.get("sha256"))


def _is_older(image: AcqImage, time_utc: str) -> bool:
    """Whether no file of the recording was written after that time."""
    files = image.images.files
    # A folder's own time says nothing of the files in it.
    if any(one.is_dir() for one in files):
        return False
    try:
        ran = datetime.fromisoformat(time_utc).timestamp()
    except ValueError:
        return False
    # Runs tell their time in whole seconds.
    return all(int(one.stat().st_mtime) <= ran for one in files)
