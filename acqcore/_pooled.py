"""The records of a pool with the columns that all of them have: file, ROI, calibration, run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore._summaries import (
    calibration_of_run,
    column_of,
    flattened,
    joined,
    printable,
    stated_unit,
    summary_column,
    unit_in,
    unit_varies,
)
from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis, Column
from acqcore.errors import CannotPool
from acqcore.model.header import Calibration
from acqcore.model.metadata import experiment_schema
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import ROI, RectROI
from acqcore.model.state import Review

if TYPE_CHECKING:
    import pandas as pd

AnimalRule = str | re.Pattern[str] | Callable[[AcqImage], str]

_FILE = (
    Column("file_id", "", "File id", "Resolved path of the recording."),
    Column("name", "", "Name", "File name."),
    Column("parent", "", "Folder", "Name of the folder of the file."),
    Column("grandparent", "", "Folder above", "Name of the folder above that."),
    Column("animal", "", "Animal", "By the rule that the pool was made with; empty without one."),
    Column("review", "", "Review", "undecided, accepted or rejected."),
    Column("recorded_date", "", "Recorded on", "YYYYMMDD, from the file."),
    Column("recorded_time", "", "Recorded at", "HH:MM:SS, from the file."),
    *(
        Column(f.name, f.unit or "", f.display_name, f.description)
        for f in experiment_schema().fields
    ),
)
_ROI = (
    Column("channel", "", "Channel", "Index of the channel, from 0."),
    Column("roi_id", "", "ROI", "Number of the ROI in its file."),
    Column("roi_name", "", "ROI name"),
    Column("roi_note", "", "ROI note"),
    Column("roi_kind", "", "Kind of ROI", "rect: up to, not including, stop. line: its two ends."),
    Column("roi_line_start", "lines", "First line", "Geometry that the record was computed on."),
    Column("roi_line_stop", "lines", "End line"),
    Column("roi_pixel_start", "px", "First pixel"),
    Column("roi_pixel_stop", "px", "End pixel"),
    Column("roi_start_s", "s", "Start", "Empty without a calibration of time."),
    Column("roi_stop_s", "s", "End", "Empty without a calibration of time."),
    Column("roi_start_um", "um", "Left", "Empty without a calibration of distance."),
    Column("roi_stop_um", "um", "Right", "Empty without a calibration of distance."),
    Column("seconds_per_line", "s", "Line time", "That the record was computed with."),
    Column("um_per_pixel", "um", "Pixel size", "That the record was computed with."),
    Column("calibration_source", "", "Calibration", "Where the two steps come from."),
)  # fmt: skip
_RUN = (
    Column("analysis", "", "Analysis", "Name of the method."),
    Column("ran_utc", "", "Computed at", "ISO time of the end of the run."),
    Column("ran_note", "", "Remark", "A sentence about the numbers, if there is one."),
    Column("stale", "", "Out of date", "Why the record no longer fits its ROI; empty if it does."),
)
COLUMNS = (*_FILE, *_ROI, *_RUN)
_NAMES = frozenset(column.name for column in COLUMNS)
BESIDE_ROWS = tuple(
    column.name for column in (*_FILE, *_ROI[:3]) if not column.name.startswith("recorded_")
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A finished record that is not in the pool or not in its rows, and why."""

    file_id: str
    key: AnalysisKey
    why: str


@dataclass(frozen=True, slots=True)
class Member:
    """A record in the pool.

    Attributes:
        file: Columns of its file by name.
        steps: Calibration that the record was computed with.
        stale: Why it is out of date, or an empty text.
    """

    file: Mapping[str, Any]
    record: AnalysisRecord
    roi: ROI | None
    steps: Calibration
    stale: str

    @property
    def name(self) -> str:
        return self.record.key.analysis_name

    @property
    def method(self) -> Analysis[Any] | None:
        return analyses().get(self.name)

    def own_name(self, name: str) -> str:
        """A name of the analysis that does not hide one of the columns of all records."""
        return f"{self.name}_{name}" if name in _NAMES else name

    def summary(self) -> dict[str, Any]:
        """Numbers of the run, flat."""
        flat = flattened(self.record.summary)
        return {self.own_name(name): value for name, value in flat.items()}

    def parameters(self) -> dict[str, Any]:
        """What it ran with, flat."""
        ran = self.record.provenance
        return flattened(ran.parameters if ran else {}, "param_")

    def parameter_column(self, name: str) -> Column:
        """What a parameter is, as far as the analysis is known here."""
        fields = self.method.schema().fields if self.method else ()
        for one in fields:
            if name == f"param_{one.name}":
                return Column(name, one.unit or "", one.display_name, one.description)
        return Column(name, "", name)

    def declared_columns(self) -> tuple[str, ...]:
        """Names of the table's columns, without reading it; none for an unknown analysis."""
        if self.method is None or self.record.table is None:
            return ()
        return tuple(column.name for column in self.method.columns)

    def table_columns(self) -> dict[str, NDArray[Any]]:
        """The table, read now (`SidecarError`)."""
        table = self.record.table
        columns = table.columns if table is not None else {}
        return {self.own_name(printable(name)): cells for name, cells in columns.items()}

    def columns(self) -> dict[str, Any]:
        """Values of `COLUMNS`."""
        key, ran = self.record.key, self.record.provenance
        where = {"channel": key.channel, "roi_id": key.roi_id} | self._roi_columns()
        run = {
            "analysis": self.name,
            "ran_utc": ran.time_utc if ran else "",
            "ran_note": ran.note if ran else "",
            "stale": self.stale,
        }
        return {**self.file, **where, **run}

    def _roi_columns(self) -> dict[str, Any]:
        """Name now, geometry and steps as they were when the record was computed."""
        ran, roi, steps = self.record.provenance, self.roi, self.steps
        geometry = ran.geometry if ran else ()
        lines, pixels = _extents(roi, geometry)
        line_s = steps.step_y if steps.time_known else None
        pixel_um = steps.step_x if steps.distance_known else None
        return {
            "roi_name": roi.name if roi else "",
            "roi_note": roi.note if roi else "",
            "roi_kind": "" if roi is None else "rect" if isinstance(roi, RectROI) else "line",
            "roi_line_start": lines[0],
            "roi_line_stop": lines[1],
            "roi_pixel_start": pixels[0],
            "roi_pixel_stop": pixels[1],
            "roi_start_s": _scaled(lines[0], line_s),
            "roi_stop_s": _scaled(lines[1], line_s),
            "roi_start_um": _scaled(pixels[0], pixel_um),
            "roi_stop_um": _scaled(pixels[1], pixel_um),
            "seconds_per_line": line_s,
            "um_per_pixel": pixel_um,
            "calibration_source": steps.source,
        }


_Extent = tuple[int | None, int | None]


def _extents(roi: ROI | None, geometry: tuple[int, ...]) -> tuple[_Extent, _Extent]:
    """Lines and pixels of a stored geometry, which for a rectangle is start and stop of each."""
    if len(geometry) != 4:
        return (None, None), (None, None)
    one, two, three, four = geometry
    if roi is None or isinstance(roi, RectROI):
        return (one, two), (three, four)
    return (one, three), (two, four)


def _scaled(count: int | None, step: float | None) -> float | None:
    return None if count is None or step is None else count * step


def members(image: AcqImage, animal: AnimalRule | None) -> Iterable[Member]:
    """The finished records of an image, in the order of creation."""
    state, of_file = image.state, image.header.calibration
    finished = [record for record in state.records if record.has_result]
    if not finished:
        return
    file = _file_columns(image)
    file["animal"] = _animal(image, animal, file)
    now = state.calibration or of_file
    for record in finished:
        steps = calibration_of_run(record.provenance, now, of_file)
        stale = state.stale_reason(record, of_file)
        yield Member(file, record, state.roi(record.key.roi_id), steps, stale)


def why_not(member: Member, *, include_stale: bool, include_rejected: bool) -> str:
    """Why a record is left out of a pool; empty when it is not."""
    if member.file["review"] == Review.REJECTED.value and not include_rejected:
        return "The recording is rejected"
    return "" if include_stale else member.stale


def _file_columns(image: AcqImage) -> dict[str, Any]:
    listed = image.get_schema_row()
    return {
        "file_id": image.file_id,
        "name": image.name,
        "parent": listed["parent"],
        "grandparent": listed["grandparent"],
        "review": image.state.review.value,
        "recorded_date": image.header.date,
        "recorded_time": image.header.time,
        **image.state.experiment.values(),
    }


def _animal(image: AcqImage, rule: AnimalRule | None, file: Mapping[str, Any]) -> str:
    if rule is None:
        return ""
    if isinstance(rule, str):
        if rule not in file:
            raise CannotPool(f"{rule!r} is no column of a file; there are: {', '.join(file)}.")
        found: Any = file[rule]
    elif isinstance(rule, re.Pattern):
        match = rule.search(image.name)
        found = match and match[min(1, rule.groups)]
    else:
        found = rule(image)
    return "" if found is None else str(found).strip()


# --- tables ----------------------------------------------------------------------------

Table = tuple["pd.DataFrame", tuple[Column, ...]]


def record_table(taken: Sequence[Member]) -> Table:
    """One row per record, and what its columns are."""
    import pandas as pd  # heavy: only where tables are made

    cells: list[dict[str, Any]] = []
    parameters: dict[str, Column] = {}
    numbers: dict[str, Column] = {}
    units: dict[str, set[str]] = {}
    for member in taken:
        row, asked = member.columns(), member.parameters()
        row |= asked
        for name in asked:
            parameters.setdefault(name, member.parameter_column(name))
        for name, value in member.summary().items():
            column = summary_column(member.method, name)
            numbers.setdefault(name, column)
            row[name] = value
            unit = unit_in(member.method, column, member.steps)
            units.setdefault(name, set()).add(unit)
            if unit_varies(member.method, column):
                row[f"{name}_unit"] = unit
                numbers.setdefault(f"{name}_unit", Column(f"{name}_unit", "", "Unit"))
        cells.append(row)
    columns = (*COLUMNS, *parameters.values(), *_with_units(numbers, units))
    filled = {one.name: column_of([row.get(one.name) for row in cells]) for one in columns}
    return pd.DataFrame(filled), columns


def row_table(analysis_name: str, taken: Sequence[Member], beside: Sequence[str] | None) -> Table:
    """All table rows of one analysis, and what the columns are."""
    import pandas as pd

    taken = [one for one in taken if one.record.table is not None]
    tables = [one.table_columns() for one in taken]
    lengths = [len(next(iter(table.values()), ())) for table in tables]
    names = dict.fromkeys(name for table in tables for name in table)
    identity, about = record_table(taken)
    repeated = list(dict.fromkeys(BESIDE_ROWS if beside is None else beside))
    for name in repeated:
        if name not in identity or name in names:
            raise CannotPool(f"{name!r} cannot stand beside the rows of {analysis_name}.")
    of_record = np.repeat(np.arange(len(taken)), lengths)
    filled = {name: identity[name].take(of_record).reset_index(drop=True) for name in repeated}
    described = {one.name: one for one in about if one.name in repeated}
    method = analyses().get(analysis_name)
    known = {one.name: one for one in method.columns} if method else {}
    units: dict[str, set[str]] = {}
    for name in names or known:
        column = described[name] = known.get(name, Column(name, "", name))
        filled[name] = joined([table.get(name) for table in tables], lengths)
        said = [unit_in(method, column, one.steps) for one in taken]
        units[name] = set(said)
        if unit_varies(method, column):
            told = pd.Series(said, dtype="object").take(of_record)
            filled[f"{name}_unit"] = told.reset_index(drop=True)
            described[f"{name}_unit"] = Column(f"{name}_unit", "", "Unit")
    columns = {one.name: one for one in _with_units(described, units)}
    return pd.DataFrame(filled), tuple(columns[name] for name in filled)


def _with_units(columns: Mapping[str, Column], units: Mapping[str, set[str]]) -> list[Column]:
    return [
        stated_unit(column, units[name]) if name in units else column
        for name, column in columns.items()
    ]
