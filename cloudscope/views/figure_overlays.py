"""What results draw on the picture of a figure: of every ROI, and only what was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from acqcore.analysis import analyses
from cloudscope.figures.content import SPARK, Mark, Polyline, StreakAngles
from cloudscope.figures.recipe import ImagePanel
from cloudscope.item_models.events_shown import EVENT, shown_events
from cloudscope.scene import Scene, Selection
from cloudscope.views.result_overlay_content import (
    SPARKS,
    STREAKS,
    VELOCITIES,
    edge_trace,
    overlay_content,
    result_with,
)
from cloudscope.views.trace_samples import TraceSamples, drawn

_COLORS = ("#00E5FF", "#FF4FD8", "#FFD23F", "#3DDC6B")


@dataclass(frozen=True, slots=True, eq=False)
class DrawnResults:
    """All that lies on one picture.

    Attributes:
        stale: Why some of it is out of date, each reason once.
    """

    edges: tuple[Polyline, ...] = ()
    streaks: tuple[StreakAngles, ...] = ()
    marks: tuple[Mark, ...] = ()
    stale: tuple[str, ...] = ()


def drawn_results(
    scene: Scene, panel: ImagePanel, lines: tuple[int, int], columns: int
) -> DrawnResults:
    """Results of the panel's own channel; `columns` is the resolution across `lines`."""
    places = [_at(scene, panel.channel, roi.id) for roi in scene.rois]
    colors = iter(_COLORS * (len(places) + 1) * 8)
    edges, streaks, marks = list[Polyline](), list[StreakAngles](), list[Mark]()
    stale: dict[str, None] = {}
    for place in places:
        if panel.overlays:
            edges += _edges(place, lines, columns, colors, stale)
        if panel.streaks:
            streaks += _streaks(place, stale)
        if panel.events:
            marks += _events(place, stale)
        if panel.sparks:
            marks += _sparks(place, stale)
    return DrawnResults(tuple(edges), tuple(streaks), tuple(marks), tuple(stale))


def _at(scene: Scene, channel: int, roi_id: int) -> Scene:
    """The same recording with another ROI selected."""
    here = Selection(scene.selection.file_id, channel, roi_id)
    return replace(scene, selection=here)


def _edges(
    place: Scene,
    lines: tuple[int, int],
    columns: int,
    colors: Iterator[str],
    stale: dict[str, None],
) -> Iterator[Polyline]:
    for analysis in analyses().values():
        for overlay in analysis.overlays:
            found = result_with(place, analysis.name, overlay.x, overlay.y)
            if found is None:
                continue
            _note(found.stale, stale)
            edge = edge_trace(found, overlay)
            nothing = np.full(edge.lines.size, math.nan)
            samples = TraceSamples(edge.lines, edge.pixels, nothing, nothing)
            part = drawn(samples, *lines, columns)
            yield Polyline(part.line_x, part.line_y, overlay.title, next(colors))


def _streaks(place: Scene, stale: dict[str, None]) -> Iterator[StreakAngles]:
    results = (result_with(place, name, "time_s", "theta_deg") for name in VELOCITIES)
    found = next((one for one in results if one is not None), None)
    for one in overlay_content(place, (STREAKS,)).streaks:
        if found is not None:
            _note(found.stale, stale)
        yield StreakAngles(one.lines, one.slopes, one.box, found.title if found else "")


def _events(place: Scene, stale: dict[str, None]) -> Iterator[Mark]:
    """But for rejected ones; as wide as what was measured."""
    shown, record = shown_events(place), place.shown_record(EVENT)
    ran = record.record.provenance if record is not None else None
    if record is None or ran is None or len(ran.geometry) != 4:
        return
    low, high = ran.geometry[2:]
    for event in shown.listed:
        if event.accepted is not False:
            _note(record.stale, stale)
            yield Mark((*shown.lines(event), max(low, 0), high), event.event_type)


def _sparks(place: Scene, stale: dict[str, None]) -> Iterator[Mark]:
    shown = place.shown_record("calcium_sparks")
    for one in overlay_content(place, (SPARKS,)).sparks:
        if shown is not None:
            _note(shown.stale, stale)
        if not one.doubtful:
            yield Mark(one.box, SPARK)


def _note(reason: str, stale: dict[str, None]) -> None:
    if reason:
        stale[reason] = None
