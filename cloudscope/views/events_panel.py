"""The events of the selected ROI: found, reviewed, counted and copied."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from acqcore.analysis.event import Event
from cloudscope.item_models.event_table import SORT_ROLE, EventColumn, EventTable, SortedEvents
from cloudscope.item_models.events_shown import ShownEvents, shown_events
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.event_detectors import EventDetectors
from cloudscope.views.event_list import DELETE_KEYS, EventList
from cloudscope.views.event_numbers import counts_text, event_rows, headings, tsv
from cloudscope.views.labels import label, tool_button
from cloudscope.views.notice import Notice

TOOLS = (
    "tool_event", "accept_event", "reject_event", "next_unreviewed", "delete_event", "copy_events",
)  # fmt: skip


class EventsPanel(QWidget):
    """Shows the events of a scene; asks for everything else.

    Signals:
        findRequested: Which detectors to run, by the names of the parameters.
        eventChosen: Id of the event in the row that was chosen.
        noteEdited: Id of an event and its note.
        deleteRequested: Delete the selected event.
    """

    findRequested = Signal(object)
    eventChosen = Signal(object)
    noteEdited = Signal(int, str)
    deleteRequested = Signal()

    def __init__(
        self, theme: Theme, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        """`actions` are the commands of the window, for tools and the context menu."""
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self._scene, self._shown = Scene(), ShownEvents()
        self._selected: int | None = None
        self._following = False
        self._model = EventTable(theme, self)
        self._sorted = SortedEvents(self._model, self)
        self._table = EventList(theme, self._sorted, actions)
        self._notice = Notice(theme)
        self._detectors = EventDetectors()
        self._counts, self._waiting = label("", "small"), label("", "small")
        self._counts.setWordWrap(True)
        self._note = QLineEdit()
        self._note.setAccessibleName("Note of the selected event")
        self._sentence = label("", "field")
        self._sentence.setWordWrap(True)
        self._sentence.setContentsMargins(10, 10, 10, 0)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_scene(self._scene)

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Follow the scene; typed text of an event stays until it is finished."""
        old, self._scene = self._scene, scene
        before, self._shown = self._shown, shown_events(scene, self._shown)
        if before.key != self._shown.key or old.selection.file_id != scene.selection.file_id:
            self._note.setModified(False)  # belongs to another record
        unit_changed = old.calibration != scene.calibration
        if self._differs(before) or unit_changed:
            self._following = True
            rows = [] if scene.loading else event_rows(self._shown, scene.calibration)
            self._model.show(rows, headings(self._shown, scene.calibration))
            self._following = False
            self._table.fit_columns()
        if before.record is not self._shown.record or before.key != self._shown.key:
            self._detectors.show_asked(self._shown)
        self.select(self._selected)
        self._show_frame()

    def _differs(self, before: ShownEvents) -> bool:
        now = self._shown
        same = before.record is now.record and before.parent is now.parent
        return not same or self._scene.loading or self._model.rowCount() != len(now.listed)

    @Slot()
    def request_find(self) -> None:
        """Ask for a run of the detectors that are ticked."""
        self._detectors.request_find()

    @Slot(object)
    def select(self, event_id: int | None) -> None:
        """Show this event as the selected one; nothing is reported back."""
        self._following = True
        self._selected = event_id
        index = self._sorted.mapFromSource(self._model.index(self._model.row_of(event_id), 0))
        if not index.isValid():
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        elif index.row() != self._table.currentIndex().row():
            self._table.selectRow(index.row())
        self._following = False
        self._show_note()

    @Slot()
    def commit(self) -> None:
        """Finish a note that is being typed."""
        if self._note.isModified() and self._selected is not None:
            self._note.setModified(False)
            event = self._shown.event(self._selected)
            if event is not None and self._note.text().strip() != event.note:
                self.noteEdited.emit(event.id, self._note.text().strip())

    @Slot()
    def edit_note(self) -> None:
        """Put the keyboard into the note of the selected event."""
        self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._note.selectAll()

    @Slot()
    def copy(self) -> None:
        """Rows as they are sorted and filtered, as text that a spreadsheet takes."""
        titles = headings(self._shown, self._scene.calibration)
        rows = [
            [self._sorted.index(row, column).data(SORT_ROLE) for column in EventColumn]
            for row in range(self._sorted.rowCount())
        ]
        for row in rows:
            row[EventColumn.TYPE] = ("user", "rise", "fall", "transient")[row[EventColumn.TYPE]]
        QGuiApplication.clipboard().setText(tsv([titles[column] for column in EventColumn], rows))

    # --- construction ------------------------------------------------------------------------

    def _lay_out(self) -> None:
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(10, 10, 10, 8)
        inner.setSpacing(6)
        inner.addWidget(self._detectors)
        inner.addSpacing(2)
        inner.addLayout(self._tools())
        inner.addWidget(self._table, 1)
        inner.addWidget(self._counts)
        note = QHBoxLayout()
        note.setSpacing(8)
        note.addWidget(label("Note", "field"))
        note.addWidget(self._note, 1)
        inner.addLayout(note)
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._notice)
        column.addWidget(self._pages, 1)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in TOOLS:
            action = self._actions[name]
            button = tool_button(self._theme, "info", action.text())
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self._waiting)
        return row

    def _connect(self) -> None:
        self._detectors.findRequested.connect(self.findRequested)
        self._detectors.filtered.connect(self._filter)
        self._model.noteEdited.connect(self.noteEdited)
        self._note.editingFinished.connect(self.commit)
        self._table.selectionModel().currentRowChanged.connect(self._choose)

    # --- painting ----------------------------------------------------------------------------

    def _show_frame(self) -> None:
        """Table or sentence, notice, counts."""
        shown, sentence = self._shown, self._why_nothing()
        self._sentence.setText(sentence)
        self._pages.setCurrentIndex(0 if sentence else 1)
        fault = shown.fault or (f"Out of date: {shown.stale}" if shown.stale else "")
        self._notice.say("err" if shown.fault else "warn", fault)
        self._detectors.show_state(shown)
        waiting = len(shown.unreviewed)
        self._waiting.setText(f"{waiting} unreviewed" if waiting else "")
        self._counts.setText(
            counts_text(shown) or "No events yet: draw one on the trace (E), or find them"
        )

    def _why_nothing(self) -> str:
        """What to do first, while there is neither a velocity nor an event."""
        if self._scene.header is None:
            return "Select a recording to see its events"
        if self._shown.parent is None and not self._shown.listed and not self._shown.fault:
            return "Run Velocity (Radon) on this ROI first: events are drawn on its trace"
        return ""

    def _show_note(self) -> None:
        event: Event | None = self._shown.event(self._selected)
        self._note.setEnabled(event is not None and self._shown.editable)
        self._note.setPlaceholderText("" if event is not None else "Select an event")
        if not self._note.isModified():
            self._note.setText(event.note if event is not None else "")

    # --- gestures ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del, which neither list nor note wanted, deletes the event; Esc gives the note back."""
        if Qt.Key(event.key()) in DELETE_KEYS:
            self.deleteRequested.emit()
        elif event.key() == Qt.Key.Key_Escape and self._note.isModified():
            self._note.setModified(False)
            self._show_note()
        else:
            super().keyPressEvent(event)

    @Slot(bool)
    def _filter(self, only: bool) -> None:
        self._sorted.show_unreviewed_only(only)
        self.select(self._selected)

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _previous: QModelIndex) -> None:
        event = self._model.event_at(self._sorted.mapToSource(index).row())
        if event is not None and not self._following and event.id != self._selected:
            self.commit()
            self.eventChosen.emit(event.id)
