"""Which files are recordings: folders are searched by name, nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from acqcore.errors import Cancelled, UnsupportedFormat
from acqcore.loaders import hidden_behind, is_recording_name, supported_suffixes

DEFAULT_DEPTH = 4


def is_there(path: Path) -> bool:
    """Whether anything of that name is found; never an error.

    `Path.exists` raises where nobody may look, and for a name that no disk can hold.
    """
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    """Whether a folder of that name is found; never an error."""
    return os.path.isdir(path)  # noqa: PTH112


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
        return cls.FOLDER if is_folder(path) and not is_recording_name(path.name) else cls.FILE


class LoadErrorType(Enum):
    """Why something was not opened."""

    MISSING_FILE = "missing_file"
    UNSUPPORTED_FILE_TYPE = "unsupported_file_type"
    LOADER_ERROR = "loader_error"
    CSV_ERROR = "csv_error"

    @classmethod
    def of(cls, error: Exception, path: Path) -> LoadErrorType:
        """The kind of an exception that opening `path` raised."""
        if isinstance(error, UnsupportedFormat):
            return cls.UNSUPPORTED_FILE_TYPE
        # A loader turns a missing file into its own error, so the disk is asked.
        return cls.LOADER_ERROR if is_there(path) else cls.MISSING_FILE


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """A file that could not be opened.

    Attributes:
        row_index: Line of the manifest, its header being 1; None elsewhere.
        rel_path: The path as the manifest has it.
        resolved_path: The file that it stands for.
    """

    message: str
    path: str | None = None
    row_index: int | None = None
    error_type: LoadErrorType | None = None
    rel_path: str | None = None
    resolved_path: str | None = None


def get_supported_import_extensions() -> tuple[str, ...]:
    """Every extension that can be opened, lower case, without the dot, sorted."""
    return tuple(suffix.removeprefix(".") for suffix in supported_suffixes())


def find_recordings(
    paths: Iterable[Path],
    folder_depth: int = DEFAULT_DEPTH,
    should_cancel: Callable[[], bool] = lambda: False,
    extensions: Collection[str] | None = None,
) -> Iterator[Path | LoadWarning]:
    """Recordings below folders, and files named directly, as they are found.

    Only names are looked at. A file that was named is given even if its name says that
    it is no recording, so that opening it can report why. Each real folder is entered
    once, whatever links lead to it. `extensions` narrows the search in folders; ValueError
    for one that cannot be opened. Raises `Cancelled`.
    """
    if folder_depth < 1:
        raise ValueError("a folder depth starts at 1")
    endings = _endings(extensions)
    seen: set[tuple[int, int]] = set()
    given: set[Path] = set()
    for path in paths:
        found: Iterable[Path | LoadWarning] = (hidden_behind(path) or path,)
        if is_folder(path) and not is_recording_name(path.name):
            walked = _walk(path, folder_depth, seen)
            found = (one for one in walked if isinstance(one, LoadWarning) or _ends(one, endings))
        for one in found:
            if should_cancel():
                raise Cancelled("Opening was stopped.")
            if isinstance(one, LoadWarning) or one not in given:
                yield one
            if isinstance(one, Path):
                given.add(one)


def _endings(extensions: Collection[str] | None) -> tuple[str, ...]:
    if extensions is None:
        return ("",)
    known, wanted = (
        get_supported_import_extensions(),
        {one.lower().strip(".") for one in extensions},
    )
    if not wanted or wanted - set(known):
        raise ValueError(f"choose extensions from {', '.join(known)}")
    return tuple(f".{one}" for one in wanted)


def _ends(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(endings)


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
        yield LoadWarning(why, str(folder), error_type=LoadErrorType.of(error, folder))
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
