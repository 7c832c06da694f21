"""Lies over the picture while the one of the selected recording is not there."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from cloudscope.views.labels import label, push_button

_BAR = 4


class PictureCover(QWidget):
    """A bar while a picture loads, a sentence when it cannot be shown; takes the mouse.

    Signals:
        retryRequested: The user wants the picture to be read again.
    """

    retryRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Loading the picture")
        self._sentence = label("", "field")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._retry = push_button("Try Again", "Read the picture again")
        column = QVBoxLayout(self)
        column.addStretch()
        column.addWidget(self._sentence)
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._retry.clicked.connect(self.retryRequested)
        self.show_state(False, "")

    @property
    def sentence(self) -> QLabel:
        """Why there is no picture."""
        return self._sentence

    def show_state(self, loading: bool, failure: str) -> None:
        """Hidden when there is nothing to tell."""
        self._bar.setVisible(loading)
        self._sentence.setText(failure)
        self._sentence.setVisible(bool(failure))
        self._retry.setVisible(bool(failure))
        self.setVisible(loading or bool(failure))

    def cover(self, picture: QRect) -> None:
        """Lie exactly there."""
        self.setGeometry(picture)
        self._bar.setGeometry(0, 0, picture.width(), _BAR)
