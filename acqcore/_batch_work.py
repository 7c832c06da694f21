"""One file of a batch, start to end: open, run, save. This is what a worker is sent.

A file is one transaction: all its analyses succeed and are saved together, or the file
stays as it was. Nothing that is raised leaves `work`: a worker of another process could not
even send it home.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from acqcore._attempt import Attempt
from acqcore._batch_job import BatchJob, FileOutcome, Outcome
from acqcore._batch_leftovers import drop_same_csvs, drop_spares
from acqcore._batch_plan import Plan, plan_of, what_text
from acqcore._one_thread import compute_on_one_thread
from acqcore.acq_image import AcqImage
from acqcore.analysis import VARIABLE, plugin_folders
from acqcore.analysis.base import RunContext
from acqcore.errors import (
    AcqError,
    Cancelled,
    CannotRun,
    SaveFailed,
    SidecarConflict,
    UnreadableFile,
)
from acqcore.model.record import AnalysisRecord
from acqcore.model.state import AcqState
from acqcore.run import Source, run

_LOOK_S = 0.03

_WHAT_NOW: Mapping[type[AcqError], str] = {
    UnreadableFile: "Leave the file out, or copy it again from where it was recorded.",
    CannotRun: "Choose another ROI or other parameters for this file.",
    SidecarConflict: "Run the batch again to take over what the other program saved.",
    SaveFailed: "Make room or choose a folder that can be written to, then resume.",
}


@dataclass(frozen=True, slots=True)
class WorkItem:
    """All that a worker needs, on this computer or on another one.

    Attributes:
        folders: Where the sender looks for plug-ins.
        stop_file: A file that is there as soon as the batch is no longer wanted.
    """

    path: str
    job: BatchJob
    folders: tuple[str, ...] = ()
    stop_file: str = ""


class StopFile:
    """Whether a file is there; looked at rarely enough to cost nothing."""

    def __init__(self, path: str) -> None:
        self._path, self._next, self._is_there = path, 0.0, False

    def __call__(self) -> bool:
        """Asked by runs, thousands of times a second."""
        now = time.monotonic()
        if self._path and now >= self._next and not self._is_there:
            self._next, self._is_there = now + _LOOK_S, Path(self._path).exists()
        return self._is_there


def work(item: WorkItem, is_cancelled: Callable[[], bool] | None = None) -> FileOutcome:
    """Do what the job says with one file; never raises, except for Ctrl-C."""
    stop = is_cancelled or StopFile(item.stop_file)
    compute_on_one_thread()
    follow_plugins(item.folders)
    outcome = _tried(item, stop)
    if outcome is None:  # somebody saved meanwhile, such as a worker of a batch that was killed
        outcome = _tried(item, stop)
    if outcome is None:
        return failed(item, "Saving", SidecarConflict(Path(f"{item.path}.json")))
    return outcome


def cancelled(item: WorkItem) -> FileOutcome:
    """A file that was not come to, or was stopped."""
    text = "Stopped; the file is as it was."
    return FileOutcome(item.path, Outcome.CANCELLED, text, item.job.channel)


def follow_plugins(folders: tuple[str, ...]) -> None:
    """Look for plug-ins where the sender does; in its own process nothing changes."""
    if folders and plugin_folders() != folders:
        os.environ[VARIABLE] = os.pathsep.join(folders)


def _tried(item: WorkItem, stop: Callable[[], bool]) -> FileOutcome | None:
    """None when another program saved between opening and saving."""
    if stop():
        return cancelled(item)
    with Attempt() as opening:
        image = AcqImage(item.path)
        plan = plan_of(image, item.job)
    if opening.error is not None:
        return failed(item, "Opening", opening.error)
    if plan.outcome is not Outcome.PENDING:
        if plan.outcome is Outcome.SKIPPED_DONE and item.job.save:
            drop_spares(image)
        return plan.told(item.path, item.job.channel)
    return _ran(item, image, plan, stop)


def measure_open(
    image: AcqImage, job: BatchJob, is_cancelled: Callable[[], bool]
) -> tuple[FileOutcome, AcqState]:
    """Do what the job says with a recording as it is in memory; gives the state with it.

    Neither the recording nor a file is changed, whatever `job.save` says. For a worker
    thread: the recording may be edited meanwhile.
    """
    item, mine = WorkItem(image.path, job), frozen(image)
    compute_on_one_thread()
    if is_cancelled():
        return cancelled(item), mine.state
    with Attempt() as planning:
        plan = plan_of(mine, job)
    if planning.error is not None:
        return failed(item, "Opening", planning.error), mine.state
    if plan.outcome is not Outcome.PENDING:
        return plan.told(item.path, job.channel), mine.state
    ended = _computed(item, mine, plan, is_cancelled)
    if isinstance(ended, FileOutcome):
        return ended, mine.state
    state, records = ended
    return _done(item, plan, records, _notes(mine)), state


def frozen(image: AcqImage) -> AcqImage:
    """The same recording with its unsaved edits, out of reach of later ones."""
    mine = AcqImage(image.path, loader=image.images)
    mine.state = image.state
    return mine


def _ran(
    item: WorkItem, image: AcqImage, plan: Plan, stop: Callable[[], bool]
) -> FileOutcome | None:
    ended = _computed(item, image, plan, stop)
    if isinstance(ended, FileOutcome):
        return ended
    return _saved(item, image, plan, *ended)


def _computed(
    item: WorkItem, image: AcqImage, plan: Plan, stop: Callable[[], bool]
) -> FileOutcome | tuple[AcqState, list[AnalysisRecord]]:
    """The state with all results, or how the file ended without them."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    state, doing = plan.state, ""
    context = RunContext(is_cancelled=stop)
    records: list[AnalysisRecord] = []
    with Attempt() as running:
        for key, parameters in plan.runs:
            doing = what_text(key)
            record = run(Source(image.images, state), key, parameters, context)
            # One time for all: which of two that exclude each other counts as the later one
            # must not hang on whether a second went by between them.
            records.append(_at(record, began))
            state = state.with_record(records[-1])
    if isinstance(running.error, Cancelled):
        return cancelled(item)
    if running.error is not None:
        return failed(item, doing, running.error)
    return state, records


def _at(record: AnalysisRecord, time_utc: str) -> AnalysisRecord:
    if record.provenance is None:
        return record
    return replace(record, provenance=replace(record.provenance, time_utc=time_utc))


def _saved(
    item: WorkItem,
    image: AcqImage,
    plan: Plan,
    state: AcqState,
    records: list[AnalysisRecord],
) -> FileOutcome | None:
    notes = _notes(image)  # before a save: what it replaces is no longer a problem
    if item.job.save:
        with Attempt() as saving:
            image.state = state
            drop_same_csvs(image)
            image.save()
        if isinstance(saving.error, SidecarConflict):
            return None
        if saving.error is not None:
            return failed(item, "Saving", saving.error)
    return _done(item, plan, records, notes)


def _notes(image: AcqImage) -> str:
    return "".join(f" {problem}." for problem in image.problems)


def _done(item: WorkItem, plan: Plan, records: list[AnalysisRecord], notes: str) -> FileOutcome:
    done = ", ".join(what_text(one.key) for one in records)
    results = tuple((one.key, dict(one.summary)) for one in records)
    return FileOutcome(
        item.path, Outcome.OK, f"{done}.{notes}", item.job.channel, plan.roi_ids, results
    )


def failed(item: WorkItem, doing: str, error: BaseException) -> FileOutcome:
    """What failed, on which file, why, and what can be done now."""
    name, why = Path(item.path).name, str(error) or type(error).__name__
    now = next((text for kind, text in _WHAT_NOW.items() if isinstance(error, kind)), "")
    if not isinstance(error, AcqError | OSError):
        why = f"{type(error).__name__}: {why}{_raised_at(error)}"
        now = "This is a fault of the program or of the plug-in: please report it."
    text = f"{doing} of {name} failed. {why.rstrip('.')}. {now}".strip()
    return FileOutcome(item.path, Outcome.FAILED, text, item.job.channel)


def _raised_at(error: BaseException) -> str:
    """File and line, for whoever gets the report."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
