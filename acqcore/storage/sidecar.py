"""The sidecar of a recording: `<name>.json` and one `<name>.<analysis>.csv` per analysis.

Read everything, lose nothing: what is not understood is reported, kept and written
back; a file that another program changed is never overwritten without being asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from acqcore.errors import SaveFailed, SidecarConflict, SidecarError
from acqcore.model.header import ImageHeader
from acqcore.model.record import AnalysisRecord
from acqcore.model.state import AcqState
from acqcore.storage.atomic import (
    FileStamp,
    beside,
    read_if_there,
    real_path,
    spares,
    why,
    write_files,
)
from acqcore.storage.document import OURS, document
from acqcore.storage.folder_lock import folder_lock
from acqcore.storage.on_disk import Loaded, OnDisk, csv_block, csv_path, sidecar_path
from acqcore.storage.reading import is_too_deep, read
from acqcore.storage.tables import (
    KEYS,
    CsvFile,
    Row,
    by_analysis,
    csv_content,
    layouts_of,
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a save will do with the CSVs of a recording.

    Attributes:
        grouped: Records with a table, by name of the analysis.
        contents: CSVs to write, by name of the analysis.
        gone: CSVs of ours that hold no record any more.
    """

    grouped: Mapping[str, list[AnalysisRecord]]
    contents: Mapping[str, bytes]
    gone: tuple[Path, ...]


def write(
    image: Path,
    header: ImageHeader,
    state: AcqState,
    on_disk: OnDisk,
    *,
    writer: str,
    overwrite: bool = False,
) -> OnDisk:
    """Write CSVs, then the JSON that names them; gives what is on disk afterwards.

    Raises `SidecarConflict` when another program changed one of the files since it was
    loaded, unless `overwrite`, which keeps the other version beside it; `SaveFailed` and
    `SidecarError` when nothing could be written. In each of these cases nothing changed.
    """
    path = sidecar_path(image)
    try:
        # Between the comparison and the replacement nobody else may save.
        with folder_lock(real_path(path).parent):
            return _write(image, header, state, on_disk, writer, overwrite)
    except OSError as error:
        raise SaveFailed(path, why(error, path.parent)) from error


def _write(
    image: Path,
    header: ImageHeader,
    state: AcqState,
    on_disk: OnDisk,
    writer: str,
    overwrite: bool,
) -> OnDisk:
    path, plan = sidecar_path(image), _plan(image, state, on_disk, overwrite)
    files = _csv_files(image, plan, on_disk)
    stored = document(header, state, on_disk.document)
    listed = _lost(state, on_disk) | {name: csv_block(files[name]) for name in plan.grouped}
    stored |= {OURS: stored[OURS] | {"writer": writer, "csv_files": listed}}
    content = _encode(path, stored)
    targets = [files[name].path for name in plan.contents] + [*plan.gone, path]
    wanted = {files[name].path: FileStamp.of(made) for name, made in plan.contents.items()}
    keep = _conflicts(path, targets, on_disk, wanted, overwrite)
    if on_disk.unreadable:
        keep |= {one: beside(path, "damaged") for one in spares(path)}
        keep.setdefault(path, beside(path, "damaged"))
    csvs = [(files[name].path, content) for name, content in plan.contents.items()]
    settled = [csv.path for csv in on_disk.csv_files.values() if not csv.fault]
    settled += [] if on_disk.unreadable else [path]
    write_files([*csvs, (path, content)], remove=plan.gone, keep=keep, settled=settled)
    tables = {
        record.key: record.table
        for records in plan.grouped.values()
        for record in records
        if record.table is not None
    }
    return OnDisk(FileStamp.of(content), stored, False, tables, files, tuple(keep.values()))


def _plan(image: Path, state: AcqState, on_disk: OnDisk, overwrite: bool) -> _Plan:
    grouped = by_analysis(state.records)
    changed = [
        name
        for name, records in grouped.items()
        if _is_changed(name, records, on_disk)
        or _is_to_be_restored(on_disk.csv_files[name], records, overwrite)
    ]
    gone = [
        name
        for name, csv in on_disk.csv_files.items()
        if name not in grouped and csv.stamp and csv.ours
    ]
    _remember(on_disk, {*changed, *gone})
    contents = {
        name: csv_content(grouped[name], _others(name, on_disk, grouped)) for name in changed
    }
    for name in [name for name in gone if _others(name, on_disk, grouped)]:
        # Rows of nobody we know: the file shrinks to them and is no longer ours.
        gone.remove(name)
        contents[name] = csv_content([], _others(name, on_disk, grouped))
    return _Plan(grouped, contents, tuple(csv_path(image, name) for name in gone))


def _is_changed(name: str, records: Iterable[AnalysisRecord], on_disk: OnDisk) -> bool:
    before = {key: table for key, table in on_disk.tables.items() if key.analysis_name == name}
    now = {record.key: record.table for record in records}
    return now.keys() != before.keys() or any(before[key] is not now[key] for key in now)


def _is_to_be_restored(csv: CsvFile, records: Iterable[AnalysisRecord], overwrite: bool) -> bool:
    """Whether an unchanged CSV is no longer on disk as it was, and its rows are at hand."""
    now = read_if_there(csv.path)
    if now is not None and FileStamp.of(now) == (csv.stamp or FileStamp.of(csv.content)):
        return False
    try:
        return all(record.table is None or record.table.names is not None for record in records)
    except SidecarError:
        if now is not None and not overwrite:
            raise SidecarConflict(csv.path) from None
        return False  # left as it is, and reported by the next load


def _remember(on_disk: OnDisk, names: set[str]) -> None:
    """Read tables of files about to be replaced: undo may still bring them back."""
    for key, table in on_disk.tables.items():
        if key.analysis_name in names:
            with suppress(SidecarError):
                _ = table.columns


def _others(name: str, on_disk: OnDisk, grouped: Mapping[str, list[AnalysisRecord]]) -> list[Row]:
    """Rows of the CSV as loaded that belong to no record we loaded."""
    csv = on_disk.csv_files.get(name)
    if csv is None:
        return []
    mine = {(one.key.channel, one.key.roi_id) for one in grouped.get(name, ())}
    try:
        return csv.rows_of_others(mine | on_disk.places(name))
    except SidecarError:  # gone, or kept aside as a whole
        return []


def _csv_files(image: Path, plan: _Plan, on_disk: OnDisk) -> dict[str, CsvFile]:
    """The CSVs as they will be."""
    files = {
        name: csv if csv.stamp else _known_now(csv, plan.grouped[name])
        for name, csv in on_disk.csv_files.items()
        if name in plan.grouped
    }
    for name, content in plan.contents.items():
        layouts = layouts_of(plan.grouped.get(name, ()))
        files[name] = CsvFile(csv_path(image, name), FileStamp.of(content), layouts)
    return files


def _known_now(csv: CsvFile, records: Sequence[AnalysisRecord]) -> CsvFile:
    """Another program's CSV, which stays as it is."""
    return CsvFile(csv.path, FileStamp.of(csv.content), layouts_of(records), ours=False)


def _lost(state: AcqState, on_disk: OnDisk) -> dict[str, Any]:
    """What was said of CSVs that could not be read: they may come back."""
    names = {one.key.analysis_name for one in state.records} - on_disk.csv_files.keys()
    return {name: block for name, block in on_disk.listed.items() if name in names}


def _conflicts(
    path: Path,
    targets: list[Path],
    on_disk: OnDisk,
    wanted: Mapping[Path, FileStamp],
    overwrite: bool,
) -> dict[Path, Path]:
    """Targets that are not what was loaded; raises unless they may be kept aside.

    One that holds what it is to get is none: a save that was killed may have written it.
    """
    expected = {
        csv.path: csv.stamp or FileStamp.of(csv.content)
        for csv in on_disk.csv_files.values()
        if csv.path in targets
    }
    if on_disk.stamp is not None:
        expected[path] = on_disk.stamp
    keep = {}
    for target in targets:
        try:
            now = read_if_there(target)
        except OSError as error:
            raise SidecarError(target, f"cannot be read ({error.strerror})") from error
        if now is None or FileStamp.of(now) == wanted.get(target):
            continue
        if FileStamp.of(now) != expected.get(target):
            if not overwrite:
                raise SidecarConflict(target)
            keep[target] = beside(target, "other")
    return keep


def _encode(path: Path, stored: Mapping[str, Any]) -> bytes:
    if is_too_deep(stored):
        raise SaveFailed(path, "a summary or parameter is nested too deeply")
    try:
        text = json.dumps(_plain(stored), indent=2, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:  # of a plug-in, or a number of thousands of digits
        raise SaveFailed(path, f"a summary or parameter cannot be stored ({error})") from error
    return text.encode("ascii")


def _plain(value: Any) -> Any:
    """JSON values only: NaN and infinity, which JSON does not know, become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


__all__ = ["KEYS", "Loaded", "OnDisk", "csv_path", "read", "sidecar_path", "write"]
