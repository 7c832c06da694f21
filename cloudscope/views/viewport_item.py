"""Paint the visible part of a plane, or of several blended, one colour per screen pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from acqcore.pyramid import Pyramid
from cloudscope.views.luts import Table
from cloudscope.views.picture_layer import PictureLayer
from cloudscope.views.viewport_sampling import ROUNDING, Raster


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """A further channel, whose light is added to the picture.

    Attributes:
        pyramid: Of the same size as the picture.
        limits: Raw values shown as black and as the full colour.
        table: (256, 3) colours that begin with black.
    """

    pyramid: Pyramid
    limits: tuple[float, float]
    table: Table


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
        self._even = even
        self._layer = PictureLayer(even=even)
        self._added: tuple[PictureLayer, ...] = ()
        self._table = self._layer.table
        self._tint: Table | None = None
        self._blended: tuple[tuple[QImage, ...], QImage] | None = None

    def set_plane(self, pyramid: Pyramid | None) -> None:
        """Show another plane, or nothing."""
        self._layer.set_plane(pyramid)
        if pyramid is None:
            self._added = ()
        self.prepareGeometryChange()
        self.update()

    def set_levels(self, low: float, high: float) -> None:
        """Raw values shown as the two ends of the colour map."""
        if self._layer.set_levels(low, high):
            self.update()

    def set_lut(self, table: Table) -> None:
        """(256, 3) colours."""
        self._table = table
        self._show_table()

    def set_composite(self, tint: Table | None, added: Sequence[Added] = ()) -> None:
        """Show the plane in the colours of `tint` and add further channels; None ends that.

        What stays the same is not computed again.
        """
        self._tint = tint
        self._show_table()
        layers = {layer.pyramid: layer for layer in self._added}
        self._added = tuple(layers.get(one.pyramid, PictureLayer(even=self._even)) for one in added)
        for layer, one in zip(self._added, added, strict=True):
            if layer.pyramid is not one.pyramid:
                layer.set_plane(one.pyramid)
            layer.set_levels(*one.limits)
            layer.set_lut(one.table)
        self.update()

    @property
    def limits(self) -> tuple[float, float]:
        """What `set_levels` was told last."""
        return self._layer.limits

    @property
    def added(self) -> int:
        """How many further channels are blended in."""
        return len(self._added)

    def _show_table(self) -> None:
        if self._layer.set_lut(self._table if self._tint is None else self._tint):
            self.update()

    def boundingRect(self) -> QRectF:
        """The whole plane."""
        if self._layer.pyramid is None:
            return QRectF()
        return QRectF(0, 0, self._layer.pyramid.lines, self._layer.pyramid.pixels)

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Draw the part in view, pixel by pixel of the device."""
        ratio = painter.device().devicePixelRatioF()
        raster = self._raster_of(painter, ratio)
        if raster is None:
            return
        image = self._image(raster)
        image.setDevicePixelRatio(ratio)
        painter.save()
        painter.resetTransform()
        painter.drawImage(QPointF(raster.left / ratio, raster.top / ratio), image)
        painter.restore()

    def _image(self, raster: Raster) -> QImage:
        """The plane, or all channels blended; kept as long as none of them changes."""
        shown = [(layer, layer.pyramid) for layer in (self._layer, *self._added)]
        parts = tuple(
            layer.image(pyramid, raster) for layer, pyramid in shown if pyramid is not None
        )
        if len(parts) == 1:
            self._blended = None
            return parts[0]
        before = self._blended[0] if self._blended is not None else ()
        if self._blended is None or [*map(id, before)] != [*map(id, parts)]:
            self._blended = parts, _sum(parts)
        return self._blended[1]

    def _raster_of(self, painter: QPainter, ratio: float) -> Raster | None:
        """Device pixels whose centre lies on the visible part of the plane."""
        shown = QRectF(self.viewRect()).intersected(self.boundingRect())
        to_device = painter.worldTransform()
        scale_x, scale_y = to_device.m11() * ratio, to_device.m22() * ratio
        shift_x, shift_y = to_device.dx() * ratio, to_device.dy() * ratio
        ends_x = sorted((shown.left() * scale_x + shift_x, shown.right() * scale_x + shift_x))
        ends_y = sorted((shown.top() * scale_y + shift_y, shown.bottom() * scale_y + shift_y))
        left, right = (math.ceil(end - 0.5 - ROUNDING) for end in ends_x)
        top, bottom = (math.ceil(end - 0.5 - ROUNDING) for end in ends_y)
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


def _sum(parts: Sequence[QImage]) -> QImage:
    """Light added to light, each of the three colours up to its full brightness."""
    image = parts[0].copy()
    image.setDevicePixelRatio(1.0)
    with QPainter(image) as painter:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
        for part in parts[1:]:
            part.setDevicePixelRatio(1.0)
            painter.drawImage(QPointF(0, 0), part)
    return image
