"""Traces under the image: one plot per curve of the selected channel and ROI."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.quantities import MISSING
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_content import CurveId, trace_contents
from cloudscope.views.trace_pane import TracePane

SPLITTER = 5


class TraceView(QSplitter):
    """Stacks the plots; their time axis is the one of the image once it is linked.

    Signals:
        hovered: Line under the mouse as a float, None when the mouse leaves.
        runRequested: The user wants the missing result.
    """

    hovered = Signal(object)
    runRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._theme = theme
        self._panes: dict[CurveId, TracePane] = {}
        self._time_source: TimePlot | None = None
        self._cursor: float | None = None
        self.setHandleWidth(SPLITTER)
        self.setChildrenCollapsible(False)
        self.show_scene(Scene())

    @property
    def panes(self) -> tuple[TracePane, ...]:
        """The plots from top to bottom."""
        return tuple(self._panes.values())

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Repaint what differs; the time range and the cursor stay as they are."""
        contents = trace_contents(scene, {id_: one.content for id_, one in self._panes.items()})
        self._keep_panes([one.id for one in contents])
        for content in contents:
            pane = self._panes[content.id]
            pane.plot.set_time_step(scene.calibration.step_y, scene.calibration.time_known)
            if scene.plane is not None:
                pane.plot.set_lines(len(scene.plane.pixels))
            pane.show_content(content)

    def link_time(self, plot: TimePlot) -> None:
        """Show the same lines as this plot, now and always."""
        self._time_source = plot
        for pane in self.panes:
            pane.plot.view_box.setXLink(plot.view_box)

    @Slot(object)
    def set_cursor(self, line: float | None) -> None:
        """Mark a moment in every plot."""
        self._cursor = line
        for pane in self.panes:
            pane.plot.set_cursor(line)

    def value_at(self, line: float, quantity: str = "velocity") -> str:
        """Value of the window nearest to a line, such as `0.43 ± 0.05 mm/s`."""
        for pane in self.panes:
            if pane.content.shown.token == quantity:
                return pane.content.value_at(line)
        return MISSING

    def _keep_panes(self, wanted: list[CurveId]) -> None:
        """Make missing plots, drop the others, and let only the lowest draw the time."""
        if list(self._panes) == wanted:
            return
        for id_ in [one for one in self._panes if one not in wanted]:
            gone = self._panes.pop(id_)
            gone.hide()
            gone.deleteLater()
        self._panes = {id_: self._panes.get(id_) or self._made() for id_ in wanted}
        for place, pane in enumerate(self.panes):
            self.insertWidget(place, pane)
            pane.plot.set_time_axis_visible(place == len(wanted) - 1)

    def _made(self) -> TracePane:
        pane = TracePane(self._theme)
        pane.hovered.connect(self.hovered)
        pane.runRequested.connect(self.runRequested)
        if self._time_source is not None:
            pane.plot.view_box.setXLink(self._time_source.view_box)
        pane.plot.set_cursor(self._cursor)
        return pane
