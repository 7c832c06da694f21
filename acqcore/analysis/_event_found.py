"""Events as a list for tables and files: what each is, and the velocity around it."""

from __future__ import annotations

import numpy as np

from acqcore.analysis._event_edits import event_table
from acqcore.analysis.base import Column
from acqcore.model.record import AnalysisRecord, Columns

_WINDOWS = {"event_": "during", "pre_": "before", "post_": "after"}
_MEASURES = {
    "mean": ("Mean", "um/s"), "min": ("Least", "um/s"), "max": ("Most", "um/s"),
    "std": ("SD", "um/s"), "se": ("SE", "um/s"), "cv": ("CV", ""), "n": ("Windows", ""),
}  # fmt: skip
_VERDICTS = {"yes": "accepted", "no": "rejected", "": "unreviewed"}

FOUND_COLUMNS: tuple[Column, ...] = (
    Column("id", "", "Event", "Its number in this ROI."),
    Column("event_type", "", "Type", "`user`, `rise`, `fall` or `transient`."),
    Column("x0", "s", "Start", "From the first line of the ROI."),
    Column("x1", "s", "End", "From the first line of the ROI."),
    Column("duration", "s", "Duration", "From end to end."),
    Column("accepted", "", "Verdict", "`accepted`, `rejected` or `unreviewed`."),
    Column("detector", "", "Found as", "The detector that found it, or `drawn`."),
    *(
        Column(f"{prefix}{name}", unit, f"{title} {when}", "Of the velocity.")
        for prefix, when in _WINDOWS.items()
        for name, (title, unit) in _MEASURES.items()
    ),
    Column("note", "", "Note", "Of the detector or of a person."),
)


def found_events(record: AnalysisRecord) -> Columns:
    """`FOUND_COLUMNS` in order of time; `CannotRun` when the stored events are damaged."""
    table = dict(event_table(record))
    ends = np.sort(np.stack((table["x0"], table["x1"])), axis=0)
    table["x0"], table["x1"] = ends
    table["accepted"] = np.array([_VERDICTS[one] for one in table["accepted"].tolist()], str)
    table["detector"] = np.array([one or "drawn" for one in table["detector"].tolist()], str)
    order = np.argsort(table["x0"], kind="stable")
    return {column.name: table[column.name][order] for column in FOUND_COLUMNS}
