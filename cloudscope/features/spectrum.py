"""The dock with the spectrum of the heart rate, computed in a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDockWidget

from acqcore.analysis import analysis
from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisRecord
from cloudscope.docks import add_lower_dock
from cloudscope.jobs import Job
from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.views.spectrum_panel import SpectrumPanel

_RATE, _VELOCITY = "heart_rate", "radon_velocity"
_HEIGHT = 230


class Spectrum(Feature):
    """Follows the velocity of the selected channel and ROI while it is open."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dock: QDockWidget | None = None
        self.panel: SpectrumPanel | None = None
        self._shown: tuple[object, ...] = ()
        self._job: Job | None = None
        bench.controller.sceneChanged.connect(self._show_scene)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Show or hide."""
        return {"spectrum": self.toggle}

    def toggle(self) -> None:
        """Show the dock or hide it."""
        if self.dock is not None and not self.dock.isHidden():
            self.dock.hide()
            return
        if self.dock is None:
            self.dock = self._made()
        self.dock.show()
        self.dock.raise_()
        self._show_scene(self.bench.panels.scene)

    def _made(self) -> QDockWidget:
        # Its plot is made only for those who look at it.
        from cloudscope.views.spectrum_panel import SpectrumPanel

        bench = self.bench
        self.panel = SpectrumPanel(bench.theme)
        dock = add_lower_dock(bench.window, "Spectrum", self.panel, bench.theme.px(_HEIGHT))
        action = bench.actions["spectrum"]
        dock.visibilityChanged.connect(lambda: action.setChecked(not dock.isHidden()))
        return dock

    @Slot(object)
    def _show_scene(self, scene: Scene) -> None:
        panel = self.panel
        if panel is None or self.dock is None or self.dock.isHidden() or scene.loading:
            return
        rate, velocity = scene.shown_record(_RATE), scene.shown_record(_VELOCITY)
        there = rate is not None and rate.record.has_result
        if rate is None or velocity is None or not there or not velocity.record.has_result:
            self._shown = ()
            panel.say("No heart rate yet: run it in the Analysis panel")
            return
        wanted = (rate.record, velocity.record, scene.calibration)
        if len(self._shown) == len(wanted) and all(
            one is other for one, other in zip(wanted, self._shown, strict=True)
        ):
            return
        self._shown = wanted
        roi = scene.roi.label if scene.roi is not None else ""
        self._compute(rate.record, velocity.record, scene.calibration, roi)

    def _compute(
        self, rate: AnalysisRecord, velocity: AnalysisRecord, calibration: Any, roi: str
    ) -> None:
        # The heart rate brings its numerics along, which load with the first spectrum.
        from acqcore.analysis.heart_rate import periodogram

        if self._job is not None:
            self._job.cancel()
        parameters = rate.provenance.parameters if rate.provenance is not None else {}
        asked = analysis(_RATE).parse(parameters)
        trusted = rate.summary.get("trusted") is True
        block = rate.summary.get("peak")
        peak = block.get("bpm") if isinstance(block, Mapping) else None
        panel = self.panel
        assert panel is not None  # `_show_scene` does not come here without
        self._job = self.bench.jobs.submit(
            "plots",
            lambda job: periodogram(velocity, asked, calibration),
            on_done=lambda found: self._draw(rate, found, roi, peak, trusted),
            on_failed=self._failed,
        )

    def _draw(
        self, rate: AnalysisRecord, found: Any, roi: str, peak: float | None, trusted: bool
    ) -> None:
        if self.panel is not None and self._shown and self._shown[0] is rate:
            self.panel.show_spectrum(found, roi, peak, trusted)

    def _failed(self, error: AcqError) -> None:
        if self.panel is not None and not isinstance(error, Cancelled):
            self.panel.say(str(error))
