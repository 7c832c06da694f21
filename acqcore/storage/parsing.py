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


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in or beside a recording that was not understood.

    Attributes:
        where: File name and place in it, such as `a.tif.json, rois[2]`.
        why: What is wrong, without a full stop.
    """

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}."


@dataclass
class Parsed:
    """What a document gave.

    Attributes:
        kept: Values that were not understood, by their place in the document.
        foreign: Keys of records that carry no provenance of ours: another program ran them.
    """

    file_name: str
    state: AcqState = field(default_factory=AcqState)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    foreign: set[AnalysisKey] = field(default_factory=set)

    def report(self, place: str, why: str, value: object = None) -> None:
        """Note a fault and keep the value that stood there."""
        self.problems.append(Problem(f"{self.file_name}, {place}", why))
        if value is not None:
            self.kept[place] = value

    def attempt(self, place: str, value: object, parse: Callable[[], _Parsed]) -> _Parsed | None:
        """Run a parser; a fault of the document becomes a problem and gives None."""
        try:
            return parse()
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            self.report(place, f"not understood ({reason.rstrip('.')})", value)
            return None

    def block(self, document: Mapping[str, Any], name: str, *, needed: bool) -> Mapping[str, Any]:
        """A JSON object of that name; an empty one when it is missing or something else."""
        value = document.get(name)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.report(name, "not a block of values", value)
        elif needed and name not in document:
            self.report(name, "the block is missing")
        return {}

    def items(self, document: Mapping[str, Any], name: str, *, needed: bool) -> list[Any]:
        """A JSON list of that name; an empty one when it is missing or something else."""
        value = document.get(name)
        if isinstance(value, list):
            return value
        if value is not None:
            self.report(name, "not a list", value)
        elif needed:
            self.report(name, "the list is missing")
        return []


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


def _records(
    parsed: Parsed,
    document: Mapping[str, Any],
    own: Mapping[str, Any],
    rois: Mapping[int, ROI],
    header: ImageHeader,
) -> tuple[AnalysisRecord, ...]:
    """Records in the order in which they were created, tables not yet attached."""
    runs = _own_runs(parsed, own)
    found: dict[AnalysisKey, AnalysisRecord] = {}
    listed = _placed("analysis", parsed.items(document, "analysis", needed=True))
    listed += _placed(f"{OURS}.analysis", parsed.items(own, "analysis", needed=False))
    for where, block in listed:
        record = parsed.attempt(where, block, lambda block=block: _record(block))  # type: ignore[misc]
        if record is None:
            continue
        if record.key in found:
            parsed.report(where, "a second record of the same analysis, channel and ROI", block)
            continue
        if record.key not in runs:
            parsed.foreign.add(record.key)
        found[record.key] = record
    order = {key: place for place, key in enumerate(runs)}
    ordered = sorted(found.values(), key=lambda one: order.get(one.key, len(order)))
    return tuple(_with_run(one, runs, rois, header) for one in ordered)


def _placed(name: str, blocks: list[Any]) -> list[tuple[str, Any]]:
    return [(f"{name}[{place}]", block) for place, block in enumerate(blocks)]


def _mapping(block: Any) -> Mapping[str, Any]:
    if not isinstance(block, Mapping):
        raise TypeError("it is not a block of values")
    return block


def _record(block: Any) -> AnalysisRecord:
    name = _mapping(block)["analysis_name"]
    if not isinstance(name, str) or not name or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} is no name of an analysis")
    key = AnalysisKey(name, _whole(block["channel"]), _whole(block["roi_id"]))
    parameters, summary = block.get("detection_params") or {}, block.get("summary") or {}
    if not isinstance(parameters, Mapping) or not isinstance(summary, Mapping):
        raise TypeError("parameters and summary are not blocks of values")
    return AnalysisRecord(key, dict(parameters), dict(summary))


def _own_runs(parsed: Parsed, own: Mapping[str, Any]) -> dict[AnalysisKey, Provenance | None]:
    runs: dict[AnalysisKey, Provenance | None] = {}
    for place, block in enumerate(parsed.items(own, "records", needed=False)):
        where = f"{OURS}.records[{place}]"
        pair = parsed.attempt(where, block, lambda block=block: _run(block))  # type: ignore[misc]
        if pair is not None:
            runs[pair[0]] = pair[1]
    return runs


def _run(block: Any) -> tuple[AnalysisKey, Provenance | None]:
    name, channel, roi_id = block["key"]
    key, ran = AnalysisKey(str(name), _whole(channel), _whole(roi_id)), block["provenance"]
    if ran is None:
        return key, None
    step_y, step_x = ran["steps"]
    return key, Provenance(
        parameters=dict(ran["parameters"]),
        geometry=tuple(_whole(corner) for corner in ran["geometry"]),
        steps=(float(step_y), float(step_x)),
        time_utc=str(ran["time_utc"]),
        versions=dict(ran["versions"]),
        pixels=dict(ran["pixels"]),
        note=str(ran["note"]),
    )


def _with_run(
    record: AnalysisRecord,
    runs: Mapping[AnalysisKey, Provenance | None],
    rois: Mapping[int, ROI],
    header: ImageHeader,
) -> AnalysisRecord:
    """Attach what is known of the run; another program's result belongs to the ROI as it is."""
    if record.key in runs:
        ran = runs[record.key]
    elif record.summary and record.key.roi_id in rois:
        geometry = rois[record.key.roi_id].geometry
        ran = Provenance(dict(record.parameters), geometry, header.calibration.steps)
    else:
        ran = None
    return AnalysisRecord(record.key, record.parameters, record.summary, None, ran)
