"""A trace panel: bands of events, intervals, curves, and the key above them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from cloudscope.figures.content import EventBand, Floats, TraceLine, TracePlot
from cloudscope.figures.glyphs import paint_glyph
from cloudscope.figures.layout import Frame, event_kinds
from cloudscope.figures.paper import BLACK, GRID, MM, PT, Lettering, event_color
from cloudscope.figures.recipe import FigureRecipe, TracePanel
from cloudscope.figures.traces import band_within, within

_BAND, _EVENT = 0.19, 0.12
_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


def paint_traces(
    painter: QPainter,
    frame: Frame,
    panel: TracePanel,
    plot: TracePlot,
    recipe: FigureRecipe,
    text: Lettering,
) -> None:
    """Everything of the panel but its axes and its letter."""
    place = _Place(frame, recipe)
    for event in plot.events:
        _paint_event(painter, place, event)
    for line in plot.lines if panel.band else ():
        _paint_band(painter, place, line)
    for number, line in enumerate(plot.lines):
        painter.setPen(_curve_pen(line, number, recipe))
        for part in within(line.x, line.y, place.span, frame.limits):
            painter.drawPolyline(place.polygon(*part))
    _paint_key(painter, frame, plot, recipe, text)
    if plot.sentence:
        painter.setPen(QColor(GRID))
        at = frame.plot.center() - QPointF(text.width(plot.sentence) / 2, -text.height / 2)
        painter.drawText(at, plot.sentence)


class _Place:
    """From (line, shown value) to the page."""

    def __init__(self, frame: Frame, recipe: FigureRecipe) -> None:
        self.plot, self.limits = frame.plot, frame.limits
        self.span = (float(recipe.lines[0]), float(recipe.lines[1]))

    def x(self, line: float) -> float:
        first, last = self.span
        return self.plot.left() + (line - first) / (last - first) * self.plot.width()

    def polygon(self, x: Floats, y: Floats) -> QPolygonF:
        low, high = self.limits
        first, last = self.span
        across = self.plot.left() + (x - first) / (last - first) * self.plot.width()
        down = self.plot.bottom() - (y - low) / (high - low) * self.plot.height()
        # A hundredth of a unit is less than any printer shows, and keeps the file short.
        points = np.round(np.stack((across, down), axis=1), 2).tolist()
        return QPolygonF([QPointF(*point) for point in points])


def _curve_pen(line: TraceLine, number: int, recipe: FigureRecipe) -> QPen:
    pen = QPen(QColor(line.color), recipe.line_pt * PT, _STYLES[number % len(_STYLES)])
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap if number == 0 else Qt.PenCapStyle.FlatCap)
    return pen


def _paint_band(painter: QPainter, place: _Place, line: TraceLine) -> None:
    color = QColor(line.color)
    color.setAlphaF(_BAND)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for x, low, high in band_within(line, place.span, place.limits):
        around = np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1]))
        painter.drawPolygon(place.polygon(*around))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_event(painter: QPainter, place: _Place, event: EventBand) -> None:
    start, stop = max(event.start, place.span[0]), min(event.stop, place.span[1])
    if start >= stop:
        return
    color, plot = event_color(event.kind), place.plot
    left, right = place.x(start), place.x(stop)
    fill = QColor(color)
    fill.setAlphaF(_EVENT)
    painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), fill)
    painter.setPen(QPen(color, 0.35 * PT))
    ends = ((event.start, left), (event.stop, right))
    painter.drawLines([QLineF(x, plot.top(), x, plot.bottom()) for at, x in ends
                       if place.span[0] <= at <= place.span[1]])  # fmt: skip
    at = QPointF((left + right) / 2, plot.top() + 3 * PT)
    paint_glyph(painter, at, event.kind, color)


def _paint_key(
    painter: QPainter, frame: Frame, plot: TracePlot, recipe: FigureRecipe, text: Lettering
) -> None:
    """A sample and a word for each curve and each kind of event."""
    entries = list(frame.legend.entries)
    kinds = event_kinds(plot)
    curves = len(entries) - len(kinds)
    for number, (at, words) in enumerate(entries):
        middle = at.y() + text.metrics.ascent() - text.height / 2
        if number < curves:
            painter.setPen(_curve_pen(plot.lines[number], number, recipe))
            painter.drawLine(QLineF(at.x(), middle, at.x() + 4 * MM, middle))
        else:
            center = QPointF(at.x() + 3 * MM, middle)
            kind = kinds[number - curves]
            paint_glyph(painter, center, kind, event_color(kind))
        painter.setPen(QColor(BLACK))
        painter.drawText(QPointF(at.x() + 5 * MM, at.y() + text.metrics.ascent()), words)
