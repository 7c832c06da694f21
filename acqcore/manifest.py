"""Lists of recordings as CSV: to open them again, in random order, sampled, or blinded.

A manifest names its files relative to its own folder, with forward slashes, so that the
folder can be moved. A random order depends on nothing but the paths, the groups and the
seed: the same seed gives the same order on every computer.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType

from acqcore.discovery import LoadErrorType, LoadWarning, is_there
from acqcore.errors import SidecarError, UnsupportedFormat
from acqcore.loaders import loader_class
from acqcore.storage.atomic import write_files

MANIFEST_COLUMNS = ("rel_path", "_rel_path")
"""Either names the column of paths; the second is the one that is written."""
MASTER_COLUMNS = ("_rel_path", "_group", "_random_order", "_source_index")


def read_manifest(path: Path, root: Path | None = None) -> Iterator[Path | LoadWarning]:
    """Recordings that a CSV lists, relative to its folder or `root`; faults by row."""
    base, seen = (root or path.parent).resolve(), set[Path]()
    try:
        rows = _read(path)
    except (OSError, csv.Error) as error:
        why = f"Cannot read {path.name}: {error}."
        yield LoadWarning(why, str(path), error_type=LoadErrorType.CSV_ERROR)
        return
    column = next((name for name in MANIFEST_COLUMNS if rows and name in rows[0]), None)
    if column is None:
        why = f"{path.name} has no column {MANIFEST_COLUMNS[0]}."
        yield LoadWarning(why, str(path), error_type=LoadErrorType.CSV_ERROR)
        return
    for number, row in enumerate(rows, start=2):
        text = row[column] or ""
        target = base / text
        kind, fault = _row_fault(text, target, base, seen)
        if fault:
            why = f"{path.name}, row {number}: {fault}."
            yield LoadWarning(why, str(target), number, kind, text, str(target))
        else:
            yield target
        seen.add(target)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as stream:
        return list(csv.DictReader(stream))


def _row_fault(text: str, target: Path, base: Path, seen: set[Path]) -> tuple[LoadErrorType, str]:
    """What is wrong with a row, or an empty text."""
    of_csv, fault = LoadErrorType.CSV_ERROR, ""
    if not text.strip():
        fault = "the path is blank"
    elif "\0" in text:
        fault = "the path is damaged"
    elif Path(text).is_absolute():
        fault = f"{text} is not relative to the manifest"
    elif not Path(os.path.realpath(target)).is_relative_to(base):
        fault = f"{text} leads out of the folder"
    elif target in seen:
        fault = f"{text} is listed twice"
    elif not is_there(target):
        return LoadErrorType.MISSING_FILE, f"{text} is not there"
    elif not _is_supported(target):
        return LoadErrorType.UNSUPPORTED_FILE_TYPE, f"{text} is no recording"
    return of_csv, fault


def _is_supported(path: Path) -> bool:
    try:
        loader_class(path)
    except UnsupportedFormat:
        return False
    return True


@dataclass(frozen=True, slots=True)
class MasterRow:
    """One recording of a randomised master manifest.

    Attributes:
        random_order: Place within its group, from 1.
        source_index: Place in the list that it was made from, from 0.
    """

    rel_path: str
    group: str
    random_order: int
    source_index: int


def rel_path(path: str | Path, root: Path) -> str:
    """Path below `root` with forward slashes; ValueError for a file elsewhere."""
    return Path(path).resolve().relative_to(root.resolve()).as_posix()


def randomized_master(files: Sequence[tuple[str, str]], seed: int) -> tuple[MasterRow, ...]:
    """Shuffle `(rel_path, group)` within each group, groups in sorted order.

    ValueError for a blank group.
    """
    random, rows = Random(seed), list[MasterRow]()
    blank = [path for path, group in files if not group.strip()]
    if blank:
        raise ValueError(f"{', '.join(blank)}: no group is given")
    for group in sorted({group for _, group in files}):
        # Sorted first, so that the order does not depend on how the list was made.
        places = sorted((path, n) for n, (path, its) in enumerate(files) if its == group)
        random.shuffle(places)
        rows += [MasterRow(path, group, k, n) for k, (path, n) in enumerate(places, start=1)]
    return tuple(rows)


def sampled(
    master: Iterable[MasterRow], per_group: int, *, allow_unbalanced: bool = False
) -> tuple[MasterRow, ...]:
    """The first `per_group` of each group in random order.

    ValueError when a group has fewer, unless `allow_unbalanced`.
    """
    if per_group < 1:
        raise ValueError("a sample has at least one recording per group")
    groups: dict[str, list[MasterRow]] = {}
    for row in master:
        groups.setdefault(row.group, []).append(row)
    short = [name for name, rows in groups.items() if len(rows) < per_group]
    if short and not allow_unbalanced:
        raise ValueError(f"fewer than {per_group} recordings in {', '.join(sorted(short))}")
    ranked = (sorted(groups[name], key=lambda row: row.random_order) for name in sorted(groups))
    return tuple(row for rows in ranked for row in rows[:per_group])


def write_manifest(path: Path, rel_paths: Iterable[str]) -> None:
    """Write a manifest; `SaveFailed` leaves the old file as it was."""
    _write(path, MASTER_COLUMNS[:1], ((one,) for one in rel_paths))


def write_master(path: Path, rows: Iterable[MasterRow]) -> None:
    """Write a master or a sample of one; both open as manifests. Raises `SaveFailed`."""
    cells = ((one.rel_path, one.group, one.random_order, one.source_index) for one in rows)
    _write(path, MASTER_COLUMNS, cells)


def read_master(path: Path) -> tuple[MasterRow, ...]:
    """Read `write_master`; `SidecarError` for any other file."""
    try:
        return tuple(
            MasterRow(
                row["_rel_path"],
                row["_group"],
                int(row["_random_order"]),
                int(row["_source_index"]),
            )
            for row in _read(path)
        )
    except (OSError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise SidecarError(path, "it is not a randomised master manifest") from error


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    write_files([(path, stream.getvalue().encode("utf-8", "surrogateescape"))])


@dataclass(frozen=True, slots=True)
class BlindedOrder:
    """Names that tell nothing, `File 1`, `File 2` ..., in a random order.

    Attributes:
        labels: By file id, in the order of the labels.
    """

    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def extended(self, file_ids: Iterable[str], seed: int) -> BlindedOrder:
        """Labels for more files; those that have one keep it."""
        fresh = sorted(set(file_ids) - set(self.labels))
        Random(seed).shuffle(fresh)
        numbered = enumerate(fresh, start=len(self.labels) + 1)
        added = {file_id: f"File {number}" for number, file_id in numbered}
        return BlindedOrder(MappingProxyType(dict(self.labels) | added))

    def label(self, file_id: str) -> str:
        """What a file is called; KeyError for one that has no label."""
        return self.labels[file_id]

    def file_ids(self) -> tuple[str, ...]:
        """Files in the order of their labels."""
        return tuple(self.labels)
