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

from acqcore.pyramid import Pyramid
from cloudscope.views.luts import Table, lut
from cloudscope.views.pixel_colors import PixelColors

Indices = NDArray[np.intp]

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

    Zoomed out, each screen pixel shows the maximum of the samples that it stands for;
    zoomed in, samples are plain rectangles. Nothing is computed again when something on
    top of the picture is repainted, and only colours when the limits change.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pyramid: Pyramid | None = None
        self._limits, self._table = (0.0, 255.0), lut("Gray")
        self._colors = PixelColors(*self._limits, self._table)
        self._raster: Raster | None = None
        self._values: NDArray[Any] = np.zeros((0, 0), np.uint8)
        self._image: QImage | None = None

    def set_plane(self, pyramid: Pyramid | None) -> None:
        """Show another plane, or nothing."""
        self._pyramid, self._raster, self._image = pyramid, None, None
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
        self._colors, self._image = PixelColors(*self._limits, self._table), None
        self.update()

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
    if abs(values.strides[0]) < abs(values.strides[1]):
        return _largest(_largest(values.T, columns, axis=0), rows, axis=1).T
    return _largest(_largest(values, rows, axis=0), columns, axis=1)


def _largest(values: NDArray[Any], picks: Sequence[Indices], axis: int) -> NDArray[Any]:
    """Element by element the largest of several selections along an axis."""
    larger = np.fmax if values.dtype.kind == "f" else np.maximum
    taken = (values.take(pick, axis=axis) for pick in picks)
    largest: NDArray[Any] = reduce(larger, taken)
    return largest


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
