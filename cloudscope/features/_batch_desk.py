"""The batches of this session: one that is put together, and those that were started."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from acqcore.model.header import Calibration
from cloudscope.features._batch_draft import BatchDraft
from cloudscope.features._batch_run import BatchRun
from cloudscope.item_models.batch_table import BatchTable, Mark
from cloudscope.views.batch_order import command_line
from cloudscope.views.batch_window import BatchWindow
from cloudscope.views.batch_words import REJECTED, UNSAVED, Phase, plain_totals
from cloudscope.workbench import Workbench


class BatchDesk(QObject):
    """Owns the window; every batch has a table of its own."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.window)
        self._bench = bench
        self.window = BatchWindow(bench.theme, bench.window)
        self.runs: list[BatchRun] = []
        self.chosen = 0  # in the list: the draft, then the runs
        self.draft = BatchDraft(bench, self.window.settings, self._table())
        self._connect()

    def _table(self) -> BatchTable:
        blind = self._bench.session.blind
        return BatchTable(
            self._bench.theme, lambda path: blind.name(path, Path(path).name), blind.mask, self
        )

    def _connect(self) -> None:
        window, bench = self.window, self._bench
        window.settings.folderWanted.connect(self._ask_folder)
        window.settings.listWanted.connect(self._ask_list)
        window.runRequested.connect(self.run)
        window.stopRequested.connect(self.stop)
        window.resumeRequested.connect(self.resume)
        window.copyRequested.connect(self.copy_command)
        window.saveFirstRequested.connect(self._save_first)
        window.batchChosen.connect(self.choose)
        window.recordingChosen.connect(self._go_to)
        window.closed.connect(self._watch_form)
        bench.opening.reset.connect(self._closed_all)
        self.draft.changed.connect(self._follow_draft)
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
        self.draft.begin()
        self._show_presets()
        image = self._bench.controller.image
        self.window.settings.steps.set_calibration(image.calibration if image else Calibration())
        self._show()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self._watch_form()
        self.draft.look_now()

    def close(self) -> None:
        """Put the window away."""
        self.window.close()

    @Slot()
    def _watch_form(self) -> None:
        """Dry runs only for those who see them."""
        self.draft.active = self.window.isVisible() and not self.chosen

    @Slot()
    def _show_presets(self) -> None:
        own = self._bench.panels.analysis.form.own_presets
        self.window.settings.steps.form.set_own_presets(own)

    def _show(self) -> None:
        """The batch on screen, its place in the list, and what can be done with it."""
        run = self.shown_run
        self.window.show_table(run.table if run is not None else self.draft.table)
        self._show_list()
        self.window.show_status(run.status if run is not None else self.draft.status)
        self.window.foot.set_copyable(self._why_no_command())

    def _show_list(self) -> None:
        titles = ["Next batch", *(one.title for one in self.runs)]
        self.window.show_batches(titles, self.chosen)

    @property
    def shown_run(self) -> BatchRun | None:
        """The batch on screen, None for the one that is put together."""
        return self.runs[self.chosen - 1] if self.chosen else None

    @Slot(int)
    def choose(self, place: int) -> None:
        """Show another batch; its settings can be read and, of the next one, changed."""
        if not self.chosen:
            self.draft.take_order()
        self.chosen = place
        run = self.shown_run
        order = run.order if run is not None else self.draft.order
        if order is not None:
            self.window.settings.show_order(order)
        self.window.tell("")
        self._show()
        self._watch_form()
        self.draft.look_soon()

    @Slot(object)
    def _go_to(self, path: str) -> None:
        if self._bench.session.image(path) is not None:
            self._bench.panels.tree.select(path)
            self._bench.controller.select(path)
        else:
            self.window.tell("This recording is not open")

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
        """Where dialogs begin; in blinded mode not where the names are."""
        blinded = self._bench.session.blind.on
        return str((None if blinded else self._bench.settings.last_folder) or Path.home())

    # --- batches -------------------------------------------------------------------------------

    @Slot()
    def run(self) -> None:
        """Put what is previewed in line."""
        if self.chosen or not self.window.settings.steps.commit():
            return
        order, rows = self.draft.take_order(), self.draft.rows_to_run()
        if order is None or not any(row.mark is Mark.WAITING for row in rows):
            return
        self._bench.panels.commit()
        table = self._table()
        table.show_rows(rows)
        run = BatchRun(self._bench, len(self.runs) + 1, order, table)
        run.changed.connect(lambda: self._follow(run))
        run.ended.connect(lambda: self._tell_end(run))
        self.runs.append(run)
        self.chosen = len(self.runs)
        self._watch_form()
        run.start()

    @Slot()
    def stop(self) -> None:
        """Stop the batch on screen."""
        if self.shown_run is not None:
            self.shown_run.stop()

    def unfinished(self) -> list[str]:
        """For whoever would close the window: how far each batch is that has not ended."""
        return [one.how_far() for one in self.runs if one.phase in (Phase.WAITING, Phase.RUNNING)]

    def break_off(self) -> None:
        """Stop them all."""
        for run in self.runs:
            run.stop()

    @Slot()
    def resume(self) -> None:
        """Go on with the batch on screen."""
        if self.shown_run is not None:
            self.shown_run.resume()

    @Slot()
    def _follow_draft(self) -> None:
        if not self.chosen:
            self._show()

    def _follow(self, run: BatchRun) -> None:
        if run is self.shown_run:
            self._show()
        else:
            self._show_list()

    def _tell_end(self, run: BatchRun) -> None:
        status = run.status
        told = f"Batch {run.number}: {plain_totals(status)}"
        self._bench.panels.status.jobs.set_result(told)
        if not self.window.isVisible():
            kind: Literal["ok", "warn"] = "warn" if status.count(Mark.FAILED) else "ok"
            show = [("Show Batch", lambda: self._show_run(run))]
            self._bench.panels.view.messages.show_message(kind, f"{told}.", show)

    def _show_run(self, run: BatchRun) -> None:
        self.choose(self.runs.index(run) + 1)
        self.show()

    @Slot()
    def _save_first(self) -> None:
        self._bench.panels.commit()
        self._bench.saving.save(self.draft.unsaved())

    @Slot()
    def _closed_all(self) -> None:
        """Edits without a recording would be lost: batches that do not save end here."""
        for run in self.runs:
            if not run.order.job.save:
                run.stop()

    # --- command line --------------------------------------------------------------------------

    def _why_no_command(self) -> str:
        run, draft = self.shown_run, self.draft
        order = run.order if run is not None else draft.order
        if self._bench.session.blind.on:
            return "Names are hidden: the command would tell them"
        if order is None or (run is None and (draft.fault or not draft.table.rows)):
            return "Nothing to run yet"
        return "" if order.job.save else "The command line always saves: tick Save first"

    def command(self) -> str:
        """What does the same as the batch on screen, in a terminal; empty when nothing does."""
        run = self.shown_run
        order = run.order if run is not None else self.draft.take_order()
        table = run.table if run is not None else self.draft.table
        if order is None or self._why_no_command():
            return ""
        left_out = (UNSAVED, REJECTED)
        return command_line(order, [row.path for row in table.rows if row.sentence not in left_out])

    @Slot()
    def copy_command(self) -> None:
        """To the clipboard."""
        if not self.chosen and not self.window.settings.steps.commit():
            return
        text = self.command()
        if text:
            QGuiApplication.clipboard().setText(text)
            self.window.tell("Command copied")
