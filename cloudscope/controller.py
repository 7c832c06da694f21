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
from acqcore.model.roi import ROI, LineEndpoints, RectRoiBounds, line_roi, rect_roi
from acqcore.model.state import AcqState, Review
from cloudscope.jobs import Job, Jobs
from cloudscope.pictures import FirstContrast, read_picture
from cloudscope.scene import Plane, Scene, Selection, compose
from cloudscope.session import Session
from cloudscope.settings import Settings
from cloudscope.undo import Edit, EditCommand, Images
from cloudscope.wording import roi_edit


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
        self.limits_of_plane = False  # see `compose`
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
        before = self.selection.place
        self.selection = replace(chosen, roi_id=roi_id)
        if before != self.selection.place:
            self._failure = ""
        if self.session.plane(*self.selection.place) is None and not self._failure:
            self._load_plane(image)
        self.refresh()

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
            plane, blind = self.session.plane(*self.selection.place), self.session.blind
            keys = frozenset(key for file_id, key in self.running if file_id == image.file_id)
            scene = compose(
                image, self.selection, plane, failure=blind.mask(self._failure), running=keys,
                limits_of_plane=self.limits_of_plane,
            )  # fmt: skip
            self.sceneChanged.emit(replace(scene, name=blind.label(image), blinded=blind.on))

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
        place, first = self.selection.place, FirstContrast.from_settings(self._settings)

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
        if plane.place == self.selection.place:
            self.refresh()

    def _plane_failed(self, place: tuple[str, int, int, int], error: AcqError) -> None:
        if place == self.selection.place and self.session.plane(*place) is None:
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
    @Slot(object, int)
    def edit_roi(self, roi: ROI, series: int = -1) -> None:
        """Move, resize or rename a region; `InvalidROI` when it leaves the plane.

        Edits of one `series`, as of a key that is held down, are one step.
        """
        image = self.image
        if image is not None:
            inside = roi.clipped(image.rois.image_bounds)
            text = roi_edit(image.rois.get(roi.id), inside)
            self.edit_many([(image, image.state.with_roi(inside))], text, series)

    @Slot(object)
    def add_roi(self, shape: RectRoiBounds | LineEndpoints | None = None) -> None:
        """Add a rectangle, over the whole plane by default, or a line, and select it."""
        image = self.image
        if image is None:
            return
        plane, number = image.rois.image_bounds, image.state.next_roi_id
        roi: ROI
        if isinstance(shape, LineEndpoints):
            roi = line_roi(number, shape, plane)
        else:
            roi = rect_roi(number, shape or RectRoiBounds.from_image_bounds(plane), plane)
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
