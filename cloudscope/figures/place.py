"""From a recording to the page: where a line and a pixel are painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from cloudscope.figures.content import Picture


class Place:
    """From (line, pixel) of the recording to the page."""

    def __init__(self, plot: QRectF, one: Picture) -> None:
        self.plot, self.lines, self.pixels = plot, one.lines, one.pixels

    @property
    def scale(self) -> tuple[float, float]:
        """Painting units per line and per pixel."""
        first, last = self.lines
        return self.plot.width() / (last - first), self.plot.height() / self.pixels

    def x(self, line: float) -> float:
        """Across the page."""
        first, last = self.lines
        return self.plot.left() + (line - first) / (last - first) * self.plot.width()

    def y(self, pixel: float) -> float:
        """Down the page: pixel 0 is at the bottom."""
        return self.plot.bottom() - pixel / self.pixels * self.plot.height()

    def polygon(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
        """Many places at once."""
        return QPolygonF([QPointF(self.x(a), self.y(b)) for a, b in zip(x, y, strict=True)])
