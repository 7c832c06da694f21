"""One batch from Run to its last recording: it can be stopped, and go on with what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QObject, Signal

from acqcore.acq_image import AcqImage
from acqcore.batch import FileOutcome, Outcome, measure_open, process_pool, run_batch
from acqcore.errors import AcqError, Cancelled
from cloudscope.features._batch_results import Arrived, read_again, take_over
from cloudscope.item_models.batch_table import BatchRow, BatchTable, Mark
from cloudscope.jobs import Job
from cloudscope.views.batch_order import BatchOrder
from cloudscope.views.batch_words import UNSAVED, BatchStatus, Phase, plain_totals, row_of
from cloudscope.workbench import Workbench

LANE = "batch"
_IN_FLIGHT_PER_WORKER = 4
_NEWS_S = 0.1

Find = Callable[[str], AcqImage | None]
Item = Arrived | BatchRow | None
"""What the worker tells: a recording that ended, one that is left out, or that it began."""


class BatchRun(QObject):
    """Waits for the batches before it, runs, ends.

    Signals:
        changed: Phase or totals are others.
        ended: Nothing of it runs any more.
    """

    changed = Signal()
    ended = Signal()

    def __init__(self, bench: Workbench, number: int, order: BatchOrder, table: BatchTable) -> None:
        """`table` has a row for each recording, those that are measured as `WAITING`."""
        super().__init__(bench.window)
        self._bench, self.number, self.order, self.table = bench, number, order, table
        self.phase = Phase.WAITING
        self._job: Job | None = None
        self._began_s, self._told_s, self._ended_before = 0.0, 0.0, 0
        table.outcome_title = "Result"

    @property
    def status(self) -> BatchStatus:
        """For the window."""
        status = BatchStatus(self.phase, dict(self.table.counts))
        return replace(status, seconds_left=self._seconds_left(status))

    def _seconds_left(self, status: BatchStatus) -> float | None:
        done = status.ended - self._ended_before
        if self.phase is not Phase.RUNNING or done < 1:
            return None
        left = status.count(Mark.WAITING, Mark.RUNNING)
        return (monotonic() - self._began_s) / done * left

    @property
    def title(self) -> str:
        """For the list of batches."""
        status = self.status
        share = f"{status.ended} of {status.total}" if self.phase is not Phase.ENDED else ""
        return f"{self.number} · {share or plain_totals(status)} · {self.order.title}"

    def how_far(self) -> str:
        """For whoever would break it off."""
        status, number = self.status, self.number
        if self.phase is Phase.WAITING and not status.count(Mark.DONE):
            return f"Batch {number} waits to begin: {status.total} recordings."
        kept = "saved" if self.order.job.save else "kept as unsaved edits"
        return (
            f"Batch {number}: {status.ended} of {status.total} recordings are done and {kept}; "
            "the others stay as they are."
        )

    # --- gestures ----------------------------------------------------------------------------

    def start(self) -> None:
        """Get in line."""
        self._submit([row.path for row in self.table.rows if row.mark is Mark.WAITING])

    def resume(self) -> None:
        """Get in line again with what was cancelled or has failed."""
        if self.phase is Phase.ENDED:
            job = replace(self.order.job, resume=True)
            self.order = replace(self.order, job=job)
            self._submit(self.table.reopen((Mark.CANCELLED, Mark.FAILED)))

    def stop(self) -> None:
        """Heard at once; recordings that are whole stay as they are."""
        if self._job is None or self.phase is Phase.STOPPING:
            return
        self._job.cancel()
        running = self.phase is Phase.RUNNING
        self.table.end_open(Mark.CANCELLED, "Cancelled: the file is as it was")
        self.phase = Phase.STOPPING if running else Phase.ENDED
        self.changed.emit()

    def _submit(self, paths: Sequence[str]) -> None:
        self.phase = Phase.WAITING
        self._ended_before = self.status.ended
        order, find = self.order, self._bench.session.image
        self._job = self._bench.jobs.submit(
            LANE,
            lambda job: _work(job, order, paths, find),
            text=f"Batch: {order.title}",
            on_item=self._take,
            on_done=lambda result: self._end(),
            on_failed=self._failed,
        )
        self.changed.emit()

    # --- news of the worker ------------------------------------------------------------------

    def _take(self, item: Item) -> None:
        if item is None:
            self._begin()
        elif isinstance(item, BatchRow):
            self.table.put(item)
        else:
            text = f"Batch {self.order.title}"
            take_over(self._bench, item, text, self.number)
            calibration = item.image.calibration if item.image is not None else None
            self.table.put(row_of(item.outcome, calibration))
        if self.phase is Phase.RUNNING:
            self.table.mark_running(self.order.workers)
        if monotonic() - self._told_s > _NEWS_S:
            self._tell()

    def _tell(self) -> None:
        self._told_s, status = monotonic(), self.status
        if self._job is not None:
            self._job.text = f"{self.order.title}: {status.ended} of {status.total} recordings"
        self.changed.emit()

    def _begin(self) -> None:
        if self.phase is Phase.WAITING:
            self.phase, self._began_s = Phase.RUNNING, monotonic()

    def _failed(self, error: AcqError) -> None:
        text = "Cancelled: the file is as it was" if isinstance(error, Cancelled) else str(error)
        mark = Mark.CANCELLED if isinstance(error, Cancelled) else Mark.FAILED
        self.table.end_open(mark, text)
        self._end()

    def _end(self) -> None:
        self._job, self.phase = None, Phase.ENDED
        self.changed.emit()
        self.ended.emit()


# --- in the worker -------------------------------------------------------------------------------


def _work(job: Job, order: BatchOrder, paths: Sequence[str], find: Find) -> None:
    job.deliver(None)
    measured = _on_disk if order.job.save else _in_memory
    for done, item in enumerate(measured(job, order, paths, find), start=1):
        job.progress(done / len(paths))
        job.deliver(item)


def _on_disk(job: Job, order: BatchOrder, paths: Sequence[str], find: Find) -> Iterator[Item]:
    """Each file is opened, measured and saved by itself, as on the command line."""
    left = []
    for path in paths:
        image = find(path)
        if image is not None and image.is_dirty:
            yield BatchRow(path, Mark.SKIPPED, UNSAVED)
        else:
            left.append(path)
    workers = min(order.workers, len(left))
    with ExitStack() as stack:
        pool = stack.enter_context(process_pool(workers)) if workers > 1 else None
        outcomes = run_batch(
            order.job,
            left,
            pool,
            in_flight=_IN_FLIGHT_PER_WORKER * max(workers, 1),
            is_cancelled=job.is_cancelled,
        )
        for outcome in outcomes:
            yield _from_disk(outcome, find(outcome.path))


def _from_disk(outcome: FileOutcome, image: AcqImage | None) -> Arrived:
    if image is None or outcome.outcome is not Outcome.OK:
        return Arrived(outcome, image)
    before, stored = image.stored.state, read_again(image)
    return Arrived(outcome, image, before, stored.state, stored)


def _in_memory(job: Job, order: BatchOrder, paths: Sequence[str], find: Find) -> Iterator[Item]:
    """Each open recording as it is when its turn comes; nothing is saved."""
    for path in paths:
        image = find(path)
        if image is None:
            yield BatchRow(path, Mark.SKIPPED, "Skipped: it was closed")
            continue
        before = image.state
        outcome, after = measure_open(image, order.job, job.is_cancelled)
        done = outcome.outcome is Outcome.OK
        yield Arrived(outcome, image, before, after if done else None)
