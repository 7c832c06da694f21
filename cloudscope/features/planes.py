"""The planes of a stack or series: which one is shown, and between which limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled
from acqcore.model.contrast import ImageContrast
from cloudscope.jobs import Job
from cloudscope.pictures import FirstContrast, read_picture
from cloudscope.scene import Plane, Scene
from cloudscope.workbench import Feature, Workbench

_BLOCK, _CONTRAST = "planes", "contrast"
_PATIENCE_MS = 300
_STEPS = {"next_z": (1, 0), "previous_z": (-1, 0), "next_t": (0, 1), "previous_t": (0, -1)}
_Place = tuple[int, int]
"""z and t."""


class Planes(Feature):
    """Reads a plane before it is shown, so that the picture does not blink from one to the next.

    A plane is always read to its end, and the latest wish is the next one: a slider that is
    dragged shows pictures on its way. What takes long is handed to the controller, whose
    view then says that the picture is not the one that was asked for.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.strip = bench.panels.view.planes
        self._file_id = ""
        self._wanted: _Place | None = None
        self._going: _Place = (0, 0)
        self._job: Job | None = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE_MS)
        self._late.timeout.connect(self._give_up)
        for name in _STEPS:  # in fields and lists these keys have other meanings
            action = bench.actions[name]
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            bench.panels.view.addAction(action)
        self._set_contrast(bench.settings.block(_BLOCK).get(_CONTRAST) is True)
        self.strip.planeChosen.connect(self.choose)
        self.strip.contrastChosen.connect(self.choose_contrast)
        bench.panels.contrast.contrastEdited.connect(self._contrast_edited)
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """One plane on or back; limits for each or for all."""
        steps = {name: self._stepper(*step) for name, step in _STEPS.items()}
        controller = self.bench.controller
        return {
            **steps,
            "plane_contrast": lambda: self.choose_contrast(not controller.limits_of_plane),
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is another plane."""
        z, t = counts(scene)
        return {"planes": max(z, t) > 1, "z_planes": z > 1, "frames": t > 1}

    # --- which plane ------------------------------------------------------------------------

    def _stepper(self, by_z: int, by_t: int) -> Callable[[], object]:
        def step() -> None:
            z, t = self._place()
            count_z, count_t = counts(self.bench.panels.scene)
            there = min(max(z + by_z, 0), count_z - 1), min(max(t + by_t, 0), count_t - 1)
            self.choose(*there)

        return step

    def _place(self) -> _Place:
        """What was asked for last; the picture may still be the one before."""
        chosen = self.bench.controller.selection
        busy = self._going if self._job is not None else (chosen.z, chosen.t)
        return self._wanted or busy

    @Slot(int, int)
    def choose(self, z: int, t: int) -> None:
        """Show that plane, as soon as it is read."""
        self._wanted = z, t
        self.strip.show_planes((z, t), counts(self.bench.panels.scene))
        if self._job is None:
            self._go()

    def _go(self) -> None:
        image = self.bench.controller.image
        if self._wanted is None or image is None:
            return
        self._going, self._wanted = self._wanted, None
        session, place = self.bench.session, self._going
        missing = [
            one
            for one in self._channels(image)
            if session.plane(image.file_id, one, *place) is None
        ]
        if missing:
            self._read(image, missing, place)
        else:
            self.bench.controller.choose_plane(*place)

    def _channels(self, image: AcqImage) -> tuple[int, ...]:
        """Those on screen; the selected one last, which is kept the longest."""
        selected = self.bench.controller.selection.channel
        if not self.bench.actions["composite"].isChecked():
            return (selected,)
        return *(one for one in image.images.channel_indices if one != selected), selected

    def _read(self, image: AcqImage, channels: list[int], place: _Place) -> None:
        first = FirstContrast.from_settings(self.bench.settings)

        def work(job: Job) -> list[Plane]:
            return [read_picture(job, image, channel, *place, first) for channel in channels]

        self._job = job = self.bench.jobs.submit(
            "planes",
            work,
            on_done=lambda planes: self._done(job, planes),
            on_failed=lambda error: self._failed(job, error),
        )
        self._late.start()

    def _done(self, job: Job, planes: list[Plane]) -> None:
        if job is self._job:
            for plane in planes:
                self.bench.session.keep(plane)
            self._end()

    def _failed(self, job: Job, error: AcqError) -> None:
        if job is self._job and not isinstance(error, Cancelled):
            self._end()  # the controller tries again, and says why it cannot

    def _end(self) -> None:
        """Show what was read, then go on to what was asked for meanwhile."""
        self._late.stop()
        self._job = None
        self.bench.controller.choose_plane(*self._going)
        self._go()

    @Slot()
    def _give_up(self) -> None:
        """It takes long: from now on the picture shows that it is an old one."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            there, self._wanted = self._wanted or self._going, None
            self.bench.controller.choose_plane(*there)

    # --- limits -----------------------------------------------------------------------------

    @Slot(bool)
    def choose_contrast(self, per_plane: bool) -> None:
        """Limits of each plane, or those of the channel; remembered for the next start."""
        self.bench.settings.set_block(_BLOCK, {_CONTRAST: per_plane})
        self._set_contrast(per_plane)
        self.bench.controller.refresh()

    def _set_contrast(self, per_plane: bool) -> None:
        self.bench.controller.limits_of_plane = per_plane
        self.bench.actions["plane_contrast"].setChecked(per_plane)
        self.strip.show_contrast(per_plane)

    @Slot(object)
    def _contrast_edited(self, contrast: ImageContrast) -> None:
        """Whoever sets limits by hand wants to see them."""
        plane = self.bench.panels.scene.plane
        own = plane.limits if plane is not None else None
        if self.bench.controller.limits_of_plane and own not in (
            None,
            (contrast.value_min, contrast.value_max),
        ):
            self.choose_contrast(False)

    # --- what is on screen ------------------------------------------------------------------

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        if scene.selection.file_id != self._file_id:
            self._file_id, self._wanted = scene.selection.file_id, None
            self._late.stop()
            if self._job is not None:
                self._job.cancel()
                self._job = None
        shown = counts(scene) if scene.selection.file_id else (1, 1)
        self.strip.show_planes(self._place(), shown)


def counts(scene: Scene) -> _Place:
    """How many z planes and frames; 1 and 1 without a recording."""
    header = scene.header
    return (header.size("Z"), header.size("T")) if header is not None else (1, 1)
