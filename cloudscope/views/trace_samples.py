"""A trace as arrays ready to be drawn, and its reduction to the columns of the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis.base import Curve
from acqcore.model.record import AnalysisRecord

Floats = NDArray[np.float64]

INTERVAL_95 = 1.96
"""Half width of a 95 % interval in standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceSamples:
    """One point per window, in time order.

    Attributes:
        x: Lines of the whole recording, ascending.
        y: Shown units; NaN where there is no value and where it was rejected.
        error: One standard error in shown units; NaN where there is none.
        rejected: Shown value of the rejected points, NaN elsewhere.
    """

    x: Floats
    y: Floats
    error: Floats
    rejected: Floats

    @property
    def has_band(self) -> bool:
        """Whether any point has a standard error."""
        return bool(np.isfinite(self.error).any())

    @property
    def has_rejected(self) -> bool:
        """Whether any rejected point has a value."""
        return bool(np.isfinite(self.rejected).any())

    @property
    def has_values(self) -> bool:
        """Whether any point, accepted or not, has a value."""
        return bool(np.isfinite(self.y).any()) or self.has_rejected

    @property
    def only(self) -> int | None:
        """The point that alone has a value, accepted or not; None for none or several."""
        there = np.flatnonzero(np.isfinite(self.y) | np.isfinite(self.rejected))
        return int(there[0]) if there.size == 1 else None

    def nearest(self, line: float) -> int | None:
        """The point whose window is around `line`, None beyond the ends of the trace."""
        if self.x.size == 0:
            return None
        after = int(np.searchsorted(self.x, line))
        near = [i for i in (after - 1, after) if 0 <= i < self.x.size]
        best = min(near, key=lambda i: abs(self.x[i] - line))
        neighbour = max(best, 1)
        spacing = self.x[neighbour] - self.x[neighbour - 1] if self.x.size > 1 else 1.0
        return best if abs(self.x[best] - line) <= spacing else None

    def robust_range(self) -> tuple[float, float]:
        """Limits for the axis that a few outliers cannot stretch; (0, 1) without values.

        The true extent, unless it is more than twice what the middle 98 % of the values
        span; zero is included when it is near.
        """
        there = np.isfinite(self.y)
        y, error = self.y[there], self.error[there]
        if y.size == 0:  # what was rejected is all that there is to see
            y = self.rejected[np.isfinite(self.rejected)]
            error = np.full(y.size, math.nan)
        if y.size == 0:
            return 0.0, 1.0
        inner_low, low, high, inner_high = _edges(y, error)
        span = (inner_high - inner_low) or abs(inner_high) or 1.0
        low, high = max(low, inner_low - span / 2), min(high, inner_high + span / 2)
        pad = 0.08 * ((high - low) or span)
        near = (high - low) / 2 + pad
        if 0 < low < near:
            return 0.0, high + pad
        if -near < high < 0:
            return low - pad, 0.0
        return low - pad, high + pad


def _edges(y: Floats, error: Floats) -> tuple[float, float, float, float]:
    """Percentile 1, smallest, largest and percentile 99 of the band, or of the line."""
    half = np.where(np.isfinite(error), INTERVAL_95 * error, 0.0)
    low, high = y - half, y + half
    return (
        float(np.percentile(low, 1)),
        float(low.min()),
        float(high.max()),
        float(np.percentile(high, 99)),
    )


def samples_of(record: AnalysisRecord, curve: Curve, factor: float) -> TraceSamples:
    """The curve of a finished run at the place where it ran.

    SidecarError when its table cannot be read.
    """
    table, ran = record.table, record.provenance
    if table is None or ran is None or not {curve.x, curve.y} <= set(table.names):
        nothing = np.empty(0)
        return TraceSamples(nothing, nothing, nothing, nothing)
    line_start = ran.geometry[0] if ran.geometry else 0
    x = line_start + _floats(table[curve.x]) / ran.steps[0]
    y = factor * _floats(table[curve.y])
    absent = np.full(y.shape, math.nan)
    error = factor * _floats(table[curve.error]) if curve.error in table.names else absent
    flagged = _flagged(table[curve.flag]) if curve.flag in table.names else np.zeros(y.shape, bool)
    good = np.isfinite(y) & ~flagged
    return TraceSamples(
        x,
        np.where(good, y, math.nan),
        np.where(good & np.isfinite(error), error, math.nan),
        np.where(flagged & np.isfinite(y), y, math.nan),
    )


def _floats(values: NDArray[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _flagged(flags: NDArray[Any]) -> NDArray[np.bool_]:
    flagged: NDArray[np.bool_] = np.asarray(flags).astype(str) != ""
    return flagged


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSamples:
    """What is drawn of a trace: all arrays have one entry per vertex, NaN breaks.

    Attributes:
        line_x, line_y: Vertices of the line; two per bin (its extremes) when reduced.
        band_x, low, high: Vertices of the band.
        ring_x, ring_y: Rejected points, at most one per bin.
        reduced: Whether several points share a bin.
    """

    line_x: Floats
    line_y: Floats
    band_x: Floats
    low: Floats
    high: Floats
    ring_x: Floats
    ring_y: Floats
    reduced: bool


def drawn(samples: TraceSamples, left: float, right: float, columns: int) -> DrawnSamples:
    """The part between two lines, in bins that are one or two columns of the screen wide.

    The extremes of every bin survive, so a peak one point wide is always seen. Bins sit at
    multiples of a power of two of the index, so they do not flicker while panning.
    """
    first = max(int(np.searchsorted(samples.x, left)) - 1, 0)
    last = min(int(np.searchsorted(samples.x, right, "right")) + 1, samples.x.size)
    per_bin = 1 << max(math.ceil(math.log2(max(last - first, 1) / max(columns, 1))), 0)
    first -= first % per_bin
    part = slice(first, last)
    half = INTERVAL_95 * samples.error[part]
    x, y, ring = samples.x[part], samples.y[part], samples.rejected[part]
    if per_bin == 1:
        rings = np.isfinite(ring)
        return DrawnSamples(x, y, x, y - half, y + half, x[rings], ring[rings], reduced=False)
    return _reduced(x, y, half, ring, per_bin)


def _reduced(x: Floats, y: Floats, half: Floats, ring: Floats, per_bin: int) -> DrawnSamples:
    starts = np.arange(0, x.size, per_bin)
    middle = x[np.minimum(starts + per_bin // 2, x.size - 1)]
    ring_y = np.fmin.reduceat(ring, starts)
    rings = np.isfinite(ring_y)
    return DrawnSamples(
        np.stack((x[starts], middle), axis=1).ravel(),
        np.stack((np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)), axis=1).ravel(),
        middle,
        np.fmin.reduceat(y - half, starts),
        np.fmax.reduceat(y + half, starts),
        middle[rings],
        ring_y[rings],
        reduced=True,
    )
