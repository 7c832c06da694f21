"""The caption of a figure: what each panel shows and how it was measured."""

from __future__ import annotations

from collections.abc import Iterator

from acqcore import __version__
from cloudscope.figures.content import (
    SPARK,
    FigureContent,
    Picture,
    Shade,
    TraceLine,
    TracePlot,
)
from cloudscope.figures.layout import EVENT_WORDS, distance_bar, event_kinds, time_bar
from cloudscope.figures.nice import plain, time_text
from cloudscope.figures.recipe import FigureRecipe, ImagePanel, TracePanel

_SHAPES = {"rise": "▲", "fall": "▼", "transient": "◆", "user": "●"}


def caption(recipe: FigureRecipe, content: FigureContent) -> str:
    """Sentences in the order of the panels, then calibration and version."""
    return " ".join(_sentences(recipe, content))


def _sentences(recipe: FigureRecipe, content: FigureContent) -> Iterator[str]:
    yield f"{content.name}, {_span(recipe, content)}."
    for index, panel in recipe.shown:
        one = content.panels[index] if index < len(content.panels) else None
        letter = recipe.letter(index)
        lead = f"({letter}) " if letter else ""
        if isinstance(panel, ImagePanel) and isinstance(one, Picture):
            yield lead + _of_picture(panel, one, recipe, content)
        elif isinstance(panel, TracePanel) and isinstance(one, TracePlot):
            yield lead + _of_traces(panel, one)
    yield _calibration(content)
    yield f"Made with CloudScope {__version__}."


def _span(recipe: FigureRecipe, content: FigureContent) -> str:
    first, last = recipe.lines
    steps = content.calibration
    if not steps.time_known:
        return f"lines {first} to {last}"
    return f"{plain(first * steps.step_y)} s to {plain(last * steps.step_y)} s"


def _of_picture(
    panel: ImagePanel, one: Picture, recipe: FigureRecipe, content: FigureContent
) -> str:
    channels = " and ".join(_of_shade(shade) for shade in one.shades)
    added = "composite of " if one.added else ""
    said = [f"Kymograph, {added}{channels}"]
    if one.outlines:
        labels = ", ".join(outline.label for outline in one.outlines)
        said.append(f"outlined: ROI {labels}")
    if one.overlays:
        titles = dict.fromkeys(line.title.lower() for line in one.overlays)
        said.append(f"lines: {', '.join(titles)}")
    said += _of_results(one)
    if panel.scale == "bars":
        bars = time_bar(panel, recipe, content)[1], distance_bar(panel, one, content)[1]
        said.append(f"scale bars: {bars[0]} and {bars[1]}")
    lines, pixels = one.reduced
    if (lines, pixels) != (1, 1):
        said.append(f"each picture element is the mean of {lines} × {pixels} (lines × pixels)")
    return "; ".join(said) + "."


def _of_shade(shade: Shade) -> str:
    low, high = (plain(value) for value in shade.limits)
    return f"{shade.channel} ({shade.lut}, {low} to {high})"


def _of_results(one: Picture) -> Iterator[str]:
    """What the marks on a picture mean."""
    if one.streaks:
        titles = dict.fromkeys(streaks.title for streaks in one.streaks)
        yield f"short lines: measured streak angles ({', '.join(titles)})"
    there = {mark.kind for mark in one.marks}
    events = [f"{_SHAPES[kind]} {words}" for kind, words in EVENT_WORDS.items() if kind in there]
    if events:
        yield f"strips: events ({', '.join(events)})"
    if SPARK in there:
        yield "frames: calcium sparks and waves at half of their height"
    for reason in one.stale:
        yield f"results out of date: {reason}"


def _of_traces(panel: TracePanel, plot: TracePlot) -> str:
    title = plot.title.partition(" (")[0]
    if not plot.lines:
        return f"{title}: {plot.sentence or 'no curve'}."
    said = [f"{title}, " + "; ".join(_of_line(line) for line in plot.lines)]
    if panel.band and any(line.band_x.size for line in plot.lines):
        said.append("Shaded: 95 % interval (1.96 standard errors)")
    kinds = [EVENT_WORDS[kind] for kind in event_kinds(plot)]
    if kinds:
        said.append(f"Bands mark events ({', '.join(kinds)})")
    return ". ".join(said) + "."


def _of_line(line: TraceLine) -> str:
    number = f"n = {line.windows - line.rejected} windows"
    if line.rejected:
        number += f" ({line.rejected} more were rejected)"
    stale = f" [out of date: {line.stale}]" if line.stale else ""
    return f"{line.label}: {line.method}, {number}{stale}"


def _calibration(content: FigureContent) -> str:
    steps = content.calibration
    known = []
    if steps.distance_known:
        known.append(f"{plain(steps.step_x)} µm per pixel")
    if steps.time_known:
        known.append(f"{time_text(steps.step_y, True)} per line")
    if not known:
        return "Not calibrated: time in lines, distance in pixels."
    return f"Calibration: {', '.join(known)} (from: {steps.source})."
