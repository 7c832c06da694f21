"""The rows of one result: formatted when they are looked at, so a million cost nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from acqcore.analysis.base import Analysis
from acqcore.found import ROWS, Listing, listing
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_DIGITS, _SAMPLE = 4, 5000
FLAG = "flag"


@dataclass(frozen=True, slots=True, eq=False)
class ShownColumn:
    """One column of the table on screen.

    Attributes:
        decimals: For fractions; 0 for whole numbers and texts.
    """

    name: str
    title: str
    unit: str
    help: str
    values: NDArray[Any]
    decimals: int

    @property
    def heading(self) -> str:
        """Title over unit."""
        return f"{self.title}\n{self.unit}" if self.unit else f"{self.title}\n"


def shown_columns(
    record: AnalysisRecord, analysis: Analysis[Any], calibration: Calibration
) -> tuple[ShownColumn, ...]:
    """Columns of a finished run in declared order; SidecarError when they cannot be read."""
    return shown_listing(listing(record, analysis, ROWS), analysis, calibration)


def shown_listing(
    listed: Listing, analysis: Analysis[Any], calibration: Calibration
) -> tuple[ShownColumn, ...]:
    """Columns of a list with the units of a recording."""
    shown = []
    for column in listed.columns:
        unit = analysis.unit_of(column, calibration).replace("um", "µm")
        values = np.asarray(listed.values[column.name])
        shown.append(
            ShownColumn(column.name, column.title, unit, column.help, values, _decimals(values))
        )
    return tuple(shown)


def spans_of(record: AnalysisRecord, listed: Listing) -> NDArray[np.float64]:
    """(n, 2) lines of the recording that each row is about; empty where rows have no time."""
    ran = record.provenance
    if ran is None or not np.isfinite(listed.spans[:, 0]).any():
        return np.empty((0, 2))
    first = ran.geometry[0] if ran.geometry else 0
    lines: NDArray[np.float64] = first + listed.spans / ran.steps[0]
    return lines


def lines_of(record: AnalysisRecord, analysis: Analysis[Any]) -> NDArray[np.float64]:
    """The same of the rows of a table."""
    return spans_of(record, listing(record, analysis, ROWS))


def _decimals(values: NDArray[Any]) -> int:
    """As many as show four digits of a typical value."""
    if values.dtype.kind != "f" or values.size == 0:
        return 0
    some = np.abs(values[:: max(values.size // _SAMPLE, 1)])
    some = some[np.isfinite(some) & (some > 0)]
    if some.size == 0 or np.all(some == np.round(some)):
        return 0
    return min(max(_DIGITS - 1 - math.floor(math.log10(float(np.median(some)))), 0), 6)


class ResultTable(QAbstractTableModel):
    """Rows in time order, all of them or the flagged ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[ShownColumn, ...] = ()
        self._lines = np.empty((0, 2))
        self._flagged = np.empty(0, np.intp)
        self._rows: NDArray[np.intp] | None = None
        self._flagged_only = False
        self._words: dict[str, str] = {}

    def show_rows(
        self, columns: Sequence[ShownColumn], lines: NDArray[np.float64], words: dict[str, str]
    ) -> None:
        """Take another result; `lines` are (n, 2), `words` says what a flag means."""
        self.beginResetModel()
        self._columns, self._lines, self._words = tuple(columns), lines, words
        flags = next((one.values for one in columns if one.name == FLAG), np.empty(0, "U1"))
        self._flagged = np.flatnonzero(flags != "")
        self._rows = self._flagged if self._flagged_only else None
        self.endResetModel()

    def set_flagged_only(self, only: bool) -> None:
        """Leave out rows that are trusted."""
        self.beginResetModel()
        self._flagged_only = only
        self._rows = self._flagged if only else None
        self.endResetModel()

    @property
    def counts(self) -> tuple[int, int]:
        """All rows, and those with a flag."""
        return (self._columns[0].values.size if self._columns else 0), self._flagged.size

    @property
    def has_flags(self) -> bool:
        """Whether rows can be marked as not to be trusted."""
        return any(one.name == FLAG for one in self._columns)

    def span_of(self, row: int) -> tuple[float, float] | None:
        """Where a row begins and ends in the recording, in lines; a window is one moment."""
        at = self._source(row)
        if at >= len(self._lines) or not math.isfinite(self._lines[at, 0]):
            return None
        low, high = self._lines[at].tolist()
        return low, high if math.isfinite(high) else low

    def line_of(self, row: int) -> float | None:
        """Where a row begins."""
        span = self.span_of(row)
        return span[0] if span is not None else None

    def row_at(self, line: float) -> int | None:
        """The row nearest to a line."""
        begins = self._lines[:, 0]
        lines = begins if self._rows is None else begins[self._rows]
        if lines.size == 0:
            return None
        after = int(np.clip(np.searchsorted(lines, line), 1, max(lines.size - 1, 1)))
        near = [one for one in (after - 1, after) if one < lines.size]
        return min(near, key=lambda one: abs(float(lines[one]) - line))

    @property
    def spacing(self) -> float:
        """Lines from one row of the result to the next."""
        begins = self._lines[:_SAMPLE, 0]
        return float(np.median(np.diff(begins))) if begins.size > 1 else 1.0

    def tab_separated(self, rows: Sequence[int], columns: Sequence[int]) -> str:
        """Titles with units, then full-precision cells: for a spreadsheet."""
        chosen = [self._columns[one] for one in columns]
        head = [f"{one.title} ({one.unit})" if one.unit else one.title for one in chosen]
        at = np.fromiter((self._source(row) for row in rows), np.intp)
        cells = [[_plain(value) for value in one.values[at].tolist()] for one in chosen]
        lines = ["\t".join(head), *("\t".join(row) for row in zip(*cells, strict=True))]
        return "\n".join(lines) + "\n"

    def _source(self, row: int) -> int:
        return row if self._rows is None else int(self._rows[row])

    # --- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Shown rows."""
        if parent.isValid():
            return 0
        return self.counts[0] if self._rows is None else self._rows.size

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Columns of the analysis."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or role not in (
            _Role.DisplayRole, _Role.TextAlignmentRole, _Role.ToolTipRole,
        ):  # fmt: skip
            return None
        column = self._columns[index.column()]
        if role == _Role.TextAlignmentRole:
            return _RIGHT if column.values.dtype.kind in "iuf" else _LEFT
        value = column.values[self._source(index.row())]
        if role == _Role.ToolTipRole:
            return self._words.get(str(value)) if column.name == FLAG else None
        return (
            self._words.get(str(value), str(value))
            if column.name == FLAG
            else _text(value, column.decimals)
        )

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Titles and units; row numbers count from 1, flagged rows keep their own."""
        if orientation == Qt.Orientation.Vertical:
            return str(self._source(section) + 1) if role == _Role.DisplayRole else None
        column = self._columns[section]
        if role == _Role.TextAlignmentRole:
            return _RIGHT if column.values.dtype.kind in "iuf" else _LEFT
        return {_Role.DisplayRole: column.heading, _Role.ToolTipRole: column.help}.get(
            Qt.ItemDataRole(role)
        )


def _text(value: Any, decimals: int) -> str:
    if isinstance(value, np.bool_):
        return "yes" if value else ""
    if isinstance(value, np.floating):
        return f"{value:.{decimals}f}".replace("-", "\u2212") if math.isfinite(value) else "–"
    return str(value)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return str(value).replace("\t", " ").replace("\n", " ")
