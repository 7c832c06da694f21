"""What is done to all selected recordings at once: judge, describe, save, run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses, analysis
from acqcore.model.header import Calibration
from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import RectROI, RectRoiBounds, rect_roi
from acqcore.model.state import AcqState, Review
from cloudscope.running import stale_records
from cloudscope.scene import Scene
from cloudscope.views.metadata_panel import Described
from cloudscope.views.verdict_dialog import ask_verdict
from cloudscope.wording import recordings
from cloudscope.workbench import Feature, Workbench


class SelectedFiles(Feature):
    """Commands mean every selected recording; the Metadata panel describes them together."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._described: tuple[AcqImage, ...] = ()
        self._known: list[tuple[AcqImage, ExperimentMetadata, Calibration]] = []
        self._due = QTimer(self)  # a selection of thousands changes in many steps
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._follow_selection)
        bench.panels.tree.selectionEdited.connect(self._due.start)
        bench.panels.tree.reviewsCycled.connect(self._cycle_reviews)
        bench.panels.metadata.manyPatched.connect(self._patch)
        bench.controller.sceneChanged.connect(self._describe)
        bench.controller.recordingsSelected.connect(bench.panels.tree.select_many)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Commands that would otherwise mean the recording on screen."""
        return {
            "accept": lambda: self._review(Review.ACCEPTED),
            "reject": lambda: self._review(Review.REJECTED),
            "verdict": self._ask_verdict,
            "save": self._save,
            "run_selected": self._run,
            "rerun": self._rerun,
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """What several recordings offer, some of them may not have."""
        images = self.bench.targets()
        typing = self.bench.panels.is_typing
        return {
            "several": len(images) > 1,
            "unsaved_here": typing or any(image.is_dirty for image in images),
            "stale": any(self.bench.feed.stale_counts.get(image.file_id) for image in images),
        }

    # --- metadata -----------------------------------------------------------------------

    @Slot()
    def _follow_selection(self) -> None:
        self.bench.controller.refresh()  # commands may have become usable, too

    @Slot(object)
    def _describe(self, scene: Scene) -> None:
        """Hand the panel what it shows beside the recording of the scene."""
        images = self.bench.targets()
        company = images if len(images) > 1 else ()
        known = [(one, one.state.experiment, one.calibration) for one in company]
        if known != self._known:  # with thousands of them it takes its time
            self._known, self._described = known, company
            self.bench.panels.metadata.set_company([_described(image) for image in company])

    @Slot(str, dict)
    def _patch(self, section: str, patch: dict[str, Any]) -> None:
        edits = [(image, image.patched(section, patch)) for image in self._described]
        self.bench.controller.edit_many(edits, f"Edit {', '.join(patch)}")
        self.bench.panels.suggest(self.bench.session.images, patch)

    # --- verdict ------------------------------------------------------------------------

    def _review(self, wanted: Review) -> None:
        """Mark all; when all are marked so already, take the mark away."""
        images = self.bench.targets()
        same = all(image.state.review is wanted for image in images)
        self._judge(images, Review.UNDECIDED if same else wanted)

    @Slot(object)
    def _cycle_reviews(self, file_ids: Sequence[str]) -> None:
        """The first one leads, so that one key always has one outcome."""
        found = [self.bench.session.image(file_id) for file_id in file_ids]
        images = [image for image in found if image is not None]
        if images:
            self._judge(images, images[0].state.review.next)

    def _ask_verdict(self) -> None:
        """A verdict with its reason; a recording without one is about to be rejected."""
        images, session = self.bench.targets(), self.bench.session
        first = images[0].state
        review = Review.REJECTED if first.review is Review.UNDECIDED else first.review
        known = sorted({image.state.review_reason for image in session.images} - {""})
        what = session.blind.label(images[0]) if len(images) == 1 else recordings(len(images))
        answer = ask_verdict(self.bench.window, what, review, first.review_reason, known)
        if answer is not None:
            self._judge(images, *answer)

    def _judge(self, images: Sequence[AcqImage], verdict: Review, reason: str = "") -> None:
        edits = [(image, image.state.with_review(verdict, reason)) for image in images]
        self.bench.controller.edit_many(edits, f"Mark as {verdict.value}")

    # --- saving and running -------------------------------------------------------------

    def _save(self) -> None:
        self.bench.saving.save([image for image in self.bench.targets() if image.is_dirty])

    def _run(self) -> None:
        """The analysis in the panel, on the ROI of the same number or else the first one."""
        chosen = self.bench.controller.selection.analysis_name
        name = chosen if chosen in analyses() else next(iter(analyses()))
        parameters = self.bench.panels.analysis.parameters
        analysis(name).parse(parameters)  # a bad value stops here, before anything changed
        images = self.bench.targets()
        bare = [image for image in images if _rectangle(image) is None]
        self.bench.controller.edit_many([(one, _with_full_roi(one)) for one in bare], "Add ROI")
        for image in images:
            self.bench.running.start(image, self._key(image, name), parameters)

    def _key(self, image: AcqImage, name: str) -> AnalysisKey:
        chosen = self.bench.controller.selection
        roi = _rectangle(image, chosen.roi_id or 0)
        assert roi is not None  # `_run` has added one
        channel = min(chosen.channel, max(image.header.num_channels - 1, 0))
        return AnalysisKey(name, channel, roi.id)

    def _rerun(self) -> None:
        for image in self.bench.targets():
            for record in stale_records(image):
                self.bench.running.start(image, record.key, record.parameters)


def _described(image: AcqImage) -> Described:
    experiment = image.state.experiment.values()
    return Described(image.file_id, experiment, image.header, image.calibration)


def _rectangle(image: AcqImage, roi_id: int = 0) -> RectROI | None:
    """The rectangle of that number, or else the first one; None without any."""
    found = [roi for roi in image.state.rois if isinstance(roi, RectROI)]
    return next((roi for roi in found if roi.id == roi_id), found[0] if found else None)


def _with_full_roi(image: AcqImage) -> AcqState:
    plane = image.rois.image_bounds
    full = RectRoiBounds.from_image_bounds(plane)
    roi: RectROI = rect_roi(image.state.next_roi_id, full, plane)
    return image.state.with_roi(roi)
