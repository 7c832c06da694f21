"""Where a line with two ends is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF

from cloudscope.views.roi_geometry import Edge


def distance_to(line: QLineF, point: QPointF) -> float:
    """From a point to the nearest point of the line."""
    along = line.p2() - line.p1()
    length = QPointF.dotProduct(along, along)
    part = QPointF.dotProduct(point - line.p1(), along) / length if length else 0.0
    return QLineF(point, line.pointAt(min(max(part, 0.0), 1.0))).length()


def end_near(line: QLineF, point: QPointF, reach: float) -> Edge | None:
    """The end within `reach` of a point, the nearer one of two."""
    away = {Edge.OTHER: line.p2() - point, Edge.FIRST: line.p1() - point}
    size = {end: max(abs(one.x()), abs(one.y())) for end, one in away.items()}
    nearest = min(size, key=lambda end: size[end])
    return nearest if size[nearest] <= reach else None


def part_inside(line: QLineF, area: QRectF) -> QLineF | None:
    """What of the line lies in a rectangle; None when nothing does.

    Far ends off the screen would only slow a painter down.
    """
    enter, leave = 0.0, 1.0
    for start, by, low, high in (
        (line.x1(), line.dx(), area.left(), area.right()),
        (line.y1(), line.dy(), area.top(), area.bottom()),
    ):
        if not by:
            if not low <= start <= high:
                return None
            continue
        one, other = sorted(((low - start) / by, (high - start) / by))
        enter, leave = max(enter, one), min(leave, other)
    return QLineF(line.pointAt(enter), line.pointAt(leave)) if enter <= leave else None
