"""Fast flow in a narrow window: streaks that leave it within a few lines.

There a mean over pairs wastes what little is seen: the pairs of one line say nothing of
the slope but tell signal from noise. The likelihood of the lines uses both. Lines are
taken for a Gaussian process whose covariance falls along the distance from streak to
streak by the pattern's variogram, plus white noise:

    cov(I(t, x), I(u, y)) = far - gamma(|(x - y) - v (t - u)|) + noise [t = u, x = y],

`far` large, so that only differences of brightness count (an intrinsic random function,
Matheron 1973). What one line adds given all earlier ones depends only on the last few,
because earlier streaks have left the window: the density factors as in Vecchia (1988, J R
Stat Soc B 50:297), and every factor is computed once for all windows that overlap. The
brightness scale of a window is free (profile likelihood), so bleaching does not matter.
Noise and variogram are those that the restricted likelihood of the single lines
(Patterson and Thompson 1971) leaves probable; motion does not touch it.

With the true covariance this is the best estimate that knows no preferred slope, and its
error is the width of the posterior over all slopes, equally probable beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._slope_reading import Slopes
from acqcore.analysis._texture import Texture
from acqcore.analysis._windows import Block, Floats, Indices, Windows

FAST = 0.25
"""Part of the width that a streak crosses per line from which on this reading is better."""
WIDEST = 40
"""Wider lines hold so many pairs that the mean over pairs loses little."""

_LINES_BEFORE = 2
_STEP = 0.4
_SLOW_STEP = 1.0
_FASTEST = 1.25
_BEYOND = 0.3
"""Probability of slopes without a shared pixel above which the truth may be one of them."""
_MODE_ERRORS = 3.0
_GRID_ERROR = 0.04
"""Error of the vertex of a parabola, in candidate steps."""
_ROUNDNESSES = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_RANGES = (64.0, 16.0, 8.0, 4.0, 2.0)
_NOISES = np.geomspace(1e-3, 1e4, 141)
"""Variance of the noise over the steepness of the variogram."""
_LINES_ALIKE = 2
"""Lines that show the same streak count as one."""
_GAMMA_STEP = 1 / 32
_FAR, _LEAST_NOISE = 20, 1e-3
"""Over the variogram at the farthest; with less noise the candidates lie too far apart."""
_PIXELS_SAMPLED = 200_000
_LINES_AT_ONCE = 4096
_MULTIPLICATIONS_AT_ONCE = 2e8

Tick = Callable[[], None]
Bools = NDArray[np.bool_]


def read_again(windows: Windows, found: Slopes, still_here: Tick) -> Slopes:
    """`found` with slope, error, doubt and edge of the fast windows from the likelihood.

    `still_here` is called every few milliseconds.
    """
    fast = np.flatnonzero(np.abs(found.slope) >= FAST * windows.width)
    if not len(fast) or windows.width > WIDEST or windows.lines <= _LINES_BEFORE:
        return found
    width = windows.width
    farthest = width + _LINES_BEFORE * (_FASTEST * width + 1)
    pattern = Pattern.of(_sampled_lines(windows), farthest)
    still_here()
    whitening = Whitening.of(width, pattern, still_here)
    slope, error = found.slope.copy(), found.error.copy()
    elsewhere, at_edge = found.elsewhere.copy(), found.at_edge.copy()
    for some in _batches(windows, fast):
        misfit = whitening.misfit(windows, some, still_here)
        freedom = width * (windows.lines - _LINES_BEFORE)
        slope[some], error[some], elsewhere[some], at_edge[some] = _read(
            whitening.slopes, misfit, freedom, width
        )
    return replace(found, slope=slope, error=error, elsewhere=elsewhere, at_edge=at_edge)


def _batches(windows: Windows, which: Indices) -> Iterator[Indices]:
    size = max(1, 4 * _LINES_AT_ONCE // windows.lines)
    for first in range(0, len(which), size):
        yield which[first : first + size]


def _sampled_lines(windows: Windows) -> Floats:
    """Lines spread over the plane, each less its own mean."""
    stride = max(1, windows.pixels.size // _PIXELS_SAMPLED)
    lines = np.asarray(windows.pixels[::stride], np.float64)
    if windows.offset is not None:
        lines = lines - windows.offset
    lines = lines[np.isfinite(lines).all(axis=1)]
    return np.asarray(lines - lines.mean(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Pattern:
    """Noise and variogram of the lines of a recording.

    Attributes:
        noise: Variance of the white noise.
        gamma: Half the mean squared difference of the noise-free pattern, at multiples of
            `_GAMMA_STEP` pixels.
    """

    noise: float
    gamma: Floats

    @classmethod
    def of(cls, lines: Floats, farthest: float) -> Pattern:
        """The mean of all that may be, weighted by the likelihood of the lines, (line, pixel).

        For one shape of the variogram and all its ratios of noise to steepness at once: in
        the basis that diagonalises the covariance of differences the likelihood is a sum.
        """
        count, width = lines.shape
        covariance = lines.T @ lines / count
        at = np.arange(0, farthest + 2 * _GAMMA_STEP, _GAMMA_STEP)
        column = np.arange(width)
        distance = np.abs(np.subtract.outer(column, column)).astype(np.float64)
        misfits, noises, gammas = [], [], []
        for roundness, reach in product(_ROUNDNESSES, _RANGES):
            shape = Texture(0.0, 1.0, roundness, reach, 1.0)
            misfit, noise, steepness = _fitted(covariance, _centred(-shape.rise(distance)))
            misfits.append(misfit)
            noises.append(noise)
            gammas.append(steepness * shape.rise(at))
        independent = count * (width - 1) / _LINES_ALIKE
        weight = np.exp(-independent / 2 * (np.array(misfits) - min(misfits)))
        weight /= weight.sum()
        return cls(float(weight @ np.array(noises)), weight @ np.array(gammas))

    def at(self, distance: Floats) -> Floats:
        """The variogram at any distance up to the farthest."""
        place = distance / _GAMMA_STEP
        low = place.astype(np.intp)
        part = place - low
        return np.asarray((1 - part) * self.gamma[low] + part * self.gamma[low + 1])


def _fitted(covariance: Floats, pattern: Floats) -> tuple[float, float, float]:
    """Twice the negative logarithm of the likelihood per degree of freedom, noise, steepness."""
    power, basis = np.linalg.eigh(pattern)
    # Without the constant, which the centring has made the one without power.
    constant = int(np.argmax(np.abs(basis.sum(axis=0))))
    power = np.delete(power, constant)
    seen = np.delete(np.einsum("xi,xy,yi->i", basis, covariance, basis), constant)
    total = _NOISES[:, None] + np.maximum(power, 0)
    steepness = np.maximum((seen / total).mean(axis=1), 1e-300)
    misfit = np.log(steepness) + np.log(total).mean(axis=1)
    best = int(misfit.argmin())
    return float(misfit[best]), float(_NOISES[best] * steepness[best]), float(steepness[best])


def _centred(matrix: Floats) -> Floats:
    return np.asarray(
        matrix - matrix.mean(axis=0) - matrix.mean(axis=1, keepdims=True) + matrix.mean()
    )


@dataclass(frozen=True, slots=True)
class Whitening:
    """For each slope, what turns a line and the lines before it into white noise.

    Attributes:
        slopes: Candidates, ascending, pixels per line.
        rows: (slope * column, line * column): the line's own surprise at every column.
        spread: Logarithm of the determinant of the covariance of one line's surprise.
    """

    slopes: Floats
    rows: Block
    spread: Floats

    @classmethod
    def of(cls, width: int, pattern: Pattern, still_here: Tick) -> Whitening:
        """For all slopes that share a pixel between lines, and some that do not."""
        slopes = _candidates(width)
        rows = np.empty((len(slopes), width, (_LINES_BEFORE + 1) * width), np.float32)
        spread = np.empty(len(slopes))
        line, column = np.divmod(np.arange(rows.shape[2]), width)
        far = _FAR * pattern.gamma[-1]
        noise = max(pattern.noise, _LEAST_NOISE * pattern.gamma[-1]) * np.eye(rows.shape[2])
        for number, slope in enumerate(slopes):
            still_here()
            place = column - slope * line
            gamma = pattern.at(np.abs(np.subtract.outer(place, place)))
            root = np.linalg.cholesky(far - gamma + noise)
            rows[number] = np.linalg.inv(root)[-width:]
            spread[number] = 2 * np.log(np.diag(root)[-width:]).sum()
        return cls(slopes, rows.reshape(-1, rows.shape[2]), spread)

    def misfit(self, windows: Windows, which: Indices, still_here: Tick) -> Floats:
        """(window, slope): sum of squares over the geometric mean of its variances.

        Minus half its logarithm, times the number of squares, is that of the likelihood
        with each window's brightness scale fitted.
        """
        height = windows.lines - _LINES_BEFORE
        used = np.zeros(len(windows.pixels), bool)
        for start in windows.starts[which]:
            used[start : start + height] = True
        first = (np.cumsum(used) - 1)[windows.starts[which]]
        surprise = self._surprise(windows, np.flatnonzero(used), still_here)
        total = np.concatenate([np.zeros((1, len(self.slopes))), np.cumsum(surprise, axis=0)])
        squares = np.maximum(total[first + height] - total[first], 1e-300)
        return np.asarray(squares * np.exp(self.spread / windows.width))

    def _surprise(self, windows: Windows, lines: Indices, still_here: Tick) -> Floats:
        """(line, slope): sum of squares of the third of three lines, given the others."""
        found = np.empty((len(lines), len(self.slopes)))
        size = max(1, int(_MULTIPLICATIONS_AT_ONCE / self.rows.size))
        together = np.arange(_LINES_BEFORE + 1)
        for begin in range(0, len(lines), size):
            still_here()
            part = lines[begin : begin + size]
            cut = np.asarray(windows.pixels[part[:, None] + together], np.float32)
            if windows.offset is not None:
                cut = cut - windows.offset.astype(np.float32)
            cut = cut - cut.mean(axis=(1, 2), keepdims=True)
            white = cut.reshape(len(part), -1) @ self.rows.T
            np.square(white, out=white)
            found[begin : begin + size] = white.reshape(
                len(part), len(self.slopes), windows.width
            ).sum(axis=2)
        return found


def _candidates(width: int) -> Floats:
    """Fine where this reading is used, coarse where only its rivals are."""
    edge = np.floor(0.8 * FAST * width)
    slow = np.arange(0, edge, _SLOW_STEP)
    positive = np.concatenate([slow, np.arange(edge, _FASTEST * width + _STEP, _STEP)])
    return np.concatenate([-positive[:0:-1], positive])


def _read(
    slopes: Floats, misfit: Floats, freedom: int, width: int
) -> tuple[Floats, Floats, Floats, Bools]:
    """Slope, error, probability of other slopes, and whether the truth may be faster."""
    row = np.arange(len(misfit))
    best = misfit.argmin(axis=1)
    middle = np.clip(best, 1, len(slopes) - 2)
    x0, x1, x2 = (slopes[middle + step] for step in (-1, 0, 1))
    # Next to the best slope the misfit is a parabola; its logarithm, without noise, is not.
    y0, y1, y2 = (misfit[row, middle + step] for step in (-1, 0, 1))
    first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    bend = 2 * (second - first) / (x2 - x0)
    curved = np.where(bend > 0, bend, np.inf)
    slope = np.clip((x0 + x1) / 2 - first / curved, x0, x2)
    least = np.maximum(y1 - curved * (slope - x1) ** 2 / 2, y1 / 2)
    narrow = np.where(bend > 0, np.sqrt(2 * least / (freedom * curved)), x2 - x0)
    likelihood = -freedom / 2 * np.log(misfit / misfit.min(axis=1, keepdims=True))
    weight = np.exp(likelihood) * np.gradient(slopes)
    weight /= weight.sum(axis=1, keepdims=True)
    away = slopes - slope[:, None]
    # A posterior narrower than a step is better known from its parabola.
    beyond_best = np.abs(slopes - slopes[best][:, None]) > 0
    spread = np.sqrt(np.sum(weight * beyond_best * away**2, axis=1))
    error = np.hypot(np.maximum(narrow, spread), _GRID_ERROR * np.gradient(slopes)[best])
    reach = np.maximum(_MODE_ERRORS * narrow, 2.5 * np.gradient(slopes)[best])
    elsewhere = np.sum(weight * (np.abs(away) > reach[:, None]), axis=1)
    beyond = np.sum(weight * (np.abs(slopes) > width - 1), axis=1)
    return slope, error, elsewhere, beyond > _BEYOND
