"""The pool window: results of all recordings as a table and as plots, selected together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import rule
from cloudscope.views.pool_foot import PoolFoot
from cloudscope.views.pool_numbers import Keep, PlotChoice, kept
from cloudscope.views.pool_plot_form import PoolPlotForm
from cloudscope.views.pool_plots import PoolPlots
from cloudscope.views.pool_rows import PoolTable, Wish
from cloudscope.views.pool_rows_form import PoolRowsForm
from cloudscope.views.pool_summary import PoolSummary
from cloudscope.views.pool_table import PoolTablePane
from cloudscope.views.pool_words import left_out, nothing_there

if TYPE_CHECKING:
    import pandas as pd

Codes = NDArray[np.intp]
_FORM_WIDTH, _SUMMARY_HEIGHT = 258, 132
_BATCH_MS = 0


class PoolWindow(QWidget):
    """Shows a `PoolTable` that somebody else gathers; a row, its point and its ROI are one.

    Signals:
        tableWanted: A `Wish`: other rows, or the same ones again.
        cancelWanted: The rows are not wanted any more.
        summaryWanted: Table, rows and choice of the plot that is edited.
        recordChosen: File id and `AnalysisKey` of the row that the user went to.
        exportWanted: A key of `pool_foot.EXPORTS`.
        closed: It was put away.
    """

    tableWanted = Signal(object)
    cancelWanted = Signal()
    summaryWanted = Signal(object, object, object)
    recordChosen = Signal(object, object)
    exportWanted = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Pool")
        self.setObjectName("pool")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.table: PoolTable | None = None
        self.rows: Codes = np.empty(0, np.intp)
        self._recordings = 0
        self.rows_form, self.plot_form = PoolRowsForm(theme), PoolPlotForm(theme)
        self.pane, self.plots = PoolTablePane(theme), PoolPlots(theme)
        self.summary, self.foot = PoolSummary(theme), PoolFoot(theme)
        self._summary_due = QTimer(self)
        self._summary_due.setSingleShot(True)
        self._summary_due.setInterval(_BATCH_MS)
        self._place()
        self._connect()
        self.resize(theme.px(1240), theme.px(760))
        self.plots.say("Gathering the results of all recordings.")

    def _place(self) -> None:
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self.plots)
        right.addWidget(self.summary)
        right.setStretchFactor(0, 1)
        right.setSizes([600, self._theme.px(_SUMMARY_HEIGHT)])
        right.setChildrenCollapsible(False)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.pane)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([self._theme.px(420), self._theme.px(560)])
        inside = QWidget()
        around = QHBoxLayout(inside)
        around.setContentsMargins(4, 12, 12, 12)
        around.addWidget(self.splitter)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self._settings())
        upper.addWidget(inside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(rule())
        column.addWidget(self.foot)

    def _settings(self) -> QScrollArea:
        page = QWidget()
        page.setObjectName("scrolled")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(14)
        column.addWidget(self.rows_form)
        column.addWidget(self.plot_form)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(self._theme.px(_FORM_WIDTH))
        return area

    def _connect(self) -> None:
        self.rows_form.wishEdited.connect(self.tableWanted)
        self.rows_form.keepEdited.connect(self._keep)
        self.plot_form.choiceEdited.connect(self._edit_choice)
        self.plot_form.layoutChosen.connect(self.plots.arrange)
        self.plots.activeChanged.connect(self._show_choice)
        self.plots.rowsChosen.connect(self._choose_points)
        self.pane.rowsFound.connect(self._show_rows)
        self.pane.rowsSelected.connect(self._choose_rows)
        self._summary_due.timeout.connect(self._ask_summary)
        self.foot.refreshRequested.connect(self.refresh)
        self.foot.cancelRequested.connect(self.cancelWanted)
        self.foot.exportRequested.connect(self.exportWanted)
        self.foot.copyRequested.connect(self.pane.copy_all)
        self.foot.copySummaryRequested.connect(self.summary.copy)
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+F", self._find), ("F5", self.refresh), ("Esc", self._leave),
            ("Ctrl+W", self.close),
        )  # fmt: skip
        for text, slot in keys:
            QShortcut(QKeySequence(text), self).activated.connect(slot)

    # --- what is shown -----------------------------------------------------------------------

    def show_table(self, table: PoolTable, recordings: int, analyses: list[str]) -> None:
        """Other rows, or the same ones as they are now; what is selected stays selected."""
        names = self.table.names_of(self.pane.selected) if self.table is not None else {}
        self.table, self._recordings = table, recordings
        self.rows_form.show_wish(table.wish, analyses)
        self.plot_form.show_columns(table)
        self._take(table.rows_named(names))

    def restore(self, wish: Wish, keep: Keep) -> None:
        """Begin as it was left."""
        self.rows_form.show_wish(wish, ())
        self.rows_form.show_keep(keep)
        self.plot_form.show_arrangement(self.plots.arrangement)

    @Slot()
    def refresh(self) -> None:
        """Gather again."""
        self.tableWanted.emit(self.rows_form.wish)

    def show_progress(self, fraction: float | None, step: str = "") -> None:
        """How far the gathering is; None when there is none."""
        self.foot.show_progress(fraction, step)

    def show_summary(self, summary: pd.DataFrame | None, sentence: str = "") -> None:
        """Statistics of the plot that is edited, or why there are none."""
        name, table = self.plots.choice.y, self.table
        title = table.title(name) if table is not None and name in table.number_names else ""
        self.summary.show_summary(summary, title, sentence)

    def say(self, kind: str, sentence: str) -> None:
        """What happened: `ok` or `err`."""
        self.foot.say(kind, sentence)

    def highlight(self, rows: Codes) -> None:
        """Select what is selected in the main window; not told back."""
        self.pane.select(rows)
        self.plots.select(rows)

    def _take(self, selected: Codes) -> None:
        table = self.table
        if table is not None:
            self.pane.show_table(table, np.flatnonzero(kept(table, self.rows_form.keep)), selected)
            self._show_rows()
            self.plots.select(selected)

    @Slot()
    def _keep(self) -> None:
        self._take(self.pane.selected)

    @Slot()
    def _show_rows(self) -> None:
        """The plots show what the table shows."""
        table = self.table
        if table is None:
            return
        self.rows = self.pane.rows
        keep, filtered = self.rows_form.keep, self.pane.filter.text().strip()
        why = nothing_there(table, self.rows, keep, self._recordings, filtered)
        if why:
            self.plots.say(why)
        else:
            self.plots.show_rows(table, self.rows)
        self._show_choice()
        self.foot.say("warn" if table.unread else "", left_out(table, keep))

    @Slot()
    def _show_choice(self) -> None:
        self.plot_form.show_choice(self.plots.choice)
        self._summary_due.start()

    @Slot(object)
    def _edit_choice(self, choice: PlotChoice) -> None:
        self.plots.edit(choice)
        self._summary_due.start()

    @Slot()
    def _ask_summary(self) -> None:
        if self.table is not None and self.plots.numbers is not None:
            self.summaryWanted.emit(self.table, self.rows, self.plots.choice)
        else:
            self.show_summary(None)

    # --- what the user does ------------------------------------------------------------------

    @Slot(object, bool, bool)
    def _choose_points(self, rows: Codes, adds: bool, clicked: bool) -> None:
        """A brush may take many recordings: the main window goes to the first."""
        fresh = rows
        if adds:
            rows = np.union1d(self.pane.selected, rows)
        self.highlight(rows)
        if fresh.size:
            self._go_to(int(fresh[0]))

    @Slot(object, int)
    def _choose_rows(self, rows: Codes, current: int) -> None:
        self.plots.select(rows)
        if current >= 0 and current in rows:
            self._go_to(current)

    def _go_to(self, row: int) -> None:
        if self.table is not None:
            self.recordChosen.emit(*self.table.keys[self.table.record[row]])

    @Slot()
    def _find(self) -> None:
        self.pane.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.pane.filter.selectAll()

    @Slot()
    def _leave(self) -> None:
        """Let go of the selection, then of the window."""
        if self.pane.selected.size:
            self.highlight(np.empty(0, np.intp))
        else:
            self.close()

    def remembered(self) -> dict[str, Any]:
        """Columns, layout and choices as JSON values."""
        columns = {name: list(one) for name, one in self.pane.wanted_columns.items()}
        return {"columns": columns, **self.plots.remembered()}

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.closed.emit()
