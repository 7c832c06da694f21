"""Events of two scorers side by side as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cloudscope.theme import Theme
from cloudscope.views.quantities import number
from cloudscope.views.scorers_words import PairRow

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NUMBERS = (2, 3)
_SCORERS = (4, 5)


class PairTable(QAbstractTableModel):
    """What differs is in the colour of a warning, in the columns of the scorers."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[PairRow, ...] = ()
        self._titles = ("Recording", "ROI", "Start", "Length", "You", "Other")

    def show_rows(self, rows: Sequence[PairRow], unit: str, scorers: tuple[str, str]) -> None:
        """Take other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self._titles = ("Recording", "ROI", f"Start ({unit})", f"Length ({unit})", *scorers)
        self.endResetModel()

    def row(self, place: int) -> PairRow | None:
        """What a row is about."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Shown events."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Always the same."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Titles with units."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return _RIGHT if section in _NUMBERS else _LEFT
        return self._titles[section] if role == _Role.DisplayRole else None

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """One cell; never raises."""
        row = self.row(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == _Role.TextAlignmentRole:
            return _RIGHT if index.column() in _NUMBERS else _LEFT
        if role == _Role.ForegroundRole and index.column() in _SCORERS and not row.agrees:
            return self._theme.color("warn")
        if role not in (_Role.DisplayRole, _Role.ToolTipRole):
            return None
        if role == _Role.ToolTipRole and index.column() != 0:
            return None
        texts = (row.recording, row.roi, number(row.start, 3), number(row.length, 3),
                 row.first, row.second)  # fmt: skip
        return texts[index.column()]
