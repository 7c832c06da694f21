"""Result tables as CSV: one file per analysis of a recording, rows of all its ROIs.

Python's own `csv` and `float` are used, not pandas: numbers come back to the last bit,
cells that are not understood stay as they are, and opening a folder need not load pandas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord, Columns, ResultTable
from acqcore.storage.atomic import FileStamp

KEYS = ("channel", "roi_id")
_BOOLS = {"True": True, "False": False}

Row = dict[str, str]


@dataclass(eq=False)
class CsvFile:
    """A CSV on disk, read once, when the first of its tables is needed.

    Attributes:
        stamp: What the sidecar says the file holds, None when it does not say.
        text_columns: Columns in which an empty cell is an empty text, not a missing number.
    """

    path: Path
    stamp: FileStamp | None
    text_columns: frozenset[str] = frozenset()

    @cached_property
    def content(self) -> bytes:
        """The bytes; `SidecarError` when they are gone or not the ones that were saved."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise SidecarError(self.path, f"cannot be read ({error.strerror})") from error
        if self.stamp is not None and FileStamp.of(content) != self.stamp:
            raise SidecarError(self.path, "its content is not what was saved with the recording")
        return content

    @cached_property
    def _cells(self) -> tuple[tuple[str, ...], dict[tuple[int, int], list[Row]]]:
        """Column names, and rows by `(channel, roi_id)`, as text."""
        try:
            reader = csv.DictReader(io.StringIO(self.content.decode("utf-8-sig"), newline=""))
            names = tuple(reader.fieldnames or ())
            if not set(KEYS) <= set(names):
                raise SidecarError(self.path, "the columns channel and roi_id are missing")
            rows: dict[tuple[int, int], list[Row]] = {}
            for row in reader:
                if None in row or None in row.values():
                    raise SidecarError(
                        self.path, f"row {reader.line_num} has too many or few cells"
                    )
                rows.setdefault((int(row[KEYS[0]]), int(row[KEYS[1]])), []).append(row)
        except (ValueError, csv.Error) as error:
            raise SidecarError(self.path, "it is not a table of results") from error
        return names, rows

    def columns(self, channel: int, roi_id: int) -> Columns:
        """The rows of one record, without the two key columns; `SidecarError` if damaged."""
        names, rows = self._cells
        mine = rows.get((channel, roi_id), [])
        return {
            name: self._array(name, [row[name] for row in mine])
            for name in names
            if name not in KEYS
        }

    def _array(self, name: str, cells: list[str]) -> NDArray[Any]:
        return np.array(cells, dtype=str) if name in self.text_columns else typed(cells)

    def table(self, key: AnalysisKey) -> ResultTable:
        """The table of one record, read when first looked at."""
        return ResultTable.deferred(
            lambda: self.columns(key.channel, key.roi_id), (self.path, self.stamp, key)
        )

    def rows_of_others(self, keys: Iterable[tuple[int, int]]) -> list[Row]:
        """Rows that belong to none of these `(channel, roi_id)`."""
        mine = set(keys)
        return [row for place, rows in self._cells[1].items() if place not in mine for row in rows]


def typed(cells: Sequence[str]) -> NDArray[Any]:
    """Cells as whole numbers, truth values or numbers (empty: NaN), else as text."""
    if cells and all(cell in _BOOLS for cell in cells):
        return np.array([_BOOLS[cell] for cell in cells])
    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, dtype=str)


def text_columns(records: Sequence[AnalysisRecord]) -> tuple[str, ...]:
    """Names of the text columns of these records' tables, sorted."""
    tables = [record.table for record in records if record.table is not None]
    return tuple(
        sorted({name for table in tables for name in table.names if table[name].dtype.kind == "U"})
    )


def csv_content(records: Sequence[AnalysisRecord], others: Sequence[Row]) -> bytes:
    """All tables of one analysis as CSV bytes; rows of no record are kept at the end."""
    names: dict[str, None] = dict.fromkeys(KEYS)
    for record in records:
        names.update(dict.fromkeys(record.table.names if record.table is not None else ()))
    for row in others:
        names.update(dict.fromkeys(row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(names), restval="", lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerows(_rows(record))
    writer.writerows(others)
    return stream.getvalue().encode()


def _rows(record: AnalysisRecord) -> Iterable[Row]:
    if record.table is None:
        return
    head = {KEYS[0]: str(record.key.channel), KEYS[1]: str(record.key.roi_id)}
    names = record.table.names
    cells = [_cells(record.table[name]) for name in names]
    for row in zip(*cells, strict=True):
        yield head | dict(zip(names, row, strict=True))


def _cells(values: NDArray[Any]) -> list[str]:
    """Shortest text that gives the same number again; NaN is an empty cell."""
    if values.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def by_analysis(records: Sequence[AnalysisRecord]) -> Mapping[str, list[AnalysisRecord]]:
    """Records that have a table, grouped by the name of their analysis."""
    grouped: dict[str, list[AnalysisRecord]] = {}
    for record in records:
        if record.table is not None:
            grouped.setdefault(record.key.analysis_name, []).append(record)
    return grouped
