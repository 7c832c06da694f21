"""Where everything stands on the page; all panels have the same left and right edge.

Lengths are painting units of `paper`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from cloudscope.figures.content import FigureContent, PanelContent, Picture, TracePlot
from cloudscope.figures.nice import (
    bar_length,
    distance_text,
    plain,
    tick_texts,
    ticks,
    time_text,
)
from cloudscope.figures.paper import MM, PT, Lettering
from cloudscope.figures.recipe import FigureRecipe, ImagePanel, Panel, TracePanel
from cloudscope.figures.traces import value_limits

MARGIN, GAP = 1.5 * MM, 2.5 * MM
TICK, BREATH = 2.5 * PT, 2 * PT
BAR_WIDTH, BAR_GAP = 2.2 * MM, 1.5 * MM
EVENT_WORDS = {"rise": "rise", "fall": "fall", "transient": "transient", "user": "marked"}


@dataclass(frozen=True, slots=True)
class Axis:
    """Places along one side: painting units with their texts."""

    title: str
    places: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """What a key beside a sample says: one row above its panel or several.

    Attributes:
        entries: Top left corner of each; curves first, then kinds of event.
    """

    entries: tuple[tuple[QPointF, str], ...] = ()
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One panel on the page.

    Attributes:
        index: Its place in the recipe.
        plot: Where image or curves are.
        limits: Values at the bottom and top edge of `plot`.
        values: The axis at the left, None for none.
        letter_at: Base line of its letter.
    """

    index: int
    plot: QRectF
    limits: tuple[float, float]
    values: Axis | None
    legend: Legend
    letter_at: QPointF


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The page.

    Attributes:
        time: The axis below the lowest panel that has axes; None where only bars tell.
        time_frame: Place in `frames` of that panel.
    """

    page: QRectF
    frames: tuple[Frame, ...]
    time: Axis | None = None
    time_frame: int = -1


def arranged(recipe: FigureRecipe, content: FigureContent, text: Lettering) -> Arrangement:
    """Place all panels of a recipe that are on the page and have content."""
    page = QRectF(0, 0, recipe.width_mm * MM, recipe.height_mm * MM)
    shown = [
        (index, panel, content.panels[index])
        for index, panel in recipe.shown
        if index < len(content.panels) and content.panels[index] is not None
    ]
    rows = [(index, panel, one) for index, panel, one in shown if one is not None]
    return _Arranging(recipe, content, text, page, rows).done()


class _Arranging:
    """Heights first: they decide how many ticks there are, these the width of the axes."""

    def __init__(
        self,
        recipe: FigureRecipe,
        content: FigureContent,
        text: Lettering,
        page: QRectF,
        rows: list[tuple[int, Panel, PanelContent]],
    ) -> None:
        self.recipe, self.content, self.text = recipe, content, text
        self.page, self.rows = page, rows
        with_axes = [place for place, row in enumerate(rows) if _has_axes(row[1])]
        self.time_frame = with_axes[-1] if with_axes else -1

    def done(self) -> Arrangement:
        """The page; panels that have no room at all get a height of one unit."""
        if not self.rows:
            return Arrangement(self.page, ())
        guess = max(self.page.width() * 0.8, 1.0)
        legends = [self._legend(panel, one, guess) for _, panel, one in self.rows]
        tops, heights = self._stacked(legends)
        limits = [_limits(panel, one, self.content) for _, panel, one in self.rows]
        axes = [
            self._values(panel, one, ends, height)
            for (_, panel, one), ends, height in zip(self.rows, limits, heights, strict=True)
        ]
        left = MARGIN + max([self._axis_width(axis) for axis in axes] + [self._letter_width()])
        time = self._time_axis(1.0, 0.0) if self.time_frame >= 0 else None
        right = self.page.width() - MARGIN - self._right_width(time)
        width = max(right - left, 1.0)
        frames = []
        for place, (index, panel, one) in enumerate(self.rows):
            plot = QRectF(left, tops[place], width, heights[place])
            axis = _placed(axes[place], limits[place], plot)
            legend = _shifted(self._legend(panel, one, width), left, plot.top())
            rise = tops[place] - legend.height + self.text.bold_metrics.capHeight()
            at = QPointF(MARGIN, rise)
            frames.append(Frame(index, plot, limits[place], axis, legend, at))
        time = self._time_axis(width, left) if self.time_frame >= 0 else None
        return Arrangement(self.page, tuple(frames), time, self.time_frame)

    def _stacked(self, legends: list[Legend]) -> tuple[list[float], list[float]]:
        """Top and height of each plot."""
        axis = TICK + 2 * BREATH + 2 * self.text.height + 2 * BREATH
        fixed = 2 * MARGIN + (len(self.rows) - 1) * GAP + sum(one.height for one in legends)
        fixed += axis if self.time_frame >= 0 else 0.0
        room = max(self.page.height() - fixed, len(self.rows))
        parts = sum(panel.parts for _, panel, _ in self.rows)
        tops, heights, y = [], [], MARGIN
        for place, (_, panel, _) in enumerate(self.rows):
            y += legends[place].height
            tops.append(y)
            heights.append(room * panel.parts / parts)
            y += heights[-1] + GAP + (axis if place == self.time_frame else 0.0)
        return tops, heights

    def _values(
        self, panel: Panel, one: PanelContent, limits: tuple[float, float], height: float
    ) -> Axis | None:
        """The left axis with its places in values."""
        if not _has_axes(panel):
            return None
        marks = ticks(*limits, height / (2 * self.text.height + BREATH))
        if isinstance(one, TracePlot):
            title = one.title
        else:
            title = f"Distance ({'µm' if self.content.calibration.distance_known else 'px'})"
        return Axis(title, tuple(marks), tuple(tick_texts(marks)))

    def _axis_width(self, axis: Axis | None) -> float:
        if axis is None:
            return 0.0
        widest = max((self.text.width(one) for one in axis.texts), default=0.0)
        return self.text.metrics.height() + BREATH + widest + BREATH + TICK

    def _letter_width(self) -> float:
        if not self.recipe.letters:
            return 0.0
        metrics = self.text.bold_metrics
        widest = max(metrics.horizontalAdvance(self.recipe.letter(one[0])) for one in self.rows)
        return widest + 1.5 * BREATH

    def _right_width(self, time: Axis | None) -> float:
        needed = [self.text.width(time.texts[-1]) / 2] if time is not None and time.texts else [0.0]
        for _, panel, one in self.rows:
            if isinstance(panel, ImagePanel) and panel.lut_bar and isinstance(one, Picture):
                values = [value for shade in one.shades for value in shade.limits]
                words = max(self.text.width(plain(value)) for value in values)
                needed.append(BAR_GAP + BAR_WIDTH + BREATH + words)
        return max(needed)

    def _legend(self, panel: Panel, one: PanelContent, width: float) -> Legend:
        if not isinstance(panel, TracePanel) or not isinstance(one, TracePlot):
            return Legend()
        words = [line.label for line in one.lines] if len(one.lines) > 1 else []
        words += [EVENT_WORDS[kind] for kind in event_kinds(one)]
        if not words:
            return Legend()
        sample, row = 5 * MM, self.text.metrics.height()
        x = y = 0.0
        entries = []
        for word in words:
            needed = sample + self.text.width(word)
            if x and x + needed > width:
                x, y = 0.0, y + row
            entries.append((QPointF(x, y), word))
            x += needed + 2.5 * MM
        return Legend(tuple(entries), y + row + BREATH)

    def _time_axis(self, width: float, left: float) -> Axis:
        """Ticks in seconds, or in milliseconds where a second is long."""
        first, last = self.recipe.lines
        steps = self.content.calibration
        unit, factor = ("s", steps.step_y) if steps.time_known else ("lines", 1.0)
        if steps.time_known and (last - first) * factor < 0.5:
            unit, factor = "ms", factor * 1e3
        start = 0.0 if self.recipe.time_from_zero else first * factor
        stop = start + (last - first) * factor
        most = max(width, self.page.width() * 0.6) / (self.text.width("00.00") + 5 * MM)
        marks = ticks(start, stop, most)
        places = tuple(left + (mark - start) / (stop - start) * width for mark in marks)
        return Axis(f"Time ({unit})", places, tuple(tick_texts(marks)))


def event_kinds(plot: TracePlot) -> list[str]:
    """Kinds of event of a panel, each once."""
    return [kind for kind in EVENT_WORDS if any(one.kind == kind for one in plot.events)]


def time_bar(panel: ImagePanel, recipe: FigureRecipe, content: FigureContent) -> tuple[float, str]:
    """Its share of the width of the panel, and its words."""
    steps = content.calibration
    span = (recipe.lines[1] - recipe.lines[0]) * steps.step_y
    length = bar_length(panel.time_bar, span)
    return length / span, time_text(length, steps.time_known)


def distance_bar(panel: ImagePanel, one: Picture, content: FigureContent) -> tuple[float, str]:
    """Its share of the height of the panel, and its words."""
    steps = content.calibration
    span = one.pixels * steps.step_x
    length = bar_length(panel.distance_bar, span)
    return length / span, distance_text(length, steps.distance_known)


def _has_axes(panel: Panel) -> bool:
    return isinstance(panel, TracePanel) or panel.scale == "axes"


def _limits(panel: Panel, one: PanelContent, content: FigureContent) -> tuple[float, float]:
    if isinstance(one, Picture):
        return 0.0, one.pixels * content.calibration.step_x
    return panel.limits or value_limits(one)


def _placed(axis: Axis | None, limits: tuple[float, float], plot: QRectF) -> Axis | None:
    """Values become places on the page."""
    if axis is None:
        return None
    low, high = limits
    at = (plot.bottom() - (value - low) / (high - low) * plot.height() for value in axis.places)
    return replace(axis, places=tuple(at))


def _shifted(legend: Legend, left: float, top: float) -> Legend:
    by = QPointF(left, top - legend.height)
    return Legend(tuple((at + by, word) for at, word in legend.entries), legend.height)
