"""A threshold on a trace, to be dragged."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt

from cloudscope.theme import Theme
from cloudscope.views.quantities import decimals_for, number

_FAR, _ROOM = 3.0, 0.15


class ThresholdLine(pg.InfiniteLine):
    """A dashed line across the plot with its value; pyqtgraph's signals tell of drags."""

    def __init__(self) -> None:
        options = {"position": 0.98, "anchors": [(1, 1), (1, 0)], "movable": False}
        super().__init__(angle=0, movable=True, label="", labelOpts=options)
        self.setZValue(15)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.sigPositionChanged.connect(self._say)
        self._say()

    def recolor(self, theme: Theme) -> None:
        """Take the colours of the theme."""
        color, strong = theme.color("accent"), theme.color("accent_h")
        self.setPen(pg.mkPen(color, width=1.25, dash=[5, 3]))
        self.setHoverPen(pg.mkPen(strong, width=2))
        self.label.setColor(color)
        self.label.textItem.setFont(theme.font("small"))

    def kept_in(self, low: float, high: float) -> tuple[float, float]:
        """Limits of the plot in which the line can be reached, unless it is far away."""
        value, span = float(self.value()), high - low
        if not low - _FAR * span <= value <= high + _FAR * span:
            return low, high
        return min(low, value - _ROOM * span), max(high, value + _ROOM * span)

    def _say(self) -> None:
        value = float(self.value())
        self.label.setFormat(f"Threshold {number(value, decimals_for(value, 3))}")
