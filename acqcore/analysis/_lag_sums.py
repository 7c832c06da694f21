"""Sums over all pairs of pixels of a window, for every lag at once.

Products come from one zero-padded autocorrelation by FFT, squares from running sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._directions import Shape
from acqcore.analysis._windows import Block, Floats

Sums = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LagSums:
    """Sums over all pairs of pixels per lag: (window, tau, delta), see `Shape.pairs`.

    Attributes:
        squares: Of (I**2 + J**2) / 2 over the pairs (I, J).
        products: Of I J.
        variance: Mean of I**2 per window.
    """

    shape: Shape
    squares: Sums
    products: Sums
    variance: Floats

    @classmethod
    def of(cls, block: Block, shape: Shape) -> LagSums:
        """Sums of windows less their mean; columns beyond the last whole tile are left out."""
        used = block[:, :, : shape.tiles * shape.width]
        tiled = used.reshape(len(block), shape.lines, shape.tiles, shape.width)
        tiled = np.ascontiguousarray(tiled.swapaxes(1, 2))
        energy = np.square(tiled, dtype=np.float64).sum(axis=1)
        variance = energy.sum(axis=(1, 2)) / (shape.tiles * shape.lines * shape.width)
        return cls(shape, _square_sums(energy), _product_sums(tiled), variance)

    def half_differences(self, trust: float) -> Sums:
        """Of (I - J)**2 / 2, its squares drawn towards their average as far as not trusted."""
        average = (1 - trust) * self.variance.astype(np.float32)
        pairs = self.shape.pairs.astype(np.float32)
        sums = np.float32(trust) * self.squares - self.products
        sums += average[:, None, None] * pairs
        return sums


def _product_sums(tiled: NDArray[np.float32]) -> Sums:
    """Autocorrelation of (window, tile, line, pixel), tiles added up, by zero-padded FFT."""
    from scipy import fft  # heavy: not needed to list the analyses

    lines, width = tiled.shape[2:]
    padded_lines = fft.next_fast_len(2 * lines - 1)
    padded_width = fft.next_fast_len(2 * width - 1, real=True)
    spectrum = fft.fft(fft.rfft(tiled, padded_width), padded_lines, axis=2, overwrite_x=True)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    by_tau = fft.ifft(power, axis=1, overwrite_x=True)[:, 1:lines]
    sums = np.asarray(fft.irfft(by_tau, padded_width), np.float32)
    return np.concatenate([sums[:, :, 1 - width :], sums[:, :, :width]], axis=2)


def _square_sums(energy: Floats) -> Sums:
    """Half the sum of I**2 over both ends of all pairs per lag, from running sums."""
    count, lines, width = energy.shape
    # total[t, x]: over lines before t and pixels before x.
    total = np.zeros((count, lines + 1, width + 1))
    np.cumsum(np.cumsum(energy, axis=1), axis=2, out=total[:, 1:, 1:])
    whole = total[:, lines:, width:]
    early, late = slice(lines - 1, 0, -1), slice(1, lines)
    left = total[:, early, width:0:-1]
    right = whole - total[:, late, width:] - total[:, lines:, :width] + total[:, late, :width]
    forward = left + right
    right = total[:, early, width:] - total[:, early, 1:width]
    left = total[:, lines:, width - 1 : 0 : -1] - total[:, late, width - 1 : 0 : -1]
    backward = (left + right)[:, :, ::-1]
    return (np.concatenate([backward, forward], axis=2) / 2).astype(np.float32)


def pixel_weights(reader: Floats, shape: Shape) -> Floats:
    """(line, pixel): weight of each I**2 in `reader @ squares`, the adjoint of `_square_sums`."""
    lines, width = shape.lines, shape.width
    plane = reader.reshape(lines - 1, 2 * width - 1)
    forward, backward = np.zeros((lines, width)), np.zeros((lines, width))
    forward[1:] = plane[:, width - 1 :]
    backward[1:, 1:] = plane[:, width - 2 :: -1] if width > 1 else 0
    ends = forward.cumsum(axis=0).cumsum(axis=1)
    ends_back = backward.cumsum(axis=0).cumsum(axis=1)
    both = ends + ends[::-1, ::-1] + ends_back[:, ::-1] + ends_back[::-1, :]
    return np.asarray(both / 2)
