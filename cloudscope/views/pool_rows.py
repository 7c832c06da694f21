"""What the pool window shows: one row per result, table row or event of all recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses
from acqcore.analysis.base import Column
from acqcore.model.metadata import experiment_schema
from acqcore.model.record import AnalysisKey
from cloudscope.views.quantities import shown_unit

if TYPE_CHECKING:
    import pandas as pd

RESULTS, TABLE, EVENTS = "results", "table", "events"
"""What a row stands for."""

KINDS = {RESULTS: "Results", TABLE: "Table rows", EVENTS: "Events"}
ANIMAL_RULES = {
    "": "Not known",
    "parent": "Folder",
    "grandparent": "Folder above",
    "note": "Note",
    "pattern": "Pattern in the name",
}
EVENTS_OF = ("event", "sum_intensity")
"""Analyses whose events stand in their summary; the table of sparks has one per row."""


DESCRIBING = tuple(one.name for one in experiment_schema().fields)
"""Columns of the recording that a person filled in."""

BESIDE = (
    "file_id", "name", "parent", "grandparent", "animal", "review", "channel", "roi_id", "roi_name",
    "stale", *DESCRIBING,
)  # fmt: skip
"""Columns of the record that stand beside each of its rows."""

IDENTITY = frozenset(
    (
        *BESIDE, "analysis", "recorded_date", "recorded_time", "roi_note",
        "roi_kind", "roi_line_start", "roi_line_stop", "roi_pixel_start", "roi_pixel_stop",
        "roi_start_s", "roi_stop_s", "roi_start_um", "roi_stop_um", "seconds_per_line",
        "um_per_pixel", "calibration_source", "ran_utc", "ran_note",
    )
)  # fmt: skip
"""Columns that all analyses have."""

_CODES = ("channel", "roi_id")
_NO_GROUPS = ("file_id", "ran_utc", "ran_note")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to gather.

    Attributes:
        analysis: Its name; empty for the results of all.
        rows: `RESULTS`, `TABLE` or `EVENTS`.
        animal: Which recordings are of one animal: a key of `ANIMAL_RULES`.
        pattern: Searched in the file name when `animal` is `pattern`.
    """

    analysis: str = ""
    rows: str = RESULTS
    animal: str = ""
    pattern: str = ""

    @property
    def rule(self) -> str | re.Pattern[str] | None:
        """For `Pool`; a pattern that is none yet finds nothing."""
        if self.animal != "pattern":
            return self.animal or None
        try:
            return re.compile(self.pattern) if self.pattern else None
        except re.error:
            return None


def kinds_for(analysis: str) -> tuple[str, ...]:
    """What rows can stand for."""
    method = analyses().get(analysis)
    table = (TABLE,) if method is not None and method.columns else ()
    events = (EVENTS,) if analysis in EVENTS_OF else ()
    return (RESULTS, *table, *events)


Names = dict[tuple[str, AnalysisKey], NDArray[np.intp]]
"""Numbers of rows within their record, by recording and record."""


@dataclass(frozen=True, eq=False)
class PoolTable:
    """All rows, also of what is rejected or out of date, with who they belong to.

    Attributes:
        columns: What the columns of `frame` are; those whose unit differs between rows
            have it in a column `<name>_unit`.
        record: Of each row, its place in `keys`.
        place: Of each row, its number within its record.
        files, rois, animals: Codes of each row, -1 where the animal is not known.
        flagged: Rows that are not to be trusted.
        unread: Sentences about tables that could not be read.
    """

    wish: Wish
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, AnalysisKey], ...]
    record: NDArray[np.intp]
    place: NDArray[np.intp]
    files: NDArray[np.intp]
    rois: NDArray[np.intp]
    animals: NDArray[np.intp]
    flagged: NDArray[np.bool_]
    unread: tuple[str, ...] = ()
    _values: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.record)

    def column(self, name: str) -> Column:
        """What a column is; KeyError when it is not there."""
        return next(one for one in self.columns if one.name == name)

    @property
    def number_names(self) -> tuple[str, ...]:
        """Columns that can be measured along an axis, those of the analysis first."""
        names = [one.name for one in self.columns if self.frame[one.name].dtype.kind in "iuf"]
        own = [name for name in names if name not in IDENTITY]
        asked = [name for name in own if name.startswith("param_")]
        rest = [name for name in names if name in IDENTITY and name not in _CODES]
        return (*(name for name in own if name not in asked), *rest, *asked)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Columns of names, by which rows can be grouped."""
        named = (one.name for one in self.columns)
        return tuple(
            name
            for name in named
            if name not in _NO_GROUPS and (name in _CODES or self.frame[name].dtype.kind in "Ob")
        )

    def values(self, name: str) -> NDArray[np.float64]:
        """A column as numbers in its stored unit, NaN where missing or not finite."""
        if name not in self._values:
            numbers = self.frame[name].to_numpy(np.float64, na_value=np.nan)
            self._values[name] = np.where(np.isfinite(numbers), numbers, np.nan)
        return self._values[name]

    def units(self, name: str) -> pd.Series[Any] | str:
        """The unit of all rows, or of each."""
        told = f"{name}_unit"
        return self.frame[told] if told in self.frame else self.column(name).unit

    def shown(self, name: str, unit: str | None = None) -> tuple[str, float]:
        """Unit on screen, and what stored numbers are multiplied by for it."""
        stored = self.column(name).unit if unit is None else unit
        return ("", 1.0) if stored.startswith("see ") else shown_unit(stored)

    def title(self, name: str) -> str:
        """A column in words."""
        title = self.column(name).title
        if title != name:
            return title
        words = name.removeprefix("param_").replace("_", " ")
        return words[:1].upper() + words[1:]

    def rows_of(self, file_ids: Sequence[str], key: AnalysisKey | None) -> NDArray[np.intp]:
        """Rows of some recordings, or of one channel and ROI of them."""
        wanted = set(file_ids)
        mine = [
            one in wanted
            and (key is None or (key.channel, key.roi_id) == (its.channel, its.roi_id))
            for one, its in self.keys
        ]
        return np.flatnonzero(np.array(mine, bool)[self.record]) if mine else np.empty(0, np.intp)

    def names_of(self, rows: NDArray[np.intp]) -> Names:
        """What rows are, in words that hold for another table of the same kind."""
        rows = np.sort(rows)
        parts = np.split(rows, np.flatnonzero(np.diff(self.record[rows])) + 1)
        return {self.keys[self.record[one[0]]]: self.place[one] for one in parts if one.size}

    def rows_named(self, names: Names) -> NDArray[np.intp]:
        """The other way round; what is not here any more is left out."""
        found = [np.empty(0, np.intp)]
        for record, key in enumerate(self.keys):
            if key in names:
                rows = self._rows_of_record(record)
                found.append(rows[np.isin(self.place[rows], names[key])])
        return np.sort(np.concatenate(found))

    def _rows_of_record(self, record: int) -> NDArray[np.intp]:
        """Rows of a record stand together."""
        first, last = np.searchsorted(self.record, (record, record + 1))
        return np.arange(first, last)
