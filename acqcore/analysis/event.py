"""Events on the velocity: drawn by a person, or found by detectors and then reviewed.

A run measures all events anew and looks for automatic ones again. What a person drew,
changed, judged or deleted stays as it is. Edits take a record and give another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

import numpy as np

from acqcore.analysis._event_edits import (
    Span,
    add_event,
    add_events,
    delete_event,
    event_table,
    events,
    forget_deleted,
    review_event,
    set_event_type,
    update_event,
)
from acqcore.analysis._event_found import FOUND_COLUMNS, found_events
from acqcore.analysis._event_levels import find_changes
from acqcore.analysis._event_parameters import EventParameters
from acqcore.analysis._event_records import (
    EVENT_TYPES,
    Event,
    Finding,
    Stored,
    measured,
    stored_in,
    summary_of,
)
from acqcore.analysis._event_runs import find_gaps, find_reversals, find_stalls
from acqcore.analysis._event_trace import PARENT, Trace
from acqcore.analysis.base import Analysis, Inputs, Result, RunContext
from acqcore.model.record import AnalysisRecord, Columns

_SAME = 0.5
"""Two findings that share this part of the shorter one are the same event."""
_ROUNDING = 1e-9


class Events(Analysis[EventParameters]):
    """Events of a velocity with statistics within, before and after each; no table."""

    name = "event"
    title = "Events"
    place = 40
    Parameters = EventParameters
    depends_on = (PARENT,)
    version = 2
    found_title, found_span = "Events", ("x0", "x1")
    found_columns = FOUND_COLUMNS

    def run(self, inputs: Inputs, parameters: EventParameters, context: RunContext) -> Result:
        """Measure all events and find the automatic ones anew; `CannotRun` without velocities."""
        context.progress(0.0, "Looking at the velocity")
        trace = Trace.of(inputs.parents[PARENT])
        held = _moved(inputs)
        context.progress(0.1, "Looking for events")
        found = _detect(trace, parameters, context)
        context.progress(0.8, "Measuring events")
        listed = _merged(held, found)
        windows = measured(listed, trace, parameters.pre_post_win_sec)
        return Result({}, summary_of(Stored(windows, held.dismissed)))

    def found(self, record: AnalysisRecord) -> Columns:
        """Events with their statistics, the earliest first."""
        return found_events(record)


def _detect(trace: Trace, parameters: EventParameters, context: RunContext) -> list[Finding]:
    def still_here() -> None:
        context.progress(0.5, "Looking for changes")

    sigma, found = parameters.standard_errors, list[Finding]()
    if parameters.detect_stalls:
        found += find_stalls(trace, sigma, parameters.stall_min_sec)
    context.progress(0.3, "Looking for events")
    if parameters.detect_reversals:
        found += find_reversals(trace, sigma, parameters.reversal_min_sec)
    if parameters.detect_baseline_changes:
        least = parameters.baseline_min_percent / 100
        chance, level = parameters.baseline_chance, parameters.baseline_min_sec
        found += find_changes(_flowing(trace, found), level, least, chance, still_here)
    if parameters.detect_gaps:
        found += find_gaps(trace, parameters.gap_min_sec)
    return sorted(found, key=lambda one: (one.x0, one.detector))


def _flowing(trace: Trace, stops: Iterable[Finding]) -> Trace:
    """The trace without its stalls and reversals, whose ends are no changes of the level."""
    usable = trace.usable.copy()
    for stop in stops:
        first, last = np.searchsorted(trace.x, (stop.x0, stop.x1))
        usable[first:last] = False
    return replace(trace, usable=usable)


def _moved(inputs: Inputs) -> Stored:
    """What the earlier record holds, in the time of this run.

    Events mark lines of the recording: another first line or line time moves them.
    """
    previous = inputs.previous
    held = stored_in(previous.summary) if previous else Stored()
    ran = previous.provenance if previous else None
    if ran is None or not ran.geometry:
        return held
    old_step, step, first = ran.steps[0], inputs.calibration.step_y, max(ran.geometry[0], 0)
    if (old_step, first) == (step, inputs.line_start):
        return held

    def at(x: float) -> float:
        return (x / old_step + first - inputs.line_start) * step

    def moved(event: Event) -> Event:
        found = (at(event.found[0]), at(event.found[1])) if event.found else None
        return replace(event, x0=at(event.x0), x1=at(event.x1), found=found)

    events = tuple(replace(one, event=moved(one.event)) for one in held.events)
    dismissed = tuple(replace(one, x0=at(one.x0), x1=at(one.x1)) for one in held.dismissed)
    return Stored(events, dismissed)


def _merged(held: Stored, found: Iterable[Finding]) -> list[Event]:
    """Events of a person and fresh automatic ones; one that was there keeps its number."""
    before = [one.event for one in held.events]
    kept = [event for event in before if not event.is_automatic]
    seen = (Finding(event.detector, *(event.found or (event.x0, event.x1))) for event in kept)
    settled = [*held.dismissed, *seen]
    numbers = {_place(event): event.id for event in before if event.is_automatic}
    fresh = count(max((event.id for event in before), default=0) + 1)
    for one in found:
        if not any(_is_same(one, other) for other in settled):
            number = numbers.pop(_place(one), None) or next(fresh)
            event = Event(number, one.x0, one.x1, one.event_type, one.detector, one.note, None)
            kept.append(event)
    return kept


def _place(one: Event | Finding) -> tuple[str, int, int]:
    """The same for what was found in the same place, up to rounding."""
    return one.detector, round(one.x0 / _ROUNDING), round(one.x1 / _ROUNDING)


def _is_same(one: Finding, other: Finding) -> bool:
    """Whether a detector has found again what a person has settled."""
    low, high = sorted((other.x0, other.x1))
    if not other.detector:  # drawn there, or of a sidecar that another program saved since
        return max(abs(low - one.x0), abs(high - one.x1)) < _ROUNDING
    shared = min(one.x1, high) - max(one.x0, low)
    return one.detector == other.detector and shared >= _SAME * min(one.x1 - one.x0, high - low)


__all__ = [
    "EVENT_TYPES", "Event", "EventParameters", "Events", "Span", "add_event", "add_events",
    "delete_event", "event_table", "events", "forget_deleted", "review_event",
    "set_event_type", "update_event",
]  # fmt: skip
