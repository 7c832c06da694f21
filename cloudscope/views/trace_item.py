"""Paint one trace: its line, its 95 % band and its rejected points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from cloudscope.theme import Theme
from cloudscope.views.error_band import band_image
from cloudscope.views.trace_samples import DrawnSamples, Floats, TraceSamples, drawn

Mask = NDArray[np.bool_]

RING = 7
_DASH, _DASH_GAP = 6, 3  # screen pixels
_PIECE = 8  # points of a polyline: Qt's time for a smooth one grows with their square
_BAND_LIGHT, _BAND_DARK = 0.19, 0.24


class TraceItem(pg.GraphicsObject):
    """Draws the visible part only, reduced to the columns of the screen.

    Line and band break where there is no value: a gap is never bridged. Points without a
    neighbour on either side are dots, as no line reaches them.
    """

    def __init__(self, width: float = 1.5) -> None:
        """`width` of the line in screen pixels."""
        super().__init__()
        self._width = width
        self._samples: TraceSamples | None = None
        self._dashed = False
        self._line_color, self._band_color, self._canvas = QColor(), QColor(), QColor()
        self._shapes: _Shapes | None = None
        self._ring: QPixmap | None = None

    def set_samples(self, samples: TraceSamples | None, *, dashed: bool = False) -> None:
        """Show another trace; dashed means out of date."""
        self._samples, self._dashed, self._shapes = samples, dashed, None
        self.prepareGeometryChange()
        self.update()

    def recolor(self, theme: Theme, token: str) -> None:
        """Take the colour of the quantity and of what is under it."""
        self._line_color, self._canvas = theme.color(token), theme.color("canvas")
        self._band_color = theme.color(token)
        self._band_color.setAlphaF(_BAND_DARK if theme.is_dark else _BAND_LIGHT)
        self._shapes = self._ring = None
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
        shapes = self._shapes_in_view(painter.device().devicePixelRatioF())
        self._paint_band(painter, shapes.band)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not shapes.reduced)
        # Wide or smooth lines are slow where every column is filled from top to bottom.
        pen = _pen(self._line_color, 1 if shapes.reduced else self._width)
        # Round ends of neighbours would lie on each other and look like knots.
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(shapes.lines)
        for piece in shapes.pieces:
            painter.drawPolyline(piece)
        painter.drawPath(shapes.path)
        painter.setPen(_pen(self._line_color, 3))
        painter.drawPoints(shapes.lone)
        self._paint_rings(painter, shapes.rings)

    def _shapes_in_view(self, ratio: float) -> _Shapes:
        """What was prepared for the last painting, while the view has not moved."""
        box = self.getViewBox()
        key = _Key(self.viewRect(), max(int(box.width()), 1), max(int(box.height()), 1), ratio)
        if self._shapes is None or key != self._shapes.key:
            assert self._samples is not None  # `paint` does not come here without
            self._shapes = _Shapes(key, self._samples, self._dashed, self._band_color)
        return self._shapes

    def _paint_band(self, painter: QPainter, band: QImage) -> None:
        """Upside down: values grow upwards."""
        view = self.viewRect()
        painter.save()
        painter.translate(view.left(), view.bottom())
        painter.scale(1, -1)
        painter.drawImage(QRectF(0, 0, view.width(), view.height()), band)
        painter.restore()

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


class _Key:
    """What the prepared shapes are good for."""

    def __init__(self, view: QRectF, columns: int, rows: int, ratio: float) -> None:
        self.view, self.columns, self.rows, self.ratio = QRectF(view), columns, rows, ratio

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class _Shapes:
    """Lines, points and picture of what is in view."""

    def __init__(self, key: _Key, samples: TraceSamples, dashed: bool, band: QColor) -> None:
        self.key = key
        visible = drawn(samples, key.view.left(), key.view.right(), key.columns)
        self.reduced = visible.reduced
        self.lines: list[QLineF] = []
        self.pieces: list[QPolygonF] = []
        self.path = QPainterPath()
        if visible.reduced:
            period = (_DASH + _DASH_GAP) * key.view.width() / key.columns
            self.path = _dense_path(visible, period if dashed else 0.0)
        elif dashed:
            self.lines = _dashes(visible, _lengths(samples, visible.line_x, key))
        else:
            self.pieces = _pieces(visible.line_x, visible.line_y)
        self.lone = _lone_points(visible.line_x, visible.line_y)
        size = round(key.columns * key.ratio), round(key.rows * key.ratio)
        self.band = band_image(visible.band_x, visible.low, visible.high, key.view, size, band)
        rings = zip(visible.ring_x.tolist(), visible.ring_y.tolist(), strict=True)
        self.rings = [QPointF(x, y) for x, y in rings]


def _pieces(x: Floats, y: Floats) -> list[QPolygonF]:
    """Polylines of a few points, each beginning where the one before ends; broken at NaN."""
    good = np.isfinite(y)
    borders = np.flatnonzero(np.diff(np.pad(good, 1)))
    pieces = []
    for first, end in zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True):
        for start in range(first, end - 1, _PIECE):
            part = slice(start, min(start + _PIECE + 1, end))
            pieces.append(pg.functions.arrayToQPolygonF(x[part], y[part]))
    return pieces


def _segments(x: Floats, y: Floats, on: Mask | bool) -> list[QLineF]:
    """Lines between neighbours that both have a value, where they are on."""
    kept = np.isfinite(y[:-1]) & np.isfinite(y[1:]) & on
    ends = np.stack((x[:-1], y[:-1], x[1:], y[1:]), axis=1)[kept]
    return [QLineF(*four) for four in ends.tolist()]


def _lengths(samples: TraceSamples, part: Floats, key: _Key) -> Floats:
    """Way along the trace to each point of `part`, in screen pixels from its very start.

    From the start, so that dashes do not crawl along the trace while the view moves.
    """
    across = np.diff(samples.x) * key.columns / key.view.width()
    up = np.nan_to_num(np.diff(samples.y)) * key.rows / key.view.height()
    way = np.concatenate(([0.0], np.cumsum(np.hypot(across, up))))
    first = int(np.searchsorted(samples.x, part[0])) if part.size else 0
    return way[first : first + part.size]


def _dashes(visible: DrawnSamples, way: Floats) -> list[QLineF]:
    """The trace cut where dashes start and end, every second piece left out."""
    if way.size == 0:
        return []
    period = _DASH + _DASH_GAP
    starts = np.arange(math.floor(way[0] / period), math.ceil(way[-1] / period) + 1) * period
    cuts = np.concatenate((starts, starts + _DASH))
    places = np.union1d(way, cuts[(cuts > way[0]) & (cuts < way[-1])])
    x = np.interp(places, way, visible.line_x)
    y = np.interp(places, way, visible.line_y)
    on = (places[:-1] + places[1:]) / 2 % period < _DASH
    return _segments(x, y, on)


def _dense_path(visible: DrawnSamples, period: float) -> QPainterPath:
    """Up and down in every bin; dashed (period in lines, or 0) by leaving bins out."""
    y = visible.line_y
    if period:
        y = np.where(visible.line_x % period < period * _DASH / (_DASH + _DASH_GAP), y, math.nan)
    path: QPainterPath = pg.arrayToQPath(visible.line_x, y, connect="finite")
    return path


def _lone_points(x: Floats, y: Floats) -> list[QPointF]:
    good = np.pad(np.isfinite(y), 1)
    lone = np.flatnonzero(good[1:-1] & ~good[:-2] & ~good[2:])
    return [QPointF(x[i], y[i]) for i in lone]


def _pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
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
