"""Records that another program computed: what it left unsaid and what it got wrong."""

from __future__ import annotations

from dataclasses import replace

from acqcore.analysis import analyses
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
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
        _check_numbers(table, {name for curve in method.curves for name in (curve.x, curve.y)})
        columns, summary, note = method.mended(table.columns, record.summary, steps)
        table = ResultTable(columns) if note else table
    ran = replace(record.provenance, parameters=parameters, note=note, steps=steps.steps)
    return state.with_record(AnalysisRecord(key, parameters, summary, table, ran))


def _check_numbers(table: ResultTable, names: set[str]) -> None:
    for name in sorted(names & set(table.names)):
        if table[name].dtype.kind not in "iufb":
            raise ValueError(f"the column {name} holds texts instead of numbers")
