"""Jumps of a vessel's walls that no vessel makes, and the median over neighbouring rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._diameter_profiles import Mask, middle
from acqcore.analysis._windows import Floats

_ROWS_AT_ONCE = 16_384

_LEFT, _RIGHT, _DIAMETER, _CENTER = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest changes from one row to the next, in pixels."""

    edge: float
    diameter: float
    center: float


@dataclass(frozen=True, slots=True)
class Gated:
    """Edges with the rejected ones NaN, and why they were."""

    left: Floats
    right: Floats
    edge: Mask
    diameter: Mask
    center: Mask


def gate(
    left: Floats, right: Floats, limits: Limits, confirm: int, still_here: Callable[[], None]
) -> Gated:
    """Reject rows that jump away from the last accepted one.

    A change that `confirm` rejected rows in a row agree on is real: they are accepted
    after all, but for the first, which lies on the jump.
    """
    verdicts = _verdicts(left, right, limits, confirm, still_here)
    whole = (verdicts & (_DIAMETER | _CENTER)) > 0
    return Gated(
        np.where(whole | ((verdicts & _LEFT) > 0), np.nan, left),
        np.where(whole | ((verdicts & _RIGHT) > 0), np.nan, right),
        (verdicts & (_LEFT | _RIGHT)) > 0,
        (verdicts & _DIAMETER) > 0,
        (verdicts & _CENTER) > 0,
    )


def _verdicts(
    left: Floats, right: Floats, limits: Limits, confirm: int, still_here: Callable[[], None]
) -> NDArray[np.uint8]:
    verdicts = np.zeros(len(left), np.uint8)
    accepted = doubted = (math.nan, math.nan)
    chain = 0
    for row, walls in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if row % _ROWS_AT_ONCE == 0:
            still_here()
        fault = _fault(walls, accepted, limits)
        if not fault:
            accepted, chain = _known(walls, accepted), 0
            continue
        agrees = chain > 0 and not _fault(walls, doubted, limits)
        chain = chain + 1 if agrees else 1
        doubted = _known(walls, doubted) if agrees else walls
        verdicts[row] = fault
        if chain >= confirm:
            verdicts[row - chain + 2 : row + 1] = 0
            accepted, chain = walls, 0
    return verdicts


def _fault(walls: tuple[float, float], last: tuple[float, float], limits: Limits) -> int:
    """What jumped; nothing if the walls or the last ones are not known."""
    (left, right), (last_left, last_right) = walls, last
    fault = _LEFT if abs(left - last_left) > limits.edge else 0
    if abs(right - last_right) > limits.edge:
        fault |= _RIGHT
    if fault:
        return fault
    if abs((right - left) - (last_right - last_left)) > limits.diameter:
        return _DIAMETER
    moved = abs((right + left) - (last_right + last_left)) / 2
    return _CENTER if moved > limits.center else 0


def _known(walls: tuple[float, float], last: tuple[float, float]) -> tuple[float, float]:
    left, right = walls
    return last[0] if math.isnan(left) else left, last[1] if math.isnan(right) else right


def median_filtered(values: Floats, kernel: int, still_here: Callable[[], None]) -> Floats:
    """Median of the numbers among `kernel` neighbours; NaN stays NaN."""
    if len(values) == 0:
        return values.copy()
    half = kernel // 2
    wide = np.pad(values, half, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(wide, kernel)
    filtered = np.full(len(values), np.nan)
    step = max(1, 4 * _ROWS_AT_ONCE // kernel)
    for first in range(0, len(values), step):
        still_here()
        block = slice(first, first + step)
        filtered[block] = middle(np.sort(windows[block], axis=-1))[0]
    filtered[~np.isfinite(values)] = np.nan
    return filtered
