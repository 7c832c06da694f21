"""Which pixels a contrast histogram stands for, thinned out so that it never stalls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.contrast import known_values

Pixels = NDArray[Any]
Region = tuple[int, int, int, int]
"""Lines start and stop, pixels start and stop."""

SAMPLE = 150_000
"""Most pixels that are looked at; percentiles are then good to about 0.1 %."""


def sample(pixels: Pixels, region: Region | None = None) -> Pixels:
    """Known values of a region, evenly thinned in lines and then in pixels; one axis.

    Whole lines are left out first: the pixels of a line lie together in memory.
    """
    part = pixels
    if region is not None:
        line_start, line_stop, pixel_start, pixel_stop = (max(place, 0) for place in region)
        part = pixels[line_start:line_stop, pixel_start:pixel_stop]
    if part.size == 0:  # the region is of another recording
        part = pixels
    lines = min(math.ceil(part.size / SAMPLE) or 1, max(part.shape[0] // 256, 1))
    across = math.ceil(part[::lines].size / SAMPLE) or 1
    return known_values(part[::lines, ::across])


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Bins of equal width between `first` and `last`."""

    counts: NDArray[Any]
    first: float
    last: float


def count(values: Pixels, bins: int = 512) -> Counts:
    """Histogram over the full extent; whole numbers get bins of whole width."""
    if values.size == 0:
        return Counts(np.zeros(1, dtype=int), 0.0, 1.0)
    first, last = float(values.min()), float(values.max())
    if values.dtype.kind in "iub":
        width = max(math.ceil((last - first + 1) / bins), 1)
        number = math.ceil((last - first + 1) / width)
        ends = (first, first + number * width)
    else:
        number, ends = bins, (first, last if last > first else first + 1.0)
    # Far from zero, neighbouring numbers are further apart than such bins would be wide.
    least = 4 * number * math.ulp(max(map(abs, ends)))
    ends = (ends[0], max(ends[1], ends[0] + least))
    counts, _ = np.histogram(values, bins=number, range=ends)
    return Counts(counts, *ends)


def shown_range(values: Pixels, limits: tuple[float, float]) -> tuple[float, float]:
    """Where the axis starts and ends: nearly all values, and always the limits.

    A few hot pixels must not squeeze the histogram into a corner.
    """
    low, high = limits
    if values.size:
        first, last = (float(v) for v in np.percentile(values, (0.02, 99.98)))
        pad = 0.06 * (last - first)
        first, last = max(first - pad, float(values.min())), min(last + pad, float(values.max()))
        low, high = min(low, first), max(high, last)
    pad = max(0.02 * (high - low) or 1.0, 1000 * math.ulp(max(abs(low), abs(high))))
    return low - pad, high + pad


def clipped_share(values: Pixels, low: float, high: float) -> float:
    """Share of the values at or beyond the limits."""
    if values.size == 0:
        return 0.0
    return float(np.count_nonzero((values <= low) | (values >= high)) / values.size)
