"""The unbiased estimator: the slope along which a window resembles itself most.

For every lag of tau lines and delta pixels the mean squared difference

    gamma(tau, delta) = mean over pairs of (I(t, x) - I(t + tau, x + delta))**2 / 2

is the variogram of geostatistics (Matheron 1963) on a time-space window. Along the
streaks it falls to the noise. The slope v minimises its average over delta = v tau,

    g(v) = sum of n(tau, v tau) gamma(tau, v tau) / sum of n(tau, v tau),

n pairs per lag. A mean over pairs has the same expectation however many there are, so
neither the window's shape nor the axes pull; same-line pairs (tau = 0) and each column's
mean never enter, so detector flicker and static stripes do not either. All candidates
are read at once from the power spectrum of the zero-padded window. Without noise
the minimum is exact; with noise three numbers are learned from the whole recording:

- the scale of the cubic B-spline that smooths gamma over delta: the one with the
  smallest predicted error, given the noise and the texture of the cells;
- how far to trust the window's own sums of I**2 against their average (James-Stein
  shrinkage): at high noise their fluctuation costs more than it mends;
- the mean squared gradient of the texture, towards which a noisy curvature of g is drawn.

The standard error has three parts. White noise gives sqrt(var g') / g''. The depth of g
below the variance, in units in which its curvature is one over that error squared, is
the logarithm of a likelihood (a composite one, adjusted in magnitude as by Ribatet,
Cooley and Davison 2012); other slopes that it does not rule out add their distance.
Unsteady flow adds the rest: pairs far apart in time that differ more than pairs close in
time tell how much the slope varies within the window, which the few cells in it sample
unevenly; this part is kept within the scatter from window to window, because cells that
change on their way look the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._directions import Directions, Geometry, Shape, directions
from acqcore.analysis._spectra import Spectra, SpectrumMaker
from acqcore.analysis._texture import Texture, Variogram
from acqcore.analysis._windows import Block, Floats, Indices, Tick, Windows

MIN_WIDTH = 8
MIN_LINES = 4
CLEAR = 5.0
"""Evidence above which a window shows streaks: in pure noise one in a hundred does."""
DOUBT = 0.1
"""Probability of slopes elsewhere above which the slope of a window is ambiguous."""

_WIDEST_TILE = 192
_SCALES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_PILOT_WINDOWS = 48
_COARSEST_PILOT = 2.0
_FEWEST_FOR_SCATTER = 30
_WORTH_A_CHANGE = 0.1
"""Gain in predicted log variance for which the pilot's scale is changed."""
_SHARPNESS = 2.0
_CALIBRATION = 0.97
"""Factors on the logarithm of the likelihood and on the standard error, from simulation."""
_VAGUE = 0.6
"""Probability of other slopes above which the median of all takes the peak's place."""
_DEEPEST = 1e3
_MODE_ERRORS = 3.0
_MODE_STEPS = 3.0
_MULTIPLICATIONS_AT_ONCE = 3e8
_MOST_WINDOWS_AT_ONCE = 256


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


def unbiased_slopes(windows: Windows, tick: Tick) -> Slopes:
    """The slope of every window; at least `MIN_WIDTH` pixels and `MIN_LINES` lines."""
    tiles = -(-windows.width // _WIDEST_TILE)
    shape = Shape(windows.lines, windows.width // tiles, tiles)
    tuning = _tuned(windows, shape, lambda: tick(0.0))
    parts = []
    for batch in _batches(len(windows), tuning.candidates.multiplications):
        tick(batch.start / len(windows))
        parts.append(tuning.slopes(tuning.maker.spectra(windows.block(batch))))
    tick(1.0)
    found = _joined(parts)
    allowed = _unsteady_part_allowed(found)
    return replace(found, error=np.hypot(found.error, np.sqrt(allowed) * found.unsteady))


def _batches(count: int, multiplications: int) -> list[slice]:
    size = int(np.clip(_MULTIPLICATIONS_AT_ONCE / multiplications, 8, _MOST_WINDOWS_AT_ONCE))
    return [slice(first, min(first + size, count)) for first in range(0, count, size)]


def _joined(parts: list[Slopes]) -> Slopes:
    return Slopes(
        slope=np.concatenate([part.slope for part in parts]),
        error=np.concatenate([part.error for part in parts]),
        unsteady=np.concatenate([part.unsteady for part in parts]),
        snr=np.concatenate([part.snr for part in parts]),
        evidence=np.concatenate([part.evidence for part in parts]),
        elsewhere=np.concatenate([part.elsewhere for part in parts]),
        at_edge=np.concatenate([part.at_edge for part in parts]),
    )


def _unsteady_part_allowed(found: Slopes) -> float:
    """Part of the variance from unsteady flow that the scatter leaves room for, 0..1.

    Second differences of three windows that follow each other without overlap: six times
    the variance of one, if the flow did not change at all.
    """
    clear = np.where(found.evidence >= CLEAR, found.slope, np.nan)
    second = clear[:-8] - 2 * clear[4:-4] + clear[8:]
    second = second[np.isfinite(second)]
    if len(second) < _FEWEST_FOR_SCATTER:
        return 1.0
    quartiles = np.quantile(second, (0.25, 0.75))
    scatter = float((quartiles[1] - quartiles[0]) / 1.349) ** 2 / 6
    steady, unsteady = np.median(found.error**2), np.median(found.unsteady**2)
    room = float(np.clip(scatter - steady, 0, unsteady))
    return room / float(unsteady) if room > 0 else 0.0


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
        return Slopes(
            slope=slope,
            error=_CALIBRATION * np.hypot(error, spread),
            unsteady=unsteady,
            snr=peaks.depth / np.maximum(np.abs(depth).mean(axis=1), 1e-30),
            evidence=peaks.depth / np.maximum(deviation, 1e-30),
            elsewhere=elsewhere,
            at_edge=(peaks.best == 0) | (peaks.best == last),
        )

    def depths(self, spectra: Spectra) -> Block:
        """(window, slope): variance less g."""
        even, odd = spectra.even @ self.candidates.even, spectra.odd @ self.candidates.odd
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
        row, sign = np.abs(turn), np.where(turn < 0, -1, 1)
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
        return np.sqrt(variance + self.wander) / bend, np.sqrt(unsteady)

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

    All candidates are equally probable beforehand: they lie a resolved step apart.
    """
    likelihood = likelihood - likelihood.max(axis=1, keepdims=True)
    probability = np.exp(likelihood, out=likelihood)
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


def _tuned(windows: Windows, shape: Shape, still_here: Callable[[], None]) -> Tuning:
    """Learn from windows spread over the recording: scale first, then trust."""
    spread = np.unique(np.linspace(0, len(windows) - 1, _PILOT_WINDOWS).astype(np.intp))
    block = windows.block(spread)
    still_here()
    variogram = Variogram.of(windows)
    texture = variogram.texture()
    corner = np.array([shape.width / shape.lines])
    # Not coarse at first: detail finer than a pixel still looks like noise.
    scale = min(_best_scale(shape, texture, corner, texture.noise, 0.0), _COARSEST_PILOT)
    pilot = _at_scale(shape, texture, texture.noise, scale, still_here)
    speeds, noise = _pilot_slopes(pilot, block)
    texture = variogram.texture(noise)
    better = _best_scale(shape, texture, speeds, noise, scale)
    if better != scale:
        pilot = _at_scale(shape, texture, noise, better, still_here)
        noise = _pilot_slopes(pilot, block)[1]
    return _with_trust(_read_as(pilot.maker, pilot.candidates, texture, noise), block)


def _at_scale(
    shape: Shape, texture: Texture, noise: float, scale: float, still_here: Callable[[], None]
) -> Tuning:
    return _read_as(
        SpectrumMaker(shape, scale), directions(shape, scale, still_here), texture, noise
    )


def _read_as(
    maker: SpectrumMaker, candidates: Directions, texture: Texture, noise: float
) -> Tuning:
    scale = candidates.scale
    return Tuning(
        maker=maker,
        candidates=candidates,
        texture=texture,
        gradient=texture.gradient(scale),
        passed=texture.seen_through(scale),
        blur=texture.blurred(scale),
        noise=max(noise, 1e-3 * texture.signal),
    )


def _pilot_slopes(pilot: Tuning, block: Block) -> tuple[Floats, float]:
    """Quartiles of the speed in the clearer half of the windows, and the median noise."""
    spectra = pilot.maker.spectra(block)
    found = pilot.slopes(spectra)
    noise = pilot.valley(spectra, _peaks_at(pilot, spectra, found.slope)).noise
    clearer = np.abs(found.slope[found.evidence >= np.median(found.evidence)])
    return np.quantile(clearer, (0.25, 0.5, 0.75)), float(np.median(noise))


def _peaks_at(tuning: Tuning, spectra: Spectra, slope: Floats) -> Peaks:
    slopes = tuning.candidates.at.slopes
    return _peaks(slopes, tuning.depths(spectra), np.abs(slopes - slope[:, None]).argmin(axis=1))


def _best_scale(
    shape: Shape, texture: Texture, speeds: Floats, noise: float, present: float
) -> float:
    """The scale with the smallest predicted error at these speeds."""
    at = Geometry.of(shape, np.minimum(speeds, shape.width / 2))

    def predicted(scale: float) -> float:
        gradient, passed = texture.gradient(scale), texture.seen_through(scale)
        pairwise = noise**2 * at.slope_noise / scale**3
        variance = noise * passed * gradient * at.spread + pairwise + 1e-300
        inertia = _WORTH_A_CHANGE * (scale != present)
        return float(np.mean(np.log(variance / (gradient * at.lever) ** 2))) + inertia

    return min((s for s in _SCALES if s <= max(1.0, shape.width / 4)), key=predicted)


def _with_trust(tuning: Tuning, block: Block) -> Tuning:
    """Compare how far the windows' own squares tilt g with what noise alone would do.

    What exceeds the noise is the signal's own unevenness, which the squares mend.
    """
    spectra = tuning.maker.spectra(block)
    at, squares = tuning.candidates.at, tuning.candidates.squares
    found = tuning.slopes(spectra)
    peaks = _peaks_at(tuning, spectra, found.slope)
    valley = tuning.valley(spectra, peaks)
    good = found.evidence >= np.median(found.evidence)
    unsteady = 2 * valley.excess / (tuning.gradient * np.maximum(valley.lever, 1e-30))
    middle = np.clip(peaks.best, 1, len(at.slopes) - 2)
    reader = (squares[:, middle + 1] - squares[:, middle - 1]).T
    reader = reader / (at.slopes[middle + 1] - at.slopes[middle - 1])[:, None]
    tilt = np.einsum("ij,ij->i", reader, spectra.energy) * spectra.variance
    # A cell's energy is the mean of the squares of its pixels.
    leverage = np.sum(reader**2, axis=1) / (len(squares) * tuning.candidates.shape.pixels)
    squared = np.square(block, dtype=np.float64)
    expected = leverage * squared.var(axis=(1, 2))
    seen = float(np.mean(tilt[good] ** 2))
    trust = float(np.clip(1 - np.mean(expected[good]) / max(seen, 1e-300), 0, 1))
    return replace(
        tuning,
        trust=trust,
        wander=trust * (1 - trust) * float(np.mean(tilt**2)),
        unsteadiness=max(float(np.mean(unsteady[good])), 0.0),
    )
