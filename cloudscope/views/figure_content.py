"""From a recording to what a figure shows: in any thread, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis, Curve
from acqcore.analysis.event import events
from acqcore.errors import AcqError
from acqcore.model.contrast import ImageContrast, contrast_clip_min_max
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import RectROI
from cloudscope.figures.content import (
    EventBand,
    FigureContent,
    Outline,
    PanelContent,
    Picture,
    Polyline,
    TraceLine,
    TracePlot,
)
from cloudscope.figures.paper import curve_colors, roi_color
from cloudscope.figures.recipe import (
    CurveSource,
    FigureRecipe,
    ImagePanel,
    Panel,
    TracePanel,
)
from cloudscope.scene import Scene, ShownRecord
from cloudscope.views.luts import lut
from cloudscope.views.quantities import ran_calibration, shown_curve
from cloudscope.views.trace_samples import TraceSamples, drawn, samples_of

EVENTS = "event"
_MM_PER_INCH = 25.4
_OVERLAY_COLORS = ("#00E5FF", "#FF4FD8", "#FFD23F", "#3DDC6B")


@dataclass(frozen=True, slots=True, eq=False)
class FigureSource:
    """The recording behind a figure.

    Attributes:
        name: As it may be told: of a blinded recording not the file's.
        read_plane: (line, pixel) of a channel; may take a while.
        contrast: Of a channel; None when it was never shown.
    """

    scene: Scene
    name: str
    read_plane: Callable[[int], NDArray[Any]]
    contrast: Callable[[int], ImageContrast | None]


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
    scene, columns = source.scene, _columns(recipe, dpi)
    fault = _fault(scene, recipe)
    panels: list[PanelContent | None] = []
    for panel in recipe.panels:
        if not panel.shown or fault:
            panels.append(None)
        elif isinstance(panel, ImagePanel):
            panels.append(_picture(source, recipe, panel, columns))
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
    missing = [one.channel + 1 for one in pictures if one.channel >= channels]
    return f"The recording has no channel {missing[0]}." if missing else ""


def _picture(
    source: FigureSource, recipe: FigureRecipe, panel: ImagePanel, columns: int
) -> Picture:
    scene = source.scene
    plane = source.read_plane(panel.channel)
    contrast = source.contrast(panel.channel)
    limits = panel.limits or _limits(plane, contrast)
    name = panel.lut or (contrast.color_lut if contrast is not None else "Gray")
    part = plane[slice(*recipe.lines)]
    factors = _factors(part, recipe, columns)
    index = _indices(_mean(part, *factors), *limits)
    return Picture(
        np.ascontiguousarray(index.T[::-1]),
        lut(name),
        recipe.lines,
        plane.shape[1],
        limits,
        scene.header.channel_name(panel.channel) if scene.header is not None else "",
        "Gray inverted" if name == "inverted_grays" else name,
        _factors(part, recipe, _columns(recipe, recipe.dpi)),
        tuple(_outlines(scene)) if panel.outlines else (),
        tuple(_overlays(scene, panel.channel)) if panel.overlays else (),
    )


def _columns(recipe: FigureRecipe, dpi: float) -> int:
    """What a resolution can show across the page."""
    return max(int(recipe.width_mm / _MM_PER_INCH * dpi), 16)


def _factors(part: NDArray[Any], recipe: FigureRecipe, columns: int) -> tuple[int, int]:
    """How many lines and pixels become one: at least the resolution is left."""
    rows = max(int(recipe.height_mm / recipe.width_mm * columns), 16)
    return max(part.shape[0] // columns, 1), max(part.shape[1] // rows, 1)


def _limits(plane: NDArray[Any], contrast: ImageContrast | None) -> tuple[float, float]:
    if contrast is not None:
        return contrast.value_min, contrast.value_max
    return contrast_clip_min_max(plane)


def _mean(part: NDArray[Any], lines: int, pixels: int) -> NDArray[Any]:
    """Means of blocks; those at the far ends may be smaller."""
    if (lines, pixels) == (1, 1):
        return part
    starts = np.arange(0, part.shape[0], lines), np.arange(0, part.shape[1], pixels)
    sums = np.add.reduceat(part, starts[0], axis=0, dtype=np.float64)
    sums = np.add.reduceat(sums, starts[1], axis=1)
    sizes = (np.diff(np.append(one, size)) for one, size in zip(starts, part.shape, strict=True))
    heights, widths = sizes
    mean: NDArray[Any] = sums / np.outer(heights, widths)
    return mean


def _indices(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Places in the LUT; NaN counts as lowest, as on screen."""
    scaled = (values.astype(np.float32) - low) * (255.0 / (high - low) if high > low else 1e30)
    clipped = np.clip(np.nan_to_num(scaled), 0, 255).round()
    index: NDArray[np.uint8] = clipped.astype(np.uint8)
    return index


def _outlines(scene: Scene) -> Iterator[Outline]:
    for order, roi in enumerate(scene.rois):
        is_line = not isinstance(roi, RectROI)
        yield Outline(roi.geometry, is_line, roi.label, roi_color(order))


def _overlays(scene: Scene, channel: int) -> Iterator[Polyline]:
    colors = iter(_OVERLAY_COLORS * 8)
    for shown in scene.records:
        record = shown.record
        method = analyses().get(record.key.analysis_name)
        table, ran = record.table, record.provenance
        if method is None or table is None or ran is None or record.key.channel != channel:
            continue
        for overlay in method.overlays:
            if {overlay.x, overlay.y} <= set(table.names):
                x = ran.geometry[0] + table[overlay.x].astype(np.float64) / ran.steps[0]
                y = ran.geometry[2] + table[overlay.y].astype(np.float64) / ran.steps[1]
                yield Polyline(x + 0.5, y + 0.5, overlay.title, next(colors))


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
        return f"Kymograph, {channel}"
    titles = [one.title.partition(" · ")[0] for one in offered_curves(scene)
              if one.source in panel.curves]  # fmt: skip
    if not titles:
        return "Traces"
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return titles[0] + more
