"""Two results of one recording on one clock: their values, a common time base, filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.analysis import analyses
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.record import AnalysisRecord

Floats = NDArray[np.float64]

SAME_TIME_S = 1e-9
"""Times that differ by less are equal, and steps that do are one step."""
_LONGEST_GAP = 1.5  # steps over which values may be interpolated


@dataclass(frozen=True, slots=True)
class Signal:
    """Values over time.

    Attributes:
        time_s: Seconds from the first line of the recording, ascending (lines in one that
            is not calibrated).
        values: NaN where there is none.
        name: What the values are, for messages.
    """

    time_s: Floats
    values: Floats
    name: str = "signal"

    @classmethod
    def of_arrays(cls, time_s: ArrayLike, values: ArrayLike, name: str = "signal") -> Signal:
        """Check arrays: one dimension, equally long, times finite and ascending."""
        time, numbers = np.asarray(time_s, np.float64), np.asarray(values, np.float64)
        if time.ndim != 1 or time.shape != numbers.shape or len(time) < 2:
            raise InvalidParameter(f"The {name} is no row of two or more times and values.")
        if not np.all(np.diff(time) > 0):
            raise InvalidParameter(f"The times of the {name} do not ascend.")
        return cls(time, np.where(np.isfinite(numbers), numbers, np.nan), name)

    @classmethod
    def of(cls, record: AnalysisRecord, column: str = "") -> Signal:
        """A column of a finished run, by default that of its first curve; flagged rows are NaN.

        `CannotRun` without such rows. Times count from the first line of the recording, so
        that results of different ROIs fit together.
        """
        method = analyses().get(record.key.analysis_name)
        table, title = record.table, method.title if method else record.key.analysis_name
        if method is None or not method.curves or table is None:
            raise CannotRun(f"{title} has no trace to compare.")
        curve = method.curves[0]
        wanted = column or curve.y
        missing = {curve.x, wanted} - set(table.names)
        if missing:
            raise CannotRun(f"{title} has no column {min(missing)}.")
        values = np.array(table[wanted], np.float64)
        if curve.flag in table.names and wanted == curve.y:
            values[table[curve.flag].astype(str) != ""] = np.nan
        time = np.asarray(table[curve.x], np.float64) + start_of(record)
        return cls.of_arrays(time, values, title)

    @property
    def step_s(self) -> float:
        """Time from sample to sample."""
        return float(np.median(np.diff(self.time_s)))

    @property
    def is_uniform(self) -> bool:
        """Whether all steps are the same."""
        return bool(np.all(np.abs(np.diff(self.time_s) - self.step_s) <= SAME_TIME_S))

    def on(self, base: Floats) -> Floats:
        """The values at other, evenly spaced times; NaN outside and in gaps.

        Where the samples lie closer than `base`, the mean of those around each time, so
        that no noise is folded in; else between the two nearest samples.
        """
        known = np.isfinite(self.values)
        time, values = self.time_s[known], self.values[known]
        result = np.full(len(base), np.nan)
        if len(time) == 0:
            return result
        step = float(base[1] - base[0])
        if step >= 2 * self.step_s:
            place = np.floor((time - base[0]) / step + 0.5).astype(np.intp)
            inside = (place >= 0) & (place < len(base))
            count = np.bincount(place[inside], minlength=len(base))
            total = np.bincount(place[inside], values[inside], minlength=len(base))
            np.divide(total, count, out=result, where=2 * count * self.step_s >= step)
            return result
        after = np.clip(np.searchsorted(time, base), 1, max(len(time) - 1, 1))
        wide = time[np.minimum(after, len(time) - 1)] - time[after - 1]
        near = wide <= _LONGEST_GAP * self.step_s
        near &= (base >= time[0] - SAME_TIME_S) & (base <= time[-1] + SAME_TIME_S)
        return np.where(near, np.interp(base, time, values), np.nan)


def start_of(record: AnalysisRecord) -> float:
    """When the first line of a record's ROI was scanned, on the clock of the recording."""
    ran = record.provenance
    return max(ran.geometry[0], 0) * ran.steps[0] if ran and ran.geometry else 0.0


def same_clock(*records: AnalysisRecord) -> None:
    """`CannotRun` for results with different line times: one of them is out of date."""
    steps = {one.provenance.steps[0] for one in records if one.provenance}
    if len(steps) > 1:
        raise CannotRun("The two results were computed with different line times: run them again.")


def on_common_base(one: Signal, other: Signal, strict: bool) -> tuple[Floats, Floats, Floats]:
    """Times and the values of both, on one even time base.

    Signals that share even times are taken as they are. Else the base has the larger of the
    two steps and covers what both cover; `strict` forbids that (`CannotRun`).
    """
    same = len(one.time_s) == len(other.time_s) and bool(
        np.all(np.abs(one.time_s - other.time_s) <= SAME_TIME_S)
    )
    if same and one.is_uniform:
        return one.time_s, one.values, other.values
    if strict:
        raise CannotRun(f"{one.name} and {other.name} are not sampled at the same even times.")
    step = max(one.step_s, other.step_s)
    first = max(one.time_s[0], other.time_s[0])
    last = min(one.time_s[-1], other.time_s[-1])
    count = int(np.floor((last - first) / step + 1e-6)) + 1
    if count < 2:
        raise CannotRun(f"{one.name} and {other.name} have no time in common.")
    base = first + step * np.arange(count)
    return base, one.on(base), other.on(base)


def evenly(signal: Signal) -> tuple[Floats, Floats]:
    """Times and values of a signal on an even time base of its own step."""
    if signal.is_uniform:
        return signal.time_s, signal.values
    span = signal.time_s[-1] - signal.time_s[0]
    base = signal.time_s[0] + signal.step_s * np.arange(int(span / signal.step_s + 1e-6) + 1)
    return base, signal.on(base)


@dataclass(frozen=True, slots=True)
class Filter:
    """How a signal is smoothed: `none`, `median`, or `savgol` with a polynomial order."""

    method: str = "none"
    points: int = 3
    order: int = 3

    def __post_init__(self) -> None:
        if self.method not in ("none", "median", "savgol"):
            raise InvalidParameter(f"A filter is none, median or savgol, not {self.method!r}.")
        if self.points < 1 or self.points % 2 == 0:
            raise InvalidParameter("A filter spans an odd number of points.")
        if self.method == "savgol" and not 0 <= self.order < self.points:
            raise InvalidParameter("The order of a Savitzky-Golay filter is below its points.")

    def apply(self, values: Floats) -> Floats:
        """Smoothed values; gaps are bridged by straight lines, nothing at all is zeros."""
        from scipy.signal import medfilt, savgol_filter  # heavy: only where signals are coupled

        bridged = without_gaps(values)
        if self.method == "none" or self.points > len(values):
            return bridged
        if self.method == "median":
            return np.asarray(medfilt(bridged, self.points), np.float64)
        return np.asarray(savgol_filter(bridged, self.points, self.order), np.float64)


def without_gaps(values: Floats) -> Floats:
    """Missing values on straight lines between their neighbours; all missing: zeros."""
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        return np.zeros(len(values))
    places = np.arange(len(values))
    return np.interp(places, places[known], values[known])
