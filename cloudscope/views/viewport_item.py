"""Paint the visible part of a plane, one colour per screen pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from acqcore.pyramid import Join, Pyramid, joining
from cloudscope.views.luts import Table, lut
from cloudscope.views.pixel_colors import PixelColors

Indices = NDArray[np.intp]

_SHADES = 512  # a shift of the limits that cannot be seen costs nothing
_ROUNDING = 1e-6  # a sample edge on a screen edge must not fall to the wrong side


@dataclass(frozen=True, slots=True)
class Raster:
    """How device pixels lie on the plane.

    Attributes:
        left, top: First device pixel that is painted.
        columns, rows: Number of device pixels that are painted.
        line_left, line_right: Lines at the left and right edge.
        pixel_top, pixel_bottom: Pixels along the line at the upper and lower edge.
    """

    left: int
    top: int
    columns: int
    rows: int
    line_left: float
    line_right: float
    pixel_top: float
    pixel_bottom: float


class ViewportItem(pg.GraphicsObject):
    """A kymograph: line i covers x in [i, i + 1), pixel j covers y in [j, j + 1).

    Zoomed out, each screen pixel shows the maximum of the samples that it stands for, or
    what else its pyramid was reduced by; zoomed in, samples are plain rectangles. Nothing
    is computed again when something on top of the picture is repainted, and only colours
    when the limits change.
    """

    def __init__(self, *, even: bool = False) -> None:
        """`even`: the limits follow what noise alone adds to a maximum, so that the picture
        does not become brighter the more lines share a column."""
        super().__init__()
        self._excess = ExcessAt() if even else None
        self._shift = 0.0
        self._pyramid: Pyramid | None = None
        self._limits, self._table = (0.0, 255.0), lut("Gray")
        self._colors = PixelColors(*self._limits, self._table)
        self._raster: Raster | None = None
        self._values: NDArray[Any] = np.zeros((0, 0), np.uint8)
        self._image: QImage | None = None

    def set_plane(self, pyramid: Pyramid | None) -> None:
        """Show another plane, or nothing."""
        self._pyramid, self._raster, self._image = pyramid, None, None
        if self._excess is not None:
            self._excess = ExcessAt()
        self.prepareGeometryChange()
        self.update()

    def set_levels(self, low: float, high: float) -> None:
        """Raw values shown as the two ends of the colour map."""
        if (low, high) != self._limits:
            self._limits = (low, high)
            self._recolor()

    def set_lut(self, table: Table) -> None:
        """(256, 3) colours."""
        if table is not self._table:
            self._table = table
            self._recolor()

    def _recolor(self) -> None:
        low, high = self._limits
        self._colors = PixelColors(low + self._shift, high + self._shift, self._table)
        self._image = None
        self.update()

    def _follow_zoom(self, pyramid: Pyramid, raster: Raster) -> None:
        """Move the limits along with what is typical for so many samples per pixel."""
        if self._excess is None:
            return
        step = abs(self._limits[1] - self._limits[0]) / _SHADES or 1.0
        shift = round(self._excess.of(pyramid, raster) / step) * step
        if shift != self._shift:
            self._shift = shift
            self._recolor()

    def boundingRect(self) -> QRectF:
        """The whole plane."""
        if self._pyramid is None:
            return QRectF()
        return QRectF(0, 0, self._pyramid.lines, self._pyramid.pixels)

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Draw the part in view, pixel by pixel of the device."""
        if self._pyramid is None:
            return
        ratio = painter.device().devicePixelRatioF()
        raster = self._raster_of(painter, ratio)
        if raster is None:
            return
        if raster != self._raster:
            self._values, self._raster, self._image = _sampled(self._pyramid, raster), raster, None
            self._follow_zoom(self._pyramid, raster)
        if self._image is None:
            self._image = _image(self._colors.of(self._values))
        self._image.setDevicePixelRatio(ratio)
        painter.save()
        painter.resetTransform()
        painter.drawImage(QPointF(raster.left / ratio, raster.top / ratio), self._image)
        painter.restore()

    def _raster_of(self, painter: QPainter, ratio: float) -> Raster | None:
        """Device pixels whose centre lies on the visible part of the plane."""
        shown = QRectF(self.viewRect()).intersected(self.boundingRect())
        to_device = painter.worldTransform()
        scale_x, scale_y = to_device.m11() * ratio, to_device.m22() * ratio
        shift_x, shift_y = to_device.dx() * ratio, to_device.dy() * ratio
        ends_x = sorted((shown.left() * scale_x + shift_x, shown.right() * scale_x + shift_x))
        ends_y = sorted((shown.top() * scale_y + shift_y, shown.bottom() * scale_y + shift_y))
        left, right = (math.ceil(end - 0.5 - _ROUNDING) for end in ends_x)
        top, bottom = (math.ceil(end - 0.5 - _ROUNDING) for end in ends_y)
        if right <= left or bottom <= top:
            return None
        return Raster(
            left,
            top,
            right - left,
            bottom - top,
            (left - shift_x) / scale_x,
            (right - shift_x) / scale_x,
            (top - shift_y) / scale_y,
            (bottom - shift_y) / scale_y,
        )


def _sampled(pyramid: Pyramid, raster: Raster) -> NDArray[Any]:
    """Raw values, one per device pixel, upper row first."""
    lines = sorted((raster.line_left, raster.line_right))
    pixels = sorted((raster.pixel_bottom, raster.pixel_top))
    region = pyramid.region(
        (lines[0], lines[1]), (pixels[0], pixels[1]), raster.columns, raster.rows
    )
    values = region.values
    upward = (raster.pixel_top - region.pixel_start, raster.pixel_bottom - region.pixel_start)
    across = (raster.line_left - region.line_start, raster.line_right - region.line_start)
    rows = _samples(upward, raster.rows, region.pixel_step, values.shape[0])
    columns = _samples(across, raster.columns, region.line_step, values.shape[1])
    # First along the axis whose elements lie far apart: runs of memory are copied whole.
    join = joining(pyramid.kind, values.dtype)
    if abs(values.strides[0]) < abs(values.strides[1]):
        return _joined(_joined(values.T, columns, 0, join), rows, 1, join).T
    return _joined(_joined(values, rows, 0, join), columns, 1, join)


def _joined(values: NDArray[Any], picks: Sequence[Indices], axis: int, join: Join) -> NDArray[Any]:
    """Several selections along an axis, element by element reduced to one."""
    return reduce(join, (values.take(pick, axis=axis) for pick in picks))


class ExcessAt:
    """`Pyramid.excess` between its steps, so that zooming is smooth; looked up once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], float] = {}

    def of(self, pyramid: Pyramid, raster: Raster) -> float:
        """For the samples that share a device pixel, in time and space."""
        time = max(abs(raster.line_right - raster.line_left) / raster.columns, 1.0)
        space = max(abs(raster.pixel_top - raster.pixel_bottom) / raster.rows, 1.0)
        (i, t), (j, s) = (divmod(math.log2(many), 1.0) for many in (time, space))
        corners = (
            (0, 0, (1 - t) * (1 - s)),
            (1, 0, t * (1 - s)),
            (0, 1, (1 - t) * s),
            (1, 1, t * s),
        )
        return sum(
            weight * self._at(pyramid, int(i) + di, int(j) + dj)
            for di, dj, weight in corners
            if weight > 0
        )

    def _at(self, pyramid: Pyramid, time: int, space: int) -> float:
        if (time, space) not in self._known:
            self._known[time, space] = pyramid.excess(1 << time, 1 << space)
        return self._known[time, space]


def _samples(span: tuple[float, float], count: int, step: int, size: int) -> Sequence[Indices]:
    """Which decimated samples each of `count` device pixels along a span stands for.

    Each sample belongs to the device pixel in which it begins, the last one to the last:
    none is left out. That makes one or two per device pixel, three in the last one.
    Magnified, a device pixel shows the sample under its centre.
    """
    edges = np.linspace(*span, count + 1) / step
    if abs(span[1] - span[0]) < count * step:
        return [np.floor((edges[:-1] + edges[1:]) / 2).astype(np.intp).clip(0, size - 1)]
    whole = np.floor(edges + _ROUNDING).astype(np.intp)
    end = 0 if span[0] > span[1] else count
    whole[end] = math.ceil(edges[end] - _ROUNDING)
    first = np.minimum(whole[:-1], whole[1:]).clip(0, size - 1)
    last = (np.maximum(whole[:-1], whole[1:]) - 1).clip(first, size - 1)
    between = [] if (last - first).max() < 2 else [(first + last) // 2]
    return [first, last, *between]


def _image(words: NDArray[np.uint32]) -> QImage:
    rows, columns = words.shape
    borrowed = QImage(words.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return borrowed.copy()
