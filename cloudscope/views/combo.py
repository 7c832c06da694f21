"""A combo box that stays as it is while the panel under the mouse scrolls."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy


class FocusedCombo(QComboBox):
    """A combo box that the wheel changes only while it has the focus.

    Signals:
        finished: The user chose from the list, or ended typing.
    """

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(4)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self.finished)

    def make_editable(self, line: QLineEdit) -> None:
        """Let any text be typed; what is typed is not added to the list."""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setLineEdit(line)
        # Its own margin of 2 px would put the text beside that of other combo boxes.
        line.setTextMargins(-2, 0, 0, 0)
        line.editingFinished.connect(self.finished)

    def minimumSizeHint(self) -> QSize:
        """Room for four figures and the arrow: panels are narrow."""
        width = self.fontMetrics().horizontalAdvance("0000") + 34
        return QSize(width, super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change only with the keyboard focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
