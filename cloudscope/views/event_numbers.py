"""Events in words: rows of a table, and the numbers of one that is being dragged."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from acqcore.analysis import analysis
from acqcore.analysis.event import EVENT_TYPES, Event, event_table
from acqcore.model.header import Calibration
from acqcore.model.record import Columns
from cloudscope.item_models.event_table import Cell, EventColumn, EventRow
from cloudscope.item_models.events_shown import DETECTOR_WORDS, VELOCITY, ShownEvents
from cloudscope.views.event_item import EventBand
from cloudscope.views.quantities import (
    Shown,
    decimals_for,
    measured,
    number,
    ran_calibration,
    shown_curve,
)
from cloudscope.views.trace_content import TraceContent

_MEANS = {
    EventColumn.BEFORE: "pre_mean",
    EventColumn.DURING: "event_mean",
    EventColumn.AFTER: "post_mean",
}
_GLYPHS = {"user": "●", "rise": "▲", "fall": "▼", "transient": "◆"}
_VERDICTS = {True: "Accepted", False: "Rejected", None: "Unreviewed"}


def live_numbers(band: EventBand, content: TraceContent, calibration: Calibration) -> str:
    """`1.20–1.85 s, 0.65 s long, mean 0.43 mm/s` of the accepted points within."""
    start, end, length = _times(band.line0, band.line1, calibration)
    unit = time_unit(calibration)
    text = f"{start}–{end} {unit}, {length} {unit} long"
    samples = content.samples
    if samples is None:
        return text
    inside = (samples.x >= band.line0) & (samples.x <= band.line1)
    values = samples.y[inside & np.isfinite(samples.y)]
    mean = float(values.mean()) if values.size else math.nan
    return f"{text}, mean {measured(mean, math.nan, content.shown.unit)}"


def time_unit(calibration: Calibration) -> str:
    """Of the time axis."""
    return "s" if calibration.time_known else "lines"


def shown_velocity(shown: ShownEvents, calibration: Calibration) -> Shown:
    """How the means of events read on this recording."""
    method = analysis(VELOCITY)
    steps = ran_calibration(shown.parent, calibration) if shown.parent else calibration
    return shown_curve(method, method.curves[0], steps)


def event_rows(shown: ShownEvents, calibration: Calibration) -> list[EventRow]:
    """One row per event, by number; nothing for events that cannot be read."""
    if shown.record is None or not shown.listed:
        return []
    table = event_table(shown.record)
    velocity = shown_velocity(shown, calibration)
    return [
        EventRow(event, tuple(_cells(event, table, place, shown, velocity, calibration)))
        for place, event in enumerate(shown.listed)
    ]


def _cells(
    event: Event,
    table: Columns,
    place: int,
    shown: ShownEvents,
    velocity: Shown,
    calibration: Calibration,
) -> Iterator[Cell]:
    """In the order of `EventColumn`."""
    line0, line1 = shown.lines(event)
    start, _, length = _times(line0, line1, calibration)
    step = calibration.step_y if calibration.time_known else 1.0
    means = {}
    for column, name in _MEANS.items():
        mean = float(table[name][place]) * velocity.factor
        means[column] = Cell(number(mean, decimals_for(mean, 3)), mean)
    verdict = _VERDICTS[event.accepted]
    yield Cell(str(event.id), event.id)
    yield Cell(verdict, verdict)
    yield Cell(event.event_type.capitalize(), EVENT_TYPES.index(event.event_type))
    yield Cell(start, line0 * step)
    yield Cell(length, (line1 - line0) * step)
    yield means[EventColumn.BEFORE]
    yield means[EventColumn.DURING]
    yield means[EventColumn.AFTER]
    detector = DETECTOR_WORDS.get(event.detector, event.detector.capitalize())
    yield Cell(detector, detector)
    yield Cell(event.note, event.note)


def _times(line0: float, line1: float, calibration: Calibration) -> tuple[str, str, str]:
    """Start, end and length on the time axis, with decimals that tell lines apart."""
    step = calibration.step_y if calibration.time_known else 1.0
    decimals = min(max(-math.floor(math.log10(step)), 0), 4) if step > 0 else 0
    start, end, length = (number(at * step, decimals) for at in (line0, line1, line1 - line0))
    return start, end, length


def counts_text(shown: ShownEvents) -> str:
    """How many of each type, and how many wait: `▲ 3 rise   ● 2 user   1 unreviewed`."""
    kinds = [event.event_type for event in shown.listed]
    parts = [f"{_GLYPHS[kind]} {kinds.count(kind)} {kind}" for kind in EVENT_TYPES if kind in kinds]
    return "   ".join(parts)


def headings(shown: ShownEvents, calibration: Calibration) -> dict[EventColumn, str]:
    """Titles of the columns with their units."""
    unit, time = shown_velocity(shown, calibration).unit, time_unit(calibration)
    return {
        EventColumn.ID: "#",
        EventColumn.REVIEW: "OK",
        EventColumn.TYPE: "Type",
        EventColumn.START: f"Start ({time})",
        EventColumn.DURATION: f"Length ({time})",
        EventColumn.BEFORE: f"Before ({unit})",
        EventColumn.DURING: f"During ({unit})",
        EventColumn.AFTER: f"After ({unit})",
        EventColumn.DETECTOR: "Found as",
        EventColumn.NOTE: "Note",
    }


def tsv(titles: list[str], rows: list[list[Any]]) -> str:
    """Tab-separated text: a line of titles, then a line per row, numbers in full."""
    lines = [titles, *([_plain(value) for value in row] for row in rows)]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}" if math.isfinite(value) else ""
    return str(value).replace("\t", " ").replace("\n", " ")
