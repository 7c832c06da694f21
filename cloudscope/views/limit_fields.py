"""Two number fields, low "to" high."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.views.form_numbers import NumberSpin
from cloudscope.views.labels import label, restyle

_WRONG_ORDER = "The lower limit must be below the upper one"


class LimitSpin(NumberSpin):
    """A limit that counts in ones or in fractions."""

    def __init__(self, name: str) -> None:
        super().__init__(_limit_field(whole=True), "")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_whole_numbers(self, whole: bool) -> None:
        """What may be typed and how far an arrow goes."""
        self._field = _limit_field(whole=whole)

    def set_fault(self, sentence: str, tip: str) -> None:
        """Red outline and the reason, or neither."""
        state = "error" if sentence else ""
        self.setToolTip(sentence or tip)
        if self.property("state") != state:
            self.setProperty("state", state)
            restyle(self)


def _limit_field(*, whole: bool) -> FieldSchema:
    kind = ValueType.INT if whole else ValueType.FLOAT
    return FieldSchema("limit", "Limit", kind, required=True, editable=True)


class LimitFields(QWidget):
    """A valid pair is told with every keystroke; what is not one turns red and is kept.

    Signals:
        typed: Low and high while typing.
        finished: Low and high when typing is over (Enter, an arrow, focus gone).
        faultChanged: What is wrong with the fields, or an empty text.
    """

    typed = Signal(float, float)
    finished = Signal(float, float)
    faultChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = LimitSpin("Lower limit"), LimitSpin("Upper limit")
        self._fault = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        to = label("to", "field")
        to.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self.low, 1)
        row.addWidget(to)
        row.addWidget(self.high, 1)
        for field in (self.low, self.high):
            field.lineEdit().textEdited.connect(self._tell_typed)
            field.finished.connect(self._tell_finished)
        self._mark("", "")

    def set_whole_numbers(self, whole: bool) -> None:
        """Whether the limits count in ones or in fractions."""
        self.low.set_whole_numbers(whole)
        self.high.set_whole_numbers(whole)

    def show_limits(self, low: float, high: float) -> None:
        """Show without telling; the field that is being typed in keeps its text."""
        for field, value in ((self.low, low), (self.high, high)):
            line = field.lineEdit()
            if not (line.hasFocus() and line.isModified()):
                field.show_value(float(f"{value:.6g}") if value != int(value) else value)
        self._mark("", "")

    def _pair(self) -> tuple[float, float] | None:
        """What the fields say, None (and red) when that is no interval."""
        faults = []
        for field in (self.low, self.high):
            try:
                field.typed()
                faults.append("")
            except ValueError as error:
                faults.append(str(error))
        if not any(faults) and self.low.typed() >= self.high.typed():
            faults = [_WRONG_ORDER, _WRONG_ORDER]
        self._mark(*faults)
        return None if any(faults) else (self.low.typed(), self.high.typed())

    def _mark(self, low_fault: str, high_fault: str) -> None:
        self.low.set_fault(low_fault, "Type the value that is shown as the start of the map")
        self.high.set_fault(high_fault, "Type the value that is shown as the end of the map")
        fault = low_fault or high_fault
        if fault != self._fault:
            self._fault = fault
            self.faultChanged.emit(fault)

    @Slot()
    def _tell_typed(self) -> None:
        pair = self._pair()
        if pair is not None:
            self.typed.emit(*pair)

    @Slot()
    def _tell_finished(self) -> None:
        for field in (self.low, self.high):
            field.lineEdit().setModified(False)
        pair = self._pair()
        if pair is not None:
            self.finished.emit(*pair)
