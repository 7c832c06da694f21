"""What a drag or an arrow key makes of a rectangle: whole pixels, inside the plane."""

from __future__ import annotations

from enum import Flag, auto

from acqcore.model.roi import ImageBounds, RectRoiBounds


class Edge(Flag):
    """Which sides of a rectangle move together; all of them move the whole."""

    LEFT = auto()
    RIGHT = auto()
    BOTTOM = auto()
    TOP = auto()
    BODY = LEFT | RIGHT | BOTTOM | TOP


HANDLES = (
    Edge.LEFT | Edge.TOP,
    Edge.RIGHT | Edge.TOP,
    Edge.LEFT | Edge.BOTTOM,
    Edge.RIGHT | Edge.BOTTOM,
    Edge.TOP,
    Edge.BOTTOM,
    Edge.LEFT,
    Edge.RIGHT,
)
"""The eight handles, corners first: they win where a rectangle is small."""


def dragged(
    bounds: RectRoiBounds, edges: Edge, lines: int, pixels: int, plane: ImageBounds
) -> RectRoiBounds:
    """Move some edges by whole lines (to the right) and pixels (upwards).

    The whole keeps its size at the border of the plane; a side stops one pixel from the
    opposite one.
    """
    time = bounds.dim0_start, bounds.dim0_stop
    space = bounds.dim1_start, bounds.dim1_stop
    left, right = _moved(time, Edge.LEFT in edges, Edge.RIGHT in edges, lines, plane.height)
    bottom, top = _moved(space, Edge.BOTTOM in edges, Edge.TOP in edges, pixels, plane.width)
    return RectRoiBounds(left, right, bottom, top)


def _moved(span: tuple[int, int], lower: bool, upper: bool, by: int, size: int) -> tuple[int, int]:
    start, stop = span
    if lower and upper:
        by = min(max(by, -start), size - stop)
        return start + by, stop + by
    if lower:
        return min(max(start + by, 0), stop - 1), stop
    if upper:
        return start, max(min(stop + by, size), start + 1)
    return span


def spanned(
    first: tuple[float, float], second: tuple[float, float], plane: ImageBounds
) -> RectRoiBounds:
    """Every pixel touched between two corners, given as (line, pixel); at least one."""
    left, right = _touched(first[0], second[0], plane.height)
    bottom, top = _touched(first[1], second[1], plane.width)
    return RectRoiBounds(left, right, bottom, top)


def _touched(one: float, other: float, size: int) -> tuple[int, int]:
    low, high = sorted((one, other))
    start = min(max(int(low // 1), 0), size - 1)
    return start, max(min(int(-(-high // 1)), size), start + 1)
