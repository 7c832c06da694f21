"""One to four plots of the same rows; one of them is the one that the form edits."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from acqcore.errors import CannotPool
from cloudscope.theme import Theme
from cloudscope.views.pool_inks import Inks
from cloudscope.views.pool_numbers import (
    ERRORS,
    KINDS,
    LEVELS,
    PlotChoice,
    PlotNumbers,
    plot_numbers,
)
from cloudscope.views.pool_plot import PoolPlot
from cloudscope.views.pool_plot_form import LAYOUTS, fitting
from cloudscope.views.pool_rows import PoolTable
from cloudscope.views.pool_statistics import STATISTICS

Codes = NDArray[np.intp]

_PLACES = {
    "1": ((0, 0),),
    "2 beside": ((0, 0), (0, 1)),
    "2 below": ((0, 0), (1, 0)),
    "4": ((0, 0), (0, 1), (1, 0), (1, 1)),
}
_FIRST = (
    PlotChoice(group="condition"),
    PlotChoice(kind="box", group="condition"),
    PlotChoice(kind="histogram", group="condition"),
    PlotChoice(kind="scatter", color="condition"),
)


class PoolPlots(QWidget):
    """Draws rows as each plot's choice says.

    Signals:
        rowsChosen: Rows behind points, whether they are added, and whether one was clicked.
        activeChanged: Another plot is edited now.
    """

    rowsChosen = Signal(object, bool, bool)
    activeChanged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.choices = list(_FIRST)
        self.active = 0
        self.arrangement = "1"
        self._table: PoolTable | None = None
        self._rows: Codes = np.empty(0, np.intp)
        self._selected: Codes = np.empty(0, np.intp)
        self._sentence = ""
        self._frames: list[QFrame] = []
        self.plots: list[PoolPlot] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        theme.changed.connect(self._recolor)
        self.arrange("1")

    @property
    def choice(self) -> PlotChoice:
        """Of the plot that is edited."""
        return self.choices[self.active]

    @property
    def numbers(self) -> PlotNumbers | None:
        """Behind the plot that is edited, None when there are none."""
        return self.plots[self.active].numbers

    @property
    def plot_size(self) -> QSize:
        """Of the plot that is edited."""
        size: QSize = self.plots[self.active].size()
        return size

    def arrange(self, name: str) -> None:
        """Show as many plots as a key of `LAYOUTS` says."""
        self.arrangement = name if name in LAYOUTS else "1"
        places = _PLACES[self.arrangement]
        while len(self.plots) < len(places):
            self._add_plot()
        for at, frame in enumerate(self._frames):
            self._grid.removeWidget(frame)
            frame.setVisible(at < len(places))
            if at < len(places):
                self._grid.addWidget(frame, *places[at])
        self.active = min(self.active, len(places) - 1)
        self._mark_active()
        self.draw()

    def _add_plot(self) -> None:
        plot, place = PoolPlot(Inks.of(self._theme)), len(self.plots)
        plot.setToolTip("Drag to select points, with Shift to add them; double-click for all")
        plot.pointsChosen.connect(lambda *told, at=place: self._choose(at, *told))
        plot.touched.connect(lambda at=place: self._activate(at))
        frame = QFrame()
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(plot)
        self.plots.append(plot)
        self._frames.append(frame)

    # --- what is shown -----------------------------------------------------------------------

    def show_rows(self, table: PoolTable, rows: Codes) -> None:
        """Draw these rows of a table."""
        self._table, self._rows, self._sentence = table, rows, ""
        self.draw()

    def say(self, sentence: str) -> None:
        """There are no rows, and why."""
        self._sentence = sentence
        self.draw()

    def edit(self, choice: PlotChoice) -> None:
        """The active plot shows something else."""
        self.choices[self.active] = choice
        self._draw(self.active)

    def draw(self) -> None:
        """All plots that are seen."""
        for place in range(len(_PLACES[self.arrangement])):
            self._draw(place)

    def select(self, rows: Codes) -> None:
        """Put rings around the points of rows."""
        self._selected = rows
        for plot in self.plots:
            if plot.numbers is not None:
                plot.mark(plot.numbers.points_of(rows))

    def _draw(self, place: int) -> None:
        plot, table = self.plots[place], self._table
        if self._sentence or table is None:
            plot.say(self._sentence if place == self.active else "")
            return
        try:
            choice = fitting(self.choices[place], table)
            self.choices[place] = choice
            numbers = plot_numbers(table, self._rows, choice)
        except CannotPool as cannot:
            plot.say(str(cannot))
            return
        plot.show_numbers(numbers)
        plot.mark(numbers.points_of(self._selected))

    # --- what the user does ------------------------------------------------------------------

    def _choose(self, place: int, points: Codes, adds: bool, clicked: bool) -> None:
        numbers = self.plots[place].numbers
        if numbers is not None:
            self.rowsChosen.emit(numbers.rows_of(points), adds, clicked)

    def _activate(self, place: int) -> None:
        if place != self.active:
            self.active = place
            self._mark_active()
            self.activeChanged.emit()

    def _mark_active(self) -> None:
        several = len(_PLACES[self.arrangement]) > 1
        line = self._theme.color("line").name()
        accent = self._theme.color("accent").name()
        for place, frame in enumerate(self._frames):
            color = accent if several and place == self.active else line
            frame.setObjectName("plot")
            frame.setStyleSheet(f"QFrame#plot {{ border: 1px solid {color}; }}")

    @Slot()
    def _recolor(self) -> None:
        for plot in self.plots:
            plot.set_inks(Inks.of(self._theme))
        self._mark_active()

    # --- what is remembered --------------------------------------------------------------------

    def remembered(self) -> dict[str, Any]:
        """Layout and choices as JSON values."""
        return {"layout": self.arrangement, "plots": [asdict(one) for one in self.choices]}

    def restore(self, stored: dict[str, Any]) -> None:
        """Take what is usable of `remembered`."""
        listed = stored.get("plots")
        for place, one in enumerate((listed if isinstance(listed, list) else [])[: len(_FIRST)]):
            if isinstance(one, dict):
                self.choices[place] = read_choice(one)
        name = stored.get("layout")
        self.arrange(name if isinstance(name, str) else "1")


def read_choice(stored: dict[str, Any]) -> PlotChoice:
    """A choice from JSON values; what has the wrong type or is no choice is the usual one."""
    usual = PlotChoice()
    kept = {
        one.name: stored[one.name]
        for one in fields(PlotChoice)
        if one.name in stored and type(stored[one.name]).__name__ == one.type
    }
    for name, allowed in (
        ("kind", KINDS), ("per", LEVELS), ("statistic", STATISTICS), ("error", ERRORS),
    ):  # fmt: skip
        if kept.get(name, "") not in allowed:
            kept.pop(name, None)
    kept["bins"] = min(max(int(kept.get("bins", usual.bins)), 2), 200)
    return PlotChoice(**kept)
