"""Paint results on the picture: streak angles, vessel edges, events and sparks.

Thin, with a halo, and never filled: what is under them stays to be seen. Dashed is what is
out of date.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from cloudscope.item_models.event_glyphs import draw_glyph
from cloudscope.views.overlay import HALO, OverlayItem
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
_WASH = 0.10
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
        """Events below, streaks on top."""
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(QRectF(self.viewRect()))
        painter.save()
        painter.resetTransform()
        for span in self.content.events:
            _paint_event(painter, span, to_screen, view)
        for edge in self.content.edges:
            _paint_edge(painter, edge, to_screen, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for outline in self.content.sparks:
            _paint_spark(painter, outline, to_screen, view)
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
    """Not smooth where a column holds many rows: there it would be slow and look no better."""
    pieces, reduced = edge_pieces(edge, to_screen, view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not reduced)
    for color, width in ((HALO, 3.0), (EDGE, 1.0 if reduced else 1.5)):
        painter.setPen(_pen(color, width, False))
        for piece in pieces:
            painter.drawPolyline(piece)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def edge_pieces(
    edge: EdgeTrace, to_screen: QTransform, view: QRectF
) -> tuple[list[QPolygonF], bool]:
    """Polylines on the screen, and whether several rows share a column; dashes are cut out
    here, because a dashed pen takes long for many points."""
    if edge.lines.size == 0:
        return [], False
    nothing = np.full(edge.lines.size, math.nan)
    samples = TraceSamples(edge.lines, edge.pixels, nothing, nothing)
    back, _ = to_screen.inverted()
    ends = [back.map(QPointF(x, 0)).x() for x in (view.left(), view.right())]
    part = drawn(samples, min(ends), max(ends), max(int(view.width()), 1))
    x = part.line_x * to_screen.m11() + to_screen.dx()
    y = part.line_y * to_screen.m22() + to_screen.dy()
    if edge.stale:
        x, y = _dashes(x, y)
    good = np.isfinite(y)
    borders = np.flatnonzero(np.diff(np.pad(good, 1)))
    pieces = [
        pg.functions.arrayToQPolygonF(x[first:end], y[first:end])
        for first, end in zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True)
        if end - first > 1
    ]
    return pieces, part.reduced


def _dashes(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Gaps at fixed places across the screen."""
    if x.size < 2:
        return x, y
    period = _DASH + _GAP
    first, last = math.floor(x[0] / period), math.ceil(x[-1] / period)
    starts = np.arange(first, last + 1) * float(period)
    cuts = np.concatenate((starts, starts + _DASH))
    extra = cuts[(cuts > x[0]) & (cuts < x[-1])]
    both = np.concatenate((x, extra))
    order = np.argsort(both, kind="stable")
    filled = np.concatenate((y, np.interp(extra, x, y)))[order]
    places = both[order]
    # A hair inside the gap, so that a dash ends where it shall.
    return places, np.where((places - 1e-6) % period <= _DASH, filled, math.nan)


def _paint_event(painter: QPainter, span: Span, to_screen: QTransform, view: QRectF) -> None:
    """A hint of colour, thin edges, and a band with the glyph at the top."""
    left, right = (round(to_screen.map(QPointF(x, 0)).x()) for x in (span.line0, span.line1))
    if right < view.left() or left > view.right():
        return
    left, right = max(left, round(view.left()) - 9), min(right, round(view.right()) + 9)
    color = QColor(_EVENTS[span.kind])
    strength = _DOUBTFUL if span.rejected else 1.0
    wash = QColor(color)
    wash.setAlphaF(_WASH * strength)
    area = QRectF(left, view.top(), max(right - left, 1), view.height())
    painter.fillRect(area, wash)
    color.setAlphaF(strength)
    for x in (area.left() + 0.5, area.right() + 0.5):
        line = QLineF(x, area.top(), x, area.bottom())
        painter.setPen(_pen(HALO, 3.0, False))
        painter.drawLine(line)
        painter.setPen(_pen(color, 1.0, span.stale or span.rejected))
        painter.drawLine(line)
    band = QRectF(area.left(), area.top(), area.width(), _BAND)
    painter.fillRect(band, HALO)
    glyph = QRectF(0, 0, _GLYPH, _GLYPH)
    glyph.moveCenter(band.intersected(view).center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_glyph(painter, span.kind, glyph, color)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_spark(painter: QPainter, outline: Outline, to_screen: QTransform, view: QRectF) -> None:
    place = to_screen.mapRect(_rect(outline.box))
    grow = max((_GLYPH - place.width()) / 2, 0.0), max((_GLYPH - place.height()) / 2, 0.0)
    place.adjust(-grow[0], -grow[1], *grow)
    if not place.intersects(view):
        return
    color = QColor(SPARK)
    color.setAlphaF(_DOUBTFUL if outline.doubtful else 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width, stale in ((HALO, 3.5, False), (color, 1.5, outline.stale)):
        painter.setPen(_pen(ink, width, stale))
        painter.drawRoundedRect(place, 3, 3)


def _rect(box: tuple[float, float, float, float]) -> QRectF:
    line0, line1, pixel0, pixel1 = box
    return QRectF(line0, pixel0, line1 - line0, pixel1 - pixel0)
