"""The overview picture of a recording: a dock under the list, made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDockWidget

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled
from acqcore.model.contrast import ImageContrast, contrast_from_plane
from acqcore.model.reference import ReferenceImage
from acqcore.pyramid import MEAN, Pyramid
from cloudscope.docks import add_dock_below
from cloudscope.jobs import Job
from cloudscope.pictures import FirstContrast
from cloudscope.scene import Scene
from cloudscope.views.readings import Hover
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.views.reference_panel import ReferencePanel
    from cloudscope.views.reference_picture import Overview

_BLOCK, _LINE = "reference_image", "line"
_HEIGHT = 440
_NOTHING_OPEN = "Select a recording to see its reference image"
_NONE = "No reference image: this file holds no overview picture"
_Place = tuple[str, int]
"""File id and channel of the overview."""


class ReferencePicture(Feature):
    """Follows the selected recording while the dock is open.

    Contrasts are kept as long as the recordings are open; they are not a part of the
    recording, so they are neither stored nor undone.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dock: QDockWidget | None = None
        self.panel: ReferencePanel | None = None
        self._shown: _Place | None = None
        self._overview: Overview | None = None
        self._failure = ""
        self._contrasts: dict[_Place, ImageContrast] = {}
        self._job: Job | None = None
        bench.controller.sceneChanged.connect(self._follow)
        bench.opening.reset.connect(self._contrasts.clear)
        bench.panels.view.kymograph.hovered.connect(self._point)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Show or hide."""
        return {"reference": self.toggle}

    def toggle(self) -> None:
        """Show the dock or hide it."""
        if self.dock is not None and not self.dock.isHidden():
            self.dock.hide()
            return
        if self.dock is None:
            self.dock = self._made()
        self.dock.show()
        self.dock.raise_()
        self._follow(self.bench.panels.scene)

    def _made(self) -> QDockWidget:
        # Its plot is made only for those who look at it.
        from cloudscope.views.reference_panel import ReferencePanel

        bench = self.bench
        self.panel = ReferencePanel(bench.theme, bench.settings.auto_contrast_percentiles)
        self.panel.show_line(bench.settings.block(_BLOCK).get(_LINE) is not False)
        self.panel.lineChosen.connect(self._choose_line)
        self.panel.channelChosen.connect(self._choose_channel)
        self.panel.contrastChosen.connect(self._choose_contrast)
        dock = add_dock_below(
            bench.window, bench.panels.docks[0], "Reference Image", self.panel,
            bench.theme.px(_HEIGHT),
        )  # fmt: skip
        action = bench.actions["reference"]
        dock.visibilityChanged.connect(lambda: action.setChecked(not dock.isHidden()))
        return dock

    # --- what is on screen ------------------------------------------------------------------

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Only for those who see it."""
        if self.panel is None or self.dock is None or self.dock.isHidden():
            return
        image = self.bench.session.image(scene.selection.file_id)
        if image is None:
            self._say(_NOTHING_OPEN)
        elif not image.images.has_reference_image:
            self._say(_NONE)
        elif self._shown is None or self._shown[0] != image.file_id:
            self._read(image, scene.selection.channel)
        elif self._failure:  # a name in it may have to be hidden now
            self.panel.say(self.bench.session.blind.mask(self._failure))

    def _say(self, sentence: str) -> None:
        assert self.panel is not None  # nobody speaks before it is made
        self._cancel()
        self._shown = self._overview = None
        self._failure = ""
        self.panel.say(sentence)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = None

    def _read(self, image: AcqImage, channel: int) -> None:
        """Off the GUI thread; the picture of another recording does not stay meanwhile."""
        assert self.panel is not None
        if self._shown is None or self._shown[0] != image.file_id:
            self._say("Reading…")
        self._cancel()
        self._shown = image.file_id, channel
        first = FirstContrast.from_settings(self.bench.settings)
        self._job = job = self.bench.jobs.submit(
            "reference",
            lambda job: read_overview(job, image, channel, first),
            on_done=lambda found: self._done(job, found),
            on_failed=lambda error: self._failed(job, error),
        )

    def _done(self, job: Job, found: tuple[Overview, ImageContrast] | None) -> None:
        if job is not self._job or self._shown is None or self.panel is None:
            return
        self._job = None
        if found is None:
            file_id = self._shown[0]
            self._say(_NONE)
            self._shown = file_id, 0
            return
        self._overview, first = found
        self._shown = self._shown[0], self._overview.channel
        contrast = self._contrasts.setdefault(self._shown, first)
        self.panel.show_overview(self._overview, contrast)

    def _failed(self, job: Job, error: AcqError) -> None:
        if job is self._job and not isinstance(error, Cancelled) and self._shown is not None:
            place = self._shown
            self._say(self.bench.session.blind.mask(str(error)))
            self._shown, self._failure = place, str(error)  # once is enough

    # --- gestures ---------------------------------------------------------------------------

    @Slot(int)
    def _choose_channel(self, channel: int) -> None:
        image = self.bench.session.image(self._shown[0]) if self._shown is not None else None
        if image is not None:
            self._read(image, channel)

    @Slot(object)
    def _choose_contrast(self, contrast: ImageContrast) -> None:
        if self._shown is not None and self._overview is not None and self.panel is not None:
            self._contrasts[self._shown] = contrast
            self.panel.show_overview(self._overview, contrast)

    @Slot(bool)
    def _choose_line(self, drawn: bool) -> None:
        self.bench.settings.set_block(_BLOCK, {_LINE: drawn})

    @Slot(object)
    def _point(self, hover: Hover | None) -> None:
        """The place under the mouse is a place on the scanned line."""
        plane = self.bench.panels.scene.plane
        if self.panel is not None and self._overview is not None and plane is not None:
            share = (hover.pixel + 0.5) / plane.pixels.shape[1] if hover is not None else None
            self.panel.show_place(share)


def read_overview(
    job: Job, image: AcqImage, channel: int, first: FirstContrast
) -> tuple[Overview, ImageContrast] | None:
    """One channel, or the first one without it, with limits from its percentiles; for a worker.

    None when there is no overview after all, `UnreadableFile` when it cannot be decoded.
    """
    # Its plot loads with it, which is wanted by now.
    from cloudscope.views.reference_picture import Overview

    found = image.images.reference_image
    if found is None:
        return None
    shown = channel if channel < found.num_channels else 0
    pixels = found.get_plane(shown).array
    overview = Overview(
        image.file_id,
        pixels,
        Pyramid.build(pixels.T, job.is_cancelled, MEAN),
        shown,
        tuple((*found.channel_names, *[""] * found.num_channels)[: found.num_channels]),
        found.step_y,
        found.step_x,
        scanned_line(found),
    )
    return overview, contrast_from_plane(pixels, first.lut, first.low, first.high)


def scanned_line(found: ReferenceImage) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    """(2, N) columns and rows: the path, or else the ends of a straight line."""
    if found.scan_path is not None:
        return found.scan_path
    if found.line_roi is None:
        return None
    x0, y0, x1, y1 = found.line_roi
    return np.array([[x0, x1], [y0, y1]])
