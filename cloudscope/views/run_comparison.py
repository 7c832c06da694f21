"""Two runs of the same analysis on the same ROI, in one sentence."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cloudscope.views.quantities import MISSING, decimals_for, number
from cloudscope.views.trace_samples import TraceSamples

_ROUNDING = 1e-9


def comparison(before: TraceSamples, now: TraceSamples, unit: str) -> str:
    """`median 0.51 → 0.53 mm/s, 12 windows differ`, for the accepted windows of a curve."""
    old, fresh = _median(before), _median(now)
    decimals = _decimals(old, fresh)
    tail = f" {unit}" if unit else ""
    words = [number(one, decimals) if math.isfinite(one) else MISSING for one in (old, fresh)]
    median = f"median {words[0]} → {words[1]}{tail}"
    if before.x.size != now.x.size or not np.allclose(before.x, now.x):
        return f"{median}, {number(before.x.size, 0)} → {number(now.x.size, 0)} windows"
    count = int(np.count_nonzero(_differs(before, now)))
    if count == 0:
        return f"{median}, no window differs"
    return f"{median}, {number(count, 0)} {'window differs' if count == 1 else 'windows differ'}"


def _median(samples: TraceSamples) -> float:
    known = samples.y[np.isfinite(samples.y)]
    return float(np.median(known)) if known.size else math.nan


def _decimals(old: float, fresh: float) -> int:
    """Two digits of the difference, when that is what there is to see."""
    sizes = [abs(one) for one in (old, fresh) if math.isfinite(one)]
    if not sizes:
        return 2
    apart = abs(fresh - old)
    usual = decimals_for(max(sizes), 3)
    return usual if not apart > 0 else min(max(usual, decimals_for(apart)), usual + 2)


def _differs(before: TraceSamples, now: TraceSamples) -> NDArray[np.bool_]:
    known = np.isfinite(before.y) == np.isfinite(now.y)
    apart = np.abs(np.nan_to_num(before.y) - np.nan_to_num(now.y))
    size = np.maximum(np.abs(np.nan_to_num(now.y)), _ROUNDING)
    differs: NDArray[np.bool_] = ~known | (apart > _ROUNDING * size)
    return differs
