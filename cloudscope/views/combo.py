"""A combo box that stays as it is while the panel under the mouse scrolls."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)


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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words that are too long end in dots instead of in the arrow."""
        if self.isEditable():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        edit = QStyle.SubControl.SC_ComboBoxEditField
        control = QStyle.ComplexControl.CC_ComboBox
        room = self.style().subControlRect(control, option, edit, self).width()
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + 4
        text = option.fontMetrics.elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        option.currentText = text
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change only with the keyboard focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
