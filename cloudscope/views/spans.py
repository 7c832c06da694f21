"""Moving and scaling what is visible on one axis, never beyond its ends."""

from __future__ import annotations

Span = tuple[float, float]


def moved(span: Span, by: float, size: float) -> Span:
    """Same length elsewhere inside 0..size."""
    length = min(span[1] - span[0], size)
    start = min(max(span[0] + by, 0.0), size - length)
    return start, start + length


def scaled(span: Span, factor: float, about: float, size: float, least: float) -> Span:
    """`factor` times as long, with `about` at the same place of the screen where that fits.

    The length stays between `least` and the whole.
    """
    length = span[1] - span[0]
    wanted = min(max(length * factor, min(least, size)), size)
    fraction = (about - span[0]) / length if length > 0 else 0.5
    start = about - fraction * wanted
    return moved((start, start + wanted), 0.0, size)


def inside(span: Span, size: float, least: float) -> Span:
    """A span with its ends in order and inside 0..size, at least `least` long."""
    low, high = sorted(span)
    length = min(max(high - low, min(least, size)), size)
    middle = (low + high) / 2
    return moved((middle - length / 2, middle + length / 2), 0.0, size)
