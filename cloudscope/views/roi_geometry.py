"""What a drag or a key makes of a region: whole pixels, inside the plane."""

from __future__ import annotations

from enum import Flag, auto

from acqcore.model.roi import ROI, ImageBounds, LineEndpoints, RectROI, RectRoiBounds


class Edge(Flag):
    """Which sides of a rectangle move together, or which end of a line; `BODY` moves the whole."""

    LEFT = auto()
    RIGHT = auto()
    BOTTOM = auto()
    TOP = auto()
    BODY = LEFT | RIGHT | BOTTOM | TOP
    FIRST = auto()
    OTHER = auto()


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


def moved_roi(roi: ROI, edges: Edge, lines: int, pixels: int, plane: ImageBounds) -> ROI:
    """Move part of a region, or the whole, by whole lines (to the right) and pixels (upwards)."""
    if isinstance(roi, RectROI):
        return roi.with_bounds(dragged(roi.bounds, edges, lines, pixels, plane), plane)
    first = edges is not Edge.OTHER
    other = edges is not Edge.FIRST
    row0, row1 = _moved_ends((roi.line0, roi.line1), first, other, lines, plane.height)
    col0, col1 = _moved_ends((roi.pixel0, roi.pixel1), first, other, pixels, plane.width)
    return roi.with_endpoints(LineEndpoints(row0, col0, row1, col1), plane)


def reaching(roi: ROI, edges: Edge, place: tuple[int, int], plane: ImageBounds) -> ROI:
    """A side of a rectangle or an end of a line brought to a line and pixel, which belong to it.

    A side stops one pixel from the opposite one.
    """
    line, pixel = place
    if not isinstance(roi, RectROI):
        ends = (line, pixel, roi.line1, roi.pixel1)
        if edges is Edge.OTHER:
            ends = (roi.line0, roi.pixel0, line, pixel)
        return roi.with_endpoints(LineEndpoints(*ends), plane)
    bounds = roi.bounds
    if edges is Edge.LEFT or edges is Edge.BOTTOM:
        by = line - bounds.dim0_start, pixel - bounds.dim1_start
    else:
        by = line + 1 - bounds.dim0_stop, pixel + 1 - bounds.dim1_stop
    return moved_roi(roi, edges, *by, plane)


def _moved_ends(
    ends: tuple[int, int], first: bool, other: bool, by: int, size: int
) -> tuple[int, int]:
    """Both keep their distance at the border; one alone stops there."""
    taken = [end for end, is_taken in zip(ends, (first, other), strict=True) if is_taken]
    by = min(max(by, -min(taken)), size - 1 - max(taken))
    return ends[0] + by * first, ends[1] + by * other


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


def line_between(
    first: tuple[float, float], second: tuple[float, float], plane: ImageBounds
) -> LineEndpoints:
    """From the pixel under one place to that under another, both inside the plane."""
    (line0, pixel0), (line1, pixel1) = first, second
    ends = LineEndpoints(int(line0 // 1), int(pixel0 // 1), int(line1 // 1), int(pixel1 // 1))
    return ends.clamped_to(plane)


def _touched(one: float, other: float, size: int) -> tuple[int, int]:
    low, high = sorted((one, other))
    start = min(max(int(low // 1), 0), size - 1)
    return start, max(min(int(-(-high // 1)), size), start + 1)
