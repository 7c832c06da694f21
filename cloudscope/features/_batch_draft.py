"""The batch that is being put together: its order, and the dry run of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.batch import BatchJob, RoiRule
from acqcore.errors import AcqError, Cancelled
from cloudscope.features._batch_preview import Listed, look
from cloudscope.item_models.batch_table import BatchRow, BatchTable, Mark
from cloudscope.jobs import Job
from cloudscope.views.batch_order import BatchOrder, Scope
from cloudscope.views.batch_settings import BatchSettings
from cloudscope.views.batch_words import UNSAVED, BatchStatus, Phase
from cloudscope.workbench import Workbench

_PAUSE_MS = 250
"""Edits that follow each other so fast are previewed together."""
_NEWS_S = 0.1
"""Totals are told no oftener than this: ten thousand recordings are looked at at once."""


class BatchDraft(QObject):
    """Follows the form while `active`.

    Signals:
        changed: Order, rows or totals are others.
    """

    changed = Signal()

    def __init__(self, bench: Workbench, settings: BatchSettings, table: BatchTable) -> None:
        super().__init__(table)
        self._bench, self._settings, self.table = bench, settings, table
        self.order: BatchOrder | None = None
        self.active = False
        self.fault, self.looking = "", False
        self._preview: Job | None = None
        self._told_s = 0.0
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(_PAUSE_MS)
        self._due.timeout.connect(self.look_now)
        settings.edited.connect(self.look_soon)
        tree = bench.panels.tree
        for news in (
            tree.selectionEdited, tree.filterEdited, bench.controller.imageChanged,
            bench.saving.finished, bench.opening.finished, bench.opening.reset,
        ):  # fmt: skip
            news.connect(self.look_soon)

    # --- the order ---------------------------------------------------------------------------

    def begin(self) -> None:
        """The first time, order the analysis of the panel."""
        if self.order is None:
            self.order = self._first_order()
            self._settings.show_order(self.order)

    def _first_order(self) -> BatchOrder:
        panels, where = self._bench.panels, self._bench.controller.selection
        name = where.analysis_name if where.analysis_name in analyses() else next(iter(analyses()))
        parameters = panels.analysis.parameters if name == where.analysis_name else {}
        known = analyses()[name].schema().field_names()
        step = (name, {one: value for one, value in parameters.items() if one in known})
        scope = Scope.SELECTED if len(self._bench.targets()) > 1 else Scope.VISIBLE
        # One processor is left for the window.
        workers = max(QThread.idealThreadCount() - 1, 1)
        has_rois = [bool(image.state.rois) for image in self._bench.session.images]
        rule = RoiRule.every() if has_rois and all(has_rois) else RoiRule.full()
        return BatchOrder(BatchJob((step,), where.channel, rule), scope, workers=workers)

    def take_order(self) -> BatchOrder | None:
        """What the form says, or None with the reason in `fault`."""
        try:
            self.order, self.fault = self._settings.order(), ""
        except (ValueError, TypeError) as error:
            self.fault = str(error)
            return None
        return self.order

    @property
    def status(self) -> BatchStatus:
        """For the window."""
        counts = dict(self.table.counts)
        return BatchStatus(Phase.DRAFT, counts, self.fault, self.looking, len(self.unsaved()))

    def unsaved(self) -> list[AcqImage]:
        """Recordings that are left out for their unsaved edits."""
        paths = [row.path for row in self.table.rows if row.sentence == UNSAVED]
        found = [self._bench.session.image(path) for path in paths]
        return [one for one in found if one is not None and one.is_dirty]

    def rows_to_run(self) -> list[BatchRow]:
        """Rows of the batch that this becomes; none that waits when there is nothing to do."""
        left_out = (Mark.SKIPPED, Mark.FAILED)
        return [
            row if row.mark in left_out else replace(row, mark=Mark.WAITING, sentence="Waiting")
            for row in self.table.rows
        ]

    # --- the dry run -------------------------------------------------------------------------

    @Slot()
    def look_soon(self) -> None:
        """Something changed that the preview may depend on."""
        if self.active:
            self._due.start()

    @Slot()
    def look_now(self) -> None:
        """Begin again."""
        self._due.stop()
        if self._preview is not None:
            self._preview.cancel()
            self._preview = None
        if not self.active:
            return
        self._show_choices()
        order = self.take_order()
        self.looking = order is not None
        if order is None:
            self.table.show_rows([])
        else:
            self._look(order)
        self.changed.emit()

    def _look(self, order: BatchOrder) -> None:
        ids, depth = self._open_ids(order.scope), self._bench.settings.folder_depth
        find = self._bench.session.image
        job = self._bench.jobs.submit(
            "batch preview",
            lambda job: look(job, order, ids, depth, find),
            on_item=lambda item: self._looked(job, item),
            on_done=lambda result: self._ended(job),
            on_failed=lambda error: self._ended(job, error),
        )
        self._preview = job

    def _looked(self, job: Job, item: Listed | BatchRow) -> None:
        if job is not self._preview:
            return
        if isinstance(item, BatchRow):
            self.table.put(item)
        elif [row.path for row in item.rows] != [row.path for row in self.table.rows]:
            self.table.show_rows(item.rows)
        # else what was there stays until it is looked at again: nothing flickers
        if monotonic() - self._told_s > _NEWS_S:
            self._told_s = monotonic()
            self.changed.emit()

    def _ended(self, job: Job, error: AcqError | None = None) -> None:
        if job is self._preview:
            self._preview, self.looking = None, False
            self.fault = str(error) if error and not isinstance(error, Cancelled) else ""
            if not self.fault and not self.table.rows:
                self.fault = "There is no recording here"
            self.changed.emit()

    # --- what there is to choose from ----------------------------------------------------------

    def _open_ids(self, scope: Scope) -> Sequence[str]:
        session = self._bench.session
        if scope is Scope.SELECTED:
            return [image.file_id for image in self._bench.targets()]
        if scope is Scope.VISIBLE:
            shown = self._bench.panels.tree.model.visible_file_ids()
            return [one for one in shown if session.image(one) is not None]
        return [image.file_id for image in session.images] if scope is Scope.OPEN else []

    def _show_choices(self) -> None:
        images, shown = self._bench.session.images, self._bench.controller.image
        self._settings.set_counts({one: len(self._open_ids(one)) for one in Scope})
        most = max((image.header.num_channels for image in images), default=1)
        names = dict(enumerate(shown.header.channel_names)) if shown is not None else {}
        self._settings.set_channels(most, names)
