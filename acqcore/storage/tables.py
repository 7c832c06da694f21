"""Result tables as CSV: one file per analysis of a recording, rows of all its ROIs.

Python's own `csv` and `float` are used, not pandas: numbers come back to the last bit,
cells that are not understood stay as they are, and opening a folder need not load pandas.
"""

from __future__ import annotations

import csv
import errno
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord, Columns, ResultTable
from acqcore.storage.atomic import FileStamp, read_if_there, spares

KEYS = ("channel", "roi_id")
_BOOLS = {"True": True, "False": False}
_TEXT = "str"
_NUMBERS = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)
_QUOTED = frozenset(',"\r\n')
_LONGEST_CELL = 2**31 - 1
MISSING = "the file is missing"

Row = dict[str, str]
Place = tuple[int, int]
"""`(channel, roi_id)` of a record."""
Layout = tuple[tuple[str, str], ...]
"""Name and type of each column of one record, in order."""


@dataclass(eq=False)
class CsvFile:
    """A CSV on disk, read once, when the first of its tables is needed.

    Attributes:
        stamp: What the sidecar says the file holds, None when it does not say.
        layouts: Columns of each record that has a table; empty when the sidecar does not say.
        text_columns: Columns in which an empty cell is an empty text, not a missing number.
        ours: Whether we wrote it; what we did not write is never deleted.
    """

    path: Path
    stamp: FileStamp | None
    layouts: Mapping[Place, Layout] = field(default_factory=dict)
    text_columns: frozenset[str] = frozenset()
    ours: bool = True

    @cached_property
    def content(self) -> bytes:
        """The bytes; `SidecarError` when they are gone or not the ones that were saved."""
        content = self._read(self.path)
        if content is not None and self.stamp in (None, FileStamp.of(content)):
            return content
        for spare in spares(self.path) if self.stamp is not None else ():
            old = self._read(spare)
            if old is not None and FileStamp.of(old) == self.stamp:
                return old  # a save that did not end left it
        raise SidecarError(self.path, self.fault or "its content is not what was saved")

    def _read(self, path: Path) -> bytes | None:
        try:
            return read_if_there(path)
        except OSError as error:
            raise SidecarError(self.path, f"cannot be read ({error.strerror})") from error

    @property
    def fault(self) -> str:
        """What stands against the file; empty if nothing. Reads it only when in doubt."""
        try:
            size = self.path.stat().st_size
        except (OSError, ValueError) as error:
            absent = isinstance(error, FileNotFoundError | ValueError)
            if absent or (isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG):
                return MISSING
            return f"cannot be read ({error})"
        if self.stamp is None:
            return ""
        # An unfinished save may have left another file of the same size.
        wrong = size != self.stamp.size or (
            bool(spares(self.path)) and FileStamp.of(self._read(self.path) or b"") != self.stamp
        )
        return "its content is not what was saved with the recording" if wrong else ""

    @cached_property
    def _cells(self) -> tuple[tuple[str, ...], dict[Place, list[Row]]]:
        """Column names, and rows by `(channel, roi_id)`, as text."""
        try:
            text = self.content.decode("utf-8-sig", "surrogatepass")
            longest = min(max(csv.field_size_limit(), len(text)), _LONGEST_CELL)
            csv.field_size_limit(longest)  # the default refuses texts that we may have written
            reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
            names = tuple(reader.fieldnames or ())
            self._check_names(names)
            rows: dict[Place, list[Row]] = {}
            for row in reader:
                if None in row or None in row.values():
                    raise SidecarError(
                        self.path, f"row {reader.line_num} has too many or few cells"
                    )
                rows.setdefault((int(row[KEYS[0]]), int(row[KEYS[1]])), []).append(row)
        except (ValueError, csv.Error) as error:
            raise SidecarError(self.path, "it is not a table of results") from error
        return names, rows

    def _check_names(self, names: Sequence[str]) -> None:
        if not set(KEYS) <= set(names):
            raise SidecarError(self.path, "the columns channel and roi_id are missing")
        if len(set(names)) < len(names):
            raise SidecarError(self.path, "two columns have the same name")

    def columns(self, channel: int, roi_id: int) -> Columns:
        """The rows of one record, without the two key columns; `SidecarError` if damaged."""
        names, rows = self._cells
        mine = rows.get((channel, roi_id), [])
        layout = self.layouts.get((channel, roi_id))
        if layout is None:
            layout = tuple((name, self._kind(name)) for name in names if name not in KEYS)
        missing = {name for name, _ in layout} - set(names)
        if missing:
            raise SidecarError(self.path, f"the column {min(missing)} is missing")
        return {name: restored([row[name] for row in mine], kind) for name, kind in layout}

    def _kind(self, name: str) -> str:
        return _TEXT if name in self.text_columns else ""

    def has_rows(self, channel: int, roi_id: int) -> bool:
        """Whether any row is of that record; `SidecarError` if damaged."""
        return bool(self._cells[1].get((channel, roi_id)))

    def table(self, key: AnalysisKey) -> ResultTable:
        """The table of one record, read when first looked at."""
        return ResultTable.deferred(
            lambda: self.columns(key.channel, key.roi_id), (self.path, self.stamp, key)
        )

    def rows_of_others(self, keys: Iterable[Place]) -> list[Row]:
        """Rows that belong to none of these `(channel, roi_id)`; `SidecarError` if damaged."""
        mine = set(keys)
        return [row for place, rows in self._cells[1].items() if place not in mine for row in rows]


def restored(cells: Sequence[str], kind: str) -> NDArray[Any]:
    """Cells as an array of the type that they were written from, "" when it is not known."""
    try:
        if kind == _TEXT:
            return np.array(cells, dtype=str)
        if kind == "bool":
            return np.array([_BOOLS[cell] for cell in cells], dtype=bool)
        if kind.startswith("float") and kind in _NUMBERS:
            return np.array([float(cell) if cell else np.nan for cell in cells], dtype=kind)
        if kind in _NUMBERS:
            return np.array([int(cell) for cell in cells], dtype=kind)
    except (ValueError, KeyError, OverflowError):
        pass  # rows that another program added since
    return typed(cells)


def typed(cells: Sequence[str]) -> NDArray[Any]:
    """Cells as whole numbers, truth values or numbers (empty: NaN), else as text."""
    if cells and all(cell in _BOOLS for cell in cells):
        return np.array([_BOOLS[cell] for cell in cells])
    if any("_" in cell for cell in cells):  # Python reads 1_000 as a number
        return np.array(cells, dtype=str)
    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, dtype=str)


def layouts_of(records: Sequence[AnalysisRecord]) -> dict[Place, Layout]:
    """Names and types of the columns of these records' tables."""
    return {
        (one.key.channel, one.key.roi_id): tuple(
            (name, _kind_of(one.table[name])) for name in one.table.names
        )
        for one in records
        if one.table is not None
    }


def _kind_of(values: NDArray[Any]) -> str:
    return values.dtype.name if values.dtype.name in _NUMBERS else _TEXT


def csv_content(records: Sequence[AnalysisRecord], others: Sequence[Row]) -> bytes:
    """All tables of one analysis as CSV bytes; rows of no record are kept at the end."""
    names: dict[str, None] = dict.fromkeys(KEYS)
    for record in records:
        names.update(dict.fromkeys(record.table.names if record.table is not None else ()))
    for row in others:
        names.update(dict.fromkeys(row))
    lines = [",".join(map(_quoted, names))]
    for record in records:
        lines += _lines(record, tuple(names))
    lines += [",".join(_quoted(row.get(name, "")) for name in names) for row in others]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def _lines(record: AnalysisRecord, names: Sequence[str]) -> Iterable[str]:
    if record.table is None:
        return
    rows, columns = len(record.table), record.table.columns
    cells = [
        [str(record.key.channel)] * rows,
        [str(record.key.roi_id)] * rows,
        *(_cells(columns[name]) if name in columns else [""] * rows for name in names[len(KEYS) :]),
    ]
    yield from map(",".join, zip(*cells, strict=True))


def _cells(values: NDArray[Any]) -> list[str]:
    """Shortest text that gives the same number again; NaN is an empty cell."""
    if values.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in values.tolist()]
    if values.dtype.kind in "iub":
        return [str(value) for value in values.tolist()]
    return [_quoted(str(value)) for value in values.tolist()]


def _quoted(cell: str) -> str:
    """As `csv.writer` would, which before Python 3.13 leaves a lone carriage return bare."""
    return cell if _QUOTED.isdisjoint(cell) else '"' + cell.replace('"', '""') + '"'


def by_analysis(records: Sequence[AnalysisRecord]) -> Mapping[str, list[AnalysisRecord]]:
    """Records that have a table, grouped by the name of their analysis."""
    grouped: dict[str, list[AnalysisRecord]] = {}
    for record in records:
        if record.table is not None:
            grouped.setdefault(record.key.analysis_name, []).append(record)
    return grouped
