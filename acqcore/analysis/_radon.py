"""The classic estimator: the angle whose Radon projection varies most.

The window, less its mean, is projected along straight lines; along the streaks the
projection varies most over its rays (Drew et al. 2010, J Comput Neurosci 29:5-11). Angles
0..179 by 1 degree, and then 2 degrees either way by a quarter, so that old numbers can be
reproduced. Scores too close for float32 are computed again in float64, step by step in
the published order, which is what the old numbers came from.

In a small window the score cannot rise and fall within 2 degrees, so the first pass takes
every second angle, and the second pass only those beside a score that is near the best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._radon_projection import Projector
from acqcore.analysis._windows import Block, Floats, Indices, Tick, Windows

Flags = NDArray[np.bool_]

_COARSE: Indices = np.arange(180)
_FINE: Indices = np.arange(-8, 9)
_NEAR_TIE = 1e-5
"""Two scores closer than this are told apart by the published arithmetic."""
_SMOOTH_SIDE, _SMALLEST = 92, 8
"""Up to this diagonal one degree moves no pixel by more than one ray, and angles are skipped."""
_BESIDE_BEST, _BETWEEN_BEST = 0.6, 0.7
"""A skipped angle is looked at when a neighbour scores this part of the best: whole degrees,
quarters. The best of all had a neighbour of 0.75 or more among the whole degrees in all windows
tried (cells, noise, stripes, spots, lines) that the next two let through. This is measured, not
proven: mixtures of waves as fine as the rays can hide their best angle."""
_OPPOSED, _BRIGHT_PIXELS = 0.1, 40
"""No angle is skipped where pixels correlate with their neighbours by less than minus this, or
where the energy is that of fewer bright pixels."""
_SAMPLES_AT_ONCE = 14_000_000
"""Pixels of the windows that share one pass over the angles: 56 MB, kept twice."""
_SAMPLES_BETWEEN_TICKS = 500_000
_SAMPLES_OF_A_PART = 1_000_000
_MATRICES = 64
_DENSE = 0.6
_FEWEST, _MOST = 64, 2048
"""Windows that are multiplied at once: enough for long rows, few for the processor's memory."""


@dataclass(frozen=True, slots=True)
class RadonAngles:
    """One entry per window.

    Attributes:
        theta_deg: -2..181 in steps of 0.25; tan(theta) is pixels per line.
        snr: Best score over the mean score of the 180 coarse angles (Drew's Eq. 5); a skipped
            angle counts as the geometric mean of its neighbours.
    """

    theta_deg: Floats
    snr: Floats


def radon_angles(windows: Windows, tick: Tick, full: bool = False) -> RadonAngles:
    """The classic angle of every window; `full` skips no angle, to prove that none is missed."""
    theta, snr = np.empty(len(windows)), np.empty(len(windows))
    projector = Projector(windows.lines, windows.width)
    smooth = projector.side <= _SMOOTH_SIDE and min(projector.shape) >= _SMALLEST
    batches = list(windows.batches(_SAMPLES_AT_ONCE))
    for number, batch in enumerate(batches):

        def within(fraction: float, number: int = number) -> None:
            tick((number + fraction) / len(batches))

        some = windows.only(np.arange(batch.start, batch.stop))
        search = _Search(projector, some, smooth and not full, within)
        theta[batch], snr[batch] = search.angles()
    return RadonAngles(theta, snr)


class _Search:
    """The search in one batch of windows.

    `skips` allows to leave out angles whose neighbours tell that they cannot be the best.
    """

    def __init__(self, projector: Projector, windows: Windows, skips: bool, tick: Tick) -> None:
        self._projector = projector
        self._windows = windows
        self._skips = skips
        self._tick = tick
        self._pixels = _pixels_of(windows, partial(tick, 0.0))
        self._order = np.arange(len(windows))
        self._parts: list[Block] = []

    def angles(self) -> tuple[Floats, Floats]:
        """Angle and SNR of every window."""
        count = len(self._windows)
        scores = np.full((count, len(_COARSE)), np.nan, np.float32)
        self._look_everywhere(scores, 2 if self._skips else 1)
        surprising = np.ones(count, bool)
        if self._skips:
            surprising = self._surprising()
            self._look_beside(scores, surprising)
        coarse = 4 * self._best(scores, np.broadcast_to(4 * _COARSE, scores.shape), 0.7)
        if not self._skips:
            self._arrange(coarse, 0.7)
        fine_angles = coarse[:, None] + _FINE
        fine = self._fine(fine_angles, scores, surprising)
        best = self._best(fine, fine_angles, 1.0)
        row = np.arange(count)
        return fine_angles[row, best] / 4.0, fine[row, best] / _filled(scores).mean(axis=1)

    def _look_everywhere(self, scores: Block, gap: int) -> None:
        """Score every `gap`-th angle in all windows."""
        self._arrange(None, 0.0)
        degrees = range(0, len(_COARSE), gap)
        # Several angles while a part is at hand, since fetching it takes as long as one.
        size = int(np.clip(_SAMPLES_OF_A_PART // self._pixels.shape[1], 1, _MATRICES))
        for first in range(0, len(degrees), size):
            some = degrees[first : first + size]
            still_here = partial(self._tick, 0.5 * some[0] / len(_COARSE))
            matrices = [self._projector.matrix(4 * one, still_here) for one in some]
            begin = 0
            for part in self._parts:
                rows = slice(begin, begin + part.shape[1])
                for one, matrix in zip(some, matrices, strict=True):
                    still_here()
                    scores[rows, one] = self._projector.variance(matrix, part)
                begin = rows.stop

    def _surprising(self) -> Flags:
        """Windows whose score may leap from one angle to the next: fine waves, lone pixels."""
        found = np.empty(len(self._windows), bool)
        for part in self._windows.batches(_SAMPLES_BETWEEN_TICKS):
            self._tick(0.5)
            block = self._pixels[part].reshape(-1, self._windows.lines, self._windows.width)
            squares = np.square(block)
            energy = np.einsum("wlx->w", squares)
            pixels = np.square(energy) / np.einsum("wlx,wlx->w", squares, squares)
            across = np.einsum("wlx,wlx->w", block[:, :, 1:], block[:, :, :-1])
            along = np.einsum("wlx,wlx->w", block[:, 1:], block[:, :-1])
            opposed = np.minimum(across, along) < -_OPPOSED * energy
            found[part] = ~(pixels >= _BRIGHT_PIXELS) | opposed
        return found

    def _look_beside(self, scores: Block, surprising: Flags) -> None:
        """Score the skipped angles that have a neighbour near the best."""
        even = scores[:, ::2]
        self._arrange(even.argmax(axis=1), 0.5)
        even = even[self._order]
        beside = np.maximum(even, np.roll(even, -1, axis=1))
        wanted = beside >= _BESIDE_BEST * even.max(axis=1, keepdims=True)
        wanted |= surprising[self._order][:, None]
        for number in range(wanted.shape[1]):
            places = np.flatnonzero(wanted[:, number])
            degrees = 2 * number + 1
            found = self._scores(4 * degrees, places, 0.5 + 0.2 * degrees / 180)
            scores[self._order[places], degrees] = found

    def _fine(self, angles: Indices, scores: Block, surprising: Flags) -> Block:
        """Scores at `angles`, (window, quarters of a degree); NaN where it cannot be the best."""
        fine = np.full(angles.shape, np.nan, np.float32)
        row, column = np.nonzero((angles % 4 == 0) & (angles >= 0) & (angles < 4 * len(_COARSE)))
        fine[row, column] = scores[row, angles[row, column] // 4]
        wanted = np.isnan(fine)
        degrees = fine[:, ::4]
        # Not hopeless, if one of the two is not known.
        hopeless = np.maximum(degrees[:, :-1], degrees[:, 1:]) < _BETWEEN_BEST * fine[:, [8]]
        hopeless[surprising] = False
        wanted[:, _FINE % 4 != 0] &= ~np.repeat(hopeless, 3, axis=1)
        first = angles[self._order, 0]
        for quarters in range(int(angles.min()), int(angles.max()) + 1):
            column = quarters - first
            places = np.flatnonzero((column >= 0) & (column < len(_FINE)))
            places = places[wanted[self._order[places], column[places]]]
            done = 0.7 + 0.3 * max(quarters, 0) / 736
            at = (self._order[places], column[places])
            fine[at] = self._scores(quarters, places, done)
        return fine

    def _arrange(self, key: Indices | None, done: float) -> None:
        """Put windows of alike `key` side by side, since they will want the same angles."""
        count = len(self._pixels)
        self._order = np.arange(count) if key is None else np.argsort(key, kind="stable")
        self._parts.clear()
        size = int(np.clip(_SAMPLES_OF_A_PART // self._pixels.shape[1], _FEWEST, _MOST))
        for first in range(0, count, size):
            self._tick(done)
            part = slice(first, first + size)
            rows = self._pixels[part if key is None else self._order[part]]
            self._parts.append(np.ascontiguousarray(rows.T))

    def _scores(self, quarters: int, places: Indices, done: float) -> Block:
        """Scores at one angle of the windows at these places of the order, which ascend."""
        found = np.empty(len(places), np.float32)
        if len(places) == 0:
            return found
        still_here = partial(self._tick, done)
        matrix = self._projector.matrix(quarters, still_here)
        size = self._parts[0].shape[1]
        for number in range(places[0] // size, places[-1] // size + 1):
            still_here()
            first = number * size
            low, high = np.searchsorted(places, (first, first + size))
            if low < high:
                pixels, where = _columns(self._parts[number], places[low:high] - first)
                found[low:high] = self._projector.variance(matrix, pixels)[where]
        return found

    def _best(self, scores: Block, quarters: Indices, done: float) -> Indices:
        """Column of the first maximum of every row, with near ties decided exactly."""
        still_here = partial(self._tick, done)
        still_here()
        best: Indices = np.nanargmax(scores, axis=1)
        still_here()
        top = scores[np.arange(len(scores)), best]
        tied = scores >= (top * (1 - _NEAR_TIE))[:, None]
        for row in np.flatnonzero(tied.sum(axis=1) > 1):
            columns = np.flatnonzero(tied[row])
            window = self._windows.cut(np.array([row]))[0].astype(np.float64)
            window -= window.mean()
            exact = []
            for quarter in quarters[row, columns].tolist():
                exact.append(self._projector.exact_variance(window, quarter, still_here))
            best[row] = columns[int(np.argmax(exact))]
        return best


def _pixels_of(windows: Windows, still_here: Callable[[], None]) -> Block:
    """(window, pixel), less each window's mean."""
    block = np.empty((len(windows), windows.lines, windows.width), np.float32)
    for part in windows.batches(_SAMPLES_BETWEEN_TICKS):
        still_here()
        block[part] = windows.block(part)
    return block.reshape(len(windows), -1)


def _columns(part: Block, chosen: Indices) -> tuple[Block, Indices]:
    """The chosen columns, perhaps with others between them, and where they are then."""
    first, last = chosen[0], chosen[-1] + 1
    if len(chosen) == part.shape[1]:
        return part, chosen
    # A run of columns is copied faster than single ones.
    if len(chosen) > _DENSE * (last - first):
        return np.ascontiguousarray(part[:, first:last]), chosen - first
    return part.take(chosen, axis=1), np.arange(len(chosen))


def _filled(scores: Block) -> Block:
    """With the geometric mean of the neighbours where missing; half a turn on is the start.

    The flanks of a peak fall like a power, which an arithmetic mean would lift.
    """
    before, after = np.roll(scores, 1, axis=1), np.roll(scores, -1, axis=1)
    return np.where(np.isnan(scores), np.sqrt(before * after), scores)
