"""Copy the ROIs of one recording to others: geometry, names and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from acqcore.acq_image import AcqImage
from acqcore.errors import InvalidROI
from acqcore.model.roi import ROI, ImageBounds
from acqcore.model.state import AcqState


@dataclass(frozen=True, slots=True)
class TemplateResult:
    """What a template gave in one recording.

    Attributes:
        file_id: The recording.
        created: Numbers of the ROIs that were added.
        clipped: Those of them that were cut to the image.
        faults: One sentence per ROI that lies outside the image.
    """

    file_id: str
    created: tuple[int, ...] = ()
    clipped: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()


def apply_template(
    source: AcqImage, targets: Iterable[AcqImage], *, replace: bool = False
) -> tuple[TemplateResult, ...]:
    """Add the ROIs of `source` to each target, one edit per image; nothing is saved.

    ROIs are clipped to the image that they come to; one that lies outside is reported and
    left out. `replace` deletes what was there, with its records, unless not a single
    ROI fits. The source itself is left alone.
    """
    results = []
    for image in targets:
        if image.file_id == source.file_id:
            continue
        state, result = with_template(
            image.state, source.rois.as_list(), image.rois.image_bounds, replace=replace
        )
        image.state = state
        results.append(changed(result, file_id=image.file_id))
    return tuple(results)


def with_template(
    state: AcqState, rois: Sequence[ROI], bounds: ImageBounds, *, replace: bool = False
) -> tuple[AcqState, TemplateResult]:
    """The state with these ROIs under fresh numbers, and what became of each."""
    fitting, cut, faults = list[ROI](), list[bool](), list[str]()
    for roi in rois:
        try:
            inside = roi.clipped(bounds)
        except InvalidROI:
            faults.append(f"ROI {roi.label} lies outside the image.")
            continue
        fitting.append(inside)
        cut.append(inside.geometry != roi.geometry)
    if replace and fitting:
        for old in state.rois:
            state = state.without_roi(old.id)
    numbers = range(state.next_roi_id, state.next_roi_id + len(fitting))
    for number, roi in zip(numbers, fitting, strict=True):
        state = state.with_roi(changed(roi, id=number))
    clipped = tuple(number for number, was_cut in zip(numbers, cut, strict=True) if was_cut)
    return state, TemplateResult("", tuple(numbers), clipped, tuple(faults))
