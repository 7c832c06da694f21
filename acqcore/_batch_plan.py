"""What a batch will do with one open file; nothing is changed and nothing computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acqcore._batch_done import why_not_done
from acqcore._batch_job import BatchJob, FileOutcome, Outcome, RoiKind, RoiRule
from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.errors import InvalidROI
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import ImageBounds, RectROI, RectRoiBounds, rect_roi
from acqcore.model.state import AcqState

Run = tuple[AnalysisKey, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a file.

    Attributes:
        state: As it is, with the ROI that the job adds.
        runs: In order; empty unless the outcome is `pending`.
        outcome: `pending` or one of the skips.
        replaces: How many of the runs take the place of a result.
    """

    state: AcqState
    outcome: Outcome
    message: str
    roi_ids: tuple[int, ...] = ()
    runs: tuple[Run, ...] = ()
    replaces: int = 0

    def told(self, path: str, channel: int) -> FileOutcome:
        """As the outcome of a file."""
        return FileOutcome(
            path, self.outcome, self.message, channel, self.roi_ids, replaces=self.replaces
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """One analysis on one ROI: `run` unless there is a reason to leave it."""

    key: AnalysisKey
    parameters: Mapping[str, Any]
    skip: Outcome | None
    text: str
    replaces: bool = False


def plan_of(image: AcqImage, job: BatchJob) -> Plan:
    """Decide; raises what reading raises when pixels have to be compared."""
    state, header = image.state, image.header
    if not header.has_plane or job.channel >= header.num_channels:
        channels = f"{header.num_channels} channel{'s' * (header.num_channels != 1)}"
        why = f"There is no channel {job.channel}: the file has {channels}."
        return Plan(state, Outcome.SKIPPED_MISSING_CHANNEL, why)
    state, rois, why = select_rois(state, job.roi, image.rois.image_bounds)
    if why:
        return Plan(image.state, Outcome.SKIPPED_MISSING_ROI, why)
    steps: list[_Step] = []
    for roi_id in rois:
        for name, parameters in job.ordered_steps:
            key = AnalysisKey(name, job.channel, roi_id)
            steps.append(_step(image, state, job, key, parameters, steps))
    return _summed_up(image, state, rois, steps)


def _summed_up(image: AcqImage, state: AcqState, rois: tuple[int, ...], steps: list[_Step]) -> Plan:
    """The file is one transaction: with one missing parent nothing is run."""
    lacking = [one.text for one in steps if one.skip is Outcome.SKIPPED_MISSING_PARENT]
    if lacking:
        return Plan(image.state, Outcome.SKIPPED_MISSING_PARENT, lacking[0], rois)
    runs = tuple((one.key, one.parameters) for one in steps if one.skip is None)
    if runs:
        first = [one.text for one in steps if one.skip is None]
        left = [one.text for one in steps if one.skip is not None]
        added = {one.id for one in state.rois} - {one.id for one in image.state.rois}
        told = [f"ROI {number} will be added." for number in sorted(added)] + first + left
        replaces = sum(one.replaces for one in steps)
        return Plan(state, Outcome.PENDING, " ".join(told), rois, runs, replaces)
    outcome = next((one.skip for one in steps if one.skip is not Outcome.SKIPPED_DONE), None)
    texts = " ".join(one.text for one in steps)
    return Plan(image.state, outcome or Outcome.SKIPPED_DONE, texts, rois)


def _step(
    image: AcqImage,
    state: AcqState,
    job: BatchJob,
    key: AnalysisKey,
    parameters: Mapping[str, Any],
    before: list[_Step],
) -> _Step:
    what, record = what_text(key), state.record(key)
    method = analysis(key.analysis_name)
    running = {one.key for one in before if one.skip is None}
    parents = [AnalysisKey(name, key.channel, key.roi_id) for name in method.depends_on]
    for parent in parents:
        there = state.record(parent)
        if parent not in running and (there is None or not there.has_result):
            why = f"{what} needs {analysis(parent.analysis_name).title}: add it to the batch."
            return _Step(key, parameters, Outcome.SKIPPED_MISSING_PARENT, why)
    if record is None or not record.has_result:
        return _Step(key, parameters, None, f"{what} will run.")
    other = "what it depends on runs again" if running & set(parents) else ""
    if job.resume or not job.replace:
        other = other or why_not_done(image, state, record, parameters)
        if not other:
            return _Step(key, parameters, Outcome.SKIPPED_DONE, f"{what} is done.")
    if job.replace:
        return _Step(key, parameters, None, f"{what} replaces its result.", True)
    why = f"{what} has a result, but {other}; choose to overwrite."
    return _Step(key, parameters, Outcome.SKIPPED_EXISTING, why)


def what_text(key: AnalysisKey) -> str:
    """`Velocity (Radon) on ROI 1`."""
    return f"{analysis(key.analysis_name).title} on ROI {key.roi_id}"


def select_rois(
    state: AcqState, rule: RoiRule, plane: ImageBounds
) -> tuple[AcqState, tuple[int, ...], str]:
    """The ROIs that a rule means, with the state that has them, or why there is none."""
    if rule.kind is RoiKind.ALL:
        found = tuple(roi.id for roi in state.rois if isinstance(roi, RectROI))
        return state, found, "" if found else "There is no rectangular ROI."
    if rule.kind is RoiKind.EXISTING:
        roi = state.roi(rule.roi_id or 0)
        if roi is None:
            return state, (), f"There is no ROI {rule.roi_id}."
        if not isinstance(roi, RectROI):
            return state, (), f"ROI {rule.roi_id} is a line; a rectangle is needed."
        return state, (roi.id,), ""
    wanted = (rule.bounds or RectRoiBounds.from_image_bounds(plane)).clamped_to(plane)
    for roi in state.rois:
        if isinstance(roi, RectROI) and roi.bounds == wanted:
            return state, (roi.id,), ""
    try:
        added = rect_roi(state.next_roi_id, wanted, plane)
    except InvalidROI:
        return state, (), "The rectangle lies outside the image."
    return state.with_roi(added), (added.id,), ""
