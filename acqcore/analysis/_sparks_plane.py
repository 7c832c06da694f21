"""The x-t plane as dF/F0 in noise SDs, and where in it something like a spark stands out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_kinetics import Kinetics
from acqcore.analysis._intensity_traces import (
    Floats,
    Tick,
    bridged,
    rolling_mean,
    sliding_percentile,
)

Plane = NDArray[np.float32]

_PIXELS_AT_ONCE = 200_000
_BLOCKS = 30
_GAUSS = 1.4826
_DURATIONS, _WIDTHS = (0.4, 1.0, 2.2), (0.6, 1.0, 1.8)


@dataclass(frozen=True, slots=True)
class Scale:
    """Expected size of a spark, in lines and pixels: time constants and SD in space."""

    kinetics: Kinetics
    sigma: float


@dataclass(frozen=True, slots=True)
class RestingPlane:
    """What is there besides the resting brightness.

    Attributes:
        relative: dF/F0, (line, pixel); 0 where not known.
        noise: SD of one pixel's dF/F0, one per column; infinite for a column without light.
    """

    relative: Plane
    noise: Floats


def resting_plane(pixels: NDArray[Any], drift_lines: int, dark: float, tick: Tick) -> RestingPlane:
    """Divide by the resting brightness of each column and by slow changes of all.

    `drift_lines` is the window in which the brightness of all columns counts as resting.
    """
    light, weights = _line_light(pixels, drift_lines, dark, tick)
    resting = _resting_columns(pixels, light, dark, tick)
    lit = resting > 0
    relative = np.zeros(pixels.shape, np.float32)
    for rows in _blocks(pixels):
        tick()
        part = (pixels[rows] - dark) / np.where(lit, resting, np.inf) / light[rows, None] - 1
        part[~np.isfinite(part)] = 0
        part[:, ~lit] = 0
        relative[rows] = part * weights[rows, None]
    tick()
    # Blocks without an event are the majority; their variance is right for any noise.
    change = [np.var(np.diff(part, axis=0), axis=0) for part in _parts(relative)]
    spread = np.sqrt(np.median(change, axis=0) / 2)
    noise = np.where(lit & (spread > 0), spread, np.inf)
    return RestingPlane(relative, noise)


def _parts(plane: NDArray[Any]) -> list[NDArray[Any]]:
    """The plane cut along time into a few tens of blocks."""
    return np.array_split(plane, max(1, min(_BLOCKS, len(plane) // 4)))


def _blocks(pixels: NDArray[Any]) -> list[slice]:
    lines = max(1, _PIXELS_AT_ONCE // max(pixels.shape[1], 1))
    return [slice(first, first + lines) for first in range(0, len(pixels), lines)]


def _line_light(
    pixels: NDArray[Any], drift_lines: int, dark: float, tick: Tick
) -> tuple[Floats, Floats]:
    """Slow change of the brightness, 1 on average, and 0 for lines that are not known."""
    mean = np.full(len(pixels), np.nan)
    for rows in _blocks(pixels):
        tick()
        part = np.asarray(pixels[rows], float) - dark
        known = np.isfinite(part)
        counts = known.sum(axis=1)
        sums = np.sum(part, axis=1, where=known)
        mean[rows] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    known_lines = np.isfinite(mean)
    level = sliding_percentile(rolling_mean(mean, 2), 30.0, drift_lines, tick)
    level = bridged(level)
    typical = float(np.median(level))
    light = level / typical if typical > 0 else np.ones(len(mean))
    return np.where(light > 0.01, light, 0.01), known_lines.astype(float)


def _resting_columns(pixels: NDArray[Any], light: Floats, dark: float, tick: Tick) -> Floats:
    """Median over blocks of time of each column's mean: bright moments are the minority."""
    means = []
    for part, lit in zip(_parts(pixels), _parts(light), strict=True):
        tick()
        values = (np.asarray(part, float) - dark) / lit[:, None]
        known = np.isfinite(values)
        sums = np.sum(values, axis=0, where=known)
        counts = known.sum(axis=0)
        means.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    every = np.array(means)
    unknown = ~np.isfinite(every).any(axis=0)
    every[:, unknown] = 0.0
    return np.asarray(np.nanmedian(every, axis=0))


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much each place resembles a spark that begins there, in noise SDs.

    Attributes:
        score: (line, pixel), the best of several scales.
        scale: Number of that scale.
        scales: The scales.
    """

    score: Plane
    scale: NDArray[np.int8]
    scales: tuple[Scale, ...]


def resemblance(plane: RestingPlane, expected: Scale, tick: Tick) -> Resemblance:
    """Correlate with sparks of several durations and widths (a matched filter)."""
    scaled: Plane = np.asarray(plane.relative / plane.noise, np.float32)
    best = np.full(scaled.shape, -np.inf, np.float32)
    which = np.zeros(scaled.shape, np.int8)
    scales: list[Scale] = []
    for longer in _DURATIONS:
        kinetics = Kinetics(expected.kinetics.rise * longer, expected.kinetics.decay * longer)
        in_time = _along_time(scaled, kinetics, tick)
        for wider in _WIDTHS:
            sigma = max(expected.sigma * wider, 0.4)
            score = _along_line(in_time, sigma, tick)
            better = score > best
            best[better], which[better] = score[better], len(scales)
            scales.append(Scale(kinetics, sigma))
    return Resemblance(best, which, tuple(scales))


def _along_time(plane: Plane, kinetics: Kinetics, tick: Tick) -> Plane:
    after = math.ceil(kinetics.peak + 2 * kinetics.decay) + 1
    kernel = kinetics.curve(np.arange(after + 1, dtype=float))
    return _correlated(plane, kernel, 0, 0, tick)


def _along_line(plane: Plane, sigma: float, tick: Tick) -> Plane:
    reach = math.ceil(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    score = _correlated(plane, kernel, 1, reach, tick)
    return score / np.float32(_clipped_sd(score))


def _correlated(plane: Plane, kernel: Floats, axis: int, before: int, tick: Tick) -> Plane:
    """Sum of kernel[k] * plane[i + k - before], zero beyond the ends."""
    kernel = kernel / math.sqrt(float(kernel @ kernel))
    total = np.zeros_like(plane)
    count = plane.shape[axis]
    for number, weight in enumerate(kernel.astype(np.float32)):
        tick()
        shift = number - before
        low, high = max(0, -shift), min(count, count - shift)
        if low >= high:
            continue
        here, there = slice(low, high), slice(low + shift, high + shift)
        if axis == 0:
            total[here] += weight * plane[there]
        else:
            total[:, here] += weight * plane[:, there]
    return total


def _clipped_sd(score: Plane) -> float:
    """SD of the noise in a score; not below 1, which is what white noise gives."""
    sample = score[:: max(1, len(score) // 4000)].ravel()
    for _ in range(5):
        spread = _GAUSS * float(np.median(np.abs(sample - np.median(sample))))
        kept = sample[np.abs(sample) < 3.5 * spread]
        if len(kept) in (0, len(sample)):
            break
        sample = kept
    return max(1.0, spread)


Where = Callable[[int, int], bool]


def separate_peaks(
    found: Resemblance, threshold: float, blocked: NDArray[np.bool_], most: int
) -> list[tuple[int, int]]:
    """Highest places first; each hides what lies within its own duration and width."""
    hidden = blocked.copy()
    lines, columns = np.nonzero((found.score >= threshold) & ~hidden)
    order = np.argsort(-found.score[lines, columns], kind="stable")
    kept: list[tuple[int, int]] = []
    for line, column in zip(lines[order].tolist(), columns[order].tolist(), strict=True):
        if hidden[line, column]:
            continue
        kept.append((line, column))
        if len(kept) >= most:
            break
        scale = found.scales[found.scale[line, column]]
        long = math.ceil(scale.kinetics.peak + 1.5 * scale.kinetics.decay + 2)
        wide = math.ceil(2.4 * scale.sigma + 1)
        hidden[max(0, line - long) : line + long + 1, max(0, column - wide) : column + wide + 1] = (
            True
        )
    return kept
