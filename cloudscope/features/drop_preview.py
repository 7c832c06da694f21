"""While files hang over the window: how many of them are recordings, and what is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Slot

from acqcore.discovery import PathKind, find_recordings
from acqcore.errors import Cancelled
from acqcore.loaders import is_recording_name
from cloudscope.jobs import Job
from cloudscope.views.drop import DropTarget
from cloudscope.wording import recordings
from cloudscope.workbench import Feature, Workbench

_MOST = 20_000
"""Names that are looked at; a whole disk is not counted while somebody holds the mouse."""


class DropPreview(Feature):
    """Counts off the GUI thread; what is dropped or taken away meanwhile is not counted on."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._job: Job | None = None
        for drop in bench.window.findChildren(DropTarget):
            drop.hovered.connect(self._count)
            drop.left.connect(self._stop)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """No command: it works by itself."""
        return {}

    @Slot(object)
    def _count(self, paths: Sequence[Path]) -> None:
        self._stop()
        depth = self.bench.settings.folder_depth
        self._job = self.bench.jobs.submit(
            "drop", lambda job: _counted(paths, depth, job.is_cancelled), on_done=self._say
        )

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _say(self, found: tuple[int, Counter[str]] | None) -> None:
        if self._job is None or found is None:
            return
        self._job = None
        count, others = found
        if count or others:
            self.bench.panels.view.show_drop(recordings(count), skipped(others))


def _counted(
    paths: Sequence[Path], depth: int, is_cancelled: Callable[[], bool]
) -> tuple[int, Counter[str]] | None:
    """Recordings, and other files by ending; None for a list, whose rows are not read here."""
    if any(path.is_file() and PathKind.of(path) is PathKind.CSV for path in paths):
        return None
    opened = (path.name.removesuffix(".json") for path in paths)
    named = [
        path
        for path, name in zip(paths, opened, strict=True)
        if path.is_file() and not is_recording_name(name)
    ]
    rest = [path for path in paths if path not in named]
    count = sum(isinstance(one, Path) for one in find_recordings(rest, depth, is_cancelled))
    others = Counter(_kind(path.name) for path in named)
    for done, name in enumerate(name for path in rest for name in _names(path, depth)):
        if is_cancelled():
            raise Cancelled("The drag went away.")
        if done > _MOST:
            break
        if not is_recording_name(name) and not _is_ours(name):
            others[_kind(name)] += 1
    return count, others


def _names(folder: Path, depth: int) -> Iterator[str]:
    """Files in a folder and in those inside; a recording that is a folder is not entered."""
    for place, folders, files in os.walk(folder):
        level = len(Path(place).relative_to(folder).parts) + 1
        deeper = [one for one in folders if not is_recording_name(one) and one[0] != "."]
        folders[:] = deeper if level < depth else []
        yield from (name for name in files if not name.startswith("."))


def _is_ours(name: str) -> bool:
    """What stands beside a recording is read with it: results, and the texts of Olympus."""
    bare, _, ending = name.rpartition(".")
    if ending == "csv":
        bare = bare.rpartition(".")[0]
    return ending == "txt" or (ending in ("json", "csv") and is_recording_name(bare))


def _kind(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending or "no ending"


def skipped(others: Counter[str]) -> str:
    """`12 other files are left out (.md, .xlsx)`; empty when there is none."""
    number = sum(others.values())
    if not number:
        return ""
    kinds = [ending for ending, _ in others.most_common(3)]
    more = ", …" if len(others) > 3 else ""
    what = "1 other file is" if number == 1 else f"{number} other files are"
    return f"{what} left out ({', '.join(kinds)}{more})"
