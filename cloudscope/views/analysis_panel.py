"""Choose an analysis, set its parameters, run it, read its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QLocale, QSize, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis
from acqcore.errors import SidecarError
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import LineROI
from cloudscope.scene import Scene, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views.analysis_choice import AnalysisChoice
from cloudscope.views.notice import Notice, empty_page
from cloudscope.views.parameter_form import ParameterForm
from cloudscope.views.result_box import ResultBox
from cloudscope.views.result_numbers import result_note, result_rows, run_moment
from cloudscope.views.run_controls import RunControls, RunProgress

PARAMETERS_CHANGED = "Parameters changed since this run"

Place = tuple[str, AnalysisKey | None]
"""A recording and the record in it: what one set of typed parameters belongs to."""


class AnalysisPanel(QStackedWidget):
    """Asks for runs; shows what the scene says about the last one.

    Parameters that were typed stay the user's working values for every recording without
    a result; a recording with a result shows the parameters of that result.

    Signals:
        runRequested: Analysis name and parameters, all of them and checked for range.
        stopRequested: Stop the run that is shown.
        analysisChosen: Name of the analysis.
        roiChosen: Number of the ROI.
        rerunStaleRequested: Rerun every out-of-date record of this recording.
    """

    runRequested = Signal(str, dict)
    stopRequested = Signal()
    analysisChosen = Signal(str)
    roiChosen = Signal(int)
    rerunStaleRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._place: Place | None = None
        self._typed: dict[str, dict[str, Any]] = {}
        self._progress: dict[Place, RunProgress] = {}
        self._failures: dict[Place, str] = {}
        self._counted: tuple[AnalysisRecord | None, Calibration] = (None, Calibration())
        self._ran: object = None  # provenance of the result that the form was compared with
        self._notice = Notice(theme)
        self._choice = AnalysisChoice()
        self._parameters = ParameterForm(theme)
        self._controls = RunControls(theme)
        self._results = ResultBox()
        self._results.hide()
        self._lay_out()
        self._connect()
        self.show_scene(self._scene)

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Follow the scene; typed parameters stay while recording, ROI and analysis do."""
        self._scene = scene
        usable = scene.header is not None and bool(analyses())
        self.setCurrentIndex(1 if usable else 0)
        if not usable:
            self._place = None
            return
        self._choice.show_choice(self._analysis.name, scene.rois, scene.selection.roi_id)
        self._parameters.show_analysis(self._analysis, scene.calibration)
        ran = self._shown.record.provenance if self._shown else None
        other = ran is not self._ran and self._analysis.name not in self._typed
        if self._place != self._now or other:  # a run that another part asked for
            self._place = self._now
            self._parameters.show_values(self._asked(), ran.parameters if ran else None)
        else:
            self._parameters.show_ran(ran.parameters if ran else None)
        self._ran = ran
        self._forget_finished()
        self._show_state()
        self._show_results()

    @Slot(object, float, str)
    def show_progress(self, key: AnalysisKey, fraction: float, text: str) -> None:
        """A run of the recording on screen is this far (0..1)."""
        place = (self._scene.selection.file_id, key)
        before = self._progress.get(place) or RunProgress.begun()
        self._progress[place] = before.at(fraction, text)
        self._failures.pop(place, None)
        if place == self._now or key.analysis_name in self._analysis.depends_on:
            self._show_state()

    @Slot(object, str)
    def show_failure(self, key: AnalysisKey, text: str) -> None:
        """A run of the recording on screen gave no result; `text` is one sentence."""
        place = (self._scene.selection.file_id, key)
        self._progress.pop(place, None)
        self._failures[place] = text
        if place == self._now:
            self._show_state()

    @property
    def form(self) -> ParameterForm:
        """The fields and their presets."""
        return self._parameters

    @property
    def controls(self) -> RunControls:
        """Run, Stop and Preview."""
        return self._controls

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Values of the form now, with the last good one where typing is not finished."""
        return self._parameters.values()

    def minimumSizeHint(self) -> QSize:
        """Room for all rows: labels that wrap need more than Qt asks for them."""
        hint, page = super().minimumSizeHint(), self.currentWidget()
        rows = page.layout() if page is not None else None
        if rows is not None and rows.hasHeightForWidth():
            hint.setHeight(max(hint.height(), rows.minimumHeightForWidth(self.width())))
        return hint

    # --- construction ------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(10, 10, 10, 10)
        inner.setSpacing(6)
        inner.addWidget(self._choice)
        inner.addSpacing(8)
        inner.addWidget(self._parameters)
        inner.addSpacing(4)
        inner.addWidget(self._controls)
        inner.addWidget(self._results)
        inner.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._notice)
        column.addLayout(inner)
        self.addWidget(empty_page("Select a recording to analyse it"))
        self.addWidget(page)

    def _connect(self) -> None:
        self._choice.analysisChosen.connect(self.analysisChosen)
        self._choice.roiChosen.connect(self.roiChosen)
        self._parameters.edited.connect(self._remember)
        self._parameters.labelsFitted.connect(self._choice.set_label_width)
        self._controls.runClicked.connect(self.request_run)
        self._controls.stopClicked.connect(self.stopRequested)
        self._controls.rerunClicked.connect(self.rerunStaleRequested)

    # --- the record that is shown -------------------------------------------------------------

    @property
    def _analysis(self) -> Analysis[Any]:
        """The selected analysis, or the first one there is."""
        name = self._scene.selection.analysis_name
        return analyses().get(name) or next(iter(analyses().values()))

    @property
    def _shown(self) -> ShownRecord | None:
        return self._scene.shown_record(self._analysis.name)

    @property
    def _now(self) -> Place:
        return self._scene.selection.file_id, self._key_of(self._analysis.name)

    def _asked(self) -> dict[str, Any]:
        """What the form starts with at this place."""
        name = self._analysis.name
        values = {one.name: one.default for one in self._analysis.schema().fields}
        record = self._shown.record if self._shown else None
        if record is not None and record.provenance is not None:
            return values | dict(record.provenance.parameters) | dict(record.parameters)
        stored = dict(record.parameters) if record is not None else {}
        return values | self._typed.get(name, {}) | stored

    def _stale(self) -> str:
        """Why the result on screen is out of date, or empty."""
        shown = self._shown
        if shown is None or not shown.record.has_result:
            return ""
        changed = bool(self._parameters.changed())
        if shown.stale and (shown.stale != PARAMETERS_CHANGED or changed):
            return shown.stale
        return PARAMETERS_CHANGED if changed else ""

    # --- painting ----------------------------------------------------------------------------

    def _show_state(self) -> None:
        """Notice and buttons: failed, out of date, running or at rest."""
        scene, place = self._scene, self._now
        parent = self._missing_parent()
        asked = place if parent is None else (place[0], self._key_of(parent.name))
        running = asked[1] in scene.running
        progress = self._progress.get(asked) or RunProgress.begun()
        if parent is not None and running:
            progress = replace(progress, text=f"First {parent.title}: {progress.text}")
        stale = sum(1 for one in scene.records if one.stale and one.record.has_result)
        self._controls.show_state(progress if running else None, stale)
        self._controls.set_runnable(self._why_not())
        self._controls.set_parent(parent.title if parent is not None else "", self._analysis.title)
        failure = "" if running else self._failures.get(place, "")
        self._notice.say("err" if failure else "warn", failure or self._stale())

    def _key_of(self, name: str) -> AnalysisKey | None:
        where = self._scene.selection
        return None if where.roi_id is None else AnalysisKey(name, where.channel, where.roi_id)

    def _missing_parent(self) -> Analysis[Any] | None:
        """The first analysis that this one reads and that has no result here."""
        for name in self._analysis.depends_on:
            shown = self._scene.shown_record(name)
            if name in analyses() and (shown is None or not shown.record.has_result):
                return analyses()[name]
        return None

    def _why_not(self) -> str:
        if self._scene.failure:
            return "There is no picture to analyse"
        if isinstance(self._scene.roi, LineROI):
            return f"A line is selected: {self._analysis.title} needs a rectangle."
        return ""

    def _forget_finished(self) -> None:
        """Progress of runs that are over must not show when they start again."""
        file_id = self._scene.selection.file_id
        for place in [one for one in self._progress if one[0] == file_id]:
            if place[1] not in self._scene.running:
                del self._progress[place]

    def _show_results(self) -> None:
        record = self._shown.record if self._shown else None
        if self._scene.loading and record is not None:
            return  # the table is being read, away from this thread
        counted = record, self._scene.calibration
        if counted[0] is self._counted[0] and counted[1] == self._counted[1]:
            return
        self._counted = counted
        ran = record.provenance if record is not None else None
        self._results.setVisible(ran is not None)
        if record is None or ran is None:
            return
        moment = run_moment(ran.time_utc, QLocale())
        try:
            rows = result_rows(record, self._analysis, self._scene.calibration)
        except SidecarError as error:
            self._results.show_result(moment, (), str(error))
        else:
            self._results.show_result(moment, rows, result_note(record))

    # --- gestures ----------------------------------------------------------------------------

    @Slot()
    def request_run(self) -> None:
        """Ask for a run with what the form says; a field that is not valid gets the focus."""
        if self._controls.run_button.isEnabled() and self._parameters.commit():
            self._failures.pop(self._now, None)
            self.runRequested.emit(self._analysis.name, self._parameters.values())

    @Slot()
    def _remember(self) -> None:
        self._typed[self._analysis.name] = self._parameters.values()
        self._show_state()
