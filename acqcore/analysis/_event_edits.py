"""Edits of a record of events: each takes a record and gives another one.

`parent` is the velocity of the same channel and ROI: statistics are taken from it. Wrong
numbers and types are `InvalidParameter` (a ValueError), an unknown event a KeyError; events
that cannot be read or no longer fit their parent are `CannotRun`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from acqcore.analysis._event_parameters import EventParameters
from acqcore.analysis._event_records import (
    STATISTICS,
    WINDOWS,
    Event,
    Finding,
    Measured,
    Stored,
    measured,
    stored_in,
    summary_of,
)
from acqcore.analysis._event_trace import Trace
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.record import AnalysisRecord, Columns, Provenance
from acqcore.model.schema import parse

Span = tuple[float, float] | tuple[float, float, str]
"""Both ends of an event, and its type if it is not `user`."""

_COLUMN_PREFIX = {"event_stats": "event_", "pre_win_stats": "pre_", "post_win_stats": "post_"}


def events(record: AnalysisRecord) -> tuple[Event, ...]:
    """The events of a record by number."""
    return tuple(one.event for one in stored_in(record.summary).events)


def event_table(record: AnalysisRecord) -> Columns:
    """One row per event: what it is, then `event_`, `pre_` and `post_` statistics.

    NaN where a window holds nothing; `accepted` is `yes`, `no` or empty.
    """
    rows = stored_in(record.summary).events
    verdicts = {True: "yes", False: "no", None: ""}
    columns: dict[str, Any] = {
        "id": np.array([one.event.id for one in rows], np.int64),
        "x0": np.array([one.event.x0 for one in rows], float),
        "x1": np.array([one.event.x1 for one in rows], float),
        "duration": np.array([one.event.duration for one in rows], float),
        "event_type": np.array([one.event.event_type for one in rows], str),
        "detector": np.array([one.event.detector for one in rows], str),
        "accepted": np.array([verdicts[one.event.accepted] for one in rows], str),
        "note": np.array([one.event.note for one in rows], str),
    }
    for place, window in enumerate(WINDOWS):
        for name in STATISTICS:
            values = [one.windows[place][name] for one in rows]
            kind = np.int64 if name == "n" else np.float64
            columns[_COLUMN_PREFIX[window] + name] = np.array(values, kind)
    return columns


def add_event(
    record: AnalysisRecord,
    parent: AnalysisRecord,
    x0: float,
    x1: float,
    *,
    event_type: str = "user",
    note: str = "",
    event_id: int | None = None,
) -> AnalysisRecord:
    """Draw an event between two times of the parent; it gets the next number by itself."""
    listed = events(record)
    number = _next(listed) if event_id is None else event_id
    if any(event.id == number for event in listed):
        raise InvalidParameter(f"There is an event {number} already.")
    drawn = Event(number, float(x0), float(x1), event_type, note=note)
    return _measured_anew(record, parent, (*listed, drawn))


def add_events(
    record: AnalysisRecord, parent: AnalysisRecord, spans: Iterable[Span]
) -> AnalysisRecord:
    """Draw several at once: all of them, or an error."""
    listed = list(events(record))
    for span in spans:
        kind = span[2] if len(span) == 3 else "user"
        listed.append(Event(_next(listed), float(span[0]), float(span[1]), kind))
    return _measured_anew(record, parent, listed)


def update_event(
    record: AnalysisRecord,
    parent: AnalysisRecord,
    event_id: int,
    *,
    x0: float | None = None,
    x1: float | None = None,
    event_type: str | None = None,
    note: str | None = None,
) -> AnalysisRecord:
    """Change what is given; an automatic event is then kept by later runs."""
    given = {"x0": x0, "x1": x1, "event_type": event_type, "note": note}
    changed = {name: value for name, value in given.items() if value is not None}
    return _measured_anew(record, parent, _changed(events(record), event_id, changed))


def set_event_type(record: AnalysisRecord, event_id: int, event_type: str) -> AnalysisRecord:
    """Say what an event is; statistics stay as they are."""
    return _relabelled(record, event_id, {"event_type": event_type})


def review_event(record: AnalysisRecord, event_id: int, accepted: bool | None) -> AnalysisRecord:
    """Accept or reject an event, or leave it open again; statistics stay as they are."""
    return _relabelled(record, event_id, {"accepted": accepted})


def delete_event(record: AnalysisRecord, event_id: int) -> AnalysisRecord:
    """Remove an event; later runs do not find an automatic one again."""
    stored = stored_in(record.summary)
    gone = _found(tuple(one.event for one in stored.events), event_id)
    left = tuple(one for one in stored.events if one.event is not gone)
    dismissed = stored.dismissed
    if gone.detector:
        dismissed += (Finding(gone.detector, *(gone.found or (gone.x0, gone.x1))),)
    return replace(record, summary=summary_of(Stored(left, dismissed)))


def forget_deleted(record: AnalysisRecord) -> AnalysisRecord:
    """Let the next run find again what was deleted."""
    stored = stored_in(record.summary)
    return replace(record, summary=summary_of(replace(stored, dismissed=())))


def _next(listed: Iterable[Event]) -> int:
    return max((event.id for event in listed), default=0) + 1


def _found(listed: tuple[Event, ...], event_id: int) -> Event:
    for event in listed:
        if event.id == event_id:
            return event
    raise KeyError(f"there is no event {event_id}")


def _touched(event: Event, changed: Mapping[str, Any]) -> Event:
    """The event with these values; the finding of a detector is remembered."""
    found = (event.x0, event.x1) if event.is_automatic else event.found
    return replace(event, **changed, found=found)


def _changed(
    listed: tuple[Event, ...], event_id: int, changed: Mapping[str, Any]
) -> tuple[Event, ...]:
    old = _found(listed, event_id)
    return tuple(_touched(one, changed) if one is old else one for one in listed)


def _relabelled(
    record: AnalysisRecord, event_id: int, changed: Mapping[str, Any]
) -> AnalysisRecord:
    stored = stored_in(record.summary)
    listed = _changed(tuple(one.event for one in stored.events), event_id, changed)
    windows = (one.windows for one in stored.events)
    rows = tuple(Measured(*one) for one in zip(listed, windows, strict=True))
    return replace(record, summary=summary_of(replace(stored, events=rows)))


def _measured_anew(
    record: AnalysisRecord, parent: AnalysisRecord, listed: Iterable[Event]
) -> AnalysisRecord:
    """The record with these events, all measured on the parent as it is now."""
    ran = record.provenance or _first_provenance(record, parent)
    made = parent.provenance
    if ran and made and (ran.geometry, ran.steps) != (made.geometry, made.steps):
        raise CannotRun("The events are out of date with the velocity: run them again first.")
    asked = ran.parameters if ran else record.parameters
    window = asked.get("pre_post_win_sec", EventParameters().pre_post_win_sec)
    rows = measured(listed, Trace.of(parent), float(window))
    stored = Stored(rows, stored_in(record.summary).dismissed)
    return replace(record, summary=summary_of(stored), provenance=ran)


def _first_provenance(record: AnalysisRecord, parent: AnalysisRecord) -> Provenance | None:
    """Drawing is measuring: a record that never ran belongs to the pixels of its parent."""
    made = parent.provenance
    if made is None:
        return None
    parameters = asdict(parse(EventParameters, record.parameters))
    parents = {parent.key.analysis_name: made.fingerprint}
    return Provenance(
        parameters, made.geometry, made.steps, versions={"analysis": "2"}, parents=parents
    )
