"""Candidate slopes of one window shape, and what each of them reads from lag space.

Two pixels of a window lie a *lag* apart: tau lines and delta pixels. A streak of slope v
(pixels per line) joins pixels whose lag is (tau, v tau). The score of a candidate is the
mean squared difference of all such pairs, read from the sums over pairs per lag with a
kernel around delta = v tau; since a mean does not depend on how many pairs there are, no
direction is favoured by the shape of the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Floats, Indices

_WEIGHTS_AT_ONCE, _ENTRIES_AT_ONCE = 300_000, 60_000
_FASTEST = 0.75
"""Fastest candidate: the part of the width that it crosses in one line."""


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
    def pairs(self) -> Floats:
        """(tau, delta): pairs of pixels per lag; delta runs from 1 - width to width - 1."""
        deltas = np.abs(np.arange(1 - self.width, self.width))
        columns = self.tiles * (self.width - deltas)
        return np.asarray(np.outer(self.lines - self.taus, columns), np.float64)

    def pairs_along(self, slopes: Floats) -> Floats:
        """(slope, tau): pairs on the streaks of a slope, 0 where they leave the window."""
        room = np.maximum(self.width - 1 - np.abs(slopes[:, None] * self.taus), 0)
        pairs: Floats = self.tiles * (self.lines - self.taus) * room
        return pairs


def cubic_bspline(z: Floats) -> Floats:
    """The smooth bump of unit area on -2..2."""
    z = np.abs(z)
    return np.asarray(np.where(z < 1, (4 - 6 * z**2 + 3 * z**3) / 6, np.maximum(2 - z, 0) ** 3 / 6))


def candidate_slopes(shape: Shape, scale: float) -> Floats:
    """Slopes that differ by half a kernel width where their streaks leave the window.

    A slow streak leaves it in time, so slow candidates are evenly spaced; a fast one
    leaves it in space, so the others are evenly spaced in their logarithm.
    """
    step = max(0.5, 0.5 * scale)
    corner = shape.width / shape.lines
    fastest = _FASTEST * (shape.width - 1)
    slow = np.arange(0, corner, step / shape.lines)
    count = int(np.log(max(fastest / corner, 1)) * shape.width / step) + 1
    fast = corner * np.exp(np.arange(count) * step / shape.width)
    positive = np.concatenate([slow, fast])
    positive = positive[positive <= fastest]
    return np.concatenate([-positive[:0:-1], positive])


def kernel_weights(
    shape: Shape, slopes: Floats, scale: float
) -> tuple[Indices, NDArray[np.float64]]:
    """Where in lag space each slope reads, and with what weight: both (slope, tau, tap).

    Positions count from 0 in the flattened (tau, delta) plane. Every tau contributes the
    value at delta = slope * tau of a straight line fitted locally (cubic B-spline weights
    of that scale times pairs), so the falling number of pairs does not pull it inwards;
    the taus are weighted by their pairs and the sum over sums per lag is a mean per pair.
    """
    centre = slopes[:, None] * shape.taus
    reach = int(np.ceil(2 * scale))
    delta = np.floor(centre).astype(np.intp)[..., None] + np.arange(1 - reach, reach + 1)
    offset = delta - centre[..., None]
    room = np.maximum(shape.width - np.abs(delta), 0)
    bump = cubic_bspline(offset / scale) * room
    m0, m1, m2 = (np.sum(bump * offset**power, axis=-1, keepdims=True) for power in (0, 1, 2))
    determinant = m0 * m2 - m1**2
    solvable = determinant > 1e-9
    line = bump * (m2 - m1 * offset) / np.where(solvable, determinant, 1)
    along = shape.pairs_along(slopes) * solvable[..., 0]
    share = along / np.maximum(along.sum(axis=1, keepdims=True), 1e-9)
    pairs = shape.tiles * (shape.lines - shape.taus)[:, None] * np.maximum(room, 1)
    weights = np.where(room > 0, line * share[..., None] / pairs, 0)
    row = (shape.taus - 1)[:, None] * (2 * shape.width - 1)
    return row + np.where(room > 0, delta, 0) + shape.width - 1, weights


@dataclass(frozen=True, slots=True)
class Directions:
    """All candidates of one shape and kernel scale.

    The score of a candidate is `kernel @ sums`, sums over pairs per lag. White noise of
    variance s2 adds s2**2 * noise to the variance of the score, s2**2 * slope_noise to
    that of its first derivative by slope and s2**2 * bend_noise to that of its second.
    If the texture has a mean squared gradient G, the second derivative of the score is
    G * lever, and noise on the texture adds s2 * G * spread to the variance of the first.

    Attributes:
        slopes: Pixels per line, ascending.
        kernel: (slope, lag), sparse float32.
        pairs: Pairs per candidate.
        noise, slope_noise, bend_noise, lever, spread: See above, one per candidate.
    """

    slopes: Floats
    scale: float
    kernel: Any
    pairs: Floats
    noise: Floats
    slope_noise: Floats
    bend_noise: Floats
    lever: Floats
    spread: Floats

    def scores(self, sums: NDArray[np.float32]) -> Floats:
        """(window, slope) from sums over pairs per lag, (window, tau, delta)."""
        flat = sums.reshape(len(sums), -1)
        return np.asarray(self.kernel @ flat.T, np.float64).T

    def slope_kernel(self, candidate: int) -> Floats:
        """(lag): what reads the derivative of the score by slope at a candidate."""
        i = min(max(candidate, 1), len(self.slopes) - 2)
        difference = (self.kernel[[i + 1]] - self.kernel[[i - 1]]).toarray().ravel()
        return np.asarray(difference / (self.slopes[i + 1] - self.slopes[i - 1]), np.float64)


def directions(shape: Shape, scale: float, still_here: Callable[[], None]) -> Directions:
    """Build the candidates; `still_here` is called every few milliseconds."""
    slopes = candidate_slopes(shape, scale)
    kernel = _kernel(shape, slopes, scale, still_here)
    noise, slope_noise, bend_noise = _noise(kernel, slopes, shape.pairs.ravel(), still_here)
    still_here()
    along = shape.pairs_along(slopes)
    total = along.sum(axis=1)
    return Directions(
        slopes=slopes,
        scale=scale,
        kernel=kernel.astype(np.float32),
        pairs=total,
        noise=noise,
        slope_noise=slope_noise,
        bend_noise=bend_noise,
        lever=(shape.taus**2 * along).sum(axis=1) / total,
        spread=_spread(shape, np.abs(slopes), still_here) / total**2,
    )


def _kernel(shape: Shape, slopes: Floats, scale: float, still_here: Callable[[], None]) -> Any:
    from scipy.sparse import csr_array, vstack  # heavy: not needed to list the analyses

    lags = (shape.lines - 1) * (2 * shape.width - 1)
    per_slope = (shape.lines - 1) * 2 * int(np.ceil(2 * scale))
    size = max(1, _WEIGHTS_AT_ONCE // per_slope)
    parts = []
    for first in range(0, len(slopes), size):
        still_here()
        where, weights = kernel_weights(shape, slopes[first : first + size], scale)
        count = len(where)
        rows = np.repeat(np.arange(count), per_slope)
        used = weights.ravel() != 0
        entries = (weights.ravel()[used], (rows[used], where.ravel()[used]))
        parts.append(csr_array(entries, shape=(count, lags)))
    return vstack(parts, format="csr")


def _noise(
    kernel: Any, slopes: Floats, pairs: Floats, still_here: Callable[[], None]
) -> tuple[Floats, Floats, Floats]:
    """White-noise factors of the score and of its first two derivatives by slope."""
    from scipy.sparse import diags_array  # heavy: see `_kernel`

    count, step = len(slopes), np.diff(slopes)
    left, right = np.append(step[0], step), np.append(step, step[-1])
    factors = np.empty((3, count))
    size = max(1, _ENTRIES_AT_ONCE * count // max(kernel.nnz, 1))
    for start in range(0, count, size):
        still_here()
        part = slice(start, min(start + size, count))
        around = kernel[np.clip(np.arange(part.start - 1, part.stop + 1), 0, count - 1)]
        before, after = left[part], right[part]
        left_step = diags_array(1 / before) @ (around[1:-1] - around[:-2])
        right_step = diags_array(1 / after) @ (around[2:] - around[1:-1])
        weight = after / (before + after)
        first = diags_array(weight) @ left_step + diags_array(1 - weight) @ right_step
        second = diags_array(2 / (before + after)) @ (right_step - left_step)
        for row, derivative in enumerate((around[1:-1], first, second)):
            factors[row, part] = derivative.power(2) @ pairs
    # The outermost candidates have a neighbour on one side only.
    factors[1:, 0], factors[1:, -1] = factors[1:, 1], factors[1:, -2]
    return factors[0], factors[1], factors[2]


def _spread(shape: Shape, speeds: Floats, still_here: Callable[[], None]) -> Floats:
    """Sum over pixels of (sum of tau over the partners ahead less those behind) squared.

    A pixel's noise meets the texture's gradient once per partner on its streak, with the
    sign of their distance in time. Sampled at no more than 32 x 32 pixels.
    """
    t = np.unique(np.linspace(0, shape.lines - 1, 32).astype(int))[:, None]
    x = np.unique(np.linspace(0, shape.width - 1, 32).astype(int))[None, :]
    mean_square = np.empty(len(speeds))
    for number, speed in enumerate(np.maximum(speeds, 1e-9)):
        if number % 100 == 0:
            still_here()
        ahead = np.minimum(shape.lines - 1 - t, np.floor((shape.width - 1 - x) / speed + 1e-9))
        behind = np.minimum(t, np.floor(x / speed + 1e-9))
        balance = (ahead * (ahead + 1) - behind * (behind + 1)) / 2
        mean_square[number] = np.mean(balance**2)
    return mean_square * (shape.tiles * shape.lines * shape.width)
