"""The columns of a pandas table as rows on screen: sorted and filtered without copying."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    import pandas as pd

Index = QModelIndex | QPersistentModelIndex
Rows = NDArray[np.intp]
_Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_DIGITS, _SAMPLE = 4, 5000
_MISSING, _MINUS, _THIN_SPACE = "–", "\u2212", "\u2009"
_TERM = re.compile(r"(\w+)(<=|>=|<|>|=)(.*)")
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class FrameColumn:
    """One column as it is shown.

    Attributes:
        values: float64 with NaN, or objects with None, one per row of the frame.
        decimals: For fractions; 0 for whole numbers.
    """

    name: str
    title: str
    unit: str
    help: str
    values: NDArray[Any]
    decimals: int = 0

    @property
    def is_number(self) -> bool:
        """Whether it is aligned and compared as numbers."""
        return self.values.dtype.kind == "f"

    @property
    def heading(self) -> str:
        """Title over unit."""
        return f"{self.title}\n{self.unit}"

    def text(self, row: int) -> str:
        """A cell in words."""
        value = self.values[row]
        if not self.is_number:
            return "" if value is None else str(value)
        if not math.isfinite(value):
            return _MISSING
        shown = f"{abs(value):,.{self.decimals}f}".replace(",", _THIN_SPACE)
        below_zero = value < 0 and any(digit in shown for digit in "123456789")
        return f"{_MINUS}{shown}" if below_zero else shown

    def plain(self, row: int) -> str:
        """A cell for a spreadsheet: all digits, nothing where it is missing."""
        value = self.values[row]
        if value is None or (self.is_number and not math.isfinite(value)):
            return ""
        if not self.is_number:
            return " ".join(str(value).split())
        return repr(float(value)) if value % 1 else f"{value:.0f}"


def frame_column(
    series: pd.Series[Any], title: str, unit: str = "", help_text: str = "", factor: float = 1.0
) -> FrameColumn:
    """A column ready to be shown; numbers are multiplied by `factor`."""
    if series.dtype.kind in "iuf":
        values = series.to_numpy(np.float64, na_value=np.nan) * factor
    else:
        values = series.astype(object).where(series.notna(), None).to_numpy(object)
    return FrameColumn(str(series.name), title, unit, help_text, values, decimals_of(values))


def decimals_of(values: NDArray[Any]) -> int:
    """As many as show four digits of a typical value."""
    if values.dtype.kind != "f" or values.size == 0:
        return 0
    some = np.abs(values[:: max(values.size // _SAMPLE, 1)])
    some = some[np.isfinite(some) & (some > 0)]
    if some.size == 0 or np.all(some == np.round(some)):
        return 0
    return min(max(_DIGITS - 1 - math.floor(math.log10(float(np.median(some)))), 0), 6)


def matching(columns: Sequence[FrameColumn], text: str) -> NDArray[np.bool_] | None:
    """Rows that have every word of `text`; None when all have.

    A word is looked for in all texts, `name=word` in one column; `name<3`, `name>=0.5`
    compare a number.
    """
    found: NDArray[np.bool_] | None = None
    by_name = {one.name.lower(): one for one in columns}
    for word in text.split():
        has = _having(columns, by_name, word)
        found = has if found is None else found & has
    return found


def _having(
    columns: Sequence[FrameColumn], by_name: Mapping[str, FrameColumn], word: str
) -> NDArray[np.bool_]:
    term = _TERM.fullmatch(word)
    column = by_name.get(term[1].lower()) if term else None
    if term is None or column is None:
        found = np.zeros(columns[0].values.size if columns else 0, bool)
        for one in columns:
            if not one.is_number:
                found |= _holding(one, word)
        return found
    sign, wanted = term[2], term[3]
    if not column.is_number:
        return _holding(column, wanted)
    try:
        number = float(wanted.replace(",", ".").replace(_MINUS, "-"))
    except ValueError:  # still being typed
        return np.ones(column.values.size, bool)
    if sign == "=":
        near: NDArray[np.bool_] = np.isclose(column.values, number, rtol=10.0**-_DIGITS)
        return near
    with np.errstate(invalid="ignore"):
        compared: NDArray[np.bool_] = np.asarray(_COMPARE[sign](column.values, number), bool)
        return compared


def _holding(column: FrameColumn, word: str) -> NDArray[np.bool_]:
    """Each different text is searched once: names repeat in many rows."""
    low = word.lower()
    known: dict[Any, bool] = {}
    for value in column.values:
        if value not in known:
            known[value] = value is not None and low in str(value).lower()
    return np.fromiter((known[value] for value in column.values), bool, column.values.size)


class DataFrameModel(QAbstractTableModel):
    """Some rows of some columns; rows are known by their place in the frame."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[FrameColumn, ...] = ()
        self._among: Rows = np.empty(0, np.intp)
        self._rows: Rows = np.empty(0, np.intp)
        self._sorted_by, self._descending = "", False

    @property
    def columns(self) -> tuple[FrameColumn, ...]:
        """What is shown, from the left."""
        return self._columns

    @property
    def rows(self) -> Rows:
        """Rows of the frame in the order on screen."""
        return self._rows

    @property
    def sorting(self) -> tuple[int, Qt.SortOrder]:
        """Column on screen, -1 for none, and direction."""
        names = [one.name for one in self._columns]
        order = Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
        return (names.index(self._sorted_by) if self._sorted_by in names else -1), order

    def show(self, columns: Sequence[FrameColumn], rows: Rows) -> None:
        """Take other columns or rows; the sort stays while its column is there."""
        self.beginResetModel()
        self._columns, self._among = tuple(columns), rows
        self._rows = self._ordered()
        self.endResetModel()

    def places_of(self, rows: Rows) -> Rows:
        """Where rows of the frame are on screen; those that are not shown are left out."""
        return np.flatnonzero(np.isin(self._rows, rows))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Missing cells come last, whatever the direction."""
        if not 0 <= column < len(self._columns):
            return
        self._sorted_by = self._columns[column].name
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._rows = self._ordered()
        self.endResetModel()

    def _ordered(self) -> Rows:
        column = next((one for one in self._columns if one.name == self._sorted_by), None)
        if column is None:
            return self._among
        values = column.values[self._among]
        missing = np.isnan(values) if column.is_number else np.array([v is None for v in values])
        known = np.flatnonzero(~missing) if values.size else np.empty(0, np.intp)
        keys = values[known] if column.is_number else [_natural(v) for v in values[known]]
        order = (
            np.argsort(keys, kind="stable")
            if column.is_number
            else np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp)
        )
        known = known[order[::-1] if self._descending else order]
        rows: Rows = self._among[np.concatenate([known, np.flatnonzero(missing)]).astype(np.intp)]
        return rows

    # --- Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Rows on screen."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Columns on screen."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Title and unit; the tool tip explains."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == _Role.DisplayRole:
            return column.heading
        if role == _Role.ToolTipRole:
            return f"{column.title} ({column.name})\n{column.help}".strip()
        if role == _Role.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        return None

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Never raises: Qt asks while it paints."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        column = self._columns[index.column()]
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return column.text(int(self._rows[index.row()]))
        if role == _Role.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        return None


def _natural(value: Any) -> tuple[tuple[int, float, str], ...]:
    """cap2 before cap10."""
    parts = re.split(r"(\d+)", str(value).lower())
    return tuple((0, float(part), "") if part.isdigit() else (1, 0.0, part) for part in parts)
