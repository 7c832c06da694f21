"""The lists that a finished run can be read as: its rows, what it found, what to distrust.

Rows are the windows or lines of the table. Found are things such as events, one by one.
Flagged are stretches of rows with the same flag, so that thousands of bad windows in one
place are one line to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis.base import Analysis, Column
from acqcore.model.record import AnalysisRecord, Columns

ROWS, FOUND, FLAGGED = "rows", "found", "flagged"

_FLAG = "flag"
_TIMES = ("time_s", "time_sec")
_FLAGGED_COLUMNS = (
    Column("start", "s", "Start", "Middle of the first window, from the first line of the ROI."),
    Column("end", "s", "End", "Middle of the last window."),
    Column("rows", "", "Rows", "How many rows in a row."),
    Column(_FLAG, "", "Reason", "Why they are not to be trusted."),
)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One list.

    Attributes:
        columns: Meaning of each column, in order.
        values: Arrays of equal length.
        spans: (n, 2) times where each row begins and ends, from the first line of the ROI;
            NaN where a row has no time.
    """

    columns: tuple[Column, ...]
    values: Columns
    spans: NDArray[np.float64]


def listings(analysis: Analysis[Any]) -> dict[str, str]:
    """Titles of the lists that an analysis has, by kind, the usual one first."""
    offered = {}
    if analysis.columns:
        offered[ROWS] = "Rows"
    if analysis.found_columns:
        offered[FOUND] = analysis.found_title
    if any(column.name == _FLAG for column in analysis.columns):
        offered[FLAGGED] = "Quality"
    return offered


def list_columns(analysis: Analysis[Any], kind: str) -> tuple[Column, ...]:
    """What the columns of a list mean."""
    if kind == FLAGGED:
        return _FLAGGED_COLUMNS
    return analysis.columns if kind == ROWS else analysis.found_columns


def listing(record: AnalysisRecord, analysis: Analysis[Any], kind: str) -> Listing:
    """A list of a record; empty before a run. SidecarError when its table cannot be read."""
    if kind == FOUND:
        return _found(record, analysis)
    rows = _rows(record, analysis)
    return rows if kind == ROWS else _flagged(rows)


def _rows(record: AnalysisRecord, analysis: Analysis[Any]) -> Listing:
    table = record.table
    if table is None:
        return Listing((), {}, np.empty((0, 2)))
    known = {column.name: column for column in analysis.columns}
    columns = tuple(known.get(name, Column(name, "", name)) for name in table.names)
    name = next((one for one in _TIMES if one in table.names), "")
    times = np.asarray(table[name], np.float64) if name else np.full(len(table), np.nan)
    return Listing(columns, table.columns, np.stack((times, times), axis=1))


def _found(record: AnalysisRecord, analysis: Analysis[Any]) -> Listing:
    values = analysis.found(record) if record.has_result else {}
    if not values:
        return Listing((), {}, np.empty((0, 2)))
    start, end = (np.asarray(values[name], np.float64) for name in analysis.found_span)
    return Listing(analysis.found_columns, values, np.stack((start, end), axis=1))


def _flagged(rows: Listing) -> Listing:
    flags = np.asarray(rows.values.get(_FLAG, np.empty(0, "U1"))).astype(str)
    times = rows.spans[:, 0]
    changes = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    first = np.concatenate(([0], changes)) if flags.size else np.empty(0, np.intp)
    last = np.concatenate((changes, [flags.size])) - 1 if flags.size else np.empty(0, np.intp)
    bad = flags[first] != ""
    first, last = first[bad], last[bad]
    values = {
        "start": times[first],
        "end": times[last],
        "rows": last - first + 1,
        _FLAG: flags[first],
    }
    return Listing(_FLAGGED_COLUMNS, values, np.stack((times[first], times[last]), axis=1))
