"""Recordings side by side: pinned from the list, read in jobs, forgotten when it closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.errors import AcqError, Cancelled, SidecarError
from acqcore.model.record import AnalysisRecord
from cloudscope.jobs import Job
from cloudscope.pictures import FirstContrast, read_picture
from cloudscope.scene import Plane
from cloudscope.views.quantities import ran_calibration, shown_curve
from cloudscope.views.trace_samples import TraceSamples, samples_of
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.views.compare_window import CompareWindow

LANE = "compare"
_VELOCITY, _MOST = "velocity", 4
_FULL = "Four recordings at most: take one out first"


@dataclass(eq=False)
class _Reading:
    """What a job brings for one recording; empty until it is done.

    Attributes:
        record: Whose velocity `trace` is; another one means that it must be read again.
    """

    channel: int
    record: AnalysisRecord | None
    job: Job | None = None
    plane: Plane | None = None
    trace: TraceSamples | None = None
    unit: str = ""
    failure: str = ""


class Compare(Feature):
    """One window with up to four recordings, in the order in which they were pinned."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.window: CompareWindow | None = None
        self._readings: dict[str, _Reading] = {}
        self._message = ""
        bench.controller.sceneChanged.connect(self._follow)
        bench.controller.imageChanged.connect(self._follow)
        bench.opening.reset.connect(self._forget_all)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Open the window, or pin more in it."""
        return {"compare": self.open}

    def open(self) -> None:
        """Pin the selected recordings beside what is pinned already."""
        if self.window is None:
            self.window = self._made()
        self.pin()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.setFocus()

    def _made(self) -> CompareWindow:
        # Its plots are made only for those who compare.
        from cloudscope.views.compare_window import CompareWindow

        window = CompareWindow(self.bench.theme, self.bench.window)
        window.pinRequested.connect(self.pin)
        window.removeRequested.connect(self._remove)
        window.closed.connect(self._forget_all)
        return window

    @Slot()
    def pin(self) -> None:
        """Add what is selected in the list, as long as there is room."""
        fresh = [one for one in self.bench.targets() if one.file_id not in self._readings]
        room = _MOST - len(self._readings)
        self._message = _FULL if len(fresh) > room else ""
        for image in fresh[:room]:
            self._read(image)
        self._show()

    @Slot(object)
    def _remove(self, file_id: str) -> None:
        reading = self._readings.pop(file_id, None)
        if reading is not None and reading.job is not None:
            reading.job.cancel()
        self._message = ""
        self._show()

    @Slot()
    def _forget_all(self) -> None:
        for reading in self._readings.values():
            if reading.job is not None:
                reading.job.cancel()
        self._readings.clear()
        self._message = ""
        self._show()

    def closing(self) -> None:
        """The window goes with the main window."""
        if self.window is not None:
            self.window.close()

    # --- reading ------------------------------------------------------------------------

    def _read(self, image: AcqImage) -> None:
        """Picture and velocity, off the GUI thread."""
        wanted = self.bench.controller.selection.channel
        channel = min(wanted, max(image.header.num_channels - 1, 0))
        before = self._readings.get(image.file_id)
        if before is not None:
            channel = before.channel
            if before.job is not None:
                before.job.cancel()
        reading = _Reading(channel, velocity_record(image, channel))
        kept = self.bench.session.plane(image.file_id, channel)
        reading.plane = kept
        self._readings[image.file_id] = reading
        first = FirstContrast.from_settings(self.bench.settings)

        def work(job: Job) -> tuple[Plane, TraceSamples | None, str]:
            plane = kept or read_picture(job, image, channel, 0, 0, first)
            with suppress(SidecarError):  # told where the result itself is shown
                return plane, *velocity_trace(image, reading.record)
            return plane, None, ""

        reading.job = self.bench.jobs.submit(
            LANE,
            work,
            on_done=lambda found: self._take(reading, *found),
            on_failed=lambda error: self._fail(reading, error),
        )

    def _take(self, reading: _Reading, plane: Plane, trace: TraceSamples | None, unit: str) -> None:
        if self._readings.get(plane.file_id) is reading:
            self.bench.session.keep(plane)
            reading.job, reading.plane = None, plane
            reading.trace, reading.unit = trace, unit
            self._show()

    def _fail(self, reading: _Reading, error: AcqError) -> None:
        if not isinstance(error, Cancelled):
            reading.job, reading.failure = None, self.bench.session.blind.mask(str(error))
            self._show()

    # --- showing ------------------------------------------------------------------------

    @Slot(object)
    def _follow(self, news: object) -> None:
        """Contrast, names and results may be others now."""
        if not self._readings:
            return
        for file_id, reading in tuple(self._readings.items()):
            image = self.bench.session.image(file_id)
            if image is None:
                self._remove(file_id)
            elif velocity_record(image, reading.channel) is not reading.record:
                self._read(image)
        self._show()

    def _show(self) -> None:
        if self.window is None:
            return
        # The parts of the window load with it.
        from cloudscope.views.compare_tile import Pinned

        session, pinned = self.bench.session, []
        for file_id, reading in self._readings.items():
            image = session.image(file_id)
            if image is None:
                continue
            several = image.header.num_channels > 1
            condition = "" if session.blind.on else image.state.experiment.condition
            pinned.append(
                Pinned(
                    file_id,
                    session.blind.label(image),
                    f"Channel {reading.channel + 1}" if several else "",
                    condition,
                    image.calibration,
                    reading.plane,
                    image.get_image_contrast(reading.channel),
                    reading.failure,
                    reading.trace,
                    reading.unit,
                )
            )
        self.window.show_pinned(pinned, self._message)


def velocity_record(image: AcqImage, channel: int) -> AnalysisRecord | None:
    """The velocity of the first ROI of a channel that has one."""
    order = [roi.id for roi in image.state.rois]
    found = [
        record
        for record in image.state.records
        if record.has_result
        and record.key.channel == channel
        and record.key.roi_id in order
        and record.key.analysis_name in analyses()
        and any(
            curve.quantity == _VELOCITY for curve in analyses()[record.key.analysis_name].curves
        )
    ]
    return min(found, key=lambda one: order.index(one.key.roi_id), default=None)


def velocity_trace(
    image: AcqImage, record: AnalysisRecord | None
) -> tuple[TraceSamples | None, str]:
    """Its samples with their unit; SidecarError when its table cannot be read."""
    if record is None:
        return None, ""
    method = analyses()[record.key.analysis_name]
    curve = next(one for one in method.curves if one.quantity == _VELOCITY)
    shown = shown_curve(method, curve, ran_calibration(record, image.calibration))
    return samples_of(record, curve, shown.factor), shown.unit
