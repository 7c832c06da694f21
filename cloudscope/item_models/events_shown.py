"""The events of the selected channel and ROI, and where their time is in the recording."""

from __future__ import annotations

from dataclasses import dataclass

from acqcore.analysis.event import Event, events
from acqcore.errors import CannotRun
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import RectROI
from cloudscope.scene import Scene, ShownRecord

EVENT, VELOCITY = "event", "radon_velocity"
EVENT_TOKENS = {"user": "ev_user", "rise": "ev_rise", "fall": "ev_fall", "transient": "ev_trans"}
"""Colour of each type in the theme."""
DETECTOR_WORDS = {
    "": "By hand",
    "stall": "Stall",
    "reversal": "Reversal",
    "baseline": "Baseline",
    "gap": "Gap",
}


@dataclass(frozen=True, slots=True)
class EventTime:
    """Events count seconds from the first line of the ROI; the scene counts lines.

    Attributes:
        first, last: Lines of the recording that were analysed, half-open.
        step: Time of the events per line.
    """

    first: int
    last: int
    step: float

    def line(self, x: float) -> float:
        """The line of the recording at a time of an event."""
        return self.first + x / self.step

    def x(self, line: float) -> float:
        """The time of an event at a line of the recording."""
        return (line - self.first) * self.step


@dataclass(frozen=True, slots=True, eq=False)
class ShownEvents:
    """What the screen says about events; nothing without a ROI.

    Attributes:
        key: Of the record that holds them, there or not yet.
        record: None before the first event.
        parent: The finished velocity that they are measured on, or None.
        time: None as long as no run has fixed it.
        listed: By number.
        stale: Why they are out of date, or empty.
        running: A job looks for them now: edits wait for it.
        fault: Why the stored events cannot be read, or empty.
    """

    key: AnalysisKey | None = None
    record: AnalysisRecord | None = None
    parent: AnalysisRecord | None = None
    time: EventTime | None = None
    listed: tuple[Event, ...] = ()
    stale: str = ""
    running: bool = False
    fault: str = ""

    @property
    def editable(self) -> bool:
        """Whether events can be drawn and changed now."""
        return bool(self.parent and self.time and not self.running and not self.fault)

    @property
    def by_time(self) -> tuple[Event, ...]:
        """From the earliest to the latest."""
        return tuple(sorted(self.listed, key=lambda event: (event.x_min, event.id)))

    @property
    def unreviewed(self) -> tuple[Event, ...]:
        """Those that wait for a verdict, from the earliest to the latest."""
        return tuple(event for event in self.by_time if event.accepted is None)

    def event(self, event_id: int | None) -> Event | None:
        """The event of that number, or None."""
        return next((event for event in self.listed if event.id == event_id), None)

    def lines(self, event: Event) -> tuple[float, float]:
        """Both ends in lines of the recording, the earlier one first."""
        if self.time is None:
            return 0.0, 0.0
        return self.time.line(event.x_min), self.time.line(event.x_max)


def shown_events(scene: Scene, before: ShownEvents | None = None) -> ShownEvents:
    """Events of the selection; those of an unchanged record are taken over from `before`."""
    where = scene.selection
    if where.roi_id is None:
        return ShownEvents()
    key = AnalysisKey(EVENT, where.channel, where.roi_id)
    found, velocity = scene.shown_record(EVENT), scene.shown_record(VELOCITY)
    record = found.record if found is not None else None
    parent = velocity.record if velocity is not None and velocity.record.has_result else None
    listed, fault = _listed(record, before)
    return ShownEvents(
        key,
        record,
        parent,
        _time(scene, record, parent),
        listed,
        _stale(found),
        key in scene.running,
        fault,
    )


def _listed(
    record: AnalysisRecord | None, before: ShownEvents | None
) -> tuple[tuple[Event, ...], str]:
    if record is None:
        return (), ""
    if before is not None and before.record is record:
        return before.listed, before.fault
    try:
        return events(record), ""
    except CannotRun as error:
        return (), str(error)


def _stale(found: ShownRecord | None) -> str:
    return found.stale if found is not None else ""


def _time(
    scene: Scene, record: AnalysisRecord | None, parent: AnalysisRecord | None
) -> EventTime | None:
    """Where the run of the events was, else that of the velocity, else the ROI as it is."""
    for one in (record, parent):
        ran = one.provenance if one is not None else None
        if ran is not None and len(ran.geometry) > 1:
            return EventTime(max(ran.geometry[0], 0), ran.geometry[1], ran.steps[0])
    if record is not None and isinstance(scene.roi, RectROI):
        step = scene.calibration.steps[0]
        return EventTime(scene.roi.line_start, scene.roi.line_stop, step)
    return None
