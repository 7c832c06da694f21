"""Records as they were stored: what another program left unsaid or got wrong, and what no
run could use, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from acqcore.analysis import analyses
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
from acqcore.model.schema import FieldSchema, check_type, is_finite
from acqcore.model.state import AcqState


def mended(state: AcqState, key: AnalysisKey, steps: Calibration) -> AcqState:
    """Put a record right in memory; its file changes only with the next save.

    `steps` is the calibration in force; the record then counts as run with it. ValueError
    for a table with texts where this analysis has numbers.
    """
    record, method = state.record(key), analyses().get(key.analysis_name)
    if record is None or method is None or record.provenance is None:
        return state
    parameters = dict(method.unstated_parameters) | dict(record.parameters)
    table, summary, note = record.table, record.summary, ""
    if table is not None:
        drawn = {name for one in method.curves for name in (one.x, one.y, one.error)}
        drawn |= {name for one in method.overlays for name in (one.x, one.y)}
        _check_numbers(table, drawn)
        columns, summary, note = method.mended(table.columns, record.summary, steps)
        table = ResultTable(columns) if note else table
    ran = replace(record.provenance, parameters=parameters, note=note, steps=steps.steps)
    return state.with_record(AnalysisRecord(key, parameters, summary, table, ran))


def _check_numbers(table: ResultTable, names: set[str]) -> None:
    for name in sorted(names & set(table.names)):
        if table[name].dtype.kind not in "iufb":
            raise ValueError(f"the column {name} holds texts instead of numbers")


def without_faulty_parameters(record: AnalysisRecord) -> tuple[AnalysisRecord, dict[str, Any]]:
    """The record without values of a type that their parameter never has, and those values.

    Unknown names stay: a newer version or another program may know them.
    """
    method, ran = analyses().get(record.key.analysis_name), record.provenance
    if method is None:
        return record, {}
    fields = method.schema().fields
    asked, faulty = _sorted_out(fields, record.parameters)
    used, also_faulty = _sorted_out(fields, ran.parameters if ran else {})
    if not faulty and not also_faulty:
        return record, {}
    ran = replace(ran, parameters=used) if ran else None
    return replace(record, parameters=asked, provenance=ran), also_faulty | faulty


def _sorted_out(
    fields: tuple[FieldSchema, ...], values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values that may stay, and those that may not."""
    faulty = {}
    for one in fields:
        if one.name in values:
            value = values[one.name]
            try:
                check_type(one, value)
            except (TypeError, ValueError):
                faulty[one.name] = value
            else:
                if isinstance(value, int | float) and not is_finite(value):
                    faulty[one.name] = value
    return {name: one for name, one in values.items() if name not in faulty}, faulty
