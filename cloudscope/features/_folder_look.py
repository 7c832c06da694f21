"""What lies in the watched folders now: names, sizes and dates, no pixels; for a worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import LoadWarning, PathKind, find_recordings
from acqcore.errors import AcqError
from cloudscope.jobs import Job

Stamp = tuple[int, int]
"""Size in bytes and date in nanoseconds; of a recording that is a folder, of all in it."""

MOST_FOLDERS = 200
"""Systems allow few thousand watches per user, and other programs need some."""


@dataclass(frozen=True, slots=True)
class Found:
    """One look.

    Attributes:
        folders: Those that can tell of changes, the ones given first.
        files: Recordings that were not known, with how they look, in natural order.
    """

    folders: tuple[str, ...]
    files: dict[str, Stamp]


def look(
    roots: Collection[Path],
    depth: int,
    known: Collection[str],
    should_cancel: Callable[[], bool],
) -> Found:
    """List the folders among `roots`; files and lists of recordings are not watched."""
    given = [root for root in roots if root.is_dir() and PathKind.of(root) is PathKind.FOLDER]
    folders, files = dict.fromkeys(map(str, given)), {}
    for found in find_recordings(given, depth, should_cancel):
        if isinstance(found, LoadWarning):
            continue
        folders[str(found.parent)] = None
        path = os.path.realpath(found)
        if path not in known:
            stamp = _stamp(Path(path))
            if stamp is not None:
                files[path] = stamp
    tellable = [one for one in folders if one.isprintable()]  # Qt loses bytes that are not UTF-8
    return Found(tuple(tellable[:MOST_FOLDERS]), files)


def _stamp(path: Path) -> Stamp | None:
    """None for a file that is gone again."""
    try:
        if not path.is_dir():
            about = path.stat()
            return about.st_size, about.st_mtime_ns
        parts = [one.stat() for one in path.rglob("*")]
        return sum(one.st_size for one in parts), max((one.st_mtime_ns for one in parts), default=0)
    except OSError:
        return None


def deliver(job: Job, paths: Collection[str]) -> None:
    """Hand over each recording, or why it could not be opened."""
    for path in paths:
        job.deliver(_opened(Path(path)))


def _opened(path: Path) -> AcqImage | LoadWarning:
    try:
        return AcqImage(path)
    except (AcqError, OSError) as error:
        return LoadWarning(str(error), str(path))
