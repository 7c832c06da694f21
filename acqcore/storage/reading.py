"""Loading the sidecar of a recording: everything that can be read, and what cannot be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from acqcore.errors import SidecarError
from acqcore.model.header import ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.storage.atomic import FileStamp, read_if_there
from acqcore.storage.document import OURS
from acqcore.storage.on_disk import Loaded, OnDisk, csv_file, csv_path, sidecar_path
from acqcore.storage.parsing import Parsed, Problem, parse_document
from acqcore.storage.tables import MISSING, CsvFile

DEEPEST = 100
"""Levels of blocks within blocks; saving must be able to write them again."""
_ATTEMPTS = 3


def read(image: Path, header: ImageHeader) -> Loaded:
    """Load the sidecar of a recording; problems are reported, never raised."""
    for _ in range(_ATTEMPTS):
        loaded = _read(image, header)
        if not loaded.problems or _stamp_now(image) == loaded.on_disk.stamp:
            break  # else somebody saved in between: JSON and CSVs are of different saves
    return loaded


def _stamp_now(image: Path) -> FileStamp | None:
    try:
        content = read_if_there(sidecar_path(image))
    except OSError:
        return None
    return None if content is None else FileStamp.of(content)


def _read(image: Path, header: ImageHeader) -> Loaded:
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
            times = Counter(name for name, _ in pairs)
            repeated.extend(name for name in block if times[name] > 1)
        return block

    stored = json.loads(content.decode("utf-8-sig"), object_pairs_hook=unique)
    if not isinstance(stored, dict):
        raise ValueError("the top level is not a block of values")
    if is_too_deep(stored):
        raise ValueError("nested too deeply")
    return stored, repeated


def is_too_deep(document: Mapping[str, Any]) -> bool:
    """Whether a document nests deeper than JSON writers of any stack size can follow."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, Mapping) else node)
            if isinstance(child, Mapping | list | tuple)
        ]
        if not level:
            return False
    return True


def _attach_tables(image: Path, parsed: Parsed, on_disk: OnDisk) -> Loaded:
    """Give each record its table; those of other programs are read at once, to be checked."""
    files = {
        name: csv_file(csv_path(image, name), on_disk.listed.get(name))
        for name in {record.key.analysis_name for record in parsed.state.records}
    }
    tables: dict[AnalysisKey, ResultTable] = {}
    for key in (record.key for record in parsed.state.records):
        table = _table(files[key.analysis_name], key, parsed)
        if table is not None:
            tables[key] = table
    records = tuple(_with_table(one, tables.get(one.key), parsed) for one in parsed.state.records)
    # A CSV that gave no table was not understood: it is not ours to replace or delete.
    files = {name: files[name] for name in {key.analysis_name for key in tables}}
    return Loaded(
        replace(parsed.state, records=records),
        replace(
            on_disk, tables=tables, csv_files=files, document=keeping(on_disk.document, parsed.kept)
        ),
        tuple(dict.fromkeys(parsed.problems)),
        frozenset(parsed.foreign),
    )


def _table(csv: CsvFile, key: AnalysisKey, parsed: Parsed) -> ResultTable | None:
    """The table of a record, None when there is none or it cannot be read."""
    place = (key.channel, key.roi_id)
    if csv.stamp is None and key not in parsed.foreign | parsed.with_table:
        return None  # a file of that name may be there, but not of this record
    if csv.layouts and place not in csv.layouts:
        return None  # asked for, not yet run
    try:
        if csv.fault == MISSING and key in parsed.foreign and csv.stamp is None:
            return None  # the reference program names tables that it did not write
        if csv.fault:
            return _left_by_unfinished_save(csv, key, parsed)
        if csv.stamp is not None and key not in parsed.foreign:
            return csv.table(key)
        return ResultTable(csv.columns(*place)) if csv.has_rows(*place) else None
    except SidecarError as error:
        fault = str(error).removeprefix(f"{csv.path.name}: ").rstrip(".")
        parsed.problems.append(Problem(csv.path.name, fault))
        return None


def _left_by_unfinished_save(csv: CsvFile, key: AnalysisKey, parsed: Parsed) -> ResultTable:
    """The rows as the document knows them, from beside the CSV; `SidecarError` without."""
    table = ResultTable(csv.columns(key.channel, key.roi_id))
    why = f"{csv.fault}: a save did not end; the rows saved before it are used"
    parsed.problems.append(Problem(csv.path.name, why))
    return table


def _with_table(
    record: AnalysisRecord, table: ResultTable | None, parsed: Parsed
) -> AnalysisRecord:
    if record.provenance is None and table is not None:
        roi = parsed.state.roi(record.key.roi_id)
        if roi is not None:  # another program's table without a summary
            ran = Provenance(dict(record.parameters), roi.geometry, (1.0, 1.0))
            return replace(record, table=table, provenance=ran)
    return replace(record, table=table)


def keeping(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The document with values that were not understood moved to where saves keep them."""
    stored = dict(document)
    if not values:
        return stored
    own = stored.get(OURS)
    block = dict(own) if isinstance(own, Mapping) else {}
    earlier = block.get("kept", {})
    kept = dict(earlier) if isinstance(earlier, Mapping) else {f"{OURS}.kept": earlier}
    for place, value in values.items():
        name, count = place, 1
        while name in kept and kept[name] != value:
            name, count = f"{place} ({count + 1})", count + 1
        kept[name] = value
    return stored | {OURS: block | {"kept": kept}}
