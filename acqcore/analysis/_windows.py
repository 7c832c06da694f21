"""Windows of consecutive scan lines, cut from a plane block by block.

The windows of a velocity analysis overlap fourfold; only one block of them exists at a
time, so that a recording of any length runs in little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Block = NDArray[np.float32]
Indices = NDArray[np.intp]

Tick = Callable[[float], None]
"""Told the fraction that is done, every few milliseconds; may raise `Cancelled`."""

_PIXELS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of equal height over the full width of a plane.

    Attributes:
        pixels: (line, pixel), any dtype.
        starts: First line of every window.
        lines: Height of a window.
        offset: One number per column that is subtracted from every line, or None.
    """

    pixels: NDArray[Any]
    starts: Indices
    lines: int
    offset: Floats | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def width(self) -> int:
        """Pixels of a line."""
        return int(self.pixels.shape[1])

    def cut(self, which: Indices | slice) -> NDArray[Any]:
        """The windows of these numbers as recorded: (window, line, pixel)."""
        views = np.lib.stride_tricks.sliding_window_view(self.pixels, self.lines, axis=0)
        return views[self.starts[which]].transpose(0, 2, 1)

    def block(self, which: Indices | slice) -> Block:
        """The same less `offset` and less each window's own mean, contiguous."""
        cut = np.ascontiguousarray(self.cut(which), np.float32)
        if self.offset is not None:
            cut -= self.offset.astype(np.float32)
        # Two steps: a mean of float32 pixels far from zero is not exact enough.
        cut -= cut.mean(axis=(1, 2), keepdims=True)
        cut -= cut.mean(axis=(1, 2), keepdims=True)
        return cut

    def only(self, which: Indices) -> Windows:
        """The windows of these numbers."""
        return Windows(self.pixels, self.starts[which], self.lines, self.offset)

    def batches(self, samples: int) -> Iterator[slice]:
        """Consecutive numbers of windows with about so many samples in all."""
        size = max(1, samples // (self.lines * self.width))
        for first in range(0, len(self), size):
            yield slice(first, min(first + size, len(self)))


def quarter_step_starts(num_lines: int, window_lines: int) -> Indices:
    """First lines of windows that advance by a quarter; empty when there is no room."""
    step = window_lines // 4
    return np.arange(max(num_lines // step - 3, 0), dtype=np.intp) * step


def column_means(pixels: NDArray[Any], still_here: Callable[[], None]) -> Floats:
    """Mean of every column over all lines; NaN pixels do not count."""
    total, count = np.zeros((2, pixels.shape[1]))
    lines = max(1, _PIXELS_AT_ONCE // pixels.shape[1])
    for first in range(0, len(pixels), lines):
        still_here()
        part = pixels[first : first + lines]
        known = np.isfinite(part)
        total += np.sum(part, axis=0, dtype=np.float64, where=known)
        count += known.sum(axis=0)
    return np.asarray(total / np.maximum(count, 1))


def saturation_level(pixels: NDArray[Any]) -> float:
    """The brightest value that the detector can store, or infinity if it was not reached.

    A 10-, 12- or 14-bit detector stores into 16 bits, so full scale is recognised by a
    brightest pixel of exactly 2**bits - 1.
    """
    if pixels.dtype.kind not in "iu" or pixels.size == 0:
        return np.inf
    brightest = int(pixels.max())
    full_scales = {2**bits - 1 for bits in (8, 10, 12, 14, 16)} | {np.iinfo(pixels.dtype).max}
    return float(brightest) if brightest in full_scales else np.inf
