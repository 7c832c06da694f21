"""What a finished record of line intensities says: traces, points, widths, events.

Functions of a record: they read it and compute nothing but the percentile asked for.
Times are seconds from the first line of the ROI (lines where not calibrated).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_traces import Floats
from acqcore.model.record import AnalysisRecord, ResultTable


@dataclass(frozen=True, slots=True)
class TraceLabel:
    """How a trace is called, and what its axis says."""

    title: str
    axis: str


@dataclass(frozen=True, slots=True)
class Feature:
    """A number of every event; units `source` are those of the trace it was measured on."""

    name: str
    title: str
    unit: str
    category: str


TRACES: Mapping[str, TraceLabel] = MappingProxyType(
    {
        "sum_intensity": TraceLabel("Sum intensity", "Intensity sum"),
        "norm_sum_intensity": TraceLabel("Normalized sum intensity", "Mean line intensity"),
        "filtered_norm_sum_intensity": TraceLabel(
            "Filtered normalized sum intensity", "Filtered mean line intensity"
        ),
        "detrended_norm_sum_intensity": TraceLabel(
            "Detrended normalized sum intensity", "Detrended mean line intensity"
        ),
        "df_f_signal": TraceLabel("df/f0 signal", "df/f0"),
        "d_df_f_signal": TraceLabel("Derivative of df/f0", "d(df/f0)/dt"),
    }
)

FEATURES = (
    Feature("baseline_mean", "Baseline Mean", "source", "Baseline"),
    Feature("baseline_std", "Baseline Std", "source", "Baseline"),
    Feature("prominence", "Prominence", "source", "Amplitude"),
    Feature("rise_10_90_sec", "Rise 10→90", "s", "Kinetics"),
    Feature("decay_90_10_sec", "Decay 90→10", "s", "Kinetics"),
    Feature("decay_time_sec", "Decay Time", "s", "Kinetics"),
    Feature("max_rise_slope", "Max Rise Slope", "source/s", "Slope"),
    Feature("max_decay_slope", "Max Decay Slope", "source/s", "Slope"),
    Feature("auc", "Area", "source*s", "Area"),
)

_ABSENT: Mapping[str, Any] = MappingProxyType(
    {"value": None, "status": "not_available", "reason": "missing_from_json"}
)


def intensity_trace(record: AnalysisRecord, name: str) -> tuple[Floats, Floats]:
    """Time and value of a trace of `TRACES`; KeyError for another name, ValueError before a run."""
    if name not in TRACES:
        raise KeyError(f"no trace {name!r}; there are: {', '.join(TRACES)}")
    table = _table(record)
    return np.asarray(table["time_sec"], float), np.asarray(table[name], float)


def peak_events(record: AnalysisRecord) -> list[dict[str, Any]]:
    """Event records in time order, each with every feature: an absent one says so."""
    events = []
    for stored in record.summary.get("peak_events") or ():
        event = dict(stored)
        known = dict(event.get("features") or {})
        event["features"] = {one.name: known.get(one.name, dict(_ABSENT)) for one in FEATURES}
        events.append(event)
    return events


def event_points(record: AnalysisRecord, which: str) -> tuple[Floats, Floats]:
    """Time and value at all `onsets` or `peaks`; KeyError for anything else."""
    part = {"onsets": "onset", "peaks": "peak"}[which]
    points = [event[part] for event in peak_events(record)]
    return _numbers(one["time_sec"] for one in points), _numbers(one["value"] for one in points)


def width_trace(record: AnalysisRecord, level: str | None = None) -> tuple[Floats, Floats]:
    """Level lines from the left to the right crossing, separated by NaN, for drawing.

    `level` is such as `width_50` (percent of the height), None for all; only crossings
    that were found on both sides are there.
    """
    step = _step(record)
    x: list[float] = []
    y: list[float] = []
    for event in peak_events(record):
        for one in event["level_crossings"]:
            asked = level is None or level == f"width_{round(100 * one['fraction'])}"
            if asked and one["status"] == "ok":
                x += [one["left_index"] * step, one["right_index"] * step, math.nan]
                y += [one["value"], one["value"], math.nan]
    return np.array(x[:-1]), np.array(y[:-1])


def summary_value(record: AnalysisRecord, name: str) -> Any:
    """One number of the summary; KeyError when there is none of that name."""
    return record.summary[name]


def percentile_f0_baseline(record: AnalysisRecord, percentile: float | None = None) -> float:
    """F0 at a percentile of the stored detrended trace; by default the run's own percentile."""
    if percentile is None:
        percentile = float(record.summary["baseline_percentile"])
    values = intensity_trace(record, "detrended_norm_sum_intensity")[1]
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percentile)) if known.size else math.nan


def event_table(record: AnalysisRecord) -> dict[str, NDArray[Any]]:
    """One row per event: onset, peak, features, half width, quality; NaN where not known."""
    events = peak_events(record)
    quality = {one["peak_id"]: one for one in record.summary.get("event_quality") or ()}
    table: dict[str, NDArray[Any]] = {
        "peak_id": np.array([event["peak_id"] for event in events], np.int64),
        "onset_time_sec": _numbers(event["onset"]["time_sec"] for event in events),
        "peak_time_sec": _numbers(event["peak"]["time_sec"] for event in events),
        "amplitude": _numbers(event["peak"]["amplitude"] for event in events),
    }
    for feature in FEATURES:
        table[feature.name] = _numbers(event["features"][feature.name]["value"] for event in events)
    mine = [quality.get(event["peak_id"], {}) for event in events]
    for name in QUALITY:
        table[name] = _numbers(one.get(name) for one in mine)
    table["flag"] = np.array([str(one.get("flag", "")) for one in mine], dtype=str)
    return table


QUALITY = (
    "snr",
    "amplitude_se",
    "onset_refined_sec",
    "onset_se_sec",
    "fit_amplitude",
    "fit_rise_sec",
    "fit_decay_sec",
)
"""Numbers per event that the reference program does not have."""


def _table(record: AnalysisRecord) -> ResultTable:
    if record.table is None:
        raise ValueError(f"{record.key.analysis_name} has no table yet")
    return record.table


def _step(record: AnalysisRecord) -> float:
    times = _table(record)["time_sec"]
    return float(times[1] - times[0]) if len(times) > 1 else math.nan


def _numbers(values: Any) -> Floats:
    return np.array([math.nan if one is None else float(one) for one in values])
