"""The few numbers of a finished run, in words."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QDateTime, QLocale

from acqcore.analysis.base import Analysis, Curve
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord
from cloudscope.views.quantities import (
    MISSING,
    interval,
    measured,
    number,
    ran_calibration,
    shown_curve,
)
from cloudscope.views.trace_samples import TraceSamples, samples_of

Row = tuple[str, str]


def result_rows(
    record: AnalysisRecord, analysis: Analysis[Any], calibration: Calibration
) -> tuple[Row, ...]:
    """Label and value per line; SidecarError when the table cannot be read.

    The numbers of each curve come from its accepted points; an analysis without a curve
    shows the numbers of its summary.
    """
    if not analysis.curves:
        return tuple(_plain(name, value) for name, value in record.summary.items())
    rows: list[Row] = []
    for curve in analysis.curves:
        heading = f"{curve.title} " if len(analysis.curves) > 1 else ""
        for label, value in _curve_rows(record, analysis, curve, calibration):
            rows.append((f"{heading}{label}".capitalize(), value))
    return tuple(rows)


def _curve_rows(
    record: AnalysisRecord, analysis: Analysis[Any], curve: Curve, calibration: Calibration
) -> tuple[Row, ...]:
    shown = shown_curve(analysis, curve, ran_calibration(record, calibration))
    samples = samples_of(record, curve, shown.factor)
    y = samples.y[np.isfinite(samples.y)]
    if y.size == 0:
        valid = f"0 of {samples.y.size}"
        return ("mean", MISSING), ("range", MISSING), ("valid", valid)
    share = 100 * y.size / samples.y.size
    error = error_of_mean(samples, overlap(record, samples))
    return (
        ("mean", measured(float(y.mean()), error, shown.unit)),
        ("range", interval(float(y.min()), float(y.max()), shown.unit)),
        ("valid", f"{share:.1f} % of {number(samples.y.size, 0)}"),
    )


def error_of_mean(samples: TraceSamples, overlap: float = 1.0) -> float:
    """Standard error of the mean from the errors of the points; NaN where they have none.

    `overlap` windows share each line, so only one window in `overlap` is a new observation.
    """
    error = samples.error[np.isfinite(samples.error)]
    if error.size == 0:
        return math.nan
    return float(np.sqrt(overlap * np.sum(error**2)) / error.size)


def overlap(record: AnalysisRecord, samples: TraceSamples) -> float:
    """Windows that share a line: the window's width over the distance of two windows."""
    width = record.provenance.parameters.get("window_width") if record.provenance else None
    if not isinstance(width, int | float) or samples.x.size < 2:
        return 1.0
    return max(float(width / np.median(np.diff(samples.x))), 1.0)


def _plain(name: str, value: Any) -> Row:
    text = name.replace("_", " ").capitalize()
    if isinstance(value, float):
        return text, measured(value, math.nan, "")
    return text, MISSING if value is None else str(value)


def run_moment(time_utc: str, locale: QLocale) -> str:
    """`14 May 2024, 16:02` in local time, empty when the moment is not known."""
    try:
        moment = datetime.fromisoformat(time_utc)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    return locale.toString(local, "d MMM yyyy, HH:mm")
