"""The only writer: turns gestures into edits, and edits into scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError
from acqcore.model.contrast import ImageContrast
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import ROI, RectROI, RectRoiBounds, rect_roi
from acqcore.model.state import AcqState, Review
from cloudscope.jobs import Job, Jobs
from cloudscope.pictures import FirstContrast, read_picture
from cloudscope.scene import Plane, Scene, Selection, compose
from cloudscope.session import Session
from cloudscope.settings import Settings
from cloudscope.undo import Edit, EditCommand, Images


class Controller(QObject):
    """Selection, edits and the scene of the selected recording.

    File ids travel as Python objects: Qt's strings lose bytes that are not UTF-8.
    """

    sceneChanged = Signal(object)  # Scene
    imageChanged = Signal(object)  # file id whose row, dirty mark or records changed
    recordingSelected = Signal(object, object)  # file id, tree row id of the record or ""
    recordingsSelected = Signal(object)  # file ids that an undo has changed together

    def __init__(
        self, session: Session, jobs: Jobs, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self._jobs, self._settings = session, jobs, settings
        self.undo_stack = QUndoStack(self)
        self.selection = Selection()
        self.running: frozenset[tuple[str, AnalysisKey]] = frozenset()
        self._failure = ""
        self._loading: Job | None = None

    @property
    def image(self) -> AcqImage | None:
        """The selected recording."""
        return self.session.image(self.selection.file_id)

    # Selection

    @Slot(object, object)
    def select(self, file_id: str, key: AnalysisKey | None = None) -> None:
        """Show a recording, or one of its records with its channel and ROI."""
        image = self.session.image(file_id)
        if image is None:
            return
        same = file_id == self.selection.file_id
        channel = min(self.selection.channel, max(image.header.num_channels - 1, 0))
        roi_id = self.selection.roi_id if same else None
        chosen = replace(
            self.selection if same else Selection(analysis_name=self.selection.analysis_name),
            file_id=file_id, channel=channel, roi_id=roi_id,
        )  # fmt: skip
        if key is not None:
            chosen = Selection(file_id, key.channel, key.roi_id, key.analysis_name)
        self._choose(image, chosen)

    def _choose(self, image: AcqImage, chosen: Selection) -> None:
        roi_id = chosen.roi_id
        if roi_id is None or not image.rois.has_roi(roi_id):
            roi_id = image.get_default_roi()
        before = self.selection_of_plane
        self.selection = replace(chosen, roi_id=roi_id)
        if before != self.selection_of_plane:
            self._failure = ""
        if self.session.plane(*self.selection_of_plane) is None and not self._failure:
            self._load_plane(image)
        self.refresh()

    @property
    def selection_of_plane(self) -> tuple[str, int, int, int]:
        """Which picture is shown: file id, channel, z and t."""
        chosen = self.selection
        return chosen.file_id, chosen.channel, chosen.z, chosen.t

    @Slot(int)
    def choose_channel(self, channel: int) -> None:
        """Show another channel of the same recording."""
        if self.image is not None:
            self._choose(self.image, replace(self.selection, channel=channel))

    @Slot(int, int)
    def choose_plane(self, z: int, t: int) -> None:
        """Show another plane of a stack or series."""
        if self.image is not None:
            self._choose(self.image, replace(self.selection, z=z, t=t))

    @Slot(int)
    def choose_roi(self, roi_id: int) -> None:
        """Make another ROI the selected one."""
        if self.image is not None:
            self._choose(self.image, replace(self.selection, roi_id=roi_id))

    @Slot(str)
    def choose_analysis(self, name: str) -> None:
        """Look at another kind of result."""
        self.selection = replace(self.selection, analysis_name=name)
        self.refresh()

    def clear(self) -> None:
        """Show nothing: everything was closed."""
        self.undo_stack.clear()
        self.selection, self._failure = Selection(), ""
        self.sceneChanged.emit(Scene())

    def refresh(self) -> None:
        """Compose and show the scene again."""
        image = self.image
        if image is not None:
            plane = self.session.plane(*self.selection_of_plane)
            keys = frozenset(key for file_id, key in self.running if file_id == image.file_id)
            scene = compose(image, self.selection, plane, failure=self._failure, running=keys)
            blind = self.session.blind
            name, failure = blind.label(image), blind.mask(self._failure)
            self.sceneChanged.emit(replace(scene, name=name, failure=failure, blinded=blind.on))

    # Pixels

    def retry(self) -> None:
        """Try again to read a picture that could not be read."""
        if self.image is not None:
            self._failure = ""
            self._choose(self.image, self.selection)

    def _load_plane(self, image: AcqImage) -> None:
        """Read a plane off the GUI thread; only the latest wish is shown."""
        if self._loading is not None:
            self._loading.cancel()
        place, first = self.selection_of_plane, FirstContrast.from_settings(self._settings)

        def work(job: Job) -> tuple[Plane, dict[AnalysisKey, Any]]:
            plane = read_picture(job, image, *place[1:], first)
            return plane, dict(image.unreadable_tables())

        self._loading = self._jobs.submit(
            "show",
            work,
            on_done=self._plane_read,
            on_failed=lambda error: self._plane_failed(place, error),
        )

    def _plane_read(self, result: tuple[Plane, dict[AnalysisKey, Any]]) -> None:
        plane, faults = result
        image = self.session.image(plane.file_id)
        if image is None:
            return
        if faults:
            image.drop_tables(faults)
            self.imageChanged.emit(image.file_id)
        self.session.keep(plane)
        if plane.place == self.selection_of_plane:
            self.refresh()

    def _plane_failed(self, place: tuple[str, int, int, int], error: AcqError) -> None:
        if place == self.selection_of_plane and self.session.plane(*place) is None:
            self._failure = str(error)
            self.refresh()

    # Edits

    def edit(self, image: AcqImage, after: AcqState, text: str) -> None:
        """One undoable step; nothing happens when nothing would change."""
        self.edit_many([(image, after)], text)

    def edit_many(self, edits: Sequence[Edit], text: str, series: int = -1) -> None:
        """One undoable step over several recordings; those that stay as they are are left out.

        Edits with the same `series` become one step when nothing else comes between them.
        """
        real = [(image, after) for image, after in edits if after != image.state]
        if real:
            label = self.session.blind.label
            tell, reveal = self._changed, self._reveal
            self.undo_stack.push(EditCommand(real, text, label, tell, reveal, series))

    def _changed(self, images: Images) -> None:
        """Repaint; a result that arrives for another recording does not bring it up."""
        for image in images:
            self.imageChanged.emit(image.file_id)
        shown = self.image
        if shown is not None and shown in images:
            self._choose(shown, self.selection)

    def _reveal(self, images: Images) -> None:
        """Undo may reach other recordings: nothing changes unseen."""
        self._changed(images)
        if self.image not in images:
            self.recordingSelected.emit(images[0].file_id, "")
            self.select(images[0].file_id)
        if len(images) > 1:
            self.recordingsSelected.emit(tuple(image.file_id for image in images))

    @Slot(object)
    def edit_roi(self, roi: ROI) -> None:
        """Move, resize or rename a region; `InvalidROI` when it leaves the plane."""
        image = self.image
        if image is not None:
            inside = roi.clipped(image.rois.image_bounds)
            self.edit(image, image.state.with_roi(inside), f"Edit ROI {roi.label}")

    @Slot(object)
    def add_roi(self, bounds: RectRoiBounds | None = None) -> None:
        """Add a region, the whole plane by default, and select it."""
        image = self.image
        if image is None:
            return
        plane = image.rois.image_bounds
        roi: RectROI = rect_roi(
            image.state.next_roi_id, bounds or RectRoiBounds.from_image_bounds(plane), plane
        )
        self.selection = replace(self.selection, roi_id=roi.id)
        self.edit(image, image.state.with_roi(roi), f"Add ROI {roi.label}")

    @Slot(int)
    def delete_roi(self, roi_id: int) -> None:
        """Delete a region with its records; the one before it becomes selected."""
        image = self.image
        roi = image.rois.get(roi_id) if image is not None else None
        if image is not None and roi is not None:
            ids = image.rois.get_roi_ids()
            before = ids[max(ids.index(roi_id) - 1, 0)]
            self.selection = replace(self.selection, roi_id=before)
            self.edit(image, image.state.without_roi(roi_id), f"Delete ROI {roi.label}")

    @Slot(object)
    def edit_contrast(self, contrast: ImageContrast) -> None:
        """Show the selected channel differently."""
        image, channel = self.image, self.selection.channel
        if image is not None and contrast != image.get_image_contrast(channel):
            self.edit(image, image.state.with_contrast(channel, contrast), "Contrast")

    @Slot(str, object)
    def patch_metadata(self, section_id: str, patch: dict[str, Any]) -> None:
        """Change metadata; ValueError for a value that the field does not take."""
        image = self.image
        if image is not None:
            self.edit(image, image.patched(section_id, patch), f"Edit {', '.join(patch)}")

    @Slot(object)
    def cycle_review(self, file_id: str) -> None:
        """Undecided, accepted, rejected, undecided."""
        image = self.session.image(file_id)
        if image is not None:
            self.set_review(image.state.review.next, image)

    def set_review(self, review: Review, image: AcqImage | None = None) -> None:
        """Accept or reject a recording, the selected one by default."""
        image = image or self.image
        if image is not None:
            self.edit(image, image.state.with_review(review), f"Mark as {review.value}")

    def delete_record(self, key: AnalysisKey) -> None:
        """Delete one result of the selected recording."""
        if self.image is not None:
            self.edit(self.image, self.image.state.without_record(key), "Delete result")
