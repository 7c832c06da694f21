"""`AcqImageList`: the recordings of a folder, a file or a CSV manifest, in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from acqcore.acq_image import AcqImage
from acqcore.discovery import (
    DEFAULT_DEPTH,
    LoadErrorType,
    LoadWarning,
    PathKind,
    find_recordings,
    is_there,
)
from acqcore.errors import AcqError, Cancelled, SaveFailed, UnreadableFile, UnsupportedFormat
from acqcore.manifest import (
    BlindedOrder,
    MasterRow,
    randomized_master,
    read_manifest,
    rel_path,
    write_manifest,
    write_master,
)
from acqcore.model.metadata import experiment_schema
from acqcore.model.schema import SchemaDefinition, ValueType
from acqcore.model.tree_rows import file_list_schema

FileFactory = Callable[[Path], AcqImage]

_GROUP_TYPES = (ValueType.STR, ValueType.BOOL, ValueType.ENUM)


class LoadCancelled(Cancelled):
    """The user stopped the opening of many files; `result` has what was open by then."""

    def __init__(self, result: LoadResult) -> None:
        super().__init__("Opening was stopped.")
        self.result = result


@dataclass(frozen=True, slots=True)
class SaveProgress:
    """One step of `iter_save_all`: `saving`, `saved`, `failed` or `cancelled`.

    A `cancelled` step names the file that would have come next.
    """

    event: str
    completed: int
    total: int
    file_id: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What `save_all` did.

    Attributes:
        saved: Ids of the files that were written.
        failed: One step per file that was not, with the reason in `message`.
        cancelled: Whether it was stopped before the last file.
    """

    saved: tuple[str, ...] = ()
    failed: tuple[SaveProgress, ...] = ()
    cancelled: bool = False


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
        path_kind: PathKind | str | None = None,
        root_path: Path | None = None,
        extensions: Collection[str] | None = None,
    ) -> None:
        """Open a path; without one the list is empty.

        `root_path` is the folder that a manifest's paths are relative to. `extensions` narrows
        what is taken from folders. The first file that cannot be opened raises; what a
        manifest or a folder gets wrong is a ValueError.
        """
        self._images: dict[str, AcqImage] = {}
        if path is None:
            return
        chosen = PathKind(path_kind) if path_kind is not None else PathKind.of(Path(path))
        for found in _discover(Path(path), chosen, folder_depth, root_path, extensions):
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
        root_path: Path | None = None,
        extensions: Collection[str] | None = None,
        progress_callback: Callable[[int, int, str], None] = lambda done, total, text: None,
        should_cancel: Callable[[], bool] = lambda: False,
    ) -> LoadResult:
        """Open what can be opened; each bad file is one warning.

        `progress_callback(attempted, total, text)`. Raises `LoadCancelled`, which carries
        what is open by then.
        """
        target = Path(path)
        try:
            chosen = PathKind(kind) if kind is not None else PathKind.of(target)
        except ValueError:
            return LoadResult(cls(), (LoadWarning(f"unknown kind {kind!r}"),), 0)
        if not is_there(target):
            missing = LoadErrorType.MISSING_FILE
            return LoadResult(
                cls(), (LoadWarning(f"{path} is not there.", str(path), None, missing),), 0
            )
        try:
            found = list(
                _discover(target, chosen, folder_depth, root_path, extensions, should_cancel)
            )
        except Cancelled as stop:
            raise LoadCancelled(LoadResult(cls(), (), 0)) from stop
        warnings = [one for one in found if isinstance(one, LoadWarning)]
        files = [one for one in found if isinstance(one, Path)]
        images = cls()
        progress_callback(0, len(files), f"{len(files)} recordings found")
        for done, file in enumerate(files, start=1):
            if should_cancel():
                raise LoadCancelled(LoadResult(images, tuple(warnings), len(files)))
            fault = images._open(file, file_factory or AcqImage)
            warnings += [fault] if fault else []
            progress_callback(done, len(files), f"{len(images)} of {len(files)} opened")
        return LoadResult(images, tuple(warnings), len(files))

    def _open(self, file: Path, factory: FileFactory) -> LoadWarning | None:
        try:
            self.add(factory(file))
        except (AcqError, OSError, ValueError) as error:
            kind = LoadErrorType.of(error, file)
            return LoadWarning(str(error), str(file), None, kind, None, str(file))
        return None

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
            except (AcqError, OSError) as error:
                yield SaveProgress("failed", done + 1, len(dirty), image.file_id, str(error))
            else:
                yield SaveProgress("saved", done + 1, len(dirty), image.file_id)

    def save_all(
        self,
        *,
        should_cancel: Callable[[], bool] = lambda: False,
        progress_callback: Callable[[SaveProgress], None] = lambda step: None,
    ) -> SaveReport:
        """Save every changed recording; a failure is reported and the rest goes on."""
        steps = []
        for step in self.iter_save_all(should_cancel):
            progress_callback(step)
            steps.append(step)
        return SaveReport(
            tuple(step.file_id for step in steps if step.event == "saved"),
            tuple(step for step in steps if step.event == "failed"),
            any(step.event == "cancelled" for step in steps),
        )

    def get_unique_metadata_values(self, field: str) -> list[str]:
        """Texts of an experiment field over all recordings, sorted, blanks left out.

        ValueError for a field that is not a text of the experiment.
        """
        known = {one.name: one.value_type for one in experiment_schema().fields}
        if known.get(field) is not ValueType.STR:
            raise ValueError(f"{field!r} is not a text field of the experiment")
        value = attrgetter(f"state.experiment.{field}")
        return sorted({value(image).strip() for image in self} - {""})

    def to_manifest_csv(self, path: Path, *, root: Path | None = None) -> None:
        """Write a CSV that opens as this list; paths are relative to `root` or its folder.

        ValueError for a recording outside that folder, `SaveFailed` when nothing was written.
        """
        write_manifest(path, [rel_path(image.path, root or path.parent) for image in self])

    def to_randomized_master_csv(
        self, path: Path, *, group_field: str, seed: int, root: Path | None = None
    ) -> tuple[MasterRow, ...]:
        """Write and give all recordings, shuffled within groups; see `manifest.sampled`.

        `group_field` is a text or a truth value of the file list or the experiment; ValueError
        for another one, or when it is blank in a recording.
        """
        groups = [self._group(image, group_field) for image in self]
        paths = [rel_path(image.path, root or path.parent) for image in self]
        rows = randomized_master(list(zip(paths, groups, strict=True)), seed)
        write_master(path, rows)
        return rows

    def _group(self, image: AcqImage, field: str) -> str:
        fields = (*file_list_schema().fields, *experiment_schema().fields)
        types = {one.name: one.value_type for one in fields}
        if types.get(field) not in _GROUP_TYPES:
            raise ValueError(f"recordings cannot be grouped by {field!r}")
        values = image.state.experiment.values() | image.get_schema_row()
        return str(values[field]).strip()

    def get_blinded_order(self, seed: int, known: BlindedOrder | None = None) -> BlindedOrder:
        """Labels `File 1`, `File 2` ... in random order; labels already given are kept."""
        return (known or BlindedOrder()).extended(self._images, seed)

    def get_schema(self) -> SchemaDefinition:
        """Schema of the file list."""
        return file_list_schema()

    def get_schema_rows(self) -> list[dict[str, Any]]:
        """One row per recording."""
        return [image.get_schema_row() for image in self]

    def get_tree_rows(self) -> list[dict[str, Any]]:
        """File and analysis rows of all recordings, in order."""
        return [row for image in self for row in image.get_tree_rows()]


def _discover(
    path: Path,
    kind: PathKind,
    depth: int,
    root: Path | None,
    extensions: Collection[str] | None,
    should_cancel: Callable[[], bool] = lambda: False,
) -> Iterator[Path | LoadWarning]:
    if kind is PathKind.CSV:
        return read_manifest(path, root)
    return find_recordings([path], depth, should_cancel, extensions)


__all__ = [
    "DEFAULT_DEPTH", "AcqImageList", "LoadCancelled", "LoadErrorType", "LoadResult", "LoadWarning",
    "PathKind", "SaveFailed", "SaveProgress", "SaveReport", "UnreadableFile", "UnsupportedFormat",
    "find_recordings", "read_manifest",
]  # fmt: skip
