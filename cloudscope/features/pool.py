"""The pool window: gathers in the background, follows records, and shares the selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot

from acqcore.analysis import analyses
from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import TREE_ROW_ID, analysis_row
from cloudscope.jobs import Job
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.features._pool_files import PoolFiles
    from cloudscope.views.pool_numbers import Codes, PlotChoice
    from cloudscope.views.pool_rows import PoolTable, Wish
    from cloudscope.views.pool_window import PoolWindow

LANE = "pool"
_CALM_MS = 400
"""How long records stay as they are before they are gathered again."""


class Pool(Feature):
    """One window over all open recordings."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.window: PoolWindow | None = None
        self._files: PoolFiles | None = None
        self._gathering: Job | None = None
        self._summing: Job | None = None
        self._followed: tuple[tuple[str, ...], AnalysisKey | None] = ((), None)
        self._leads = False  # this window changes the selection of the main one
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(_CALM_MS)
        self._due.timeout.connect(self._refresh)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """The action."""
        return {"pool": self.open}

    def open(self) -> None:
        """Show the window as it was left, with the results of now."""
        if self.window is None:
            # Plots, pandas and the window load with the first wish.
            from cloudscope.features._pool_files import PoolFiles
            from cloudscope.views.pool_window import PoolWindow

            self.window = PoolWindow(self.bench.theme, self.bench.window)
            self._files = PoolFiles(self.bench, self.window)
            self._files.restore()
            self._connect(self.window)
        if not self.window.rows_form.wish.analysis:
            self._begin(self.window)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.refresh()

    def _begin(self, window: PoolWindow) -> None:
        """The analysis that the main window shows, or the first that has results."""
        known, there = analyses(), self._analyses()
        first = min(there, key=lambda one: known[one].place if one in known else 999, default="")
        shown = self.bench.controller.selection.analysis_name
        name = shown if shown in there else first
        if window.table is None and name:
            window.rows_form.show_wish(replace(window.rows_form.wish, analysis=name), (name,))

    def _analyses(self) -> list[str]:
        """Those that have a result."""
        there = {
            record.key.analysis_name
            for image in self.bench.session.images
            for record in image.state.records
            if record.has_result
        }
        return sorted(there)

    def closing(self) -> None:
        """The window goes with the main window."""
        if self.window is not None:
            self.window.close()

    def _connect(self, window: PoolWindow) -> None:
        bench, files = self.bench, self._files
        assert files is not None
        window.tableWanted.connect(self._gather)
        window.cancelWanted.connect(self._cancel)
        window.summaryWanted.connect(self._summarise)
        window.recordChosen.connect(self._go_to)
        window.exportWanted.connect(files.ask)
        window.closed.connect(files.remember)
        window.closed.connect(self._cancel)
        bench.jobs.changed.connect(self._show_progress)
        for news in (
            bench.controller.imageChanged, bench.opening.opened, bench.opening.reset,
            bench.opening.finished, bench.saving.finished, bench.actions["blind"].toggled,
        ):  # fmt: skip
            news.connect(self._news)
        bench.panels.tree.selectionEdited.connect(self._follow)
        bench.controller.sceneChanged.connect(self._follow)

    # --- gathering -----------------------------------------------------------------------------

    @Slot()
    def _news(self) -> None:
        """Wait until nothing changes for a moment."""
        if self.window is not None and self.window.isVisible():
            self._due.start()

    @Slot()
    def _refresh(self) -> None:
        if self.window is not None and self.window.isVisible():
            self.window.refresh()

    def label(self) -> Callable[[str], str] | None:
        """How recordings are called while their names are hidden; None while they are not."""
        blind = self.bench.session.blind
        return (lambda file_id: blind.name(file_id, file_id)) if blind.on else None

    @Slot(object)
    def _gather(self, wish: Wish) -> None:
        from cloudscope.views.pool_gathering import gather

        self._cancel()
        images, label = list(self.bench.session.images), self.label()

        def show(table: PoolTable) -> None:
            if self._gathering is job:  # else it ended just before another wish came
                self._gathered(table, len(images))

        job = self._gathering = self.bench.jobs.submit(
            LANE,
            lambda job: gather(images, wish, job.context, label),
            text="Gathering results",
            on_done=show,
            on_failed=self._failed,
        )
        self._show_progress()

    def _gathered(self, table: PoolTable, recordings: int) -> None:
        self._gathering = None
        self._show_progress()
        if self.window is not None:
            self.window.show_table(table, recordings, self._analyses())

    def _failed(self, error: AcqError) -> None:
        self._show_progress()
        if self.window is not None and not isinstance(error, Cancelled):
            self.window.say("err", str(error))

    @Slot()
    def _cancel(self) -> None:
        self._due.stop()
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        self._show_progress()

    @Slot()
    def _show_progress(self) -> None:
        if self.window is not None:
            job = self._gathering
            running = job is not None and job in self.bench.jobs.active
            if job is not None and running:
                self.window.show_progress(job.fraction or 0.0, job.step)
            else:
                self.window.show_progress(None)

    @Slot(object, object, object)
    def _summarise(self, table: PoolTable, rows: Codes, choice: PlotChoice) -> None:
        """Statistics take longer than a frame for many rows."""
        from cloudscope.views.pool_statistics import summarised

        if self._summing is not None:
            self._summing.cancel()

        def show(summary: pd.DataFrame) -> None:
            if self.window is not None and self._summing is job:
                self.window.show_summary(summary)

        def tell(error: AcqError) -> None:
            if self.window is not None and self._summing is job:
                self.window.show_summary(None, "" if isinstance(error, Cancelled) else str(error))

        job = self._summing = self.bench.jobs.submit(
            LANE, lambda job: summarised(table, rows, choice), on_done=show, on_failed=tell
        )

    # --- one selection ---------------------------------------------------------------------------

    @Slot(object, object)
    def _go_to(self, file_id: str, key: AnalysisKey) -> None:
        """Show what a row or a point is about in the main window."""
        if self.bench.session.image(file_id) is None:
            return
        self._leads = True
        self.bench.panels.tree.select(file_id, str(analysis_row(file_id, key)[TREE_ROW_ID]))
        self.bench.controller.select(file_id, key)
        self._followed = self._chosen()  # its picture may arrive later
        self._leads = False

    @Slot()
    def _follow(self) -> None:
        """Highlight what is selected in the main window."""
        window = self.window
        if window is None or window.table is None or self._leads or not window.isVisible():
            return
        chosen = self._chosen()
        if chosen != self._followed:
            self._followed = chosen
            file_ids, key = chosen
            rows = window.table.rows_of(file_ids, key)
            window.highlight(rows if rows.size else window.table.rows_of(file_ids, None))

    def _chosen(self) -> tuple[tuple[str, ...], AnalysisKey | None]:
        """Recordings that are selected in the main window, and of a single one which ROI."""
        here = self.bench.controller.selection
        file_ids = tuple(self.bench.panels.tree.selected_file_ids()) or (here.file_id,)
        if len(file_ids) > 1 or here.roi_id is None:
            return file_ids, None
        return file_ids, AnalysisKey("", here.channel, here.roi_id)
