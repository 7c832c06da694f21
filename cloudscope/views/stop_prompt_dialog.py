"""The one question before batches that still run are broken off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button


class StopPromptDialog(QDialog):
    """Says what is not finished; Enter and Escape let it go on."""

    def __init__(
        self, theme: Theme, reason: str, sentences: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """`reason` completes the question: "before closing"; one sentence for each batch."""
        super().__init__(parent)
        what = "batch" if len(sentences) == 1 else f"{len(sentences)} batches"
        self.setWindowTitle("Running Batches" if len(sentences) > 1 else "Running Batch")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(theme.px(480))
        the = "the " if len(sentences) == 1 else ""
        self._title = label(f"Stop {the}{what} {reason}?", "title")
        self._title.setWordWrap(True)
        self._sentences = [label(text, "field") for text in sentences]
        self.keep_button = push_button("Keep Running", "Go back and let it go on (Esc)", "primary")
        self.keep_button.setDefault(True)
        self.stop_button = push_button("Stop", "Stop now; what is measured so far is kept")
        self.keep_button.clicked.connect(self.reject)
        self.stop_button.clicked.connect(self.accept)
        self._theme, self._icon = theme, QLabel()
        self._lay_out()
        theme.changed.connect(self._recolor)
        self._recolor()
        self.keep_button.setFocus()

    def _lay_out(self) -> None:
        text = QVBoxLayout()
        text.setSpacing(10)
        text.addWidget(self._title)
        for sentence in self._sentences:
            sentence.setWordWrap(True)
            text.addWidget(sentence)
        text.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(text, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.stop_button)
        buttons.addStretch(1)
        buttons.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(16)
        column.addLayout(upper)
        column.addLayout(buttons)

    def _recolor(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("warning", self._theme.px(32), "warn"))


def ask_stop(parent: QWidget | None, theme: Theme, reason: str, sentences: Sequence[str]) -> bool:
    """Ask, and wait for the answer; True to stop."""
    dialog = StopPromptDialog(theme, reason, sentences, parent)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return accepted
