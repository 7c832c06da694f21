"""While parameters change: what a run would give on the visible part; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses, analysis
from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import RectROI
from acqcore.run import Source, run
from cloudscope.jobs import Job
from cloudscope.scene import Scene
from cloudscope.views.quantities import ran_calibration, shown_curve
from cloudscope.views.trace_content import CurveId
from cloudscope.views.trace_extras import PREVIEW
from cloudscope.views.trace_samples import TraceSamples, samples_of
from cloudscope.workbench import Feature, Workbench

DELAY_MS = 300
_LANE = "preview"


class Preview(Feature):
    """One job at most; the next change of parameters, view or place cancels it."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._panel, self._view = bench.panels.analysis, bench.panels.view
        self._job: Job | None = None
        self._place: tuple[object, ...] = ()
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(DELAY_MS)
        self._due.timeout.connect(self._start)
        self._panel.controls.previewToggled.connect(self._toggled)
        self._panel.form.edited.connect(self.ask)
        self._view.kymograph.viewChanged.connect(self.ask)
        bench.controller.sceneChanged.connect(self._follow)

    @property
    def is_on(self) -> bool:
        """Whether the user wants to see it."""
        return self._panel.controls.preview.isChecked()

    @Slot()
    def ask(self) -> None:
        """Something has changed; what is being computed is no longer wanted."""
        if self.is_on:
            self._cancel()
            self._due.start()

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._show("", {})
        if on:
            self.ask()
        else:
            self._due.stop()
            self._cancel()
            self._panel.controls.say_preview("")

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Another place, another preview; a repaint of the same one changes nothing."""
        place = (scene.selection, scene.plane, scene.roi, scene.calibration)
        if self.is_on and place != self._place:
            self._show("", {})
            self.ask()
        self._place = place

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot()
    def _start(self) -> None:
        scene, image = self.bench.panels.scene, self.bench.controller.image
        where, roi = scene.selection, scene.roi
        name = where.analysis_name or next(iter(analyses()))
        if image is None or scene.plane is None or not isinstance(roi, RectROI):
            return
        first, last = (round(one) for one in self._view.kymograph.visible[:2])
        source = visible_source(image, roi, first, last, whole=bool(analysis(name).depends_on))
        if source is None:
            self._show("", {})
            return
        key = AnalysisKey(name, where.channel, roi.id)
        values = dict(self._panel.parameters)
        self._job = self.bench.jobs.submit(
            _LANE,
            lambda job: run(source, key, values, job.context),
            on_done=self._draw,
            on_failed=self._failed,
        )

    def _draw(self, record: AnalysisRecord) -> None:
        scene = self.bench.panels.scene
        if not self.is_on:
            return
        method = analysis(record.key.analysis_name)
        steps = ran_calibration(record, scene.calibration)
        self._panel.controls.say_preview("")
        self._show(
            method.name,
            {
                (method.name, curve.y): without_band(
                    samples_of(record, curve, shown_curve(method, curve, steps).factor)
                )
                for curve in method.curves
            },
        )

    def _failed(self, error: AcqError) -> None:
        if not isinstance(error, Cancelled) and self.is_on:
            self._show("", {})
            self._panel.controls.say_preview(f"No preview: {error}")

    def _show(self, analysis_name: str, traces: Mapping[CurveId, TraceSamples]) -> None:
        self._view.trace.preview(analysis_name)
        self._view.trace.show_extra(PREVIEW, traces)


def visible_source(
    image: AcqImage, roi: RectROI, first: int, last: int, *, whole: bool
) -> Source | None:
    """What a run may read, with the ROI cut to the lines in view; None beside the view.

    `whole` leaves it as it is: an analysis of another result needs that one's rows.
    """
    source = image.source()
    if whole:
        return source
    start, stop = max(roi.line_start, first), min(roi.line_stop, last)
    if stop <= start:
        return None
    cut = replace(roi, line_start=start, line_stop=stop)
    return replace(source, state=source.state.with_roi(cut))


def without_band(samples: TraceSamples) -> TraceSamples:
    """The line alone."""
    nothing: Any = samples.error * float("nan")
    return replace(samples, error=nothing, rejected=nothing)
