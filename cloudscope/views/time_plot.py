"""The plot that image and traces are made of: same edges, same time axis, same look."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from cloudscope.theme import Theme
from cloudscope.views.axes import ScaledAxis

LEFT_AXIS, RIGHT_MARGIN, TIME_AXIS = 54, 10, 36
_EDGE = 8  # above the plot, and below it where no time axis is drawn
_FOCUS_LINE = 2
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class ExactBox(pg.ViewBox):
    """Cuts off what it shows at its very edge; pyqtgraph's own is half a pixel larger."""

    def shape(self) -> QPainterPath:
        """Where its items are visible."""
        path = QPainterPath()
        path.addRect(self.rect())
        return path


class TimePlot(pg.PlotWidget):
    """Coordinates are lines from left to right; the axes show physical units.

    The wheel zooms the time around the mouse and a drag moves along it. Subclasses extend
    `recolor` for their own items.

    Signals:
        fullViewRequested: A double click.
    """

    fullViewRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.time_axis, self.value_axis = ScaledAxis("bottom"), ScaledAxis("left")
        axes = {"bottom": self.time_axis, "left": self.value_axis}
        ground, box = theme.color("canvas"), ExactBox(enableMenu=False)
        super().__init__(parent, background=ground, axisItems=axes, viewBox=box, enableMenu=False)
        self._theme = theme
        self._shows_focus = False
        self._time_axis_visible = True
        plot = self.plot_item
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.disableAutoRange()
        self.view_box.setDefaultPadding(0)
        self.set_time_step(1.0, False)
        theme.changed.connect(self._theme_changed)
        TimePlot.recolor(self)  # a subclass is not complete yet

    @property
    def plot_item(self) -> pg.PlotItem:
        """What pyqtgraph's items are added to."""
        return self.getPlotItem()

    @property
    def view_box(self) -> pg.ViewBox:
        """What time is linked with: `other.setXLink(plot.view_box)`."""
        return self.plot_item.getViewBox()

    @Slot(float, bool)
    def set_time_step(self, step: float, unit_known: bool) -> None:
        """Seconds per line; without a unit the axis counts lines."""
        self.time_axis.setScale(step if unit_known else 1.0)
        self.time_axis.set_title("Time (s)" if unit_known else "Time (lines)")

    def set_distance_step(self, step: float, unit_known: bool) -> None:
        """For a plot of places along the scan line: micrometres per pixel, or pixels."""
        self.value_axis.setScale(step if unit_known else 1.0)
        self.value_axis.set_title("Distance (µm)" if unit_known else "Distance (px)")

    @Slot(bool)
    def set_time_axis_visible(self, visible: bool) -> None:
        """Only the lowest plot of a stack draws the time."""
        self._time_axis_visible = visible
        self.plot_item.showAxis("bottom", visible)
        bottom = 0 if visible else _EDGE
        self.plot_item.layout.setContentsMargins(0, _EDGE, RIGHT_MARGIN, bottom)

    def recolor(self) -> None:
        """Take all colours and fonts from the theme again."""
        theme = self._theme
        self.setBackground(theme.color("canvas"))
        for axis in (self.time_axis, self.value_axis):
            axis.set_look(theme.color("line"), theme.color("text2"), theme.font("small"))
        self.value_axis.setWidth(theme.px(LEFT_AXIS))
        self.time_axis.setHeight(theme.px(TIME_AXIS))
        self.set_time_axis_visible(self._time_axis_visible)

    @Slot()
    def _theme_changed(self) -> None:
        self.recolor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click shows everything."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.fullViewRequested.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the plot that was reached by keyboard."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in _KEYBOARD
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._shows_focus = False
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The scene, and an accent line at the top edge while the keyboard acts here."""
        super().paintEvent(event)
        if self._shows_focus:
            painter = QPainter(self.viewport())
            painter.fillRect(0, 0, self.width(), _FOCUS_LINE, self._theme.color("accent"))
            painter.end()
