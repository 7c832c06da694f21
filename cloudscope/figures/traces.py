"""Curves on paper: limits of the value axis, and what is left of a curve within them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cloudscope.figures.content import Floats, TraceLine, TracePlot

_PAD = 0.06


def value_limits(plot: TracePlot) -> tuple[float, float]:
    """Every point of every curve and nearly all of their intervals; (0, 1) without any.

    Zero is included when it is near: bars of a rate should not start half-way.
    """
    ends = [end for line in plot.lines for end in _ends(line)]
    if not ends:
        return 0.0, 1.0
    low, high = min(ends), max(ends)
    pad = _PAD * ((high - low) or abs(high) or 1.0)
    near = (high - low) / 2 + pad
    if 0 <= low < near:
        return 0.0, high + pad
    if -near < high <= 0:
        return low - pad, 0.0
    return low - pad, high + pad


def _ends(line: TraceLine) -> Iterator[float]:
    there = line.y[np.isfinite(line.y)]
    if there.size:
        yield from (float(there.min()), float(there.max()))
    low, high = line.low[np.isfinite(line.low)], line.high[np.isfinite(line.high)]
    if low.size and high.size:  # one wild error would flatten the rest
        yield from (float(np.percentile(low, 2)), float(np.percentile(high, 98)))


def within(
    x: Floats, y: Floats, span: tuple[float, float], limits: tuple[float, float]
) -> list[tuple[Floats, Floats]]:
    """Stretches of a curve inside a rectangle, each with the points where it crosses it.

    No painter clips: vector programs would show what lies outside.
    """
    low, high = limits
    x, y = _cut(x, y, *span)
    # Leaving at one side and coming back at the other, a segment is cut twice.
    y, x = _cut(y, x, low, high)
    breaks = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    pieces = []
    start = 0
    for stop in (*breaks.tolist(), x.size):
        if stop > start:
            pieces.append((x[start:stop], y[start:stop]))
        start = stop + 1
    return pieces


def _cut(u: Floats, v: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The parts with low <= u <= high, NaN between them; v goes along."""
    for edge, sign in ((low, 1.0), (high, -1.0)):
        if u.size == 0:
            break
        outside = sign * (u - edge) < 0  # NaN counts as inside: it breaks the line anyway
        if not outside.any():
            continue
        crossing = np.flatnonzero(outside[1:] != outside[:-1])
        crossing = crossing[np.isfinite(u[crossing]) & np.isfinite(u[crossing + 1])]
        share = (edge - u[crossing]) / (u[crossing + 1] - u[crossing])
        at = v[crossing] + share * (v[crossing + 1] - v[crossing])
        kept_u, kept_v = np.where(outside, np.nan, u), np.where(outside, np.nan, v)
        u = np.insert(kept_u, crossing + 1, edge)
        v = np.insert(kept_v, crossing + 1, at)
    return u, v


def band_within(
    line: TraceLine, span: tuple[float, float], limits: tuple[float, float]
) -> list[tuple[Floats, Floats, Floats]]:
    """Stretches (x, lower, upper) of the interval, flat where it leaves the rectangle."""
    if line.band_x.size == 0:
        return []
    bottom, top = np.clip(line.low, *limits), np.clip(line.high, *limits)
    x, bottom_cut = _cut(line.band_x, bottom, *span)
    _, top_cut = _cut(line.band_x, top, *span)
    good = np.isfinite(x) & np.isfinite(bottom_cut) & np.isfinite(top_cut)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    return [
        (x[start:stop], bottom_cut[start:stop], top_cut[start:stop])
        for start, stop in edges.reshape(-1, 2).tolist()
    ]
