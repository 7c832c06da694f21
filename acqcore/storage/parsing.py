"""The JSON document of a sidecar to `AcqState`: take what is good, report the rest.

Nothing here raises for a damaged document. Each fault becomes a `Problem`, and the
value that was not understood is kept so that the next save writes it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import UNCALIBRATED, Calibration, ImageHeader, calibration
from acqcore.model.metadata import (
    ExperimentMetadata,
    ImageHeaderMetadata,
    experiment_schema,
    header_values,
)
from acqcore.model.record import AnalysisRecord
from acqcore.model.roi import ROI, LineROI, RectROI
from acqcore.model.schema import FieldSchema, ValueType, coerced
from acqcore.model.state import AcqState, Review
from acqcore.storage.document import OURS, ROI_KEYS, VERSION, own_calibration
from acqcore.storage.on_disk import stamped
from acqcore.storage.parsing_records import parse_records
from acqcore.storage.problems import Parsed, Problem, index, mapping, text


def parse_document(document: Mapping[str, Any], header: ImageHeader, file_name: str) -> Parsed:
    """Read everything that can be read."""
    parsed = Parsed(file_name)
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        parsed.report("version", f"written by a newer program (version {version})")
    elif isinstance(version, bool) or version != VERSION:
        parsed.report("version", f"version {version!r} is not known", version)
    own = parsed.block(document, OURS)
    for name, listed in parsed.block(own, "csv_files", within=f"{OURS}.").items():
        parsed.attempt(f"{OURS}.csv_files.{name}", listed, lambda one=listed: stamped(one))  # type: ignore[misc]
    rois = _colored(parsed, own, _rois(parsed, document))
    review = _review(parsed, document, own)
    records = parse_records(parsed, document, own, {roi.id: roi for roi in rois}, header)
    parsed.state = AcqState(
        review=review,
        review_reason=_reason(parsed, own, review),
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
    stored = own.get("review", Review.UNDECIDED.value)
    review = parsed.attempt(f"{OURS}.review", stored, lambda: Review(stored))
    return Review.ACCEPTED if review is Review.ACCEPTED else Review.UNDECIDED


def _reason(parsed: Parsed, own: Mapping[str, Any], review: Review) -> str:
    """Why, as long as nobody else has changed the verdict since."""
    reason = own.get("review_reason", "")
    if not isinstance(reason, str):
        parsed.report(f"{OURS}.review_reason", "not a text", reason)
        return ""
    return reason if own.get("review") == review.value and review is not Review.UNDECIDED else ""


def _rois(parsed: Parsed, document: Mapping[str, Any]) -> tuple[ROI, ...]:
    found: dict[int, ROI] = {}
    for where, block in parsed.items(document, "rois", needed=True):
        roi = parsed.attempt(where, block, lambda block=block: _roi(block))  # type: ignore[misc]
        if roi is None:
            continue
        if roi.id in found:
            parsed.report(where, f"a second ROI {roi.id}", block)
            continue
        found[roi.id] = roi
        _report_left_over(parsed, where, block)
    return tuple(found.values())


def _roi(block: Any) -> ROI:
    roi_id, kind = index(block["roi_id"]), text(block["roi_type"]).lower()
    name, note = (one if isinstance(one := block.get(key), str) else "" for key in ("name", "note"))
    if kind == "rectroi":
        top, bottom, left, right = _corners(block, "row_start", "row_stop", "col_start", "col_stop")
        return RectROI(roi_id, top, bottom, left, right, name, note)
    if kind == "linesegmentroi":
        row0, col0, row1, col1 = _corners(block, "row0", "col0", "row1", "col1")
        return LineROI(roi_id, row0, col0, row1, col1, name, note)
    raise ValueError(f"unknown kind of ROI {kind!r}")


def _colored(parsed: Parsed, own: Mapping[str, Any], rois: tuple[ROI, ...]) -> tuple[ROI, ...]:
    """With the colours that were chosen; a number without a ROI is no fault."""
    colors = parsed.block(own, "roi_colors", within=f"{OURS}.")

    def colored(roi: ROI) -> ROI:
        color = colors.get(str(roi.id), "")
        place = f"{OURS}.roi_colors.{roi.id}"
        return parsed.attempt(place, color, lambda: replace(roi, color=text(color))) or roi

    return tuple(colored(roi) for roi in rois)


def _corners(block: Any, *names: str) -> list[int]:
    return [index(block["data"][name]) for name in names]


def _report_left_over(parsed: Parsed, where: str, block: Mapping[str, Any]) -> None:
    """What a ROI cannot hold; the reference program refuses a file with further keys in one."""
    for key in ("name", "note"):
        if not isinstance(block.get(key, ""), str):
            parsed.report(f"{where}.{key}", f"{block[key]!r} is not a text", block[key])
    unknown = {key: value for key, value in block.items() if key not in ROI_KEYS}
    if block.get("version", "1.0") != "1.0":
        unknown["version"] = block["version"]
    if unknown:
        parsed.report(where, f"not understood ({', '.join(unknown)})", unknown)


def _next_roi_id(
    parsed: Parsed,
    own: Mapping[str, Any],
    rois: tuple[ROI, ...],
    records: tuple[AnalysisRecord, ...],
) -> int:
    """Above every number that was ever given, also to ROIs that are gone."""
    used = [roi.id for roi in rois] + [record.key.roi_id for record in records]
    stored = own.get("next_roi_id", 1)
    counted = parsed.attempt(f"{OURS}.next_roi_id", stored, lambda: index(stored)) or 1
    return max([counted, 1] + [roi_id + 1 for roi_id in used])


def _experiment(parsed: Parsed, document: Mapping[str, Any]) -> ExperimentMetadata:
    block = parsed.block(document, "experiment_metadata", needed=True)
    values: dict[str, Any] = {}
    for one in experiment_schema().fields:
        if one.name in block:
            value = block[one.name]
            good = parsed.attempt(
                f"experiment_metadata.{one.name}",
                value,
                lambda one=one, value=value: _field(one, value),  # type: ignore[misc]
            )
            values |= good or {}
    return ExperimentMetadata(**values)


def _field(schema: FieldSchema, value: Any) -> dict[str, Any]:
    """The value as it stands; NaN, which other programs write, is "not set"."""
    if value is None or value != value:
        return {}
    if schema.value_type is ValueType.STR:
        return {schema.name: text(value)}
    if isinstance(value, bool):
        raise TypeError(f"{value!r} is not a number")
    return coerced((schema,), {schema.name: value})


def _calibration(
    parsed: Parsed, document: Mapping[str, Any], own: Mapping[str, Any], header: ImageHeader
) -> Calibration | None:
    """The user's calibration, or one that fills a gap of the file; else None."""
    block = parsed.block(document, "image_header_metadata", needed=True)
    ours = own.get("calibration")
    if ours is not None or OURS in document:
        return parsed.attempt(f"{OURS}.calibration", ours, lambda: own_calibration(ours))
    theirs = {name: block[name] for name in ImageHeaderMetadata.CALIBRATION_FIELDS if name in block}
    stored = parsed.attempt("image_header_metadata", theirs, lambda: _foreign_calibration(theirs))
    used = stored if header.calibration.source == "none" else None
    written = header_values(header, used or header.calibration)
    if any(written[name] != value for name, value in theirs.items()):
        parsed.kept["image_header_metadata"] = theirs  # something else is written in its place
    return used


def _foreign_calibration(block: Mapping[str, Any]) -> Calibration | None:
    """What another program stored; None when it cannot be trusted."""
    if not block:
        return None
    step_y, step_x, label_y, label_x = (
        block.get(name) for name in ImageHeaderMetadata.CALIBRATION_FIELDS
    )
    for step in (step_y, step_x):
        if step is not None and (isinstance(step, bool) or not isinstance(step, int | float)):
            raise TypeError(f"{step!r} is not a number")
    labels = [text(label) for label in (label_y, label_x) if label is not None]
    # An older program wrote wrong steps under the bare axis letters.
    if len(labels) < 2 or {*labels} & {"Y", "X", UNCALIBRATED}:
        return None
    stored = calibration(step_y, labels[0], step_x, labels[1], "sidecar")
    return stored if stored.source != "none" else None


def _contrasts(parsed: Parsed, document: Mapping[str, Any]) -> Mapping[int, ImageContrast]:
    found: dict[int, ImageContrast] = {}
    for name, block in parsed.block(document, "image_contrast").items():
        pair = parsed.attempt(
            f"image_contrast.{name}",
            block,
            lambda name=name, block=block: (_channel(name), _contrast(block)),  # type: ignore[misc]
        )
        if pair is not None:
            found[pair[0]] = pair[1]
    return MappingProxyType(found)


def _channel(name: str) -> int:
    if str(int(name)) != name:
        raise ValueError(f"{name!r} is no number of a channel")
    return int(name)


def _contrast(block: Any) -> ImageContrast:
    block, limits = mapping(block), []
    for name in ("value_min", "value_max", "img_min", "img_max"):
        value = block.get(f"{name}_float", block[name])
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name} is not a number")
        limits.append(value)
    return ImageContrast(text(block["color_lut"]), *limits)


__all__ = ["Parsed", "Problem", "parse_document"]
