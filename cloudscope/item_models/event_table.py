"""Events as rows: what is shown, what is sorted by, and the note that can be edited."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)

from acqcore.analysis.event import Event
from cloudscope.item_models.event_glyphs import glyph_icon
from cloudscope.item_models.events_shown import EVENT_TOKENS
from cloudscope.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
SORT_ROLE = Role.UserRole + 1
_ICON = QSize(12, 12)
_REVIEW_ICONS = {True: ("accept", "ok"), False: ("reject", "err")}


class EventColumn(IntEnum):
    """Columns in order."""

    ID = 0
    REVIEW = 1
    TYPE = 2
    START = 3
    DURATION = 4
    BEFORE = 5
    DURING = 6
    AFTER = 7
    DETECTOR = 8
    NOTE = 9


_WORDS = (EventColumn.TYPE, EventColumn.REVIEW, EventColumn.DETECTOR, EventColumn.NOTE)
_TIPS = {
    EventColumn.START: "On the time axis of the recording",
    EventColumn.BEFORE: "Mean velocity before the event, over the pre/post window",
    EventColumn.DURING: "Mean velocity within the event",
    EventColumn.AFTER: "Mean velocity after the event, over the pre/post window",
    EventColumn.REVIEW: "Accepted, rejected, or waiting for a verdict",
    EventColumn.DETECTOR: "The detector that found it, or by hand",
    EventColumn.NOTE: "Double-click to edit",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, and the number or text that it stands for."""

    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event and its cells in the order of `EventColumn`."""

    event: Event
    cells: tuple[Cell, ...]


class EventTable(QAbstractTableModel):
    """Rows by number; an edit is reported, never applied here.

    Signals:
        noteEdited: Id of an event and the note that it should have.
    """

    noteEdited = Signal(int, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[EventRow, ...] = ()
        self._titles: Mapping[EventColumn, str] = {}
        theme.changed.connect(self._recolor)

    def show(self, rows: Sequence[EventRow], titles: Mapping[EventColumn, str]) -> None:
        """Take what the scene says; rows stay selected while their ids do."""
        same_rows = [row.event.id for row in rows] == [row.event.id for row in self._rows]
        if not same_rows:
            self.beginResetModel()
        retitled = dict(titles) != dict(self._titles)
        before, self._rows, self._titles = self._rows, tuple(rows), dict(titles)
        if not same_rows:
            self.endResetModel()
        else:
            self._tell_changes(before)
        if retitled:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(EventColumn) - 1)

    def _tell_changes(self, before: Sequence[EventRow]) -> None:
        changed = [place for place, row in enumerate(self._rows) if row != before[place]]
        if changed:
            last = self.index(changed[-1], len(EventColumn) - 1)
            self.dataChanged.emit(self.index(changed[0], 0), last)

    def event_at(self, row: int) -> Event | None:
        """The event of a row, None outside the table."""
        return self._rows[row].event if 0 <= row < len(self._rows) else None

    def row_of(self, event_id: int | None) -> int:
        """The row of an event, -1 when it is not there."""
        ids = [row.event.id for row in self._rows]
        return ids.index(event_id) if event_id in ids else -1

    # --- Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """An event per row."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """See `EventColumn`."""
        return 0 if parent.isValid() else len(EventColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Titles with the unit in force."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(EventColumn):
            return None
        column = EventColumn(section)
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role == Role.ToolTipRole:
            return _TIPS.get(column)
        return self._titles.get(column, "") if role == Role.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The note can be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        shown = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        editable = index.column() == EventColumn.NOTE
        return shown | Qt.ItemFlag.ItemIsEditable if editable else shown

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Never raises: Qt asks while it paints."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row, column = self._rows[index.row()], EventColumn(index.column())
        cell = row.cells[column]
        if role == Role.DisplayRole:
            return cell.text if column is not EventColumn.REVIEW else _mark(row.event)
        if role == Role.EditRole:
            return cell.text
        if role == SORT_ROLE:
            return cell.value
        if role == Role.DecorationRole:
            return self._icon(row.event, column)
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role in (Role.ToolTipRole, Role.AccessibleTextRole):
            return cell.text or None
        return self._theme.color("text2") if role == Role.ForegroundRole and _fades(row) else None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Report a note that differs."""
        event = self.event_at(index.row()) if index.isValid() else None
        if event is None or role != Role.EditRole or index.column() != EventColumn.NOTE:
            return False
        note = str(value).strip()
        if note != event.note:
            self.noteEdited.emit(event.id, note)
        return True

    def _icon(self, event: Event, column: EventColumn) -> Any:
        if column is EventColumn.TYPE:
            color = self._theme.color(EVENT_TOKENS[event.event_type])
            return glyph_icon(event.event_type, color, _ICON)
        if column is EventColumn.REVIEW and event.accepted is not None:
            return self._theme.icon(*_REVIEW_ICONS[event.accepted])
        return None

    @Slot()
    def _recolor(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(EventColumn) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Role.DecorationRole])


class SortedEvents(QSortFilterProxyModel):
    """By the numbers behind the texts; all events or those that wait for a verdict."""

    def __init__(self, table: EventTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._unreviewed_only = False
        self._table = table
        self.setSourceModel(table)
        self.setSortRole(SORT_ROLE)

    def show_unreviewed_only(self, only: bool) -> None:
        """Leave out what has a verdict."""
        self._unreviewed_only = only
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """By the verdict."""
        event = self._table.event_at(row)
        return event is not None and not (self._unreviewed_only and event.accepted is not None)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Missing numbers come last when they rise."""
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        return bool(_missing(other) and not _missing(one)) or bool(one < other)


def _missing(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _mark(event: Event) -> str:
    """A verdict is an icon."""
    return "?" if event.accepted is None else ""


def _fades(row: EventRow) -> bool:
    return row.event.accepted is False


def _alignment(column: EventColumn) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column in _WORDS else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)
