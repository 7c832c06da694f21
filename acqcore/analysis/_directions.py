"""Candidate slopes of one window shape, and what each of them reads from a spectrum.

Two pixels of a window lie a *lag* apart: tau lines and delta pixels. A streak of slope v
(pixels per line) joins pixels whose lag is (tau, v tau). The score of a candidate is the
mean product of all such pairs, read from the sums over pairs per lag with a kernel around
delta = v tau; since a mean does not depend on how many pairs there are, no direction is
favoured by the shape of the window. Sums per lag are the transform of the power spectrum
of the zero-padded window, so the kernel is transformed instead, once for all windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Block, Floats, Indices

_CELL = 6
_FEWEST_CELLS, _MOST_CELLS = 8, 24
_FINEST_CELL = 2
"""Pixels or lines."""
NEAR_STEP = 4
"""Pairs close in time hardly tell neighbouring candidates apart: one of so many will do."""

_ENTRIES_AT_ONCE = 400_000
_STEP = 0.75
_HIGHEST = 3.5
"""Spatial frequency, times the scale, above which a kernel passes less than a tenth."""
_SPARE_PIXELS = 3
"""The fastest candidate moves so many pixels less than the width in one line."""
_SQUARE, _SLOPE_SQUARE, _BEND_SQUARE = 151 / 315, 2 / 3, 8 / 3
"""Integrals of the squared cubic B-spline and of its first two derivatives."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A window, cut into side-by-side tiles whose pair sums are added up.

    Attributes:
        lines: Lines of the window, at least 4.
        width: Pixels of one tile.
        tiles: Number of tiles.
    """

    lines: int
    width: int
    tiles: int = 1

    @property
    def taus(self) -> Indices:
        """Lags along time, 1 .. lines - 1."""
        return np.arange(1, self.lines)

    @property
    def pixels(self) -> int:
        """Pixels of all tiles."""
        return self.tiles * self.lines * self.width

    def pairs_along(self, slopes: Floats) -> Floats:
        """(slope, tau): pairs on the streaks of a slope, 0 where they leave the window."""
        room = np.maximum(self.width - 1 - np.abs(slopes[:, None] * self.taus), 0)
        pairs: Floats = self.tiles * (self.lines - self.taus) * room
        return pairs

    @property
    def cell_areas(self) -> Floats:
        """Part of the window that each cell covers."""
        by_time = np.diff(cell_edges(self.lines)) / self.lines
        by_space = np.diff(cell_edges(self.width)) / self.width
        return np.outer(by_time, by_space).ravel()

    def partners(self, slopes: Floats) -> tuple[Floats, Floats]:
        """(slope, cell): how many pixels lie ahead and behind on the streak of a cell's middle.

        Cells are in the order of `Spectra.energy`.
        """
        times, spaces = cell_edges(self.lines), cell_edges(self.width)
        t = np.repeat((times[1:] + times[:-1]) / 2, len(spaces) - 1)
        x = np.tile((spaces[1:] + spaces[:-1]) / 2, len(times) - 1)
        speed = np.maximum(np.abs(slopes), 1e-9)[:, None]
        x = np.where(slopes[:, None] < 0, self.width - x, x)
        ahead = np.minimum(self.lines - t, (self.width - x) / speed) - 0.5
        behind = np.minimum(t, x / speed) - 0.5
        return np.maximum(ahead, 0), np.maximum(behind, 0)


def cell_edges(size: int) -> Floats:
    """Edges of the cells, along one axis, in which the squares of a window are looked at.

    Even in the middle; at the ends, where the number of a pixel's partners on a slow
    streak (in space) or on a fast one (in time) changes, ever finer.
    """
    count = int(np.clip(size // _CELL, _FEWEST_CELLS, _MOST_CELLS))
    even = np.linspace(0, size, count + 1)
    fine = _FINEST_CELL * 2.0 ** np.arange(20)
    fine = fine[fine < 0.75 * even[1]]
    return np.concatenate([even[:1], fine, even[1:-1], size - fine[::-1], even[-1:]])


def cubic_bspline(z: Floats) -> Floats:
    """The smooth bump of unit area on -2..2."""
    z = np.abs(z)
    return np.asarray(np.where(z < 1, (4 - 6 * z**2 + 3 * z**3) / 6, np.maximum(2 - z, 0) ** 3 / 6))


def candidate_slopes(shape: Shape, scale: float) -> Floats:
    """Slopes that differ by three quarters of the scale where their streaks leave the window.

    A slow streak leaves it in time, so slow candidates are evenly spaced; a fast one
    leaves it in space, so the others are evenly spaced in their logarithm.
    """
    step = _STEP * scale
    corner = shape.width / shape.lines
    fastest = shape.width - _SPARE_PIXELS
    slow = np.arange(0, corner, step / shape.lines)
    count = int(np.log(max(fastest / corner, 1)) * shape.width / step) + 1
    fast = corner * np.exp(np.arange(count) * step / shape.width)
    positive = np.concatenate([slow, fast])
    positive = positive[positive <= fastest]
    return np.concatenate([-positive[:0:-1], positive])


def kernel_size(shape: Shape, scale: float) -> int:
    """Numbers in the even or the odd part of all kernels."""
    times, spaces = frequencies(shape, scale)
    return (len(candidate_slopes(shape, scale)) // 2 + 1) * len(times) * len(spaces)


def frequencies(shape: Shape, scale: float) -> tuple[Floats, Floats]:
    """Non-negative frequencies of the padded window, along time and along space."""
    times = 2 * np.pi * np.arange(shape.lines + 1) / (2 * shape.lines)
    spaces = 2 * np.pi * np.arange(shape.width + 1) / (2 * shape.width)
    return times, spaces[spaces * scale <= max(_HIGHEST, 2.1 * spaces[1] * scale)]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What the shape of a window lets each slope know, one entry per slope.

    White noise of variance s2 adds s2**2 * slope_noise / scale**3 to the variance of the
    score's first derivative by slope. If the texture has a mean squared gradient G, the
    second derivative of the score is -G * lever, and noise on the texture adds
    s2 * G * spread to the variance of the first.

    Attributes:
        slopes: Pixels per line.
        pairs: Pairs of pixels on the streaks.
        lever: Their mean squared distance in time.
        near: (slope, tau): pairs so close in time that they hardly see a varying slope.
        near_part, near_lever: Part of the pairs that is near, and their lever.
    """

    slopes: Floats
    pairs: Floats
    lever: Floats
    near: NDArray[np.bool_]
    near_part: Floats
    near_lever: Floats
    slope_noise: Floats
    bend_noise: Floats
    spread: Floats

    @classmethod
    def of(cls, shape: Shape, slopes: Floats) -> Geometry:
        """For slopes slow enough to stay in the window for two lines."""
        along = shape.pairs_along(slopes)
        total = along.sum(axis=1)
        tau2 = shape.taus**2 * along
        lever = tau2.sum(axis=1) / total
        near = shape.taus <= np.maximum(np.sqrt(lever) / 3, 1)[:, None]
        near_pairs = (near * along).sum(axis=1)
        ahead, behind = shape.partners(slopes)
        balance = (ahead * (ahead + 1) - behind * (behind + 1)) / 2
        return cls(
            slopes=slopes,
            pairs=total,
            lever=lever,
            near=near,
            near_part=near_pairs / total,
            near_lever=(near * tau2).sum(axis=1) / near_pairs,
            slope_noise=_SLOPE_SQUARE * lever / total,
            bend_noise=_BEND_SQUARE * (shape.taus**2 * tau2).sum(axis=1) / total**2,
            spread=balance**2 @ shape.cell_areas * shape.pixels / total**2,
        )


@dataclass(frozen=True, slots=True)
class Directions:
    """All candidates of one shape and kernel scale.

    Attributes:
        at: Slopes ascending and symmetric, and what is known about them.
        even, odd: (slope from 0 up, frequency): see `Spectra`.
        near_even, near_odd: The same for near pairs only, of every `NEAR_STEP`th slope.
        squares: (cell, slope): mean square over the pairs, from the energy per cell.
    """

    shape: Shape
    scale: float
    at: Geometry
    even: Block
    odd: Block
    near_even: Block
    near_odd: Block
    squares: Block

    @property
    def multiplications(self) -> int:
        """To read one window."""
        return int(2 * self.even.size)

    @property
    def noise(self) -> Floats:
        """Variance of the scores in white noise of variance one."""
        return np.asarray(_SQUARE / self.scale / self.at.pairs)


def directions(shape: Shape, scale: float, still_here: Callable[[], None]) -> Directions:
    """Build the candidates; `still_here` is called every few milliseconds."""
    at = Geometry.of(shape, candidate_slopes(shape, scale))
    forward = at.slopes >= 0
    slopes = at.slopes[forward]
    every = np.ones_like(at.near[forward])
    even, odd = _transformed(shape, slopes, scale, every, still_here)
    some = slice(None, None, NEAR_STEP)
    near = at.near[forward][some]
    near_even, near_odd = _transformed(shape, slopes[some], scale, near, still_here)
    partners = np.sum(shape.partners(at.slopes), axis=0)
    share = partners / (partners @ shape.cell_areas)[:, None]
    return Directions(
        shape=shape,
        scale=scale,
        at=at,
        even=even,
        odd=odd,
        near_even=near_even,
        near_odd=near_odd,
        squares=np.asarray(share.T, np.float32),
    )


def _transformed(
    shape: Shape,
    slopes: Floats,
    scale: float,
    used: NDArray[np.bool_],
    still_here: Callable[[], None],
) -> tuple[Block, Block]:
    """(slope, frequency): the kernels' parts even and odd in the frequency along time."""
    to_space, cosines, sines = _waves(shape, scale)
    count = to_space.shape[1] // 2
    even = np.empty((len(slopes), len(cosines), count), np.float32)
    odd = np.empty_like(even)
    size = max(1, _ENTRIES_AT_ONCE // (used.shape[1] * len(to_space)))
    for first in range(0, len(slopes), size):
        still_here()
        part = slice(first, first + size)
        taus = shape.taus[used[part].any(axis=0)]
        rows = kernel_rows(shape, slopes[part], scale, used[part])
        waves = (rows.reshape(-1, len(to_space)) @ to_space).reshape(len(rows), -1, 2 * count)
        np.matmul(cosines[:, taus - 1], waves[:, :, :count], out=even[part])
        np.matmul(sines[:, taus - 1], waves[:, :, count:], out=odd[part])
    return even.reshape(len(slopes), -1), odd.reshape(len(slopes), -1)


def _waves(shape: Shape, scale: float) -> tuple[Block, Block, Block]:
    """(delta, frequency along space) cosines and sines; (frequency along time, tau) each."""
    times, spaces = frequencies(shape, scale)
    # Frequencies between the ends stand for their negatives too.
    half = np.where((spaces > 0) & (spaces < np.pi), 1.0, 0.5)
    by_space = np.outer(np.arange(1 - shape.width, shape.width), spaces)
    to_space = np.concatenate([half * np.cos(by_space), -half * np.sin(by_space)], axis=1)
    half = np.where((times > 0) & (times < np.pi), 1.0, 0.5)[:, None]
    by_time = np.outer(times, shape.taus)
    # Twice for space, twice for time, over the number of points of the padded window.
    unit = half / (shape.lines * shape.width)
    cosines, sines = unit * np.cos(by_time), 2 * unit * np.sin(by_time)
    return to_space.astype(np.float32), cosines.astype(np.float32), sines.astype(np.float32)


def kernel_rows(shape: Shape, slopes: Floats, scale: float, used: NDArray[np.bool_]) -> Block:
    """(slope, tau, delta): what turns sums per lag into the mean over a slope's pairs.

    Every tau contributes the value at delta = slope * tau of a straight line fitted
    locally (cubic B-spline weights of that scale times pairs), so the falling number of
    pairs does not pull it inwards. The taus that are `used`, (slope, tau), are weighted by
    their pairs; those that no slope uses are left out of the result.
    """
    any_use = used.any(axis=0)
    taus = shape.taus[any_use]
    centre = slopes[:, None] * taus
    reach = int(np.ceil(2 * scale))
    low = np.floor(centre).astype(np.intp)
    delta = low[..., None] + np.arange(1 - reach, reach + 1)
    offset = delta - centre[..., None]
    room = np.maximum(shape.width - np.abs(delta), 0)
    bump = cubic_bspline(offset / scale) * room
    first = bump * offset
    m0, m1 = bump.sum(axis=-1, keepdims=True), first.sum(axis=-1, keepdims=True)
    m2 = np.sum(first * offset, axis=-1, keepdims=True)
    determinant = m0 * m2 - m1**2
    solvable = determinant > 1e-9
    line = (bump * m2 - first * m1) / np.where(solvable, determinant, 1)
    along = shape.pairs_along(slopes)[:, any_use] * solvable[..., 0] * used[:, any_use]
    share = along / np.maximum(along.sum(axis=1, keepdims=True), 1e-9)
    pairs = shape.tiles * (shape.lines - taus)[:, None] * np.maximum(room, 1)
    values = np.where(room > 0, line * share[..., None] / pairs, 0)
    # Room for kernels that reach out of the window, where their weights are 0.
    margin = shape.width + 2 * reach
    rows = np.zeros((len(slopes), len(taus), 2 * margin), np.float32)
    place = np.clip(delta[..., :1] + margin, 0, 2 * margin - 2 * reach)
    np.put_along_axis(rows, place + np.arange(2 * reach), values, axis=2)
    return rows[:, :, margin - shape.width + 1 : margin + shape.width]
