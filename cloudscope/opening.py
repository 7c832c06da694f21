"""Opening files and folders: names first, headers in a worker, rows as they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import LoadWarning, PathKind, find_recordings, read_manifest
from acqcore.discovery import is_there
from acqcore.errors import AcqError, Cancelled
from acqcore.loaders import is_recording_name
from cloudscope.jobs import Job, Jobs
from cloudscope.session import Session


class Opening(QObject):
    """Fills the session; a bad file is reported and the rest goes on."""

    reset = Signal()  # everything was closed
    opened = Signal(object)  # AcqImage, one more row
    refused = Signal(object)  # LoadWarning, a file that could not be opened
    finished = Signal(int, int)  # recordings opened, files refused

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._scan: Job | None = None
        self._counts = [0, 0]

    @property
    def busy(self) -> bool:
        """Whether files are being opened."""
        return self._scan is not None

    def open(self, paths: Sequence[Path], depth: int, *, add: bool = False) -> None:
        """Open recordings; unless `add`, what was open before is closed first."""
        self.stop()
        if not add:
            self._session.reset()
            self.reset.emit()
        self._session.roots.extend(paths)
        self._session.blind.learn(paths)
        self._counts = [0, 0]
        self._scan = self._jobs.submit(
            "open",
            lambda job: _open_all(job, paths, depth),
            text=_title(paths),
            on_item=self._take,
            on_done=lambda result: self._end(),
            on_failed=self._stopped,
        )

    def stop(self) -> None:
        """Give up opening; recordings that are there stay."""
        if self._scan is not None:
            self._scan.cancel()
            self._scan.on_item = lambda item: None
            self._scan.on_done = lambda result: None
            self._scan.on_failed = lambda error: None
            self._scan = None

    def admit(self, item: AcqImage | LoadWarning) -> None:
        """One more, opened by somebody else: it is listed like the ones from here."""
        self._take(item)

    def _take(self, item: AcqImage | LoadWarning) -> None:
        if isinstance(item, LoadWarning):
            self._counts[1] += 1
            if item not in self._session.warnings:  # known already when a folder is read again
                self._session.warnings.append(item)
                self.refused.emit(item)
        elif self._session.images.add(item):
            self._counts[0] += 1
            self.opened.emit(item)

    def _stopped(self, error: AcqError) -> None:
        if not isinstance(error, Cancelled):
            self._take(LoadWarning(str(error)))
        self._end()

    def _end(self) -> None:
        self._scan = None
        self.finished.emit(*self._counts)


def _title(paths: Sequence[Path]) -> str:
    return f"Opening {paths[0].name}" if len(paths) == 1 else f"Opening {len(paths)} items"


def _open_all(job: Job, paths: Sequence[Path], depth: int) -> None:
    """In a worker: list, then read header and sidecar of each."""
    found: list[Path | LoadWarning] = []
    for path in map(_recording_of, paths):
        if is_there(path) and PathKind.of(path) is PathKind.CSV:
            found.extend(read_manifest(path))
        else:
            found.extend(find_recordings([path], depth, job.is_cancelled))
    if not found:
        job.deliver(LoadWarning(f"There is no recording in {', '.join(p.name for p in paths)}."))
    for done, one in enumerate(found, start=1):
        job.context.progress(done / len(found), f"{done} of {len(found)}")
        job.deliver(one if isinstance(one, LoadWarning) else _open_one(one))


def _recording_of(path: Path) -> Path:
    """The recording that a sidecar stands beside; any other path as it is."""
    bare = path.with_suffix("")
    is_sidecar = path.suffix.lower() == ".json" and is_recording_name(bare.name) and is_there(bare)
    return bare if is_sidecar else path


def _open_one(path: Path) -> AcqImage | LoadWarning:
    try:
        return AcqImage(path)
    except (AcqError, OSError) as error:
        return LoadWarning(str(error), str(path))
