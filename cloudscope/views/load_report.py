"""What was left out or is not complete after opening, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button


class Trouble(Enum):
    """What is wrong with a file, which decides what mends it."""

    REFUSED = "Could not be opened"
    BARE = "Not calibrated"
    PARTLY = "Not understood in part"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One file.

    Attributes:
        key: Its path or file id, given back by the signals.
        place: Its path as it may be shown.
    """

    key: str
    name: str
    trouble: Trouble
    why: str
    place: str = ""


class LoadReport(QDialog):
    """Not modal: the list stays while one row after the other is mended.

    Signals:
        retryWanted, showWanted, calibrateWanted, sideFileWanted: Keys of the selected rows.
    """

    retryWanted = Signal(object)
    showWanted = Signal(object)
    calibrateWanted = Signal(object)
    sideFileWanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, ()  # type: tuple[Theme, tuple[ReportRow, ...]]
        self.setWindowTitle("Load Report")
        self.list = self._made_list()
        self._title = label("", "title")
        self.retry = self._button(
            "Try Again", "Open the selected files again", Trouble.REFUSED, self.retryWanted
        )
        self.calibrate = self._button(
            "Set Calibration…", "Type line time and pixel size of the selected recordings",
            Trouble.BARE, self.calibrateWanted,
        )  # fmt: skip
        self.locate = self._button(
            "Locate Side File…", "Take the calibration from the text file of an Olympus microscope",
            Trouble.BARE, self.sideFileWanted,
        )  # fmt: skip
        self.reveal = self._button(
            "Show", "Go to the recording, or to the file in the file manager", None, self.showWanted
        )
        self.copy_button = push_button("Copy", "Copy the list as text")
        self.copy_button.clicked.connect(self._copy)
        self.close_button = push_button("Close", "Close this list (Esc)")
        self.close_button.clicked.connect(self.close)
        self._lay_out()
        self.resize(theme.px(780), theme.px(380))

    def _made_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels(["File", "What", "Why"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setProperty("kind", "framed")
        tree.setAccessibleName("Files that need attention")
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.itemSelectionChanged.connect(self._follow)
        return tree

    def _button(
        self, text: str, tip: str, of: Trouble | None, wanted: SignalInstance
    ) -> QPushButton:
        button = push_button(text, tip)
        button.setProperty("of", of.name if of else "")
        button.clicked.connect(lambda: wanted.emit(self._keys(of)))
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.retry, self.calibrate, self.locate, self.reveal):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)

    def show_rows(self, rows: Sequence[ReportRow]) -> None:
        """Show these; what was selected and is still there stays selected."""
        kept, self._rows = set(self._keys(None)), tuple(rows)
        self.list.clear()
        for row in self._rows:
            item = QTreeWidgetItem(self.list, [row.name, row.trouble.value, row.why])
            for column, text in enumerate((row.place or row.name, row.trouble.value, row.why)):
                item.setToolTip(column, text)
            item.setSelected(row.key in kept)
        self.list.ensurePolished()
        header = self.list.header()
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.list.resizeColumnToContents(column)
            self.list.setColumnWidth(column, min(self.list.columnWidth(column) + 16, 280))
        count = len(self._rows)
        words = f"{count} files need attention" if count != 1 else "1 file needs attention"
        self._title.setText(words if count else "Everything is in order")
        first = self.list.topLevelItem(0)
        if first is not None and not self.list.selectedItems():
            self.list.setCurrentItem(first)
        self._follow()

    def as_text(self) -> str:
        """One line per file: name, what, why, between tabs."""
        return "\n".join(f"{row.name}\t{row.trouble.value}\t{row.why}" for row in self._rows)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())

    def _chosen(self) -> list[ReportRow]:
        places = [self.list.indexOfTopLevelItem(item) for item in self.list.selectedItems()]
        return [self._rows[place] for place in sorted(places) if place < len(self._rows)]

    def _keys(self, of: Trouble | None) -> list[str]:
        return [row.key for row in self._chosen() if of is None or row.trouble is of]

    @Slot()
    def _follow(self) -> None:
        chosen = {row.trouble for row in self._chosen()}
        self.retry.setEnabled(Trouble.REFUSED in chosen)
        self.calibrate.setEnabled(Trouble.BARE in chosen)
        self.locate.setEnabled(Trouble.BARE in chosen)
        self.reveal.setEnabled(bool(chosen))
