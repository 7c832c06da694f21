"""The classic estimator: the angle whose Radon projection varies most.

The window, less its mean, is projected along straight lines; along the streaks the
projection varies most over its rays (Drew et al. 2010, J Comput Neurosci 29:5-11).
Geometry and interpolation are those of `skimage.transform.radon(circle=False)`, so that
old numbers can be reproduced: zero padding to a square whose side is the diagonal,
bilinear sampling, angles 0..179 by 1 degree and then 2 degrees either way by a quarter.
A projection is linear in the pixels, so an angle is one float32 matrix that all windows
share. Scores too close for float32 are computed again in float64, step by step in the
published order, which is what the old numbers came from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Block, Floats, Indices, Tick, Windows

_COARSE: Indices = 4 * np.arange(180)
_FINE: Indices = np.arange(-8, 9)
_NEAR_TIE = 1e-5
"""Two scores closer than this are told apart by the published arithmetic."""
_SAMPLES_AT_ONCE = 16_000_000
"""Pixels of the windows that share one pass over the angles: 64 MB, kept twice."""
_SAMPLES_BETWEEN_TICKS = 500_000


@dataclass(frozen=True, slots=True)
class RadonAngles:
    """One entry per window.

    Attributes:
        theta_deg: -2..181 in steps of 0.25; tan(theta) is pixels per line.
        snr: Best score over the mean score of the 180 coarse angles (Drew's Eq. 5).
    """

    theta_deg: Floats
    snr: Floats


def radon_angles(windows: Windows, tick: Tick) -> RadonAngles:
    """The classic angle of every window."""
    theta, snr = np.empty(len(windows)), np.empty(len(windows))
    projector = Projector(windows.lines, windows.width)
    batches = list(windows.batches(_SAMPLES_AT_ONCE))
    for number, batch in enumerate(batches):

        def within(fraction: float, number: int = number) -> None:
            tick((number + fraction) / len(batches))

        some = windows.only(np.arange(batch.start, batch.stop))
        theta[batch], snr[batch] = _angles_of_batch(projector, some, within)
    return RadonAngles(theta, snr)


def _block_of(windows: Windows, tick: Tick) -> Block:
    block = np.empty((len(windows), windows.lines, windows.width), np.float32)
    for part in windows.batches(_SAMPLES_BETWEEN_TICKS):
        tick(0.0)
        block[part] = windows.block(part)
    return block


def _angles_of_batch(projector: Projector, windows: Windows, tick: Tick) -> tuple[Floats, Floats]:
    flat = _block_of(windows, tick).reshape(len(windows), -1)
    scores = np.empty((len(windows), len(_COARSE)), np.float32)
    parts = list(projector.parts(flat, np.arange(len(flat))))
    for column, quarters in enumerate(_COARSE.tolist()):
        still_here = partial(tick, 0.5 * column / len(_COARSE))
        scores[:, column] = projector.variance(parts, quarters, still_here)
    coarse = _COARSE[
        _best(projector, windows, scores, np.tile(_COARSE, (len(windows), 1)), partial(tick, 0.5))
    ]
    parts.clear()
    fine_angles = coarse[:, None] + _FINE
    fine = np.empty(fine_angles.shape, np.float32)
    # Angle by angle, because windows of one angle share its matrix.
    for quarters in np.unique(fine_angles).tolist():
        column_of = quarters - coarse - _FINE[0]
        which = np.flatnonzero((column_of >= 0) & (column_of < len(_FINE)))
        still_here = partial(tick, 0.5 + 0.5 * max(quarters, 0) / 736)
        some = projector.parts(flat, which)
        fine[which, column_of[which]] = projector.variance(some, quarters, still_here)
    best = _best(projector, windows, fine, fine_angles, partial(tick, 1.0))
    row = np.arange(len(windows))
    return fine_angles[row, best] / 4.0, fine[row, best] / scores.mean(axis=1)


def _best(
    projector: Projector,
    windows: Windows,
    scores: NDArray[np.float32],
    quarters: Indices,
    still_here: Callable[[], None],
) -> Indices:
    """Column of the first maximum of every row, with near ties decided exactly."""
    best: Indices = scores.argmax(axis=1)
    top = scores[np.arange(len(scores)), best]
    tied = scores >= (top * (1 - _NEAR_TIE))[:, None]
    for row in np.flatnonzero(tied.sum(axis=1) > 1):
        columns = np.flatnonzero(tied[row])
        window = windows.cut(np.array([row]))[0].astype(np.float64)
        window -= window.mean()
        exact = []
        for quarter in quarters[row, columns].tolist():
            still_here()
            exact.append(projector.exact_variance(window, quarter))
        best[row] = columns[int(np.argmax(exact))]
    return best


class Projector:
    """Projections of one window shape; angles are in quarters of a degree."""

    def __init__(self, lines: int, width: int) -> None:
        self.shape = (lines, width)
        longest = max(lines, width)
        self.side = math.ceil(math.sqrt(2) * longest)
        self.before = (self.side // 2 - lines // 2, self.side // 2 - width // 2)

    @staticmethod
    def parts(flat: Block, which: Indices) -> Iterator[Block]:
        """Rows of (window, pixel) as (pixel, window), small enough for the processor's memory."""
        size = max(1, _SAMPLES_BETWEEN_TICKS // flat.shape[1])
        for first in range(0, len(which), size):
            yield np.ascontiguousarray(flat[which[first : first + size]].T)

    def variance(
        self, parts: Iterable[Block], quarters: int, still_here: Callable[[], None]
    ) -> NDArray[np.float32]:
        """Variance over the rays of one angle, per window."""
        matrix = self.matrix(quarters)
        variances = []
        for part in parts:
            still_here()
            rays = matrix @ part
            rays -= rays.mean(axis=0)
            variances.append(np.square(rays, out=rays).mean(axis=0))
        return np.concatenate(variances)

    def matrix(self, quarters: int) -> Any:
        """(ray, pixel of the window): bilinear weights of one angle, sparse."""
        from scipy.sparse import csr_matrix  # heavy: not needed to list the analyses

        y, x = self._sampled(quarters)
        top, left = self.before
        near = (y > top - 1) & (y < top + self.shape[0]) & (x > left - 1)
        near &= x < left + self.shape[1]
        ray = np.nonzero(near)[1]
        y, x = y[near], x[near]
        y_low, x_low = np.floor(y), np.floor(x)
        y_part, x_part = y - y_low, x - x_low
        rays, pixels, weights = [], [], []
        for down, y_weight in ((0, 1 - y_part), (1, y_part)):
            for right, x_weight in ((0, 1 - x_part), (1, x_part)):
                row = y_low.astype(np.intp) + (down - top)
                column = x_low.astype(np.intp) + (right - left)
                inside = (row >= 0) & (row < self.shape[0])
                inside &= (column >= 0) & (column < self.shape[1])
                rays.append(ray[inside])
                pixels.append(row[inside] * self.shape[1] + column[inside])
                weights.append((y_weight * x_weight)[inside])
        where = (np.concatenate(rays), np.concatenate(pixels))
        size = self.shape[0] * self.shape[1]
        values = np.concatenate(weights).astype(np.float32)
        return csr_matrix((values, where), shape=(self.side, size))

    def exact_variance(self, window: Floats, quarters: int) -> float:
        """The score with every rounding of the published order of operations."""
        padded = np.zeros((self.side + 1, self.side + 1))
        top, left = self.before
        padded[top : top + self.shape[0], left : left + self.shape[1]] = window
        y, x = self._sampled(quarters)
        low_y, low_x = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
        high_y, high_x = np.ceil(y).astype(np.intp), np.ceil(x).astype(np.intp)
        y_part, x_part = y - low_y, x - low_x

        def at(row: Indices, column: Indices) -> Floats:
            inside = (row >= 0) & (row < self.side) & (column >= 0) & (column < self.side)
            # The last row and column of `padded` are the zeros outside.
            return np.asarray(padded[np.where(inside, row, -1), np.where(inside, column, -1)])

        above = (1 - x_part) * at(low_y, low_x) + x_part * at(low_y, high_x)
        below = (1 - x_part) * at(high_y, low_x) + x_part * at(high_y, high_x)
        rays = ((1 - y_part) * above + y_part * below).sum(axis=0)
        # Two columns: numpy adds up a single one in another order.
        return float(np.stack([rays, rays], axis=1).var(axis=0)[0])

    def _sampled(self, quarters: int) -> tuple[Floats, Floats]:
        """Row and column of the padded window that each place of its rotation shows."""
        angle = np.deg2rad(quarters / 4)
        cos, sin = np.cos(angle), np.sin(angle)
        centre = self.side // 2
        places = np.arange(self.side, dtype=np.float64)
        x = cos * places[None, :] + sin * places[:, None] - centre * (cos + sin - 1)
        y = -sin * places[None, :] + cos * places[:, None] - centre * (cos - sin - 1)
        return y, x
