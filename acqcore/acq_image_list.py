"""`AcqImageList`: the recordings of a folder, a file or a CSV manifest, in order."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from pathlib import Path
from typing import Any

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled, SaveFailed, UnreadableFile, UnsupportedFormat
from acqcore.loaders import hidden_behind, is_recording_name
from acqcore.model.metadata import experiment_schema
from acqcore.model.schema import SchemaDefinition, ValueType
from acqcore.model.tree_rows import file_list_schema

DEFAULT_DEPTH = 4
MANIFEST_COLUMNS = ("rel_path", "_rel_path")

FileFactory = Callable[[Path], AcqImage]


class PathKind(Enum):
    """What a path is opened as."""

    FILE = "file"
    FOLDER = "folder"
    CSV = "csv"

    @classmethod
    def of(cls, path: Path) -> PathKind:
        """A folder, a manifest or a single recording."""
        if path.suffix.lower() == ".csv":
            return cls.CSV
        return cls.FOLDER if path.is_dir() and not is_recording_name(path.name) else cls.FILE


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """A file that could not be opened; `row_index` counts a manifest's header as 1."""

    message: str
    path: str | None = None
    row_index: int | None = None


@dataclass(frozen=True, slots=True)
class SaveProgress:
    """One step of `iter_save_all`: `saving`, `saved`, `failed` or `cancelled`."""

    event: str
    completed: int
    total: int
    file_id: str
    message: str = ""


def find_recordings(
    paths: Iterable[Path],
    folder_depth: int = DEFAULT_DEPTH,
    should_cancel: Callable[[], bool] = lambda: False,
) -> Iterator[Path | LoadWarning]:
    """Recordings below folders, and files named directly, as they are found.

    Only names are looked at. A file that was named is given even if its name says that
    it is no recording, so that opening it can report why. Each real folder is entered
    once, whatever links lead to it. Raises `Cancelled`.
    """
    if folder_depth < 1:
        raise ValueError("a folder depth starts at 1")
    seen: set[tuple[int, int]] = set()
    given: set[Path] = set()
    for path in paths:
        found: Iterable[Path | LoadWarning] = (hidden_behind(path) or path,)
        if path.is_dir() and not is_recording_name(path.name):
            found = _walk(path, folder_depth, seen)
        for one in found:
            if should_cancel():
                raise Cancelled("Opening was stopped.")
            if isinstance(one, LoadWarning) or one not in given:
                yield one
            if isinstance(one, Path):
                given.add(one)


def _walk(folder: Path, depth: int, seen: set[tuple[int, int]]) -> Iterator[Path | LoadWarning]:
    try:
        about = folder.stat()
        if (about.st_dev, about.st_ino) in seen:
            return
        seen.add((about.st_dev, about.st_ino))
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: (entry.name.lower(), entry.name))
    except OSError as error:
        why = f"Cannot list the folder {folder.name}: {(error.strerror or str(error)).lower()}."
        yield LoadWarning(why, str(folder))
        return
    recordings = [entry for entry in entries if is_recording_name(entry.name)]
    names = {entry.name for entry in recordings}
    for entry in recordings:
        # Siblings of one acquisition are one entry; the first of them stands for all.
        if hidden_behind(Path(entry.path)) is None:
            yield Path(entry.path)
    others = (one for one in entries if one.name not in names and not one.name.startswith("."))
    for entry in others if depth > 1 else ():
        if _is_folder(entry):
            yield from _walk(Path(entry.path), depth - 1, seen)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def read_manifest(path: Path, root: Path | None = None) -> Iterator[Path | LoadWarning]:
    """Recordings that a CSV lists, relative to its folder or `root`; faults by row."""
    base, seen = (root or path.parent).resolve(), set[Path]()
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, csv.Error) as error:
        yield LoadWarning(f"Cannot read {path.name}: {error}.", str(path))
        return
    column = next((name for name in MANIFEST_COLUMNS if rows and name in rows[0]), None)
    if column is None:
        yield LoadWarning(f"{path.name} has no column {MANIFEST_COLUMNS[0]}.", str(path))
        return
    for number, row in enumerate(rows, start=2):
        target = base / (row[column] or "")
        fault = _manifest_fault(row[column] or "", target, base, seen)
        if fault:
            yield LoadWarning(f"{path.name}, row {number}: {fault}.", str(target), number)
        else:
            yield target
        seen.add(target)


def _manifest_fault(text: str, target: Path, base: Path, seen: set[Path]) -> str:
    if not text.strip():
        return "the path is blank"
    if Path(text).is_absolute():
        return f"{text} is not relative to the manifest"
    if not target.resolve().is_relative_to(base):
        return f"{text} leads out of the folder"
    if target in seen:
        return f"{text} is listed twice"
    return "" if target.exists() else f"{text} is not there"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What `AcqImageList.load_safe` opened and what it had to leave out."""

    acq_image_list: AcqImageList
    warnings: tuple[LoadWarning, ...]
    discovered_count: int


class AcqImageList:
    """Open recordings, in order; the strict constructor raises for the first bad one."""

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        file_factory: FileFactory | None = None,
        folder_depth: int = DEFAULT_DEPTH,
        path_kind: PathKind | None = None,
    ) -> None:
        self._images: dict[str, AcqImage] = {}
        if path is None:
            return
        for found in _discover(Path(path), path_kind, folder_depth):
            if isinstance(found, LoadWarning):
                raise ValueError(found.message)
            self.add((file_factory or AcqImage)(found))

    @classmethod
    def load_safe(
        cls,
        path: str | Path,
        *,
        kind: PathKind | str | None = None,
        file_factory: FileFactory | None = None,
        folder_depth: int = DEFAULT_DEPTH,
        progress_callback: Callable[[int, int, str], None] = lambda done, total, text: None,
        should_cancel: Callable[[], bool] = lambda: False,
    ) -> LoadResult:
        """Open what can be opened; each bad file is one warning.

        `progress_callback(attempted, total, text)`. Raises `Cancelled`.
        """
        try:
            chosen = PathKind(kind) if isinstance(kind, str) else kind
        except ValueError:
            return LoadResult(cls(), (LoadWarning(f"unknown kind {kind!r}"),), 0)
        if not Path(path).exists():
            return LoadResult(cls(), (LoadWarning(f"{path} is not there.", str(path)),), 0)
        found = list(_discover(Path(path), chosen, folder_depth))
        warnings = [one for one in found if isinstance(one, LoadWarning)]
        files = [one for one in found if isinstance(one, Path)]
        images = cls()
        progress_callback(0, len(files), f"{len(files)} recordings found")
        for done, file in enumerate(files, start=1):
            if should_cancel():
                raise Cancelled("Opening was stopped.")
            try:
                images.add((file_factory or AcqImage)(file))
            except (AcqError, OSError) as error:
                warnings.append(LoadWarning(str(error), str(file)))
            progress_callback(done, len(files), f"{len(images)} of {len(files)} opened")
        return LoadResult(images, tuple(warnings), len(files))

    def add(self, image: AcqImage) -> bool:
        """Append a recording; False when it is already there."""
        there = image.file_id in self._images
        self._images.setdefault(image.file_id, image)
        return not there

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[AcqImage]:
        return iter(self._images.values())

    def get_files(self) -> tuple[AcqImage, ...]:
        """All recordings in order."""
        return tuple(self._images.values())

    def get_file_by_id(self, file_id: str) -> AcqImage | None:
        """The recording of that id, or None."""
        return self._images.get(file_id)

    def get_file_by_index(self, index: int) -> AcqImage:
        """The recording at a place; IndexError outside."""
        return self.get_files()[index]

    def has_file_id(self, file_id: str) -> bool:
        """Whether it is in the list."""
        return file_id in self._images

    def get_default_file_id(self) -> str | None:
        """The first recording's id, or None."""
        return next(iter(self._images), None)

    def get_default_selection(self) -> tuple[str | None, int | None, int | None]:
        """`(file_id, channel, roi_id)` to start with."""
        for image in self:
            return image.file_id, image.get_default_channel(), image.get_default_roi()
        return None, None, None

    def get_dirty_files(self) -> tuple[AcqImage, ...]:
        """Recordings with unsaved changes."""
        return tuple(image for image in self if image.is_dirty)

    def has_dirty_files(self) -> bool:
        """Whether anything is unsaved."""
        return any(image.is_dirty for image in self)

    def iter_save_all(
        self, should_cancel: Callable[[], bool] = lambda: False
    ) -> Iterator[SaveProgress]:
        """Save every changed recording; a failure is reported and the rest goes on."""
        dirty = self.get_dirty_files()
        for done, image in enumerate(dirty):
            if should_cancel():
                yield SaveProgress("cancelled", done, len(dirty), image.file_id)
                return
            yield SaveProgress("saving", done, len(dirty), image.file_id)
            try:
                image.save()
            except AcqError as error:
                yield SaveProgress("failed", done + 1, len(dirty), image.file_id, str(error))
            else:
                yield SaveProgress("saved", done + 1, len(dirty), image.file_id)

    def save_all(self) -> tuple[SaveProgress, ...]:
        """Save every changed recording; gives the ones that failed."""
        return tuple(step for step in self.iter_save_all() if step.event == "failed")

    def get_unique_metadata_values(self, field: str) -> list[str]:
        """Texts of an experiment field over all recordings, sorted, blanks left out.

        ValueError for a field that is not a text of the experiment.
        """
        known = {one.name: one.value_type for one in experiment_schema().fields}
        if known.get(field) is not ValueType.STR:
            raise ValueError(f"{field!r} is not a text field of the experiment")
        value = attrgetter(f"state.experiment.{field}")
        return sorted({value(image).strip() for image in self} - {""})

    def get_schema(self) -> SchemaDefinition:
        """Schema of the file list."""
        return file_list_schema()

    def get_schema_rows(self) -> list[dict[str, Any]]:
        """One row per recording."""
        return [image.get_schema_row() for image in self]

    def get_tree_rows(self) -> list[dict[str, Any]]:
        """File and analysis rows of all recordings, in order."""
        return [row for image in self for row in image.get_tree_rows()]


def _discover(path: Path, kind: PathKind | None, depth: int) -> Iterator[Path | LoadWarning]:
    chosen = kind or PathKind.of(path)
    if chosen is PathKind.CSV:
        return read_manifest(path)
    return find_recordings([path], depth)


__all__ = [
    "AcqImageList", "LoadResult", "LoadWarning", "PathKind", "SaveFailed", "SaveProgress",
    "UnreadableFile", "UnsupportedFormat", "find_recordings", "read_manifest",
]  # fmt: skip
