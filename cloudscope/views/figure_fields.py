"""Fields of the figure composer: each shows a value without telling, and tells when edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import indent_number, label

LABEL_WIDTH = 78
_SEPARATOR = object()


class NumberField(QDoubleSpinBox):
    """A number with its unit; typing tells at its end, arrows at once."""

    def __init__(
        self, name: str, tip: str, ends: tuple[float, float], decimals: int, step: float, unit: str
    ) -> None:
        super().__init__()
        self.setRange(*ends)
        self.setDecimals(decimals)
        self.setSingleStep(step)
        self.setSuffix(unit)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(64)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        indent_number(self)

    def show_value(self, value: float) -> None:
        """Show without telling."""
        with QSignalBlocker(self):
            self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only with the keyboard focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceField(FocusedCombo):
    """One of several values with their words."""

    def __init__(self, name: str, tip: str, choices: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self._values: list[object] = []
        self.set_choices(choices)

    def set_choices(
        self, choices: Sequence[tuple[str, object]], icons: Sequence[QIcon] = ()
    ) -> None:
        """Replace the list."""
        with QSignalBlocker(self):
            self.clear()
            self._values = [value for _, value in choices]
            for place, (words, _) in enumerate(choices):
                self.addItem(words)
                if place < len(icons):
                    self.setItemIcon(place, icons[place])

    def separate(self, place: int) -> None:
        """Draw a line before the value at that place."""
        with QSignalBlocker(self):
            self.insertSeparator(place)
        self._values.insert(place, _SEPARATOR)

    def show_value(self, value: object) -> None:
        """Show without telling; the first one for a value that is not in the list."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._values.index(value) if value in self._values else 0)

    @property
    def value(self) -> object:
        """What is chosen."""
        return self._values[max(self.currentIndex(), 0)]


class CheckField(QCheckBox):
    """On or off."""

    def __init__(self, words: str, tip: str) -> None:
        super().__init__(words)
        self.setToolTip(tip)

    def show_value(self, value: bool) -> None:
        """Show without telling."""
        with QSignalBlocker(self):
            self.setChecked(value)


class TickRow(QWidget):
    """Check boxes for some numbered things; hidden while there is none.

    Signals:
        ticked: A box was switched.
    """

    ticked = Signal()

    def __init__(self, verb: str) -> None:
        """`verb` stands before each name: what a tick does."""
        super().__init__()
        self._verb = verb
        self.boxes: dict[int, CheckField] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_ticks(self, names: Mapping[int, str], ticks: Collection[int]) -> None:
        """Show without telling."""
        words = {one: f"{self._verb} {name}" for one, name in names.items()}
        if words != {one: box.text() for one, box in self.boxes.items()}:
            for gone in self.boxes.values():
                gone.deleteLater()
            self.boxes = {}
            for one, text in words.items():
                box = self.boxes[one] = CheckField(text, "Blend its colours in")
                box.toggled.connect(self.ticked)
                self._column.addWidget(box)
        for one, box in self.boxes.items():
            box.show_value(one in ticks)
        self.setVisible(bool(names))

    @property
    def ticks(self) -> tuple[int, ...]:
        """Numbers whose box is on."""
        return tuple(one for one, box in self.boxes.items() if box.isChecked())


class Rows(QGridLayout):
    """Labels at the left, fields beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        if parent is None:
            super().__init__()
        else:
            super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(8)
        self.setVerticalSpacing(6)
        self.setColumnMinimumWidth(0, LABEL_WIDTH)
        self.setColumnStretch(1, 1)

    def section(self, words: str) -> None:
        """A heading over the rows that follow; air above all but the first."""
        row = self.rowCount()
        if row > 1:
            self.setRowMinimumHeight(row, 8)
            row += 1
        self.addWidget(label(words, "section"), row, 0, 1, 2)

    def field(self, words: str, *fields: QWidget, between: str = "") -> None:
        """One row: a label and its fields side by side."""
        row = self.rowCount()
        named = label(words, "field")
        named.setBuddy(fields[0])
        self.addWidget(named, row, 0)
        if len(fields) == 1:
            self.addWidget(fields[0], row, 1)
            return
        line = QHBoxLayout()
        line.setSpacing(6)
        for place, one in enumerate(fields):
            if place and between:
                line.addWidget(label(between, "field"))
            line.addWidget(one, 1)
        self.addLayout(line, row, 1)

    def whole(self, widget: QWidget) -> None:
        """One row without a label of its own."""
        self.addWidget(widget, self.rowCount(), 0, 1, 2)

    def beside(self, widget: QWidget) -> None:
        """One row in the column of the fields."""
        self.addWidget(widget, self.rowCount(), 1)
