"""Axes that count in lines and pixels and read in seconds and micrometres."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QGraphicsSceneResizeEvent

from cloudscope.views.quantities import number

TICK_LENGTH = 4
_APART = {"left": 32, "bottom": 90}  # screen pixels between two labelled ticks, about
_BEFORE, _BEHIND = 24, 10  # how far a label may reach past the ends of the time axis
_NICE = (1, 2, 5, 10)


class ScaledAxis(pg.AxisItem):
    """One level of round ticks, a true minus, thin spaces between thousands.

    `setScale` (pyqtgraph's own) takes the seconds per line or micrometres per pixel.
    """

    def __init__(self, side: str) -> None:
        super().__init__(side, maxTickLength=TICK_LENGTH)
        self.enableAutoSIPrefix(False)
        self.setStyle(autoExpandTextSpace=False, maxTickLevel=0, maxTextLevel=0, tickTextOffset=3)

    def set_look(self, line: QColor, text: QColor, font: QFont) -> None:
        """Colours of line and words, and the font of both."""
        self.setTickFont(font)
        self.label.setFont(font)
        pen = pg.mkPen(line)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # ends with the plot
        self.setPen(pen)
        self.setTickPen(pen)
        self.setTextPen(text)

    def set_title(self, text: str) -> None:
        """The words beside the axis, unit included."""
        if text != self.labelText:
            self.setLabel(text)
            self.resizeEvent()  # else it begins where the words of before did

    def resizeEvent(self, event: QGraphicsSceneResizeEvent | None = None) -> None:
        """Keep the title of an upright axis off the edge of the widget."""
        super().resizeEvent(event)
        if self.label is not None and self.orientation == "left":
            self.label.setX(0)

    def boundingRect(self) -> QRectF:
        """Labels that do not fit in here are left out."""
        rect = QRectF(super().boundingRect())
        return rect.adjusted(-_BEFORE, 0, _BEHIND, 0) if self.orientation == "bottom" else rect

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """The roundest steps that keep the labels apart."""
        span = abs(high - low)
        if span == 0 or size <= 0:
            return []
        return [(round_step(span * _APART[self.orientation] / size), 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """All labels with the decimals that the step needs."""
        step = spacing * scale
        decimals = max(0, math.ceil(-math.log10(step) - 1e-9)) if step > 0 else 0
        return [number(value * scale, decimals) for value in values]


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(nice * power for nice in _NICE if nice * power >= least * (1 - 1e-9))
