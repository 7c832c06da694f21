"""What stands in the middle while nothing is open, and while something is dragged over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, push_button, restyle

TITLE = "Drop recordings or a folder here"
KINDS = "TIFF, OIR, CZI, ND2 and OME-Zarr. Your source files are never changed."


class Recent(NamedTuple):
    """One line of the list.

    Attributes:
        name: Last part of the path.
        path: The whole path; home is shown as `~`.
        state: "47 recordings", or why it cannot be opened.
        missing: It is not there now; shown, but not as a link.
    """

    name: str
    path: str
    state: str = ""
    missing: bool = False


def short_path(path: str) -> str:
    """The path with the home folder as `~`."""
    home = str(Path.home())
    inside = path == home or path.startswith((home + "/", home + "\\"))
    return "~" + path[len(home) :] if inside else path


class EmptyView(QFrame):
    """Title, one line, three ways to open something, and what was open before.

    Signals:
        openFolderRequested, openFilesRequested, sampleRequested: A button was pressed.
        pathChosen: Text of the path of a recent folder or file, as it was given (object,
            because Qt would drop the bytes of a name that is not UTF-8).
    """

    openFolderRequested = Signal()
    openFilesRequested = Signal()
    sampleRequested = Signal()
    pathChosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("empty")
        self._title, self._line = ElidedLabel(TITLE, "title"), ElidedLabel(KINDS, "field")
        self._rest = QWidget()
        self._recents = QGridLayout()
        self._recents_caption = label("Recent", "section")
        self._recent_widgets: list[QWidget] = []
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 6, 0, 0)
        rest.setSpacing(0)
        rest.addLayout(self._make_buttons())
        rest.addSpacing(24)
        rest.addWidget(self._recents_caption)
        rest.addSpacing(4)
        rest.addLayout(self._recents)
        self._recents.setHorizontalSpacing(24)
        self._recents.setVerticalSpacing(0)
        self._recents.setColumnStretch(2, 1)
        self._lay_out()
        self.set_recents([])

    def _make_buttons(self) -> QHBoxLayout:
        self.folder_button = push_button(
            "Open Folder…", "Open all recordings of a folder (Ctrl+Shift+O)", "primary"
        )
        self.files_button = push_button("Open Files…", "Open some recordings (Ctrl+O)")
        self.sample_button = push_button(
            "Open Sample Data", "Try it with recordings made by CloudScope", "quiet"
        )
        self.folder_button.clicked.connect(self.openFolderRequested)
        self.files_button.clicked.connect(self.openFilesRequested)
        self.sample_button.clicked.connect(self.sampleRequested)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.folder_button, self.files_button, self.sample_button):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _lay_out(self) -> None:
        block = QVBoxLayout()
        block.setSpacing(8)
        block.addWidget(self._title)
        block.addWidget(self._line)
        block.addWidget(self._rest)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addLayout(block)
        across.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 24, 16, 24)
        # A little above the middle looks centred.
        column.addStretch(2)
        column.addLayout(across)
        column.addStretch(3)

    @Slot(list)
    def set_recents(self, recents: Sequence[Recent]) -> None:
        """Show what was open before, newest first."""
        for widget in self._recent_widgets:
            widget.hide()
            widget.deleteLater()
        self._recent_widgets = []
        self._recents_caption.setVisible(bool(recents))
        for row, recent in enumerate(recents):
            path = ElidedLabel(short_path(recent.path), "field", Qt.TextElideMode.ElideMiddle)
            path.setMaximumWidth(self._theme.px(300))
            path.setMinimumHeight(self._theme.px(24))
            cells = (self._name(recent), path, label(recent.state, "field"))
            for column, widget in enumerate(cells):
                self._recents.addWidget(widget, row, column)
                self._recent_widgets.append(widget)

    def _name(self, recent: Recent) -> QPushButton | QLabel:
        if recent.missing:
            shown = label(recent.name, "field")
            shown.setMinimumHeight(self._theme.px(24))
            return shown
        link = push_button(recent.name, f"Open {short_path(recent.path)}", "link")
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda: self.pathChosen.emit(recent.path))
        return link

    def set_drop(self, text: str | None, detail: str = "") -> None:
        """Say what a drop would do, such as "Drop to open 47 recordings"; None when it ends."""
        self._title.setText(TITLE if text is None else text)
        self._line.setText(KINDS if text is None else detail)
        self._rest.setVisible(text is None)
        self.setProperty("drop", text is not None)
        restyle(self)
