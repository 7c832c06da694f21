"""Events, their statistics, and the block of a sidecar that holds them.

`version`, `parent_analysis_name` and `events` are the reference program's, key by key, so
that it can read them. What it does not know stands in counts beside them and in one block
of its own: who found an event, what a person thinks of it, and what a person deleted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acqcore.analysis._event_trace import PARENT, Trace
from acqcore.analysis._windows import Floats, Indices
from acqcore.errors import CannotRun, InvalidParameter

VERSION = 2
EVENT_TYPES = ("user", "rise", "fall", "transient")
STATISTICS = ("n", "mean", "min", "max", "std", "se", "cv")
WINDOWS = ("event_stats", "pre_win_stats", "post_win_stats")
_OWN = "cloudscope"

Statistics = Mapping[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch of a trace with a meaning.

    Attributes:
        id: From 1, unique within a record.
        x0, x1: Its ends as they were drawn, either order, in the parent's time: seconds from
            the first line of the ROI (lines without calibration).
        event_type: One of `EVENT_TYPES`.
        detector: `stall`, `reversal`, `baseline` or `gap`; empty for a drawn one.
        note: Of the detector or of a person.
        accepted: A person's verdict; None while an automatic event waits for it.
        found: Where the detector saw it, once a person has touched it; such an event is
            kept by later runs.
    """

    id: int
    x0: float
    x1: float
    event_type: str = "user"
    detector: str = ""
    note: str = ""
    accepted: bool | None = True
    found: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if type(self.id) is not int or self.id < 1:
            raise InvalidParameter(f"An event's number is 1 or more, not {self.id!r}.")
        if not (math.isfinite(self.x0) and math.isfinite(self.x1)) or self.x0 == self.x1:
            raise InvalidParameter(f"Event {self.id} has no extent.")
        if self.event_type not in EVENT_TYPES:
            raise InvalidParameter(f"The type of an event is one of {', '.join(EVENT_TYPES)}.")

    @property
    def x_min(self) -> float:
        """The earlier end."""
        return min(self.x0, self.x1)

    @property
    def x_max(self) -> float:
        """The later end."""
        return max(self.x0, self.x1)

    @property
    def duration(self) -> float:
        """From end to end."""
        return abs(self.x1 - self.x0)

    @property
    def is_automatic(self) -> bool:
        """Whether the next run may replace it: found by a detector, touched by nobody."""
        return bool(self.detector) and self.found is None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector saw, or what a person deleted of that."""

    detector: str
    x0: float
    x1: float
    event_type: str = "transient"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """An event with the statistics of its three windows, in the order of `WINDOWS`."""

    event: Event
    windows: tuple[Statistics, Statistics, Statistics]


@dataclass(frozen=True, slots=True)
class Stored:
    """All that the summary of a record holds, events by id."""

    events: tuple[Measured, ...] = ()
    dismissed: tuple[Finding, ...] = ()


def measured(events: Iterable[Event], trace: Trace, window: float) -> tuple[Measured, ...]:
    """Events by id with statistics of the usable rows within, `window` before and after.

    Ends belong to the event, not to what lies before and after it.
    """
    listed = sorted(events, key=lambda event: event.id)
    x, y = trace.x[trace.usable], trace.y[trace.usable]
    low = np.array([event.x_min for event in listed])
    high = np.array([event.x_max for event in listed])
    first, last = np.searchsorted(x, low), np.searchsorted(x, high, "right")
    columns = (
        _statistics(y, first, last),
        _statistics(y, np.searchsorted(x, low - window), first),
        _statistics(y, last, np.searchsorted(x, high + window, "right")),
    )
    return tuple(Measured(*one) for one in zip(listed, zip(*columns, strict=True), strict=True))


def _statistics(y: Floats, first: Indices, last: Indices) -> list[Statistics]:
    """Of y[first:last] for every pair; the standard deviation is the sample's."""
    count = last - first
    there = count > 0
    result: list[Statistics] = [dict.fromkeys(STATISTICS) | {"n": 0} for _ in count]
    if not there.any():
        return result
    n = count[there]
    begins = np.cumsum(n) - n
    values = y[np.repeat(first[there] - begins, n) + np.arange(n.sum())]
    mean = np.add.reduceat(values, begins) / n
    square = np.add.reduceat((values - np.repeat(mean, n)) ** 2, begins)
    std = np.sqrt(square / np.maximum(n - 1, 1))
    least, most = np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)
    rows = zip(n.tolist(), *(v.tolist() for v in (mean, least, most, std)), strict=True)
    for place, row in zip(np.flatnonzero(there), rows, strict=True):
        result[place] = _derived(*row)
    return result


def _derived(n: int, mean: float, least: float, most: float, std: float) -> Statistics:
    cv = std / abs(mean) if mean else None
    values = (n, mean, least, most, std, std / math.sqrt(n), cv)
    return dict(zip(STATISTICS, values, strict=True))


def summary_of(stored: Stored) -> dict[str, Any]:
    """The block of a sidecar; our own part only where it says something."""
    listed = [one.event for one in stored.events]
    types = [event.event_type for event in listed]
    lengths = [event.duration for event in listed]
    summary: dict[str, Any] = {
        "version": VERSION,
        "parent_analysis_name": PARENT,
        "events": [_block(one) for one in stored.events],
        "num_events": len(listed),
        **{f"{kind}_events": types.count(kind) for kind in EVENT_TYPES},
        "mean_duration": sum(lengths) / len(lengths) if lengths else None,
    }
    marks = [_mark(event) for event in listed if event.detector or event.note or not event.accepted]
    dismissed = [{"detector": one.detector, "span": [one.x0, one.x1]} for one in stored.dismissed]
    if marks or dismissed:
        summary[_OWN] = {"marks": marks, "dismissed": dismissed}
    return summary


def _block(one: Measured) -> dict[str, Any]:
    event = one.event
    own = {"id": event.id, "x0": event.x0, "x1": event.x1, "event_type": event.event_type}
    windows = (dict(window) for window in one.windows)
    return own | {"duration": event.duration} | dict(zip(WINDOWS, windows, strict=True))


def _mark(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "span": [event.x0, event.x1],
        "detector": event.detector,
        "note": event.note,
        "accepted": event.accepted,
        "found": list(event.found) if event.found else None,
    }


def stored_in(summary: Mapping[str, Any]) -> Stored:
    """Read `summary_of`, or what the reference program wrote; `CannotRun` if it is damaged.

    A mark whose event another program moved since is not believed.
    """
    if not summary:
        return Stored()
    try:
        if summary["version"] != VERSION:
            raise ValueError(f"version {summary['version']!r} is not known")
        own = summary.get(_OWN, {})
        marks = {(one["id"], *one["span"]): one for one in own.get("marks", ())}
        listed = [_measured(block, marks) for block in summary["events"]]
        dismissed = (Finding(one["detector"], *one["span"]) for one in own.get("dismissed", ()))
        stored = Stored(tuple(sorted(listed, key=lambda one: one.event.id)), tuple(dismissed))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotRun(f"The stored events cannot be read: {error}.") from error
    ids = [one.event.id for one in stored.events]
    if len(set(ids)) < len(ids):
        raise CannotRun("The stored events cannot be read: two have the same number.")
    return stored


def _measured(
    block: Mapping[str, Any], marks: Mapping[tuple[int, float, float], Mapping[str, Any]]
) -> Measured:
    x0, x1 = float(block["x0"]), float(block["x1"])
    mark = marks.get((block["id"], x0, x1), {})
    found = mark.get("found")
    event = Event(
        block["id"],
        x0,
        x1,
        block["event_type"],
        detector=mark.get("detector", ""),
        note=mark.get("note", ""),
        accepted=mark.get("accepted", True),
        found=(float(found[0]), float(found[1])) if found else None,
    )
    inside, before, after = ({name: block[of][name] for name in STATISTICS} for of in WINDOWS)
    return Measured(event, (inside, before, after))
