"""Asks for the name of a preset."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from cloudscope.views.labels import label

MOST_LETTERS = 60


class PresetDialog(QDialog):
    """Opens without holding up the program; a name that cannot be is refused while typed.

    Signals:
        named: The name, once it was agreed to.
    """

    named = Signal(str)

    def __init__(
        self,
        title: str,
        name: str,
        taken: Collection[str],
        own: Collection[str],
        parent: QWidget | None = None,
    ) -> None:
        """`taken` are names that cannot be given, `own` such that would be replaced."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._taken = {one.casefold() for one in taken}
        self._own = set(own)
        self.line, self.words = QLineEdit(name), label("", "small")
        self.line.setAccessibleName("Name of the preset")
        self.line.setMaxLength(MOST_LETTERS)
        self.line.selectAll()
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(label("Name", "field"))
        column.addWidget(self.line)
        column.addWidget(self.words)
        column.addWidget(self.buttons)
        self.setMinimumWidth(320)
        self.line.textChanged.connect(self._judge)
        self.buttons.accepted.connect(self._agree)
        self.buttons.rejected.connect(self.reject)
        self._judge()

    @Slot()
    def _judge(self) -> None:
        name = self.line.text().strip()
        refused = name.casefold() in self._taken
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(
            bool(name) and not refused
        )
        if refused:
            self.words.setText("This name belongs to a built-in preset")
        else:
            self.words.setText("Replaces the preset of this name" if name in self._own else " ")

    @Slot()
    def _agree(self) -> None:
        self.named.emit(self.line.text().strip())
        self.accept()
