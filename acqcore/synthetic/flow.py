"""Velocities as an analysis would report them, with known stalls, reversals, levels and gaps.

Tables without a picture: detectors of events are judged on them by the thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.synthetic._detector import Floats

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FlowTrace:
    """One velocity per window of lines; windows advance by a quarter, so neighbours share noise.

    Attributes:
        time_s: Middle of each window.
        velocity: NaN in gaps.
        error: The standard error of every velocity, which is the true one.
        flag: `low_snr` where a window was flagged at random, else empty.
    """

    time_s: Floats
    velocity: Floats
    error: Floats
    flag: NDArray[np.str_]


def flow_trace(
    seconds: float,
    *,
    seed: int = 0,
    mean: float = 500.0,
    noise: float = 0.1,
    seconds_per_line: float = 0.001,
    window_lines: int = 64,
    pulse: float = 0.2,
    rate_hz: float = 6.0,
    stalls: Sequence[Span] = (),
    reversals: Sequence[Span] = (),
    reversed_part: float = -0.6,
    levels: Sequence[tuple[float, float]] = (),
    gaps: Sequence[Span] = (),
    outliers: float = 0.0,
    flagged: float = 0.0,
) -> FlowTrace:
    """A pulsing flow with what happens to it.

    Args:
        noise: Standard error of one velocity, as part of the mean.
        pulse, rate_hz: Depth and rate of the heart beat.
        stalls, reversals, gaps: Begin and end in seconds.
        reversed_part: Flow during a reversal, as part of the flow before.
        levels: Times and factors: from each time on the flow is so many times as fast.
        outliers: Part of the windows that read anything up to three times the mean.
        flagged: Part of the windows that are flagged.
    """
    rng = np.random.default_rng(seed)
    line_s = np.arange(round(seconds / seconds_per_line)) * seconds_per_line
    true = mean * (1 + pulse * np.sin(2 * np.pi * rate_hz * line_s + rng.uniform(0, 6)))
    for begin, factor in levels:
        true[line_s >= begin] *= factor
    for spans, factor in ((stalls, 0.0), (reversals, reversed_part)):
        for begin, end in spans:
            true[(line_s >= begin) & (line_s < end)] *= factor
    step = window_lines // 4
    starts = np.arange(0, len(true) - window_lines + 1, step)
    travelled = np.concatenate([[0.0], np.cumsum(true)])
    velocity = (travelled[starts + window_lines] - travelled[starts]) / window_lines
    quarters = rng.standard_normal(len(starts) + 3)
    shared = np.convolve(quarters, np.ones(4) / 2, mode="valid")
    velocity += noise * abs(mean) * shared
    wild = rng.random(len(starts)) < outliers
    velocity[wild] = rng.uniform(-3, 3, np.count_nonzero(wild)) * mean
    time_s = np.asarray((starts + window_lines / 2) * seconds_per_line, np.float64)
    for begin, end in gaps:
        velocity[(time_s >= begin) & (time_s < end)] = np.nan
    flag = np.where(rng.random(len(starts)) < flagged, "low_snr", "")
    return FlowTrace(time_s, velocity, np.full(len(starts), noise * abs(mean)), flag)
