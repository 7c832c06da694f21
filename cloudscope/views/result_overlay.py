"""Paint results on the picture: streak angles, vessel edges, events and sparks.

Thin, with a halo, and never filled: what is under them stays to be seen. Dashed is what is
out of date.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from cloudscope.item_models.event_glyphs import draw_glyph
from cloudscope.views.overlay import DARK, HALO, OverlayItem
from cloudscope.views.result_overlay_content import (
    EdgeTrace,
    Outline,
    OverlayContent,
    Span,
    Streaks,
)
from cloudscope.views.trace_samples import TraceSamples, drawn

Floats = NDArray[np.float64]

# As on a dark canvas, in both themes: the picture under them is the same in both.
STREAK, EDGE, SPARK = QColor("#FF9B5C"), QColor("#45C8B2"), QColor("#B7A1F2")
_EVENTS = {
    "user": QColor("#F2F4F6"),
    "rise": QColor("#6DB7EC"),
    "fall": QColor("#F07FB0"),
    "transient": QColor("#D9C64A"),
}
_DASH, _GAP = 5, 4
_APART = 26  # screen pixels between two streak angles
_LONG = 56.0  # screen pixels of one, where the ROI has room
_BAND, _GLYPH = 11.0, 7.0
_DOUBTFUL = 0.55


class ResultOverlay(OverlayItem):
    """Draws only what is in view, in screen pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.content = OverlayContent()
        self.setZValue(5)  # under ROIs and cursors

    def set_content(self, content: OverlayContent) -> None:
        """Show other results."""
        self.content = content
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Events below, streaks on top; the raw pixels are never tinted."""
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(QRectF(self.viewRect()))
        painter.save()
        painter.resetTransform()
        _paint_events(painter, self.content.events, to_screen, view)
        for edge in self.content.edges:
            _paint_edge(painter, edge, to_screen, view)
        _paint_sparks(painter, self.content.sparks, to_screen, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for streaks in self.content.streaks:
            _paint_streaks(painter, streaks, to_screen, view)
        painter.restore()


def _pen(color: QColor, width: float, stale: bool) -> QPen:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if stale:
        pen.setDashPattern([_DASH / width, _GAP / width])
    return pen


def streak_segments(streaks: Streaks, to_screen: QTransform, view: QRectF) -> list[QLineF]:
    """On the screen, thinned out by powers of two of the window's number: while the view
    moves, the same windows are drawn."""
    if streaks.lines.size == 0:
        return []
    scale_x, scale_y = abs(to_screen.m11()), abs(to_screen.m22())
    spacing = np.median(np.diff(streaks.lines)) if streaks.lines.size > 1 else 1.0
    per_step = max(float(spacing) * scale_x, 1e-9)
    stride = 1 << max(math.ceil(math.log2(_APART / per_step)), 0)
    lines, slopes = streaks.lines[::stride], streaks.slopes[::stride]
    box = to_screen.mapRect(_rect(streaks.box))
    x = lines * to_screen.m11() + to_screen.dx()
    seen = (x > view.left() - _LONG) & (x < view.right() + _LONG)
    x, slopes = x[seen], slopes[seen]
    # Up is negative on the screen.
    steep = np.arctan2(slopes * scale_y, scale_x)
    half = min(_LONG, 0.9 * box.height()) / 2
    dx, dy = half * np.cos(steep), half * np.sin(steep)
    y = np.full(x.size, box.center().y())
    ends = np.stack((x - dx, y + dy, x + dx, y - dy), axis=1)
    return [QLineF(*four) for four in ends.tolist()]


def _paint_streaks(
    painter: QPainter, streaks: Streaks, to_screen: QTransform, view: QRectF
) -> None:
    segments = streak_segments(streaks, to_screen, view)
    painter.setPen(_pen(HALO, 4.0, False))
    painter.drawLines(segments)
    painter.setPen(_pen(STREAK, 2.0, streaks.stale))
    painter.drawLines(segments)


def _paint_edge(painter: QPainter, edge: EdgeTrace, to_screen: QTransform, view: QRectF) -> None:
    back, _ = to_screen.inverted()
    ends = sorted(back.map(QPointF(x, 0)).x() for x in (view.left(), view.right()))
    nothing = np.full(edge.lines.size, math.nan)
    samples = TraceSamples(edge.lines, edge.pixels, nothing, nothing)
    part = drawn(samples, ends[0], ends[1], max(int(view.width()), 1))
    x = part.line_x * to_screen.m11() + to_screen.dx()
    y = part.line_y * to_screen.m22() + to_screen.dy()
    if part.reduced:
        _paint_columns(painter, x, y, edge.stale)
        return
    lines = edge_segments(x, y, edge.stale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((HALO, 3.0), (EDGE, 1.5)):
        painter.setPen(_pen(color, width, False))
        painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_columns(painter: QPainter, x: Floats, y: Floats, stale: bool) -> None:
    """Where many rows share a column, what lies between their smallest and their largest: a
    filled shape is much faster than a broad line through all of them."""
    painter.setPen(Qt.PenStyle.NoPen)
    ink = _striped(EDGE) if stale else QBrush(EDGE)
    for brush, more in ((QBrush(HALO), 1.8), (ink, 0.7)):
        painter.setBrush(brush)
        for shape in edge_shapes(x, y, more):
            painter.drawPolygon(shape)


def _striped(color: QColor, *, upright: bool = False) -> QBrush:
    """Dashes of a shape: many short shapes would take longer than one with gaps."""
    long, format_ = _DASH + _GAP, QImage.Format.Format_ARGB32_Premultiplied
    stripes = QImage(1, long, format_) if upright else QImage(long, 1, format_)
    stripes.fill(Qt.GlobalColor.transparent)
    for at in range(_DASH):
        stripes.setPixelColor(0 if upright else at, at if upright else 0, color)
    return QBrush(stripes)


def edge_shapes(x: Floats, y: Floats, more: float) -> list[QPolygonF]:
    """Outlines, `more` screen pixels higher and lower than the extremes; broken at NaN.

    `y` holds the two extremes of each column, `x` where it begins and its middle.
    """
    place, pair = x[::2], y.reshape(-1, 2)
    top, bottom = pair.min(axis=1) - more, pair.max(axis=1) + more
    good = np.isfinite(top) & np.isfinite(bottom)
    borders = np.flatnonzero(np.diff(np.pad(good, 1)))
    shapes = []
    for first, end in zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True):
        run = slice(first, end)
        there, above, below = place[run], top[run], bottom[run]
        # A column of its own has a width, too.
        there, after = np.append(there, there[-1] + 1), np.append(above, above[-1])
        under = np.append(below, below[-1])
        around = np.concatenate((there, there[::-1])), np.concatenate((after, under[::-1]))
        shapes.append(pg.functions.arrayToQPolygonF(*around))
    return shapes


def edge_segments(x: Floats, y: Floats, stale: bool) -> list[QLineF]:
    """Between neighbours that both have a value; dashed by leaving every second piece out."""
    on: NDArray[np.bool_] = np.ones(max(x.size - 1, 0), bool)
    if stale and x.size > 1:
        x, y = _cut(x, y)
        on = (x[:-1] + x[1:]) / 2 % (_DASH + _GAP) < _DASH
    kept = np.isfinite(y[:-1]) & np.isfinite(y[1:]) & on
    ends = np.stack((x[:-1], y[:-1], x[1:], y[1:]), axis=1)[kept]
    return [QLineF(*four) for four in ends.tolist()]


def _cut(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """More points, where dashes begin and end: at fixed places across the screen."""
    period = _DASH + _GAP
    first, last = math.floor(x[0] / period), math.ceil(x[-1] / period)
    starts = np.arange(first, last + 1) * float(period)
    cuts = np.concatenate((starts, starts + _DASH))
    places = np.union1d(x, cuts[(cuts > x[0]) & (cuts < x[-1])])
    return places, np.interp(places, x, y)


def _paint_events(
    painter: QPainter, spans: Sequence[Span], to_screen: QTransform, view: QRectF
) -> None:
    """Bands at the top with their glyphs, and thin edges all the way down."""
    placed = [(one, _event_place(one, to_screen, view)) for one in spans]
    placed = [(one, place) for one, place in placed if place.intersects(view)]
    for span, place in placed:
        color = QColor(_EVENTS[span.kind])
        color.setAlphaF(_DOUBTFUL if span.rejected else 1.0)
        for x in (place.left(), place.right() - 1):
            painter.fillRect(QRectF(x - 1, place.top(), 3, place.height()), HALO)
            _paint_side(painter, x, place, color, span.stale or span.rejected)
        painter.fillRect(QRectF(place.left(), place.top(), place.width(), _BAND), color)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for span, place in placed:
        inside = place.intersected(view)
        if inside.width() >= _GLYPH + 4:
            middle = QPointF(inside.center().x(), inside.top() + _BAND / 2)
            glyph = QRectF(0, 0, _GLYPH, _GLYPH)
            glyph.moveCenter(middle)
            draw_glyph(painter, span.kind, glyph, DARK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_side(painter: QPainter, x: float, place: QRectF, color: QColor, dashed: bool) -> None:
    ink = _striped(color, upright=True) if dashed else QBrush(color)
    painter.fillRect(QRectF(x, place.top(), 1, place.height()), ink)


def _event_place(span: Span, to_screen: QTransform, view: QRectF) -> QRectF:
    """On whole pixels; far ends would be too long for the painter."""
    left, right = (round(to_screen.map(QPointF(x, 0)).x()) for x in (span.line0, span.line1))
    left, right = max(left, round(view.left()) - 9), min(right, round(view.right()) + 9)
    return QRectF(left, view.top(), max(right - left, 1), view.height())


def _paint_sparks(
    painter: QPainter, outlines: Sequence[Outline], to_screen: QTransform, view: QRectF
) -> None:
    """In a few calls, because there may be thousands; those at the ROI's edge are fainter."""
    groups: dict[tuple[bool, bool], list[QRectF]] = {}
    for outline in outlines:
        place = to_screen.mapRect(_rect(outline.box))
        across, up = (max((_GLYPH - one) / 2, 0.0) for one in (place.width(), place.height()))
        place.adjust(-across, -up, across, up)
        if place.intersects(view):
            at = QRectF(place.topLeft().toPoint(), place.bottomRight().toPoint())
            groups.setdefault((outline.doubtful, outline.stale), []).append(at)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for (doubtful, stale), places in groups.items():
        color = QColor(SPARK)
        color.setAlphaF(_DOUBTFUL if doubtful else 1.0)
        for ink, more in ((HALO, 1), (HALO, -1), (color, 0)):
            painter.setPen(_pen(ink, 1.0, stale and more == 0))
            painter.drawRects([one.adjusted(-more, -more, more, more) for one in places])


def _rect(box: tuple[float, float, float, float]) -> QRectF:
    line0, line1, pixel0, pixel1 = box
    return QRectF(line0, pixel0, line1 - line0, pixel1 - pixel0)
