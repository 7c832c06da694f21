"""What each window says about its slope, read with what the whole recording has taught."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._directions import NEAR_STEP, Directions
from acqcore.analysis._spectra import Spectra, SpectrumMaker
from acqcore.analysis._texture import Texture
from acqcore.analysis._windows import Block, Floats, Indices

_SHARPNESS = 2.0
_CALIBRATION = 0.95
"""Factors on the logarithm of the likelihood and on the standard error, from simulation."""
_GRID_ERROR = 0.04
"""Error of the vertex of a parabola, in candidate steps."""
_VAGUE = 0.45
"""Probability of other slopes above which the median of all takes the peak's place."""
_DEEPEST = 1e3
_FINEST_COMPARISON = 0.003
_MODE_ERRORS = 3.0
_MODE_STEPS = 3.0


@dataclass(frozen=True, slots=True)
class Slopes:
    """One entry per window.

    Attributes:
        slope: Pixels per line, positive towards higher columns.
        error: One standard error of `slope`.
        unsteady: The part of it that comes from a slope that varies within the window.
        snr: How deep the minimum is, over the mean depth of all candidates.
        evidence: The same over its standard deviation if the window were noise.
        elsewhere: Probability of slopes that are not those of the deepest valley.
        at_edge: Whether the fastest candidate won, so that the truth may be faster.
    """

    slope: Floats
    error: Floats
    unsteady: Floats
    snr: Floats
    evidence: Floats
    elsewhere: Floats
    at_edge: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Valley:
    """What pairs along each window's own slope say, one entry per window.

    Attributes:
        noise: Half the mean squared difference of pairs close in time, less the texture's.
        excess: How much more all pairs differ.
        lever: Excess per mean squared gradient and half the variance of the slope.
        doubt: Standard deviation of `excess` in white noise.
    """

    noise: Floats
    excess: Floats
    lever: Floats
    doubt: Floats


@dataclass(frozen=True, slots=True)
class Peaks:
    """The best candidate of each window and the parabola through it.

    Attributes:
        best: Number of the candidate.
        slope: Abscissa of the vertex.
        depth: Of the candidate.
        bend: Minus the second derivative.
    """

    best: Indices
    slope: Floats
    depth: Floats
    bend: Floats


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the whole recording says about how to read one window.

    Attributes:
        candidates: At the scale with the smallest predicted error.
        texture: Of the recording.
        gradient: Mean squared gradient of the texture at that scale.
        passed: Part of the gradient's power that the kernel lets pass.
        blur: What the kernel adds to g.
        noise: Usual variance of the noise.
        trust: In each window's own sums of squares, 0..1.
        wander: Variance of the first derivative of g that the missing trust leaves.
        unsteadiness: Usual variance of the slope within a window.
    """

    maker: SpectrumMaker
    candidates: Directions
    texture: Texture
    gradient: float
    passed: float
    blur: float
    noise: float
    trust: float = 0.5
    wander: float = 0.0
    unsteadiness: float = 0.0

    def slopes(self, spectra: Spectra) -> Slopes:
        """Read the windows."""
        return self.read(spectra)[0]

    def read(self, spectra: Spectra) -> tuple[Slopes, Peaks, Valley]:
        """Read the windows, and tell what the slopes were found from."""
        at = self.candidates.at
        depth = self.depths(spectra)
        usual = self._likelihood(np.array(self.noise), slice(None))
        relative = depth / np.float32(self.usual_depth)
        likelihood = np.square(np.clip(relative, 0, _DEEPEST)) * usual.astype(np.float32)
        peaks = _peaks(at.slopes, depth, likelihood.argmax(axis=1))
        valley = self.valley(spectra, peaks)
        error, unsteady = self._errors(peaks, valley)
        own = self._likelihood(valley.noise, peaks.best)
        likelihood *= (_SHARPNESS * own / usual[peaks.best]).astype(np.float32)[:, None]
        slope, spread, elsewhere = _posterior(at.slopes, likelihood, peaks, error)
        deviation = valley.noise * np.sqrt(self.candidates.noise[peaks.best])
        last = len(at.slopes) - 1
        found = Slopes(
            slope=slope,
            error=np.minimum(_CALIBRATION * np.hypot(error, spread), at.slopes[-1]),
            unsteady=unsteady,
            snr=peaks.depth / np.maximum(np.abs(depth).mean(axis=1), 1e-30),
            evidence=peaks.depth / np.maximum(deviation, 1e-30),
            elsewhere=elsewhere,
            at_edge=(peaks.best == 0) | (peaks.best == last),
        )
        return found, peaks, valley

    def depths(self, spectra: Spectra) -> Block:
        """(window, slope): variance less g."""
        even, odd = spectra.even @ self.candidates.even.T, spectra.odd @ self.candidates.odd.T
        depth = np.concatenate([(even - odd)[:, :0:-1], even + odd], axis=1)
        if self.trust:
            tilt = spectra.energy @ self.candidates.squares
            tilt -= 1
            tilt *= np.float32(self.trust) * spectra.variance[:, None]
            depth -= tilt
        return depth

    def valley(self, spectra: Spectra, peaks: Peaks) -> Valley:
        """Compare the pairs close in time with all of them."""
        at = self.candidates.at
        turn = peaks.best - len(at.slopes) // 2
        sign = np.where(turn < 0, -1, 1)
        row = np.minimum(
            (np.abs(turn) + NEAR_STEP // 2) // NEAR_STEP, len(self.candidates.near_even) - 1
        )
        near = np.einsum("ij,ij->i", spectra.even, self.candidates.near_even[row])
        near += sign * np.einsum("ij,ij->i", spectra.odd, self.candidates.near_odd[row])
        rough = np.maximum(spectra.variance - near, 1e-9 * spectra.variance + 1e-30)
        noise = np.maximum(rough - self.blur, rough / 4).astype(np.float64)
        near_part, near_lever = at.near_part[peaks.best], at.near_lever[peaks.best]
        lever = at.lever[peaks.best] - near_lever
        doubt = noise * np.sqrt(self.candidates.noise[peaks.best] * (1 / near_part - 1))
        return Valley(noise, near - peaks.depth, lever, doubt)

    @property
    def usual_depth(self) -> float:
        """Of the score along the streaks."""
        return max(self.texture.signal - self.blur, 0.1 * self.texture.signal)

    def _likelihood(self, noise: Floats, which: Indices | slice) -> Floats:
        """Logarithm of the likelihood ratio, to no pattern, where the depth is the usual one.

        The curvature of the score over the variance of its slope makes a likelihood of it;
        that of a pattern of free strength goes with the square of the depth.
        """
        at = self.candidates.at
        white = at.slope_noise[which] / self.candidates.scale**3
        variance = noise * self.passed * self.gradient * at.spread[which] + noise**2 * white
        return np.asarray(self.gradient * at.lever[which] / variance * (self.usual_depth / 2))

    def _errors(self, peaks: Peaks, valley: Valley) -> tuple[Floats, Floats]:
        """Standard errors from noise and from unsteady flow.

        The curvature is drawn to what the texture predicts.
        """
        at, best, noise = self.candidates.at, peaks.best, valley.noise
        scale = self.candidates.scale
        lever = at.lever[best]
        predicted = self.gradient * lever
        doubt = noise**2 * at.bend_noise[best] / scale**5 / predicted**2
        bend = (np.maximum(peaks.bend, 0) + doubt * predicted) / (1 + doubt)
        bend = np.maximum(bend, 1e-3 * predicted)
        gradient = self.passed * bend / lever
        white = at.slope_noise[best] / scale**3
        variance = noise * gradient * at.spread[best] + noise**2 * white
        shape = self.candidates.shape
        seen = shape.tiles * shape.width + np.abs(at.slopes[best]) * shape.lines
        unsteady = self._unsteadiness(valley, bend / lever) / (1 + self.texture.cells * seen)
        grid = _GRID_ERROR * np.gradient(at.slopes)[best]
        return np.hypot(np.sqrt(variance + self.wander) / bend, grid), np.sqrt(unsteady)

    def _unsteadiness(self, valley: Valley, gradient: Floats) -> Floats:
        """Variance of the slope within each window, as far as it stands out of the noise."""
        lever = gradient * np.maximum(valley.lever, 1e-30) / 2
        own, doubt = np.maximum(valley.excess / lever, 0), (valley.doubt / lever) ** 2
        signal = np.maximum(own, self.unsteadiness) ** 2
        weight = signal / np.maximum(signal + doubt, 1e-300)
        return np.asarray(weight * own + (1 - weight) * self.unsteadiness)


def _peaks(slopes: Floats, depth: Block, likeliest: Indices) -> Peaks:
    """The deepest candidate next to the likeliest one, whose weights would pull."""
    last = len(slopes) - 1
    around = np.clip(likeliest[:, None] + np.arange(-3, 4), 0, last)
    row = np.arange(len(likeliest))
    best = around[row, np.take_along_axis(depth, around, axis=1).argmax(axis=1)]
    middle = np.clip(best, 1, last - 1)
    x0, x1, x2 = slopes[middle - 1], slopes[middle], slopes[middle + 1]
    y0, y1, y2 = (depth[row, middle + step].astype(np.float64) for step in (-1, 0, 1))
    first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    bend = -2 * (second - first) / (x2 - x0)
    vertex = (x0 + x1) / 2 + first / np.where(bend > 0, bend, np.inf)
    slope = np.where(bend > 0, np.clip(vertex, x0, x2), slopes[best])
    return Peaks(best, slope, depth[row, best].astype(np.float64), bend)


def _posterior(
    slopes: Floats, likelihood: Block, peaks: Peaks, error: Floats
) -> tuple[Floats, Floats, Floats]:
    """Slope, its spread due to other valleys, and how probable those are.

    All candidates are equally probable beforehand: they lie a resolved step apart. Depths
    are compared no finer than to a fraction, so that an alias that fits nearly as well
    counts however strong the pattern is.
    """
    highest = likelihood.max(axis=1, keepdims=True)
    probability = (likelihood - highest) / (1 + _FINEST_COMPARISON * highest)
    np.exp(probability, out=probability)
    probability /= probability.sum(axis=1, keepdims=True)
    reach = np.maximum(_MODE_STEPS * np.gradient(slopes)[peaks.best], _MODE_ERRORS * error)
    candidates, slope = slopes.astype(np.float32), peaks.slope.copy()
    away = candidates - slope.astype(np.float32)[:, None]
    other = probability * (np.abs(away) > reach.astype(np.float32)[:, None])
    elsewhere = other.sum(axis=1).astype(np.float64)
    for row in np.flatnonzero(elsewhere > _VAGUE):
        slope[row] = candidates[np.searchsorted(np.cumsum(probability[row]), 0.5)]
        away[row], other[row] = candidates - slope[row], probability[row]
    return slope, np.sqrt(np.einsum("ij,ij,ij->i", other, away, away)), elsewhere
