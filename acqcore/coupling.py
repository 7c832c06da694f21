"""How two results of one recording move together: lagged correlation, triggered responses.

Nothing here is stored. Any two results can be compared: where they are sampled at different
times, both are brought onto one even time base with the larger of the two steps. With
`strict=True` that is refused, and the numbers are those of the reference program, which asks
for the same channel and ROI, equal counts and equal, even times to within 1e-9 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from acqcore._coupling_lags import LaggedCorrelation, correlate
from acqcore._coupling_signals import (
    SAME_TIME_S,
    Filter,
    Floats,
    Signal,
    evenly,
    on_common_base,
    same_clock,
    start_of,
)
from acqcore._coupling_triggered import Response, TriggeredEvent, measured_responses
from acqcore.analysis.event import Events, events
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.record import AnalysisRecord

Seeds = AnalysisRecord | Sequence[float] | Floats
"""A record with onsets, or times in seconds from the first line of the recording."""

MEDIAN_3 = Filter("median", 3)
SAVGOL_15_4 = Filter("savgol", 15, 4)

_SHIFTS = 400


def lagged_correlation(
    leader: AnalysisRecord | Signal,
    follower: AnalysisRecord | Signal,
    *,
    leader_column: str = "",
    follower_column: str = "",
    max_lag: int = 250,
    min_overlap: int = 100,
    leader_filter: Filter = MEDIAN_3,
    follower_filter: Filter = SAVGOL_15_4,
    detrend: bool = False,
    confidence: float = 0.95,
    strict: bool = False,
) -> LaggedCorrelation:
    """Pearson's correlation at lags of -max_lag .. max_lag points; positive: `leader` leads.

    Points are those of the common time base. Missing values are left out pair by pair.
    `CannotRun` for results that cannot be compared.
    """
    if max_lag < 0 or min_overlap < 2 or not 0 < confidence < 1:
        raise InvalidParameter("A lag is 0 or more, an overlap 2 or more, a confidence below 1.")
    if isinstance(leader, AnalysisRecord) and isinstance(follower, AnalysisRecord):
        same_clock(leader, follower)
        _check_place(leader, follower, strict)
    one, other = _signal(leader, leader_column), _signal(follower, follower_column)
    time_s, a, b = on_common_base(one, other, strict)
    a, b = _prepared(a, leader_filter, detrend), _prepared(b, follower_filter, detrend)
    z_limit = NormalDist().inv_cdf((1 + confidence) / 2)
    step_s = float(np.median(np.diff(time_s)))
    return correlate(a, b, step_s, max_lag, min_overlap, z_limit)


def triggered_events(
    seeds: Seeds,
    follower: AnalysisRecord | Signal,
    *,
    column: str = "",
    response: Response = Response(),  # noqa: B008  (frozen)
    smoothing: Filter = MEDIAN_3,
) -> list[TriggeredEvent]:
    """The response of `follower` to each onset: see `Response` and `TriggeredEvent`.

    Onsets are those of a record of events (their beginnings) or of calcium transients, or
    times. Each belongs to the nearest sample; those outside the follower are left out.
    """
    _check_response(response)
    time_s, values = evenly(_signal(follower, column))
    at = _indices(time_s, _onsets(seeds, follower))
    return measured_responses(time_s, smoothing.apply(values), at, values, response)


@dataclass(frozen=True, slots=True)
class TriggeredAverage:
    """Mean course of a signal around onsets, as change from the baseline before each.

    Attributes:
        offset_s: Time from the onset.
        mean, error: Mean over the onsets and its standard error, NaN for fewer than two.
        count: Onsets that have a value there.
        chance_low, chance_high: Limits within which the mean stays, at each time by itself,
            for as many onsets anywhere: the same onsets shifted around the recording.
    """

    offset_s: Floats
    mean: Floats
    error: Floats
    count: NDArray[np.int64]
    chance_low: Floats
    chance_high: Floats


def triggered_average(
    seeds: Seeds,
    follower: AnalysisRecord | Signal,
    *,
    column: str = "",
    pre: int = 50,
    post: int = 500,
    smoothing: Filter = Filter("none"),  # noqa: B008  (frozen)
    confidence: float = 0.95,
) -> TriggeredAverage:
    """Average `follower` from `pre` points before to `post` points after each onset.

    The baseline is the mean of the points before the onset. `CannotRun` without an onset.
    """
    if pre < 1 or post < 1 or not 0 < confidence < 1:
        raise InvalidParameter("An average needs points before and after the onset.")
    time_s, values = evenly(_signal(follower, column))
    values = np.where(np.isfinite(values), smoothing.apply(values), np.nan)
    at = np.array(_indices(time_s, _onsets(seeds, follower)), np.intp)
    if len(at) == 0:
        raise CannotRun("There is no onset to average around.")
    mean, error, count = _average(_around(values, at, pre, post), pre)
    # Whole turns of the onsets around the recording; near ones would still see the response.
    turns = np.linspace(pre + post, len(values) - pre - post, _SHIFTS).astype(np.intp)
    low, high = np.full((2, pre + post + 1), np.nan)
    if len(values) > 3 * (pre + post):
        chance = [
            _average(_around(values, (at + t) % len(values), pre, post), pre)[0] for t in turns
        ]
        tails = ((1 - confidence) / 2, (1 + confidence) / 2)
        low, high = _quantiles(np.array(chance), tails)
    offset_s = np.arange(-pre, post + 1, dtype=np.float64) * np.median(np.diff(time_s))
    return TriggeredAverage(offset_s, mean, error, count, low, high)


def onset_times(record: AnalysisRecord) -> Floats:
    """Onsets of a record in seconds from the first line of the recording, ascending.

    The beginnings of events that nobody rejected, or the onsets of calcium transients;
    `CannotRun` for a record that has no such thing.
    """
    if record.key.analysis_name == Events.name:
        found = [event.x_min for event in events(record) if event.accepted is not False]
    elif isinstance(record.summary.get("peak_events"), list | tuple):
        found = [float(one["onset"]["time_sec"]) for one in record.summary["peak_events"]]
    else:
        raise CannotRun(f"The result of {record.key.analysis_name} has no onsets.")
    return np.sort(np.array(found, np.float64)) + start_of(record)


def _signal(source: AnalysisRecord | Signal, column: str) -> Signal:
    return source if isinstance(source, Signal) else Signal.of(source, column)


def _check_place(leader: AnalysisRecord, follower: AnalysisRecord, strict: bool) -> None:
    places = {(one.key.channel, one.key.roi_id) for one in (leader, follower)}
    if strict and len(places) > 1:
        raise CannotRun("The two results are not of the same channel and ROI.")


def _prepared(values: Floats, smoothing: Filter, detrend: bool) -> Floats:
    """Smoothed, less its straight line if asked; missing values are missing again."""
    smooth = smoothing.apply(values)
    known = np.isfinite(values)
    if detrend and np.count_nonzero(known) > 1:
        places = np.arange(len(values)) / len(values)
        slope, level = np.polyfit(places[known], smooth[known], 1)
        smooth = smooth - (slope * places + level)
    return np.where(known, smooth, np.nan)


def _onsets(seeds: Seeds, follower: AnalysisRecord | Signal) -> Floats:
    if not isinstance(seeds, AnalysisRecord):
        times = np.sort(np.asarray(seeds, np.float64).ravel())
        if not np.all(np.isfinite(times)):
            raise InvalidParameter("An onset is a time.")
        return times
    if isinstance(follower, AnalysisRecord):
        same_clock(seeds, follower)
    return onset_times(seeds)


def _indices(time_s: Floats, onsets: Floats) -> list[int]:
    """Nearest samples of the onsets, each once; onsets beyond half a step outside left out."""
    step = float(np.median(np.diff(time_s)))
    at = np.rint((onsets - time_s[0]) / step + SAME_TIME_S).astype(np.intp)
    return sorted({int(one) for one in at if 0 <= one < len(time_s)})


def _check_response(response: Response) -> None:
    if response.direction not in ("negative", "positive"):
        raise InvalidParameter("A response is negative or positive.")
    if min(response.pre, response.post, response.search) < 0 or not 0 <= response.recovery <= 1:
        raise InvalidParameter("Windows are 0 or more points long, a recovery is a part of 1.")


def _around(values: Floats, at: NDArray[np.intp], pre: int, post: int) -> Floats:
    """(onset, point) values around each onset, NaN beyond the ends."""
    padded = np.concatenate([np.full(pre, np.nan), values, np.full(post, np.nan)])
    around: Floats = padded[at[:, None] + np.arange(pre + post + 1)]
    return around


def _average(rows: Floats, pre: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    base, known = np.isfinite(rows[:, :pre]), rows[:, :pre]
    held = base.sum(axis=1)
    level = np.divide(
        np.where(base, known, 0).sum(axis=1), held, out=np.full(len(rows), np.nan), where=held > 0
    )
    change = rows - level[:, None]
    there = np.isfinite(change)
    count = there.sum(axis=0)
    nothing = np.full(rows.shape[1], np.nan)
    mean = np.divide(
        np.where(there, change, 0).sum(axis=0), count, out=nothing.copy(), where=count > 0
    )
    square = np.where(there, change - mean, 0) ** 2
    variance = np.divide(square.sum(axis=0), count - 1, out=nothing.copy(), where=count > 1)
    error: Floats = np.sqrt(variance / np.maximum(count, 1))
    return mean, error, count


def _quantiles(rows: Floats, tails: tuple[float, float]) -> tuple[Floats, Floats]:
    found = np.full((2, rows.shape[1]), np.nan)
    there = np.isfinite(rows).any(axis=0)
    found[:, there] = np.nanquantile(rows[:, there], tails, axis=0)
    return found[0], found[1]


__all__ = [
    "MEDIAN_3", "SAVGOL_15_4", "Filter", "LaggedCorrelation", "Response", "Seeds", "Signal",
    "TriggeredAverage", "TriggeredEvent", "lagged_correlation", "onset_times",
    "triggered_average", "triggered_events",
]  # fmt: skip
