"""Lomb-Scargle power on a regular grid of frequencies, for samples at any times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from acqcore.analysis._windows import Floats

_SAMPLES_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` frequencies in Hz from `first` on, `step` apart."""

    first: float
    step: float
    count: int

    @classmethod
    def between(cls, low: float, high: float, step: float) -> Grid:
        """From `low` to at most `high`."""
        return cls(low, step, max(int((high - low) / step) + 1, 1))

    def __len__(self) -> int:
        return self.count

    def hz(self) -> Floats:
        """The frequencies."""
        return np.asarray(self.first + self.step * np.arange(self.count), np.float64)


def lomb_power(
    t: Floats,
    x: Floats,
    grid: Grid,
    tick: Callable[[], None] = lambda: None,
    *,
    exact: bool = True,
) -> Floats:
    """Classical Lomb-Scargle power (Scargle 1982) at every frequency of the grid.

    White noise of variance s2 has mean power s2; a sine of amplitude A in N samples
    N * A**2 / 4. `x` must have no mean. Not `exact`, sine and cosine are taken as
    orthogonal on the samples, for half the time. Frequency number a * B + b is the product of two
    rotations, so that ~2 * sqrt(count) exponentials per sample and one matrix product
    give the same sums as count exponentials. `tick` is called every few milliseconds.
    """
    blocks = max(round(np.sqrt(grid.count)), 1)
    fine_step = np.arange(-(-grid.count // blocks)) * grid.step
    coarse_hz = grid.first + np.arange(blocks) * len(fine_step) * grid.step
    first, second = np.zeros((2, blocks, len(fine_step)), complex)
    middle = t.mean() if len(t) else 0.0
    for start in range(0, len(t), _SAMPLES_AT_ONCE):
        tick()
        turned = -2j * np.pi * (t[start : start + _SAMPLES_AT_ONCE] - middle)
        coarse, fine = np.exp(np.outer(coarse_hz, turned)), np.exp(np.outer(turned, fine_step))
        first += (coarse * x[start : start + _SAMPLES_AT_ONCE]) @ fine
        if exact:
            second += coarse**2 @ fine**2
    return _power(first.ravel()[: grid.count], second.ravel()[: grid.count], len(t))


def _power(first: np.ndarray, second: np.ndarray, count: int) -> Floats:
    """Power from the sums of x * exp(-iwt) and of exp(-2iwt)."""
    uneven = np.abs(second)
    # Turning by half the angle of `second` makes sine and cosine orthogonal on the samples.
    turned = first * np.exp(-0.5j * np.angle(second))
    # At the Nyquist frequency one of the two vanishes on all samples.
    least = 1e-9 * max(count, 1)
    return np.asarray(
        turned.real**2 / np.maximum(count + uneven, least)
        + turned.imag**2 / np.maximum(count - uneven, least)
    )
