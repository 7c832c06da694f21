"""Putting the rows of the pool window together, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.acq_image import AcqImage
from acqcore.analysis.base import Column, RunContext
from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey
from acqcore.pool import Pool
from cloudscope.blind import HIDDEN
from cloudscope.views.pool_events import event_rows
from cloudscope.views.pool_rows import (
    BESIDE,
    DESCRIBING,
    EVENTS,
    IDENTITY,
    RESULTS,
    TABLE,
    PoolTable,
    Wish,
)

if TYPE_CHECKING:
    import pandas as pd

_TELLING = ("parent", "grandparent", "animal", "recorded_date", "recorded_time", "roi_note")
"""Columns that tell which recording it is, beside what a person wrote about it."""

Key = tuple[str, AnalysisKey]
Label = Callable[[str], str]
_Gathered = tuple["pd.DataFrame", tuple[Column, ...], tuple[Key, ...], NDArray[np.intp]]


def gather(
    images: Sequence[AcqImage], wish: Wish, context: RunContext, label: Label | None = None
) -> PoolTable:
    """Look at all recordings; `Cancelled` when it is not wanted any more.

    `label` gives the name of a file id while names are hidden.
    """
    readable, unread = _readable(images, wish, context)
    pool = Pool(readable, include_stale=True, include_rejected=True, animal=wish.rule)
    context.progress(0.7, "Putting results together")
    frame, columns, keys, record = _ROWS[wish.rows](pool, readable, wish)
    context.progress(0.9, "Putting results together")
    shown = frame if label is None else _hidden(frame, label)
    files, rois, animals = _codes(frame)
    return PoolTable(
        wish, shown, columns, keys, record, _within(record), files, rois, animals,
        _flagged(frame), tuple(unread),
    )  # fmt: skip


def _readable(
    images: Sequence[AcqImage], wish: Wish, context: RunContext
) -> tuple[list[AcqImage], list[str]]:
    """Recordings whose tables can be read, which takes long the first time."""
    readable, unread = [], []
    for done, image in enumerate(images, start=1):
        context.progress(0.6 * done / len(images), f"Recording {done} of {len(images)}")
        try:
            if wish.rows == TABLE:
                _read_tables(image, wish.analysis)
            readable.append(image)
        except SidecarError as error:
            unread.append(str(error))
    return readable, unread


def _read_tables(image: AcqImage, analysis: str) -> None:
    for record in image.state.records:
        if record.key.analysis_name == analysis and record.table is not None:
            _ = record.table.columns


# --- rows of each kind -----------------------------------------------------------------


def _result_rows(pool: Pool, images: Sequence[AcqImage], wish: Wish) -> _Gathered:
    frame, columns = pool.records(), pool.columns()
    if wish.analysis:
        frame = frame[frame["analysis"] == wish.analysis].reset_index(drop=True)
        columns = tuple(
            _settled(frame, one)
            for one in columns
            if one.name in IDENTITY or bool(frame[one.name].notna().any())
        )
        frame = frame[[one.name for one in columns]]
    return frame, columns, _keys(frame), np.arange(len(frame))


def _settled(frame: pd.DataFrame, column: Column) -> Column:
    """Of one analysis all units may be the same, though those of several differ."""
    told = f"{column.name}_unit"
    units = frame[told].dropna().unique().tolist() if told in frame else []
    return replace(column, unit=str(units[0])) if len(units) == 1 else column


def _table_rows(pool: Pool, images: Sequence[AcqImage], wish: Wish) -> _Gathered:
    if wish.analysis not in pool.analysis_names:
        return _result_rows(pool, images, wish)
    frame = pool.rows(wish.analysis, BESIDE)
    about = {one.name: one for one in (*pool.columns(), *pool.columns(wish.analysis))}
    frame.insert(0, "analysis", wish.analysis)
    columns = tuple(about[str(name)] for name in frame)
    begins = np.ones(len(frame), bool)
    begins[1:] = False
    for name in ("file_id", "channel", "roi_id"):
        cells = frame[name].to_numpy()
        begins[1:] |= cells[1:] != cells[:-1]
    return frame, columns, _keys(frame[begins]), np.cumsum(begins) - 1


def _event_rows(pool: Pool, images: Sequence[AcqImage], wish: Wish) -> _Gathered:
    records = pool.records()
    records = records[records["analysis"] == wish.analysis].reset_index(drop=True)
    keys = _keys(records)
    by_id = {image.file_id: image for image in images}
    found = [by_id[file_id].state.record(key) for file_id, key in keys]
    beside = records[["analysis", *BESIDE, "seconds_per_line", "um_per_pixel"]]
    about = {one.name: one for one in pool.columns()}
    frame, columns, record = event_rows(beside, found, about)
    return frame, columns, keys, record


_ROWS: Mapping[str, Callable[[Pool, Sequence[AcqImage], Wish], _Gathered]] = {
    RESULTS: _result_rows, TABLE: _table_rows, EVENTS: _event_rows,
}  # fmt: skip


def _keys(records: pd.DataFrame) -> tuple[Key, ...]:
    cells = (records[name].tolist() for name in ("file_id", "analysis", "channel", "roi_id"))
    return tuple(
        (file_id, AnalysisKey(name, int(channel), int(roi)))
        for file_id, name, channel, roi in zip(*cells, strict=True)
    )


# --- what belongs together -------------------------------------------------------------


def _within(record: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number of each row in its record; rows of a record stand together."""
    first = np.flatnonzero(np.diff(record, prepend=-1))
    lengths = np.diff(first, append=len(record))
    return np.arange(len(record)) - np.repeat(first, lengths)


def _codes(frame: pd.DataFrame) -> tuple[NDArray[np.intp], ...]:
    """Numbers of file, ROI and animal of each row; an animal that is not known is -1."""
    file = _numbered(frame["file_id"])
    roi_id = frame["roi_id"].to_numpy(np.intp)
    roi = file * (int(roi_id.max(initial=0)) + 1) + roi_id
    animal = _numbered(frame["animal"])
    unknown = (frame["animal"] == "").to_numpy(bool)
    return file, roi, np.where(unknown, -1, animal)


def _numbered(cells: pd.Series[Any]) -> NDArray[np.intp]:
    import pandas as pd  # heavy: only where tables are made

    return pd.factorize(cells)[0].astype(np.intp)


def _flagged(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows with a flag of their analysis, and events that a person rejected."""
    flagged = np.zeros(len(frame), bool)
    if "flag" in frame:
        flags = frame["flag"]
        flagged |= (flags.notna() & (flags != "")).to_numpy(bool)
    if "accepted" in frame and "event_type" in frame:
        flagged |= (frame["accepted"] == "no").to_numpy(bool)
    return flagged


def _hidden(frame: pd.DataFrame, label: Label) -> pd.DataFrame:
    """The table of a blinded session: numbers for recordings, nothing that tells them."""
    names = {file_id: label(file_id) for file_id in frame["file_id"].unique()}
    told = frame["file_id"].map(names)
    hidden = {one: HIDDEN for one in (*_TELLING, *DESCRIBING) if one in frame}
    return frame.assign(**hidden, file_id=told, name=told)
