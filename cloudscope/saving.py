"""Saving recordings in a worker, one after the other; a failure stops none of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError
from acqcore.model.state import AcqState
from acqcore.stored import Stored
from cloudscope.jobs import Job, Jobs


@dataclass(frozen=True, slots=True)
class SaveOutcome:
    """How one recording fared: what was written, or why nothing was."""

    image: AcqImage
    saved: Stored | None
    error: AcqError | None


class Saving(QObject):
    """Writes sidecars; `imageSaved` and `saveFailed` come one per recording."""

    imageSaved = Signal(object)  # file id
    saveFailed = Signal(object, object)  # AcqImage, AcqError: the recording stays unsaved
    finished = Signal(int, int)  # saved, failed

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._busy = False
        self._next: list[tuple[tuple[AcqImage, ...], bool, Callable[[bool], None]]] = []
        self._counts = [0, 0]

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._busy

    def save(
        self,
        images: Sequence[AcqImage],
        then: Callable[[bool], None] = lambda all_saved: None,
        *,
        overwrite: bool = False,
    ) -> None:
        """Write these; `then` is told whether every one of them was saved.

        States are taken when the writing starts: later edits stay unsaved.
        """
        if not images:
            then(True)
            return
        self._next.append((tuple(images), overwrite, then))
        self._start()

    def _start(self) -> None:
        # One batch at a time: a second write of a file needs to know what the first left.
        if self._busy or not self._next:
            return
        self._busy, self._counts = True, [0, 0]
        images, overwrite, then = self._next.pop(0)
        states = [(image, image.state) for image in images]

        def work(job: Job) -> None:
            for done, (image, state) in enumerate(states):
                job.context.progress(done / len(states), f"{done + 1} of {len(states)}")
                job.deliver(_write(image, state, overwrite))

        count = f"{len(images)} recordings" if len(images) > 1 else "".join(i.name for i in images)
        self._jobs.submit(
            "save",
            work,
            text=f"Saving {count}",
            on_item=self._take,
            on_done=lambda result: self._end(then, len(images)),
            on_failed=lambda error: self._end(then, len(images)),
        )

    def save_copy(self, image: AcqImage, folder: Path, then: Callable[[], None]) -> None:
        """Write the sidecar and CSVs into another folder; the recording stays unsaved."""
        self._jobs.submit(
            "save",
            lambda job: image.save_copy(folder),
            text=f"Saving a copy of {image.name}",
            on_done=lambda result: then(),
            on_failed=lambda error: self.saveFailed.emit(image, error),
        )

    def _take(self, outcome: SaveOutcome) -> None:
        if outcome.saved is not None:
            outcome.image.finish_save(outcome.saved)
            self._counts[0] += 1
            self.imageSaved.emit(outcome.image.file_id)
        else:
            self._counts[1] += 1
            self.saveFailed.emit(outcome.image, outcome.error)

    def _end(self, then: Callable[[bool], None], wanted: int) -> None:
        saved, failed = self._counts
        self._busy = False
        # First the one who asked: who waits for `finished` may look at the outcome.
        then(saved == wanted)
        self.finished.emit(saved, failed)
        self._start()


def _write(image: AcqImage, state: AcqState, overwrite: bool) -> SaveOutcome:
    try:
        return SaveOutcome(image, image.write(state, overwrite=overwrite), None)
    except AcqError as error:
        return SaveOutcome(image, None, error)
