"""Detectors that look for runs of rows: stalls, reversed flow, and gaps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._event_records import Finding
from acqcore.analysis._event_trace import OVERLAP, Bools, Trace
from acqcore.analysis._windows import Floats

TELLING = 0.8
"""Error bars that reach from zero beyond this part of the usual speed tell nothing."""
_STILL = 0.5
"""Nearer to the usual speed than to zero is no stall, however large the error bars."""
CREEP = 0.05
"""Part of the usual speed that counts as standing still, however small the errors are."""
_STRAY = OVERLAP - 1
"""So many rows may contradict a run: shorter than one window, they show no change of their own."""
_FEWEST = 2
_OF_MEDIAN = 1.25  # error of a median over that of a mean


def find_stalls(trace: Trace, sigma: float, shortest: float) -> list[Finding]:
    """Where zero lies within `sigma` standard errors, and these are small enough to tell.

    The usual speed is the median of the rows that surely move; without any there is none,
    and no stall. Ends lie where the speed passes half of it. What stands still in front of
    an empty or blurred stretch and again behind it is one stall.
    """
    speed, reach = np.abs(trace.y), sigma * trace.error
    moving = trace.usable & (speed > reach)
    if not moving.any():
        return []
    usual = float(np.median(speed[moving]))
    telling = trace.usable & (reach <= TELLING * usual)
    still = telling & (speed <= np.clip(reach, CREEP * usual, _STILL * usual))
    contrary = trace.usable & ~still & (telling | moving)
    found = []
    for first, last in _bridged(_runs(still, contrary), contrary):
        x0 = _crossing(trace, speed, _STILL * usual, first, -1, OVERLAP)
        x1 = _crossing(trace, speed, _STILL * usual, last, 1, OVERLAP)
        rows = first + np.flatnonzero(still[first : last + 1])
        middle = abs(float(np.median(trace.y[rows])))
        # Rows that are each too uncertain to differ from zero may do so together.
        together = _OF_MEDIAN * math.sqrt(min(1, OVERLAP / len(rows))) * np.median(reach[rows])
        near_zero = middle <= np.clip(together, CREEP * usual, _STILL / 2 * usual)
        if len(rows) >= _FEWEST and x1 - x0 >= shortest and near_zero:
            note = f"{100 * middle / usual:.0f} % of the usual speed"
            found.append(Finding("stall", x0, x1, note=note))
    return found


def find_reversals(trace: Trace, sigma: float, shortest: float) -> list[Finding]:
    """Flow against the prevailing direction, both of them beyond `sigma` standard errors.

    Ends lie where the velocity passes zero.
    """
    clear = trace.usable & (np.abs(trace.y) > sigma * trace.error)
    signs = np.where(clear, np.sign(trace.y), 0.0)
    prevailing = 1.0 if np.sum(signs) >= 0 else -1.0
    along = trace.y * prevailing
    opposite, with_flow = signs == -prevailing, signs == prevailing
    found = []
    # Rows that lean against the flow join a run of its clear ones.
    for begin, end in _runs(trace.usable & (along < 0), with_flow):
        rows = begin + np.flatnonzero(opposite[begin : end + 1])
        if len(rows) < _FEWEST or not _beside(with_flow, begin, end):
            continue
        x0 = _crossing(trace, along, 0.0, int(rows[0]), -1, len(trace))
        x1 = _crossing(trace, along, 0.0, int(rows[-1]), 1, len(trace))
        if trace.x[rows[-1]] - trace.x[rows[0]] >= shortest:
            mean = float(np.mean(trace.y[rows]))
            found.append(Finding("reversal", x0, x1, note=f"mean velocity {mean:.4g}"))
    return found


def find_gaps(trace: Trace, shortest: float) -> list[Finding]:
    """Where velocities are missing or flagged, from half a row before to half a row after."""
    if len(trace) == 0:
        return []
    bad = ~trace.usable
    half = _half_row(trace)
    found = []
    for first, last in _runs(bad, ~bad, stray=0, bridge=0):
        x0, x1 = float(trace.x[first]) - half, float(trace.x[last]) + half
        if x1 - x0 >= shortest:
            found.append(Finding("gap", x0, x1, note=f"{last - first + 1} rows"))
    return found


def _runs(
    yes: Bools, no: Bools, *, stray: int = _STRAY, bridge: int = OVERLAP
) -> Iterator[tuple[int, int]]:
    """First and last row of every run of `yes`.

    Between two of its rows lie at most `bridge` others, of which at most `stray` say `no`.
    """
    rows = np.flatnonzero(yes)
    if len(rows) == 0:
        return
    against: NDArray[np.int64] = np.cumsum(no)
    between: NDArray[np.int64] = against[rows[1:]] - against[rows[:-1]]
    cut = (np.diff(rows) > bridge + 1) | (between > stray)
    begins = np.concatenate([[0], np.flatnonzero(cut) + 1, [len(rows)]])
    for begin, end in pairwise(begins.tolist()):
        yield int(rows[begin]), int(rows[end - 1])


def _bridged(runs: Iterable[tuple[int, int]], no: Bools) -> Iterator[tuple[int, int]]:
    """Runs joined over rows that tell nothing, if these are fewer than either run has."""
    held: tuple[int, int] | None = None
    for first, last in runs:
        if held is not None:
            missing = first - held[1] - 1
            known = min(held[1] - held[0], last - first) + 1
            silent = np.count_nonzero(no[held[1] + 1 : first]) <= _STRAY
            if silent and missing < known:
                held = (held[0], last)
                continue
            yield held
        held = (first, last)
    if held is not None:
        yield held


def _crossing(trace: Trace, y: Floats, level: float, row: int, way: int, reach: int) -> float:
    """Where `y` rises above `level` on the way out from `row`, between two rows.

    Half a row beyond the last one if it does not within `reach` rows, or if a row that is
    not usable or the end of the trace comes before.
    """
    for _ in range(reach):
        after = row + way
        if not 0 <= after < len(y) or not trace.usable[after]:
            break
        if y[after] > level:
            if y[row] >= level:
                return float(trace.x[row] + trace.x[after]) / 2
            part = (level - y[row]) / (y[after] - y[row])
            return float(trace.x[row] + part * (trace.x[after] - trace.x[row]))
        row = after
    return float(trace.x[row]) + way * _half_row(trace)


def _beside(clear: Bools, first: int, last: int) -> bool:
    """Whether there are clear rows just before or just after a run."""
    reach = 2 * OVERLAP
    sides = clear[max(first - reach, 0) : first], clear[last + 1 : last + 1 + reach]
    return any(np.count_nonzero(side) >= _FEWEST for side in sides)


def _half_row(trace: Trace) -> float:
    # A trace of one row has no step, but an event must have an extent.
    return trace.step / 2 if math.isfinite(trace.step) else 0.5
