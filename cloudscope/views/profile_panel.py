"""The plot of the intensity along the scan line at the cursor."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.axes import ScaledAxis
from cloudscope.views.labels import ElidedLabel, indent_number, label
from cloudscope.views.profile_panel_content import AUTO, LineProfile
from cloudscope.views.quantities import decimals_for, number

_AXIS_WIDTH, _AXIS_HEIGHT, _MARGIN = 64, 36, 14
_MOST_LINES = 999
_PAD = 0.06
_EMPTY = "Move the mouse over the picture to see its intensity along the line"


class ProfilePanel(QWidget):
    """Stays at the last moment that was pointed at.

    The value axis only grows while one recording is shown: it does not dance.

    Signals:
        countChosen: Lines to average; 0 for as many as the diameter joins.
    """

    countChosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shown: LineProfile | None = None
        self._range = (math.inf, -math.inf)
        self._size = 0
        self.caption = ElidedLabel(_EMPTY, "plotcap")
        self.count = _count_field()
        self.count.valueChanged.connect(self.countChosen)
        self._make_plot()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.caption, 1)
        row.addWidget(label("Lines", "field"))
        row.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        theme.changed.connect(self.recolor)
        self.recolor()

    def _make_plot(self) -> None:
        self.distance_axis, self.value_axis = ScaledAxis("bottom"), ScaledAxis("left")
        axes = {"bottom": self.distance_axis, "left": self.value_axis}
        ground = self._theme.color("canvas")
        self.plot = pg.PlotWidget(axisItems=axes, background=ground, enableMenu=False)
        self.plot.setAccessibleName("Intensity along the scan line")
        self.plot.setToolTip("Turn the wheel to zoom, drag to move")
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.layout.setContentsMargins(0, 4, _MARGIN, 0)
        item.setMouseEnabled(x=True, y=False)
        item.disableAutoRange()
        self.curve = pg.PlotCurveItem()
        self.edges = (pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90))
        self.level = pg.InfiniteLine(angle=0)
        self.pointer = pg.InfiniteLine(angle=90)
        self.region = pg.LinearRegionItem(movable=False)
        self.region.setZValue(-20)
        for part in (self.region, self.curve, *self.edges, self.level, self.pointer):
            item.addItem(part, ignoreBounds=True)
        self.value_axis.set_title("Intensity")

    def clear(self) -> None:
        """Nothing is pointed at."""
        self.shown, self._range, self._size = None, (math.inf, -math.inf), 0
        self.curve.clear()
        for part in (*self.edges, self.level, self.pointer, self.region):
            part.hide()
        self.caption.setText(_EMPTY)

    def show_profile(
        self, profile: LineProfile, calibration: Calibration, pixel: float | None
    ) -> None:
        """Draw it; `pixel` is where the mouse is on the line, if it is on the picture."""
        self.shown = profile
        known = calibration.distance_known
        self.distance_axis.setScale(calibration.step_x if known else 1.0)
        self.distance_axis.set_title("Distance (µm)" if known else "Distance (px)")
        places = np.arange(profile.values.size) + 0.5
        self.curve.setData(places, profile.values, connect="finite")
        self.pointer.setVisible(pixel is not None)
        self.pointer.setValue(pixel or 0.0)
        self._show_edges(profile)
        self._fit(profile)
        self.caption.setText(_words(profile, calibration))

    def _show_edges(self, profile: LineProfile) -> None:
        found = profile.edges
        places = (math.nan, math.nan) if found is None else (found.left, found.right)
        for line, place in zip(self.edges, places, strict=True):
            line.setVisible(math.isfinite(place))
            line.setValue(place if math.isfinite(place) else 0.0)
        level = found.level if found is not None else math.nan
        self.level.setVisible(math.isfinite(level))
        self.level.setValue(level if math.isfinite(level) else 0.0)
        self.region.setVisible(found is not None)
        if found is not None:
            self.region.setRegion(found.box)
        self._color_edges()

    def _fit(self, profile: LineProfile) -> None:
        item = self.plot.getPlotItem()
        if profile.values.size != self._size:
            self._size = profile.values.size
            self._range = (math.inf, -math.inf)
            item.getViewBox().setLimits(xMin=0, xMax=self._size, minXRange=min(4, self._size))
            item.setXRange(0, self._size, padding=0)
        known = profile.values[np.isfinite(profile.values)]
        level = profile.edges.level if profile.edges is not None else math.nan
        seen = np.append(known, level) if math.isfinite(level) else known
        if seen.size == 0:
            return
        low, high = min(self._range[0], seen.min()), max(self._range[1], seen.max())
        if (low, high) != self._range:
            self._range = float(low), float(high)
            pad = _PAD * (high - low) or 1.0
            item.setYRange(low - pad, high + pad, padding=0)

    @Slot()
    def recolor(self) -> None:
        """Take the colours of the theme."""
        theme = self._theme
        self.plot.setBackground(theme.color("canvas"))
        for axis in (self.distance_axis, self.value_axis):
            axis.set_look(theme.color("line"), theme.color("text2"), theme.font("small"))
        self.value_axis.setWidth(theme.px(_AXIS_WIDTH))
        self.distance_axis.setHeight(theme.px(_AXIS_HEIGHT))
        self.curve.setPen(pg.mkPen(theme.color("text"), width=1.5))
        self.pointer.setPen(pg.mkPen(theme.color("text2"), width=1, dash=[1, 3]))
        self._color_edges()

    def _color_edges(self) -> None:
        """Dashed where the result is out of date, or the row was rejected."""
        found, color = self.shown.edges if self.shown else None, self._theme.color("diameter")
        doubtful = found is not None and bool(found.stale or found.flag)
        pen = pg.mkPen(color, width=1.5, dash=[5, 3] if doubtful else None)
        for line in self.edges:
            line.setPen(pen)
        self.level.setPen(pg.mkPen(color, width=1, dash=[1, 2]))
        wash = self._theme.color("diameter")
        wash.setAlphaF(0.06)
        self.region.setBrush(wash)
        for line in self.region.lines:
            line.setPen(pg.mkPen(None))


def _count_field() -> QSpinBox:
    field = QSpinBox()
    field.setRange(AUTO, _MOST_LINES)
    field.setSpecialValueText("Auto")
    field.setAccessibleName("Lines to average")
    field.setToolTip("Choose how many lines are averaged; Auto takes as many as the diameter")
    field.setAlignment(Qt.AlignmentFlag.AlignLeft)
    field.setKeyboardTracking(False)
    indent_number(field)
    return field


def _words(profile: LineProfile, calibration: Calibration) -> str:
    middle = (profile.line0 + profile.line1 - 1) // 2
    count = profile.line1 - profile.line0
    if calibration.time_known:
        time = number(middle * calibration.step_y, decimals_for(calibration.step_y))
        words = [f"Line profile at {time} s"]
    else:
        words = [f"Line profile at line {number(middle, 0)}"]
    words.append(f"mean of {number(count, 0)} lines" if count > 1 else "1 line")
    found = profile.edges
    if found is not None:
        words += ["out of date"] if found.stale else []  # why, the caption of the trace says
        unit = "µm" if calibration.distance_known else "px"
        width = f"{number(found.diameter, 2)} {unit}"
        words.append(f"diameter {width}" if math.isfinite(found.diameter) else "no diameter")
        words += [f"rejected: {found.flag.replace('_', ' ')}"] if found.flag else []
        words += ["dotted: threshold"] if math.isfinite(found.level) else []
    return " · ".join(words)
