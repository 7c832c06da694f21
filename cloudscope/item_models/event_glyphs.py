"""The shapes of the types of events, which tell them apart without colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPolygonF

_CORNERS = {
    "rise": ((0.5, 0.04), (1.0, 0.96), (0.0, 0.96)),
    "fall": ((0.5, 0.96), (0.0, 0.04), (1.0, 0.04)),
    "transient": ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
}


def draw_glyph(painter: QPainter, event_type: str, box: QRectF, color: QColor) -> None:
    """Triangle up, triangle down, diamond or disc, as large as the box."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    corners = _CORNERS.get(event_type)
    if corners is None:
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        return
    places = [QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in corners]
    painter.drawPolygon(QPolygonF(places))


def glyph_icon(event_type: str, color: QColor, size: QSize, glyph: float = 8.0) -> QIcon:
    """The shape in the middle of a picture; the same on a selected row."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    box = QRectF(0, 0, glyph, glyph)
    box.moveCenter(QPointF(size.width() / 2, size.height() / 2))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_glyph(painter, event_type, box, color)
    icon = QIcon(pixmap)
    # Without its own picture a selected row would tint the colour.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
