"""The JSON document of a sidecar to `AcqState`: take what is good, report the rest.

Nothing here raises for a damaged document. Each fault becomes a `Problem`, and the
value that was not understood is kept so that the next save writes it back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import UNCALIBRATED, Calibration, ImageHeader, calibration
from acqcore.model.metadata import ExperimentMetadata, ImageHeaderMetadata, experiment_schema
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from acqcore.model.roi import ROI, LineROI, RectROI
from acqcore.model.schema import coerced
from acqcore.model.state import AcqState, Review
from acqcore.storage.document import OURS, VERSION, own_calibration

_Parsed = TypeVar("_Parsed")


def parse_document(document: Mapping[str, Any], header: ImageHeader, file_name: str) -> Parsed:
    """Read everything that can be read."""
    parsed = Parsed(file_name)
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        parsed.report("version", f"written by a newer program (version {version})")
    elif isinstance(version, bool) or version != VERSION:
        parsed.report("version", f"version {version!r} is not known", version)
    own = parsed.block(document, OURS, needed=False)
    rois = _rois(parsed, document)
    records = _records(parsed, document, own, {roi.id: roi for roi in rois}, header)
    parsed.state = AcqState(
        review=_review(parsed, document, own),
        rois=rois,
        next_roi_id=_next_roi_id(parsed, own, rois, records),
        experiment=_experiment(parsed, document),
        calibration=_calibration(parsed, document, own, header),
        contrasts=_contrasts(parsed, document),
        records=records,
    )
    return parsed


def _review(parsed: Parsed, document: Mapping[str, Any], own: Mapping[str, Any]) -> Review:
    accepted = document.get("accepted")
    if not isinstance(accepted, bool):
        parsed.report("accepted", f"neither true nor false but {accepted!r}", accepted)
        accepted = True
    if not accepted:
        return Review.REJECTED
    stored = own.get("review")
    return Review.ACCEPTED if stored == Review.ACCEPTED.value else Review.UNDECIDED


def _rois(parsed: Parsed, document: Mapping[str, Any]) -> tuple[ROI, ...]:
    found: dict[int, ROI] = {}
    for place, block in enumerate(parsed.items(document, "rois", needed=True)):
        where = f"rois[{place}]"
        roi = parsed.attempt(where, block, lambda block=block: _roi(block))  # type: ignore[misc]
        if roi is not None and roi.id in found:
            parsed.report(where, f"a second ROI {roi.id}", block)
        elif roi is not None:
            found[roi.id] = roi
    return tuple(found.values())


def _roi(block: Any) -> ROI:
    roi_id, kind = _whole(block["roi_id"]), block["roi_type"]
    name, note = str(block["name"]), str(block["note"])
    if kind == "rectroi":
        top, bottom, left, right = _corners(block, "row_start", "row_stop", "col_start", "col_stop")
        return RectROI(roi_id, top, bottom, left, right, name, note)
    if kind == "linesegmentroi":
        row0, col0, row1, col1 = _corners(block, "row0", "col0", "row1", "col1")
        return LineROI(roi_id, row0, col0, row1, col1, name, note)
    raise ValueError(f"unknown kind of ROI {kind!r}")


def _corners(block: Any, *names: str) -> list[int]:
    return [_whole(block["data"][name]) for name in names]


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _next_roi_id(
    parsed: Parsed,
    own: Mapping[str, Any],
    rois: tuple[ROI, ...],
    records: tuple[AnalysisRecord, ...],
) -> int:
    """Above every number that was ever given, also to ROIs that are gone."""
    used = [roi.id for roi in rois] + [record.key.roi_id for record in records]
    stored = own.get("next_roi_id", 1)
    counted = parsed.attempt(f"{OURS}.next_roi_id", stored, lambda: _whole(stored)) or 1
    return max([counted, 1] + [roi_id + 1 for roi_id in used])


def _experiment(parsed: Parsed, document: Mapping[str, Any]) -> ExperimentMetadata:
    block = parsed.block(document, "experiment_metadata", needed=True)
    fields = experiment_schema().fields
    values: dict[str, Any] = {}
    for one in fields:
        if one.name in block:
            value = block[one.name]
            good = parsed.attempt(
                f"experiment_metadata.{one.name}",
                value,
                lambda one=one, value=value: coerced((one,), {one.name: value}),  # type: ignore[misc]
            )
            values |= good or {}
    return ExperimentMetadata(**values)


def _calibration(
    parsed: Parsed, document: Mapping[str, Any], own: Mapping[str, Any], header: ImageHeader
) -> Calibration | None:
    """The user's calibration, or one that fills a gap of the file; else None."""
    ours = own.get("calibration")
    if ours is not None or OURS in document:
        return parsed.attempt(f"{OURS}.calibration", ours, lambda: own_calibration(ours))
    block = parsed.block(document, "image_header_metadata", needed=True)
    step_y, step_x, label_y, label_x = (
        block.get(name) for name in ImageHeaderMetadata.CALIBRATION_FIELDS
    )
    # An older program wrote wrong steps under the bare axis letters.
    untrusted = {label_y, label_x} & {"Y", "X", UNCALIBRATED, None}
    if untrusted or not isinstance(label_y, str) or not isinstance(label_x, str):
        return None
    stored = calibration(step_y, label_y, step_x, label_x, "sidecar")
    if header.calibration.source == "none" and stored.source != "none":
        return stored
    return None


def _contrasts(parsed: Parsed, document: Mapping[str, Any]) -> Mapping[int, ImageContrast]:
    found: dict[int, ImageContrast] = {}
    for name, block in parsed.block(document, "image_contrast", needed=False).items():
        where = f"image_contrast.{name}"
        pair = parsed.attempt(
            where,
            block,
            lambda name=name, block=block: (int(name), _contrast(block)),  # type: ignore[misc]
        )
        if pair is not None:
            found[pair[0]] = pair[1]
    return MappingProxyType(found)


def _contrast(block: Any) -> ImageContrast:
    block, limits = _mapping(block), []
    for name in ("value_min", "value_max", "img_min", "img_max"):
        value = block.get(f"{name}_float", block[name])
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name} is not a number")
        if not math.isfinite(value):
            raise ValueError(f"{name} is not finite")
        limits.append(value)
    return ImageContrast(str(block["color_lut"]), *limits)


