"""The plot of one trace: value axis, grid, line, cursor, wheel and hover."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from cloudscope.theme import Theme
from cloudscope.views.event_bands import EventBands
from cloudscope.views.lone_point import LonePoint
from cloudscope.views.marker_grips import MarkerGrips
from cloudscope.views.marker_item import MarkerItem
from cloudscope.views.own_keys import OwnKeys
from cloudscope.views.threshold_line import ThresholdLine
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_content import TraceContent
from cloudscope.views.trace_extras import TraceExtras
from cloudscope.views.trace_item import TraceItem
from cloudscope.views.trace_marks import TraceCursor, ValueGrid
from cloudscope.views.trace_samples import TraceSamples
from cloudscope.views.visible_part import LEAST_LINES

_ZOOM_PER_NOTCH = 1.15
_MOST_LANE = 0.3
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class TracePlot(TimePlot):
    """The wheel zooms time; with Shift, or over the value axis, it zooms the values.

    The value axis fits the trace until it is zoomed by hand; a double click fits it again
    and shows all of the time.

    Signals:
        hovered: Line under the mouse as a float, None when the mouse leaves.
        deleteRequested: Del or Backspace, which means the selected event here.
        thresholdMoved, thresholdDropped: Value of the line on its way and at its end.
        escaped: Esc while nothing was being dragged.
    """

    hovered = Signal(object)
    deleteRequested = Signal()
    escaped = Signal()
    thresholdMoved = Signal(float)
    thresholdDropped = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._content: TraceContent | None = None
        self._fits = True
        self._cursor_line: float | None = None
        self._lines = 1
        super().__init__(theme, parent)
        self._trace = TraceItem()
        self._grid = ValueGrid(self.value_axis)
        self.events = EventBands(self.view_box, self)
        self.markers = MarkerGrips(MarkerItem(), self._place_at, self)
        self.lone_point = LonePoint()
        items = self._grid, self.events.item, self._trace, self.lone_point, self.markers.item
        for item in items:
            self.plot_item.addItem(item, ignoreBounds=True)
        OwnKeys(self, lambda event: Qt.Key(event.key()) in _DELETE)
        self._threshold: ThresholdLine | None = None
        self.extras = TraceExtras(self.plot_item)
        self._cursor = TraceCursor(self.plot_item)
        self.fullViewRequested.connect(self.fit)
        self.value_axis.geometryChanged.connect(self._title_axis)
        self.view_box.sigResized.connect(self._keep_lane)
        self.events.laneChanged.connect(self._keep_lane)
        self.scene().sigMouseMoved.connect(self._report_hover)
        self.setMouseTracking(True)

    def show_content(self, content: TraceContent) -> None:
        """Draw; another trace fits the value axis again."""
        before, self._content = self._content, content
        same_samples = before is not None and before.samples is content.samples
        if not same_samples or before is None or before.stale != content.stale:
            self._trace.set_samples(content.samples, dashed=bool(content.stale))
        self._title_axis()
        self._show_scale()
        self.lone_point.show_content(content)
        if not same_samples:
            self.fit_values()
        self.recolor()
        self.set_cursor(self._cursor_line)

    @property
    def threshold(self) -> ThresholdLine | None:
        """The line that can be dragged, while there is one."""
        return self._threshold

    def show_threshold(self, value: float | None) -> None:
        """A line at this value, or none; while it is dragged it stays in the hand."""
        if value is None:
            if self._threshold is not None:
                self.plot_item.removeItem(self._threshold)
                self._threshold = None
            return
        if self._threshold is None:
            line = self._threshold = ThresholdLine()
            line.recolor(self._theme)
            line.sigDragged.connect(lambda: self.thresholdMoved.emit(float(line.value())))
            line.sigPositionChangeFinished.connect(
                lambda: self.thresholdDropped.emit(float(line.value()))
            )
            self.plot_item.addItem(line, ignoreBounds=True)
        if not self._threshold.moving:
            self._threshold.setValue(value)
            if self._fits:
                self.fit_values()

    @Slot()
    def _title_axis(self) -> None:
        """The caption names the quantity: beside a low plot the unit alone has room."""
        if self._content is None:
            return
        shown = self._content.shown
        metrics = QFontMetricsF(self._theme.font("small"))
        fits = metrics.horizontalAdvance(shown.axis_title) < self.value_axis.height()
        self.value_axis.set_title(shown.axis_title if fits else shown.unit or shown.title)

    def show_extra_scale(self) -> None:
        """Numbers on the value axis for what is drawn beside a result that is not there."""
        self._show_scale()
        if self._content is None or self._content.samples is None:
            self.fit_values()

    def _show_scale(self) -> None:
        drawn = self._scaled_samples() is not None
        self.value_axis.setStyle(showValues=drawn, tickAlpha=None if drawn else 0)
        self._grid.setVisible(drawn)

    def _scaled_samples(self) -> TraceSamples | None:
        """What the value axis fits: the result, or a preview of it."""
        samples = self._content.samples if self._content is not None else None
        if samples is not None and samples.has_values:
            return samples
        return next(iter(self.extras.samples.values()), None)

    def set_lines(self, lines: int) -> None:
        """How long the recording is: the time in view stays inside, as in the picture."""
        self._lines = lines
        self.view_box.setLimits(xMin=0, xMax=lines, minXRange=min(LEAST_LINES, lines))

    @Slot()
    def fit(self) -> None:
        """All values, all of the time; what is linked follows."""
        self.view_box.setXRange(0, self._lines, padding=0)
        self.fit_values()

    @Slot()
    def fit_values(self) -> None:
        """Let the value axis follow the trace again."""
        self._fits = True
        samples = self._scaled_samples()
        low, high = samples.robust_range() if samples is not None else (0.0, 1.0)
        if self._threshold is not None:
            low, high = self._threshold.kept_in(low, high)
        # The words of events stand below the trace, not on it.
        share = min(self.events.item.lane / max(self.view_box.height(), 1.0), _MOST_LANE)
        self.view_box.setYRange(low - (high - low) * share / (1 - share), high, padding=0)

    @Slot()
    def _keep_lane(self) -> None:
        if self._fits:
            self.fit_values()

    @Slot(object)
    def set_cursor(self, line: float | None) -> None:
        """Mark a moment and the value that belongs to it."""
        self._cursor_line = line
        point = None
        samples = self._content.samples if self._content is not None else None
        if line is not None and samples is not None:
            index = samples.nearest(line)
            if index is not None and math.isfinite(samples.y[index]):
                point = float(samples.x[index]), float(samples.y[index])
        self._cursor.show_at(line, point)

    def recolor(self) -> None:
        """Colours of the quantity that is shown."""
        super().recolor()
        if self._content is None:
            return  # the base class asks before this one is complete
        theme, token = self._theme, self._content.shown.token
        self._trace.recolor(theme, token)
        self.lone_point.recolor(theme, token)
        self.extras.recolor(theme)
        if self._threshold is not None:
            self._threshold.recolor(theme)
        self._grid.set_color(theme.color("grid"))
        self.events.item.recolor(theme)
        self.markers.item.set_look(theme.font("small"), theme.color("text2"), theme.color("canvas"))
        self._cursor.set_colors(theme.color("text2"), theme.color(token))

    # --- mouse and keys ----------------------------------------------------------------------

    def _at(self, event: QMouseEvent) -> QPointF:
        return QPointF(self.mapToScene(event.position().toPoint()))

    def _place_at(self, position: QPointF) -> tuple[float, float]:
        """Line and value under a point of the scene."""
        place = self.view_box.mapSceneToView(position)
        return place.x(), place.y()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """An event is taken, or the time is."""
        at, button, tool = self._at(event), event.button(), self.events.tool
        if self.markers.press(at, button, flags_only=tool) or self.events.press(at, button):
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken."""
        position = self._at(event)
        if self.markers.move(position) or self.events.move(position):
            self._report_hover(position)
            event.accept()
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            marker = self.markers.shape_at(position, flags_only=self.events.tool)
            self.viewport().setCursor(marker or self.events.shape_at(position))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self.markers.release(self._at(event)) or self.events.release(self._at(event)):
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del is for events, Esc ends a drag or the tool; other keys go to the window."""
        key = Qt.Key(event.key())
        if key in _DELETE:
            self.deleteRequested.emit()
        elif key == Qt.Key.Key_Escape:
            if not (self.markers.cancel() or self.events.cancel()):
                self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Values with Shift or over their axis, else time."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        over_axis = event.position().x() < self.value_axis.width()
        if not (shift or over_axis):
            super().wheelEvent(event)
            return
        # Some systems turn the wheel by a quarter while Shift is held.
        delta = event.angleDelta().y() or event.angleDelta().x()
        at = self.view_box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        factor = _ZOOM_PER_NOTCH ** (-delta / 120)
        low, high = self.view_box.viewRange()[1]
        middle = min(max(at.y(), low), high)
        self._fits = False
        self.view_box.setYRange(
            middle + (low - middle) * factor, middle + (high - middle) * factor, padding=0
        )
        event.accept()

    @Slot(object)
    def _report_hover(self, position: QPointF) -> None:
        if self.view_box.sceneBoundingRect().contains(position):
            self.hovered.emit(float(self.view_box.mapSceneToView(position).x()))

    def leaveEvent(self, event: QEvent) -> None:
        """The cursor stays, the hover ends."""
        super().leaveEvent(event)
        self.hovered.emit(None)
