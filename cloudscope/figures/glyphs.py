"""A shape for each kind of event, so that it also tells in grey."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from cloudscope.figures.paper import PT

_SHAPES = {
    "rise": ((-1, 0.8), (1, 0.8), (0, -1)),
    "fall": ((-1, -0.8), (1, -0.8), (0, 1)),
    "transient": ((-1, 0), (0, -1), (1, 0), (0, 1)),
}


def paint_glyph(painter: QPainter, at: QPointF, kind: str, color: QColor) -> None:
    """Triangle up, triangle down, diamond or disc around a point."""
    size = 2 * PT
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if kind in _SHAPES:
        corners = [at + QPointF(x * size, y * size) for x, y in _SHAPES[kind]]
        painter.drawPolygon(QPolygonF(corners))
    else:
        painter.drawEllipse(at, size * 0.85, size * 0.85)
    painter.setBrush(Qt.BrushStyle.NoBrush)
