"""From a recording to what a figure shows: in any thread, without a widget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis, Curve
from acqcore.analysis.event import events
from acqcore.errors import AcqError
from acqcore.model.record import AnalysisKey, AnalysisRecord
from cloudscope.figures.content import (
    EventBand,
    FigureContent,
    PanelContent,
    TraceLine,
    TracePlot,
)
from cloudscope.figures.paper import curve_colors
from cloudscope.figures.recipe import (
    CurveSource,
    FigureRecipe,
    ImagePanel,
    Panel,
    TracePanel,
)
from cloudscope.scene import Scene, ShownRecord
from cloudscope.views.figure_picture import columns_at, picture
from cloudscope.views.figure_source import FigureSource
from cloudscope.views.quantities import ran_calibration, shown_curve
from cloudscope.views.trace_samples import TraceSamples, drawn, samples_of

EVENTS = "event"


@dataclass(frozen=True, slots=True)
class OfferedCurve:
    """A curve that a panel can show.

    Attributes:
        quantity: Unit and kind; one panel shows curves of one quantity.
    """

    source: CurveSource
    title: str
    quantity: tuple[str, str]


def offered_curves(scene: Scene) -> list[OfferedCurve]:
    """Every curve of every finished result of the recording."""
    offered = []
    for shown in scene.records:
        method = analyses().get(shown.record.key.analysis_name)
        if method is None or not shown.record.has_result:
            continue
        for curve in method.curves:
            key = shown.record.key
            words = shown_curve(method, curve, ran_calibration(shown.record, scene.calibration))
            title = f"{words.title}, {_where(scene, key)} · {method.title}"
            source = CurveSource(key.analysis_name, curve.y, key.channel, key.roi_id)
            offered.append(OfferedCurve(source, title, (words.unit, curve.quantity)))
    return offered


def first_recipe(scene: Scene, visible: tuple[float, float]) -> FigureRecipe:
    """The picture and the results of the selected ROI, in the time range of the view."""
    lines = scene.header.size("Y") if scene.header is not None else 1
    first = min(max(round(visible[0]), 0), lines - 1)
    last = max(min(round(visible[1]), lines), first + 1)
    here = scene.selection
    sources = [
        one.source
        for one in offered_curves(scene)
        if (one.source.channel, one.source.roi_id) == (here.channel, here.roi_id)
    ]
    by_analysis = {one.analysis_name: one for one in reversed(sources)}
    names = [name for name in analyses() if name in by_analysis]
    traces = [TracePanel(curves=(by_analysis[name],)) for name in names]
    panels: tuple[Panel, ...] = (ImagePanel(channel=here.channel), *traces)
    return FigureRecipe(scene.name, (first, last), panels=panels)


def gather(source: FigureSource, recipe: FigureRecipe, dpi: float) -> FigureContent:
    """Fill the panels of a recipe; detail that the resolution cannot show is left out."""
    scene, columns = source.scene, columns_at(recipe, dpi)
    fault = _fault(scene, recipe)
    panels: list[PanelContent | None] = []
    for panel in recipe.panels:
        if not panel.shown or fault:
            panels.append(None)
        elif isinstance(panel, ImagePanel):
            panels.append(picture(source, recipe, panel, columns))
        else:
            panels.append(_plot(scene, recipe, panel, columns))
    return FigureContent(source.name, scene.calibration, tuple(panels), fault)


def _fault(scene: Scene, recipe: FigureRecipe) -> str:
    """Why the recording cannot fill this recipe, or empty."""
    lines = scene.header.size("Y") if scene.header is not None else 0
    channels = scene.header.num_channels if scene.header is not None else 0
    if recipe.lines[1] > lines:
        return f"The figure ends at line {recipe.lines[1]}; the recording has {lines}."
    pictures = [one for _, one in recipe.shown if isinstance(one, ImagePanel)]
    asked = [number for one in pictures for number in (one.channel, *one.also)]
    missing = [number + 1 for number in asked if number >= channels]
    return f"The recording has no channel {missing[0]}." if missing else ""


def _plot(scene: Scene, recipe: FigureRecipe, panel: TracePanel, columns: int) -> TracePlot:
    if not panel.curves:
        return TracePlot("", sentence="No curve is chosen")
    found = [(one, _found(scene, one)) for one in panel.curves]
    known = [(shown, method, curve) for _, one in found if one for shown, method, curve in [one]]
    if not known:
        missing = ", ".join(dict.fromkeys(one.analysis_name for one, _ in found))
        return TracePlot("", sentence=f"This recording has no such result: {missing}")
    title, first = "", None
    lines, titles = list[TraceLine](), list[str]()
    colors = curve_colors(known[0][2].quantity, len(known))
    for (shown, method, curve), color in zip(known, colors, strict=True):
        words = shown_curve(method, curve, ran_calibration(shown.record, scene.calibration))
        first = first or words
        if (words.unit, words.token) != (first.unit, first.token):
            continue  # one axis, one quantity
        title = title or words.axis_title
        try:
            samples = samples_of(shown.record, curve, words.factor)
        except AcqError as error:
            return TracePlot(title, sentence=str(error))
        titles.append(words.title)
        lines.append(_line(scene, recipe, shown, method, samples, color, columns))
    marks = tuple(_events(scene, panel)) if panel.events else ()
    return TracePlot(title, tuple(_told_apart(lines, titles)), marks)


def _found(scene: Scene, one: CurveSource) -> tuple[ShownRecord, Analysis[Any], Curve] | None:
    key = AnalysisKey(one.analysis_name, one.channel, one.roi_id)
    method = analyses().get(one.analysis_name)
    shown = next((each for each in scene.records if each.record.key == key), None)
    if method is None or shown is None or not shown.record.has_result:
        return None
    curve = next((each for each in method.curves if each.y == one.column), None)
    return (shown, method, curve) if curve is not None else None


def _line(
    scene: Scene,
    recipe: FigureRecipe,
    shown: ShownRecord,
    method: Analysis[Any],
    samples: TraceSamples,
    color: str,
    columns: int,
) -> TraceLine:
    part = drawn(samples, *recipe.lines, columns)
    there = (samples.x >= recipe.lines[0]) & (samples.x < recipe.lines[1])
    rejected = int(np.isfinite(samples.rejected[there]).sum())
    label = _where(scene, shown.record.key)
    nothing = np.empty(0)
    band = (part.band_x, part.low, part.high) if samples.has_band else (nothing, nothing, nothing)
    told = f"{method.title} ({parameters_text(method, shown.record)})"
    windows = int(np.isfinite(samples.y[there]).sum()) + rejected
    return TraceLine(
        part.line_x, part.line_y, *band, label, color, told, windows, rejected, shown.stale
    )


def _told_apart(lines: list[TraceLine], titles: list[str]) -> list[TraceLine]:
    """Labels name the quantity and the method only where the ROI does not tell enough."""
    labels = [line.label for line in lines]
    if len(set(titles)) > 1:
        labels = [f"{title}, {label}" for title, label in zip(titles, labels, strict=True)]
    if len(set(labels)) < len(labels):
        methods = [line.method.rpartition(" (")[0] for line in lines]
        labels = [f"{label}, {method}" for label, method in zip(labels, methods, strict=True)]
    return [replace(line, label=label) for line, label in zip(lines, labels, strict=True)]


def _where(scene: Scene, key: AnalysisKey) -> str:
    roi = next((roi for roi in scene.rois if roi.id == key.roi_id), None)
    label = f"ROI {roi.label if roi is not None else key.roi_id}"
    several = scene.header is not None and scene.header.num_channels > 1
    return (
        f"{label}, {scene.header.channel_name(key.channel)}" if several and scene.header else label
    )


def _events(scene: Scene, panel: TracePanel) -> Iterator[EventBand]:
    """Of the ROIs whose curves are shown, but for rejected ones."""
    wanted = {AnalysisKey(EVENTS, one.channel, one.roi_id) for one in panel.curves}
    for shown in scene.records:
        ran = shown.record.provenance
        if shown.record.key not in wanted or ran is None:
            continue
        for event in events(shown.record):
            if event.accepted is not False:
                low, high = sorted((event.x0, event.x1))
                start, step = ran.geometry[0], ran.steps[0]
                yield EventBand(start + low / step, start + high / step, event.event_type)


def parameters_text(method: Analysis[Any], record: AnalysisRecord) -> str:
    """The first parameter and those that are not at their default, with their units."""
    used: Mapping[str, Any] = record.provenance.parameters if record.provenance else {}
    said = []
    for place, field in enumerate(method.schema().fields):
        if field.name not in used:
            continue
        value = used[field.name]
        if place == 0 or value != field.default:
            unit = f" {field.unit}" if field.unit else ""
            shown = ("on" if value else "off") if isinstance(value, bool) else value
            shown = f"{shown:g}" if isinstance(shown, float) else shown
            said.append(f"{field.display_name.lower()} {shown}{unit}")
    return ", ".join([*said, "else defaults"] if len(said) < len(used) else said)


def panel_title(scene: Scene, panel: Panel) -> str:
    """What a panel is called in the list."""
    if isinstance(panel, ImagePanel):
        channel = scene.header.channel_name(panel.channel) if scene.header is not None else ""
        return f"Kymograph, {'composite' if panel.also else channel}"
    titles = [one.title.partition(" · ")[0] for one in offered_curves(scene)
              if one.source in panel.curves]  # fmt: skip
    if not titles:
        return "Traces"
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return titles[0] + more
