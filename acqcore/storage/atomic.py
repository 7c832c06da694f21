"""Writing several files so that a reader finds all of the old or all of the new ones.

Temporary files in the same folder are written and synced first; only then do they take
the place of the old files, in order. When a replacement fails, the ones before it are
put back.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from acqcore.errors import SaveFailed

# Short and fixed: a name made from the target would exceed 255 bytes for long file names.
_PREFIX, _SUFFIX = ".cs-", ".tmp"

_REASONS: Mapping[int, str] = {
    errno.EACCES: "the folder {folder} is read-only",
    errno.EPERM: "the folder {folder} is read-only",
    errno.EROFS: "the folder {folder} is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENAMETOOLONG: "its name is too long for this disk",
    errno.ENOENT: "the folder {folder} is no longer there",
}


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Identity of a file's content."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> FileStamp:
        """The stamp of these bytes."""
        return cls(len(content), hashlib.sha256(content).hexdigest())


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, or None when there is no file; other failures raise OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def utc_tag() -> str:
    """The time now as part of a file name."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def beside(path: Path, tag: str) -> Path:
    """A free name next to `path`, such as `a.tif.json.damaged-20260102T030405Z`."""
    candidate, count = path.with_name(f"{path.name}.{tag}-{utc_tag()}"), 1
    while candidate.exists():
        count += 1
        candidate = candidate.with_name(f"{path.name}.{tag}-{utc_tag()}-{count}")
    return candidate


def write_files(
    files: Sequence[tuple[Path, bytes]],
    *,
    remove: Sequence[Path] = (),
    keep: Mapping[Path, Path] | None = None,
) -> None:
    """Replace `files` in order and delete `remove`, or change nothing: `SaveFailed`.

    `keep` copies old files to other names first: what was not understood, or another
    program's version.
    """
    target = files[-1][0] if files else Path()
    with ExitStack() as clean_up:
        undo: list[Callable[[], None]] = []
        try:
            staged = [(_real(path), _stage(_real(path), data, clean_up)) for path, data in files]
            for old, copy in (keep or {}).items():
                _link_or_copy(old, copy)
                undo.append(copy.unlink)
            for path, temporary in staged:
                undo.append(_set_aside(path, clean_up))
                temporary.replace(path)
            for path in map(_real, remove):
                undo.append(_set_aside(path, clean_up))
                path.unlink(missing_ok=True)
            _sync_folders({path.parent for path, _ in staged})
        except OSError as error:
            for step in reversed(undo):
                with suppress(OSError):
                    step()
            raise SaveFailed(target, why(error, target.parent)) from error


def why(error: OSError, folder: Path) -> str:
    """The reason of a failed write, in words."""
    told = _REASONS.get(error.errno or 0)
    return told.format(folder=folder) if told else (error.strerror or str(error)).lower()


def _real(path: Path) -> Path:
    """Behind a symbolic link, so that replacing does not turn the link into a file."""
    return Path(os.path.realpath(path))


def _stage(path: Path, content: bytes, clean_up: ExitStack) -> Path:
    handle, name = tempfile.mkstemp(_SUFFIX, _PREFIX, path.parent)
    temporary = Path(name)
    clean_up.callback(_discard, temporary)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.chmod(_mode(path))  # mkstemp gives 0600, which would lock colleagues out
    return temporary


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _set_aside(path: Path, clean_up: ExitStack) -> Callable[[], None]:
    """Keep the old file reachable until all is written; gives the step that restores it."""
    if not path.exists():
        return lambda: path.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(_SUFFIX, _PREFIX, path.parent)
    os.close(handle)
    spare = Path(name)
    clean_up.callback(_discard, spare)
    spare.unlink()
    _link_or_copy(path, spare)
    return lambda: os.replace(spare, path)  # noqa: PTH105 - gives None, as the caller wants


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # FAT and some network shares have no hard links
        target.write_bytes(source.read_bytes())


def _discard(path: Path) -> None:
    """Remove a temporary file; tried twice, because a stray file looks like lost work."""
    for _ in range(2):
        with suppress(OSError):
            path.unlink(missing_ok=True)
            return


def _sync_folders(folders: set[Path]) -> None:
    for folder in folders:
        try:
            handle = os.open(folder, os.O_RDONLY)
        except PermissionError:  # Windows cannot open a folder
            continue
        try:
            os.fsync(handle)
        except OSError as error:
            # Some network shares cannot sync a folder; the files themselves are synced.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(handle)
