"""Results and pixels for other programs: CSV, TIFF, OME-Zarr and where each number is from.

Every file is written whole or not at all, nothing that exists is replaced unless asked
for, and the recording itself is never touched.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acqcore._export_pixels import WRITER, export_ome_zarr, export_tiff, printable
from acqcore._export_target import checked_target
from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.base import Column
from acqcore.errors import SaveFailed
from acqcore.found import ROWS, list_columns, listing
from acqcore.model.record import AnalysisRecord, Columns
from acqcore.run import plain
from acqcore.storage.atomic import write_files

# Spreadsheets take a cell that starts with one of these for a formula and run it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_KEY_COLUMNS = (
    Column("file", "", "File", "Name of the recording."),
    Column("channel", "", "Channel", "Counted from 0."),
    Column("roi_id", "", "ROI", "Number of the ROI in its recording."),
    Column("out_of_date", "", "Out of date", "Whether ROI, parameters or calibration changed."),
)


def export_csv(
    image: AcqImage,
    path: str | Path,
    *,
    analysis_name: str,
    listed: str = ROWS,
    units_row: bool = True,
    overwrite: bool = False,
) -> None:
    """Write the rows of all ROIs of one analysis, or another list of `acqcore.found`.

    Units stand in a second header row or, without `units_row`, in `<path>.dictionary.csv`
    with title and meaning of each column. Numbers are written so that they come back to
    the last bit; a missing number is an empty cell. `SaveFailed` when there is no result
    or nothing could be written, `SidecarError` for a stored table that cannot be read.
    """
    target = checked_target(image, path, (".csv",), overwrite=overwrite)
    records = [one for one in image.state.records if one.key.analysis_name == analysis_name]
    if listed == ROWS:
        tables = [(one, one.table.columns) for one in records if one.table is not None]
    else:
        tables = [(one, _listed(one, listed)) for one in records if one.has_result]
    if not tables:
        raise SaveFailed(target, f"there is no result of {analysis_name} in {image.name}")
    columns = _columns(image, analysis_name, tables, listed)
    header = [[column.name for column in columns]]
    if units_row:
        header.append([column.unit for column in columns])
    rows = [row for record, table in tables for row in _rows(image, record, table, columns)]
    files = [(target, _csv_bytes([*header, *rows]))]
    if not units_row:
        beside = target.with_name(f"{target.name}.dictionary.csv")
        checked_target(image, beside, (".csv",), overwrite=overwrite)
        files.append((beside, _dictionary(columns)))
    write_files(files)


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: it gets a leading apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _listed(record: AnalysisRecord, kind: str) -> Columns:
    method = analyses().get(record.key.analysis_name)
    return listing(record, method, kind).values if method is not None else {}


def _columns(
    image: AcqImage,
    analysis_name: str,
    tables: Sequence[tuple[AnalysisRecord, Columns]],
    listed: str,
) -> list[Column]:
    """Key columns, then those of the tables, with the units of this recording."""
    method = analyses().get(analysis_name)
    described = list_columns(method, listed) if method is not None else ()
    known = {column.name: column for column in described}
    names = dict.fromkeys(name for _, table in tables for name in table)
    columns = list(_KEY_COLUMNS)
    for name in names:
        column = known.get(name, Column(name, "", name))
        unit = method.unit_of(column, image.calibration) if method else column.unit
        columns.append(Column(name, unit, column.title, column.help))
    return columns


def _rows(
    image: AcqImage, record: AnalysisRecord, table: Columns, columns: Sequence[Column]
) -> Iterator[list[Any]]:
    count = len(next(iter(table.values()), ()))
    stale = bool(image.state.stale_reason(record, image.header.calibration))
    head = [printable(image.name), record.key.channel, record.key.roi_id, stale]
    names = [column.name for column in columns[len(head) :]]
    empty = [""] * count
    cells = [table[name].tolist() if name in table else empty for name in names]
    for row in zip(*cells, strict=True):
        yield [*head, *row]


def _csv_bytes(rows: Sequence[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, float):
        return "" if np.isnan(value) else repr(value)
    return str(value)


def _dictionary(columns: Sequence[Column]) -> bytes:
    rows = [[one.name, one.unit, one.title, one.help] for one in columns]
    return _csv_bytes([["column", "unit", "title", "meaning"], *rows])


def provenance(image: AcqImage) -> list[dict[str, Any]]:
    """Where each record comes from, in the order of creation, as JSON values.

    A record that has not run yet has no `calibration`, `geometry` and `pixels`.
    """
    source = {"name": printable(image.name), "size_bytes": _size(image)}
    return [plain({"source": source} | _entry(image, one)) for one in image.state.records]


def export_provenance(image: AcqImage, path: str | Path, *, overwrite: bool = False) -> None:
    """Write `provenance` as JSON; `SaveFailed` when that is not possible."""
    target = checked_target(image, path, (".json",), overwrite=overwrite)
    text = json.dumps(provenance(image), indent=2, allow_nan=False)
    write_files([(target, f"{text}\n".encode())])


def _entry(image: AcqImage, record: AnalysisRecord) -> dict[str, Any]:
    key, ran, roi = record.key, record.provenance, image.state.roi(record.key.roi_id)
    entry: dict[str, Any] = {
        "writer": WRITER,
        "analysis": key.analysis_name,
        "channel": key.channel,
        "channel_name": printable(image.header.channel_name(key.channel)),
        "roi_id": key.roi_id,
        "roi_name": printable(roi.name) if roi else "",
        "parameters": dict(ran.parameters if ran else record.parameters),
        "summary": dict(record.summary),
        "out_of_date": image.state.stale_reason(record, image.header.calibration),
    }
    if ran is None:
        return entry
    return entry | {
        "geometry": list(ran.geometry),
        "calibration": _calibration(image, ran.steps),
        "time_utc": ran.time_utc,
        "versions": dict(ran.versions),
        "pixels": dict(ran.pixels),
        "note": ran.note,
    }


def _calibration(image: AcqImage, steps: tuple[float, float]) -> dict[str, Any]:
    now = image.calibration
    block: dict[str, Any] = {"step_y": steps[0], "step_x": steps[1]}
    if now.steps == steps:  # units and origin are only known of the calibration in force
        block |= {"unit_y": now.label_y, "unit_x": now.label_x, "source": now.source}
    return block


def _size(image: AcqImage) -> int | None:
    """Bytes of all files of the recording; None for one that lies in no file."""
    sizes = [_bytes_of(file) for file in image.images.files if file.exists()]
    return sum(sizes) if sizes else None


def _bytes_of(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


__all__ = [
    "export_csv", "export_ome_zarr", "export_provenance", "export_tiff", "guarded", "provenance",
]  # fmt: skip
