"""The batches of this session: one that is put together, and those that were started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.batch import BatchJob
from acqcore.errors import AcqError, Cancelled
from acqcore.model.header import Calibration
from cloudscope.features._batch_preview import Listed, look
from cloudscope.features._batch_run import BatchRun
from cloudscope.item_models.batch_table import BatchRow, BatchTable, Mark
from cloudscope.jobs import Job
from cloudscope.views.batch_order import BatchOrder, Scope, command_line
from cloudscope.views.batch_window import BatchWindow
from cloudscope.views.batch_words import (
    UNSAVED,
    BatchStatus,
    Phase,
    plain_totals,
    rows_waiting,
)
from cloudscope.workbench import Workbench

_PAUSE_MS = 250
"""Edits that follow each other so fast are previewed together."""


class BatchDesk(QObject):
    """Owns the window; every batch has a table of its own."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.window)
        self._bench = bench
        self.window = BatchWindow(bench.theme, bench.window)
        self.runs: list[BatchRun] = []
        self.chosen = 0  # in the list: the draft, then the runs
        self._draft = self._table()
        self._order: BatchOrder | None = None
        self._fault, self._looking = "", False
        self._preview: Job | None = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(_PAUSE_MS)
        self._due.timeout.connect(self.look_now)
        self._connect()

    def _table(self) -> BatchTable:
        blind = self._bench.session.blind
        return BatchTable(
            self._bench.theme, lambda path: blind.name(path, Path(path).name), blind.mask, self
        )

    def _connect(self) -> None:
        window, bench = self.window, self._bench
        window.settings.edited.connect(self.look_soon)
        window.settings.folderWanted.connect(self._ask_folder)
        window.settings.listWanted.connect(self._ask_list)
        window.runRequested.connect(self.run)
        window.stopRequested.connect(self.stop)
        window.resumeRequested.connect(self.resume)
        window.copyRequested.connect(self.copy_command)
        window.saveFirstRequested.connect(self._save_first)
        window.batchChosen.connect(self.choose)
        window.recordingChosen.connect(self._go_to)
        bench.panels.tree.selectionEdited.connect(self.look_soon)
        bench.panels.tree.filterEdited.connect(self.look_soon)
        bench.controller.imageChanged.connect(self.look_soon)
        bench.saving.finished.connect(self.look_soon)
        bench.opening.finished.connect(self.look_soon)
        bench.opening.reset.connect(self._closed_all)
        # The main form keeps the user's presets; what is done to them here is done there.
        form, main = window.settings.steps.form, bench.panels.analysis.form
        for mine, theirs in (
            (form.presetSaved, main.presetSaved),
            (form.presetRenamed, main.presetRenamed),
            (form.presetDeleted, main.presetDeleted),
        ):
            mine.connect(theirs)
            mine.connect(self._show_presets)

    # --- the window ----------------------------------------------------------------------------

    def show(self) -> None:
        """Bring the window up; the first time with the analysis of the panel."""
        if self._order is None:
            self.window.settings.show_order(self._first_order())
        self._show_presets()
        image = self._bench.controller.image
        self.window.settings.steps.set_calibration(image.calibration if image else Calibration())
        self._show()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.look_now()

    def close(self) -> None:
        """Put the window away."""
        self.window.close()

    def _first_order(self) -> BatchOrder:
        panels, where = self._bench.panels, self._bench.controller.selection
        name = where.analysis_name if where.analysis_name in analyses() else next(iter(analyses()))
        parameters = panels.analysis.parameters if name == where.analysis_name else {}
        known = analyses()[name].schema().field_names()
        step = (name, {one: value for one, value in parameters.items() if one in known})
        several = len(self._bench.targets()) > 1
        scope = Scope.SELECTED if several else Scope.VISIBLE
        workers = max(QThread.idealThreadCount() - 1, 1)
        return BatchOrder(BatchJob((step,), where.channel), scope, workers=workers)

    @Slot()
    def _show_presets(self) -> None:
        self.window.settings.steps.form.set_own_presets(self._bench.panels.analysis.form.own_presets)

    def _show(self) -> None:
        """The batch on screen, its place in the list, and what can be done with it."""
        run = self.shown_run
        self.window.show_table(run.table if run is not None else self._draft)
        titles = ["Next batch", *(one.title for one in self.runs)]
        self.window.show_batches(titles, self.chosen)
        self.window.show_status(run.status if run is not None else self._draft_status())
        self.window.set_copyable(self._why_no_command())

    @property
    def shown_run(self) -> BatchRun | None:
        """The batch on screen, None for the one that is put together."""
        return self.runs[self.chosen - 1] if self.chosen else None

    def _draft_status(self) -> BatchStatus:
        unsaved = sum(row.sentence == UNSAVED for row in self._draft.rows)
        counts = dict(self._draft.counts)
        return BatchStatus(Phase.DRAFT, counts, self._fault, self._looking, unsaved)

    @Slot(int)
    def choose(self, place: int) -> None:
        """Show another batch; its settings can be read and, of the next one, changed."""
        if not self.chosen:
            self._take_order()
        self.chosen = place
        run = self.shown_run
        order = run.order if run is not None else self._order
        if order is not None:
            self.window.settings.show_order(order)
        self.window.tell("")
        self._show()
        if run is None:
            self.look_soon()

    @Slot(object)
    def _go_to(self, path: str) -> None:
        if self._bench.session.image(path) is not None:
            self._bench.panels.tree.select(path)
            self._bench.controller.select(path)
        else:
            self.window.tell("This recording is not open")

    # --- the preview ---------------------------------------------------------------------------

    @Slot()
    def look_soon(self) -> None:
        """Something changed that the preview may depend on."""
        if self.window.isVisible() and not self.chosen:
            self._due.start()

    @Slot()
    def look_now(self) -> None:
        """Begin the dry run again."""
        self._due.stop()
        if self._preview is not None:
            self._preview.cancel()
            self._preview = None
        if self.chosen:
            return
        self._show_choices()
        order = self._take_order()
        if order is None:
            self._draft.show_rows([])
            self._looking = False
            self._show()
            return
        ids, depth = self._open_ids(order.scope), self._bench.settings.folder_depth
        find = self._bench.session.image
        self._looking = True
        self._preview = self._bench.jobs.submit(
            "batch preview",
            lambda job: look(job, order, ids, depth, find),
            on_item=lambda item: self._looked(job, item),
            on_done=lambda result: self._look_ended(job),
            on_failed=lambda error: self._look_ended(job, error),
        )
        job = self._preview
        self._show()

    def _take_order(self) -> BatchOrder | None:
        """What the form says, or None with the reason told."""
        try:
            self._order, self._fault = self.window.settings.order(), ""
        except (ValueError, TypeError) as error:
            self._fault = str(error)
            return None
        return self._order

    def _looked(self, job: Job, item: Listed | BatchRow) -> None:
        if job is not self._preview:
            return
        if isinstance(item, BatchRow):
            self._draft.put(item)
        elif [row.path for row in item.rows] != [row.path for row in self._draft.rows]:
            self._draft.show_rows(item.rows)
        # else what was there stays until it is looked at again: nothing flickers
        if not self.chosen:
            self.window.show_status(self._draft_status())

    def _look_ended(self, job: Job, error: AcqError | None = None) -> None:
        if job is self._preview:
            self._preview, self._looking = None, False
            self._fault = str(error) if error and not isinstance(error, Cancelled) else ""
            if not self._fault and not self._draft.rows:
                self._fault = "There is no recording here"
            if not self.chosen:
                self._show()

    def _open_ids(self, scope: Scope) -> list[str]:
        if scope is Scope.SELECTED:
            return [image.file_id for image in self._bench.targets()]
        if scope is Scope.VISIBLE:
            shown = self._bench.panels.tree.model.visible_file_ids()
            return [one for one in shown if self._bench.session.image(one) is not None]
        return [image.file_id for image in self._images()] if scope is Scope.OPEN else []

    def _images(self) -> list[AcqImage]:
        return list(self._bench.session.images)

    def _show_choices(self) -> None:
        settings, images = self.window.settings, self._images()
        settings.set_counts({one: len(self._open_ids(one)) for one in Scope})
        most = max((image.header.num_channels for image in images), default=1)
        shown = self._bench.controller.image
        names = dict(enumerate(shown.header.channel_names)) if shown is not None else {}
        settings.set_channels(most, names)

    @Slot()
    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window, "Measure Folder", self._folder())
        if chosen:
            self.window.settings.set_place(Path(chosen))

    @Slot()
    def _ask_list(self) -> None:
        kinds = "Lists of recordings (*.csv)"
        chosen, _ = QFileDialog.getOpenFileName(self.window, "Measure List", self._folder(), kinds)
        if chosen:
            self.window.settings.set_place(Path(chosen))

    def _folder(self) -> str:
        blinded = self._bench.session.blind.on
        return str((None if blinded else self._bench.settings.last_folder) or Path.home())

    # --- batches -------------------------------------------------------------------------------

    @Slot()
    def run(self) -> None:
        """Put what is previewed in line."""
        if self.chosen or not self.window.settings.steps.commit():
            return
        order = self._take_order()
        if order is None or not self._to_measure():
            return
        table = self._table()
        left_out = (Mark.SKIPPED, Mark.FAILED)
        rows = [
            row if row.mark in left_out else rows_waiting([row.path])[0]
            for row in self._draft.rows
        ]
        table.show_rows(rows)
        run = BatchRun(self._bench, len(self.runs) + 1, order, table)
        run.changed.connect(lambda: self._follow(run))
        run.ended.connect(lambda: self._tell_end(run))
        self.runs.append(run)
        self.chosen = len(self.runs)
        run.start()

    def _to_measure(self) -> list[str]:
        wanted = (Mark.WILL_RUN, Mark.WILL_REPLACE, Mark.UNKNOWN)
        return [row.path for row in self._draft.rows if row.mark in wanted]

    @Slot()
    def stop(self) -> None:
        """Stop the batch on screen."""
        if self.shown_run is not None:
            self.shown_run.stop()

    @Slot()
    def resume(self) -> None:
        """Go on with the batch on screen."""
        if self.shown_run is not None:
            self.shown_run.resume()

    def _follow(self, run: BatchRun) -> None:
        if run is self.shown_run:
            self._show()
        else:
            titles = ["Next batch", *(one.title for one in self.runs)]
            self.window.show_batches(titles, self.chosen)

    def _tell_end(self, run: BatchRun) -> None:
        status = run.status
        told = f"Batch {run.number}: {plain_totals(status)}"
        self._bench.panels.status.jobs.set_result(told)
        if not self.window.isVisible():
            kind = "warn" if status.count(Mark.FAILED) else "ok"
            show = [("Show Batch", lambda: self._show_run(run))]
            self._bench.panels.view.messages.show_message(kind, f"{told}.", show)

    def _show_run(self, run: BatchRun) -> None:
        self.choose(self.runs.index(run) + 1)
        self.show()

    @Slot()
    def _save_first(self) -> None:
        unsaved = [row.path for row in self._draft.rows if row.sentence == UNSAVED]
        images = [self._bench.session.image(path) for path in unsaved]
        self._bench.panels.commit()
        self._bench.saving.save([one for one in images if one is not None and one.is_dirty])

    @Slot()
    def _closed_all(self) -> None:
        """Edits without a recording would be lost: batches that do not save end here."""
        for run in self.runs:
            if not run.order.job.save:
                run.stop()
        self.look_soon()

    # --- command line --------------------------------------------------------------------------

    def _why_no_command(self) -> str:
        run = self.shown_run
        order = run.order if run is not None else self._order
        if self._bench.session.blind.on:
            return "Names are hidden: the command would tell them"
        if order is None or (run is None and (self._fault or not self._draft.rows)):
            return "Nothing to run yet"
        return "" if order.job.save else "The command line always saves: tick Save first"

    def command(self) -> str:
        """What does the same as the batch on screen, in a terminal."""
        run = self.shown_run
        order = run.order if run is not None else self._take_order()
        table = run.table if run is not None else self._draft
        if order is None:
            return ""
        left_out = (UNSAVED, "Skipped: rejected")
        paths = [row.path for row in table.rows if row.sentence not in left_out]
        return command_line(replace(order), paths)

    @Slot()
    def copy_command(self) -> None:
        """To the clipboard."""
        if not self.chosen and not self.window.settings.steps.commit():
            return
        text = "" if self._why_no_command() else self.command()
        if text:
            QGuiApplication.clipboard().setText(text)
            self.window.tell("Command copied")
