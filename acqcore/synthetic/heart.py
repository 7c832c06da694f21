"""Speeds that follow the heart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.synthetic._detector import Floats


@dataclass(frozen=True, slots=True)
class PulseTrace:
    """A measured velocity and its truth, one entry per sample.

    Attributes:
        time_s: Regular, from 0.
        velocity: With noise and outliers; NaN in the gaps.
        clean: The true velocity.
        rate_hz: The true rate at every sample.
        outlier: Samples that were replaced by an outlier.
    """

    time_s: Floats
    velocity: Floats
    clean: Floats
    rate_hz: Floats
    outlier: NDArray[np.bool_]

    @property
    def bpm(self) -> float:
        """Mean of the true rate, in beats per minute."""
        return float(60 * self.rate_hz.mean())


def heart_beat(
    lines: int, mean: float, *, seconds_per_line: float, rate_hz: float = 8.0, depth: float = 0.2
) -> Floats:
    """A speed for every line that beats about its mean, faster to rise than to fall."""
    phase = 2 * np.pi * rate_hz * np.arange(lines) * seconds_per_line
    return np.asarray(mean * (1 + depth * (np.sin(phase) + 0.3 * np.sin(2 * phase))))


def pulse_trace(
    duration_s: float,
    rate_hz: ArrayLike,
    *,
    seed: int = 0,
    step_s: float = 0.0046,
    mean: float = 1.0,
    pulse: float = 0.2,
    harmonics: Sequence[float] = (0.3, 0.1),
    noise: float = 0.1,
    overlap: int = 1,
    gaps: float = 0.0,
    gap_samples: int = 1,
    outliers: float = 0.0,
    drift: float = 0.0,
) -> PulseTrace:
    """The velocity that a moving-window analysis would give of a beating flow.

    Args:
        rate_hz: One number, or the rate at equally spaced times from start to end.
        step_s: Seconds between two velocities.
        pulse, harmonics: Amplitude of the fundamental, and those of its overtones as
            parts of it; their phases are random.
        noise: Standard deviation, normally distributed.
        overlap: Neighbouring velocities share this many parts of a window, as in an
            analysis whose windows overlap: their noise and their pulse are means over it.
        gaps, gap_samples: Part of the samples that is missing, in runs of this length.
        outliers: Part of the samples replaced by anything from -3 to 5 times the mean.
        drift: Standard deviation that a random walk of the mean reaches in ten seconds.
    """
    rng = np.random.default_rng(seed)
    count = max(round(duration_s / step_s), 1)
    time_s = np.asarray(np.arange(count) * step_s, np.float64)
    knots = np.atleast_1d(np.asarray(rate_hz, float))
    rate = np.interp(time_s, np.linspace(0, time_s[-1], len(knots)), knots)
    clean = mean + _beats(rate, step_s, pulse, harmonics, overlap, rng)
    clean += drift * np.sqrt(step_s / 10) * np.cumsum(rng.standard_normal(count))
    steps = rng.standard_normal(count + overlap - 1)
    shared = np.convolve(steps, np.full(overlap, overlap**-0.5), mode="valid")
    velocity = clean + noise * shared
    outlier = rng.random(count) < outliers
    velocity[outlier] = mean * rng.uniform(-3, 5, np.count_nonzero(outlier))
    runs = rng.random(-(-count // gap_samples)) < gaps
    velocity[np.repeat(runs, gap_samples)[:count]] = np.nan
    return PulseTrace(time_s, velocity, clean, np.asarray(rate, np.float64), outlier)


def _beats(
    rate: Floats,
    step_s: float,
    pulse: float,
    harmonics: Sequence[float],
    overlap: int,
    rng: np.random.Generator,
) -> Floats:
    """The pulse with its overtones, averaged over windows of `overlap` steps."""
    phase = 2 * np.pi * np.cumsum(rate) * step_s
    beats = np.zeros(len(rate))
    for multiple, part in enumerate((1.0, *harmonics), start=1):
        turn = multiple * phase + 2 * np.pi * rng.random()
        left = np.sinc(multiple * rate * overlap * step_s) if overlap > 1 else 1.0
        beats += pulse * part * left * np.sin(turn)
    return beats
