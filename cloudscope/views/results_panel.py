"""The selected result as a list: rows, what it found, and what is not to be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from acqcore.analysis import analyses
from acqcore.errors import CannotRun, SidecarError
from acqcore.found import FLAGGED, FOUND, ROWS, listing, listings
from acqcore.model.record import AnalysisRecord
from cloudscope.item_models.result_table import ResultTable, shown_listing, spans_of
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, push_button
from cloudscope.views.pool_fields import combo, fill
from cloudscope.views.quantities import number, ran_calibration
from cloudscope.views.result_words import FLAG_WORDS

_AROUND = 12  # rows to either side that a jump brings into view
_LONGER, _LEAST = 1.5, 100.0  # of its own length, and lines, around an event or a stretch
_WIDEST, _SAMPLE = 320, 500
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ResultsPanel(QWidget):
    """A table with a filter; the mouse and the arrow keys move the cursor of the plots.

    Signals:
        lineChosen: Line of the recording that the chosen row is about, a float.
        zoomRequested: (line, line) to bring into view: Enter or a double click.
        exportRequested: Write a list of an analysis, of all ROIs: its name and the kind.
    """

    lineChosen = Signal(float)
    zoomRequested = Signal(float, float)
    exportRequested = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: AnalysisRecord | None = None
        self._analysis_name = ""
        self._scene = Scene()
        self._wanted: dict[str, str] = {}
        self.model = ResultTable(self)
        self.title, self.sentence = ElidedLabel("", "strong"), label("", "field")
        self.listed = combo("List", "Choose rows, single events, or what is not to be trusted")
        self.flagged = QCheckBox("Flagged only")
        self.flagged.setToolTip("Show only the rows that are not to be trusted, with the reason")
        self.copy = push_button("Copy", "Copy the selected rows, or all (Ctrl+C)", "quiet")
        self.export = push_button("Export CSV…", "Write the rows of all ROIs to a file", "quiet")
        self.table = self._made_table(theme)
        self._lay_out()
        self.flagged.toggled.connect(self._filter)
        self.copy.clicked.connect(self.copy_rows)
        self.export.clicked.connect(
            lambda: self.exportRequested.emit(self._analysis_name, self.kind)
        )
        self.listed.activated.connect(self._choose_list)
        self.table.selectionModel().currentRowChanged.connect(self._follow)
        self.table.doubleClicked.connect(lambda index: self.zoom_to(index.row()))
        self.show_scene(Scene())

    def _made_table(self, theme: Theme) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName("Rows of the result")
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().setDefaultSectionSize(theme.px(22))
        table.verticalHeader().setMinimumWidth(theme.px(44))
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)  # it holds words
        table.installEventFilter(self)
        return table

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for one in (self.listed, self.flagged, self.copy, self.export):
            head.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignTop)

    @property
    def kind(self) -> str:
        """Which list is shown, by the names of `acqcore.found`."""
        return str(self.listed.currentData() or "")

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """The rows of the selected analysis on the selected channel and ROI."""
        self._scene = scene
        name = scene.selection.analysis_name or next(iter(analyses()), "")
        shown = scene.shown_record(name)
        record = shown.record if shown is not None and shown.record.has_result else None
        if scene.loading and record is not None:
            return  # its table may still be on disk; a job reads it
        if record is self._record and name == self._analysis_name and record is not None:
            return
        self._record, self._analysis_name = record, name
        analysis = analyses().get(name)
        offered = listings(analysis) if analysis is not None else {}
        fill(self.listed, offered.items(), self._wanted.get(name))
        self.listed.setVisible(len(offered) > 1)
        self._show()

    def _show(self) -> None:
        fault = ""
        try:
            self._fill(self._record, self._scene)
        except (SidecarError, CannotRun) as error:
            self._fill(None, self._scene)
            fault = str(error)
        self._say(self._scene, fault)

    def _fill(self, record: AnalysisRecord | None, scene: Scene) -> None:
        analysis = analyses().get(record.key.analysis_name) if record is not None else None
        if record is None or analysis is None:
            self.model.show_rows((), np.empty((0, 2)), {})
            return
        listed = listing(record, analysis, self.kind)
        columns = shown_listing(listed, analysis, ran_calibration(record, scene.calibration))
        self.model.show_rows(columns, spans_of(record, listed), dict(FLAG_WORDS))
        metrics = self.table.fontMetrics()
        for place, column in enumerate(columns):
            texts = [*column.heading.split("\n"), "00000.000"]
            if column.values.dtype.kind not in "iuf":
                texts += [FLAG_WORDS.get(one, one) for one in _some_words(column.values)]
            width = max(metrics.horizontalAdvance(text) for text in texts) + 24
            self.table.setColumnWidth(place, min(width, _WIDEST))

    def _say(self, scene: Scene, fault: str) -> None:
        count, flagged = self.model.counts
        title = analyses()[self._analysis_name].title if self._analysis_name in analyses() else ""
        roi = f", ROI {scene.roi.label}" if scene.roi is not None else ""
        many = {FOUND: self.listed.currentText().lower(), FLAGGED: "flagged stretches"}
        words = f" · {number(count, 0)} {many.get(self.kind, 'rows')}"
        words = words.removesuffix("es" if self.kind == FLAGGED else "s") if count == 1 else words
        if self.kind != FLAGGED and flagged:
            words += f", {number(flagged, 0)} flagged"
        self.title.setText(f"{title}{roi}{words if count else ''}")
        self.flagged.setVisible(self.kind != FLAGGED and self.model.has_flags)
        self.flagged.setEnabled(flagged > 0 or self.flagged.isChecked())
        self.copy.setEnabled(count > 0)
        self.export.setEnabled(count > 0)
        self.table.setVisible(count > 0)
        self.sentence.setVisible(count == 0)
        self.sentence.setText(fault or self._why_empty(scene, title))

    def _why_empty(self, scene: Scene, title: str) -> str:
        if scene.header is None:
            return "Select a recording to see the rows of its results"
        if self._record is not None:
            nothing = {FOUND: f"found no {self.listed.currentText().lower()}",
                       FLAGGED: "has nothing that is flagged"}  # fmt: skip
            return f"{title} {nothing.get(self.kind, 'has no rows')}"
        return f"No result of {title} here yet: run it in the Analysis panel"

    # --- gestures ----------------------------------------------------------------------------

    @Slot()
    def _choose_list(self) -> None:
        self._wanted[self._analysis_name] = self.kind
        self._show()

    @Slot(bool)
    def _filter(self, only: bool) -> None:
        self.model.set_flagged_only(only)

    @Slot(QModelIndex, QModelIndex)
    def _follow(self, now: QModelIndex, before: QModelIndex) -> None:
        line = self.model.line_of(now.row()) if now.isValid() else None
        if line is not None:
            self.lineChosen.emit(line)

    def zoom_to(self, row: int) -> None:
        """Bring a row into view with what lies before and after it."""
        span = self.model.span_of(row)
        if span is None:
            return
        low, high = span
        rows = _AROUND * self.model.spacing if self.kind == ROWS else 0.0
        around = max(rows, _LONGER * (high - low), _LEAST)
        self.lineChosen.emit(low)
        self.zoomRequested.emit(low - around, high + around)

    @Slot()
    def copy_rows(self) -> None:
        """The selected rows, or all of them, as text with tabs."""
        picked = self.table.selectionModel().selection().toList()
        rows = [row for part in picked for row in range(part.top(), part.bottom() + 1)]
        rows = sorted(rows) or list(range(self.model.rowCount()))
        columns = range(self.model.columnCount())
        QGuiApplication.clipboard().setText(self.model.tab_separated(rows, columns))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter zooms, Ctrl+C copies."""
        if watched is self.table and isinstance(event, QKeyEvent):
            return self._is_own_key(event)
        return super().eventFilter(watched, event)

    def _is_own_key(self, event: QKeyEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress
        current = self.table.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # else a menu of the same key would get it
            elif pressed:
                self.copy_rows()
            return True
        if pressed and Qt.Key(event.key()) in _ENTER and current.isValid():
            self.zoom_to(current.row())
            return True
        return False


def _some_words(values: NDArray[Any]) -> list[str]:
    """Different texts of the first rows: enough to know how wide a column is."""
    return [str(one) for one in dict.fromkeys(values[:_SAMPLE].tolist())]
