"""Editors for numbers: free typing, the unit inside the field, sensible steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QSizePolicy

from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import indent_number

NOT_A_NUMBER = "Enter a number"
NOT_A_WHOLE_NUMBER = "Enter a whole number"


def number_text(value: float | None) -> str:
    """Shortest text of a number, blank for None."""
    return "" if value is None else f"{value:.10g}"


def read_number(text: str, field: FieldSchema, unit: str) -> float | int | None:
    """A typed number, with or without its unit; ValueError with one sentence.

    A comma counts as decimal point and a typographic minus as minus. Blank is None where
    the field has no default.
    """
    plain = text.strip().removesuffix(unit).replace("\u2212", "-").replace("\u2009", "").strip()
    if not plain and field.default_value is None and not field.required:
        return None
    try:
        number = float(plain.replace(",", "."))
    except ValueError:
        raise ValueError(NOT_A_NUMBER) from None
    if not math.isfinite(number):
        raise ValueError(NOT_A_NUMBER)
    if field.value_type is ValueType.FLOAT:
        return number
    if number != int(number):
        raise ValueError(NOT_A_WHOLE_NUMBER)
    return int(number)


def stepped(field: FieldSchema, value: float | None, steps: int) -> float | int:
    """The number that many steps away, on the field's grid and inside its range.

    A step is `multiple_of`, 1 for whole numbers, else a tenth of the leading digit.
    """
    now = value if value is not None else field.minimum or 0.0
    if field.value_type is ValueType.INT:
        grid = field.multiple_of or 1
        after: float = (math.floor(now / grid) if steps > 0 else math.ceil(now / grid)) * grid
        after += steps * grid
    else:
        step = 10.0 ** (math.floor(math.log10(abs(now))) - 1) if now else 0.1
        after = round(now + steps * step, 12)
    low = field.minimum if field.minimum is not None else -math.inf
    high = field.maximum if field.maximum is not None else math.inf
    inside = min(max(after, low), high)
    return int(inside) if field.value_type is ValueType.INT else inside


class UnitLine(QLineEdit):
    """A line edit that draws the unit behind the number, where no key can reach it."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit
        self.textChanged.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, then the unit if there is a number and room."""
        super().paintEvent(event)
        end = self.textMargins().left() + 2 + self.fontMetrics().horizontalAdvance(self.text())
        left = end + self.fontMetrics().horizontalAdvance(" ")
        box = QRect(QPoint(left, 0), QSize(self.width() - left, self.height()))
        if not self.text() or box.width() < self.fontMetrics().horizontalAdvance(self._unit):
            return
        painter = QPainter(self)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.Text))
        where = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, int(where), self._unit)


class NumberSpin(QAbstractSpinBox):
    """A number with small arrows; any text can be typed, the form judges it."""

    finished = Signal()

    def __init__(self, field: FieldSchema, unit: str) -> None:
        super().__init__()
        self._field, self._unit = field, unit
        self.setLineEdit(UnitLine(unit))
        indent_number(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self.finished)

    def show_value(self, value: Any) -> None:
        """Show without emitting."""
        self.lineEdit().setText(number_text(value))

    def typed(self) -> Any:
        """The number, or ValueError."""
        return read_number(self.lineEdit().text(), self._field, self._unit)

    def stepBy(self, steps: int) -> None:
        """One press of an arrow is one finished edit."""
        try:
            now = self.typed()
        except ValueError:
            now = self._field.default_value
        self.show_value(stepped(self._field, now, steps))
        self.selectAll()
        self.finished.emit()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both ways until an end of the range is reached."""
        up = QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        down = QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        try:
            now = self.typed()
        except ValueError:
            return up | down
        allowed = QAbstractSpinBox.StepEnabledFlag.StepNone
        if now is None or self._field.maximum is None or now < self._field.maximum:
            allowed |= up
        if now is None or self._field.minimum is None or now > self._field.minimum:
            allowed |= down
        return allowed

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Everything may be typed."""
        return QValidator.State.Acceptable, text, position

    def sizeHint(self) -> QSize:
        """Room for ten figures and the unit."""
        text = f"0000000000 {self._unit}"
        return QSize(self.fontMetrics().horizontalAdvance(text) + 30, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for five figures: panels are narrow."""
        return QSize(self.fontMetrics().horizontalAdvance("00000") + 30, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only with the keyboard focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberCombo(FocusedCombo):
    """A number with a list of usual ones."""

    def __init__(self, field: FieldSchema, unit: str) -> None:
        super().__init__()
        self._field, self._unit = field, unit
        self.make_editable(UnitLine(unit))
        # Its completer would turn a typed 6 into 64.
        self.setCompleter(None)  # type: ignore[arg-type]
        self.set_suggestions(field.suggestions)

    def set_suggestions(self, values: Sequence[Any]) -> None:
        """Replace the list; what is in the field stays."""
        text = self.currentText()
        self.clear()
        self.addItems([number_text(value) for value in values])
        self.setEditText(text)

    def show_value(self, value: Any) -> None:
        """Show without emitting."""
        text = number_text(value)
        self.setCurrentIndex(self.findText(text, Qt.MatchFlag.MatchExactly))
        self.setEditText(text)

    def typed(self) -> Any:
        """The number, or ValueError."""
        return read_number(self.currentText(), self._field, self._unit)
