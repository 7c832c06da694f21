"""Many recordings, one job: in this thread, or on the workers of any executor.

`preview` says what would happen, `run_batch` does it and yields one outcome per file as
it ends. Threads, processes and clusters (`distributed.Client(...).get_executor()`) write the
same bytes; only the times of the runs differ.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from acqcore._attempt import Attempt
from acqcore._batch_job import BatchJob, FileOutcome, Outcome, RoiKind, RoiRule, Step
from acqcore._batch_leftovers import sweep
from acqcore._batch_plan import plan_of
from acqcore._batch_work import WorkItem, cancelled, failed, frozen, measure_open, work
from acqcore.acq_image import AcqImage
from acqcore.analysis import plugin_folders
from acqcore.run import warm_up

_LOOK_S = 0.05
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def preview(job: BatchJob, paths: Iterable[str | Path]) -> Iterator[FileOutcome]:
    """What `run_batch` would do with each file, in order: `pending`, a skip or `failed`.

    Opens the files, changes nothing and writes nothing.
    """
    for path in _once(paths):
        with Attempt() as opening:
            plan = plan_of(AcqImage(path), job)
        if opening.error is not None:
            yield failed(WorkItem(path, job), "Opening", opening.error)
        else:
            yield plan.told(path, job.channel)


def preview_open(job: BatchJob, image: AcqImage) -> FileOutcome:
    """What `measure_open` would do with a recording as it is in memory."""
    with Attempt() as looking:
        plan = plan_of(frozen(image), job)
    if looking.error is not None:
        return failed(WorkItem(image.path, job), "Opening", looking.error)
    return plan.told(image.path, job.channel)


def run_batch(
    job: BatchJob,
    paths: Iterable[str | Path],
    executor: Executor | None = None,
    *,
    in_flight: int = 32,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[FileOutcome]:
    """Run a job on each file; one outcome per file, in the order in which they end.

    Without an executor the files run one by one in this thread. `in_flight` is how many
    files an executor holds at a time: at least twice its workers. `is_cancelled` is asked
    every 50 ms; runs that go on then stop within 100 ms where the workers see this computer's
    temporary folder, and end their file elsewhere. The files that are left are `cancelled`.
    Closing the iterator cancels too.

    Where files run, linear algebra uses one thread from then on: workers do not fight for
    processors, and a result does not depend on who computed it.
    """
    began, folders = time.time(), plugin_folders()
    stop_file = Path(tempfile.gettempdir()) / f"cloudscope-stop-{secrets.token_hex(8)}"
    items = [WorkItem(path, job, folders, str(stop_file)) for path in _once(paths)]
    try:
        if executor is None:
            for item in items:
                yield cancelled(item) if is_cancelled() else work(item, is_cancelled)
        else:
            yield from _Flight(executor, in_flight, stop_file).outcomes(items, is_cancelled)
    finally:
        if job.save:
            sweep((Path(item.path).parent for item in items), began)


def _once(paths: Iterable[str | Path]) -> list[str]:
    return list(dict.fromkeys(os.path.realpath(path) for path in paths))


class _Flight:
    """Files on their way through an executor; nothing queued is ever revoked.

    A worker that finds the stop file sends its file back at once, so that what was stopped
    and what was finished is known for certain, on clusters too.
    """

    def __init__(self, executor: Executor, most: int, stop_file: Path) -> None:
        self._executor, self._most, self._stop_file = executor, most, stop_file
        self._out: dict[Future[FileOutcome], WorkItem] = {}

    def outcomes(
        self, items: Iterable[WorkItem], is_cancelled: Callable[[], bool]
    ) -> Iterator[FileOutcome]:
        rest = iter(items)
        try:
            while not is_cancelled():
                yield from self._send(rest)
                if not self._out:
                    return
                yield from self._back(_LOOK_S)
            self._stop_file.touch()
            while self._out:
                yield from self._back(None)
            yield from map(cancelled, rest)
        finally:
            if self._out:
                self._stop_file.touch()
                wait(self._out)
            self._stop_file.unlink(missing_ok=True)

    def _send(self, rest: Iterator[WorkItem]) -> Iterator[FileOutcome]:
        """Fill up; gives outcomes of files that no worker takes any more."""
        while len(self._out) < self._most:
            item = next(rest, None)
            if item is None:
                return
            try:
                self._out[self._executor.submit(work, item)] = item
            except (BrokenExecutor, RuntimeError) as error:
                yield _lost(item, error)

    def _back(self, timeout_s: float | None) -> Iterator[FileOutcome]:
        ended = wait(self._out, timeout_s, FIRST_COMPLETED).done
        for future in [one for one in self._out if one in ended]:
            item = self._out.pop(future)
            if future.cancelled():
                yield cancelled(item)
                continue
            error = future.exception()
            yield future.result() if error is None else _lost(item, error)


def _lost(item: WorkItem, error: BaseException) -> FileOutcome:
    """A worker died, or the cluster cannot be reached."""
    text = (
        f"{Path(item.path).name} was not measured. Its worker was lost ({error}). "
        "Resume with fewer workers, or with more memory."
    )
    return FileOutcome(item.path, Outcome.FAILED, text, item.job.channel)


@contextmanager
def process_pool(workers: int) -> Iterator[Executor]:
    """Worker processes that compute on one thread each, and end when this process ends.

    Fresh processes on every system (not forks), so a script that uses them needs the usual
    `if __name__ == "__main__":`.
    """
    # Set here, not in the workers: a numerical library reads these when it is loaded.
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, spawn, _start_worker) as pool:
            with _deaf_to_ctrl_c():
                for _ in range(workers):
                    pool.submit(os.getpid)  # starts one, as none is free yet
            yield pool
    finally:
        _restore(before)


if sys.platform == "win32":  # where workers ignore it only once they run

    def _deaf_to_ctrl_c() -> AbstractContextManager[None]:
        return nullcontext()

else:

    @contextmanager
    def _deaf_to_ctrl_c() -> Iterator[None]:
        """What is started inside never hears Ctrl-C, not even before its first line runs."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _restore(before: Mapping[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _start_worker() -> None:
    # Ctrl-C reaches all processes of a terminal; the first one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warm_up()


def _end_with_parent() -> None:
    """A killed batch must not go on writing while the next one resumes it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


__all__ = [
    "BatchJob", "FileOutcome", "Outcome", "RoiKind", "RoiRule", "Step", "measure_open", "preview",
    "preview_open", "process_pool", "run_batch",
]  # fmt: skip
