"""From squared differences per displacement to a displacement with its standard error.

Gamma is known at whole displacements. Read through a Gaussian of scale s,

    g(d) = sum over k of w(d - k) gamma(k),

it is a smooth function of any displacement; sampling leaves it exact to
exp(-2 (pi s)**2), so its minimum has no preference for whole or half pixels. A Gaussian
or a parabola through three neighbours of the raw peak has one, because the peak of a
correlation of cells is neither. The scale is the one with the smallest predicted error
for the cells and the noise of the recording: narrow when clear, as wide as the cells
when not, which is what a matched filter does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from acqcore.analysis._lspiv_pairs import (
    Differences,
    Pairs,
    line_covariance,
    uneven_by_noise,
    window_differences,
)
from acqcore.analysis._windows import Floats, Indices, Tick, Windows

CLEAR = 5.0
"""Evidence above which a window shows streaks: noise alone hardly ever does."""

_SCALES = (0.8, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
_CLEAN = 0.25
_ENDS = 0.6  # found with simulated cells of 5 to 35 pixels, without noise
_NEWTON_STEPS = 6
_PILOT_STRETCHES, _PILOT_WINDOWS = 8, 12


@dataclass(frozen=True, slots=True)
class Displacements:
    """One entry per window.

    Attributes:
        pixels: Displacement between the lines of a pair.
        error: One standard error of it.
        snr: Depth of the minimum over the mean depth of all displacements.
        evidence: The same depth over its standard deviation if the window were noise.
        rival: Significance of the next best minimum over that of the best.
        noise: Variance of the noise.
    """

    pixels: Floats
    error: Floats
    snr: Floats
    evidence: Floats
    rival: Floats
    noise: Floats

    def columns(self) -> tuple[Floats, ...]:
        """The fields in order."""
        return self.pixels, self.error, self.snr, self.evidence, self.rival, self.noise

    def among(self, which: Indices, count: int) -> Displacements:
        """The same as entries `which` of `count`, the others NaN."""
        table = np.full((6, count), np.nan)
        table[:, which] = self.columns()
        return Displacements(*table)


def displacements(windows: Windows, reader: Reader, tick: Tick) -> Displacements:
    """Measure every window."""
    return _joined([reader.read(part) for part in window_differences(windows, reader.pairs, tick)])


def _joined(parts: list[Displacements]) -> Displacements:
    columns = ([part.columns()[number] for part in parts] for number in range(6))
    return Displacements(*(np.concatenate(column) for column in columns))


def gaussian(u: Floats, scale: float, derivative: int = 0) -> Floats:
    """The Gaussian of unit area, or one of its first two derivatives."""
    z = u / scale
    bell = np.exp(-0.5 * z**2) / (np.sqrt(2 * np.pi) * scale)
    factor = (1.0, -z / scale, (z**2 - 1) / scale**2)[derivative]
    return np.asarray(bell * factor)


@dataclass(frozen=True, slots=True)
class Reader:
    """How gamma is read, learned from the whole recording.

    Attributes:
        scale: Of the Gaussian, in pixels.
        bend: Expected second derivative of g at its minimum.
        gradient: Mean squared gradient of the lines read through the Gaussian.
        trust: In each window's own squares, see `Differences.gamma`: at high noise their
            fluctuation costs more than it mends (James-Stein shrinkage).
        cell_px: About how far it is from one cell to the next.
    """

    pairs: Pairs
    scale: float
    bend: float
    gradient: float
    trust: float
    cell_px: float

    @property
    def taps(self) -> Indices:
        """Neighbours that count, around the nearest whole displacement."""
        reach = int(np.ceil(5 * self.scale)) + 1
        return np.arange(-reach, reach + 1)

    def read(self, differences: Differences) -> Displacements:
        """Find and measure the minimum of every window."""
        gamma = differences.gamma(self.trust)
        smooth, doubt = self._smooth(gamma)
        depth = differences.energy[:, None] - smooth
        best, rival = _best(smooth, depth / doubt)
        row, reach = np.arange(len(best)), self.taps[-1]
        padded = np.pad(gamma, ((0, 0), (reach, reach)), mode="edge")
        near = padded[row[:, None], best[:, None] + reach + self.taps]
        at, bend = self._minimum(near)
        displacement = self.pairs.lags[best] + at
        score = self._at(near, at, 0)
        least = 1e-9 * differences.energy + 1e-30
        score = np.maximum(score, least)
        noise = np.maximum(score - 0.5 * self.scale**2 * np.maximum(bend, 0), least)
        found = np.maximum(depth[row, best], 0)
        return Displacements(
            pixels=displacement,
            error=self.error(displacement, noise, bend),
            snr=found / np.maximum(np.abs(depth).mean(axis=1), 1e-30),
            evidence=found / np.maximum(score * doubt[best], 1e-30),
            rival=rival,
            noise=noise,
        )

    def _smooth(self, gamma: Floats) -> tuple[Floats, Floats]:
        """g at the whole displacements, and its standard deviation in noise of variance 1.

        Differences weigh as much as pixels were compared, which is little at the ends.
        """
        weights = gaussian(self.taps.astype(np.float64), self.scale)
        overlap = self.pairs.overlap(self.pairs.lags)
        reach = self.taps[-1]
        total, weighed = np.zeros_like(gamma), np.pad(gamma * overlap, ((0, 0), (reach, reach)))
        for number, weight in enumerate(weights):
            total += weight * weighed[:, number : number + len(overlap)]
        weight_sum = np.convolve(overlap, weights)[reach : reach + len(overlap)]
        squares = np.convolve(overlap, weights**2)[reach : reach + len(overlap)]
        color = self._noise_factor(0) / np.sum(weights**2)
        return total / weight_sum, np.sqrt(color * squares) / weight_sum

    def _minimum(self, near: Floats) -> tuple[Floats, Floats]:
        """Where g is least within a pixel of the middle tap, and its second derivative."""
        grid = np.linspace(-1, 1, 17)
        kernel = gaussian(grid[:, None] - self.taps, self.scale)
        at = grid[(near @ (kernel / kernel.sum(axis=1, keepdims=True)).T).argmin(axis=1)]
        for _ in range(_NEWTON_STEPS):
            bend = self._at(near, at, 2)
            safe = np.where(bend > 0, bend, np.inf)
            at = np.clip(at - self._at(near, at, 1) / safe, at - 0.15, at + 0.15)
        return np.clip(at, -1.5, 1.5), self._at(near, at, 2)

    def _at(self, near: Floats, at: Floats, derivative: int) -> Floats:
        # Less the middle: the taps' weights add up to their due only almost.
        middle = near[:, [len(self.taps) // 2]]
        kernel = gaussian(at[:, None] - self.taps, self.scale, derivative)
        value = np.sum(kernel * (near - middle), axis=1)
        return np.asarray(value + middle[:, 0] if derivative == 0 else value)

    def _noise_factor(self, derivative: int) -> float:
        """Sum of squared weights: noise that whole displacements do not share, passed on."""
        weights = gaussian(self.taps.astype(np.float64), self.scale, derivative)
        color = self.pairs.noise_covariance
        return float(np.sum(np.convolve(weights, color / color.max()) ** 2))

    def error(self, displacement: Floats, noise: Floats, bend: Floats) -> Floats:
        """Standard error of a displacement: noise carried to the zero of g's derivative.

        Noise on the cells' gradient cancels where a pixel is the later of one pair and the
        earlier of the next, and so mostly does; noise on noise does not. What is left
        without noise is that differences a pixel further compare a pixel less.
        """
        pairs = self.pairs
        distance = np.minimum(np.abs(displacement), pairs.width - 1)
        compared = pairs.overlap(distance)
        doubt = noise**2 * self._noise_factor(2) / compared / self.bend**2
        bend = (np.maximum(bend, 0) + doubt * self.bend) / (1 + doubt)
        bend = np.maximum(bend, 1e-3 * self.bend)
        inner = max(pairs.count - pairs.shift, 0)
        outer = 2 * min(pairs.shift, pairs.count)
        alone = inner * 2 * np.minimum(distance, pairs.width - distance)
        alone += outer * (pairs.width - distance)
        gradient = self.gradient * bend / self.bend
        variance = noise * gradient * alone / compared**2
        variance += noise**2 * self._noise_factor(1) / compared
        travelled = distance * pairs.count / pairs.shift
        seen = (self.cell_px + travelled) * compared / pairs.count
        uneven = (_ENDS * self.scale) ** 2 / seen * self.bend / bend
        return np.asarray(np.sqrt(variance / bend**2 + uneven))


def _best(smooth: Floats, significance: Floats) -> tuple[Indices, Floats]:
    """Index of the most significant minimum, and what part of that the next one reaches."""
    valley = np.ones(smooth.shape, bool)
    valley[:, 1:] &= smooth[:, 1:] <= smooth[:, :-1]
    valley[:, :-1] &= smooth[:, :-1] <= smooth[:, 1:]
    significance = np.where(valley, significance, -np.inf)
    best = significance.argmax(axis=1)
    row = np.arange(len(best))
    first = significance[row, best]
    significance[row, best] = -np.inf
    return best, significance.max(axis=1) / np.maximum(first, 1e-30)


def tuned(windows: Windows, pairs: Pairs, still_here: Callable[[], None]) -> Reader:
    """Choose scale and trust from windows spread over the recording."""
    covariance = line_covariance(windows, pairs)
    white = _noise_of(line_covariance(windows, pairs.unfiltered))
    noise = white * float(pairs.noise_covariance.max())
    some = _sampled(windows, pairs, still_here)
    trust = _trust(some, pairs, noise)
    pilot = _reader(pairs, covariance, noise, 1.0 if pairs.width < 16 else 2.0, trust)
    found = _joined([pilot.read(part) for part in some])
    clearer = found.evidence >= np.median(found.evidence)
    left = float(np.median(found.noise[clearer]))
    if left < _CLEAN * covariance[0]:
        # Sharp edges look like noise to the covariance; clear minima know better.
        noise = min(left, noise)
    at = np.array([float(np.median(np.abs(found.pixels[clearer])))])
    widest = max(1.0, pairs.width / 5)
    readers = [_reader(pairs, covariance, noise, s, trust) for s in _SCALES if s <= widest]

    def predicted(reader: Reader) -> float:
        return float(reader.error(at, np.array([noise]), np.array([reader.bend]))[0])

    return min(readers, key=predicted)


def _trust(some: list[Differences], pairs: Pairs, noise: float) -> float:
    """Part of the squares' unevenness that noise does not explain."""
    seen = np.concatenate([part.uneven for part in some])
    by_noise = uneven_by_noise(pairs) * 2 * noise**2
    weight = pairs.overlap(pairs.lags)
    total = float(np.sum(weight * np.mean(seen**2, axis=0)))
    return float(np.clip(1 - np.sum(weight * by_noise) / total, 0, 1)) if total > 0 else 0.0


def _noise_of(covariance: Floats) -> float:
    """What the mean square of a pixel exceeds the covariance near it by."""
    if len(covariance) < 3:
        return 0.0
    return float(max(covariance[0] - (4 * covariance[1] - covariance[2]) / 3, 0))


def _sampled(windows: Windows, pairs: Pairs, still_here: Callable[[], None]) -> list[Differences]:
    stretches = min(_PILOT_STRETCHES, max(len(windows) // _PILOT_WINDOWS, 1))
    sampled: list[Differences] = []
    for first in np.linspace(0, len(windows) - 1, stretches, endpoint=False).astype(int):
        part = windows.only(np.arange(first, min(first + _PILOT_WINDOWS, len(windows))))
        sampled += window_differences(part, pairs, lambda _: still_here())
    return sampled


def _reader(pairs: Pairs, covariance: Floats, noise: float, scale: float, trust: float) -> Reader:
    """Expected bend and gradient, from the covariance of a line less that of the noise."""
    color = pairs.noise_covariance / pairs.noise_covariance.max()
    middle = len(color) // 2
    texture = covariance.copy()
    texture[: middle + 1] -= noise * color[middle:]
    texture[0] = max(texture[0], 0)
    reach = min(len(texture) - 1, int(np.ceil(8 * scale)) + 1)
    lags = np.arange(-reach, reach + 1)
    around = texture[np.abs(lags)] - texture[reach]
    bend = -float(gaussian(lags.astype(np.float64), scale, 2) @ around)
    at = np.arange(-reach - middle, reach + middle + 1).astype(np.float64)
    gradient = -float(gaussian(at, np.sqrt(2) * scale, 2) @ np.convolve(around, color))
    floor = 1e-6 * float(covariance[0]) / scale**2 + 1e-30
    return Reader(pairs, scale, max(bend, floor), max(gradient, floor), trust, _cell_px(texture))


def _cell_px(texture: Floats) -> float:
    """Cells and gaps of even parts lose half their covariance within a sixth of a period."""
    below = np.flatnonzero(texture < texture[0] / 2)
    return 6.0 * float(below[0] if len(below) else len(texture))
