"""Display levels of a plane: time and space are decimated separately.

A picture of a whole recording has tens of scan lines per screen column. Taking every n-th
line loses an event that lasts one line, and a mean drowns it; a maximum keeps a bright one,
a minimum a dark one. The time axis is reduced once, in powers of two; the short space axis
when a region is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import Cancelled

Pixels = NDArray[Any]

BRIGHTEST, MEAN, DARKEST = "brightest", "mean", "darkest"
KINDS = (BRIGHTEST, MEAN, DARKEST)
"""What a reduced value can be of the samples that it stands for."""

COARSEST = 256
"""Halving stops at this many columns: one more step on screen would decimate again."""

_CHUNK = 1 << 16  # samples between two looks at `should_stop`; fits into the cache
_TYPICAL = 64  # blocks in time that tell how a reduced value typically differs from a pixel


class Join(Protocol):
    """One reduced value of two; NaN counts as nothing."""

    def __call__(self, one: Pixels, other: Pixels, /, out: Pixels | None = None) -> Pixels:
        """Element by element."""


def joining(kind: str, dtype: np.dtype[Any]) -> Join:
    """How samples of this type are reduced; KeyError for anything but `KINDS`."""
    floating = dtype.kind == "f"
    joins: dict[str, Join] = {
        BRIGHTEST: np.fmax if floating else np.maximum,
        MEAN: _mean_known if floating else _mean,
        DARKEST: np.fmin if floating else np.minimum,
    }
    return joins[kind]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A decimated part of a plane; each value stands for `line_step` x `pixel_step` samples.

    Attributes:
        values: (row, column) = (space, time), first row nearest to pixel 0. The last row
            and column may stand for fewer samples than the others.
        line_start, pixel_start: Where the first column and row begin, in lines and pixels.
        line_stop, pixel_stop: Where the last ones end.
        line_step, pixel_step: Lines per column and pixels per row.
    """

    values: Pixels
    line_start: int
    line_stop: int
    pixel_start: int
    pixel_stop: int
    line_step: int
    pixel_step: int


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """A plane, reduced over 2, 4, 8 ... lines.

    Attributes:
        levels: (pixel, line // 2**k) for k = 0, 1, ...; the first is a view of the plane,
            the others lie contiguous along time.
        lines, pixels: Size of the plane.
        kind: One of `KINDS`.
    """

    levels: tuple[Pixels, ...]
    lines: int
    pixels: int
    kind: str = BRIGHTEST

    @classmethod
    def build(
        cls,
        plane: Pixels,
        should_stop: Callable[[], bool] = lambda: False,
        kind: str = BRIGHTEST,
    ) -> Pyramid:
        """Reduce a (line, pixel) plane; `Cancelled` soon after `should_stop` says so.

        NaN counts as nothing. Needs about as much memory again as the plane; means are
        floating point and need up to four times as much.
        """
        lines, pixels = plane.shape
        levels, rows = [plane.T], plane
        while rows.shape[0] > COARSEST:
            rows = _halved(rows, kind, should_stop)
            levels.append(_transposed(rows, should_stop))
        return cls(tuple(levels), lines, pixels, kind)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Sample type of the plane."""
        return self.levels[0].dtype

    def region(
        self, lines: tuple[float, float], pixels: tuple[float, float], columns: int, rows: int
    ) -> Region:
        """What lies in half-open ranges, with one to two samples per screen pixel and axis.

        The ranges are clipped to the plane and widened to whole samples; an axis with
        fewer samples than screen pixels comes as it is.
        """
        time = _halvings((lines[1] - lines[0]) / max(columns, 1))
        space = _halvings((pixels[1] - pixels[0]) / max(rows, 1))
        level = min(time, len(self.levels) - 1)
        line_step, pixel_step, left_over = 1 << time, 1 << space, 1 << (time - level)
        first, last = _whole(lines, line_step, self.lines)
        bottom, top = _whole(pixels, pixel_step, self.pixels)
        values = self.levels[level][
            bottom * pixel_step : top * pixel_step, first * left_over : last * left_over
        ]
        return Region(
            _reduced(_reduced(values, pixel_step, self.kind).T, left_over, self.kind).T,
            first * line_step,
            min(last * line_step, self.lines),
            bottom * pixel_step,
            min(top * pixel_step, self.pixels),
            line_step,
            pixel_step,
        )

    def excess(self, line_step: int, pixel_step: int) -> float:
        """How much more a reduced value typically is than a pixel, from a sample.

        Noise alone makes the largest of many samples large: limits that were chosen for
        pixels fit again when they are moved by this. Steps are powers of two.
        """
        if self.kind == MEAN or line_step * pixel_step == 1:
            return 0.0
        level = min(line_step.bit_length(), len(self.levels)) - 1
        per_block = line_step >> level
        blocks = max(self.levels[level].shape[1] // per_block, 1)
        starts = np.unique(np.linspace(0, blocks - 1, _TYPICAL).astype(np.intp)) * per_block
        places = (starts[:, None] + np.arange(per_block)).ravel()
        places = places[places < self.levels[level].shape[1]]
        # Not `take`: of a plane whose lines lie together it would copy everything first.
        taken = _reduced(self.levels[level][:, places], pixel_step, self.kind)
        pixels = self.levels[0][:, :: max(self.lines // _TYPICAL, 1)]
        reduced = _reduced(taken.T, per_block, self.kind)
        return _median(reduced) - _median(pixels)


def envelope(plane: Pixels) -> NDArray[np.float32]:
    """(3, lines): smallest, mean and largest value of each line of a (line, pixel) plane.

    NaN is left out; a line of nothing else is NaN.
    """
    result = np.empty((3, plane.shape[0]), np.float32)
    for part in _chunks(plane.shape):
        rows = plane[part]
        if plane.dtype.kind == "f":
            with np.errstate(over="ignore", invalid="ignore"):  # infinite, or beyond 32 bits
                result[:, part] = _finite_envelope(rows)
        else:
            result[:, part] = rows.min(axis=1), rows.mean(axis=1), rows.max(axis=1)
    return result


def _finite_envelope(rows: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    there = ~np.isnan(rows)
    count = there.sum(axis=1)
    total = np.where(there, rows, 0).sum(axis=1, dtype=np.float64)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.fmin.reduce(rows, axis=1), mean, np.fmax.reduce(rows, axis=1)


def _halvings(samples_per_pixel: float) -> int:
    """How often to halve so that one to two samples per screen pixel remain."""
    return max(math.floor(math.log2(samples_per_pixel)), 0) if samples_per_pixel > 0 else 0


def _whole(span: tuple[float, float], step: int, size: int) -> tuple[int, int]:
    """First and one past the last decimated sample of a span; at least one."""
    count = -(-size // step)
    first = min(max(math.floor(span[0] / step), 0), count - 1)
    return first, min(max(math.ceil(span[1] / step), first + 1), count)


def _median(values: Pixels) -> float:
    """Of the numbers; 0 without any."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def _mean(one: Pixels, other: Pixels, /, out: Pixels | None = None) -> Pixels:
    total: Pixels = np.add(one, other, out=out, dtype=np.result_type(one.dtype, np.float32))
    total *= 0.5
    return total


def _mean_known(one: Pixels, other: Pixels, /, out: Pixels | None = None) -> Pixels:
    """Where only one is a number, it is the mean."""
    mean = _mean(one, other, out)
    holes = np.isnan(mean)
    if holes.any():
        mean[holes] = np.fmax(one, other)[holes]
    return mean


def _reduced(values: Pixels, step: int, kind: str) -> Pixels:
    """Over `step` rows; a rest of fewer rows makes a last one."""
    while step > 1:
        join = joining(kind, values.dtype)
        even = values.shape[0] // 2 * 2
        halved = join(values[:even:2], values[1:even:2])
        values = np.concatenate((halved, values[even:])) if even < len(values) else halved
        step //= 2
    return values


def _halved(rows: Pixels, kind: str, should_stop: Callable[[], bool]) -> Pixels:
    """Pairs of lines joined; an odd last line is kept."""
    pairs, join = rows.shape[0] // 2, joining(kind, rows.dtype)
    dtype = np.result_type(rows.dtype, np.float32) if kind == MEAN else rows.dtype
    result = np.empty((-(-rows.shape[0] // 2), rows.shape[1]), dtype.newbyteorder("="))
    for part in _chunks((pairs, 2 * rows.shape[1])):
        _stop_if(should_stop)
        pair = rows[2 * part.start : 2 * part.stop]
        join(pair[::2], pair[1::2], out=result[part])
    result[pairs:] = rows[2 * pairs :]
    return result


def _transposed(rows: Pixels, should_stop: Callable[[], bool]) -> Pixels:
    result = np.empty(rows.shape[::-1], rows.dtype)
    for part in _chunks(rows.shape):
        _stop_if(should_stop)
        result[:, part] = rows[part].T
    return result


def _chunks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Runs of lines of a few million samples."""
    step = max(_CHUNK // max(shape[1], 1), 1)
    for start in range(0, shape[0], step):
        yield slice(start, min(start + step, shape[0]))


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled("The picture is no longer wanted.")
