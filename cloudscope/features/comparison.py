"""After a rerun: the trace of the run before stays in grey, with what has changed."""

from __future__ import annotations

from PySide6.QtCore import Slot

from acqcore.analysis import analyses
from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord
from cloudscope.scene import Scene
from cloudscope.views.quantities import ran_calibration, shown_curve
from cloudscope.views.run_comparison import comparison
from cloudscope.views.trace_content import CurveId
from cloudscope.views.trace_extras import BEFORE
from cloudscope.views.trace_samples import TraceSamples, samples_of
from cloudscope.workbench import Feature, Workbench

Place = tuple[str, AnalysisKey]


class Comparison(Feature):
    """Remembers what a run has replaced, until it is dismissed; nothing of it is stored."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._seen: dict[Place, AnalysisRecord] = {}
        self._replaced: dict[Place, AnalysisRecord] = {}
        self._earlier: dict[Place, AnalysisRecord] = {}
        self._shown: tuple[object, ...] = ()
        bench.controller.sceneChanged.connect(self._follow)
        bench.running.finished.connect(self._finished)
        bench.opening.reset.connect(self._forget_all)
        bench.panels.view.trace.earlierDismissed.connect(self._dismiss)

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        file_id = scene.selection.file_id
        for shown in scene.records:
            place, record = (file_id, shown.record.key), shown.record
            before = self._seen.get(place)
            if before is not None and before.has_result and before.table is not record.table:
                self._replaced[place] = before
        self._seen = {(file_id, one.record.key): one.record for one in scene.records}
        self._show(scene)

    @Slot(object)
    def _finished(self, key: AnalysisKey) -> None:
        """A run of the recording on screen has put another record in the place of this one."""
        place = (self.bench.panels.scene.selection.file_id, key)
        before = self._replaced.pop(place, None)
        if before is not None:
            self._earlier[place] = before
            self._show(self.bench.panels.scene)

    @Slot(object)
    def _dismiss(self, curve: CurveId) -> None:
        where = self.bench.panels.scene.selection
        if where.roi_id is not None:
            key = AnalysisKey(curve[0], where.channel, where.roi_id)
            self._earlier.pop((where.file_id, key), None)
            self._show(self.bench.panels.scene)

    @Slot()
    def _forget_all(self) -> None:
        self._seen, self._replaced, self._earlier = {}, {}, {}

    def _show(self, scene: Scene) -> None:
        pairs = [
            (earlier, shown.record)
            for (file_id, key), earlier in self._earlier.items()
            if file_id == scene.selection.file_id
            and (shown := scene.shown_record(key.analysis_name)) is not None
            and shown.record.key == key
            and shown.record.table is not earlier.table  # else a rerun was undone
        ]
        wanted = tuple(id(one) for pair in pairs for one in pair)
        if wanted == self._shown:
            return
        self._shown = wanted
        traces: dict[CurveId, TraceSamples] = {}
        remarks: dict[CurveId, str] = {}
        for earlier, record in pairs:
            self._compare(earlier, record, scene, traces, remarks)
        self.bench.panels.view.trace.show_extra(BEFORE, traces)
        self.bench.panels.view.trace.show_remarks(remarks)

    def _compare(
        self,
        earlier: AnalysisRecord,
        record: AnalysisRecord,
        scene: Scene,
        traces: dict[CurveId, TraceSamples],
        remarks: dict[CurveId, str],
    ) -> None:
        method = analyses()[record.key.analysis_name]
        steps = ran_calibration(record, scene.calibration)
        for curve in method.curves:
            shown = shown_curve(method, curve, steps)
            try:
                old, now = (samples_of(one, curve, shown.factor) for one in (earlier, record))
            except SidecarError:
                return  # rows that cannot be read are told where they are shown
            traces[method.name, curve.y] = old
            remarks[method.name, curve.y] = comparison(old, now, shown.unit)
