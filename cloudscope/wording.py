"""Sentences about edits, for prompts and messages."""

from __future__ import annotations

from collections.abc import Iterator

from acqcore.model.roi import ROI, RectROI
from acqcore.model.state import AcqState, Review


def changes(before: AcqState, after: AcqState) -> str:
    """What differs between two states, such as `ROI 1 moved, contrast, note`."""
    listed = list(_changes(before, after))
    text = ", ".join(listed)
    return text[:1].upper() + text[1:]


def _changes(before: AcqState, after: AcqState) -> Iterator[str]:
    if before.review is not after.review:
        yield {Review.UNDECIDED: "no longer decided"}.get(after.review, after.review.value)
    elif before.review_reason != after.review_reason:
        yield "reason of the verdict"
    yield from _roi_changes(before, after)
    yield from _record_changes(before, after)
    if before.contrasts != after.contrasts:
        yield "contrast"
    if before.calibration != after.calibration:
        yield "calibration"
    old, now = before.experiment.values(), after.experiment.values()
    yield from (name.replace("_", " ") for name in now if now[name] != old[name])


def _roi_changes(before: AcqState, after: AcqState) -> Iterator[str]:
    for roi in after.rois:
        old = before.roi(roi.id)
        if old is None:
            yield f"ROI {roi.label} added"
        elif old.geometry != roi.geometry:
            yield f"ROI {roi.label} moved"
        elif old.name != roi.name:
            yield f"ROI {roi.label} renamed"
        elif old.note != roi.note:
            yield f"note of ROI {roi.label}"
        elif old.color != roi.color:
            yield f"colour of ROI {roi.label}"
    for roi in before.rois:
        if after.roi(roi.id) is None:
            yield f"ROI {roi.label} deleted"


def roi_edit(before: ROI | None, after: ROI) -> str:
    """What an edit did, for the undo history: `Move ROI 1`."""
    label = after.label
    if before is None or before.geometry != after.geometry:
        same_size = before is not None and _size(before) == _size(after)
        return f"{'Move' if same_size else 'Resize'} ROI {label}"
    if before.name != after.name:
        return f"Rename ROI {label}"
    return f"{'Note' if before.note != after.note else 'Colour'} of ROI {label}"


def _size(roi: ROI) -> tuple[int, int]:
    one, other, low, high = roi.geometry
    if isinstance(roi, RectROI):
        return other - one, high - low
    return roi.line1 - roi.line0, roi.pixel1 - roi.pixel0


def _record_changes(before: AcqState, after: AcqState) -> Iterator[str]:
    fresh = [one for one in after.records if before.record(one.key) != one]
    gone = [one for one in before.records if after.record(one.key) is None]
    if fresh:
        yield _count(len(fresh), "result")
    if gone:
        yield f"{_count(len(gone), 'result')} deleted"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def recordings(number: int) -> str:
    """`1 recording`, `3 recordings`."""
    return _count(number, "recording")
