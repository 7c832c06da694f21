"""The second half of the pool window's settings: what a plot shows."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QSpinBox, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import indent_number, label
from cloudscope.views.pool_drawing import GROUPED
from cloudscope.views.pool_fields import LABEL_WIDTH, check, choose, combo, fill, rows_of_fields
from cloudscope.views.pool_numbers import ERRORS, KINDS, LEVELS, PlotChoice
from cloudscope.views.pool_rows import PoolTable
from cloudscope.views.pool_statistics import STATISTICS

LAYOUTS = {"1": "One", "2 beside": "Two, side by side", "2 below": "Two, one below", "4": "Four"}
MOST_BINS = 200
_FIRST = (
    "velocity_mean", "velocity_median", "diameter_um_filt_mean", "diameter_um_mean", "bpm",
    "num_peaks", "num_sparks", "num_events", "velocity", "amplitude", "event_mean",
    "peak_amplitude", "diameter_um_filt",
)  # fmt: skip
"""What is looked at first."""


class PoolPlotForm(QWidget):
    """Shows one plot's choice; tells each edit.

    Signals:
        choiceEdited: The plot shows something else.
        layoutChosen: A key of `LAYOUTS`.
    """

    choiceEdited = Signal(object)
    layoutChosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = PlotChoice()
        self._make()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Plot", "section"))
        fields = (
            self.arrangement, self.kind, self.value, self.against, self.group, self.color, self.per,
            self.statistic, self.error, self.bins,
        )  # fmt: skip
        grid, self._labels = rows_of_fields(theme.px(LABEL_WIDTH), fields)
        column.addLayout(grid)
        column.addWidget(self.absolute)
        column.addWidget(self.points)
        self._connect()
        self._show_what_applies()

    def _make(self) -> None:
        self.kind = combo("Plot", "Choose the kind of plot")
        self.value = combo("Value", "Choose the number that is plotted")
        self.against = combo("Against", "Choose the number along the x axis")
        self.group = combo("Group by", "Choose what groups stand side by side")
        self.color = combo("Colour by", "Choose what the colours tell apart")
        self.per = combo("One point per", "Choose what is averaged into one point")
        self.statistic = combo("Statistic", "Choose the number of each group")
        self.error = combo("Error bars", "Choose what the error bars of a mean are")
        self.arrangement = combo("Plots", "Choose how many plots there are")
        self.bins = QSpinBox()
        self.bins.setRange(2, MOST_BINS)
        self.bins.setAccessibleName("Bins")
        self.bins.setToolTip("Choose the number of bars of the histogram")
        indent_number(self.bins)
        self.absolute = check("Absolute values", "Take values without their sign")
        self.points = check("Show points", "Draw the points over boxes, violins and bars")
        fill(self.kind, KINDS.items())
        fill(self.per, LEVELS.items())
        fill(self.statistic, ((name, words[0]) for name, words in STATISTICS.items()))
        fill(self.error, ERRORS.items())
        fill(self.arrangement, LAYOUTS.items())

    def _connect(self) -> None:
        for field in (
            self.kind, self.value, self.against, self.group, self.color, self.per,
            self.statistic, self.error,
        ):  # fmt: skip
            field.activated.connect(self._edit_choice)
        self.bins.valueChanged.connect(self._edit_choice)
        self.absolute.toggled.connect(self._edit_choice)
        self.points.toggled.connect(self._edit_choice)
        self.arrangement.activated.connect(
            lambda: self.layoutChosen.emit(self.arrangement.currentData())
        )

    def show_columns(self, table: PoolTable) -> None:
        """Offer what the table has."""
        numbers = [(name, table.title(name)) for name in table.number_names]
        groups = [("", "Nothing"), *((name, table.title(name)) for name in table.group_names)]
        for field, offered in (
            (self.value, numbers), (self.against, numbers),
            (self.group, groups), (self.color, groups),
        ):  # fmt: skip
            fill(field, offered, field.currentData())

    def show_arrangement(self, name: str) -> None:
        """Show how many plots there are."""
        choose(self.arrangement, name)

    def show_choice(self, choice: PlotChoice) -> None:
        """Show what the plot shows."""
        self._choice = choice
        for field, value in (
            (self.kind, choice.kind), (self.value, choice.y), (self.against, choice.x),
            (self.group, choice.group), (self.color, choice.color), (self.per, choice.per),
            (self.statistic, choice.statistic), (self.error, choice.error),
        ):  # fmt: skip
            choose(field, value)
        for widget, state in ((self.absolute, choice.absolute), (self.points, choice.points)):
            with QSignalBlocker(widget):
                widget.setChecked(state)
        with QSignalBlocker(self.bins):
            self.bins.setValue(choice.bins)
        self._show_what_applies()

    def _show_what_applies(self) -> None:
        kind = self._choice.kind
        means = kind in ("swarm", "bars")
        applies: dict[QWidget, bool] = {
            self.against: kind == "scatter",
            self.statistic: means,
            self.error: means and self._choice.statistic == "mean",
            self.bins: kind == "histogram",
        }
        for widget, there in applies.items():
            widget.setVisible(there)
            self._labels[widget].setVisible(there)
        self.points.setVisible(kind in GROUPED and kind != "swarm")

    @Slot()
    def _edit_choice(self) -> None:
        self._choice = replace(
            self._choice,
            kind=self.kind.currentData(), y=self.value.currentData() or "",
            x=self.against.currentData() or "", group=self.group.currentData() or "",
            color=self.color.currentData() or "", per=self.per.currentData(),
            statistic=self.statistic.currentData(), error=self.error.currentData(),
            absolute=self.absolute.isChecked(), bins=self.bins.value(),
            points=self.points.isChecked(),
        )  # fmt: skip
        self._show_what_applies()
        self.choiceEdited.emit(self._choice)


def fitting(choice: PlotChoice, table: PoolTable) -> PlotChoice:
    """The same choice with columns that the table has."""
    numbers, groups = table.number_names, table.group_names
    if choice.y not in numbers:
        first = next((name for name in _FIRST if name in numbers), numbers[0] if numbers else "")
        choice = replace(choice, y=first)
    if choice.x not in numbers:
        choice = replace(choice, x=next((one for one in numbers if one != choice.y), choice.y))
    group = choice.group if choice.group in groups else ""
    return replace(choice, group=group, color=choice.color if choice.color in groups else "")
