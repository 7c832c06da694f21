"""Shapes of pool plots as numbers: boxes, violins, swarms, steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_SWARM = 3000
_GRID = 96
_REACH = 1.5
"""Whiskers end at the last value within this many quartile distances of the box."""


@dataclass(frozen=True, slots=True)
class Box:
    """Quartiles, median, and where the whiskers end."""

    low: float
    q1: float
    median: float
    q3: float
    high: float


def box_of(values: Floats) -> Box:
    """Tukey's box of at least one value."""
    q1, median, q3 = (float(one) for one in np.percentile(values, (25, 50, 75)))
    reach = _REACH * (q3 - q1)
    near = values[(values >= q1 - reach) & (values <= q3 + reach)]
    return Box(float(near.min()), q1, median, q3, float(near.max()))


def violin_of(values: Floats) -> tuple[Floats, Floats]:
    """Places and density, the largest 1; Gaussian kernel of Silverman's width.

    Cut off at the smallest and the largest value: nothing is shown that was not seen.
    """
    low, high = float(values.min()), float(values.max())
    if values.size < 2 or low == high:
        return np.array([low, high]), np.ones(2)
    q1, q3 = np.percentile(values, (25, 75))
    spread = min(float(np.std(values, ddof=1)), float(q3 - q1) / 1.349 or np.inf)
    width = 0.9 * spread * values.size**-0.2
    places = np.linspace(low, high, _GRID)
    counts, edges = np.histogram(values, bins=min(values.size * 8, 2048))
    middles = (edges[1:] + edges[:-1]) / 2
    used = counts > 0
    kernel = np.exp(-0.5 * ((places[:, None] - middles[used]) / width) ** 2)
    density = kernel @ counts[used]
    return places, density / density.max()


def swarm_of(values: Floats, span: float) -> Floats:
    """Sideways offsets in ±1 that keep points beside each other apart.

    Points whose values are close are laid out from the middle outwards; `span` is the
    height of the axis. The same values give the same picture.
    """
    if values.size > _MOST_SWARM:
        return np.random.default_rng(0).uniform(-1, 1, values.size)
    offsets = np.zeros(values.size)
    if span <= 0 or values.size < 2:
        return _fan(values.size) if values.size > 1 else offsets
    near = np.floor((values - values.min()) / (span / 40)).astype(int)
    order = np.lexsort((values, near))
    starts = np.flatnonzero(np.diff(near[order], prepend=-1))
    largest = int(np.diff(starts, append=values.size).max())
    for start, end in zip(starts, [*starts[1:], values.size], strict=True):
        # As dense as the fullest level, so that a level's width tells how many it holds.
        offsets[order[start:end]] = _fan(int(end - start)) * (end - start - 1) / max(largest - 1, 1)
    return offsets * min(1.0, largest / 12)


def _fan(count: int) -> Floats:
    """Places in ±1, the first ones in the middle."""
    if count < 2:
        return np.zeros(count)
    places = np.linspace(-1, 1, count)
    return places[np.argsort(np.abs(places), kind="stable")]


def histogram_of(values: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Outline of the bars: both corners of each, from left to right, on the ground outside."""
    counts, _ = np.histogram(values, edges)
    x = np.repeat(edges, 2)
    y = np.concatenate([[0], np.repeat(counts, 2), [0]]).astype(float)
    return x, y


def edges_of(values: Floats, bins: int) -> Floats:
    """The same bins for all groups, from the smallest to the largest value."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def cumulative_of(values: Floats) -> tuple[Floats, Floats]:
    """Steps of the part of values that are not larger, from 0 to 1."""
    x = np.repeat(np.sort(values), 2)
    y = np.repeat(np.arange(values.size + 1) / values.size, 2)[1:-1]
    return x, y
