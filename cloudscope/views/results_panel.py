"""The rows of the selected result, and the windows that are not to be trusted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from acqcore.analysis import analyses
from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisRecord
from cloudscope.item_models.result_table import ResultTable, lines_of, shown_columns
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, push_button
from cloudscope.views.quantities import number, ran_calibration
from cloudscope.views.result_words import FLAG_WORDS

_AROUND = 12  # rows to either side that a jump brings into view
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ResultsPanel(QWidget):
    """A table with a filter; the mouse and the arrow keys move the cursor of the plots.

    Signals:
        lineChosen: Line of the recording that the chosen row is about, a float.
        zoomRequested: (line, line) to bring into view: Enter or a double click.
        exportRequested: Write all rows of this analysis, by name.
    """

    lineChosen = Signal(float)
    zoomRequested = Signal(float, float)
    exportRequested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: AnalysisRecord | None = None
        self._analysis_name = ""
        self.model = ResultTable(self)
        self.title, self.sentence = ElidedLabel("", "strong"), label("", "field")
        self.flagged = QCheckBox("Flagged only")
        self.flagged.setToolTip("Show only the rows that are not to be trusted, with the reason")
        self.copy = push_button("Copy", "Copy the selected rows, or all (Ctrl+C)", "quiet")
        self.export = push_button("Export CSV…", "Write the rows of all ROIs to a file", "quiet")
        self.table = self._made_table(theme)
        self._lay_out()
        self.flagged.toggled.connect(self._filter)
        self.copy.clicked.connect(self.copy_rows)
        self.export.clicked.connect(lambda: self.exportRequested.emit(self._analysis_name))
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
        table.installEventFilter(self)
        return table

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for one in (self.flagged, self.copy, self.export):
            head.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignTop)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """The rows of the selected analysis on the selected channel and ROI."""
        name = scene.selection.analysis_name or next(iter(analyses()), "")
        shown = scene.shown_record(name)
        record = shown.record if shown is not None and shown.record.has_result else None
        if scene.loading and record is not None:
            return  # its table may still be on disk; a job reads it
        if record is self._record and name == self._analysis_name and record is not None:
            return
        self._record, self._analysis_name = record, name
        fault = ""
        try:
            self._fill(record, scene)
        except SidecarError as error:
            self._fill(None, scene)
            fault = str(error)
        self._say(scene, fault)

    def _fill(self, record: AnalysisRecord | None, scene: Scene) -> None:
        analysis = analyses().get(record.key.analysis_name) if record is not None else None
        if record is None or analysis is None:
            self.model.show_rows((), np.empty(0), {})
            return
        columns = shown_columns(record, analysis, ran_calibration(record, scene.calibration))
        self.model.show_rows(columns, lines_of(record), dict(FLAG_WORDS))
        metrics = self.table.fontMetrics()
        for place, column in enumerate(columns):
            widest = max([*column.heading.split("\n"), "00000.000"], key=len)
            room = 120 if column.name == "flag" else 24
            self.table.setColumnWidth(place, metrics.horizontalAdvance(widest) + room)

    def _say(self, scene: Scene, fault: str) -> None:
        count, flagged = self.model.counts
        title = analyses()[self._analysis_name].title if self._analysis_name in analyses() else ""
        roi = f", ROI {scene.roi.label}" if scene.roi is not None else ""
        words = f" · {number(count, 0)} rows" + (f", {number(flagged, 0)} flagged" * (flagged > 0))
        self.title.setText(f"{title}{roi}{words if count else ''}")
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
            return f"{title} has no rows"
        return f"No result of {title} here yet: run it in the Analysis panel"

    # --- gestures ----------------------------------------------------------------------------

    @Slot(bool)
    def _filter(self, only: bool) -> None:
        self.model.set_flagged_only(only)

    @Slot(QModelIndex, QModelIndex)
    def _follow(self, now: QModelIndex, before: QModelIndex) -> None:
        line = self.model.line_of(now.row()) if now.isValid() else None
        if line is not None:
            self.lineChosen.emit(line)

    def zoom_to(self, row: int) -> None:
        """Bring the stretch around a row into view."""
        line = self.model.line_of(row)
        if line is not None:
            half = max(_AROUND * self.model.spacing, 1.0)
            self.lineChosen.emit(line)
            self.zoomRequested.emit(line - half, line + half)

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
