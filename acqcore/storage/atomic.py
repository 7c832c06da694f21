"""Writing several files so that a reader finds all of the old or all of the new ones.

Temporary files in the same folder are written and synced first; only then do they take
the place of the old files, in order. An old file stays reachable as a spare until all
have been replaced. When a replacement fails, the ones before it are put back; when the
program dies in between, or even that fails, the spare remains and reading finds it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from acqcore.errors import SaveFailed

# Short and fixed: a name made from the target would exceed 255 bytes for long file names.
_PREFIX, _SUFFIX, _SPARE = ".cs-", ".tmp", ".old"
_STRAY_AFTER_S = 3600
_MOST_SPARES = 32
_LONGEST_NAME = 255

_REASONS: Mapping[int, str] = {
    errno.EACCES: "the folder {folder} is read-only",
    errno.EPERM: "the folder {folder} is read-only",
    errno.EROFS: "the folder {folder} is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this disk allows",
    errno.ENAMETOOLONG: "its name is too long for this disk",
    errno.ENOENT: "the folder {folder} is no longer there",
    errno.ENOTDIR: "the folder {folder} is no longer there",
}
# What network shares and open files answer to a replacement that writing in place may pass.
_REFUSED = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EXDEV, errno.ENOTSUP)


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
    """The bytes of a file, or None when there is none; other failures raise OSError."""
    try:
        # Never opened unless regular: a named pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # so there cannot be one
            return None
        raise


def utc_tag() -> str:
    """The time now as part of a file name."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def beside(path: Path, tag: str) -> Path:
    """A free name next to `path`, such as `a.tif.json.damaged-20260102T030405Z`."""
    end, count = f".{tag}-{utc_tag()}", 1
    candidate = path.with_name(_shortened(path.name, len(end)) + end)
    while os.path.lexists(candidate):
        count += 1
        longer = f"{end}-{count}"
        candidate = path.with_name(_shortened(path.name, len(longer)) + longer)
    return candidate


def _shortened(name: str, room: int) -> str:
    while len(os.fsencode(name)) + room > _LONGEST_NAME:
        name = name[:-1]
    return name


def spares(path: Path) -> list[Path]:
    """Old versions of a file that unfinished saves left behind, the oldest first."""
    return list(takewhile(os.path.lexists, _spare_names(real_path(path))))


def _spare_names(path: Path) -> list[Path]:
    stem = f"{_PREFIX}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}"
    return [path.with_name(f"{stem}-{number}{_SPARE}") for number in range(_MOST_SPARES)]


def write_files(
    files: Sequence[tuple[Path, bytes]],
    *,
    remove: Sequence[Path] = (),
    keep: Mapping[Path, Path] | None = None,
    settled: Sequence[Path] = (),
) -> None:
    """Replace `files` in order and delete `remove`, or change nothing: `SaveFailed`.

    `keep` copies old files to other names first: what was not understood, or another
    program's version. Of `settled` files nobody wants what unfinished saves left.
    """
    target = files[-1][0] if files else Path()
    _discard_spares(settled)
    try:
        with ExitStack() as strays, ExitStack() as undo:
            _replace_all(files, remove, keep or {}, strays, undo)
            undo.pop_all()  # all is written: nothing to put back
    except OSError as error:
        raise SaveFailed(target, why(error, target.parent)) from error
    _discard_spares([*(path for path, _ in files), *remove])
    _sweep(real_path(target).parent, int(time.time() // _STRAY_AFTER_S))


def _replace_all(
    files: Sequence[tuple[Path, bytes]],
    remove: Sequence[Path],
    keep: Mapping[Path, Path],
    strays: ExitStack,
    undo: ExitStack,
) -> None:
    staged = [(real_path(path), _stage(real_path(path), data, strays)) for path, data in files]
    for old, copy in keep.items():
        undo.callback(_discard, copy)
        _copy(old, copy, strays)
    gone = [path for path in map(real_path, remove) if path.exists()]
    spare_of = {}
    for path in [*(path for path, _ in staged), *gone]:
        spare_of[path] = _set_aside(path, strays)
        undo.callback(_restore, path, spare_of[path])
    for path, temporary in staged:
        _put(temporary, path, spare_of[path])
    for path in gone:
        path.unlink()
    _sync_folders({path.parent for path in spare_of})


def why(error: OSError, folder: Path) -> str:
    """The reason of a failed write, in words."""
    told = _REASONS.get(error.errno or 0)
    return told.format(folder=folder) if told else (error.strerror or str(error)).lower()


def real_path(path: Path) -> Path:
    """Behind a symbolic link, so that replacing does not turn the link into a file."""
    return Path(os.path.realpath(path))


def _stage(path: Path, content: bytes, strays: ExitStack) -> Path:
    """Write a temporary file that can take the place of `path`."""
    temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    strays.callback(_discard, temporary)
    _write(temporary, content, os.O_CREAT | os.O_EXCL)
    with suppress(FileNotFoundError):
        try:
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        except OSError as error:
            # Shares of other systems have no rights of single files; they cannot get wider.
            if error.errno not in (*_REFUSED, errno.ENOSYS):
                raise
    return temporary


def _write(path: Path, content: bytes, flags: int) -> None:
    """Write all bytes and wait until the disk has them."""
    with open(
        path, "wb", buffering=0, opener=lambda name, mode: os.open(name, mode | flags, 0o666)
    ) as stream:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(stream.fileno(), rest) :]
        os.fsync(stream.fileno())


def _copy(old: Path, copy: Path, strays: ExitStack) -> None:
    content = read_if_there(old)
    if content is not None:
        _put(_stage(old, content, strays), copy, None)


def _set_aside(path: Path, strays: ExitStack) -> Path | None:
    """Give the old file a second name; None when there is no old file."""
    if not path.exists():
        return None
    # What an earlier, unfinished save left is not overwritten.
    free = (name for name in _spare_names(path) if not os.path.lexists(name))
    spare = next(free, None)
    if spare is None:
        raise OSError(errno.EEXIST, "too many unfinished saves left their old versions beside it")
    try:
        spare.hardlink_to(path)
    except OSError:  # FAT and some network shares have no hard links
        _copy(path, spare, strays)
    return spare


def _put(source: Path, target: Path, spare: Path | None) -> None:
    """Replace `target`; write over it where the system refuses to replace."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        content = source.read_bytes()
        if spare is not None and spare.samefile(target):
            _detach(spare)
        _write(target, content, os.O_CREAT)


def _detach(spare: Path) -> None:
    """Turn a second name into a copy, which does not change with the file."""
    copy = spare.with_suffix(_SUFFIX)
    try:
        _write(copy, spare.read_bytes(), os.O_CREAT)
        spare.unlink()
        spare.hardlink_to(copy)
    finally:
        _discard(copy)


def _restore(path: Path, spare: Path | None) -> None:
    """Put the old file back, or remove what was not there; the spare stays if that fails."""
    for _ in range(2):
        with suppress(OSError):
            if spare is None:
                path.unlink(missing_ok=True)
            elif spare.exists():
                _put(spare, path, None)
                _discard(spare)  # still there when both were names of one file
            return


def _discard(path: Path) -> None:
    """Remove a file of ours; tried twice, because a stray file looks like lost work."""
    for _ in range(2):
        with suppress(OSError):
            path.unlink(missing_ok=True)
            return


def _discard_spares(paths: Sequence[Path]) -> None:
    for path in paths:
        for spare in reversed(spares(path)):
            _discard(spare)


@lru_cache(maxsize=64)
def _sweep(folder: Path, hour: int) -> None:
    """Remove what saves that were killed left in a folder; looked at once an hour."""
    oldest = time.time() - _STRAY_AFTER_S
    with suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            ours = entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)
            if ours and entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
                _discard(Path(entry.path))


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
