"""The table of the pool window: filter, choice of columns, rows that stay selected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acqcore.analysis import analyses
from cloudscope.item_models.data_frame import (
    DataFrameModel,
    FrameColumn,
    frame_column,
    matching,
)
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, push_button
from cloudscope.views.pool_export import tsv
from cloudscope.views.pool_fields import table_view
from cloudscope.views.pool_rows import EVENTS, IDENTITY, RESULTS, TABLE, PoolTable

Codes = NDArray[np.intp]
_ALWAYS = ("name", "roi_id", "condition")
_COUNTING = ("time_index", "center_row", "id", "peak_id", "spark_id")
_HOW_MANY = {RESULTS: 6, TABLE: 8, EVENTS: 10}
_SAMPLE = 40
_MOST_RUNS = 1000
"""Qt takes the square of their number; points of further rows are marked all the same."""
_NARROWEST, _WIDEST = 52, 170


class PoolTablePane(QWidget):
    """Rows of a `PoolTable`; those that are kept and found are `rows`.

    Signals:
        rowsFound: The filter changed: other rows are shown.
        rowsSelected: Rows of the table that a person selected; current one or -1.
        columnsEdited: Other columns are shown: their names.
    """

    rowsFound = Signal()
    rowsSelected = Signal(object, int)
    columnsEdited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table: PoolTable | None = None
        self._kept: Codes = np.empty(0, np.intp)
        self._columns: dict[str, FrameColumn] = {}
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._quiet = False
        self.model = DataFrameModel(self)
        self.filter = self._filter_field()
        self.columns_button = self._columns_button()
        self._count = ElidedLabel("", "small")
        self.view = self._made_view()
        self._place()

    def _filter_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setClearButtonEnabled(True)
        field.setPlaceholderText("Filter: words, velocity_mean>0.5, condition=control")
        field.setAccessibleName("Filter rows")
        field.setToolTip("Show only rows with all these words or numbers (Ctrl+F)")
        for button in field.findChildren(QToolButton):
            button.setAccessibleName("Clear the filter")
            button.setToolTip("Show all rows")
        field.textChanged.connect(self._filter)
        return field

    def _columns_button(self) -> QPushButton:
        button = push_button("Columns", "Choose the columns of the table")
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        button.setMenu(menu)
        return button

    def _made_view(self) -> QTableView:
        view = table_view(self._theme, self.model, "Rows of the pool")
        head = view.horizontalHeader()
        head.setSectionsMovable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSortingEnabled(True)
        self.model.modelReset.connect(self._select_again)
        self._selected: Codes = np.empty(0, np.intp)
        view.selectionModel().selectionChanged.connect(self._report)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        return view

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.filter, 1)
        top.addWidget(self.columns_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        column.addWidget(self._count)

    # --- what the window tells -----------------------------------------------------------

    @property
    def rows(self) -> Codes:
        """Rows of the table that are kept and found, in its order."""
        return np.sort(self.model.rows)

    @property
    def selected(self) -> Codes:
        """Selected rows, also those that are hidden now."""
        return self._selected

    def want_columns(self, wanted: dict[str, tuple[str, ...]]) -> None:
        """Columns to show, by analysis and kind of row."""
        self._wanted = dict(wanted)

    @property
    def wanted_columns(self) -> dict[str, tuple[str, ...]]:
        """The same, as the user has it now."""
        return dict(self._wanted)

    def show_table(self, table: PoolTable, kept: Codes, selected: Codes) -> None:
        """Another table, or other rows of it that take part."""
        if table is not self._table:
            self._columns = {}
        fresh = self._table is None or table.wish != self._table.wish
        self._table, self._kept, self._selected = table, kept, selected
        self._show(resize=fresh)

    def select(self, rows: Codes, *, scroll: bool = True) -> None:
        """Select rows, unreported."""
        self._selected = rows
        self._select_again(scroll)

    def copy(self) -> None:
        """Selected rows, or all that are shown, for a spreadsheet."""
        rows = self.model.rows
        chosen = rows[np.isin(rows, self._selected)]
        text = tsv(self.model.columns, chosen if chosen.size else rows)
        QGuiApplication.clipboard().setText(text)

    def copy_all(self) -> None:
        """Every row that is shown."""
        QGuiApplication.clipboard().setText(tsv(self.model.columns, self.model.rows))

    # --- what is shown ---------------------------------------------------------------------

    def _column(self, name: str) -> FrameColumn:
        if name not in self._columns and self._table is not None:
            table = self._table
            column, (unit, factor) = table.column(name), table.shown(name)
            # A code is a name, though it looks like a number.
            series = table.frame[name]
            series = series.astype(str) if name in ("channel", "roi_id") else series
            if name == "analysis":
                series = series.map({one.name: one.title for one in analyses().values()})
            self._columns[name] = frame_column(series, table.title(name), unit, column.help, factor)
        return self._columns[name]

    def _names(self) -> tuple[str, ...]:
        """Columns on screen."""
        if self._table is None:
            return ()
        there = [one.name for one in self._table.columns]
        wanted = self._wanted.get(_kind(self._table), self._usual())
        return tuple(one for one in wanted if one in there) or tuple(there[:1])

    def _usual(self) -> tuple[str, ...]:
        """Who it is, and the first numbers of the analysis."""
        table = self._table
        assert table is not None
        told = [name for name in _ALWAYS if name in table.frame]
        kind = ("analysis",) if not table.wish.analysis else ()
        own = [name for name in table.number_names if name not in IDENTITY]
        numbers = [name for name in own if name not in _COUNTING][: _HOW_MANY[table.wish.rows]]
        words = tuple(one for one in ("event_type", "kind", "flag") if one in table.frame)
        return (*told, *kind, *words, *numbers)

    def _show(self, *, resize: bool) -> None:
        columns = [self._column(name) for name in self._names()]
        rows, text = self._kept, self.filter.text()
        if self._table is not None and text.strip():
            searched = {one.name: one for one in columns}
            for word in text.split():
                name = word.split("<")[0].split(">")[0].split("=")[0]
                if name in self._table.frame:
                    searched[name] = self._column(name)
            found = matching(tuple(searched.values()), text)
            rows = rows if found is None else rows[found[rows]]
        self.model.show(columns, rows)
        self.view.horizontalHeader().setSortIndicator(*self.model.sorting)
        if resize:
            self._fit_columns(columns)
        whole = len(self._table) if self._table is not None else 0
        shown = f"{len(rows):,}".replace(",", "\u2009")
        self._count.setText(f"{shown} of {whole} rows" if len(rows) < whole else f"{shown} rows")

    def _fit_columns(self, columns: Sequence[FrameColumn]) -> None:
        """As wide as its head and its first cells; Qt's own would look at all."""
        metrics, theme = self.view.fontMetrics(), self._theme
        for place, column in enumerate(columns):
            rows = self.model.rows[:_SAMPLE].tolist()
            texts = [column.title, column.unit, *(column.text(row) for row in rows)]
            width = max(metrics.horizontalAdvance(text) for text in texts) + theme.px(24)
            fitting = min(max(width, theme.px(_NARROWEST)), theme.px(_WIDEST))
            self.view.setColumnWidth(place, fitting)

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        if self._table is None:
            return
        shown = self._names()
        for column in self._table.columns:
            if column.name.endswith("_unit"):
                continue
            action = menu.addAction(self._table.title(column.name))
            action.setToolTip(column.help or column.name)
            action.setCheckable(True)
            action.setChecked(column.name in shown)
            action.toggled.connect(lambda on, name=column.name: self._switch_column(name, on))
        menu.setToolTipsVisible(True)

    def _switch_column(self, name: str, on: bool) -> None:
        if self._table is None:
            return
        names = [one for one in self._names() if one != name]
        self._wanted[_kind(self._table)] = (*names, name) if on else tuple(names)
        self._show(resize=True)
        self.columnsEdited.emit(self.wanted_columns)

    @Slot(str)
    def _filter(self, text: str) -> None:
        self._show(resize=False)
        self.rowsFound.emit()

    # --- selection -------------------------------------------------------------------------

    @Slot()
    def _select_again(self, scroll: bool = False) -> None:
        """Put the selection on screen: Qt forgets it with every reset."""
        places, last = self.model.places_of(self._selected), self.model.columnCount() - 1
        chosen = QItemSelection()
        runs = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
        for run in runs[:_MOST_RUNS]:
            if run.size:
                first, end = self.model.index(int(run[0]), 0), self.model.index(int(run[-1]), last)
                chosen.select(first, end)
        self._quiet = True
        self.view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if scroll and places.size:
            self.view.scrollTo(self.model.index(int(places[0]), 0))
        self._quiet = False

    @Slot()
    def _report(self) -> None:
        if self._quiet:
            return
        ranges = self.view.selectionModel().selection()
        blocks = (ranges.at(at) for at in range(ranges.count()))
        runs = [np.arange(block.top(), block.bottom() + 1) for block in blocks]
        places = np.unique(np.concatenate(runs)) if runs else np.empty(0, np.intp)
        self._selected = np.sort(self.model.rows[places])
        current: QModelIndex = self.view.currentIndex()
        row = int(self.model.rows[current.row()]) if current.isValid() else -1
        self.rowsSelected.emit(self._selected, row)


def _kind(table: PoolTable) -> str:
    return f"{table.wish.analysis or 'all'} {table.wish.rows}"
