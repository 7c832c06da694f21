"""What one pixel of the screen shows of the many lines that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Slot

from acqcore.pyramid import BRIGHTEST, KINDS, Pyramid
from cloudscope.jobs import Job
from cloudscope.scene import Plane, Scene
from cloudscope.workbench import Feature, Workbench

_BLOCK, _KEY = "picture", "reduction"


class Reduction(Feature):
    """The brightest, the mean or the darkest of them; remembered for the next start.

    Recordings come with their maxima. Other levels are computed beside the GUI thread when
    they are wanted; only those of the plane on screen are kept.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        stored = bench.settings.block(_BLOCK).get(_KEY)
        self.kind = stored if stored in KINDS else BRIGHTEST
        self._shown: tuple[Plane, str] | None = None
        self._job: Job | None = None
        self._check()
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """One of three."""
        return {
            "show_brightest": lambda: self.choose("brightest"),
            "show_mean": lambda: self.choose("mean"),
            "show_darkest": lambda: self.choose("darkest"),
        }

    def choose(self, kind: str) -> None:
        """Show another statistic, now and from now on."""
        self.kind = kind
        self.bench.settings.set_block(_BLOCK, {_KEY: kind})
        self._check()
        self._follow(self.bench.panels.scene)

    def _check(self) -> None:
        for kind in KINDS:
            self.bench.actions[f"show_{kind}"].setChecked(kind == self.kind)

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        plane = scene.plane
        if plane is None:
            self._shown = None
            return
        before = self._shown if self._shown and self._shown[0] is plane else (plane, BRIGHTEST)
        if before[1] == self.kind:
            self._shown = before
            return
        self._shown = plane, self.kind
        if self._job is not None:
            self._job.cancel()
        if self.kind == BRIGHTEST:
            self.bench.panels.view.kymograph.picture.set_plane(plane.pyramid)
            return
        kind = self.kind
        self._job = self.bench.jobs.submit(
            "reduction",
            lambda job: Pyramid.build(plane.pixels, job.is_cancelled, kind),
            on_done=lambda pyramid: self._done(plane, pyramid),
        )

    def _done(self, plane: Plane, pyramid: Pyramid) -> None:
        if self._shown == (plane, pyramid.kind):
            self.bench.panels.view.kymograph.picture.set_plane(pyramid)
