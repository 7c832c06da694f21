"""What the estimator keeps of a window: its power spectrum and where its energy is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acqcore.analysis._directions import Shape, cell_edges, frequencies
from acqcore.analysis._windows import Block

_WAVES_AT_ONCE = 200_000
"""What fits into the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Spectra:
    """Spectra of zero-padded windows, tiles added up; the window comes first.

    At frequencies (f, k) from 0 up, the power at (f, k) is even + 2 odd, at (-f, k) even - 2 odd.

    Attributes:
        even, odd: (window, frequency along time * frequency along space).
        energy: (window, cell): part of the squares that lies in each cell of the window.
        variance: Mean square per window.
    """

    even: Block
    odd: Block
    energy: Block
    variance: Block


class SpectrumMaker:
    """Transforms of one window shape, as two matrix products: faster than small FFTs."""

    def __init__(self, shape: Shape, scale: float) -> None:
        self.shape = shape
        times, spaces = frequencies(shape, scale)
        by_space = np.outer(np.arange(shape.width), spaces)
        waves = np.concatenate([np.cos(by_space), -np.sin(by_space)], axis=1)
        self._to_space = waves.astype(np.float32)
        by_time = np.outer(times, np.arange(shape.lines))
        self._to_time = np.concatenate([np.cos(by_time), np.sin(by_time)]).astype(np.float32)
        self._columns = _shares(shape.width).T.copy()
        self._lines = _shares(shape.lines)

    def spectra(self, block: Block) -> Spectra:
        """Of windows less their mean; columns beyond the last whole tile are left out."""
        shape = self.shape
        even, odd, energy = self._of_tile(block, 0)
        for tile in range(1, shape.tiles):
            more = self._of_tile(block, tile)
            even, odd, energy = even + more[0], odd + more[1], energy + more[2]
        count = len(block)
        energy = energy.reshape(count, -1)
        total = energy.sum(axis=1)
        share = energy / np.maximum(total, 1e-30)[:, None]
        return Spectra(even.reshape(count, -1), odd.reshape(count, -1), share, total / shape.pixels)

    def _of_tile(self, block: Block, tile: int) -> tuple[Block, Block, Block]:
        width = self.shape.width
        part = np.ascontiguousarray(block[:, :, tile * width : (tile + 1) * width])
        return *self._powers(part), self._energy(part)

    def _powers(self, block: Block) -> tuple[Block, Block]:
        count = self._to_space.shape[1] // 2
        even = np.empty((len(block), self.shape.lines + 1, count), np.float32)
        odd = np.empty_like(even)
        size = max(1, _WAVES_AT_ONCE // (len(self._to_time) * 2 * count))
        for first in range(0, len(block), size):
            part = slice(first, first + size)
            self._power_of(block[part], even[part], odd[part])
        return even, odd

    def _power_of(self, block: Block, even: Block, odd: Block) -> None:
        lines, count = self.shape.lines, even.shape[2]
        # Lines first: two large products instead of two per window.
        by_line = np.ascontiguousarray(block.swapaxes(0, 1)).reshape(-1, self.shape.width)
        waves = self._to_time @ (by_line @ self._to_space).reshape(lines, -1)
        waves = waves.reshape(len(self._to_time), len(block), 2 * count).swapaxes(0, 1)
        cosine, sine = waves[:, : lines + 1], waves[:, lines + 1 :]
        np.multiply(cosine[..., :count], sine[..., count:], out=odd)
        odd -= cosine[..., count:] * sine[..., :count]
        np.square(waves, out=waves)
        np.add(cosine[..., :count], cosine[..., count:], out=even)
        even += sine[..., :count]
        even += sine[..., count:]

    def _energy(self, block: Block) -> Block:
        squares = np.square(block).reshape(-1, self.shape.width) @ self._columns
        return np.asarray(self._lines @ squares.reshape(len(block), self.shape.lines, -1))


def _shares(size: int) -> Block:
    """(cell, place): how much of a place belongs to each cell."""
    before = np.clip(cell_edges(size)[:, None] - np.arange(size), 0, 1)
    return np.diff(before, axis=0).astype(np.float32)
