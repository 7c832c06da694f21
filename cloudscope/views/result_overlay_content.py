"""What results have to say on the picture, in its lines and pixels: pure, without a widget."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses
from acqcore.analysis.base import Overlay
from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisRecord
from cloudscope.item_models.events_shown import shown_events
from cloudscope.scene import Scene, ShownRecord

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Lines from and to, pixels from and to."""

STREAKS, EDGES, EVENTS, SPARKS = "streaks", "edges", "events", "sparks"
KINDS = (STREAKS, EDGES, EVENTS, SPARKS)

VELOCITIES = ("radon_velocity", "lspiv_velocity")
_SPARKS = "calcium_sparks"
_LEAST = 1.0  # a spark is drawn at least this many samples long and wide


@dataclass(frozen=True, slots=True, eq=False)
class Streaks:
    """Measured slopes.

    Attributes:
        lines: Middle of each window, ascending; windows that were rejected are left out.
        slopes: Pixels per line; may be infinite.
        box: Where it was measured.
    """

    lines: Floats
    slopes: Floats
    box: Box
    stale: bool


@dataclass(frozen=True, slots=True, eq=False)
class EdgeTrace:
    """One edge over time; NaN breaks it."""

    lines: Floats
    pixels: Floats
    stale: bool


@dataclass(frozen=True, slots=True)
class Span:
    """One event."""

    line0: float
    line1: float
    kind: str
    rejected: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """One spark or wave at half of its height."""

    box: Box
    doubtful: bool
    stale: bool


@dataclass(frozen=True, slots=True, eq=False)
class OverlayContent:
    """All that is drawn; empty where a kind is switched off or has no result."""

    streaks: tuple[Streaks, ...] = ()
    edges: tuple[EdgeTrace, ...] = ()
    events: tuple[Span, ...] = ()
    sparks: tuple[Outline, ...] = ()


def overlay_content(scene: Scene, kinds: Collection[str]) -> OverlayContent:
    """Results of the selected channel and ROI, as far as their kind is wanted."""
    if scene.loading or scene.plane is None:
        return OverlayContent()  # tables may still be on disk
    return OverlayContent(
        tuple(_streaks(scene)) if STREAKS in kinds else (),
        tuple(_edges(scene)) if EDGES in kinds else (),
        tuple(_events(scene)) if EVENTS in kinds else (),
        tuple(_sparks(scene)) if SPARKS in kinds else (),
    )


def result_with(scene: Scene, name: str, *columns: str) -> ShownRecord | None:
    """A finished run with these columns; None also when its table cannot be read."""
    shown = scene.shown_record(name)
    if shown is None or shown.record.provenance is None or shown.record.table is None:
        return None
    if len(shown.record.provenance.geometry) != 4:
        return None
    try:
        there = set(columns) <= set(shown.record.table.names)
    except SidecarError:  # the trace says so
        return None
    return shown if there else None


def _corner(record: AnalysisRecord) -> tuple[Box, tuple[float, float]]:
    """The box and the steps of a run."""
    assert record.provenance is not None  # `_result` gives no others
    line0, line1, pixel0, pixel1 = record.provenance.geometry
    return (max(line0, 0), line1, max(pixel0, 0), pixel1), record.provenance.steps


def _column(record: AnalysisRecord, name: str) -> Floats:
    assert record.table is not None
    return np.asarray(record.table[name], np.float64)


def _good(record: AnalysisRecord, length: int) -> NDArray[np.bool_]:
    table = record.table
    if table is None or "flag" not in table.names:
        return np.ones(length, bool)
    good: NDArray[np.bool_] = np.asarray(table["flag"]).astype(str) == ""
    return good


def _streaks(scene: Scene) -> Iterator[Streaks]:
    """Of the analysis that is looked at, else of the first that has a result."""
    first = scene.selection.analysis_name
    for name in sorted(VELOCITIES, key=lambda one: one != first):
        found = result_with(scene, name, "time_s", "theta_deg")
        if found is None:
            continue
        box, steps = _corner(found.record)
        theta = _column(found.record, "theta_deg")
        # The middle of a window is the border of two lines: no half line is missing.
        lines = box[0] + _column(found.record, "time_s") / steps[0]
        good = np.isfinite(theta) & np.isfinite(lines) & _good(found.record, theta.size)
        slopes = np.tan(np.deg2rad(theta[good]))
        yield Streaks(lines[good], slopes, box, bool(found.stale))
        return


def _edges(scene: Scene) -> Iterator[EdgeTrace]:
    for analysis in analyses().values():
        for overlay in analysis.overlays:
            found = result_with(scene, analysis.name, overlay.x, overlay.y)
            if found is not None:
                yield edge_trace(found, overlay)


def edge_trace(found: ShownRecord, overlay: Overlay) -> EdgeTrace:
    """In the plane, where sample 0 begins at 0: tables count from the middle of a sample."""
    box, steps = _corner(found.record)
    lines = box[0] + _column(found.record, overlay.x) / steps[0] + 0.5
    pixels = box[2] + _column(found.record, overlay.y) / steps[1] + 0.5
    pixels = np.where(_good(found.record, pixels.size), pixels, np.nan)
    return EdgeTrace(lines, pixels, bool(found.stale))


def _events(scene: Scene) -> Iterator[Span]:
    shown = shown_events(scene)
    for event in shown.listed:
        line0, line1 = shown.lines(event)
        rejected = event.accepted is False
        yield Span(line0, line1, event.event_type, rejected, bool(shown.stale))


def _sparks(scene: Scene) -> Iterator[Outline]:
    columns = ("kind", "time_sec", "onset_sec", "position_um", "fwhm_um", "fdhm_sec")
    found = result_with(scene, _SPARKS, *columns)
    if found is None or found.record.table is None:
        return
    box, (step_y, step_x) = _corner(found.record)
    record = found.record
    time, onset = (_column(record, one) / step_y for one in ("time_sec", "onset_sec"))
    long = np.maximum(_column(record, "fdhm_sec") / step_y, _LEAST)
    wide = np.maximum(_column(record, "fwhm_um") / step_x, _LEAST)
    # Half of the height is reached about half-way between the onset and the peak.
    start = np.where(np.isfinite(onset), (onset + time) / 2, time - long / 2) + box[0] + 0.5
    place = _column(record, "position_um") / step_x + box[2] + 0.5
    rows = zip(start, start + long, place - wide / 2, place + wide / 2, strict=True)
    for corners, good in zip(rows, _good(record, time.size), strict=True):
        if np.isfinite(corners).all():
            line0, line1, pixel0, pixel1 = (float(one) for one in corners)
            yield Outline((line0, line1, pixel0, pixel1), not good, bool(found.stale))
