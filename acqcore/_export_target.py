"""Where an export goes: never over the recording, never half written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.errors import SaveFailed
from acqcore.model.record import AnalysisKey
from acqcore.storage.atomic import why

_ZARR_MARKS = ("zarr.json", ".zgroup", ".zattrs")


def checked_target(
    image: AcqImage, path: str | Path, suffixes: tuple[str, ...], *, overwrite: bool
) -> Path:
    """The real path to write to.

    `SaveFailed` for a name without the right ending, for what is there already unless
    `overwrite`, for a folder that is no Zarr hierarchy, and for the recording itself.
    """
    target = Path(os.path.realpath(path))
    for own in _files_of(image):
        real = Path(os.path.realpath(own))
        if real.is_relative_to(target) or (target.is_relative_to(real) and real.exists()):
            raise SaveFailed(target, "it belongs to the recording that is being exported")
    if not target.name.lower().endswith(suffixes):
        raise SaveFailed(target, f"its name must end in {' or '.join(suffixes)}")
    if target.exists() and not overwrite:
        raise SaveFailed(target, "there is something of that name already")
    if target.is_dir() and not any((target / mark).is_file() for mark in _ZARR_MARKS):
        raise SaveFailed(target, "a folder of that name holds other things")
    return target


def _files_of(image: AcqImage) -> Iterator[Path]:
    """The recording, and every name under which results are or will be saved beside it."""
    if image.images.in_memory:
        return
    yield from image.images.files
    sidecar = Path(image.get_sidecar_json_path())
    yield sidecar
    for name in analyses().keys() | {record.key.analysis_name for record in image.state.records}:
        yield sidecar.with_name(AnalysisKey(name, 0, 0).csv_filename(image.name))


@contextmanager
def placed(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """A free path beside `target` to write a file or folder to; it gets its name at the end.

    When anything fails, what was there stays and nothing else is left; OSError becomes
    `SaveFailed`.
    """
    room: Path | None = None
    try:
        # A folder of its own: the part inside gets the usual permissions, not those of a
        # temporary file, and a library may write what it likes beside it.
        room = Path(tempfile.mkdtemp(".tmp", ".cs-", target.parent))
        part = room / "part"
        yield part
        _sync(part)
        _name(part, target, room / "old", overwrite=overwrite)
    except OSError as error:
        raise SaveFailed(target, why(error, target.parent)) from error
    finally:
        if room is not None:
            shutil.rmtree(room, ignore_errors=True)


def _name(part: Path, target: Path, spare: Path, *, overwrite: bool) -> None:
    if not overwrite:
        _name_free(part, target)
        return
    if not target.is_dir():
        part.replace(target)
        return
    target.rename(spare)
    try:
        part.rename(target)
    except OSError:
        spare.rename(target)
        raise


def _name_free(part: Path, target: Path) -> None:
    """Never over a file that appeared meanwhile, where the disk has hard links."""
    if part.is_file():
        try:
            target.hardlink_to(part)
        except FileExistsError:
            raise
        except OSError:
            pass
        else:
            return
    if target.exists():
        raise FileExistsError(f"{target.name} appeared meanwhile")
    part.rename(target)


def _sync(part: Path) -> None:
    if part.is_file():
        with part.open("rb") as stream, suppress(PermissionError):
            os.fsync(stream.fileno())
