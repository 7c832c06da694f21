"""Summary of a table of velocities, and repair of tables with an inverted formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from acqcore.analysis._windows import Floats
from acqcore.model.header import Calibration
from acqcore.model.record import Columns

MENDED = (
    "Velocities were recomputed from the stored angles: the program that wrote them had "
    "inverted the formula."
)
_SAME = 1e-6
_ANGLE_OF_BLANK_DEG = -2.0
"""First angle of the other program's grid: where a search over a blank window stops."""


def velocity_summary(velocity: Floats, flag: Any) -> dict[str, Any]:
    """Count of all windows; mean, median and coefficient of variation of the unflagged.

    Plain numbers, None where there is none; the standard deviation is the population's.
    """
    used = velocity[(flag == "") & np.isfinite(velocity)]
    mean = float(used.mean()) if len(used) else None
    return {
        "num_windows": len(velocity),
        "velocity_mean": mean,
        "velocity_median": float(np.median(used)) if len(used) else None,
        "velocity_cv": float(used.std()) / mean if mean else None,
    }


def mended_velocities(
    table: Columns, summary: Mapping[str, Any], calibration: Calibration
) -> tuple[Columns, Mapping[str, Any], str]:
    """The table with velocity = step * tan(theta), if it was step / tan(theta).

    Recognised by the product velocity * tan(theta) being the same in every row: the step
    in use at the time, which may itself have been wrong. A known calibration wins, also
    for `time_s`. Tables with a `velocity_se` column are ours and right. Columns that the
    other program did not have are added, so that all tables have the same.
    """
    if "velocity_se" in table or not {"theta_deg", "velocity"} <= set(table):
        return table, summary, ""
    theta = np.asarray(table["theta_deg"], np.float64)
    tangent = np.tan(np.deg2rad(theta))
    step = _inverted_step(np.asarray(table["velocity"], np.float64), tangent)
    if step is None:
        return table, summary, ""
    if calibration.time_known and calibration.distance_known:
        step = calibration.step_x / calibration.step_y
    horizontal = theta == 90
    blank = theta == _ANGLE_OF_BLANK_DEG
    velocity = np.where(horizontal | blank, np.nan, step * tangent)
    flag = np.where(blank, "blank", np.where(horizontal, "out_of_range", ""))
    unknown = np.full(len(theta), np.nan)
    added = {"velocity": velocity, "velocity_se": unknown, "snr": unknown, "flag": flag}
    columns = dict(table) | added
    if calibration.time_known and "time_index" in table:
        columns["time_s"] = table["time_index"] * calibration.step_y
    return columns, dict(summary) | velocity_summary(velocity, flag), MENDED


def _inverted_step(velocity: Floats, tangent: Floats) -> float | None:
    """Micrometres per pixel over seconds per line, if velocity is that over tangent."""
    # At exactly 0 and 90 degrees the quotient is not finite or a rounding error.
    sane = np.isfinite(velocity) & (np.abs(tangent) > 1e-6) & (np.abs(tangent) < 1e6)
    if not sane.any():
        return None
    with np.errstate(over="ignore"):
        product = velocity[sane] * tangent[sane]
    step = float(np.median(product))
    if step <= 0 or not np.allclose(product, step, rtol=_SAME, atol=0):
        return None
    return step
