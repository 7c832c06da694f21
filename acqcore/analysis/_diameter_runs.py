"""Stretches of neighbouring pixels above a threshold: the vessel, and what else is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from acqcore.analysis._diameter_profiles import Mask
from acqcore.analysis._windows import Floats, Indices

_SECOND_PART = 0.2
"""A second stretch is doubted about from this part of the main one's area on."""
_LEAST_PART = 0.05
"""What is smaller than this part of the main stretch is noise."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The stretch with the largest area above the threshold, one entry per profile.

    Attributes:
        start, stop: First pixel and one past the last; both 0 where there is none.
        before: One past the last pixel of the stretch to the left, 0 if there is none.
        after: First pixel of the stretch to the right, the profile's width if none.
        outer_start, outer_stop: The same as `start` and `stop`, over all that is not noise.
        has_second: Whether another one is large enough to be doubted about.
        has_near_second: Whether it is also so near that both may be one vessel.
    """

    start: Indices
    stop: Indices
    before: Indices
    after: Indices
    outer_start: Indices
    outer_stop: Indices
    has_second: Mask
    has_near_second: Mask

    def mirrored(self, width: int) -> Runs:
        """The same in profiles read from right to left."""
        before = np.where(self.after < width, width - self.after, 0)
        after = np.where(self.before > 0, width - self.before, width)
        start, stop = width - self.stop, width - self.start
        return replace(self, start=start, stop=stop, before=before, after=after)


def main_runs(excess: Floats, above: Mask) -> Runs:
    """The largest stretch of every row; `excess` is the height over the threshold."""
    count, width = above.shape
    # A column that is never above keeps the rows apart in the flat array.
    flat = np.zeros((count, width + 1), bool)
    flat[:, :width] = above
    line = flat.ravel()
    changes = np.flatnonzero(line[1:] != line[:-1]) + 1
    if line[0]:
        changes = np.r_[0, changes]
    if not len(changes):
        none, no = np.zeros(count, np.intp), np.zeros(count, bool)
        return Runs(none, none, none, np.full(count, width), none, none, no, no)
    height = np.zeros((count, width + 1))
    np.copyto(height[:, :width], excess, where=above)
    starts, stops = changes[0::2], changes[1::2]
    row = starts // (width + 1)
    first, past = starts - row * (width + 1), stops - row * (width + 1)
    # A stretch that only touches the threshold is one too.
    area = np.add.reduceat(height.ravel(), changes)[0::2] + 1e-9 * (past - first)
    return _of_rows(count, width, row, first, past, area)


def _of_rows(
    count: int, width: int, row: Indices, first: Indices, past: Indices, area: Floats
) -> Runs:
    """Pick the main stretch of every row and look at the others."""
    order = np.lexsort((area, row))
    every = np.arange(count)
    ends = np.searchsorted(row, every, side="right") - 1
    number = np.bincount(row, minlength=count)
    has = number > 0
    best = order[np.maximum(ends, 0)]
    start, stop = np.where(has, first[best], 0), np.where(has, past[best], 0)
    left, right = np.maximum(best - 1, 0), np.minimum(best + 1, len(row) - 1)
    has_left = has & (best > 0) & (row[left] == row[best])
    has_right = has & (best < len(row) - 1) & (row[right] == row[best])
    rival = order[np.maximum(ends - 1, 0)]
    second = (number > 1) & (area[rival] >= _SECOND_PART * area[best])
    between = np.where(first[rival] > start, first[rival] - stop, start - past[rival])
    real = area >= _LEAST_PART * area[best][row]
    outer = np.flatnonzero(real)
    leftmost = outer[np.minimum(np.searchsorted(row[outer], every), len(outer) - 1)]
    rightmost = outer[np.maximum(np.searchsorted(row[outer], every, side="right") - 1, 0)]
    return Runs(
        start,
        stop,
        np.where(has_left, past[left], 0),
        np.where(has_right, first[right], width),
        np.where(has, first[leftmost], 0),
        np.where(has, past[rightmost], 0),
        second,
        second & (between <= (stop - start) // 2),
    )
