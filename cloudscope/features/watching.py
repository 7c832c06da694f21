"""While an experiment runs: recordings that are complete appear in the list by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import ClassVar

from PySide6.QtCore import QFileSystemWatcher, QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import LoadWarning
from cloudscope.features._folder_look import Found, Stamp, deliver, look
from cloudscope.jobs import Job
from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench


@dataclass(slots=True)
class _Arrival:
    """A file that is not in the list: how it looked, since when, and how often it failed."""

    stamp: Stamp
    since_s: float
    failures: int = 0
    given_up: bool = field(default=False)


class Watching(Feature):
    """Looks at the open folders, again and again, off the GUI thread.

    Folders tell of changes; shared drives do not, so they are also looked at every while.
    """

    STABLE_S: ClassVar = 2.0
    """A file is complete when its size and date stay the same for so long."""
    AGAIN_S: ClassVar = 2.0
    """Pause between two looks at the folders."""
    ATTEMPTS: ClassVar = 3
    """A file that cannot be opened so often is listed as a problem, until it changes."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._arrivals: dict[str, _Arrival] = {}
        self._folders = QFileSystemWatcher(self)
        self._folders.directoryChanged.connect(self._look_now)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._look)
        self._looking: Job | None = None
        self._count = 0
        bench.opening.reset.connect(self._stop)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Both are switches."""
        return {"watch": self._switch, "follow_newest": lambda: None}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is a place to watch."""
        return {"place": bool(self.bench.session.roots)}

    @property
    def is_on(self) -> bool:
        """Whether the folders are being watched."""
        return self.bench.actions["watch"].isChecked()

    def closing(self) -> None:
        """Nothing is looked at any more."""
        self._due.stop()

    # --- on and off ---------------------------------------------------------------------

    def _switch(self) -> None:
        if not self.is_on:
            self._stop()
            return
        self._count = 0
        self._say()
        self._look()

    @Slot()
    def _stop(self) -> None:
        """Other folders are opened, or the user has had enough."""
        self._due.stop()
        if self._looking is not None:
            self._looking.cancel()
        self._arrivals.clear()
        watched = self._folders.directories()
        if watched:
            self._folders.removePaths(watched)
        self.bench.actions["watch"].setChecked(False)
        self._say()

    def _say(self) -> None:
        came = f" · {self._count} came" if self._count else ""
        said = f"Watching for new recordings{came}" if self.is_on else ""
        self.bench.panels.tree.set_note(said)

    # --- looking ------------------------------------------------------------------------

    @Slot()
    def _look_now(self) -> None:
        """Something changed: a moment later, for changes come in flocks."""
        if self.is_on and self._looking is None:
            self._due.start(100)

    def _look(self) -> None:
        if self._looking is not None or not self.is_on:
            return
        session = self.bench.session
        roots, depth = tuple(dict.fromkeys(session.roots)), self.bench.settings.folder_depth
        known = frozenset(image.file_id for image in session.images)
        self._looking = self.bench.jobs.submit(
            "watch",
            lambda job: look(roots, depth, known, job.is_cancelled),
            on_done=self._seen,
            on_failed=lambda error: self._looked(),
        )

    def _looked(self) -> None:
        self._looking = None
        if self.is_on:
            self._due.start(round(1000 * self.AGAIN_S))

    def _seen(self, found: Found) -> None:
        """Open what has not changed for long enough; look sooner while something grows."""
        self._looked()
        if not self.is_on:
            return
        if not found.folders:
            self.bench.panels.view.messages.show_message("info", "Open a folder to watch it.")
            self._stop()
            return
        self._follow_folders(found.folders)
        complete = [path for path, stamp in found.files.items() if self._is_complete(path, stamp)]
        for gone in self._arrivals.keys() - found.files.keys():
            del self._arrivals[gone]
        if complete:
            self._open(complete)
        elif any(not one.given_up for one in self._arrivals.values()):
            self._due.start(round(500 * min(self.STABLE_S, self.AGAIN_S)))

    def _follow_folders(self, folders: tuple[str, ...]) -> None:
        fresh = set(folders) - set(self._folders.directories())
        if fresh:
            self._folders.addPaths(sorted(fresh))

    def _is_complete(self, path: str, stamp: Stamp) -> bool:
        arrival = self._arrivals.get(path)
        if arrival is None or arrival.stamp != stamp:
            self._arrivals[path] = _Arrival(stamp, monotonic())
            return False
        return not arrival.given_up and monotonic() - arrival.since_s >= self.STABLE_S

    # --- opening ------------------------------------------------------------------------

    def _open(self, paths: list[str]) -> None:
        self._due.stop()
        self._looking = self.bench.jobs.submit(
            "watch",
            lambda job: deliver(job, paths),
            on_item=self._take,
            on_done=lambda result: self._looked(),
            on_failed=lambda error: self._looked(),
        )

    def _take(self, item: AcqImage | LoadWarning) -> None:
        if not self.is_on:
            return
        if isinstance(item, LoadWarning):
            self._put_off(item)
            return
        self._arrivals.pop(item.file_id, None)
        self.bench.opening.admit(item)
        self._count += 1
        self._say()
        name = self.bench.session.blind.label(item)
        self.bench.panels.status.jobs.set_result(f"{name} has come")
        self._follow_newest(item)

    def _put_off(self, warning: LoadWarning) -> None:
        """It may still be written: it is tried again before it is listed as a problem."""
        arrival = self._arrivals.get(warning.path or "")
        if arrival is None:
            return
        arrival.failures += 1
        arrival.since_s = monotonic()
        if arrival.failures >= self.ATTEMPTS:
            arrival.given_up = True
            self.bench.opening.admit(warning)

    def _follow_newest(self, image: AcqImage) -> None:
        """Only where it was asked for, and never while something is being typed."""
        if self.bench.actions["follow_newest"].isChecked() and not self.bench.panels.is_typing:
            self.bench.panels.tree.select(image.file_id)
            self.bench.controller.select(image.file_id)
