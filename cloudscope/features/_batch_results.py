"""What a batch measured, brought into the recordings that are open.

On the disk a batch saves for itself; what is open follows. The window's own edits are never
lost, and undo meets the batch as one step: what lies before it cannot be reached past it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.batch import FileOutcome
from acqcore.model.state import AcqState
from acqcore.stored import Stored, unreadable_tables
from cloudscope.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Arrived:
    """How one recording ended, with what it holds now.

    Attributes:
        image: The open recording, or None.
        before, after: Its states without and with the results, where there are any.
        stored: What its files hold by now, where the batch has saved.
    """

    outcome: FileOutcome
    image: AcqImage | None = None
    before: AcqState | None = None
    after: AcqState | None = None
    stored: Stored | None = None


def read_again(image: AcqImage) -> Stored:
    """In a worker: what the files hold now, tables included, without touching the recording."""
    stored = image.stored.read_again(Path(image.path), image.header)
    faults = unreadable_tables(stored.state)
    return stored.without_tables(faults) if faults else stored


def take_over(bench: Workbench, arrived: Arrived, text: str, series: int) -> None:
    """On the GUI thread: one edit, of the same step as the others of its batch."""
    image, before, after = arrived.image, arrived.before, arrived.after
    if image is None or bench.session.image(image.file_id) is not image or after is None:
        return
    state = merged(image.state, before or image.stored.state, after)
    if arrived.stored is not None:
        image.finish_save(arrived.stored)
    bench.controller.edit_many([(image, state)], text, series)
    bench.controller.imageChanged.emit(image.file_id)  # saved or not may have changed alone


def merged(now: AcqState, before: AcqState, after: AcqState) -> AcqState:
    """`after`, or where there were edits since `before` these with the results of `after`.

    A result is left out when its ROI was deleted meanwhile, or when a ROI that somebody drew
    meanwhile has the number of the one that the batch added.
    """
    if now == before:
        return after
    state = now
    for roi in after.rois:
        if before.roi(roi.id) is None and now.roi(roi.id) is None:
            state = state.with_roi(roi)
    for record in after.records:
        roi_id = record.key.roi_id
        there = state.roi(roi_id)
        is_same = before.roi(roi_id) is not None or there == after.roi(roi_id)
        if there is not None and is_same and before.record(record.key) != record:
            state = state.with_record(record)
    return state
