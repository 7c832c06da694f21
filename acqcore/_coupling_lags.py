"""Correlation of two signals at every lag, with limits that know how alike neighbours are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore._coupling_signals import Floats, without_gaps

_SMALLEST_STD = 1e-12
_FEWEST_SHIFTS = 20
_LAGS_OF_MEMORY = 4  # part of the record over which signals are taken to remember themselves


@dataclass(frozen=True, slots=True)
class LaggedCorrelation:
    """Pearson's r of a leader and a follower at every lag; positive: the leader leads.

    Attributes:
        lag_points: -max_lag .. max_lag.
        correlation: NaN where too few pairs overlap or one signal is constant.
        low, high: Limits of `correlation` at the confidence asked for, by Fisher's z with
            the effective number of samples (Bartlett; Pyper and Peterman 1998, Can J Fish
            Aquat Sci 55:2127-2140). They hold for each lag by itself.
        num_pairs, effective_samples: Pairs at each lag, and how many independent ones
            they are worth.
        p_value: Probability that unrelated signals, each as alike to itself as these, reach
            the strongest correlation at any of the lags; from circular shifts of one against
            the other. None for a recording too short to shift.
        seconds_per_point: Step of the common time base.
        warnings: `no_valid_lag_correlations`, or nothing.
    """

    lag_points: NDArray[np.int64]
    correlation: Floats
    low: Floats
    high: Floats
    num_pairs: NDArray[np.int64]
    effective_samples: Floats
    p_value: float | None
    seconds_per_point: float
    warnings: tuple[str, ...] = ()

    @property
    def lag_s(self) -> Floats:
        """Lags in seconds."""
        return np.asarray(self.lag_points * self.seconds_per_point, np.float64)

    def summary(self) -> Mapping[str, Any]:
        """The strongest correlations as plain values; None where there is none."""
        r = self.correlation
        found: dict[str, Any] = {
            "schema_version": 1,
            "seconds_per_point": self.seconds_per_point,
            "zero_lag_correlation": _number(r[self.lag_points == 0][0]),
        }
        for name, score in (("positive", r), ("negative", -r), ("absolute", np.abs(r))):
            valid = np.isfinite(score) & (score > 0)
            at = int(np.argmax(np.where(valid, score, -1.0)))
            points = int(self.lag_points[at]) if valid.any() else None
            found[f"strongest_{name}_correlation"] = _number(r[at]) if valid.any() else None
            found[f"strongest_{name}_lag_points"] = points
            seconds = None if points is None else points * self.seconds_per_point
            found[f"strongest_{name}_lag_sec"] = seconds
        return found | {"warnings": list(self.warnings)}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def correlate(
    a: Floats, b: Floats, step_s: float, max_lag: int, min_overlap: int, z_limit: float
) -> LaggedCorrelation:
    """Correlate a[:-lag] with b[lag:]; `z_limit` is the normal quantile of the limits."""
    lags = np.arange(-max_lag, max_lag + 1)
    r, pairs = np.full(len(lags), np.nan), np.zeros(len(lags), np.int64)
    for place, lag in enumerate(lags.tolist()):
        r[place], pairs[place] = _pearson(a, b, lag, min_overlap)
    known = np.isfinite(r)
    worth = np.where(known, pairs / _alikeness(a, b), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = z_limit / np.sqrt(np.where(worth > 3, worth - 3, np.nan))
        middle = np.arctanh(np.clip(r, -1, 1))
        low, high = np.tanh(middle - reach), np.tanh(middle + reach)
    # Too few independent samples say nothing at all.
    low = np.where(known & ~(worth > 3), -1.0, low)
    high = np.where(known & ~(worth > 3), 1.0, high)
    warnings = () if known.any() else ("no_valid_lag_correlations",)
    chance = _by_chance(a, b, max_lag, float(np.nanmax(np.abs(r)))) if known.any() else None
    return LaggedCorrelation(lags, r, low, high, pairs, worth, chance, step_s, warnings)


def _pearson(a: Floats, b: Floats, lag: int, min_overlap: int) -> tuple[float, int]:
    if abs(lag) >= len(a):
        return np.nan, 0
    first = a[: len(a) - lag] if lag >= 0 else a[-lag:]
    second = b[lag:] if lag >= 0 else b[: len(b) + lag]
    both = np.isfinite(first) & np.isfinite(second)
    count = int(np.count_nonzero(both))
    if count < max(min_overlap, 2):
        return np.nan, count
    first, second = first[both] - first[both].mean(), second[both] - second[both].mean()
    spread = np.sqrt(np.mean(first**2)), np.sqrt(np.mean(second**2))
    if min(spread) < _SMALLEST_STD:
        return np.nan, count
    return float(np.clip(np.mean(first * second) / (spread[0] * spread[1]), -1, 1)), count


def _alikeness(a: Floats, b: Floats) -> float:
    """How many samples are worth one independent one; at least 1."""
    count = len(a)
    reach = max(count // _LAGS_OF_MEMORY, 1)
    own = _own_correlation(a)[1 : reach + 1] * _own_correlation(b)[1 : reach + 1]
    weight = 1 - np.arange(1, len(own) + 1) / count
    return float(max(1 + 2 * np.sum(weight * own), 1.0))


def _own_correlation(values: Floats) -> Floats:
    """Autocorrelation from lag 0 on; zeros for a constant."""
    centred = without_gaps(values - np.nanmean(values)) if np.isfinite(values).any() else values * 0
    size = 1 << (2 * len(centred) - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    found = np.fft.irfft(power, size)[: len(centred)]
    return found / found[0] if found[0] > _SMALLEST_STD else np.zeros(len(centred))


def _by_chance(a: Floats, b: Floats, max_lag: int, strongest: float) -> float | None:
    """Part of the circular shifts beyond the lags that reach as strong a correlation.

    A shift leaves both signals as they are but for one seam, and tears what binds them.
    """
    first, second = (_standard(values) for values in (a, b))
    count = len(a)
    shifts = np.arange(2 * max_lag + 1, count - 2 * max_lag)
    if len(shifts) < max(_FEWEST_SHIFTS * (2 * max_lag + 1) // 2, _FEWEST_SHIFTS):
        return None
    around = np.abs(np.fft.irfft(np.fft.rfft(second) * np.conj(np.fft.rfft(first)), count)) / count
    wrapped = np.concatenate([around[-max_lag:], around, around[:max_lag]]) if max_lag else around
    windows = np.lib.stride_tricks.sliding_window_view(wrapped, 2 * max_lag + 1)
    largest = windows.max(axis=1)[shifts]
    return float((1 + np.count_nonzero(largest >= strongest)) / (1 + len(largest)))


def _standard(values: Floats) -> Floats:
    filled = without_gaps(values)
    spread = float(np.std(filled))
    return (filled - filled.mean()) / spread if spread > _SMALLEST_STD else np.zeros(len(filled))
