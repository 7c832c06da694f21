"""Two number fields, low "to" high."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.views.form_numbers import NumberSpin
from cloudscope.views.labels import label, restyle

_WRONG_ORDER = "Enter the lower limit first"


class LimitSpin(NumberSpin):
    """A limit that counts in ones or in fractions."""

    def __init__(self, name: str) -> None:
        super().__init__(_limit_field(whole=True), "")
        self._exact = 0.0
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_whole_numbers(self, whole: bool) -> None:
        """What may be typed and how far an arrow goes."""
        self._field = _limit_field(whole=whole)

    def show_limit(self, value: float) -> None:
        """Show without emitting; fractions with five figures."""
        self._exact = value
        self.show_value(_rounded(value))

    def limit(self) -> float:
        """The number meant by the text; ValueError with one sentence.

        A text that was not touched means the exact limit, which it only rounds.
        """
        typed: float = self.typed()
        return self._exact if typed == _rounded(self._exact) else typed

    def set_fault(self, wrong: bool) -> None:
        """Red outline, or not."""
        state = "error" if wrong else ""
        if self.property("state") != state:
            self.setProperty("state", state)
            restyle(self)


def _rounded(value: float) -> float:
    return float(f"{value:.5g}") if value != int(value) else value


def _limit_field(*, whole: bool) -> FieldSchema:
    kind = ValueType.INT if whole else ValueType.FLOAT
    return FieldSchema("limit", "Limit", kind, required=True, editable=True)


class LimitFields(QWidget):
    """A valid pair is told with every keystroke; what is not one turns red and is kept.

    Attributes:
        fault_label: Says what is wrong; the owner puts it under the fields.

    Signals:
        typed: Low and high while typing.
        finished: Low and high when typing is over (Enter, an arrow, focus gone).
        refused: Typing is over, but not with an interval.
    """

    typed = Signal(float, float)
    finished = Signal(float, float)
    refused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = LimitSpin("Lower limit"), LimitSpin("Upper limit")
        self.low.setToolTip("Type the value that is shown as the start of the map")
        self.high.setToolTip("Type the value that is shown as the end of the map")
        self.fault_label = label("", "errText")
        self.fault_label.hide()
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

    @property
    def fault(self) -> str:
        """What is wrong with the fields, or empty."""
        return self.fault_label.text()

    def set_whole_numbers(self, whole: bool) -> None:
        """Whether the limits count in ones or in fractions."""
        self.low.set_whole_numbers(whole)
        self.high.set_whole_numbers(whole)

    def show_limits(self, low: float, high: float) -> None:
        """Show without telling; the field that is being typed in keeps its text."""
        for field, value in ((self.low, low), (self.high, high)):
            line = field.lineEdit()
            if not (line.hasFocus() and line.isModified()):
                field.show_limit(value)
        self._mark("", "")

    def commit(self) -> None:
        """Finish a limit that is being typed."""
        if any(field.lineEdit().isModified() for field in (self.low, self.high)):
            self._tell_finished()

    def _pair(self) -> tuple[float, float] | None:
        """What the fields say, None (and red) when that is no interval."""
        faults = []
        for field in (self.low, self.high):
            try:
                field.limit()
                faults.append("")
            except ValueError as error:
                faults.append(str(error))
        if not any(faults) and self.low.limit() >= self.high.limit():
            faults = [_WRONG_ORDER, _WRONG_ORDER]
        self._mark(*faults)
        return None if any(faults) else (self.low.limit(), self.high.limit())

    def _mark(self, low_fault: str, high_fault: str) -> None:
        self.low.set_fault(bool(low_fault))
        self.high.set_fault(bool(high_fault))
        self.fault_label.setText(low_fault or high_fault)
        self.fault_label.setVisible(bool(low_fault or high_fault))

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
        else:
            self.refused.emit()
