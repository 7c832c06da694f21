"""Running analyses in a worker; the old result stays until the new one is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.run import run, warm_up
from cloudscope.controller import Controller
from cloudscope.jobs import Job, Jobs


class Running(QObject):
    """One job per record; several wait in line and can be stopped one by one."""

    progressed = Signal(object, float, str)  # AnalysisKey, fraction, step
    failed = Signal(object, str)  # AnalysisKey, one sentence
    failedElsewhere = Signal(object, object)  # AcqImage, AcqError: not the one on screen
    finished = Signal(object)  # AnalysisKey

    def __init__(self, controller: Controller, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._jobs = controller, jobs
        self._active: dict[tuple[str, AnalysisKey], Job] = {}
        self._follow: dict[tuple[str, AnalysisKey], tuple[AnalysisKey, Mapping[str, Any]]] = {}
        """What runs after a record that it reads."""
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._report)

    @Slot()
    def prepare(self) -> None:
        """Make the first run as quick to start and to stop as the later ones."""
        self._jobs.submit("run", lambda job: warm_up())

    @Slot(str, object)
    def run(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Run on the selected channel and ROI, or on the whole plane when there is no ROI."""
        image = self._controller.image
        if image is None:
            return
        analysis(name).parse(parameters)  # a bad value stops here, before anything changed
        if self._controller.selection.roi_id is None:
            self._controller.add_roi()
        selection = self._controller.selection
        if selection.roi_id is not None:
            self._controller.choose_analysis(name)
            key = AnalysisKey(name, selection.channel, selection.roi_id)
            self.start_with_parents(image, key, parameters)

    def start_with_parents(
        self, image: AcqImage, key: AnalysisKey, parameters: Mapping[str, Any]
    ) -> None:
        """Run, but first what the analysis reads and what has not run there yet."""
        for name in analysis(key.analysis_name).depends_on:
            parent = AnalysisKey(name, key.channel, key.roi_id)
            record = image.state.record(parent)
            if record is None or not record.has_result:
                self._follow[image.file_id, parent] = key, parameters
                self.start_with_parents(image, parent, record.parameters if record else {})
                return
        self.start(image, key, parameters)

    @Slot()
    def rerun_stale(self) -> None:
        """Run every out-of-date record of the selected recording again."""
        image = self._controller.image
        if image is not None:
            for record in stale_records(image):
                self.start(image, record.key, record.parameters)

    @Slot()
    def stop(self) -> None:
        """Stop what runs on the selected recording."""
        for (file_id, _), job in list(self._active.items()):
            if file_id == self._controller.selection.file_id:
                job.cancel()

    @Slot()
    def stop_all(self) -> None:
        """Everything was closed: what still arrives belongs to nobody."""
        for job in self._active.values():
            job.cancel()

    def start(self, image: AcqImage, key: AnalysisKey, parameters: Mapping[str, Any]) -> None:
        """Run on any open recording, in line behind what runs; once while it is waiting."""
        place = (image.file_id, key)
        if place in self._active:
            return
        source = image.source()
        self._active[place] = self._jobs.submit(
            "run",
            lambda job: run(source, key, parameters, job.context),
            text=f"{analysis(key.analysis_name).title} of {image.name}",
            on_done=lambda record: self._done(image, record),
            on_failed=lambda error: self._failed(image, key, error),
        )
        self._timer.start()
        self._tell_controller()

    def _done(self, image: AcqImage, record: AnalysisRecord) -> None:
        """Put the record into the state as it is now: edits made meanwhile stay."""
        self._forget(image, record.key)
        is_open = self._controller.session.image(image.file_id) is image
        is_wanted = is_open and image.rois.has_roi(record.key.roi_id)  # not deleted meanwhile
        if is_wanted:
            title = analysis(record.key.analysis_name).title
            self._controller.edit(image, image.state.with_record(record), f"Run {title}")
        self.finished.emit(record.key)
        waiting = self._follow.pop((image.file_id, record.key), None)
        if waiting is not None and is_wanted:
            self.start_with_parents(image, *waiting)

    def _failed(self, image: AcqImage, key: AnalysisKey, error: AcqError) -> None:
        self._forget(image, key)
        waiting = self._follow.pop((image.file_id, key), None)
        if waiting is not None:  # without its parent it cannot run either
            self._failed(image, waiting[0], error)
        if image.file_id == self._controller.selection.file_id:
            self.failed.emit(key, "" if isinstance(error, Cancelled) else str(error))
        elif not isinstance(error, Cancelled):
            self.failedElsewhere.emit(image, error)

    def _forget(self, image: AcqImage, key: AnalysisKey) -> None:
        self._active.pop((image.file_id, key), None)
        if not self._active:
            self._timer.stop()
        self._tell_controller()

    def _tell_controller(self) -> None:
        self._controller.running = frozenset(self._active)
        self._controller.refresh()

    def _report(self) -> None:
        for (file_id, key), job in self._active.items():
            if file_id == self._controller.selection.file_id:
                self.progressed.emit(key, job.fraction or 0.0, job.step)


def stale_records(image: AcqImage) -> Sequence[AnalysisRecord]:
    """Records whose ROI, parameters or calibration changed since they ran."""
    calibration = image.header.calibration
    return [one for one in image.state.records if image.state.stale_reason(one, calibration)]
