"""Result tables as CSV: one file per analysis of a recording, rows of all its ROIs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord, Columns, ResultTable
from acqcore.storage.atomic import FileStamp

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("channel", "roi_id")


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
    def frame(self) -> pd.DataFrame:
        """All rows; `SidecarError` when this is no table of results."""
        import pandas as pd  # heavy: only where a table is read or written

        try:
            names = pd.read_csv(io.BytesIO(self.content), nrows=0).columns
            numbers = [name for name in names if name not in self.text_columns]
            frame = pd.read_csv(
                io.BytesIO(self.content),
                dtype=dict.fromkeys(self.text_columns & set(names), str),
                keep_default_na=False,
                na_values={name: ["", "nan", "NaN"] for name in numbers},
                float_precision="round_trip",
            )
        except (ValueError, UnicodeDecodeError) as error:
            raise SidecarError(self.path, "it is not a table of results") from error
        if not set(KEYS) <= set(frame.columns):
            raise SidecarError(self.path, "the columns channel and roi_id are missing")
        return frame

    def columns(self, channel: int, roi_id: int) -> Columns:
        """The rows of one record, without the two key columns."""
        rows = self.frame[(self.frame["channel"] == channel) & (self.frame["roi_id"] == roi_id)]
        return {str(name): _array(rows[name]) for name in self.frame.columns if name not in KEYS}

    def table(self, key: AnalysisKey) -> ResultTable:
        """The table of one record, read when first looked at."""
        return ResultTable.deferred(
            lambda: self.columns(key.channel, key.roi_id), (self.path, self.stamp, key)
        )

    def rows_of_others(self, keys: set[tuple[int, int]]) -> pd.DataFrame:
        """Rows that belong to none of these `(channel, roi_id)`."""
        pairs = zip(self.frame["channel"], self.frame["roi_id"], strict=True)
        return self.frame[[pair not in keys for pair in pairs]]


def _array(values: pd.Series[Any]) -> np.ndarray[Any, Any]:
    if values.dtype.kind in "biuf":
        return values.to_numpy()
    return values.to_numpy().astype(str)


def text_columns(records: Sequence[AnalysisRecord]) -> tuple[str, ...]:
    """Names of the text columns of these records' tables, sorted."""
    tables = [record.table for record in records if record.table is not None]
    return tuple(
        sorted({name for table in tables for name in table.names if table[name].dtype.kind == "U"})
    )


def csv_content(records: Sequence[AnalysisRecord], others: pd.DataFrame | None) -> bytes:
    """All tables of one analysis as CSV bytes; rows of no record are kept at the end."""
    import pandas as pd

    frames = []
    for record in records:
        if record.table is not None:
            frame = record.table.to_dataframe()
            frame.insert(0, "roi_id", record.key.roi_id)
            frame.insert(0, "channel", record.key.channel)
            frames.append(frame)
    if others is not None and len(others):
        frames.append(others)
    whole = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    text: str = whole.to_csv(index=False, lineterminator="\n")
    return text.encode()


def by_analysis(records: Sequence[AnalysisRecord]) -> Mapping[str, list[AnalysisRecord]]:
    """Records that have a table, grouped by the name of their analysis."""
    grouped: dict[str, list[AnalysisRecord]] = {}
    for record in records:
        if record.table is not None:
            grouped.setdefault(record.key.analysis_name, []).append(record)
    return grouped
