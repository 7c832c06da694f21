"""Work off the GUI thread: progress, cancel, and the result back on the GUI thread.

Jobs of one lane run one after the other; lanes run side by side, so that a picture
never waits for an analysis. This is the one place that carries an exception from a
worker to the GUI thread.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from time import monotonic, sleep
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from acqcore.analysis.base import RunContext
from acqcore.errors import AcqError, Cancelled

_TICK_MS, _SWITCH_S = 10, 0.0005
_LATE_S, _YIELD_S, _PATIENCE_S, _NEWS_S = 0.014, 0.002, 0.2, 0.1
_GRACE_S = 0.3
"""How long closing waits for work that was told to stop."""
_DELIVERY_S = 0.005
"""Longest time per tick that streamed items may take from the GUI thread."""

Work = Callable[["Job"], Any]


@dataclass(eq=False)
class Job:
    """One piece of work; its attributes are read by the GUI and written by the worker.

    Attributes:
        text: What it does, for the status bar; empty for a job that is not worth showing.
        fraction: 0..1, or None while it is not known.
        step: What it does now, such as `Window 65 of 147`.
    """

    id: int
    text: str
    on_done: Callable[[Any], None]
    on_failed: Callable[[AcqError], None]
    on_item: Callable[[Any], None]
    gui_is_late: Callable[[], bool]
    fraction: float | None = None
    step: str = ""
    started_s: float = field(default_factory=monotonic)
    items: deque[Any] = field(default_factory=deque)
    outcome: Any = None
    error: Exception | None = None
    future: Future[None] | None = None
    ended: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the worker to stop; `on_failed` gets `Cancelled`."""
        self._stop.set()

    def is_cancelled(self) -> bool:
        """Whether the user no longer wants it."""
        return self._stop.is_set()

    def progress(self, fraction: float, step: str = "") -> None:
        """Told by the worker."""
        self.fraction, self.step = fraction, step

    def deliver(self, item: Any) -> None:
        """Hand over a part of the result before the end: `on_item` gets it.

        Waits while the GUI thread is behind: Python code of a worker slows it down.
        """
        self.items.append(item)
        end = monotonic() + _PATIENCE_S
        while self.gui_is_late() and monotonic() < end and not self.is_cancelled():
            sleep(_YIELD_S)

    @property
    def context(self) -> RunContext:
        """For the core."""
        return RunContext(self.progress, self.is_cancelled)


class Jobs(QObject):
    """Starts jobs and brings their results home."""

    changed = Signal()  # a job started, ended or made progress
    _ended = Signal(object)  # Job, from a worker

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._active: dict[int, Job] = {}
        self._last_tick_s = self._last_news_s = monotonic()
        self._numbers = count(1)
        self._telling, self._is_shut_down = threading.Lock(), False
        self._ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        # A busy worker otherwise keeps the interpreter for 5 ms after every call into Qt.
        sys.setswitchinterval(_SWITCH_S)

    def submit(
        self,
        lane: str,
        work: Work,
        *,
        text: str = "",
        on_done: Callable[[Any], None] = lambda result: None,
        on_failed: Callable[[AcqError], None] = lambda error: None,
        on_item: Callable[[Any], None] = lambda item: None,
    ) -> Job:
        """Run `work(job)` on its lane.

        The callbacks run on the GUI thread. `on_failed` gets every `AcqError`, also
        `Cancelled`; anything else is a bug and is raised on the GUI thread.
        """
        job = Job(next(self._numbers), text, on_done, on_failed, on_item, self._is_late)
        self._active[job.id] = job
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"cloudscope-{lane}")
        job.future = self._lanes[lane].submit(self._run, job, work)
        self._last_tick_s = monotonic()
        if not self._timer.isActive():
            self._timer.start()
        self.changed.emit()
        return job

    def _is_late(self) -> bool:
        return monotonic() - self._last_tick_s > _LATE_S

    @property
    def active(self) -> tuple[Job, ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(self._active.values())

    def cancel(self, job_id: int) -> None:
        """Stop one job."""
        if job_id in self._active:
            self._active[job_id].cancel()

    def shut_down(self) -> None:
        """Stop everything; nothing is delivered any more.

        What does not hear it at once, such as worker processes that are just starting, is
        waited for when the interpreter ends: no longer in front of the user.
        """
        self._timer.stop()
        for job in self._active.values():
            job.cancel()
        for executor in self._lanes.values():
            executor.shutdown(wait=False, cancel_futures=True)
        futures = [job.future for job in self._active.values() if job.future]
        wait([one for one in futures if not one.cancelled()], timeout=_GRACE_S)
        with self._telling:
            self._is_shut_down = True
        self._active.clear()
        self._lanes.clear()

    def _run(self, job: Job, work: Work) -> None:
        try:
            if job.is_cancelled():
                raise Cancelled("Stopped before it began.")
            job.outcome = work(job)
        except Exception as error:  # noqa: BLE001 - carried to the GUI thread, see _finish
            job.error = error
        with self._telling:  # the window may be gone, and this object with it
            if not self._is_shut_down:
                self._ended.emit(job)

    @Slot(object)
    def _finish(self, job: Job) -> None:
        job.ended = True
        if not job.items:
            self._conclude(job)
        # else once what it delivered was taken, bit by bit, see _tick

    def _conclude(self, job: Job) -> None:
        if self._active.pop(job.id, None) is None:  # shut down meanwhile
            return
        self.changed.emit()
        if isinstance(job.error, AcqError):
            job.on_failed(job.error)
        elif job.error is not None:
            raise job.error
        else:
            job.on_done(job.outcome)

    @Slot()
    def _tick(self) -> None:
        self._last_tick_s = monotonic()
        if not self._active:
            self._timer.stop()
            return
        end = monotonic() + _DELIVERY_S
        for job in self.active:
            while job.items and monotonic() < end:
                job.on_item(job.items.popleft())
            if job.ended and not job.items:
                self._conclude(job)
        # Progress is painted a few times a second; each time costs a repaint of its own.
        if self._last_tick_s - self._last_news_s > _NEWS_S:
            self._last_news_s = self._last_tick_s
            self.changed.emit()
