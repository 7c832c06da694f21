"""Events that stand in the summaries of records, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses
from acqcore.analysis.base import Column
from acqcore.analysis.event import event_table
from acqcore.errors import CannotRun
from acqcore.model.header import UNCALIBRATED, Calibration
from acqcore.model.record import AnalysisRecord

if TYPE_CHECKING:
    import pandas as pd

_STATISTICS = {
    "n": ("", "Windows"), "mean": ("um/s", "Mean"), "min": ("um/s", "Minimum"),
    "max": ("um/s", "Maximum"), "std": ("um/s", "SD"), "se": ("um/s", "Standard error"),
    "cv": ("", "CV"),
}  # fmt: skip
_WINDOWS = {"event": "", "pre": " before", "post": " after"}
_VELOCITY_EVENTS = (
    Column("id", "", "Event", "Number of the event in its result."),
    Column("x0", "s", "Start", "As drawn, from the first line of the ROI."),
    Column("x1", "s", "End", "As drawn, from the first line of the ROI."),
    Column("duration", "s", "Duration"),
    Column("event_type", "", "Type", "user, rise, fall or transient."),
    Column("detector", "", "Detector", "What found it; empty for one that was drawn."),
    Column("accepted", "", "Verdict", "yes, no, or empty while nobody has judged it."),
    Column("event_note", "", "Event note"),
    *(
        Column(f"{window}_{name}", unit, f"{title}{where}", "Of the velocity, by usable windows.")
        for window, where in _WINDOWS.items()
        for name, (unit, title) in _STATISTICS.items()
    ),
)
_UNITS = {"_sec": "s", "_interval_sec": "s", "index": "lines", "_slope": "1/s"}


def event_rows(
    records: pd.DataFrame, found: Sequence[AnalysisRecord | None], about: Mapping[str, Column]
) -> tuple[pd.DataFrame, tuple[Column, ...], NDArray[np.intp]]:
    """Events with the columns of their record beside them; which record each row is of.

    `records` has a row per record; `about` describes its columns. Damaged events are none.
    """
    import pandas as pd  # heavy: only where tables are made

    listed = [_events(record) if record is not None else [] for record in found]
    which = np.repeat(np.arange(len(found)), [len(one) for one in listed])
    own = pd.DataFrame([event for events in listed for event in events])
    columns = [_column(str(name)) for name in own]
    units = _units(records, found, columns)
    beside = records.take(which).reset_index(drop=True)
    frame = pd.concat([beside, own], axis=1)
    described = [about[str(name)] for name in beside]
    for column in columns:
        told = units[column.name]
        here = set(told[which]) if len(which) else {column.unit}
        if len(here) == 1:
            described.append(Column(column.name, here.pop(), column.title, column.help))
        else:
            name = f"{column.name}_unit"
            frame[name] = told[which]
            see = Column(column.name, f"see {name}", column.title, column.help)
            described += [see, Column(name, "", "Unit")]
    return frame[[one.name for one in described]], tuple(described), which


def _events(record: AnalysisRecord) -> list[dict[str, Any]]:
    if record.key.analysis_name == "event":
        with suppress(CannotRun):
            table = dict(event_table(record))
            table["event_note"] = table.pop("note")
            rows = zip(*(table[one.name].tolist() for one in _VELOCITY_EVENTS), strict=True)
            names = [one.name for one in _VELOCITY_EVENTS]
            return [dict(zip(names, row, strict=True)) for row in rows]
        return []
    peaks, quality = (record.summary.get(name) for name in ("peak_events", "event_quality"))
    if not isinstance(peaks, list | tuple):
        return []
    told = quality if isinstance(quality, list | tuple) else ()
    by_id = {one["peak_id"]: one for one in told if isinstance(one, Mapping) and "peak_id" in one}
    return [
        dict(_flat(one)) | dict(_flat(by_id.get(one.get("peak_id"), {})))
        for one in peaks
        if isinstance(one, Mapping)
    ]


def _flat(block: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers and words of a peak; a feature is its value, lists are left out."""
    for name, value in block.items():
        if isinstance(value, Mapping):
            if "value" in value and "reason" in value:
                yield f"{prefix}{name}", value["value"]
            else:
                yield from _flat(value, "" if name in ("features", "intervals") else f"{name}_")
        elif not isinstance(value, list | tuple):
            yield f"{prefix}{name}", value


def _column(name: str) -> Column:
    known = next((one for one in _VELOCITY_EVENTS if one.name == name), None)
    if known is not None:
        return known
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")
    return Column(name, unit, name, "Of an intensity event.")


def _units(
    records: pd.DataFrame, found: Sequence[AnalysisRecord | None], columns: Sequence[Column]
) -> dict[str, NDArray[Any]]:
    """The unit of each column in each record."""
    steps = zip(records["seconds_per_line"], records["um_per_pixel"], strict=True)
    units: dict[str, list[str]] = {one.name: [] for one in columns}
    for record, (line_s, pixel_um) in zip(found, steps, strict=True):
        method = analyses().get(record.key.analysis_name) if record is not None else None
        used = _calibration(line_s, pixel_um)
        for one in columns:
            units[one.name].append(method.unit_of(one, used) if method else one.unit)
    return {name: np.array(told, object) for name, told in units.items()}


def _calibration(line_s: float, pixel_um: float) -> Calibration:
    """Steps that are not known are missing."""
    time, distance = line_s == line_s, pixel_um == pixel_um
    return Calibration(
        float(line_s) if time else 1.0,
        float(pixel_um) if distance else 1.0,
        "seconds" if time else UNCALIBRATED,
        "um" if distance else UNCALIBRATED,
    )
