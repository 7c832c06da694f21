"""What a signal does after each onset of another one: dip or rise, recovery, area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np

from acqcore._coupling_signals import Floats


@dataclass(frozen=True, slots=True)
class TriggeredEvent:
    """One onset of the leader and the response of the follower.

    Indices count samples of the follower's time base; `_sec` are seconds on the clock of the
    recording. `status` is `ok`, `partial` (see `warnings`) or `failed` (no baseline, then
    what follows from it is None). Amplitudes are against the baseline before the onset;
    `signed_amplitude` keeps the sign of the change.
    """

    seed_id: int
    seed_index: int
    seed_time_sec: float
    window_start_index: int
    window_stop_index: int
    next_seed_index: int | None
    truncated_by_next_seed: bool
    truncated_by_signal_end: bool
    status: str
    warnings: tuple[str, ...]
    baseline_start_index: int
    baseline_stop_index: int
    baseline_value: float | None = None
    baseline_std: float | None = None
    baseline_slope_per_sec: float | None = None
    pre_seed_value: float | None = None
    pre_seed_change: float | None = None
    extremum_index: int | None = None
    extremum_time_sec: float | None = None
    extremum_value: float | None = None
    time_to_extremum_from_seed_points: int | None = None
    time_to_extremum_from_seed_sec: float | None = None
    signed_amplitude: float | None = None
    amplitude: float | None = None
    fractional_amplitude: float | None = None
    percent_amplitude: float | None = None
    average_seed_to_extremum_slope_per_sec: float | None = None
    maximum_oriented_slope_per_sec: float | None = None
    recovery_detected: bool = False
    recovery_index: int | None = None
    recovery_time_sec: float | None = None
    extremum_to_recovery_sec: float | None = None
    seed_to_recovery_sec: float | None = None
    baseline_adjusted_auc_seed_to_stop: float | None = None

    def to_dict(self) -> Mapping[str, Any]:
        """Plain values, as the reference program names them."""
        return {"schema_version": 1} | asdict(self) | {"warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class Response:
    """How responses are measured; counts are samples of the follower.

    Attributes:
        direction: `negative` looks for the lowest point after the onset, `positive` for
            the highest.
        pre, post: Length of the window before and after the onset.
        search: How far after the onset the extremum is looked for.
        baseline: First and one past the last sample of the baseline, from the onset.
        recovery: Part of the amplitude that has to be made up for.
    """

    direction: str = "negative"
    pre: int = 50
    post: int = 500
    search: int = 250
    baseline: tuple[int, int] = (-50, 0)
    recovery: float = 0.9


def measured_responses(
    time_s: Floats, signal: Floats, seeds: list[int], known: Floats, how: Response
) -> list[TriggeredEvent]:
    """One response per seed, an index into the signal; seeds ascend.

    `known` is the signal before its gaps were bridged: a baseline of nothing fails.
    """
    found = []
    for number, (seed, after) in enumerate(zip_longest(seeds, seeds[1:])):
        event = _windowed(time_s, number, seed, after, how)
        baseline = slice(event.baseline_start_index, event.baseline_stop_index)
        if np.isfinite(known[baseline]).any():
            event = _with_baseline(event, time_s, signal, baseline)
            event = _with_extremum(event, time_s, signal, how)
            event = _judged(_with_recovery(event, time_s, signal, how))
        found.append(event)
    return found


def _windowed(
    time_s: Floats, number: int, seed: int, after: int | None, how: Response
) -> TriggeredEvent:
    """The event with its windows, not yet measured."""
    wanted, start = seed + how.post + 1, max(seed - how.pre, 0)
    stop = min(wanted, len(time_s))
    by_next = after is not None and after < stop
    first = max(start, seed + how.baseline[0])
    return TriggeredEvent(
        seed_id=number,
        seed_index=seed,
        seed_time_sec=float(time_s[seed]),
        window_start_index=start,
        window_stop_index=after if by_next and after is not None else stop,
        next_seed_index=after,
        truncated_by_next_seed=by_next,
        truncated_by_signal_end=not by_next and wanted > stop,
        status="failed",
        warnings=(),
        baseline_start_index=first,
        baseline_stop_index=max(first, min(seed, seed + how.baseline[1])),
    )


def _judged(event: TriggeredEvent) -> TriggeredEvent:
    warnings = {
        "recovery_not_detected_before_event_stop": not event.recovery_detected,
        "event_truncated_by_next_seed": event.truncated_by_next_seed,
        "event_truncated_by_signal_end": event.truncated_by_signal_end,
    }
    told = tuple(word for word, holds in warnings.items() if holds)
    return replace(event, warnings=told, status="partial" if told else "ok")


def _with_baseline(
    event: TriggeredEvent, time_s: Floats, signal: Floats, baseline: slice
) -> TriggeredEvent:
    values, times = signal[baseline], time_s[baseline]
    value = float(np.median(values))
    slope = None
    if len(values) > 1:
        since = times - times.mean()
        slope = float(np.sum(since * (values - values.mean())) / np.sum(since**2))
    before = float(signal[event.seed_index - 1])
    return replace(
        event,
        baseline_value=value,
        baseline_std=float(np.std(values)),
        baseline_slope_per_sec=slope,
        pre_seed_value=before,
        pre_seed_change=before - value,
    )


def _with_extremum(
    event: TriggeredEvent, time_s: Floats, signal: Floats, how: Response
) -> TriggeredEvent:
    seed, base = event.seed_index, event.baseline_value or 0.0
    stop = min(event.window_stop_index, seed + how.search + 1)
    pick = np.argmin if how.direction == "negative" else np.argmax
    extremum = seed + int(pick(signal[seed:stop]))
    change = float(signal[extremum]) - base
    passed = float(time_s[extremum] - time_s[seed])
    fraction = change / base if base else None
    oriented = _oriented(signal, event, how)[seed : extremum + 1]
    steepest = None
    if len(oriented) > 1:
        steepest = float(np.max(np.gradient(oriented, time_s[seed : extremum + 1])))
    return replace(
        event,
        extremum_index=extremum,
        extremum_time_sec=float(time_s[extremum]),
        extremum_value=float(signal[extremum]),
        time_to_extremum_from_seed_points=extremum - seed,
        time_to_extremum_from_seed_sec=passed,
        signed_amplitude=change,
        amplitude=abs(change),
        fractional_amplitude=fraction,
        percent_amplitude=None if fraction is None else 100 * fraction,
        average_seed_to_extremum_slope_per_sec=change / passed if passed else None,
        maximum_oriented_slope_per_sec=steepest,
    )


def _oriented(signal: Floats, event: TriggeredEvent, how: Response) -> Floats:
    """The change from the baseline, positive in the direction looked for."""
    change = signal - (event.baseline_value or 0.0)
    return -change if how.direction == "negative" else change


def _with_recovery(
    event: TriggeredEvent, time_s: Floats, signal: Floats, how: Response
) -> TriggeredEvent:
    seed, stop = event.seed_index, event.window_stop_index
    extremum, amplitude = event.extremum_index or seed, event.amplitude or 0.0
    part = signal[seed:stop] - (event.baseline_value or 0.0)
    area = float(np.trapezoid(part, time_s[seed:stop]))
    event = replace(event, baseline_adjusted_auc_seed_to_stop=area)
    left = _oriented(signal, event, how)[extremum + 1 : stop]
    back = np.flatnonzero(left <= amplitude * (1 - how.recovery))
    if len(back) == 0:
        return event
    recovery = extremum + 1 + int(back[0])
    return replace(
        event,
        recovery_detected=True,
        recovery_index=recovery,
        recovery_time_sec=float(time_s[recovery]),
        extremum_to_recovery_sec=float(time_s[recovery] - time_s[extremum]),
        seed_to_recovery_sec=float(time_s[recovery] - time_s[seed]),
    )
