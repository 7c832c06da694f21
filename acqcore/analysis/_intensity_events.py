"""From onsets to event records: peak, level crossings, features, intervals.

Everything is measured on one trace that is turned upside down for negative events, so
that an event always rises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acqcore.analysis._intensity_traces import Floats, Tick

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRules:
    """How far to look, in samples.

    Attributes:
        sign: 1 for events that rise, -1 for those that fall.
        peak, width, baseline: Reach after the onset, after the peak, before the onset.
        stop_at_next: Whether the search for a peak ends at the next onset.
    """

    sign: int
    peak: int
    width: int
    baseline: int
    fractions: tuple[float, ...]
    method: str
    stop_at_next: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The trace on which events are measured.

    Attributes:
        values, slope: Signal and its derivative in time.
        seconds: Time of each sample (lines where the recording is not calibrated).
    """

    values: Floats
    slope: Floats
    seconds: Floats

    @property
    def step(self) -> float:
        """Duration of one line."""
        return float(self.seconds[1] - self.seconds[0]) if len(self.seconds) > 1 else math.nan


@dataclass(frozen=True, slots=True)
class _Event:
    """One event while it is measured; `up` is the trace with its sign applied."""

    onset: int
    peak: int
    last: int
    up: Floats

    @property
    def amplitude(self) -> float:
        return float(self.up[self.peak] - self.up[self.onset])


def event_records(
    source: Source, onsets: Sequence[int], rules: EventRules, tick: Tick
) -> list[Record]:
    """One record per onset, in time order; all values are plain numbers, NaN if unknown."""
    up = rules.sign * source.values
    records: list[Record] = []
    for number, onset in enumerate(onsets):
        tick()
        following = onsets[number + 1] if number + 1 < len(onsets) else None
        event = _found(up, onset, following, rules)
        record = _record(source, event, rules) | {"peak_id": number + 1}
        previous = records[-1] if records else None
        record["intervals"] = {
            f"{point}_to_{point}_interval_sec": (
                record[point]["time_sec"] - previous[point]["time_sec"] if previous else math.nan
            )
            for point in ("onset", "peak")
        }
        records.append(record)
    return records


def _found(up: Floats, onset: int, following: int | None, rules: EventRules) -> _Event:
    end = min(onset + max(1, rules.peak), len(up) - 1)
    if rules.stop_at_next and following is not None:
        end = max(onset, min(end, following - 1))
    window = up[onset : end + 1]
    known = np.isfinite(window)
    peak = onset + int(np.argmax(np.where(known, window, -np.inf)))
    last = min(len(up) - 1, peak + max(1, rules.width))
    return _Event(onset, peak, last if following is None else min(last, following), up)


def _record(source: Source, event: _Event, rules: EventRules) -> Record:
    ok = event.amplitude > 0
    crossings = [_crossing(event, fraction, source.step) for fraction in rules.fractions]
    warning = "No sample after the onset lies beyond it, so the event has no amplitude."
    return {
        "peak_id": 0,
        "status": "ok" if ok else "non_positive_amplitude",
        "warnings": [] if ok else [warning],
        "onset": _point(source, event.onset),
        "peak": _point(source, event.peak) | {"amplitude": event.amplitude},
        "detection_method": rules.method,
        "features": _features(source, event, crossings, rules),
        "level_crossings": [
            one | {"value": rules.sign * one["value"], "left_index": one["left_index"]}
            for one in crossings
        ],
    }


def _point(source: Source, index: int) -> Record:
    return {
        "index": int(index),
        "time_sec": float(source.seconds[index]),
        "value": float(source.values[index]),
    }


# --- level crossings -------------------------------------------------------------------


def _crossing(event: _Event, fraction: float, step: float) -> Record:
    """Where the trace crosses a fraction of the height, on the way up and down."""
    level = float(event.up[event.onset] + fraction * event.amplitude)
    left = _first_rising(event.up[event.onset : event.peak + 1], level) + event.onset
    right = _first_rising(-event.up[event.peak : event.last + 1], -level) + event.peak
    status = {
        (True, True): "ok",
        (False, True): "left_not_found",
        (True, False): "right_not_found_within_width_search_window",
        (False, False): "both_not_found",
    }[math.isfinite(left), math.isfinite(right)]
    width = right - left
    return {
        "fraction": fraction,
        "value": level,
        "left_index": left,
        "right_index": right,
        "width": width,
        "width_sec": width * step,
        "status": status,
    }


def _first_rising(values: Floats, level: float) -> float:
    """Interpolated index of the first segment that rises through `level`; NaN if none."""
    low, high = values[:-1], values[1:]
    hits = np.flatnonzero((low <= level) & (high >= level))
    if len(hits) == 0:
        return math.nan
    at = int(hits[0])
    rise = float(high[at] - low[at])
    return at + (level - float(low[at])) / rise if rise > 0 else float(at)


# --- features --------------------------------------------------------------------------


def _features(
    source: Source, event: _Event, crossings: Sequence[Record], rules: EventRules
) -> Record:
    by_fraction = {one["fraction"]: one for one in crossings if one["status"] == "ok"}
    ten, ninety = by_fraction.get(0.1), by_fraction.get(0.9)
    level, spread = _baseline(source.values, event.onset, rules.baseline)
    rise = decay = math.nan
    if ten is not None and ninety is not None:
        rise = (ninety["left_index"] - ten["left_index"]) * source.step
        decay = (ten["right_index"] - ninety["right_index"]) * source.step
    up_slope = rules.sign * source.slope
    prominence, no_prominence = _prominence(source, event, level, rules.sign)
    steepest_fall, no_fall = _max_decay(up_slope, event, ten)
    steepest_rise, no_rise = _max_rise(up_slope, event)
    area, no_area = _area(source, event, ten)
    few = "insufficient_baseline_samples"
    no_left, no_right = "left_10_or_left_90_unavailable", "right_90_or_right_10_unavailable"
    return {
        "baseline_mean": _feature(level, few),
        "baseline_std": _feature(spread, few),
        "prominence": _feature(prominence, no_prominence),
        "rise_10_90_sec": _feature(rise, no_left),
        "decay_90_10_sec": _feature(decay, no_right),
        "decay_time_sec": _feature(decay, no_right),
        "max_rise_slope": _feature(rules.sign * steepest_rise, no_rise),
        "max_decay_slope": _feature(rules.sign * steepest_fall, no_fall),
        "auc": _feature(area, no_area),
    }


def _feature(value: float, reason: str) -> Record:
    found = math.isfinite(value)
    return {
        "value": value,
        "status": "ok" if found else "failed",
        "reason": "" if found else reason,
    }


def _baseline(values: Floats, onset: int, reach: int) -> tuple[float, float]:
    before = values[max(0, onset - reach) : onset]
    before = before[np.isfinite(before)]
    level = float(before.mean()) if before.size else math.nan
    return level, float(before.std(ddof=1)) if before.size > 1 else math.nan


def _prominence(source: Source, event: _Event, level: float, sign: int) -> tuple[float, str]:
    if not math.isfinite(level):
        return math.nan, "baseline_mean_unavailable"
    return sign * (float(source.values[event.peak]) - level), "peak_value_unavailable"


def _max_rise(slope: Floats, event: _Event) -> tuple[float, str]:
    if event.peak <= event.onset:
        return math.nan, "peak_index_unavailable"
    return _largest(slope[event.onset : event.peak + 1]), "no_finite_derivative_samples"


def _max_decay(slope: Floats, event: _Event, ten: Record | None) -> tuple[float, str]:
    """Steepest fall, as a negative slope of the rising trace."""
    if ten is None:
        return math.nan, "right_10_crossing_unavailable"
    falling = -slope[event.peak : math.ceil(ten["right_index"]) + 1]
    return -_largest(falling), "empty_peak_to_right_10_window"


def _largest(values: Floats) -> float:
    values = values[np.isfinite(values)]
    return float(values.max()) if values.size else math.nan


def _area(source: Source, event: _Event, ten: Record | None) -> tuple[float, str]:
    """Area above the onset's value between the two 10 % crossings."""
    if ten is None:
        return math.nan, "left_10_or_right_10_unavailable"
    left, right = ten["left_index"], ten["right_index"]
    if right <= left:
        return math.nan, "invalid_10_percent_window"
    inside = np.arange(math.floor(left) + 1, math.ceil(right))
    at = np.concatenate([[left], inside, [right]])
    height = np.interp(at, np.arange(len(event.up)), event.up) - event.up[event.onset]
    if not np.isfinite(height).all():
        return math.nan, "insufficient_auc_samples"
    return float(np.trapezoid(np.maximum(height, 0), at * source.step)), ""
