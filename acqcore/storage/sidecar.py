"""The sidecar of a recording: `<name>.json` and one `<name>.<analysis>.csv` per analysis.

Read everything, lose nothing: what is not understood is reported, kept and written
back; a file that another program changed is never overwritten without being asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from acqcore.errors import SidecarConflict, SidecarError
from acqcore.model.header import ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.state import AcqState
from acqcore.storage.atomic import FileStamp, beside, read_if_there, write_files
from acqcore.storage.document import OURS, document
from acqcore.storage.parsing import Parsed, Problem, parse_document
from acqcore.storage.tables import KEYS, CsvFile, by_analysis, csv_content, text_columns


def sidecar_path(image: Path) -> Path:
    """`<full file name>.json`, beside the recording."""
    return image.with_name(f"{image.name}.json")


def csv_path(image: Path, analysis_name: str) -> Path:
    """`<full file name>.<analysis>.csv`, beside the recording."""
    return image.with_name(AnalysisKey(analysis_name, 0, 0).csv_filename(image.name))


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What a sidecar held when it was last read or written.

    Attributes:
        stamp: Of the JSON; None when there was none.
        document: Its content; empty when it could not be parsed.
        unreadable: The JSON as a whole was not understood: the first save keeps it aside.
        tables: As loaded or written, to see which CSV has to be written again.
        csv_files: By name of the analysis, those that were read or written.
        kept: Copies that the last write made of files it did not understand.
    """

    stamp: FileStamp | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    unreadable: bool = False
    tables: Mapping[AnalysisKey, ResultTable] = field(default_factory=dict)
    csv_files: Mapping[str, CsvFile] = field(default_factory=dict)
    kept: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sidecar as read.

    Attributes:
        foreign: Keys of records that another program computed.
    """

    state: AcqState = field(default_factory=AcqState)
    on_disk: OnDisk = OnDisk()
    problems: tuple[Problem, ...] = ()
    foreign: frozenset[AnalysisKey] = frozenset()


def read(image: Path, header: ImageHeader) -> Loaded:
    """Load the sidecar of a recording; problems are reported, never raised."""
    path = sidecar_path(image)
    try:
        content = read_if_there(path)
    except OSError as error:
        return Loaded(problems=(Problem(path.name, f"cannot be read ({error.strerror})"),))
    if content is None:
        return Loaded()
    stamp = FileStamp.of(content)
    try:
        stored, repeated = _decode(content)
    except (ValueError, RecursionError) as error:
        fault = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        problem = Problem(path.name, f"not readable ({fault}); it is kept when you save")
        return Loaded(on_disk=OnDisk(stamp, unreadable=True), problems=(problem,))
    parsed = parse_document(stored, header, path.name)
    for name in repeated:
        parsed.report(name, "stands there more than once; the last one counts")
    return _attach_tables(image, parsed, OnDisk(stamp, stored, bool(repeated)))


def _decode(content: bytes) -> tuple[dict[str, Any], list[str]]:
    """The top-level object and the keys that were given twice; ValueError when damaged."""
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        block = dict(pairs)
        if len(block) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(name for name in block if names.count(name) > 1)
        return block

    stored = json.loads(content.decode("utf-8-sig"), object_pairs_hook=unique)
    if not isinstance(stored, dict):
        raise ValueError("the top level is not a block of values")
    return stored, repeated


def _attach_tables(image: Path, parsed: Parsed, on_disk: OnDisk) -> Loaded:
    """Give each record its table; those of other programs are read at once, to be checked."""
    listed = on_disk.document.get(OURS, {})
    stamps = listed.get("csv_files", {}) if isinstance(listed, Mapping) else {}
    files = {
        name: CsvFile(csv_path(image, name), _stamp(stamps, name), _texts(stamps, name))
        for name in {record.key.analysis_name for record in parsed.state.records}
        if csv_path(image, name).is_file()
    }
    tables: dict[AnalysisKey, ResultTable] = {}
    for key in (record.key for record in parsed.state.records):
        if key.analysis_name in files:
            table = _table(files[key.analysis_name], key, parsed)
            if table is not None:
                tables[key] = table
    records = tuple(_with_table(one, tables.get(one.key), parsed) for one in parsed.state.records)
    # A CSV that gave no table was not understood: it is not ours to replace or delete.
    files = {name: files[name] for name in {key.analysis_name for key in tables}}
    return Loaded(
        replace(parsed.state, records=records),
        replace(on_disk, tables=tables, csv_files=files, document=_keeping(on_disk, parsed)),
        tuple(parsed.problems),
        frozenset(parsed.foreign),
    )


def _table(csv: CsvFile, key: AnalysisKey, parsed: Parsed) -> ResultTable | None:
    """The table of a record, None when the CSV holds no row of it."""
    try:
        if key in parsed.foreign:
            columns = csv.columns(key.channel, key.roi_id)
            return ResultTable(columns) if len(next(iter(columns.values()), ())) else None
        if csv.stamp is not None and csv.path.stat().st_size != csv.stamp.size:
            raise SidecarError(csv.path, "its content is not what was saved with the recording")
    except (SidecarError, OSError) as error:
        fault = str(error).removeprefix(f"{csv.path.name}: ").rstrip(".")
        parsed.problems.append(Problem(csv.path.name, fault))
        return None
    return csv.table(key) if csv.stamp is not None else None


def _with_table(
    record: AnalysisRecord, table: ResultTable | None, parsed: Parsed
) -> AnalysisRecord:
    if record.provenance is None and table is not None:
        roi = parsed.state.roi(record.key.roi_id)
        if roi is not None:  # another program's table without a summary
            ran = Provenance(dict(record.parameters), roi.geometry, (1.0, 1.0))
            return replace(record, table=table, provenance=ran)
    return replace(record, table=table)


def _keeping(on_disk: OnDisk, parsed: Parsed) -> dict[str, Any]:
    """The document with what was not understood moved to where saves keep it."""
    stored = dict(on_disk.document)
    if parsed.kept:
        own = stored.get(OURS)
        block = dict(own) if isinstance(own, Mapping) else {}
        earlier = block.get("kept")
        block["kept"] = (dict(earlier) if isinstance(earlier, Mapping) else {}) | parsed.kept
        stored[OURS] = block
    return stored


def _stamp(stamps: Any, name: str) -> FileStamp | None:
    block = stamps.get(name) if isinstance(stamps, Mapping) else None
    if not isinstance(block, Mapping):
        return None
    size, digest = block.get("size"), block.get("sha256")
    return FileStamp(size, digest) if isinstance(size, int) and isinstance(digest, str) else None


def _texts(stamps: Any, name: str) -> frozenset[str]:
    block = stamps.get(name) if isinstance(stamps, Mapping) else None
    listed = block.get("text_columns", []) if isinstance(block, Mapping) else []
    return frozenset(str(one) for one in listed) if isinstance(listed, list) else frozenset()


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
    path, grouped = sidecar_path(image), by_analysis(state.records)
    contents = {
        name: _csv(image, name, records, on_disk)
        for name, records in grouped.items()
        if _changed(name, records, on_disk)
    }
    stored = document(header, state, on_disk.document)
    block = stored[OURS] | {"writer": writer}
    block["csv_files"] = _stamps(image, grouped, contents, on_disk)
    content = _encode(stored | {OURS: block})
    gone = [
        csv.path for name, csv in on_disk.csv_files.items() if name not in grouped and csv.stamp
    ]
    targets = [csv_path(image, name) for name in contents] + gone + [path]
    keep = _conflicts(path, targets, on_disk, overwrite)
    if on_disk.unreadable and path not in keep:
        keep[path] = beside(path, "damaged")
    files = [(csv_path(image, name), data) for name, data in contents.items()]
    write_files([*files, (path, content)], remove=gone, keep=keep)
    after = _after(image, stored | {OURS: block}, content, grouped, contents, on_disk)
    return replace(after, kept=tuple(keep.values()))


def _changed(name: str, records: list[AnalysisRecord], on_disk: OnDisk) -> bool:
    before = {key: table for key, table in on_disk.tables.items() if key.analysis_name == name}
    now = {record.key: record.table for record in records}
    return now.keys() != before.keys() or any(before[key] is not now[key] for key in now)


def _csv(image: Path, name: str, records: list[AnalysisRecord], on_disk: OnDisk) -> bytes:
    """The bytes of a CSV, with rows of the old one that belong to no record we loaded."""
    old, others = on_disk.csv_files.get(name), []
    if old is not None:
        loaded = [key for key in on_disk.tables if key.analysis_name == name]
        mine = loaded + [record.key for record in records]
        others = old.rows_of_others({(key.channel, key.roi_id) for key in mine})
    return csv_content(records, others)


def _stamps(
    image: Path,
    grouped: Mapping[str, list[AnalysisRecord]],
    contents: Mapping[str, bytes],
    on_disk: OnDisk,
) -> dict[str, Any]:
    listed = {}
    for name, records in grouped.items():
        if name in contents:
            stamp, texts = FileStamp.of(contents[name]), text_columns(records)
        else:
            csv = on_disk.csv_files[name]
            stamp = csv.stamp or FileStamp.of(csv.content)
            texts = tuple(sorted(csv.text_columns))
        listed[name] = {
            "name": csv_path(image, name).name,
            "size": stamp.size,
            "sha256": stamp.sha256,
            "text_columns": list(texts),
        }
    return listed


def _conflicts(
    path: Path, targets: list[Path], on_disk: OnDisk, overwrite: bool
) -> dict[Path, Path]:
    """Targets that are not what was loaded; raises unless they may be kept aside."""
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
        if now is not None and FileStamp.of(now) != expected.get(target):
            if not overwrite:
                raise SidecarConflict(target)
            keep[target] = beside(target, "other")
    return keep


def _encode(stored: Mapping[str, Any]) -> bytes:
    text = json.dumps(_plain(stored), indent=2, sort_keys=True, allow_nan=False)
    return text.encode("ascii")


def _plain(value: Any) -> Any:
    """JSON values only: NaN and infinity, which JSON does not know, become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _after(
    image: Path,
    stored: Mapping[str, Any],
    content: bytes,
    grouped: Mapping[str, list[AnalysisRecord]],
    contents: Mapping[str, bytes],
    on_disk: OnDisk,
) -> OnDisk:
    files = {name: csv for name, csv in on_disk.csv_files.items() if name in grouped}
    for name, data in contents.items():
        texts = frozenset(text_columns(grouped[name]))
        files[name] = CsvFile(csv_path(image, name), FileStamp.of(data), texts)
    tables = {
        record.key: record.table
        for records in grouped.values()
        for record in records
        if record.table is not None
    }
    return OnDisk(FileStamp.of(content), stored, False, tables, files)


__all__ = ["KEYS", "Loaded", "OnDisk", "csv_path", "read", "sidecar_path", "write"]
