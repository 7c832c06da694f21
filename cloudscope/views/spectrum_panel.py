"""The spectrum behind the heart rate: peak, range and what noise alone would reach."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from acqcore.analysis.heart_rate import Periodogram
from cloudscope.theme import Theme
from cloudscope.views.axes import ScaledAxis
from cloudscope.views.labels import ElidedLabel, label
from cloudscope.views.quantities import number

_PLOT, _SENTENCE = 0, 1
_AXIS_WIDTH, _AXIS_HEIGHT = 54, 36


class SpectrumPanel(QWidget):
    """Power over noise at each rate; the peak, the range and the threshold are marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shown: Periodogram | None = None
        self.caption = ElidedLabel("", "plotcap")
        self.plot = self._made_plot(theme)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.plot)
        self._words_shown = label("", "field")
        self._words_shown.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words_shown.setWordWrap(True)
        self._pages.addWidget(self._words_shown)
        self.sentence = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(self.caption)
        column.addWidget(self._pages, 1)
        theme.changed.connect(self.recolor)
        self.say("No heart rate yet: run it in the Analysis panel")

    def _made_plot(self, theme: Theme) -> pg.PlotWidget:
        self.rate_axis, self.power_axis = ScaledAxis("bottom"), ScaledAxis("left")
        axes = {"bottom": self.rate_axis, "left": self.power_axis}
        plot = pg.PlotWidget(axisItems=axes, background=theme.color("canvas"), enableMenu=False)
        plot.setAccessibleName("Spectrum of the velocity")
        plot.setToolTip("Turn the wheel to zoom, drag to move, double click for all of it")
        item = plot.getPlotItem()
        item.hideButtons()
        item.setMouseEnabled(x=True, y=False)
        self.band = pg.LinearRegionItem(movable=False)
        self.band.setZValue(-20)
        self.curve = pg.PlotCurveItem()
        self.threshold = pg.InfiniteLine(angle=0)
        self.peak = pg.InfiniteLine(angle=90)
        self.dot = pg.ScatterPlotItem(size=8)
        for part in (self.band, self.curve, self.threshold, self.peak, self.dot):
            item.addItem(part, ignoreBounds=part is not self.curve)
        self.rate_axis.set_title("Rate (bpm)")
        self.power_axis.set_title("Power over noise")
        return plot

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Words instead of a plot."""
        self.shown, self.sentence = None, sentence
        self._words_shown.setText(sentence)
        self._pages.setCurrentIndex(_SENTENCE)
        self.caption.setText("")

    def show_spectrum(
        self, found: Periodogram, roi: str, peak_bpm: float | None, trusted: bool
    ) -> None:
        """Draw it with the rate that the run has found, if any; without a spectrum say so."""
        if found.bpm.size == 0:
            self.say("There are too few velocities for a spectrum")
            return
        self.shown = found
        low, high = found.low_bpm, found.high_bpm
        self.curve.setData(found.bpm, found.ratio, connect="finite")
        self.band.setRegion((low, high))
        self.threshold.setVisible(bool(np.isfinite(found.threshold)))
        self.threshold.setValue(found.threshold if np.isfinite(found.threshold) else 0.0)
        self.peak.setVisible(peak_bpm is not None)
        self.dot.setVisible(peak_bpm is not None)
        if peak_bpm is not None:
            self.peak.setValue(peak_bpm)
            height = float(np.interp(peak_bpm, found.bpm, found.ratio))
            self.dot.setData([peak_bpm], [height])
        self.caption.setText(self._words(peak_bpm, roi, trusted))
        self._pages.setCurrentIndex(_PLOT)
        self._fit(found)
        self.recolor()

    def _words(self, peak_bpm: float | None, roi: str, trusted: bool) -> str:
        where = f"Spectrum of the velocity, ROI {roi}"
        peak = f"peak at {number(peak_bpm, 0)} bpm" if peak_bpm is not None else "no peak"
        doubt = "" if trusted else " (not trusted)"
        return f"{where}: {peak}{doubt}; shaded: range; dashed: what noise alone rarely exceeds"

    def _fit(self, found: Periodogram) -> None:
        span = found.high_bpm - found.low_bpm
        left = max(float(found.bpm.min()), found.low_bpm - span / 2)
        right = min(float(found.bpm.max()), found.high_bpm + span / 2)
        seen = (found.bpm >= left) & (found.bpm <= right) & np.isfinite(found.ratio)
        top = max(float(found.ratio[seen].max()) if seen.any() else 1.0, 1.0)
        if np.isfinite(found.threshold):
            top = max(top, found.threshold)
        item = self.plot.getPlotItem()
        item.setXRange(left, right, padding=0)
        item.setYRange(0, 1.08 * top, padding=0)

    @Slot()
    def recolor(self) -> None:
        """Take the colours of the theme."""
        theme = self._theme
        self.plot.setBackground(theme.color("canvas"))
        for axis in (self.rate_axis, self.power_axis):
            axis.set_look(theme.color("line"), theme.color("text2"), theme.font("small"))
        self.power_axis.setWidth(theme.px(_AXIS_WIDTH))
        self.rate_axis.setHeight(theme.px(_AXIS_HEIGHT))
        rate, wash = theme.color("rate"), theme.color("accent")
        wash.setAlphaF(0.10)
        self.curve.setPen(pg.mkPen(rate, width=1.5))
        self.dot.setBrush(rate)
        self.dot.setPen(pg.mkPen(theme.color("canvas"), width=1))
        self.peak.setPen(pg.mkPen(theme.color("text2"), width=1))
        dash = pg.mkPen(theme.color("text2"), width=1, dash=[5, 4])
        self.threshold.setPen(dash)
        self.band.setBrush(wash)
        for line in self.band.lines:
            line.setPen(pg.mkPen(wash))
