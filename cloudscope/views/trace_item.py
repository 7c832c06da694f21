"""Paint one trace: its line, its 95 % band and its rejected points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from cloudscope.views.trace_samples import DrawnSamples, Floats, TraceSamples, drawn

RING = 7
_DASH, _DASH_GAP = 6, 4  # screen pixels


class TraceItem(pg.GraphicsObject):
    """Draws the visible part only, reduced to the columns of the screen.

    Line and band break where there is no value: a gap is never bridged. Points without a
    neighbour on either side are dots, as no line reaches them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._samples: TraceSamples | None = None
        self._dashed = False
        self._line_color, self._canvas = QColor(), QColor()
        self._band_alpha = 0.0
        self._key: tuple[float, float, int] | None = None
        self._shapes: _Shapes | None = None
        self._ring: QPixmap | None = None

    def set_samples(self, samples: TraceSamples | None, *, dashed: bool = False) -> None:
        """Show another trace; dashed means out of date."""
        self._samples, self._dashed, self._key = samples, dashed, None
        self.prepareGeometryChange()
        self.update()

    def set_colors(self, line: QColor, canvas: QColor, band_alpha: float) -> None:
        """Colour of the trace, what is under it, and how strong the band is (0..1)."""
        self._line_color, self._canvas, self._band_alpha = line, canvas, band_alpha
        self._ring = None
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is in view: the item never decides what its plot shows."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view."""
        super().viewTransformChanged()  # forgets the view rectangle that it keeps
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Band below, line above, rings on top."""
        if self._samples is None or self._samples.x.size == 0:
            return
        shapes = self._shapes_in_view()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not shapes.reduced)
        fill = QColor(self._line_color)
        fill.setAlphaF(self._band_alpha)
        painter.fillPath(shapes.band, fill)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRects(shapes.bars)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen(shapes.reduced))
        painter.drawPath(shapes.line)
        painter.setPen(_dot_pen(self._line_color))
        painter.drawPoints(shapes.lone)
        self._paint_rings(painter, shapes.rings)

    def _shapes_in_view(self) -> _Shapes:
        view, columns = self.viewRect(), max(int(self.getViewBox().width()), 1)
        key = (view.left(), view.right(), columns)
        if self._shapes is None or key != self._key:
            assert self._samples is not None
            visible = drawn(self._samples, view.left(), view.right(), columns)
            dash = (_DASH + _DASH_GAP) * view.width() / columns if self._dashed else 0.0
            self._shapes, self._key = _Shapes(visible, dash), key
        return self._shapes

    def _pen(self, reduced: bool) -> QPen:
        pen = QPen(self._line_color, 1 if reduced else 1.5)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self._dashed and not reduced:
            pen.setDashPattern((_DASH / 1.5, _DASH_GAP / 1.5))
        return pen

    def _paint_rings(self, painter: QPainter, centres: list[QPointF]) -> None:
        if not centres:
            return
        to_screen = painter.worldTransform()
        ratio = painter.device().devicePixelRatioF()
        if self._ring is None or self._ring.devicePixelRatio() != ratio:
            self._ring = _ring_pixmap(self._line_color, self._canvas, ratio)
        painter.save()
        painter.resetTransform()
        half = QPointF(_ring_box() / 2, _ring_box() / 2)
        for centre in centres:
            painter.drawPixmap(to_screen.map(centre) - half, self._ring)
        painter.restore()


class _Shapes:
    """Painter paths of what is in view, kept until the view moves."""

    def __init__(self, visible: DrawnSamples, dash: float) -> None:
        line_y = visible.line_y
        self.reduced = visible.reduced
        if dash and visible.reduced:
            # Dashing a long path costs more than painting it: leave bins out instead.
            line_y = np.where(visible.line_x % dash < dash * _DASH / (_DASH + _DASH_GAP),
                              line_y, math.nan)  # fmt: skip
        self.line = pg.arrayToQPath(visible.line_x, line_y, connect="finite")
        self.lone = _lone_points(visible.line_x, visible.line_y)
        whole = visible.band_x, visible.low, visible.high
        self.band = QPainterPath() if visible.reduced else _band(*whole)
        self.bars = _bars(*whole) if visible.reduced else []
        self.rings = [QPointF(x, y) for x, y in zip(visible.ring_x, visible.ring_y, strict=True)]


def _lone_points(x: Floats, y: Floats) -> list[QPointF]:
    good = np.pad(np.isfinite(y), 1)
    lone = np.flatnonzero(good[1:-1] & ~good[:-2] & ~good[2:])
    return [QPointF(x[i], y[i]) for i in lone]


def _band(x: Floats, low: Floats, high: Floats) -> QPainterPath:
    """One closed outline per run of points that have an error."""
    path = QPainterPath()
    good = np.pad(np.isfinite(low) & np.isfinite(high), 1).astype(np.int8)
    edges = np.flatnonzero(np.diff(good))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start > 1:
            run = slice(start, stop)
            outline = pg.functions.arrayToQPolygonF(
                np.concatenate((x[run], x[run][::-1])),
                np.concatenate((high[run], low[run][::-1])),
            )
            path.addPolygon(outline)
            path.closeSubpath()
    return path


def _bars(x: Floats, low: Floats, high: Floats) -> list[QRectF]:
    """The band as one bar per bin: filling a dense outline takes far longer."""
    good = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    if good.size == 0 or x.size < 2:
        return []
    width = float(x[1] - x[0])
    bars = zip(x[good].tolist(), low[good].tolist(), high[good].tolist(), strict=True)
    return [QRectF(centre - width / 2, a, width, b - a) for centre, a, b in bars]


def _dot_pen(color: QColor) -> QPen:
    pen = QPen(color, 3)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _ring_box() -> int:
    return RING + 2


def _ring_pixmap(color: QColor, canvas: QColor, ratio: float) -> QPixmap:
    side = math.ceil(_ring_box() * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.25))
    painter.setBrush(canvas)
    inset = (_ring_box() - RING) / 2 + 0.625
    painter.drawEllipse(QRectF(inset, inset, RING - 1.25, RING - 1.25))
    painter.end()
    return pixmap
