"""Brightness profiles across a vessel: neighbouring scan lines joined, and their noise.

Only one block of lines is held in double precision at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Floats, Indices

Mask = NDArray[np.bool_]

LAGS = 5
"""Distances, in pixels, over which the noise may be correlated."""

_SAMPLES_AT_ONCE = 131_072
_FEWEST_LINES = 64
_LONG_WINDOW = 24
"""Lines from which on running sums are faster."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What changes from one line to the next without being movement.

    Attributes:
        variance: Of one scan line, per pixel; NaN where there are no neighbours in time.
        correlation: Between pixels 0, 1, ... `LAGS` - 1 apart; the first is 1.
    """

    variance: Floats
    correlation: Floats

    def passing(self, weights: Floats) -> float:
        """Variance of a weighted sum of neighbouring pixels over that of one pixel."""
        own = np.correlate(weights, weights, mode="full")[len(weights) - 1 :][:LAGS]
        rest = self.correlation[1 : len(own)]
        white = own[0]
        # A correlation is an estimate: it must not talk all noise away.
        return float(max(white + 2 * np.sum(own[1:] * rest), 0.2 * white))


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles of consecutive rows of the table.

    Attributes:
        values: (row, pixel); NaN where no line of the window holds a number.
        rows: Their numbers in the table.
        variance: (row, pixel): of the noise in `values`.
        noise: Of single lines of this block.
        full: (row, pixel): part of the window that is at the detector's limit, or None.
    """

    values: Floats
    rows: slice
    variance: Floats
    noise: Noise
    full: Floats | None

    def inverted(self) -> Profiles:
        """Heights below the brightest pixel of each row."""
        known = np.where(np.isnan(self.values), -np.inf, self.values)
        brightest = known.max(axis=1, keepdims=True)
        return replace(self, values=brightest - self.values)


def percentiles(ordered: Floats, parts: tuple[float, ...]) -> list[Floats]:
    """Percentiles of the numbers of rows that are sorted with NaN last, interpolated."""
    last = np.maximum(np.isfinite(ordered).sum(axis=1) - 1, 0)
    rows, found = np.arange(len(ordered)), []
    for part in parts:
        place = part * last
        low = np.floor(place).astype(np.intp)
        lower, upper = ordered[rows, low], ordered[rows, np.minimum(low + 1, last)]
        found.append(lower + (upper - lower) * (place - low))
    return found


def profile_blocks(
    pixels: NDArray[Any], centers: Indices, half: int, median: bool, full_scale: float
) -> Iterator[Profiles]:
    """Windows of `half` lines on both sides of every centre, cut off at the ends."""
    lines, width = pixels.shape
    stride = int(centers[1] - centers[0]) if len(centers) > 1 else 1
    samples = 8 * _SAMPLES_AT_ONCE // (2 * half + 1) if median else _SAMPLES_AT_ONCE
    size = max(1, max(samples // width, _FEWEST_LINES if not median else 1) // stride)
    for first in range(0, len(centers), size):
        rows = slice(first, min(first + size, len(centers)))
        center = centers[rows]
        start, stop = max(int(center[0]) - half, 0), min(int(center[-1]) + half + 1, lines)
        seen = pixels[start:stop]
        cut, known = _numbers(seen)
        low = np.maximum(center - half - start, 0)
        high = np.minimum(center + half + 1 - start, stop - start)
        join = _medians if median else _means
        values, count = join(cut, known, low, high)
        noise = _noise(pixels, start, stop, cut)
        at_limit = seen >= full_scale if np.isfinite(full_scale) else None
        full = None
        if at_limit is not None and at_limit.any():
            full = _means(at_limit.astype(np.float64), None, low, high)[0]
        worth = np.maximum(count, 1) / (_loss_of_median(count) if median else 1.0)
        yield Profiles(values, rows, noise.variance / worth, noise, full)


def _numbers(pixels: NDArray[Any]) -> tuple[Floats, Mask | None]:
    """The pixels in double precision, and which of them are numbers; None for all."""
    cut = pixels.astype(np.float64)
    if pixels.dtype.kind != "f":
        return cut, None
    known = np.isfinite(cut)
    if known.all():
        return cut, None
    cut[~known] = np.nan
    return cut, known


def _means(
    cut: Floats, known: Mask | None, low: Indices, high: Indices
) -> tuple[Floats, NDArray[Any]]:
    """Mean of lines `low` to `high` per pixel, and how many numbers went into it."""
    total = _sums(cut if known is None else np.where(known, cut, 0.0), low, high)
    count: NDArray[Any] = (high - low)[:, None]
    if known is not None:
        count = _sums(known.astype(np.float64), low, high)
    total /= count
    return total, count


def _sums(values: Floats, low: Indices, high: Indices) -> Floats:
    """Sum of lines `low` to `high` per pixel."""
    longest = int((high - low).max())
    if longest > _LONG_WINDOW:
        running = _running(values)
        return np.asarray(running[high] - running[low])
    total = values[low]
    for step in range(1, longest):
        inside = low + step < high
        if inside.all():
            total += values[low + step]
        else:
            total[inside] += values[(low + step)[inside]]
    return total


def _running(values: NDArray[Any]) -> Floats:
    total = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=total[1:])
    return total


def _medians(
    cut: Floats, known: Mask | None, low: Indices, high: Indices
) -> tuple[Floats, NDArray[Any]]:
    """Median of lines `low` to `high` per pixel, and how many numbers went into it."""
    longest = int((high - low).max())
    lines = low[:, None] + np.arange(longest)
    outside = lines >= high[:, None]
    windows = cut[np.minimum(lines, len(cut) - 1)].transpose(0, 2, 1).copy()
    if outside.any():
        windows[np.broadcast_to(outside[:, None, :], windows.shape)] = np.nan
    if known is None and not outside.any():
        windows.sort(axis=-1)
        return windows[..., longest // 2] if longest % 2 else middle(windows)[0], np.full(
            (len(low), 1), longest
        )
    windows.sort(axis=-1)
    return middle(windows)


def middle(ordered: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Median along the last axis of what is sorted with NaN last, and the count of numbers."""
    count = np.isfinite(ordered).sum(axis=-1)
    upper = np.minimum(count // 2, ordered.shape[-1] - 1)
    lower = np.maximum(count - 1, 0) // 2
    pair = [np.take_along_axis(ordered, at[..., None], -1)[..., 0] for at in (lower, upper)]
    return (pair[0] + pair[1]) / 2, count


def _loss_of_median(count: NDArray[Any]) -> Floats:
    """Variance of a median of so many Gaussian numbers over that of their mean."""
    loss: Floats = 1 + (np.pi / 2 - 1) * (1 - 1 / np.maximum(count, 1))
    return loss


def _noise(pixels: NDArray[Any], start: int, stop: int, cut: Floats) -> Noise:
    """From second differences in time: what stands still or moves evenly drops out."""
    if stop - start < _FEWEST_LINES and len(pixels) > stop - start:
        start = max(0, min(start, len(pixels) - _FEWEST_LINES))
        cut = _numbers(pixels[start : start + _FEWEST_LINES])[0]
    order = min(2, len(cut) - 1)
    width = cut.shape[1]
    if order < 1:
        return Noise(np.full(width, np.nan), np.eye(1, LAGS)[0])
    change = np.diff(cut, n=order, axis=0) / np.sqrt(6.0 if order == 2 else 2.0)
    known = np.isfinite(change)
    change[~known] = 0
    number = np.maximum(known.sum(axis=0), 1)
    variance = np.einsum("ij,ij->j", change, change) / number
    variance[~known.any(axis=0)] = np.nan
    correlation = np.eye(1, LAGS)[0]
    mean = np.mean(change * change)
    for lag in range(1, min(LAGS, width)):
        if mean > 0:
            product = np.einsum("ij,ij->", change[:, lag:], change[:, :-lag])
            correlation[lag] = product / (len(change) * (width - lag)) / mean
    return Noise(_joined(variance), correlation)


def _joined(variance: Floats) -> Floats:
    """Mean over five neighbouring pixels."""
    known = np.isfinite(variance)
    weights = np.ones(min(5, len(variance)))
    total = np.convolve(np.where(known, variance, 0.0), weights, mode="same")
    number = np.convolve(known, weights, mode="same")
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))
