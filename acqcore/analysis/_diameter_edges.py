"""Both walls of a vessel in many brightness profiles at once, each width with its error.

The lumen is bright in all profiles. Positions are in pixels: 0 is the middle of the first.
A standard error is the noise of the profile where an edge was read, passed on through the
steps of the method, over the steepness of the profile there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._diameter_profiles import LAGS, Mask, Profiles
from acqcore.analysis._diameter_runs import Runs, main_runs
from acqcore.analysis._windows import Floats, Indices

_QUANTIZED = 1 / 6
"""Variance of a difference of two positions that were rounded to whole pixels."""
_REACH_PX = 12
"""Pixels on either side of a first guess within which the edge is looked for."""
_LEVEL_PX = 8.0
"""Pixels on either side of an edge that tell how bright tissue and lumen are there."""
_GAP_PX = 4.0
"""Pixels beside an edge that its own blur takes, at least."""
_ROUNDS = 2
_NARROW = 8.0
"""A vessel of fewer standard deviations of the smoothing would be widened by it."""
_FEWEST_ROWS = 32
_CLEAR_STRENGTH = 4.0


@dataclass(frozen=True, slots=True)
class Edges:
    """One entry per profile.

    Attributes:
        left, right: NaN where there is none.
        error: One standard error of `right - left`; NaN where the noise is not known.
        left_strength, right_strength: Steepness, NaN from methods that do not look at it.
        wrong_order: Whether the right edge would lie left of the left one.
        weak: Whether an edge may be noise.
        double: Whether a second peak makes the width doubtful.
        lit: Pixels in the lumen, about.
    """

    left: Floats
    right: Floats
    error: Floats
    left_strength: Floats
    right_strength: Floats
    wrong_order: Mask
    weak: Mask
    double: Mask
    lit: NDArray[np.intp]


def threshold_edges(profiles: Profiles, threshold: Floats, level: Floats, subpixel: bool) -> Edges:
    """First and last pixel at or above a threshold, per row; between pixels without specks.

    `level` is the variance of the threshold over that of the profile's noise: 0 if given.
    """
    values = profiles.values
    count, width = values.shape
    above = values >= threshold[:, None]  # false where NaN
    runs = main_runs(values - threshold[:, None], above)
    any_above = above.any(axis=1)
    if subpixel:
        first, last = runs.outer_start, np.maximum(runs.outer_stop - 1, 0)
    else:
        first, last = np.argmax(above, axis=1), width - 1 - np.argmax(above[:, ::-1], axis=1)
    has_left, has_right = any_above & (first > 0), any_above & (last < width - 1)
    left, left_slope, left_noise = _crossing(profiles, threshold, first, -1)
    right, right_slope, right_noise = _crossing(profiles, threshold, last, 1)
    variance = left_noise / left_slope**2 + right_noise / right_slope**2
    middle = np.clip((first + last) // 2, 0, width - 1)
    spread = level * profiles.variance[np.arange(count), middle]
    # A threshold that is too high moves both edges inwards.
    variance += spread * (1 / left_slope + 1 / right_slope) ** 2
    if not subpixel:
        left, right = first.astype(np.float64), last.astype(np.float64)
        variance += _QUANTIZED
    return Edges(
        np.where(has_left, left, np.nan),
        np.where(has_right, right, np.nan),
        np.sqrt(variance),
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.zeros(count, bool),
        np.zeros(count, bool),
        runs.has_second,
        above.sum(axis=1),
    )


def _crossing(
    profiles: Profiles, threshold: Floats, inside: Indices, outwards: int
) -> tuple[Floats, Floats, Floats]:
    """Where a profile passes a threshold beside pixel `inside`; slope and noise there."""
    values = profiles.values
    rows, top = np.arange(len(values)), values.shape[1] - 1
    outside = np.clip(inside + outwards, 0, top)
    high, low = values[rows, inside], values[rows, outside]
    part = np.clip((high - threshold) / (high - low), 0, 1)
    part[~np.isfinite(part)] = 0.5
    noise = profiles.variance[rows, inside]
    around = (
        values[rows, np.clip(inside - outwards, 0, top)]
        - values[rows, np.clip(outside + outwards, 0, top)]
    )
    # The step that happens to pass the threshold looks too steep; a sharp wall is steep.
    slope, smooth = high - low, around / 3
    sharp = slope - smooth > 4 * np.sqrt(np.nan_to_num(noise))
    slope = np.where(sharp | ~(smooth > 0), slope, smooth)
    together = profiles.noise.correlation[1]
    passed = (1 - part) ** 2 + part**2 + 2 * part * (1 - part) * together
    return np.asarray(inside + outwards * part, np.float64), slope, noise * passed


def gradient_edges(
    profiles: Profiles, filled: Floats, sigma: float, weakest: float, subpixel: bool
) -> Edges:
    """Steepest rise and steepest fall of the smoothed profile."""
    kernel = gaussian_kernel(sigma)
    slope = np.gradient(smoothed(filled, kernel), axis=1)
    first, last = np.argmax(slope, axis=1), np.argmin(slope, axis=1)
    rows = np.arange(len(slope))
    left_strength = np.maximum(slope[rows, first], 0.0)
    right_strength = np.maximum(-slope[rows, last], 0.0)
    left, left_variance = _peak(profiles, slope, first, kernel)
    right, right_variance = _peak(profiles, -slope, last, kernel)
    variance = left_variance + right_variance
    if not subpixel:
        left, right = first.astype(np.float64), last.astype(np.float64)
        variance += _QUANTIZED
    strength = np.minimum(left_strength, right_strength)
    of_noise = profiles.noise.passing(np.convolve(kernel, [0.5, 0.0, -0.5]))
    noise = np.sqrt(
        of_noise * np.maximum(profiles.variance[rows, first], profiles.variance[rows, last])
    )
    wrong = first >= last
    return Edges(
        np.where(wrong, np.nan, left),
        np.where(wrong, np.nan, right),
        np.sqrt(variance),
        left_strength,
        right_strength,
        wrong,
        (strength < weakest) | (strength < _CLEAR_STRENGTH * noise),
        np.zeros(len(slope), bool),
        np.maximum(last - first, 0),
    )


def _peak(profiles: Profiles, slope: Floats, at: Indices, kernel: Floats) -> tuple[Floats, Floats]:
    """Top of a parabola through the highest slope and its neighbours, and its variance."""
    rows, top = np.arange(len(slope)), slope.shape[1] - 1
    before, peak, after = (slope[rows, np.clip(at + step, 0, top)] for step in (-1, 0, 1))
    curvature = 2 * peak - before - after
    bend = np.convolve(kernel, [-0.5, 1.0, 0.0, -1.0, 0.5])
    shift = np.clip(0.5 * (after - before) / curvature, -0.5, 0.5)
    difference = np.convolve(kernel, [0.5, 0.0, -1.0, 0.0, 0.5])
    noise = profiles.variance[rows, at] * profiles.noise.passing(difference)
    # Of all rises, the highest looks sharper than it is.
    doubt = profiles.variance[rows, at] * profiles.noise.passing(bend)
    sharpness = np.maximum(curvature**2 - doubt, 0.25 * curvature**2)
    variance = 0.25 * noise / sharpness
    inner = (at > 0) & (at < top) & (curvature > 0)
    return np.asarray(at + np.where(inner, shift, 0.0), np.float64), variance


def half_maximum_edges(profiles: Profiles, filled: Floats, sigma: float, subpixel: bool) -> Edges:
    """Where the smoothed profile is half-way between tissue and lumen beside each wall.

    Smoothing as wide as the blur of the walls makes the crossing as exact as a fit of the
    wall's shape; the levels are means over equal stretches on both sides of a wall, so
    that a blur of any width leaves it where it is.
    """
    kernel = gaussian_kernel(sigma)
    smooth = smoothed(filled, kernel)
    runs = _runs_above_half(smooth)
    typical = float(np.median(runs.stop - runs.start))
    if 0 < typical < _NARROW * sigma:
        kernel = gaussian_kernel(typical / _NARROW)
        smooth = smoothed(filled, kernel)
        runs = _runs_above_half(smooth)
    total = np.zeros((len(filled), filled.shape[1] + 1))
    np.cumsum(filled, axis=1, out=total[:, 1:])
    tilt = _tilt(total, runs)
    left, left_variance = _half_way(profiles, smooth, total, runs, kernel, tilt)
    mirrored = runs.mirrored(filled.shape[1])
    turned = Profiles(
        profiles.values[:, ::-1], profiles.rows, profiles.variance[:, ::-1], profiles.noise, None
    )
    back = total[:, -1:] - total[:, ::-1]
    right, right_variance = _half_way(turned, smooth[:, ::-1], back, mirrored, kernel, -tilt)
    right = filled.shape[1] - 1 - right
    variance = left_variance + right_variance
    if not subpixel:
        left, right = np.ceil(left), np.floor(right)
        variance += _QUANTIZED
    nothing = np.full(len(filled), np.nan)
    wrong = left >= right
    no = np.zeros(len(filled), bool)
    return Edges(
        np.where(wrong, np.nan, left), np.where(wrong, np.nan, right), np.sqrt(variance),
        nothing, nothing, wrong, no, runs.has_near_second, runs.stop - runs.start,
    )  # fmt: skip


def _runs_above_half(smooth: Floats) -> Runs:
    excess = smooth - ((smooth.min(axis=1) + smooth.max(axis=1)) / 2)[:, None]
    return main_runs(excess, excess >= 0)


def _half_way(
    profiles: Profiles, smooth: Floats, total: Floats, runs: Runs, kernel: Floats, tilt: float
) -> tuple[Floats, Floats]:
    """The left wall of each main run, and its variance; NaN where no tissue is seen."""
    start, width = runs.start, smooth.shape[1]
    # A neighbour's own blurred wall is no tissue.
    border = np.where(runs.before > 0, runs.before + 2, 0)
    at, gap = start.astype(np.float64), _GAP_PX
    for _ in range(_ROUNDS):
        stretches = _beside(at, runs, border, width, gap)
        tissue, lumen = (_mean(total, *stretch) for stretch in stretches)
        # The lumen's brightness at the wall itself.
        lumen += tilt * (at - (stretches[1][0] + stretches[1][1]) / 2)
        found, slope = _nearest_rise(smooth, (tissue + lumen) / 2, start)
        at = np.where(np.isfinite(found), found + 0.5, at)
        gap = max(_GAP_PX, _blur_gap(lumen - tissue, slope))
    rows, last = np.arange(len(smooth)), width - 1
    together = LAGS * profiles.noise.passing(np.ones(LAGS) / LAGS)
    variance = profiles.variance[rows, np.clip(start, 0, last)] * profiles.noise.passing(kernel)
    for first, stop in stretches:
        middle = np.clip(((first + stop) / 2).astype(np.intp), 0, last)
        variance = variance + 0.25 * together * profiles.variance[rows, middle] / (stop - first)
    seen = start - runs.before >= 2
    return np.where(seen, found, np.nan), variance / slope**2


def _blur_gap(contrast: Floats, slope: Floats) -> float:
    """Two standard deviations of the walls' blur; the typical one of the block."""
    rising = slope > 0
    if not rising.any():
        return 0.0
    return float(2 * np.median(contrast[rising] / slope[rising]) / np.sqrt(2 * np.pi))


def _beside(
    at: Floats, runs: Runs, border: Indices, width: int, gap_px: float
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Equal stretches left and right of a wall, as far as there is room; at least a pixel."""
    reach = np.clip((runs.stop - runs.start) / 2, 2.0, gap_px + _LEVEL_PX)
    gap = np.minimum(0.6 * reach, gap_px)
    stop = np.clip(at - gap, 1.0, width)
    tissue = np.clip(np.maximum(at - reach, border), 0.0, stop - 1)
    first = np.clip(at + gap, 0.0, width - 1.0)
    lumen = np.clip(at + reach, first + 1, width)
    return (tissue, stop), (first, lumen)


def _tilt(total: Floats, runs: Runs) -> float:
    """How much brighter the lumen is per pixel to the right, the mean of the block's rows.

    Both walls' blur and a round lumen drop out; 0 where it is not certain. A mean costs
    single rows no noise.
    """
    first: Floats = (runs.start + _GAP_PX).astype(np.float64)
    stop: Floats = (runs.stop - _GAP_PX).astype(np.float64)
    wide = stop - first >= _GAP_PX
    if np.count_nonzero(wide) < _FEWEST_ROWS:
        return 0.0
    first[~wide], stop[~wide] = 0.0, 2.0
    middle = (first + stop) / 2
    change = (_mean(total, middle, stop) - _mean(total, first, middle)) / (middle - first)
    known = change[wide & np.isfinite(change)]
    if len(known) < _FEWEST_ROWS:
        return 0.0
    tilt = float(known.mean())
    # Rows share lines: fewer than their number are independent.
    return tilt if abs(tilt) > 6 * float(known.std()) / np.sqrt(len(known)) else 0.0


def _mean(total: Floats, first: Floats, stop: Floats) -> Floats:
    """Mean between two places, parts of pixels counted as such."""
    return np.asarray((_up_to(total, stop) - _up_to(total, first)) / (stop - first))


def _up_to(total: Floats, place: Floats) -> Floats:
    low = np.minimum(place.astype(np.intp), total.shape[1] - 2)
    rows = np.arange(len(total))
    return np.asarray(total[rows, low] + (place - low) * (total[rows, low + 1] - total[rows, low]))


def _nearest_rise(smooth: Floats, half: Floats, start: Indices) -> tuple[Floats, Floats]:
    """Rise through `half` that is nearest to pixel `start`, and the slope there."""
    count, width = smooth.shape
    steps = np.arange(-_REACH_PX, _REACH_PX + 1)
    columns = np.clip(start[:, None] + steps, 0, width - 1)
    near = np.take_along_axis(smooth, columns, axis=1) - half[:, None]
    rises = (near[:, :-1] < 0) & (near[:, 1:] >= 0)
    # Half-way between pixel `start` - 1 and `start` the distance is 0.
    distance = np.where(rises, np.abs(steps[1:]) * 2.0, np.inf)
    best = np.argmin(distance, axis=1)
    rows = np.arange(count)
    low, high = near[rows, best], near[rows, best + 1]
    slope = high - low
    at = columns[rows, best] - low / slope
    return np.where(rises[rows, best], at, np.nan), slope


def gaussian_kernel(sigma: float) -> Floats:
    """Weights of a Gaussian, cut off at four standard deviations."""
    if sigma <= 0:
        return np.ones(1)
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())


def smoothed(values: Floats, kernel: Floats) -> Floats:
    """Rows folded with a symmetric kernel; beyond the ends the last pixel goes on."""
    reach, width = len(kernel) // 2, values.shape[1]
    wide = np.pad(values, ((0, 0), (reach, reach)), mode="edge")
    total: Floats = wide[:, reach : reach + width] * kernel[reach]
    for step in range(1, reach + 1):
        pair = wide[:, reach - step :][:, :width] + wide[:, reach + step :][:, :width]
        pair *= kernel[reach + step]
        total += pair
    return total


def without_gaps(values: Floats) -> Floats:
    """NaN pixels replaced by a line between their neighbours; all-NaN rows stay."""
    holes = np.isnan(values).any(axis=1)
    if not holes.any():
        return values
    filled, columns = values.copy(), np.arange(values.shape[1])
    for row in np.flatnonzero(holes):
        known = ~np.isnan(values[row])
        if known.any():
            filled[row] = np.interp(columns, columns[known], values[row, known])
    return filled


__all__ = ["Edges", "gradient_edges", "half_maximum_edges", "threshold_edges", "without_gaps"]
