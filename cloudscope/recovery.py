"""What a crash would cost, kept aside: copies of unsaved edits, never in the data folder.

Each run of the program has a folder of its own with a lock; a folder whose lock nobody
holds was left behind by a run that did not end well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QLockFile

from acqcore.acq_image import AcqImage
from acqcore.model.header import ImageHeader
from acqcore.model.state import AcqState
from acqcore.stored import Stored, unreadable_tables, write_copy

_LOCK, _ABOUT = "lock", "about.json"
_FRESH, _OLD = ".new", ".old"


@dataclass(frozen=True, slots=True)
class Kept:
    """Unsaved edits of one recording.

    Attributes:
        path: Of the recording.
        folder: Where the copy of its sidecar and tables is.
        when: Local time of the copy, such as `2024-05-14 16:02`.
        changes: What was unsaved, in words.
    """

    path: Path
    folder: Path
    when: str
    changes: str

    def state(self, header: ImageHeader) -> AcqState:
        """The edited state with its tables in memory; what cannot be read is left out."""
        stored = Stored.read(self.folder / self.path.name, header)
        state = stored.without_tables(unreadable_tables(stored.state)).state
        return replace(state, records=tuple(one.detached() for one in state.records))


class Journal:
    """The folder of this run; used by one worker thread at a time."""

    def __init__(self, home: Path) -> None:
        """`home` holds the folders of all runs."""
        self._home = home
        self._folder = home / uuid4().hex
        self._folder.mkdir(parents=True)
        self._lock = QLockFile(str(self._folder / _LOCK))
        self._lock.setStaleLockTime(0)  # a lock is only stale when its process is gone
        # Another start may hold it for a moment, to see whether somebody else does.
        self._lock.tryLock(1000)
        self._places: dict[str, Path] = {}

    def keep(self, image: AcqImage, state: AcqState, changes: str) -> None:
        """Copy a state; the copy before it stays until the new one is complete."""
        path = Path(image.file_id)
        place = self._places.setdefault(image.file_id, self._folder / f"{len(self._places)}")
        fresh, old = place.with_suffix(_FRESH), place.with_suffix(_OLD)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        write_copy(fresh / path.name, image.header, state, image.stored.on_disk)
        when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        about = {"path": os.fsencode(path).hex(), "when": when, "changes": changes}
        (fresh / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def drop(self, file_id: str) -> None:
        """The edits were saved or undone."""
        if file_id in self._places:
            shutil.rmtree(self._places[file_id], ignore_errors=True)

    def close(self) -> None:
        """The run ended well: nothing is unsaved."""
        self._lock.unlock()
        shutil.rmtree(self._folder, ignore_errors=True)

    def left_behind(self) -> list[Kept]:
        """What runs that did not end well had not saved, oldest first; never raises."""
        found = []
        for folder in sorted(self._home.iterdir()):
            if folder != self._folder and _is_orphan(folder):
                found += _kept_in(folder)
        return sorted(found, key=lambda one: one.when)


def discard(kept: Sequence[Kept]) -> None:
    """Delete copies that were restored or are not wanted, and folders without any."""
    for one in kept:
        for folder in (one.folder.with_suffix(_OLD), one.folder):
            shutil.rmtree(folder, ignore_errors=True)
        run = one.folder.parent
        if not _kept_in(run):
            shutil.rmtree(run, ignore_errors=True)


def _is_orphan(folder: Path) -> bool:
    lock = QLockFile(str(folder / _LOCK))
    lock.setStaleLockTime(0)
    free = lock.tryLock(0)
    if free:
        lock.unlock()
    return free


def _kept_in(run: Path) -> list[Kept]:
    found = []
    for about in sorted(run.glob(f"*/{_ABOUT}")):
        folder = about.parent
        was_written = folder.suffix == _FRESH  # when the end came
        was_replaced = folder.suffix == _OLD and (folder.with_suffix("") / _ABOUT).exists()
        if was_written or was_replaced:
            continue
        try:
            told = json.loads(about.read_text(encoding="utf-8"))
            path = bytes.fromhex(told["path"])
            if path and b"\0" not in path:
                when, changes = str(told["when"]), str(told["changes"])
                found.append(Kept(Path(os.fsdecode(path)), folder, when, changes))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return found
