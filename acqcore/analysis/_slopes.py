"""The unbiased estimator: the slope along which a window differs least from itself.

For every lag of tau lines and delta pixels the mean squared difference

    gamma(tau, delta) = mean over pairs of (I(t, x) - I(t + tau, x + delta))**2 / 2

is computed exactly, all lags at once, from one autocorrelation by FFT and running sums of
I**2: the variogram of geostatistics (Matheron 1963) on a time-space window. Along the
streaks it falls to the noise. The slope v minimises its average over delta = v tau,

    g(v) = sum of n(tau, v tau) gamma(tau, v tau) / sum of n(tau, v tau),

n pairs per lag. A mean over pairs has the same expectation however many there are, so
neither the window's shape nor the axes pull; same-line pairs (tau = 0) and each column's
mean never enter, so detector flicker and static stripes do not either. Without noise
the minimum is exact; with noise three numbers are learned from the whole recording:

- the scale of the cubic B-spline that smooths gamma over delta: the one with the
  smallest predicted error, given the noise and the texture of the cells;
- how far to trust the window's own sums of I**2 against their average (James-Stein
  shrinkage): at high noise their fluctuation costs more than it mends;
- the mean squared gradient of the texture, towards which a noisy curvature of g is drawn.

The standard error follows from propagation of white noise, sqrt(var g') / g'', and from
unsteady flow: pairs far apart in time that differ more than pairs close in time tell how
much the slope varies within the window, which the few cells in it sample unevenly. The
latter part is kept within the scatter from window to window, because cells that change
on their way look the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._directions import Directions, Shape, directions, kernel_weights
from acqcore.analysis._lag_sums import LagSums, Sums, pixel_weights
from acqcore.analysis._texture import Texture, Variogram
from acqcore.analysis._windows import Floats, Indices, Tick, Windows

MIN_WIDTH = 8
MIN_LINES = 4
CLEAR = 5.0
"""Evidence above which a window shows streaks: in pure noise one in a hundred does."""

_WIDEST_TILE = 256
_SCALES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_PILOT_WINDOWS = 48
_LAGS_AT_ONCE = 200_000
_FEWEST_FOR_SCATTER = 30


@dataclass(frozen=True, slots=True)
class Slopes:
    """One entry per window.

    Attributes:
        slope: Pixels per line, positive towards higher columns.
        error: One standard error of `slope`.
        unsteady: The part of it that comes from a slope that varies within the window.
        snr: How deep the minimum is, over the mean depth of all candidates.
        evidence: The same over its standard deviation if the window were noise.
        at_edge: Whether the fastest candidate won, so that the truth may be faster.
    """

    slope: Floats
    error: Floats
    unsteady: Floats
    snr: Floats
    evidence: Floats
    at_edge: NDArray[np.bool_]


def unbiased_slopes(windows: Windows, tick: Tick) -> Slopes:
    """The slope of every window; at least `MIN_WIDTH` pixels and `MIN_LINES` lines."""
    tiles = -(-windows.width // _WIDEST_TILE)
    shape = Shape(windows.lines, windows.width // tiles, tiles)
    tuning = _tuned(windows, shape, lambda: tick(0.0))
    parts = []
    for batch in windows.batches(_samples_at_once(shape)):
        tick(batch.start / len(windows))
        sums = LagSums.of(windows.block(batch), shape)
        parts.append(tuning.slopes(sums))
    found = _joined(parts)
    allowed = _unsteady_part_allowed(found)
    return replace(found, error=np.hypot(found.error, np.sqrt(allowed) * found.unsteady))


def _samples_at_once(shape: Shape) -> int:
    return _LAGS_AT_ONCE * shape.tiles // 2


def _joined(parts: list[Slopes]) -> Slopes:
    return Slopes(
        slope=np.concatenate([part.slope for part in parts]),
        error=np.concatenate([part.error for part in parts]),
        unsteady=np.concatenate([part.unsteady for part in parts]),
        snr=np.concatenate([part.snr for part in parts]),
        evidence=np.concatenate([part.evidence for part in parts]),
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
class Tuning:
    """What the whole recording says about how to read one window.

    Attributes:
        candidates: At the scale with the smallest predicted error.
        gradient: Mean squared gradient of the texture at that scale.
        passed: Part of the gradient's power that the kernel lets pass.
        cells: Per pixel of the moving pattern.
        trust: In each window's own sums of squares, 0..1.
        wander: Variance of the first derivative of g that the missing trust leaves.
        unsteadiness: Usual variance of the slope within a window.
    """

    shape: Shape
    candidates: Directions
    gradient: float
    passed: float
    cells: float
    trust: float = 0.5
    wander: float = 0.0
    unsteadiness: float = 0.0

    def slopes(self, sums: LagSums) -> Slopes:
        """Read the windows."""
        differences = sums.half_differences(self.trust)
        best, depth, score = self.minima(differences, sums.variance)
        slope, bend = _parabola(self.candidates.slopes, score, best)
        valley = self.valley(differences, slope, sums.variance)
        found = depth[np.arange(len(best)), best]
        spread = valley.noise * np.sqrt(self.candidates.noise[best])
        last = len(self.candidates.slopes) - 1
        error, unsteady = self._errors(best, valley, bend)
        return Slopes(
            slope=slope,
            error=error,
            unsteady=unsteady,
            snr=found / np.maximum(np.abs(depth).mean(axis=1), 1e-30),
            evidence=found / np.maximum(spread, 1e-30),
            at_edge=(best == 0) | (best == last),
        )

    def minima(self, differences: Sums, variance: Floats) -> tuple[Indices, Floats, Floats]:
        """Best candidate per window, the depth of all candidates, and their scores g.

        Among the valleys the likeliest one wins: a pattern as strong as the deepest valley
        would make pairs agree by half its depth more than chance, so n (depth - deepest / 2)
        is the logarithm of the likelihood ratio. Its slope in n would pull, so the
        minimum is then looked for in g alone.
        """
        score = self.candidates.scores(differences)
        depth = variance[:, None] - score
        likelihood = self.candidates.pairs * (depth - depth.max(axis=1, keepdims=True) / 2)
        return _bottom(score, likelihood.argmax(axis=1)), depth, score

    def valley(self, differences: Sums, slope: Floats, variance: Floats) -> Valley:
        """Read gamma along each window's own slope, without the smoothing."""
        where, weights = kernel_weights(self.shape, slope, 1.0)
        flat = differences.reshape(len(differences), -1)
        read = np.take_along_axis(flat, where.reshape(len(flat), -1), axis=1)
        gamma = np.sum(read.reshape(weights.shape) * weights, axis=2)
        share = self.shape.pairs_along(slope)
        total = share.sum(axis=1, keepdims=True)
        tau2 = self.shape.taus**2 * share / total
        # Lags shorter than a third of the typical one hardly see a varying slope.
        near = self.shape.taus <= np.maximum(np.sqrt(tau2.sum(axis=1, keepdims=True)) / 3, 1)
        part = np.sum(near * share, axis=1) / total[:, 0]
        noise = np.maximum(np.sum(near * gamma, axis=1) / part, 1e-9 * variance + 1e-30)
        lever = tau2.sum(axis=1) - np.sum(near * tau2, axis=1) / part
        excess = gamma.sum(axis=1) - noise
        return Valley(noise, excess, lever, noise * np.sqrt(2 / (part * total[:, 0])))

    def _errors(self, best: Indices, valley: Valley, bend: Floats) -> tuple[Floats, Floats]:
        """Standard errors from noise and from unsteady flow.

        The curvature is drawn to what the texture predicts.
        """
        at, noise = self.candidates, valley.noise
        predicted = self.gradient * at.lever[best]
        doubt = noise**2 * at.bend_noise[best] / predicted**2
        bend = (np.maximum(bend, 0) + doubt * predicted) / (1 + doubt)
        bend = np.maximum(bend, 1e-3 * predicted)
        gradient = self.passed * bend / at.lever[best]
        variance = noise * gradient * at.spread[best] + noise**2 * at.slope_noise[best]
        seen = self.shape.tiles * self.shape.width + np.abs(at.slopes[best]) * self.shape.lines
        unsteady = self._unsteadiness(valley, bend / at.lever[best]) / (1 + self.cells * seen)
        return np.sqrt(variance + self.wander) / bend, np.sqrt(unsteady)

    def _unsteadiness(self, valley: Valley, gradient: Floats) -> Floats:
        """Variance of the slope within each window, as far as it stands out of the noise."""
        lever = gradient * np.maximum(valley.lever, 1e-30) / 2
        own, doubt = np.maximum(valley.excess / lever, 0), (valley.doubt / lever) ** 2
        signal = np.maximum(own, self.unsteadiness) ** 2
        weight = signal / np.maximum(signal + doubt, 1e-300)
        return np.asarray(weight * own + (1 - weight) * self.unsteadiness)


@dataclass(frozen=True, slots=True)
class Valley:
    """Half mean squared differences along the streaks, one entry per window.

    Attributes:
        noise: Of pairs close in time.
        excess: Of all pairs over `noise`.
        lever: Excess per mean squared gradient and half the variance of the slope.
        doubt: Standard deviation of `excess` in white noise.
    """

    noise: Floats
    excess: Floats
    lever: Floats
    doubt: Floats


def _bottom(score: Floats, start: Indices) -> Indices:
    """Walk every row downhill from its start to a local minimum."""
    row, last = np.arange(len(start)), score.shape[1] - 1
    while True:
        left, right = np.maximum(start - 1, 0), np.minimum(start + 1, last)
        step = np.where(score[row, left] < score[row, start], left, start)
        step = np.where(score[row, right] < score[row, step], right, step)
        if np.array_equal(step, start):
            return start
        start = step


def _parabola(x: Floats, score: Floats, best: Indices) -> tuple[Floats, Floats]:
    """Abscissa and second derivative of the parabola through three neighbours."""
    middle = np.clip(best, 1, len(x) - 2)
    row = np.arange(len(best))
    x0, x1, x2 = x[middle - 1], x[middle], x[middle + 1]
    y0, y1, y2 = score[row, middle - 1], score[row, middle], score[row, middle + 1]
    first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    bend = 2 * (second - first) / (x2 - x0)
    vertex = (x0 + x1) / 2 - first / np.where(bend > 0, bend, np.inf)
    return np.where(bend > 0, np.clip(vertex, x0, x2), x[best]), bend


def _tuned(windows: Windows, shape: Shape, still_here: Callable[[], None]) -> Tuning:
    """Learn from windows spread over the recording: scale first, then trust."""
    spread = np.unique(np.linspace(0, len(windows) - 1, _PILOT_WINDOWS).astype(np.intp))
    some = windows.only(spread)
    parts = []
    for batch in some.batches(_samples_at_once(shape)):
        still_here()
        parts.append(LagSums.of(some.block(batch), shape))
    still_here()
    variogram = Variogram.of(windows)
    pilot = _at_scale(shape, variogram.texture(), 1.0 if shape.width < 12 else 2.0, still_here)
    typical, noise = _pilot_slopes(pilot, parts, still_here)
    texture = variogram.texture(noise)
    scale = _best_scale(pilot, texture, typical, noise)
    return _with_trust(_at_scale(shape, texture, scale, still_here), parts, still_here)


def _at_scale(
    shape: Shape, texture: Texture, scale: float, still_here: Callable[[], None]
) -> Tuning:
    candidates = directions(shape, scale, still_here)
    gradient, passed = texture.gradient(scale), texture.seen_through(scale)
    return Tuning(shape, candidates, gradient, passed, texture.cells)


def _pilot_slopes(
    pilot: Tuning, parts: list[LagSums], still_here: Callable[[], None]
) -> tuple[Floats, float]:
    """Quartiles of the speed in the clearer half of the windows, and the median noise."""
    found, noises = [], []
    for part in parts:
        still_here()
        one = pilot.slopes(part)
        differences = part.half_differences(pilot.trust)
        noises.append(pilot.valley(differences, one.slope, part.variance).noise)
        found.append(one)
    slope = np.concatenate([one.slope for one in found])
    evidence = np.concatenate([one.evidence for one in found])
    clearer = np.abs(slope[evidence >= np.median(evidence)])
    return np.quantile(clearer, (0.25, 0.5, 0.75)), float(np.median(np.concatenate(noises)))


def _best_scale(pilot: Tuning, texture: Texture, speeds: Floats, noise: float) -> float:
    """The scale with the smallest predicted error at these speeds."""
    at = pilot.candidates
    near = np.clip(np.searchsorted(at.slopes, speeds), 0, len(at.slopes) - 1)
    lever, spread, pairs = at.lever[near], at.spread[near], at.pairs[near]

    def predicted(scale: float) -> float:
        gradient, passed = texture.gradient(scale), texture.seen_through(scale)
        # Integral of the squared derivative of the B-spline: 2 / (3 scale**3).
        pairwise = noise**2 * 2 / 3 / scale**3 * lever / pairs
        variance = noise * passed * gradient * spread + pairwise
        return float(np.mean(np.log(variance / (gradient * lever) ** 2)))

    return min((s for s in _SCALES if s <= max(1.0, pilot.shape.width / 4)), key=predicted)


def _with_trust(tuning: Tuning, parts: list[LagSums], still_here: Callable[[], None]) -> Tuning:
    """Compare how far the windows' own squares tilt g with what noise alone would do.

    What exceeds the noise is the signal's own unevenness, which the squares mend.
    """
    tilts = [_tilts(tuning, part, still_here) for part in parts]
    seen, expected, unsteady, evidence = (
        np.concatenate(column) for column in zip(*tilts, strict=True)
    )
    good = evidence >= np.median(evidence)
    trust = 1 - np.mean(expected[good]) / max(float(np.mean(seen[good])), 1e-300)
    trust = float(np.clip(trust, 0, 1))
    return replace(
        tuning,
        trust=trust,
        wander=trust * (1 - trust) * float(np.mean(seen)),
        unsteadiness=max(float(np.mean(unsteady[good])), 0.0),
    )


def _tilts(
    tuning: Tuning, part: LagSums, still_here: Callable[[], None]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Squared slope of g from the sums of squares, the same expected of noise alone, the
    variance of the slope within each window (it may come out negative), and the evidence."""
    found = tuning.slopes(part)
    valley = tuning.valley(part.half_differences(tuning.trust), found.slope, part.variance)
    noise, signal = valley.noise, np.maximum(part.variance - valley.noise, 0)
    nearest = np.abs(tuning.candidates.slopes - found.slope[:, None]).argmin(axis=1)
    seen, leverage = np.empty(len(nearest)), np.empty(len(nearest))
    for row, candidate in enumerate(nearest):
        still_here()
        reader = tuning.candidates.slope_kernel(int(candidate))
        seen[row] = (reader @ part.squares[row].ravel()) ** 2
        leverage[row] = np.sum(pixel_weights(reader, tuning.shape) ** 2) * tuning.shape.tiles
    expected = leverage * (2 * noise**2 + 4 * signal * noise)
    unsteady = 2 * valley.excess / (tuning.gradient * np.maximum(valley.lever, 1e-30))
    return seen, expected, unsteady, found.evidence
