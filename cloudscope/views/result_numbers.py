"""The few numbers of a finished run, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QDateTime, QLocale

from acqcore.analysis.base import Analysis, Column, Curve
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord
from cloudscope.views.quantities import (
    MISSING,
    interval,
    measured,
    number,
    ran_calibration,
    shown_curve,
    shown_unit,
)
from cloudscope.views.result_words import HEADLINES, STATUS_WORDS, WORDS, Word
from cloudscope.views.trace_samples import TraceSamples, samples_of

Row = tuple[str, str]


def result_rows(
    record: AnalysisRecord, analysis: Analysis[Any], calibration: Calibration
) -> tuple[Row, ...]:
    """Label and value per line; SidecarError when the table cannot be read.

    The numbers of the first curve come from its accepted points, unless the summary has a
    headline of its own; then what the summary says. Lists are left out.
    """
    flat = flattened(record.summary)
    rows: list[Row] = []
    if analysis.curves and not any(name in flat for name in HEADLINES):
        curve = analysis.curves[0]
        rows += [
            (label.capitalize(), value)
            for label, value in _curve_rows(record, analysis, curve, calibration)
        ]
    steps = ran_calibration(record, calibration)
    if flat.keys() & WORDS.keys() or rows:
        rows += _named_rows(flat, analysis, steps)
    else:
        rows += [_plain(name, value) for name, value in flat.items()]
    return tuple(rows)


def result_note(record: AnalysisRecord) -> str:
    """What the run itself has to say about its numbers, one sentence per line, or empty."""
    summary = record.summary
    lines = [record.provenance.note] if record.provenance and record.provenance.note else []
    status, note = str(summary.get("status") or "ok"), str(summary.get("status_note") or "")
    if status in STATUS_WORDS:
        lines.append(f"{STATUS_WORDS[status]}: {note}." if note else f"{STATUS_WORDS[status]}.")
    for block in ("errors", "warnings"):
        listed = summary.get(block)
        lines += [str(one) for one in listed] if isinstance(listed, list | tuple) else []
    return "\n".join(lines)


def flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Blocks of a summary as one level, their keys joined by dots, lists left out."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{prefix}{name}.")
        elif not isinstance(value, list | tuple):
            flat[f"{prefix}{name}"] = value
    return flat


def _named_rows(
    flat: Mapping[str, Any], analysis: Analysis[Any], calibration: Calibration
) -> list[Row]:
    """The numbers that have a name, in its order; doubtful ones only where they are all."""
    settled = flat.get("bpm") is not None
    rows = []
    for name, word in WORDS.items():
        value = flat.get(name)
        if name not in flat or (word.hides_zero and not value):
            continue
        if (value is None and name not in HEADLINES) or (name == "peak.bpm" and settled):
            continue
        if name == "num_flagged" and analysis.curves:
            continue  # the line of the valid points says it
        rows.append((word.title, _worded(value, flat.get(word.error), word, analysis, calibration)))
    return rows


def _worded(
    value: Any, error: Any, word: Word, analysis: Analysis[Any], calibration: Calibration
) -> str:
    if value is None or isinstance(value, str):
        return value or MISSING
    if word.kind == "count":
        return number(float(value), 0)
    if word.kind == "part":
        return f"{number(100 * abs(value), 1)} %"
    if word.kind == "chance":
        return "below 0.000001" if value < 1e-6 else f"{value:.2g}"
    unit, factor = shown_unit(analysis.unit_of(Column("", word.unit, ""), calibration))
    spread = math.nan if error is None else float(error) * factor
    return measured(float(value) * factor, spread, unit)


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
    text = name.replace("_", " ").replace(".", ": ").capitalize()
    if isinstance(value, bool):
        return text, "yes" if value else "no"
    if isinstance(value, int):
        return text, number(float(value), 0)
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
