"""The batch window: settings at the left, recordings at the right, what to do below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cloudscope.item_models.batch_table import RECORDING, ROI, BatchTable, Mark
from cloudscope.theme import Theme
from cloudscope.views.batch_settings import BatchSettings
from cloudscope.views.batch_words import BatchStatus, Phase, totals
from cloudscope.views.labels import ElidedLabel, label, push_button, rule, show_progress
from cloudscope.wording import recordings

_SETTINGS_WIDTH, _BAR_STEPS = 332, 1000
_HEADS = {
    Phase.DRAFT: ("Preview", "Nothing runs until you press Run"),
    Phase.WAITING: ("Waiting", "Begins when the batch before it has ended"),
    Phase.RUNNING: ("Progress", "You can keep working while this runs"),
    Phase.STOPPING: ("Progress", "Stopping"),
    Phase.ENDED: ("Results", "Double-click a recording to look at it"),
}


class BatchWindow(QWidget):
    """Shows one batch of several, and reports what is wanted.

    Signals:
        runRequested, stopRequested, resumeRequested: The buttons, for the batch on screen.
        copyRequested: The batch on screen as a command line.
        saveFirstRequested: Save the recordings that are left out for unsaved edits.
        batchChosen: Place in the list of batches; 0 is the one that is put together.
        recordingChosen: Path of a row that was double-clicked.
        closed: The window was put away.
    """

    runRequested = Signal()
    stopRequested = Signal()
    resumeRequested = Signal()
    copyRequested = Signal()
    saveFirstRequested = Signal()
    batchChosen = Signal(int)
    recordingChosen = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Batch")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("batch")
        self._theme, self._status = theme, BatchStatus()
        self.settings = BatchSettings(theme)
        self.batches, self.table = QListWidget(), QTableView()
        self._head, self._hint = label("", "section"), label("", "small")
        self.totals, self.bar = QLabel(), QProgressBar()
        self.notice, self.message = ElidedLabel("", "warnText"), ElidedLabel("", "small")
        self._make_buttons()
        self._set_up_lists()
        self._place()
        self._connect()
        self.resize(theme.px(1040), theme.px(680))
        self.show_status(BatchStatus())

    def _make_buttons(self) -> None:
        theme = self._theme
        self.copy_button = push_button(
            "Copy as Command Line", "Copy the command that does the same (Ctrl+Shift+C)"
        )
        self.close_button = push_button("Close", "Close the window; batches go on (Esc)")
        self.stop_button = push_button("Stop", "Stop after what is whole (Ctrl+.)")
        self.stop_button.setIcon(theme.icon("stop"))
        self.resume_button = push_button(
            "Resume", "Measure the recordings that are left (Ctrl+R)", "primary"
        )
        self.run_button = push_button("Run", "Run the batch (Ctrl+R)", "primary")
        for button in (self.run_button, self.resume_button):
            button.setIcon(theme.icon("run", "on_accent"))
        self.save_button = push_button("Save Them", "Save these recordings first", "quiet")

    def _set_up_lists(self) -> None:
        self.totals.setTextFormat(Qt.TextFormat.RichText)
        self.totals.setAccessibleName("Totals")
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(self._theme.px(150))
        self.bar.setAccessibleName("Progress of the batch")
        self.batches.setProperty("kind", "framed")
        self.batches.setAccessibleName("Batches")
        self.batches.setToolTip("Choose the batch that is shown")
        self.batches.setFixedHeight(self._theme.px(25) * 4 + 2)
        table = self.table
        table.setProperty("kind", "framed")
        table.setAccessibleName("Recordings of the batch")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self._theme.px(24))
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)

    def _place(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 12)
        left.setSpacing(6)
        left.addWidget(self.settings, 1)
        self._batches = QWidget()
        below = QVBoxLayout(self._batches)
        below.setContentsMargins(16, 0, 12, 0)
        below.setSpacing(6)
        below.addWidget(label("Batches", "section"))
        below.addWidget(self.batches)
        left.addWidget(self._batches)
        self._batches.hide()
        side = QWidget()
        side.setFixedWidth(self._theme.px(_SETTINGS_WIDTH))
        side.setLayout(left)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(side)
        upper.addLayout(self._right(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(rule())
        column.addLayout(self._lower())

    def _right(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        head.addWidget(self._hint)
        self._warning = QWidget()
        warning = QHBoxLayout(self._warning)
        warning.setContentsMargins(0, 0, 0, 0)
        warning.setSpacing(8)
        warning.addWidget(self.notice)
        warning.addWidget(self.save_button)
        warning.addStretch(1)
        right = QVBoxLayout()
        right.setContentsMargins(4, 12, 16, 12)
        right.setSpacing(6)
        right.addLayout(head)
        right.addWidget(self._warning)
        right.addWidget(self.table, 1)
        return right

    def _lower(self) -> QHBoxLayout:
        lower = QHBoxLayout()
        lower.setContentsMargins(16, 8, 16, 10)
        lower.setSpacing(8)
        lower.addWidget(self.bar)
        lower.addWidget(self.totals)
        lower.addSpacing(8)
        lower.addWidget(self.message, 1)
        for button in (
            self.copy_button, self.close_button, self.stop_button, self.resume_button,
            self.run_button,
        ):  # fmt: skip
            lower.addWidget(button)
        return lower

    def _connect(self) -> None:
        self.run_button.clicked.connect(self.runRequested)
        self.stop_button.clicked.connect(self.stopRequested)
        self.resume_button.clicked.connect(self.resumeRequested)
        self.copy_button.clicked.connect(self.copyRequested)
        self.save_button.clicked.connect(self.saveFirstRequested)
        self.close_button.clicked.connect(self.close)
        self.batches.currentRowChanged.connect(self._choose_batch)
        self.table.doubleClicked.connect(self._choose_recording)
        for keys, slot in (
            ("Ctrl+R", self._run), ("Ctrl+.", self.stop_button.click), ("Esc", self.close),
            ("Ctrl+Shift+C", self.copy_button.click), ("Ctrl+W", self.close),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        remove = QShortcut(QKeySequence("Del"), self.settings.steps.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.settings.steps.remove_chosen)

    # --- what is shown ---------------------------------------------------------------------------

    def show_table(self, table: BatchTable) -> None:
        """The recordings of one batch."""
        if self.table.model() is not table:
            self.table.setModel(table)
            self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            self.table.setColumnWidth(RECORDING, self._theme.px(190))
            self.table.setColumnWidth(ROI, self._theme.px(48))

    def show_batches(self, titles: Sequence[str], chosen: int) -> None:
        """The list of batches, once there is more than the one that is put together."""
        self.batches.blockSignals(True)
        while self.batches.count() > len(titles):
            self.batches.takeItem(self.batches.count() - 1)
        for place, title in enumerate(titles):
            if place == self.batches.count():
                self.batches.addItem(title)
            elif self.batches.item(place).text() != title:
                self.batches.item(place).setText(title)
            self.batches.item(place).setToolTip(title)
        self.batches.setCurrentRow(chosen)
        self.batches.blockSignals(False)
        self._batches.setVisible(len(titles) > 1)

    def show_status(self, status: BatchStatus) -> None:
        """Totals, bar, and the buttons that make sense now."""
        self._status = status
        draft = status.phase is Phase.DRAFT
        under_way = status.phase in (Phase.WAITING, Phase.RUNNING, Phase.STOPPING)
        title, hint = _HEADS[status.phase]
        self._head.setText(title)
        self._hint.setText("Looking at the recordings" if draft and status.looking else hint)
        self.settings.set_editable(draft)
        self.totals.setText(totals(status))
        self.bar.setVisible(under_way)
        share = status.ended / max(status.total, 1)
        show_progress(self.bar, round(share * _BAR_STEPS))
        self._warning.setVisible(draft and status.unsaved > 0)
        self.notice.setText(f"{recordings(status.unsaved)} with unsaved edits left out")
        self._show_buttons(status, draft, under_way)

    def _show_buttons(self, status: BatchStatus, draft: bool, under_way: bool) -> None:
        had_focus = next((one for one in self._main_buttons() if one.hasFocus()), None)
        self.run_button.setVisible(draft)
        self.stop_button.setVisible(under_way)
        self.stop_button.setEnabled(status.phase is not Phase.STOPPING)
        self.resume_button.setVisible(status.can_resume)
        left = status.count(Mark.CANCELLED, Mark.FAILED)
        self.resume_button.setText(f"Resume {recordings(left).title()}")
        runs = status.count(Mark.WILL_RUN, Mark.WILL_REPLACE)
        unknown = status.count(Mark.UNKNOWN)
        self.run_button.setEnabled(not status.fault and runs + unknown > 0)
        known = not status.looking and runs
        self.run_button.setText(f"Run {recordings(runs).title()}" if known else "Run")
        self.close_button.setText("Run in Background" if under_way else "Close")
        if had_focus is not None and not had_focus.isVisible():
            shown = [one for one in self._main_buttons() if not one.isHidden()]
            (shown or [self.close_button])[0].setFocus()

    def _main_buttons(self) -> tuple[QWidget, ...]:
        return self.run_button, self.stop_button, self.resume_button

    def set_copyable(self, reason: str) -> None:
        """Empty when there is a command line; else why there is none, as a tool tip."""
        self.copy_button.setEnabled(not reason)
        tip = "Copy the command that does the same (Ctrl+Shift+C)"
        self.copy_button.setToolTip(reason or tip)

    def tell(self, sentence: str) -> None:
        """One sentence beside the totals."""
        self.message.setText(sentence)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.closed.emit()

    @Slot()
    def _run(self) -> None:
        button = self.run_button if self._status.phase is Phase.DRAFT else self.resume_button
        if not button.isHidden():
            button.click()

    @Slot(int)
    def _choose_batch(self, place: int) -> None:
        if place >= 0:
            self.batchChosen.emit(place)

    @Slot(QModelIndex)
    def _choose_recording(self, index: QModelIndex) -> None:
        model = self.table.model()
        if isinstance(model, BatchTable) and index.isValid():
            self.recordingChosen.emit(model.rows[index.row()].path)
