"""Asks who has scored: the name stands in the file, and over the columns of a comparison."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from cloudscope.views.labels import label

MOST_LETTERS = 40


class ScorerDialog(QDialog):
    """One line; a name is needed."""

    def __init__(self, name: str, sentence: str, parent: QWidget | None = None) -> None:
        """`sentence` says what will be written."""
        super().__init__(parent)
        self.setWindowTitle("Export Scoring")
        self.line = QLineEdit(name)
        self.line.setAccessibleName("Name or initials of the scorer")
        self.line.setToolTip("Say who has scored")
        self.line.setMaxLength(MOST_LETTERS)
        self.line.selectAll()
        words = label(sentence, "small")
        words.setWordWrap(True)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Cancel)
        self.go = self.buttons.addButton("Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setToolTip("Choose the file (Return)")
        self.go.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(label("Scorer", "field"))
        column.addWidget(self.line)
        column.addWidget(words)
        column.addSpacing(6)
        column.addWidget(self.buttons)
        self.setMinimumWidth(360)
        self.line.textChanged.connect(self._judge)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._judge()

    @property
    def scorer(self) -> str:
        """Without blanks around it."""
        return self.line.text().strip()

    def _judge(self) -> None:
        self.go.setEnabled(bool(self.scorer))
