"""The events that one person scored, as a small file.

Times are lines of the recording: they stay the same whatever the calibration says. A
recording is known by a hash of its first pixels, so that it may be renamed, and the file
of a blinded scorer tells no names and can still be compared.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from acqcore.acq_image import AcqImage
from acqcore.analysis.event import EVENT_TYPES, events
from acqcore.errors import AcqError, CannotRun
from acqcore.model.record import AnalysisRecord
from acqcore.storage.atomic import write_files

VERSION = 1
_EVENT, _FIRST_LINES = "event", 64


class UnreadableScoring(AcqError):
    """The file holds no scoring, or one of a later version."""


@dataclass(frozen=True, slots=True)
class ScoredEvent:
    """What a person takes for an event.

    Attributes:
        line0, line1: Lines of the recording, ascending.
        id: Its number in the record.
    """

    line0: float
    line1: float
    kind: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class ScoredPlace:
    """One channel and ROI of one recording.

    Attributes:
        recording: Its name; empty when the scorer was not to know it.
        identity: Hash of shape and first pixels.
        lines, pixels: What was looked at, half-open.
        step_s: Seconds per line, 0 when not known.
        events: Accepted and drawn ones. What was rejected is no event.
        unreviewed: Automatic events that still wait for a verdict; they are left out.
        file_id: Of an open recording; empty for what was read from a file.
    """

    recording: str
    identity: str
    channel: int
    roi_id: int
    lines: tuple[int, int]
    pixels: tuple[int, int]
    step_s: float
    events: tuple[ScoredEvent, ...]
    unreviewed: int = 0
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Scoring:
    """All places that one person scored."""

    scorer: str = ""
    written_utc: str = ""
    places: tuple[ScoredPlace, ...] = ()


def scoring_of(images: Iterable[AcqImage], scorer: str, *, names: bool = True) -> Scoring:
    """What is scored in these recordings; without `names`, nobody can read which they are.

    Events that are damaged in their sidecar are left out, as are records without a run.
    Reads a few lines of each recording: `UnreadableFile` when one has gone.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Scoring(scorer, now, tuple(place for one in images for place in _places(one, names)))


def write_scoring(path: Path, scoring: Scoring) -> None:
    """Write a small JSON file, whole or not at all: `SaveFailed`."""
    places = [asdict(place) for place in scoring.places]
    for block in places:
        del block["file_id"]
    stored = {
        "cloudscope_scoring": VERSION,
        "scorer": scoring.scorer,
        "written_utc": scoring.written_utc,
        "places": places,
    }
    write_files([(path, (json.dumps(stored, indent=1, ensure_ascii=False) + "\n").encode())])


def read_scoring(path: Path) -> Scoring:
    """Read `write_scoring`; `UnreadableScoring` for anything else."""
    try:
        stored = json.loads(path.read_text("utf-8"))
        version = stored["cloudscope_scoring"]
    except OSError as error:
        raise UnreadableScoring(f"Cannot read {path.name}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableScoring(f"{path.name} holds no scoring of events.") from error
    if version != VERSION:
        raise UnreadableScoring(f"{path.name} was written by a later version of CloudScope.")
    try:
        places = tuple(_place(block) for block in stored["places"])
        return Scoring(str(stored["scorer"]), str(stored["written_utc"]), places)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableScoring(f"{path.name} is damaged: {error}.") from error


def _places(image: AcqImage, names: bool) -> Iterator[ScoredPlace]:
    identity = ""
    for record in image.state.records:
        ran = record.provenance
        if record.key.analysis_name != _EVENT or ran is None or len(ran.geometry) != 4:
            continue
        try:
            kept, unreviewed = _events(record)
        except CannotRun:
            continue
        identity = identity or _identity(image)
        line0, line1, pixel0, pixel1 = ran.geometry
        yield ScoredPlace(
            image.name if names else "",
            identity,
            record.key.channel,
            record.key.roi_id,
            (max(line0, 0), line1),
            (max(pixel0, 0), pixel1),
            image.calibration.step_y if image.calibration.time_known else 0.0,
            kept,
            unreviewed,
            image.file_id,
        )


def _events(record: AnalysisRecord) -> tuple[tuple[ScoredEvent, ...], int]:
    assert record.provenance is not None  # `_places` gives no others
    first, step = max(record.provenance.geometry[0], 0), record.provenance.steps[0]
    kept, unreviewed = [], 0
    for event in events(record):
        if event.accepted is None:
            unreviewed += 1
        elif event.accepted:
            low, high = first + event.x_min / step, first + event.x_max / step
            kept.append(ScoredEvent(low, high, event.event_type, event.id))
    return tuple(sorted(kept, key=lambda one: (one.line0, one.line1))), unreviewed


def _identity(image: AcqImage) -> str:
    """The same for a copy under another name; of recordings that begin alike, by the name."""
    header = image.header
    pixels = image.images.read_window(0, (0, _FIRST_LINES), (0, header.size("X")))
    found = hashlib.sha256(repr((header.shape, header.dims)).encode())
    if pixels.size and pixels.min() != pixels.max():
        found.update(np.ascontiguousarray(pixels).tobytes())
    else:
        found.update(image.name.encode())
    return found.hexdigest()[:16]


def _place(block: Mapping[str, Any]) -> ScoredPlace:
    """A block of the file; numbers that make no sense are a ValueError."""
    found = [
        ScoredEvent(float(one["line0"]), float(one["line1"]), str(one["kind"]), int(one["id"]))
        for one in block["events"]
    ]
    for one in found:
        if one.kind not in EVENT_TYPES or not -math.inf < one.line0 < one.line1 < math.inf:
            raise ValueError(f"event {one.id} makes no sense")
    lines, pixels = ((int(ends[0]), int(ends[1])) for ends in (block["lines"], block["pixels"]))
    step = float(block["step_s"])
    return ScoredPlace(
        str(block["recording"]), str(block["identity"]),
        int(block["channel"]), int(block["roi_id"]), lines, pixels,
        step if math.isfinite(step) and step > 0 else 0.0, tuple(found), int(block["unreviewed"]),
    )  # fmt: skip
