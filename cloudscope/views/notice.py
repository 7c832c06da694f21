"""Short sentences inside a panel: out of date, failed, nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import label, restyle

_ICONS = {"warn": "stale", "err": "error"}


class Notice(QFrame):
    """Hidden while there is nothing to say; takes no keyboard focus."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = ""
        self.setObjectName("msg")
        self._icon, self._words = QLabel(), label("")
        self._words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        theme.changed.connect(self._recolor)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, or empty."""
        return self._words.text()

    def say(self, kind: str, text: str) -> None:
        """`warn` or `err` and one sentence; an empty text hides it."""
        self.setVisible(bool(text))
        if (kind, text) == (self._kind, self.text):
            return
        self._words.setText(text)
        self.setAccessibleName(text)
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            restyle(self)
        self._recolor()

    @Slot()
    def _recolor(self) -> None:
        if self._kind:
            size = self._theme.px(16)
            self._icon.setPixmap(self._theme.pixmap(_ICONS[self._kind], size, self._kind))


def empty_page(sentence: str) -> QWidget:
    """What a panel shows instead of its controls; says what to do in one line."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(10, 10, 10, 10)
    words = label(sentence, "field")
    words.setWordWrap(True)
    column.addWidget(words)
    column.addStretch()
    return page
