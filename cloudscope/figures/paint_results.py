"""Results on a picture: streak angles, events and sparks as thin lines with a dark edge.

Nothing is filled but a strip at the top of an event: what is under them stays to be seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cloudscope.figures.content import SPARK, Mark, StreakAngles
from cloudscope.figures.glyphs import paint_glyph
from cloudscope.figures.paper import HALO, MM, PT
from cloudscope.figures.place import Place
from cloudscope.figures.traces import within

_HALO = QColor(*HALO)
_STREAK, _SPARK, _DARK = QColor("#FF9B5C"), QColor("#B7A1F2"), QColor("#101418")
_EVENTS = {
    "user": QColor("#F2F4F6"),
    "rise": QColor("#6DB7EC"),
    "fall": QColor("#F07FB0"),
    "transient": QColor("#D9C64A"),
}
_APART, _LONG = 2.6 * MM, 5.0 * MM
_STRIP, _ROOM = 1.9 * MM, 6 * PT


def streak_lines(place: Place, streaks: StreakAngles) -> list[QLineF]:
    """Short lines in the middle of the ROI, as far apart as paper can show them."""
    if streaks.lines.size == 0:
        return []
    across, up = place.scale
    first, last = place.lines
    spacing = np.median(np.diff(streaks.lines)) if streaks.lines.size > 1 else 1.0
    stride = max(math.ceil(_APART / max(float(spacing) * across, 1e-9)), 1)
    low, high = max(streaks.box[2], 0.0), min(streaks.box[3], float(place.pixels))
    middle, half = (low + high) / 2, min(_LONG, 0.9 * (high - low) * up) / 2
    drawn = []
    shown = zip(streaks.lines[::stride], streaks.slopes[::stride], strict=True)
    for line, slope in shown:
        steep = math.atan2(float(slope) * up, across)
        dx, dy = half * math.cos(steep) / across, half * math.sin(steep) / up
        x, y = np.array([line - dx, line + dx]), np.array([middle - dy, middle + dy])
        for part in within(x, y, (float(first), float(last)), (0.0, float(place.pixels))):
            ends = place.polygon(*part)
            drawn += [QLineF(ends.at(0), ends.at(ends.size() - 1))] if ends.size() > 1 else []
    return drawn


def paint_streaks(painter: QPainter, place: Place, streaks: StreakAngles) -> None:
    """The measured slope, as it looks on the page."""
    lines = streak_lines(place, streaks)
    for color, width in ((_HALO, 1.9 * PT), (_STREAK, 1.0 * PT)):
        pen = QPen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(lines)


def paint_marks(painter: QPainter, place: Place, marks: Sequence[Mark]) -> None:
    """Events with a strip and their glyph; sparks as frames."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in marks:
        box = _on_page(place, mark)
        if box is None:
            continue
        if mark.kind == SPARK:
            for color, width in ((_HALO, 1.2 * PT), (_SPARK, 0.6 * PT)):
                painter.setPen(QPen(color, width))
                painter.drawRect(box)
        else:
            _paint_event(painter, place, mark, box)


def _on_page(place: Place, mark: Mark) -> QRectF | None:
    """The part of its box that is in the picture, or None."""
    line0, line1, low, high = mark.box
    first, last = place.lines
    start, stop = max(line0, first), min(line1, last)
    bottom, top = max(low, 0.0), min(high, float(place.pixels))
    if start >= stop or bottom >= top:
        return None
    return QRectF(QPointF(place.x(start), place.y(top)), QPointF(place.x(stop), place.y(bottom)))


def _paint_event(painter: QPainter, place: Place, mark: Mark, box: QRectF) -> None:
    """Its ends, as far as they are in the picture, and a strip between them."""
    color = _EVENTS.get(mark.kind, _EVENTS["user"])
    first, last = place.lines
    ends = ((mark.box[0], box.left()), (mark.box[1], box.right()))
    sides = [QLineF(x, box.top(), x, box.bottom()) for at, x in ends if first <= at <= last]
    for ink, width in ((_HALO, 1.2 * PT), (color, 0.5 * PT)):
        pen = QPen(ink, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(sides)
    strip = QRectF(box.left(), box.top(), box.width(), min(_STRIP, box.height()))
    painter.fillRect(strip, color)
    if strip.width() >= _ROOM:
        paint_glyph(painter, strip.center(), mark.kind, _DARK)
