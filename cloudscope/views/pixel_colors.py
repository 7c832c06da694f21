"""From raw values to screen colours: contrast limits and colour map in one look-up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudscope.views.luts import Table

Colors = NDArray[np.uint32]

_INDEX_TYPES = {1: np.uint8, 2: np.uint16}


def color_words(table: Table) -> Colors:
    """256 words 0xFFRRGGBB of a (256, 3) table."""
    red, green, blue = table.astype(np.uint32).T
    words: Colors = (0xFF << 24) | (red << 16) | (green << 8) | blue
    return words


class PixelColors:
    """Colours values between two limits.

    Pixels of up to 16 bits are looked up in a table of every possible value, made once
    per change of the limits; wider ones are scaled one by one. NaN counts as lowest.
    """

    def __init__(self, low: float, high: float, table: Table) -> None:
        self._low = low
        self._factor = 255.0 / (high - low) if high > low else 0.0
        self._words = color_words(table)
        self._tables: dict[np.dtype[Any], Colors] = {}

    def of(self, values: NDArray[Any]) -> Colors:
        """Words 0xFFRRGGBB, same shape, contiguous."""
        dtype = values.dtype.newbyteorder("=")
        values = np.ascontiguousarray(values, dtype=dtype)
        if dtype.kind == "b":
            return self.of(values.view(np.uint8))
        if dtype.kind in "iu" and dtype.itemsize in _INDEX_TYPES:
            if dtype not in self._tables:
                self._tables[dtype] = self._table(dtype)
            return self._tables[dtype].take(values.view(_INDEX_TYPES[dtype.itemsize]))
        return self._words.take(self._index(values))

    def _table(self, dtype: np.dtype[Any]) -> Colors:
        """Colours by bit pattern, so that negative values need no offset."""
        every = np.arange(1 << (8 * dtype.itemsize), dtype=_INDEX_TYPES[dtype.itemsize])
        return self._words.take(self._index(every.view(dtype)))

    def _index(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Places in the map, 0 to 255."""
        wide = values if values.dtype.itemsize > 4 else values.astype(np.float32)
        if not self._factor:
            return np.where(wide > self._low, 255, 0).astype(np.uint8)
        with np.errstate(over="ignore", invalid="ignore"):  # marks of missing data end in a limit
            scaled = np.subtract(wide, self._low)
            scaled *= self._factor
        # One pass each, in place: this is most of the time of a picture of real numbers.
        np.fmax(scaled, 0.0, out=scaled)
        np.fmin(scaled, 255.0, out=scaled)
        index: NDArray[np.uint8] = np.rint(scaled, out=scaled).astype(np.uint8)
        return index
