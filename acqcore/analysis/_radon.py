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

from acqcore.analysis._radon_projection import Projector
from acqcore.analysis._windows import Block, Floats, Indices, Tick, Windows

_COARSE: Indices = np.arange(180)
_FINE: Indices = np.arange(-8, 9)
_NEAR_TIE = 1e-5
"""Two scores closer than this are told apart by the published arithmetic."""
_SMOOTH_SIDE = 92
"""Up to this diagonal one degree moves no pixel by more than one ray, and angles are skipped."""
_BESIDE_BEST = 0.5
"""A skipped angle is looked at when a neighbour scores this part of the best. The best of all
angles had a neighbour of 0.69 or more in all windows tried: cells, noise, stripes, spots."""
_SAMPLES_AT_ONCE = 16_000_000
"""Pixels of the windows that share one pass over the angles: 64 MB, kept twice."""
_SAMPLES_BETWEEN_TICKS = 500_000
_SAMPLES_OF_A_PART = 2_000_000
_FEWEST, _MOST = 64, 2048
"""Windows that are multiplied at once: enough for long rows, few for the processor's memory."""


@dataclass(frozen=True, slots=True)
class RadonAngles:
    """One entry per window.

    Attributes:
        theta_deg: -2..181 in steps of 0.25; tan(theta) is pixels per line.
        snr: Best score over the mean score of the 180 coarse angles (Drew's Eq. 5); a skipped
            angle counts as the mean of its neighbours, which moves it by less than 1 %.
    """

    theta_deg: Floats
    snr: Floats


def radon_angles(windows: Windows, tick: Tick, full: bool = False) -> RadonAngles:
    """The classic angle of every window; `full` skips no angle, to prove that none is missed."""
    theta, snr = np.empty(len(windows)), np.empty(len(windows))
    projector = Projector(windows.lines, windows.width)
    gap = 2 if projector.side <= _SMOOTH_SIDE and not full else 1
    batches = list(windows.batches(_SAMPLES_AT_ONCE))
    for number, batch in enumerate(batches):

        def within(fraction: float, number: int = number) -> None:
            tick((number + fraction) / len(batches))

        some = windows.only(np.arange(batch.start, batch.stop))
        search = _Search(projector, some, within)
        theta[batch], snr[batch] = search.angles(gap)
    return RadonAngles(theta, snr)


class _Search:
    """The search in one batch of windows."""

    def __init__(self, projector: Projector, windows: Windows, tick: Tick) -> None:
        self._projector = projector
        self._windows = windows
        self._tick = tick
        self._pixels = _pixels_of(windows, partial(tick, 0.0))
        self._order = np.arange(len(windows))
        self._parts: list[Block] = []

    def angles(self, gap: int) -> tuple[Floats, Floats]:
        """Angle and SNR of every window, from a first pass over every `gap`-th angle."""
        count = len(self._windows)
        scores = np.full((count, len(_COARSE)), np.nan, np.float32)
        everyone = np.arange(count)
        self._arrange(everyone, 0.0)
        for degrees in range(0, len(_COARSE), gap):
            scores[:, degrees] = self._scores(4 * degrees, everyone, 0.5 * degrees / 180)
        if gap > 1:
            self._look_beside(scores)
        filled = _filled(scores)
        coarse = 4 * self._best(scores, np.tile(4 * _COARSE, (count, 1)), 0.7)
        fine, fine_angles = self._fine(coarse, scores)
        best = self._best(fine, fine_angles, 1.0)
        snr = fine[everyone, best] / filled.mean(axis=1)
        return fine_angles[everyone, best] / 4.0, snr

    def _look_beside(self, scores: Block) -> None:
        """Score the skipped angles that have a neighbour near the best."""
        even = scores[:, ::2]
        self._arrange(even.argmax(axis=1), 0.5)
        even = even[self._order]
        beside = np.maximum(even, np.roll(even, -1, axis=1))
        wanted = beside >= _BESIDE_BEST * even.max(axis=1, keepdims=True)
        for number in range(wanted.shape[1]):
            places = np.flatnonzero(wanted[:, number])
            degrees = 2 * number + 1
            found = self._scores(4 * degrees, places, 0.5 + 0.2 * degrees / 180)
            scores[self._order[places], degrees] = found

    def _fine(self, coarse: Indices, scores: Block) -> tuple[Block, Indices]:
        """Scores around the coarse angles, and their angles in quarters of a degree."""
        self._arrange(coarse, 0.7)
        angles = coarse[:, None] + _FINE
        fine = np.full(angles.shape, np.nan, np.float32)
        known = (angles % 4 == 0) & (angles >= 0) & (angles < 4 * len(_COARSE))
        row, column = np.nonzero(known)
        fine[row, column] = scores[row, angles[row, column] // 4]
        ordered = coarse[self._order]
        for quarters in range(ordered[0] + _FINE[0], ordered[-1] + _FINE[-1] + 1):
            first, last = np.searchsorted(ordered, (quarters - _FINE[-1], quarters - _FINE[0] + 1))
            places = np.arange(first, last)
            rows, columns = self._order[places], quarters - ordered[places] - _FINE[0]
            missing = np.isnan(fine[rows, columns])
            rows, columns = rows[missing], columns[missing]
            done = 0.7 + 0.3 * max(quarters, 0) / 736
            fine[rows, columns] = self._scores(quarters, places[missing], done)
        return fine, angles

    def _arrange(self, key: Indices, done: float) -> None:
        """Put windows of alike `key` side by side, since they will want the same angles."""
        self._order = np.argsort(key, kind="stable")
        self._parts.clear()
        size = int(np.clip(_SAMPLES_OF_A_PART // self._pixels.shape[1], _FEWEST, _MOST))
        for first in range(0, len(key), size):
            self._tick(done)
            which = self._order[first : first + size]
            self._parts.append(np.ascontiguousarray(self._pixels[which].T))

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
                pixels = _columns(self._parts[number], places[low:high] - first)
                found[low:high] = self._projector.variance(matrix, pixels)
        return found

    def _best(self, scores: Block, quarters: Indices, done: float) -> Indices:
        """Column of the first maximum of every row, with near ties decided exactly."""
        best: Indices = np.nanargmax(scores, axis=1)
        top = scores[np.arange(len(scores)), best]
        tied = scores >= (top * (1 - _NEAR_TIE))[:, None]
        for row in np.flatnonzero(tied.sum(axis=1) > 1):
            columns = np.flatnonzero(tied[row])
            window = self._windows.cut(np.array([row]))[0].astype(np.float64)
            window -= window.mean()
            exact = []
            for quarter in quarters[row, columns].tolist():
                self._tick(done)
                exact.append(self._projector.exact_variance(window, quarter))
            best[row] = columns[int(np.argmax(exact))]
        return best


def _pixels_of(windows: Windows, still_here: Callable[[], None]) -> Block:
    """(window, pixel), less each window's mean."""
    block = np.empty((len(windows), windows.lines, windows.width), np.float32)
    for part in windows.batches(_SAMPLES_BETWEEN_TICKS):
        still_here()
        block[part] = windows.block(part)
    return block.reshape(len(windows), -1)


def _columns(part: Block, chosen: Indices) -> Block:
    if len(chosen) == part.shape[1]:
        return part
    first, last = chosen[0], chosen[-1] + 1
    if len(chosen) == last - first:
        return np.ascontiguousarray(part[:, first:last])
    return part.take(chosen, axis=1)


def _filled(scores: Block) -> Block:
    """With the mean of the neighbours, half a turn being the first angle again, where missing."""
    beside = (np.roll(scores, 1, axis=1) + np.roll(scores, -1, axis=1)) / 2
    return np.where(np.isnan(scores), beside, scores)
