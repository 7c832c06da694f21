"""From pixels to dF/F0: one number per line, smoothed, detrended, divided by its baseline.

Samples that are not known (every pixel of the line is NaN) stay NaN in every trace and
never touch their neighbours through a running sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import saturation_level

Floats = NDArray[np.float64]
Tick = Callable[[], None]
"""Called every few milliseconds; may raise `Cancelled`."""

_PIXELS_AT_ONCE = 500_000
_PERCENTILE_SAMPLE = 2_000_000
_MAX_EVALUATIONS = 10_000
_SATURATED_PART = 0.01
_STEPS_PER_WINDOW = 8


@dataclass(slots=True)
class Notes:
    """Sentences for the person who reads the result."""

    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """`ok`, `ok_with_warnings` or `ok_with_errors`."""
        if self.errors:
            return "ok_with_errors"
        return "ok_with_warnings" if self.warnings else "ok"


@dataclass(frozen=True, slots=True)
class LineSums:
    """Sum of each line over its known pixels, scaled to the full width.

    Attributes:
        saturated: Lines of which more than 1 % of the pixels are at full scale.
    """

    total: Floats
    saturated: NDArray[np.bool_]


def line_sums(pixels: NDArray[Any], dark: float, tick: Tick) -> LineSums:
    """Sum over the columns; a line without a known pixel gives NaN."""
    count, width = pixels.shape
    total = np.full(count, np.nan)
    saturated = np.zeros(count, bool)
    level = saturation_level(pixels)
    lines = max(1, _PIXELS_AT_ONCE // width)
    for first in range(0, count, lines):
        tick()
        part = pixels[first : first + lines]
        known = np.isfinite(part)
        found = known.sum(axis=1)
        sums = np.sum(part, axis=1, dtype=np.float64, where=known) - dark * found
        # A missing pixel must not make its line look dim.
        some = found > 0
        total[first : first + lines][some] = sums[some] * (width / found[some])
        if np.isfinite(level):
            saturated[first : first + lines] = (part >= level).mean(axis=1) > _SATURATED_PART
    return LineSums(total, saturated)


def dark_percentile(pixels: NDArray[Any], percent: float) -> float:
    """That percentile of the pixels, of a regular sample where there are many."""
    stride = max(1, pixels.size // _PERCENTILE_SAMPLE)
    sample = pixels.ravel()[::stride]
    sample = sample[np.isfinite(sample)]
    return float(np.percentile(sample, percent)) if sample.size else 0.0


def rolling_mean(values: Floats, radius: int) -> Floats:
    """Mean of the known samples within `radius`, fewer at both ends."""
    if radius == 0:
        return values.copy()
    known = np.isfinite(values)
    # Sums relative to the first known sample keep small differences of large numbers.
    shift = values[known][0] if known.any() else 0.0
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values - shift, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    place = np.arange(len(values))
    low, high = np.maximum(place - radius, 0), np.minimum(place + radius + 1, len(values))
    number = counts[high] - counts[low]
    mean = shift + (sums[high] - sums[low]) / np.maximum(number, 1)
    return np.where(known, mean, np.nan)


def median_filtered(values: Floats, kernel: int, tick: Tick) -> Floats:
    """Running median of an odd number of samples; the ends are repeated outwards."""
    if kernel <= 1 or len(values) == 0:
        return values.copy()
    padded = np.pad(bridged(values), kernel // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel)
    filtered = np.empty(len(values))
    lines = max(1, _PIXELS_AT_ONCE // kernel)
    for first in range(0, len(values), lines):
        tick()
        filtered[first : first + lines] = np.median(windows[first : first + lines], axis=1)
    return np.where(np.isfinite(values), filtered, np.nan)


def bridged(values: Floats) -> Floats:
    """Unknown samples replaced by a straight line between their neighbours (0 if none)."""
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        return np.zeros(len(values))
    place = np.arange(len(values))
    return np.interp(place, place[known], values[known])


def without_bleaching(values: Floats, seconds: Floats, notes: Notes, tick: Tick) -> Floats:
    """Subtract a fitted exponential decay, keeping the level of the first sample."""
    known = np.isfinite(values)
    y, t = values[known], seconds[known]
    if len(y) < 4:
        notes.warnings.append("Too few samples to remove bleaching; the trace is as it was.")
        return values.copy()
    if np.allclose(y, y[0]):
        notes.warnings.append("The trace is constant, so no bleaching was removed.")
        return values.copy()
    fitted = _fitted_decay(t, y, tick)
    if fitted is None:
        notes.errors.append("The bleaching could not be fitted; the trace is as it was.")
        return values.copy()
    scale, rate, offset = fitted
    decay = scale * np.exp(-rate * seconds) + offset
    return np.asarray(values - decay + decay[0])


def _fitted_decay(t: Floats, y: Floats, tick: Tick) -> Floats | None:
    """Scale, rate and offset of a·exp(-b·t) + c by Levenberg-Marquardt, or None."""
    from scipy.optimize import leastsq  # heavy: only where a trace is fitted

    def residual(of: Floats) -> Floats:
        tick()
        return np.asarray(of[0] * np.exp(-of[1] * t) + of[2] - y)

    start = (y[0] - y[-1], 1.0 / max(t[-1] - t[0], np.finfo(float).eps), y[-1])
    with np.errstate(all="ignore"):
        found, *_, code = leastsq(residual, start, full_output=True, maxfev=_MAX_EVALUATIONS)
        decay = found[0] * np.exp(-found[1] * t) + found[2]
    return found if code in (1, 2, 3, 4) and np.isfinite(decay).all() else None


def sliding_percentile(values: Floats, percent: float, window: int, tick: Tick) -> Floats:
    """Percentile of the known samples in a window around each sample.

    Worked out eight times per window and joined by straight lines. The window keeps its
    length at the ends, where it stops sliding: a baseline from half a window would follow
    an event at the end.
    """
    count = len(values)
    window = min(max(window, 1), count)
    step = max(1, window // _STEPS_PER_WINDOW)
    centres = np.unique(np.append(np.arange(0, count, step), count - 1))
    firsts = np.clip(centres - window // 2, 0, count - window)
    level = np.full(len(centres), np.nan)
    for index, first in enumerate(firsts):
        tick()
        part = values[first : first + window]
        part = part[np.isfinite(part)]
        if part.size:
            level[index] = np.percentile(part, percent)
    if not np.isfinite(level).any():
        return np.full(count, np.nan)
    return np.asarray(np.interp(np.arange(count), centres, bridged(level)))


def relative(values: Floats, baseline: Floats, smallest: float, notes: Notes) -> Floats:
    """(x - F0) / F0; NaN where F0 is too near to zero to divide by."""
    known = np.isfinite(baseline)
    if not np.isfinite(values).any():
        notes.errors.append("No pixel of the ROI holds a number.")
        return np.full(len(values), np.nan)
    tiny = known & (np.abs(baseline) < smallest)
    if tiny.any():
        notes.errors.append("F0 is zero, so dF/F0 has no value there.")
    if (known & ~tiny & (baseline < 0)).any():
        notes.warnings.append("F0 is negative, which turns dF/F0 upside down.")
    usable = np.where(known & ~tiny, baseline, np.nan)
    return np.asarray((values - usable) / usable)


def slope(values: Floats, seconds: Floats) -> Floats:
    """Central differences over time; NaN for fewer than two samples."""
    if len(values) < 2:
        return np.full(len(values), np.nan)
    return np.asarray(np.gradient(values, seconds))
