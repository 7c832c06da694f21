"""The records of a document: blocks of the shared list and of our own, and their runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from acqcore.model.roi import ROI
from acqcore.storage.document import OURS
from acqcore.storage.problems import Parsed, index, mapping, text


def parse_records(
    parsed: Parsed,
    document: Mapping[str, Any],
    own: Mapping[str, Any],
    rois: Mapping[int, ROI],
    header: ImageHeader,
) -> tuple[AnalysisRecord, ...]:
    """Records in the order in which they were created, tables not yet attached."""
    runs = _own_runs(parsed, own)
    found: dict[AnalysisKey, AnalysisRecord] = {}
    listed = parsed.items(document, "analysis", needed=True)
    listed += parsed.items(own, "analysis", within=f"{OURS}.")
    for where, block in listed:
        record = parsed.attempt(where, block, lambda block=block: _record(block))  # type: ignore[misc]
        if record is None:
            continue
        if record.key in found:
            parsed.report(where, "a second record of the same analysis, channel and ROI", block)
            continue
        if record.key not in runs:
            parsed.foreign.add(record.key)
        elif runs[record.key].has_table:
            parsed.with_table.add(record.key)
        found[record.key] = record
    order = {key: place for place, key in enumerate(runs)}
    ordered = sorted(found.values(), key=lambda one: order.get(one.key, len(order)))
    return tuple(_with_run(one, runs, rois, header) for one in ordered)


def _record(block: Any) -> AnalysisRecord:
    name = mapping(block)["analysis_name"]
    if not isinstance(name, str) or not name or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} is no name of an analysis")
    key = AnalysisKey(name, _channel(block["channel"]), index(block["roi_id"]))
    parameters, summary = (
        {} if block.get(part) is None else mapping(block[part])
        for part in ("detection_params", "summary")
    )
    return AnalysisRecord(key, dict(parameters), dict(summary))


def _channel(value: object) -> int:
    number = index(value)
    if number < 0:
        raise ValueError(f"{number} is no number of a channel")
    return number


@dataclass(frozen=True, slots=True)
class _Run:
    """What our own block says of a record.

    Attributes:
        parameters: Those that the shared list may not contain.
    """

    key: AnalysisKey
    has_table: bool
    parameters: Mapping[str, Any]
    provenance: Provenance | None


def _own_runs(parsed: Parsed, own: Mapping[str, Any]) -> dict[AnalysisKey, _Run]:
    runs: dict[AnalysisKey, _Run] = {}
    for where, block in parsed.items(own, "records", within=f"{OURS}."):
        run = parsed.attempt(where, block, lambda block=block: _run(block))  # type: ignore[misc]
        if run is not None:
            runs[run.key] = run
    return runs


def _run(block: Any) -> _Run:
    name, channel, roi_id = block["key"]
    return _Run(
        AnalysisKey(text(name), _channel(channel), index(roi_id)),
        block.get("has_table") is True,
        mapping(block.get("parameters", {})),
        None if block["provenance"] is None else _provenance(block["provenance"]),
    )


def _provenance(ran: Any) -> Provenance:
    step_y, step_x = ran["steps"]
    return Provenance(
        parameters=dict(mapping(ran["parameters"])),
        geometry=tuple(index(corner) for corner in ran["geometry"]),
        steps=Calibration(float(step_y), float(step_x)).steps,
        time_utc=text(ran["time_utc"]),
        versions={name: text(version) for name, version in mapping(ran["versions"]).items()},
        pixels=dict(mapping(ran["pixels"])),
        note=text(ran["note"]),
        parents={name: text(one) for name, one in mapping(ran.get("parents", {})).items()},
    )


def _with_run(
    record: AnalysisRecord,
    runs: Mapping[AnalysisKey, _Run],
    rois: Mapping[int, ROI],
    header: ImageHeader,
) -> AnalysisRecord:
    """Attach what is known of the run; another program's result belongs to the ROI as it is."""
    if record.key in runs:
        run = runs[record.key]
        parameters = dict(record.parameters) | dict(run.parameters)
        return replace(record, parameters=parameters, provenance=run.provenance)
    if record.summary and record.key.roi_id in rois:
        geometry = rois[record.key.roi_id].geometry
        ran = Provenance(dict(record.parameters), geometry, header.calibration.steps)
        return replace(record, provenance=ran)
    return record
