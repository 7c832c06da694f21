"""The velocity as events see it: sorted in time, with its errors, and what is not to be used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Floats
from acqcore.analysis.radon_velocity import RadonVelocity
from acqcore.errors import CannotRun
from acqcore.model.record import AnalysisRecord, ResultTable

Bools = NDArray[np.bool_]

PARENT = RadonVelocity.name
CURVE = RadonVelocity.curves[0]
OVERLAP = 4
"""Windows of the velocity advance by a quarter: so many neighbours share a scan line."""
_NORMAL = 1.4826  # standard deviation of a normal distribution over its median deviation


@dataclass(frozen=True, slots=True)
class Trace:
    """A value over time; all arrays have one entry per row of the parent.

    Attributes:
        x: Seconds from the first line of the ROI (lines without calibration), ascending.
        y: The velocity, NaN where there is none.
        error: One standard error of `y`; from the trace's own noise where the parent gives none.
        usable: False where `y` is not finite or flagged.
        step: Time from row to row; NaN for fewer than two rows.
    """

    x: Floats
    y: Floats
    error: Floats
    usable: Bools
    step: float

    @classmethod
    def of(cls, parent: AnalysisRecord) -> Trace:
        """The velocity of a finished run; `CannotRun` when it has no such table."""
        table = parent.table
        if table is None or not {CURVE.x, CURVE.y} <= set(table.names):
            raise CannotRun("Events need the velocities of the same ROI, which are not there.")
        x, y = (np.asarray(table[name], np.float64) for name in (CURVE.x, CURVE.y))
        order = np.flatnonzero(np.isfinite(x))
        order = order[np.argsort(x[order], kind="stable")]
        y = np.where(np.isfinite(y), y, np.nan)
        usable = np.isfinite(y) & ~_flagged(table)
        error = _column(table, CURVE.error)
        given = usable & np.isfinite(error) & (error >= 0)
        error = np.where(given, error, _own_noise(y[order], usable[order]))
        x = x[order]
        step = float(np.median(np.diff(x))) if len(x) > 1 else math.nan
        return cls(x, y[order], error[order], usable[order], step)

    def __len__(self) -> int:
        return len(self.x)


def _flagged(table: ResultTable) -> Bools:
    # Another program's table has no flags.
    if CURVE.flag not in table.names:
        return np.zeros(len(table), bool)
    return np.asarray(table[CURVE.flag].astype(str) != "")


def _column(table: ResultTable, name: str) -> Floats:
    if name not in table.names:
        return np.full(len(table), np.nan)
    return np.asarray(table[name], np.float64)


def _own_noise(y: Floats, usable: Bools) -> float:
    """Scatter of rows that share no scan line: too large, not too small, where flow pulses."""
    apart = (y[OVERLAP:] - y[:-OVERLAP])[usable[OVERLAP:] & usable[:-OVERLAP]]
    return robust_deviation(apart) / math.sqrt(2)


def robust_deviation(values: NDArray[Any]) -> float:
    """Standard deviation about zero by the median of the sizes; NaN for no values."""
    return float(_NORMAL * np.median(np.abs(values))) if len(values) else np.nan
