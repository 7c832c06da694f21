"""A velocity without its faults: what was set aside, and by which rule, is recorded.

The measured velocity stays as it is in its own record; removing this one undoes it all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Floats
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.errors import CannotRun
from acqcore.model.record import AnalysisRecord
from acqcore.model.schema import described

_PARENT = "radon_velocity"
_NORMAL = 1.4826  # standard deviation of a normal distribution over its median deviation
_FEWEST = 5
_ROWS_AT_ONCE = 4096

Rules = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class CleaningParameters:
    """Knobs of `VelocityCleaning`; each rule can be turned off."""

    drop_flagged: bool = described(
        True,
        title="Drop flagged",
        help="Set aside the velocities that carry a flag.",
    )
    outlier_deviations: float = described(
        5.0,
        title="Outlier limit",
        unit="SD",
        minimum=0.0,
        help="Set aside what lies farther from the running median than this many robust "
        "standard deviations. 0 turns the rule off.",
    )
    outlier_reach: int = described(
        16,
        title="Outlier reach",
        unit="windows",
        minimum=4,
        maximum=10_000,
        help="Velocities on either side that the running median looks at.",
    )
    longest_gap: int = described(
        8,
        title="Longest gap",
        unit="windows",
        minimum=0,
        maximum=10_000,
        help="Gaps of at most so many velocities are filled by straight lines. 0 fills none.",
    )


class VelocityCleaning(Analysis[CleaningParameters]):
    """Flagged velocities and outliers set aside, short gaps filled."""

    name = "velocity_cleaning"
    title = "Cleaned velocity"
    place = 15
    Parameters = CleaningParameters
    columns = (
        Column("time_s", "s", "Time", "Middle of the window, from the first line of the ROI."),
        Column("time_index", "lines", "Line", "Middle of the window, from the ROI's first line."),
        Column("velocity", "um/s", "Velocity", "Positive towards higher columns."),
        Column("velocity_se", "um/s", "Standard error", "Of measured velocities only."),
        Column("rule", "", "Rule", "missing, flagged or outlier: why it was set aside."),
        Column("filled", "", "Filled", "1 where a straight line took its place, else 0."),
    )
    curves = (
        Curve("time_s", "velocity", error="velocity_se", quantity="velocity", title="Velocity"),
    )
    depends_on: ClassVar[tuple[str, ...]] = (_PARENT,)

    def run(self, inputs: Inputs, parameters: CleaningParameters, context: RunContext) -> Result:
        """One row per row of the velocity; `CannotRun` when there is none."""
        time_s, time_index, measured, error, flagged = _columns(inputs.parents[_PARENT])
        rule = np.full(len(measured), "", "U8")
        rule[~np.isfinite(measured)] = "missing"
        if parameters.drop_flagged:
            rule[flagged] = "flagged"
        velocity = np.where(rule == "", measured, np.nan)
        if parameters.outlier_deviations:
            rule[_outliers(velocity, error, parameters, context)] = "outlier"
        velocity = np.where(rule == "", measured, np.nan)
        velocity, filled = _filled(velocity, time_index, parameters.longest_gap)
        table = {
            "time_s": time_s,
            "time_index": time_index,
            "velocity": velocity,
            "velocity_se": np.where(rule == "", error, np.nan),
            "rule": rule,
            "filled": filled.astype(np.int64),
        }
        return Result(table, _summary(velocity, rule, filled))


def _columns(
    parent: AnalysisRecord,
) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    table = parent.table
    if table is None or not {"time_s", "velocity"} <= set(table.names) or not len(table):
        raise CannotRun("The velocities of the same ROI are not there.")
    time_s, velocity = (np.asarray(table[name], np.float64) for name in ("time_s", "velocity"))
    unknown = np.full(len(time_s), np.nan)
    # Another program's table may lack these.
    index = np.asarray(table["time_index"], float) if "time_index" in table.names else time_s
    error = np.asarray(table["velocity_se"], float) if "velocity_se" in table.names else unknown
    flagged = np.zeros(len(time_s), bool)
    if "flag" in table.names:
        flagged = np.asarray(table["flag"].astype(str) != "")
    return time_s, index, velocity, error, flagged


def _outliers(
    velocity: Floats, error: Floats, parameters: CleaningParameters, context: RunContext
) -> NDArray[np.bool_]:
    """Far from the running median, in units of the scatter about it (Hampel's identifier).

    The scatter is taken to be no less than usual, nor than the usual standard error, so
    that a quiet stretch does not make its neighbours outliers.
    """
    reach = parameters.outlier_reach
    middle, count = _running_median(velocity, reach, context)
    away = np.abs(velocity - middle)
    scatter = _NORMAL * _running_median(away, reach, context)[0]
    known = np.isfinite(velocity)
    least = [_median(values[known]) for values in (scatter, error)]
    limit = parameters.outlier_deviations * np.maximum(scatter, max(least))
    return np.asarray((away > limit) & (count >= _FEWEST))


def _median(values: Floats) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else 0.0


def _running_median(values: Floats, reach: int, context: RunContext) -> tuple[Floats, Floats]:
    """Median of the finite values up to `reach` rows away, and how many those are."""
    around = np.pad(values, reach, constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(around, 2 * reach + 1)
    middle, count = np.full((2, len(values)), np.nan)
    size = max(1, _ROWS_AT_ONCE * 32 // (2 * reach + 1))
    for first in range(0, len(values), size):
        context.progress(first / len(values), "Looking for outliers")
        part = slice(first, first + size)
        ordered = np.sort(views[part], axis=1)  # NaN last
        known = np.isfinite(ordered).sum(axis=1)
        row = np.arange(len(ordered))
        low, high = np.maximum(known - 1, 0) // 2, known // 2
        middle[part] = (ordered[row, low] + ordered[row, high]) / 2
        count[part] = known
    return middle, count


def _filled(velocity: Floats, x: Floats, longest: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Gaps of at most `longest` rows, between two known ones, bridged by straight lines."""
    known = np.flatnonzero(np.isfinite(velocity))
    fill = np.zeros(len(velocity), bool)
    for before, after in pairwise(known.tolist()):
        if 1 < after - before <= longest + 1:
            fill[before + 1 : after] = True
    bridged = velocity.copy()
    if fill.any():
        bridged[fill] = np.interp(x[fill], x[known], velocity[known])
    return bridged, fill


def _summary(velocity: Floats, rule: Rules, filled: NDArray[np.bool_]) -> dict[str, float | None]:
    used = velocity[np.isfinite(velocity)]
    return {
        "num_windows": len(velocity),
        "num_missing": int(np.count_nonzero(rule == "missing")),
        "num_flagged": int(np.count_nonzero(rule == "flagged")),
        "num_outliers": int(np.count_nonzero(rule == "outlier")),
        "num_filled": int(np.count_nonzero(filled)),
        "velocity_mean": float(used.mean()) if len(used) else None,
        "velocity_median": float(np.median(used)) if len(used) else None,
    }
