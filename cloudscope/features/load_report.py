"""The load report: files that were left out, recordings without calibration, and their cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError
from acqcore.loaders.side_text import calibration_in
from acqcore.model.header import Calibration
from acqcore.model.metadata import HEADER
from cloudscope.features._reveal import reveal_files
from cloudscope.scene import Scene
from cloudscope.views.load_report import LoadReport, ReportRow, Trouble
from cloudscope.wording import recordings
from cloudscope.workbench import Feature, Workbench


class LoadReporting(Feature):
    """Follows what is opened and edited as long as the list is on screen."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dialog: LoadReport | None = None
        bench.messages.listWanted.connect(self._open)
        bench.opening.finished.connect(self._fill)
        bench.opening.finished.connect(self.usableChanged)
        bench.opening.reset.connect(self._fill)
        bench.controller.imageChanged.connect(self._fill)
        bench.controller.imageChanged.connect(self.usableChanged)
        bench.actions["blind"].toggled.connect(self._fill_later)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Open the list."""
        return {"problems": self._open}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether something needs attention."""
        images = self.bench.session.images
        there = bool(self.bench.session.warnings) or any(_needs_care(image) for image in images)
        return {"problems": there}

    def _open(self) -> None:
        if self.dialog is None:
            self.dialog = LoadReport(self.bench.theme, self.bench.window)
            self.dialog.retryWanted.connect(self._retry)
            self.dialog.showWanted.connect(self._show)
            self.dialog.calibrateWanted.connect(self._calibrate)
            self.dialog.sideFileWanted.connect(self._locate)
        self.dialog.show()
        self._fill()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self.dialog.list.setFocus()

    @Slot()
    def _fill(self) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.show_rows(list(self._rows()))

    @Slot()
    def _fill_later(self) -> None:
        """Once names are hidden or shown."""
        QTimer.singleShot(0, self, self._fill)

    def _rows(self) -> Iterator[ReportRow]:
        blind = self.bench.session.blind
        for warning in self.bench.session.warnings:
            path = warning.path or ""
            name = blind.mask(Path(path).name) if path else "—"
            why = blind.mask(warning.message)
            yield ReportRow(path, name, Trouble.REFUSED, why, "" if blind.on else path)
        for image in self.bench.session.images:
            key, name = image.file_id, blind.label(image)
            place = "" if blind.on else image.path
            if not _is_calibrated(image):
                yield ReportRow(key, name, Trouble.BARE, _missing(image.calibration), place)
            for problem in image.problems:
                yield ReportRow(key, name, Trouble.PARTLY, blind.mask(str(problem)), place)

    # --- what mends it ----------------------------------------------------------------------

    @Slot(object)
    def _retry(self, paths: Sequence[str]) -> None:
        session, again = self.bench.session, {path for path in paths if path}
        session.warnings[:] = [one for one in session.warnings if one.path not in again]
        roots = list(session.roots)
        depth = self.bench.settings.folder_depth
        self.bench.opening.open([Path(path) for path in sorted(again)], depth, add=True)
        session.roots[:] = roots  # what is watched and read again stays the folder

    @Slot(object)
    def _show(self, keys: Sequence[str]) -> None:
        image = self.bench.session.image(keys[0])
        if image is not None:
            self._go_to([image.file_id])
        elif keys[0] and not self.bench.session.blind.on:
            reveal_files([Path(keys[0])])

    @Slot(object)
    def _calibrate(self, keys: Sequence[str]) -> None:
        """Select them and put the keyboard where the line time is typed."""
        self._go_to(keys)
        docks = {dock.windowTitle(): dock for dock in self.bench.panels.docks}
        docks["Metadata"].show()
        docks["Metadata"].raise_()
        self.bench.window.activateWindow()
        self.bench.panels.metadata.go_to_calibration()

    def _go_to(self, keys: Sequence[str]) -> None:
        tree = self.bench.panels.tree
        tree.select(keys[0])
        self.bench.controller.select(keys[0])
        if len(keys) > 1:
            tree.select_many(keys)
        self.bench.panels.show_docks()

    @Slot(object)
    def _locate(self, keys: Sequence[str]) -> None:
        start = "" if self.bench.session.blind.on else str(Path(keys[0]).parent)
        kinds = "Olympus text (*.txt);;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(self.dialog, "Locate Side File", start, kinds)
        if not chosen:
            return
        path = Path(chosen)
        self.bench.jobs.submit(
            "open", lambda job: calibration_in(path),
            on_done=lambda steps: self._take(keys, steps), on_failed=self._say,
        )  # fmt: skip

    def _take(self, keys: Sequence[str], steps: Calibration) -> None:
        images = [image for image in map(self.bench.session.image, keys) if image is not None]
        patch = {
            "physical_unit_y": steps.step_y, "physical_label_y": steps.label_y,
            "physical_unit_x": steps.step_x, "physical_label_x": steps.label_x,
        }  # fmt: skip
        edits = [(image, image.patched(HEADER, patch)) for image in images]
        self.bench.controller.edit_many(edits, "Calibration from a side file")
        text = f"Calibrated {recordings(len(images))} from {steps.source}"
        self.bench.panels.status.jobs.set_result(text)

    def _say(self, error: AcqError) -> None:
        self.bench.panels.view.messages.show_message("err", str(error))


def _needs_care(image: AcqImage) -> bool:
    return not _is_calibrated(image) or bool(image.problems)


def _is_calibrated(image: AcqImage) -> bool:
    steps = image.calibration
    return steps.time_known and steps.distance_known


def _missing(steps: Calibration) -> str:
    if steps.time_known:
        return "The file does not say how large a pixel is"
    if steps.distance_known:
        return "The file does not say how long a line takes"
    return "The file does not say how long a line takes and how large a pixel is"
