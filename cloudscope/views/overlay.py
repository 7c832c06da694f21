"""Marks on a picture: drawn in screen pixels, legible on dark and bright pixels alike.

Their ink is the same in both themes, because the picture under them is.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

HALO = QColor(0, 0, 0, 186)
WHITE = QColor(255, 255, 255)
DARK = QColor(24, 26, 29)


class OverlayItem(pg.GraphicsObject):
    """May paint anywhere in the view, and never decides what the view shows."""

    def boundingRect(self) -> QRectF:
        """All that is in view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view; pyqtgraph forgets its copy of it here."""
        super().viewTransformChanged()
        self.prepareGeometryChange()


def solid(color: QColor, width: float) -> QPen:
    """A pen with square corners."""
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def draw_tag(painter: QPainter, left: float, top: float, text: str, color: QColor) -> None:
    """A filled label; its size is `tag_size`."""
    width, height = tag_size(painter.font(), text)
    box = QRectF(left, top, width, height)
    painter.fillRect(box, color)
    painter.setPen(DARK)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def tag_size(font: QFont, text: str) -> tuple[float, float]:
    """Width and height of a label, at least a square."""
    metrics = QFontMetricsF(font)
    height = float(round(metrics.height() + 4))
    return max(height, float(round(metrics.horizontalAdvance(text) + 12))), height
