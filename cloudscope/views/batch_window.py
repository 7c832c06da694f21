"""The batch window: settings at the left, recordings at the right, what to do below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cloudscope.item_models.batch_table import RECORDING, ROI, BatchTable
from cloudscope.theme import Theme
from cloudscope.views.batch_foot import BatchFoot
from cloudscope.views.batch_settings import BatchSettings
from cloudscope.views.batch_words import BatchStatus, Phase
from cloudscope.views.labels import ElidedLabel, label, push_button, rule
from cloudscope.wording import recordings

_SETTINGS_WIDTH, _BATCHES_ROWS = 332, 4
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
        self._theme = theme
        self.settings = BatchSettings(theme)
        self.batches, self.table = QListWidget(), QTableView()
        self._head, self._hint = label("", "section"), label("", "small")
        self.foot, self.notice = BatchFoot(theme), ElidedLabel("", "warnText")
        self.save_button = push_button("Save Them", "Save these recordings first", "quiet")
        self._set_up_lists()
        self._place()
        self._connect()
        self.resize(theme.px(1040), theme.px(680))
        self.show_status(BatchStatus())

    def _set_up_lists(self) -> None:
        self.batches.setProperty("kind", "framed")
        self.batches.setAccessibleName("Batches")
        self.batches.setToolTip("Choose the batch that is shown")
        self.batches.setFixedHeight(self._theme.px(25) * _BATCHES_ROWS + 2)
        self.batches.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
        below.setContentsMargins(16, 0, 23, 0)  # in line with what scrolls above
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
        column.addWidget(self.foot)

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

    def _connect(self) -> None:
        self.foot.run_button.clicked.connect(self.runRequested)
        self.foot.stop_button.clicked.connect(self.stopRequested)
        self.foot.resume_button.clicked.connect(self.resumeRequested)
        self.foot.copy_button.clicked.connect(self.copyRequested)
        self.save_button.clicked.connect(self.saveFirstRequested)
        self.foot.close_button.clicked.connect(self.close)
        self.batches.currentRowChanged.connect(self._choose_batch)
        self.table.doubleClicked.connect(self._choose_recording)
        for keys, slot in (
            ("Ctrl+R", self.foot.press_main), ("Ctrl+.", self.foot.stop_button.click),
            ("Ctrl+Shift+C", self.foot.copy_button.click), ("Esc", self.close),
            ("Ctrl+W", self.close),
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
            item = self.batches.item(place)
            item.setToolTip(title)
            item.setSizeHint(QSize(0, self._theme.px(24)))  # as wide as the list: it ends in dots
        self.batches.setCurrentRow(chosen)
        self.batches.blockSignals(False)
        self._batches.setVisible(len(titles) > 1)

    def show_status(self, status: BatchStatus) -> None:
        """Totals, bar, and the buttons that make sense now."""
        draft = status.phase is Phase.DRAFT
        title, hint = _HEADS[status.phase]
        self._head.setText(title)
        self._hint.setText("Looking at the recordings" if draft and status.looking else hint)
        self.settings.set_editable(draft)
        self._warning.setVisible(draft and status.unsaved > 0)
        self.notice.setText(f"{recordings(status.unsaved)} with unsaved edits left out")
        self.foot.show_status(status)

    def tell(self, sentence: str) -> None:
        """One sentence beside the totals."""
        self.foot.message.setText(sentence)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.closed.emit()

    @Slot(int)
    def _choose_batch(self, place: int) -> None:
        if place >= 0:
            self.batchChosen.emit(place)

    @Slot(QModelIndex)
    def _choose_recording(self, index: QModelIndex) -> None:
        model = self.table.model()
        if isinstance(model, BatchTable) and index.isValid():
            self.recordingChosen.emit(model.rows[index.row()].path)
