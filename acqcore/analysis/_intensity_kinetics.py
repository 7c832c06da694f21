"""A transient as a curve: it rises and decays exponentially from a sharp onset.

Events that stand close share the samples between them, so all of a stretch are fitted at
once, with a slow base line; the fit places onsets between samples and says how well it
knows them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_traces import Floats, Tick

_STEPS = 30
_CLOSE = 1e-2  # of a noise variance: less gain than this ends a fit
_SLOWEST_RISE_S, _SLOWEST_DECAY_S = 0.12, 3.0
_BASE_KNOT_S, _MOST_KNOTS = 4.0, 32
_BASE_DRIFT = 1.0  # noise SDs from knot to knot


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Time constants of a transient, in samples."""

    rise: float
    decay: float

    @property
    def peak(self) -> float:
        """Samples from onset to peak."""
        return self.rise * math.log1p(self.decay / self.rise)

    def curve(self, since: Floats) -> Floats:
        """Height 0..1 at these samples after the onset."""
        passed = np.maximum(since, 0.0)
        rising = -np.expm1(-passed / self.rise) * np.exp(-passed / self.decay)
        return np.asarray(rising / self._highest)

    @property
    def _highest(self) -> float:
        return -math.expm1(-self.peak / self.rise) * math.exp(-self.peak / self.decay)

    def slopes(self, since: Floats) -> tuple[Floats, Floats]:
        """The curve, and its change with onset, log rise and log decay: (3, sample)."""
        passed = np.maximum(since, 0.0)
        risen, left = np.exp(-passed / self.rise), np.exp(-passed / self.decay)
        top, highest = self.peak, self._highest
        shape = (1 - risen) * left / highest
        at_onset = -(risen * left / self.rise / highest - shape / self.decay)
        # The height at the peak changes as the curve does there: the peak itself is level.
        lower = top / self.rise * math.exp(-top / self.rise - top / self.decay) / highest
        by_rise = -passed / self.rise * risen * left / highest + lower * shape
        by_decay = shape * (passed - top) / self.decay
        at_onset[since <= 0] = 0
        return shape, np.stack([at_onset, by_rise, by_decay])


@dataclass(frozen=True, slots=True)
class Transient:
    """A fitted event.

    Attributes:
        onset: Sample number, with its fraction.
        amplitude: Height of the curve at its peak.
        onset_se, amplitude_se: One standard error each.
        evidence: Height over its standard error for the given kinetics.
    """

    onset: float
    kinetics: Kinetics
    amplitude: float
    onset_se: float = math.inf
    amplitude_se: float = math.inf
    evidence: float = 0.0

    def span(self, count: int) -> slice:
        """Where in a trace of that length the event stands."""
        reach = self.kinetics.peak + 7 * (self.kinetics.decay + self.kinetics.rise)
        first = min(max(0, math.floor(self.onset)), count)
        return slice(first, max(first, min(count, math.ceil(self.onset + reach))))

    def subtract_from(self, trace: Floats) -> None:
        """Take the event out of a trace."""
        span = self.span(len(trace))
        since = np.arange(span.start, span.stop) - self.onset
        trace[span] -= self.amplitude * self.kinetics.curve(since)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is believed of log rise and log decay before a fit: means and SDs."""

    mean: tuple[float, float]
    spread: tuple[float, float]

    @property
    def kinetics(self) -> Kinetics:
        """The kinetics in the middle."""
        return Kinetics(math.exp(self.mean[0]), math.exp(self.mean[1]))


def usual_kinetics(step_s: float) -> Expectation:
    """What calcium dyes do at this line time: rise 10 ms, decay 200 ms, a factor 3 each."""
    rise, decay = max(0.01 / step_s, 0.4), max(0.2 / step_s, 2.0)
    return Expectation((math.log(rise), math.log(decay)), (0.9, 1.1))


def expectation_of(events: Sequence[Transient], usual: Expectation) -> Expectation:
    """Events of one recording resemble each other: their median kinetics and its spread."""
    if len(events) < 3:
        return usual
    logs = np.log([(one.kinetics.rise, one.kinetics.decay) for one in events])
    centre = np.median(logs, axis=0)
    spread = 1.4826 * np.median(np.abs(logs - centre), axis=0)
    least = 0.15 + 0.6 / math.sqrt(len(events))
    rise, decay = np.clip(spread, least, usual.spread)
    return Expectation((float(centre[0]), float(centre[1])), (float(rise), float(decay)))


def scanned(y: Floats, start: Transient) -> Transient:
    """The best of several onsets and kinetics around `start`, height and base free."""
    reach = max(4.0, 2 * start.kinetics.peak)
    far = 2.0 ** np.arange(0, math.floor(math.log2(reach)) + 1)
    best, least = start, math.inf
    for rise, decay in ((1.0, 1.0), (0.4, 1.0), (2.5, 1.0), (1.0, 0.35), (1.0, 3.0)):
        kinetics = Kinetics(start.kinetics.rise * rise, start.kinetics.decay * decay)
        for shift in (0.0, *far, *-far):
            onset = start.onset + shift
            amplitude, misfit = _height(y, onset, kinetics, start)
            if misfit < least:
                best, least = Transient(onset, kinetics, amplitude), misfit
    return best


def _height(y: Floats, onset: float, kinetics: Kinetics, start: Transient) -> tuple[float, float]:
    """Least-squares height around `start`, and what stays unexplained."""
    before = math.ceil(max(10.0, 4 * start.kinetics.peak))
    after = math.ceil(max(8.0, start.kinetics.peak + 1.5 * start.kinetics.decay))
    low, high = max(0, round(start.onset) - before), min(len(y), round(start.onset) + after)
    part = y[low:high] - y[low:high].mean()
    curve = kinetics.curve(np.arange(low, high, dtype=np.float64) - float(onset))
    curve -= curve.mean()
    power = float(curve @ curve)
    amplitude = float(curve @ part) / power if power > 0 else 0.0
    return amplitude, float(part @ part) - max(amplitude, 0) * float(curve @ part)


# --- all events of a stretch together --------------------------------------------------


def jointly_fitted(
    y: Floats,
    events: Sequence[Transient],
    noise: float,
    expected: Expectation,
    step_s: float,
    tick: Tick,
) -> list[Transient]:
    """Levenberg-Marquardt for every event of a stretch and its base line.

    `noise` is the SD of a sample; rise and decay are drawn to what is `expected`.
    """
    problem = _Stretch(y / noise, expected, step_s)
    of = problem.packed(events, noise)
    cost, matrix, gradient = problem.linearised(of)
    damping = 1e-3
    for _ in range(_STEPS):
        tick()
        damped = matrix + damping * np.diag(np.diag(matrix) + 1e-9)
        trial = problem.bounded(of - np.linalg.solve(damped, gradient))
        lower, trial_matrix, trial_gradient = problem.linearised(trial)
        if lower < cost:
            gain = cost - lower
            of, cost, matrix, gradient = trial, lower, trial_matrix, trial_gradient
            damping = max(damping / 5, 1e-7)
            if gain < _CLOSE:
                break
        elif damping > 1e5:
            break
        else:
            damping *= 8
    return problem.unpacked(of, matrix, noise)


class _Stretch:
    """Least squares in noise SDs: four numbers per event, then the knots of the base."""

    def __init__(self, y: Floats, expected: Expectation, step_s: float) -> None:
        self.y, self.expected = y, expected
        low = np.log([0.2, 0.5])
        high = np.maximum(np.log([_SLOWEST_RISE_S / step_s, _SLOWEST_DECAY_S / step_s]), low + 1)
        self.low, self.high = low, high
        knots = 1 + min(max(math.ceil(len(y) * step_s / _BASE_KNOT_S), 1), _MOST_KNOTS)
        place = np.linspace(0, len(y) - 1, knots)
        self.hats = np.stack([np.interp(np.arange(len(y)), place, row) for row in np.eye(knots)])
        steps = np.diff(np.eye(knots), axis=0) / _BASE_DRIFT
        self.base_matrix = self.hats @ self.hats.T + steps.T @ steps
        self.stiffness = steps.T @ steps

    def packed(self, events: Sequence[Transient], noise: float) -> Floats:
        rows = [
            (one.onset, math.log(one.kinetics.rise), math.log(one.kinetics.decay),
             one.amplitude / noise)
            for one in events
        ]  # fmt: skip
        base = np.full(len(self.hats), float(np.percentile(self.y, 20)))
        return self.bounded(np.concatenate([np.array(rows).ravel(), base]))

    def bounded(self, of: Floats) -> Floats:
        events = of[: len(of) - len(self.hats)].reshape(-1, 4)
        events[:, 1:3] = np.clip(events[:, 1:3], self.low, self.high)
        events[:, 0] = np.clip(events[:, 0], -5.0, len(self.y) - 1.0)
        return of

    def linearised(self, of: Floats) -> tuple[float, Floats, Floats]:
        """Cost, matrix of second derivatives and gradient."""
        count = len(of) - len(self.hats)
        events = of[:count].reshape(-1, 4)
        residual = of[count:] @ self.hats - self.y
        spans, slopes = [], []
        for onset, rise, decay, amplitude in events:
            one = Transient(onset, Kinetics(math.exp(rise), math.exp(decay)), amplitude)
            span = one.span(len(self.y))
            since = np.arange(span.start, span.stop) - onset
            shape, by = one.kinetics.slopes(since)
            residual[span] += amplitude * shape
            spans.append(span)
            slopes.append(np.vstack([amplitude * by, shape]))
        matrix, gradient = self._assembled(spans, slopes, residual)
        gradient[count:] += self.stiffness @ of[count:]
        belief = (events[:, 1:3] - self.expected.mean) / self.expected.spread
        places = (np.arange(0, count, 4)[:, None] + [1, 2]).ravel()
        weight = np.tile(np.array(self.expected.spread) ** -2.0, len(events))
        matrix[places, places] += weight
        gradient[places] += (belief / self.expected.spread).ravel()
        drift = float(of[count:] @ self.stiffness @ of[count:])
        cost = float(residual @ residual) + float(np.sum(belief**2)) + drift
        return cost, matrix, gradient

    def _assembled(
        self, spans: Sequence[slice], slopes: Sequence[Floats], residual: Floats
    ) -> tuple[Floats, Floats]:
        count = 4 * len(spans)
        size = count + len(self.hats)
        matrix, gradient = np.zeros((size, size)), np.zeros(size)
        gradient[count:] = self.hats @ residual
        matrix[count:, count:] = self.base_matrix
        for first, (span, rows) in enumerate(zip(spans, slopes, strict=True)):
            here = slice(4 * first, 4 * first + 4)
            gradient[here] = rows @ residual[span]
            matrix[here, count:] = rows @ self.hats[:, span].T
            matrix[count:, here] = matrix[here, count:].T
            for second in range(first, len(spans)):
                other = spans[second]
                low, high = max(span.start, other.start), min(span.stop, other.stop)
                if low >= high:
                    continue
                one = rows[:, low - span.start : high - span.start]
                two = slopes[second][:, low - other.start : high - other.start]
                there = slice(4 * second, 4 * second + 4)
                matrix[here, there] = one @ two.T
                matrix[there, here] = matrix[here, there].T
        return matrix, gradient

    def unpacked(self, of: Floats, matrix: Floats, noise: float) -> list[Transient]:
        count = len(of) - len(self.hats)
        every = _standard_errors(matrix)
        # With the kinetics given, a height is known better: that is what detection asks.
        linear = np.concatenate([np.arange(3, count, 4), np.arange(count, len(of))])
        given = _standard_errors(matrix[np.ix_(linear, linear)])
        return [
            Transient(
                float(one[0]),
                Kinetics(math.exp(one[1]), math.exp(one[2])),
                float(one[3]) * noise,
                math.hypot(float(every[4 * number]), _within_line(math.exp(one[1]))),
                float(every[4 * number + 3]) * noise,
                float(one[3] / given[number]),
            )
            for number, one in enumerate(of[:count].reshape(-1, 4))
        ]


def _within_line(rise: float) -> float:
    """What no fit can know of an onset: a line does not say when within it the rise began."""
    return 0.3 + 0.5 * math.exp(-rise)


def _standard_errors(matrix: Floats) -> NDArray[np.float64]:
    ridge = np.diag(1e-9 * np.diag(matrix) + 1e-9)
    return np.sqrt(np.maximum(np.diag(np.linalg.inv(matrix + ridge)), 1e-12))
