"""One plane on its way to the screen: values per device pixel, then colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from acqcore.pyramid import Pyramid
from cloudscope.views.luts import Table, lut
from cloudscope.views.pixel_colors import PixelColors
from cloudscope.views.viewport_sampling import ExcessAt, Raster, sampled

_SHADES = 512  # a shift of the limits that cannot be seen costs nothing


class PictureLayer:
    """Computes values again only when what is visible changes, and colours only when they do."""

    def __init__(self, *, even: bool) -> None:
        """`even`: the limits follow what noise alone adds to a maximum, so that the picture
        does not become brighter the more lines share a column."""
        self.pyramid: Pyramid | None = None
        self.limits, self.table = (0.0, 255.0), lut("Gray")
        self._even = even
        self._excess, self._shift = ExcessAt(), 0.0
        self._colors = PixelColors(*self.limits, self.table)
        self._raster: Raster | None = None
        self._values: NDArray[Any] = np.zeros((0, 0), np.uint8)
        self._image: QImage | None = None

    def set_plane(self, pyramid: Pyramid | None) -> None:
        """Show another plane, or nothing."""
        self.pyramid, self._raster, self._image = pyramid, None, None
        self._excess = ExcessAt()

    def set_levels(self, low: float, high: float) -> bool:
        """Raw values shown as the two ends of the colour map; whether they are others."""
        changed = (low, high) != self.limits
        if changed:
            self.limits = (low, high)
            self._recolor()
        return changed

    def set_lut(self, table: Table) -> bool:
        """(256, 3) colours; whether they are others."""
        changed = table is not self.table
        if changed:
            self.table = table
            self._recolor()
        return changed

    def image(self, pyramid: Pyramid, raster: Raster) -> QImage:
        """Its `pyramid` on that raster; the same object as long as nothing has changed."""
        if raster != self._raster:
            self._values, self._raster, self._image = sampled(pyramid, raster), raster, None
            self._follow_zoom(pyramid, raster)
        if self._image is None:
            self._image = _image(self._colors.of(self._values))
        return self._image

    def _recolor(self) -> None:
        low, high = self.limits
        self._colors = PixelColors(low + self._shift, high + self._shift, self.table)
        self._image = None

    def _follow_zoom(self, pyramid: Pyramid, raster: Raster) -> None:
        """Move the limits along with what is typical for so many samples per pixel."""
        if not self._even:
            return
        step = abs(self.limits[1] - self.limits[0]) / _SHADES or 1.0
        shift = round(self._excess.of(pyramid, raster) / step) * step
        if shift != self._shift:
            self._shift = shift
            self._recolor()


def _image(words: NDArray[np.uint32]) -> QImage:
    rows, columns = words.shape
    borrowed = QImage(words.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return borrowed.copy()
