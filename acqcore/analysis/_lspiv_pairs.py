"""Pairs of scan lines compared at every whole displacement, summed over windows.

A pair is two lines that lie `shift` lines apart. What a window holds are the mean squared
differences of its pairs,

    gamma(k) = mean of (I(t, x) - I(t + shift, x + k))**2 / 2,

over exactly the pixels that both lines show: products from zero-padded FFTs of the lines,
squares from running sums. A mean over the overlap has no preference for small
displacements, which a correlation that runs around the ends or fades towards them has.

Phase weighting, with which the method was published, divides the spectra by a power of
their amplitude, so that edges count more than the bulk of the cells. Here the amplitude is
the recording's mean, not each line's own: a weighting that is the same everywhere is a
filter of few pixels, which can be kept off the ends of the lines. Ends that were filtered
against nothing look like an edge that never moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Block, Floats, Indices, Windows

_SAMPLES_AT_ONCE = 200_000
_SAMPLED_LINES = 2_000
_FILTER_REACH = 8
_SPECTRUM_FLOOR = 1e-3

PHASE_WEIGHTS = {"none": 0.0, "symmetric": 0.5, "full": 1.0}
"""Power of the amplitude by which the product of two lines' spectra is divided, halved."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """How the lines of a window are paired.

    Attributes:
        lines: Lines of a window.
        width: Pixels of a line, after filtering.
        shift: Lines between the two of a pair, less than `lines`.
        kernel: Symmetric filter along the lines, or None.
    """

    lines: int
    width: int
    shift: int
    kernel: Floats | None = None

    @property
    def count(self) -> int:
        """Pairs in a window."""
        return self.lines - self.shift

    @property
    def unfiltered(self) -> Pairs:
        """The pairs as recorded."""
        if self.kernel is None:
            return self
        return replace(self, width=self.width + len(self.kernel) - 1, kernel=None)

    @property
    def noise_covariance(self) -> Floats:
        """What the filter makes of white noise of unit variance, from minus to plus its reach."""
        kernel = np.ones(1) if self.kernel is None else self.kernel
        return np.convolve(kernel, kernel[::-1])

    @property
    def reach(self) -> int:
        """Largest displacement that is looked at: a quarter of the width still overlaps."""
        return max(int(0.75 * (self.width - 1)), 1)

    @property
    def lags(self) -> Indices:
        """Displacements, ascending, `2 * reach + 1` of them."""
        return np.arange(-self.reach, self.reach + 1)

    def overlap(self, displacement: Floats | Indices) -> Floats:
        """Pixels that are compared in a window at a displacement."""
        pairs: Floats = self.count * np.maximum(self.width - np.abs(displacement), 1.0)
        return pairs


@dataclass(frozen=True, slots=True)
class Differences:
    """Squared differences of windows: gamma = energy + uneven - products.

    Attributes:
        energy: Mean square of the pixels, one per window.
        uneven: Mean half square of the pixels compared at a lag, less `energy`.
        products: Mean product of the pixels compared, (window, lag).
    """

    energy: Floats
    uneven: Floats
    products: Floats

    def gamma(self, trust: float) -> Floats:
        """(window, lag), with the unevenness of the squares as far as trusted, 0..1."""
        return np.asarray(self.energy[:, None] + trust * self.uneven - self.products)


def window_differences(
    windows: Windows, pairs: Pairs, still_here: Callable[[float], None]
) -> Iterator[Differences]:
    """Block after block of windows, in order."""
    span = max(_SAMPLES_AT_ONCE // pairs.width - pairs.lines, 1)
    first = 0
    while first < len(windows):
        still_here(first / len(windows))
        last = int(np.searchsorted(windows.starts, windows.starts[first] + span))
        starts = windows.starts[first : max(last, first + 1)]
        stop = int(starts[-1]) + pairs.lines
        block = _lines(windows, int(starts[0]), stop, pairs.kernel)
        yield _differences(block, starts - starts[0], pairs)
        first += len(starts)


def _lines(windows: Windows, first: int, stop: int, kernel: Floats | None) -> Block:
    """Lines less the offset of their columns; what is no number counts as the offset."""
    block = np.array(windows.pixels[first:stop], np.float32)
    if windows.offset is not None:
        block -= windows.offset.astype(np.float32)
    if not np.isfinite(block).all():
        block[~np.isfinite(block)] = 0
    return block if kernel is None else _filtered(block, kernel)


def _filtered(block: Block, kernel: Floats) -> Block:
    """Lines without the ends, which the kernel overlaps."""
    width = block.shape[1] - len(kernel) + 1
    total = np.zeros((len(block), width), np.float32)
    for number, weight in enumerate(kernel):
        total += np.float32(weight) * block[:, number : number + width]
    return total


def weighted_pairs(windows: Windows, plain: Pairs, weights: float) -> Pairs:
    """The same pairs with a filter that divides by a power of the mean amplitude."""
    reach = min(_FILTER_REACH, (plain.width - 1) // 8)
    if not weights or not reach:
        return plain
    covariance = line_covariance(windows, plain)[: 4 * reach]
    fade = np.cos(np.pi / 2 * np.arange(len(covariance)) / len(covariance)) ** 2
    half = covariance * fade
    power = np.fft.rfft(np.concatenate([half, [0], half[:0:-1]])).real
    power = np.maximum(power / max(power.max(), 1e-30), _SPECTRUM_FLOOR)
    response = np.fft.irfft(power ** (-weights / 2))
    taps = np.arange(-reach, reach + 1)
    kernel = response[taps] * np.cos(np.pi / 2 * taps / (reach + 1)) ** 2
    return replace(plain, width=plain.width - 2 * reach, kernel=kernel)


def _differences(block: Block, starts: Indices, pairs: Pairs) -> Differences:
    from scipy import fft  # heavy: not needed to list the analyses

    length = fft.next_fast_len(pairs.width + pairs.reach, real=True)
    spectrum = fft.rfft(block, length, axis=1)
    cross = _window_sums(spectrum[: -pairs.shift].conj() * spectrum[pairs.shift :], starts, pairs)
    products = fft.irfft(cross, length, axis=1)[:, pairs.lags] / pairs.overlap(pairs.lags)
    energy, uneven = _squares(block, starts, pairs)
    return Differences(energy, uneven, np.asarray(products, np.float64))


def _window_sums(rows: NDArray[Any], starts: Indices, pairs: Pairs) -> NDArray[Any]:
    """Sums of the rows `start .. start + pairs.count` of every window."""
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), rows.dtype)])
    ends = np.ravel([starts, starts + pairs.count], order="F")
    return np.add.reduceat(padded, ends, axis=0)[::2]


def _squares(block: Block, starts: Indices, pairs: Pairs) -> tuple[Floats, Floats]:
    """`energy` and `uneven` of `Differences`."""
    square = np.square(block, dtype=np.float64)
    zero = np.zeros((len(starts), 1))
    earlier = _window_sums(square[: -pairs.shift], starts, pairs)
    later = _window_sums(square[pairs.shift :], starts, pairs)
    energy = (earlier + later).sum(axis=1) / (2 * pairs.count * pairs.width)
    # total[x]: over the pixels before x.
    early, late = (np.cumsum(np.hstack([zero, one]), axis=1) for one in (earlier, later))
    width, distance = pairs.width, np.arange(pairs.reach + 1)
    right = early[:, width - distance] + late[:, [width]] - late[:, distance]
    left = late[:, width - distance] + early[:, [width]] - early[:, distance]
    squares = np.hstack([left[:, :0:-1], right]) / 2
    return energy, squares / pairs.overlap(pairs.lags) - energy[:, None]


def uneven_by_noise(pairs: Pairs) -> Floats:
    """Variance of `uneven` per lag, for pixels whose squares vary with variance 1."""
    x = np.arange(pairs.width)
    distance = np.abs(pairs.lags)[:, None]
    seen = ((x < pairs.width - distance) * 0.5 + (x >= distance) * 0.5) / (pairs.width - distance)
    return np.asarray(np.sum((seen - 1 / pairs.width) ** 2, axis=1) / pairs.count)


def line_covariance(windows: Windows, pairs: Pairs) -> Floats:
    """Mean product of pixels of one line, by distance 0 .. width - 1, of sampled lines."""
    from scipy import fft  # heavy: see above

    stride = max(1, len(windows.pixels) // _SAMPLED_LINES)
    sampled = Windows(windows.pixels[::stride], windows.starts[:1], 1, windows.offset)
    block = _lines(sampled, 0, len(sampled.pixels), pairs.kernel)
    length = fft.next_fast_len(2 * pairs.width, real=True)
    spectrum = fft.rfft(block, length, axis=1)
    power = np.abs(spectrum) ** 2
    products = fft.irfft(power.mean(axis=0, dtype=np.float64), length)[: pairs.width]
    return np.asarray(products / (pairs.width - np.arange(pairs.width)))
