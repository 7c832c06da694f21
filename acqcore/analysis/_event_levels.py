"""Detector of lasting changes of the flow: moving sums before and after every row.

The statistic is the difference of the means of two neighbouring stretches over its standard
error (MOSUM); the probability that its largest value is chance follows Eichinger and Kirch
(2018, Bernoulli 24:526-564). Heart beats and overlapping windows make neighbours alike, so
the standard error comes from means of blocks, not from the scatter of rows. The stretch in
which the change lies with 95 % confidence is that of Bai (1997, Rev Econ Stat 79:551-563).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from acqcore.analysis._event_records import Finding
from acqcore.analysis._event_trace import OVERLAP, Bools, Trace, robust_deviation
from acqcore.analysis._windows import Floats, Indices

_FEWEST_ROWS = 2 * OVERLAP
_HALF_FULL = 0.5
_BLOCKS = (4, 3, 2)
"""Blocks per stretch from whose means the long-run scatter is taken, whichever is largest."""
_CONFIDENCE = 11.0  # Bai's 95 % quantile, rounded up
_CLIP = 5.0  # scatters beyond which a row is an outlier
_MEDIAN_ROWS, _MEDIAN_CHUNK = 41, 20_000


def find_changes(
    trace: Trace,
    level_time: float,
    smallest: float,
    chance: float,
    still_here: Callable[[], None],
) -> list[Finding]:
    """Changes of the speed that last `level_time` on both sides.

    Args:
        smallest: Part of the level before by which the speed must change.
        chance: Accepted probability that a trace without any change gives an event.
        still_here: Called every few milliseconds; may raise `Cancelled`.
    """
    rows = round(level_time / trace.step) if trace.step > 0 else 0
    # Three stretches: with fewer, the scatter is that of the change itself.
    if rows < _FEWEST_ROWS or len(trace) < 3 * rows:
        return []
    along = 1.0 if np.median(trace.y[trace.usable] if trace.usable.any() else 0.0) >= 0 else -1.0
    speed = _without_outliers(along * trace.y, trace.usable, still_here)
    before, after, count = _levels(speed, trace.usable, rows)
    scatter = _long_run_scatter(speed, trace.usable, rows)
    if not scatter > 0:
        return []
    score = (after - before) / (scatter * np.sqrt(2 / np.maximum(count, 1)))
    found = []
    for row in _peaks(np.abs(score), rows):
        by_chance = chance_of(abs(float(score[row])), len(trace) / rows)
        step = float(after[row] - before[row])
        if by_chance <= chance and abs(step) >= smallest * abs(before[row]):
            half = OVERLAP / 2 + _CONFIDENCE * (scatter / step) ** 2
            found.append(_finding(trace, row, min(half, rows / 2), step, before[row], by_chance))
    return found


def _finding(
    trace: Trace, row: int, half: float, step: float, before: float, by_chance: float
) -> Finding:
    # The change lies between this row and the one before it.
    middle = float(trace.x[row] + trace.x[row - 1]) / 2
    part = f"{100 * step / abs(before):+.0f} %" if before else f"{step:+.4g}"
    kind = "rise" if step > 0 else "fall"
    extent = half * trace.step
    note = f"speed {part}, p = {by_chance:.1g}"
    return Finding("baseline", middle - extent, middle + extent, kind, note)


def chance_of(score: float, stretches: float) -> float:
    """Probability that the largest statistic of a trace without change is beyond `score`.

    `stretches` is the length of the trace in stretches; the asymptotic law of the maximum.
    """
    log = math.log(stretches)
    root = math.sqrt(2 * log)
    centre = 2 * log + 0.5 * math.log(log) + math.log(1.5) - 0.5 * math.log(math.pi)
    return -math.expm1(-2 * math.exp(-(root * score - centre)))


def _without_outliers(y: Floats, usable: Bools, still_here: Callable[[], None]) -> Floats:
    """The trace with single wild rows drawn in to its running median; unusable rows 0."""
    from scipy.ndimage import median_filter  # heavy: only where changes are looked for

    known = np.flatnonzero(usable)
    values, middle = y[known], np.empty(len(known))
    for start in range(0, len(known), _MEDIAN_CHUNK):
        still_here()
        low = max(start - _MEDIAN_ROWS, 0)
        part = median_filter(values[low : start + _MEDIAN_CHUNK + _MEDIAN_ROWS], _MEDIAN_ROWS)
        middle[start : start + _MEDIAN_CHUNK] = part[start - low :][:_MEDIAN_CHUNK]
    reach = _CLIP * robust_deviation(values - middle)
    clean = np.zeros(len(y))
    clean[known] = middle + np.clip(values - middle, -reach, reach)
    return clean


def _levels(y: Floats, usable: Bools, rows: int) -> tuple[Floats, Floats, Floats]:
    """Means of the stretches before and from every row, and how many rows each rests on.

    NaN and 0 where a stretch is cut by the end of the trace or less than half full.
    """
    total = np.concatenate([[0.0], np.cumsum(y)])
    known = np.concatenate([[0], np.cumsum(usable)])
    sums, counts = total[rows:] - total[:-rows], known[rows:] - known[:-rows]
    means = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=means, where=counts >= _HALF_FULL * rows)
    before, after, least = np.full((3, len(y)), np.nan)
    inner = slice(rows, len(y) - rows + 1)
    before[inner], after[inner] = means[: len(means) - rows], means[rows:]
    # Two stretches of different fullness: the harmonic mean of their counts.
    first, second = counts[: len(means) - rows], counts[rows:]
    least[inner] = 2 / (1 / np.maximum(first, 1) + 1 / np.maximum(second, 1))
    return before, after, np.where(np.isfinite(before) & np.isfinite(after), least, 0)


def _long_run_scatter(y: Floats, usable: Bools, rows: int) -> float:
    """Standard deviation per row that gives that of a mean of many rows; NaN if unknown.

    From differences of block means, by their median: a few changes do not count.
    """
    found = [_block_scatter(y, usable, max(rows // part, OVERLAP)) for part in _BLOCKS]
    known = [one for one in found if math.isfinite(one)]
    return max(known, default=math.nan)


def _block_scatter(y: Floats, usable: Bools, size: int) -> float:
    whole = len(y) // size
    counts = usable[: whole * size].reshape(whole, size).sum(axis=1)
    sums = y[: whole * size].reshape(whole, size).sum(axis=1)
    full = counts >= _HALF_FULL * size
    means = sums[full] / counts[full]
    # Not neighbours: their windows overlap. Two apart they share nothing.
    apart = means[2:] - means[:-2]
    if len(apart) < 4:
        return math.nan
    return robust_deviation(apart) / math.sqrt(2) * math.sqrt(float(np.mean(counts[full])))


def _peaks(score: Floats, rows: int) -> Indices:
    """Rows at which the score is the largest within half a stretch, or rather one."""
    from scipy.ndimage import maximum_filter1d

    filled = np.where(np.isfinite(score), score, -1.0)
    largest = maximum_filter1d(filled, 2 * (rows // 2) + 1)
    rows_of = np.flatnonzero((filled == largest) & (filled > 0))
    # A flat top is one peak.
    first = np.concatenate([[True], np.diff(rows_of) > rows // 2])
    return rows_of[first] if len(rows_of) else rows_of
