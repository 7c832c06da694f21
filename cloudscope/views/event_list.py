"""The table of events as a widget: sorted by its headings, with commands on a right click."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from cloudscope.item_models.event_table import EventColumn, SortedEvents
from cloudscope.theme import Theme
from cloudscope.views.own_keys import OwnKeys

DELETE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_COMMANDS = (
    "accept_event", "reject_event", "event_user", "event_rise", "event_fall", "event_transient",
    "event_note", "delete_event", "copy_events",
)  # fmt: skip
_MARKS = (EventColumn.ID, EventColumn.REVIEW)
_ROW = 24
_TITLE_PADDING, _ARROW, _GLYPH_ROOM, _WIDEST = 14, 14, 38, 200


class EventList(QTableView):
    """One event per row; only the note can be edited here."""

    def __init__(
        self,
        theme: Theme,
        rows: SortedEvents,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fitted: object = None
        self.setModel(rows)
        self.setAccessibleName("Events")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(12, 12))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setStretchLastSection(True)
        self.setSortingEnabled(True)
        self.sortByColumn(EventColumn.START, Qt.SortOrder.AscendingOrder)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for name in _COMMANDS:
            self.addAction(actions[name])
        OwnKeys(self, lambda event: Qt.Key(event.key()) in DELETE_KEYS)
        theme.changed.connect(self._follow_theme)
        self._follow_theme()

    def fit_columns(self) -> None:
        """As wide as titles and texts need; what the user widened stays until others come."""
        rows, across = self.model(), Qt.Orientation.Horizontal
        titles = [str(rows.headerData(column, across) or "") for column in EventColumn]
        state = (titles, rows.rowCount() > 0, self._theme.px(100))
        if state == self._fitted:
            return
        self._fitted = state
        small, base = (QFontMetrics(self._theme.font(role)) for role in ("small", "base"))
        for column, title in zip(EventColumn, titles, strict=True):
            room = _TITLE_PADDING + (0 if column in _MARKS else _ARROW)
            needed = small.horizontalAdvance(title) + room
            width = max(needed, self.sizeHintForColumn(column))
            if column is EventColumn.TYPE:  # whatever comes: the longest word fits
                width = max(width, base.horizontalAdvance("Transient") + _GLYPH_ROOM)
            self.setColumnWidth(column, min(width, self._theme.px(_WIDEST)))

    @Slot()
    def _follow_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(_ROW))
        self.fit_columns()
