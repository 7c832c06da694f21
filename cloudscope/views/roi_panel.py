"""The regions of the recording on screen: a table, and the numbers of the selected one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from acqcore.model.roi import ImageBounds
from cloudscope.item_models.roi_table import ResultMark, RoiColumn, RoiTable
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.labels import label, tool_button
from cloudscope.views.roi_editor import RoiEditor

_ROW, _HEADER = 24, 27
_HEADER_PADDING = 14
_FEWEST_ROWS, _MOST_ROWS = 3, 6
_NAME = 72
_BY_IMPORTANCE = (
    RoiColumn.TIME, RoiColumn.DISTANCE, RoiColumn.RESULTS, RoiColumn.LINES, RoiColumn.PIXELS
)  # fmt: skip


class RoiPanel(QWidget):
    """Selects, edits, adds and deletes ROIs, by asking for it.

    Signals:
        roiEdited: A `RectROI` or `LineROI` with other numbers, name or note.
        roiSelected: The number of the ROI in the row that was chosen.
        roiDeleteRequested: The number of the selected ROI.
        drawRequested, lineRequested: The user wants to draw a rectangle, or a line.
        fullRequested: The user wants a ROI over the whole image.
    """

    roiEdited = Signal(object)
    roiSelected = Signal(int)
    roiDeleteRequested = Signal(int)
    drawRequested = Signal()
    lineRequested = Signal()
    fullRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = Scene()
        self._following = False
        self._model = RoiTable(theme, self)
        self._table = self._make_table()
        self._no_rois = label("", "field")
        self._no_rois.setWordWrap(True)
        self._no_rois.setContentsMargins(10, 10, 10, 0)
        self._editor = RoiEditor(theme)
        self._count = label("", "small")
        self._lay_out()
        theme.changed.connect(self._fit_columns)
        self._model.roiEdited.connect(self._report)
        self._editor.roiEdited.connect(self._report)
        self.show_scene(self._scene)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Follow the scene; selecting in the table is not echoed back."""
        self._scene = scene
        self._following = True
        self._model.show(scene.rois, scene.calibration, _results(scene))
        row = self._model.row_of(scene.selection.roi_id)
        if row < 0:
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        elif row != self._table.currentIndex().row():
            self._table.selectRow(row)
        self._following = False
        self._fit_columns()
        self._editor.show_roi(scene.roi, max(row, 0), _bounds(scene), scene.calibration)
        self._show_frame()

    @Slot()
    def commit(self) -> None:
        """Finish a field that is being typed in."""
        self._editor.commit()

    # --- construction ------------------------------------------------------------------------

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._model)
        table.setAccessibleName("ROIs")
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self._theme.px(_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        table.setIconSize(QSize(12, 12))
        header.setMinimumSectionSize(36)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(RoiColumn.NAME, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentRowChanged.connect(self._select)
        return table

    def _lay_out(self) -> None:
        self._top = QStackedWidget()
        self._top.addWidget(self._no_rois)
        self._top.addWidget(self._table)
        self._tools = QWidget()
        self._fill_tools()
        below = QVBoxLayout()
        below.setContentsMargins(10, 6, 10, 10)
        below.setSpacing(8)
        below.addWidget(self._tools)
        below.addWidget(self._editor)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addLayout(below)

    def _fill_tools(self) -> None:
        draw = tool_button(self._theme, "roi-rect", "Draw a rectangle ROI (R)")
        draw.clicked.connect(self.drawRequested)
        line = tool_button(self._theme, "roi-line", "Draw a line ROI (Shift+N)")
        line.clicked.connect(self.lineRequested)
        full = tool_button(self._theme, "fit", "Add a ROI over the whole image")
        full.clicked.connect(self.fullRequested)
        self._delete = tool_button(self._theme, "delete", "Delete the selected ROI (Del)")
        self._delete.clicked.connect(self._ask_delete)
        self._tool_row = row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (draw, line, full, self._delete):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self._count)

    def add_tools(self, actions: Iterable[QAction]) -> None:
        """Commands beside the built-in ones; their buttons follow them."""
        for action in actions:
            button = tool_button(self._theme, "copy", action.toolTip())
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            place = self._tool_row.indexOf(self._delete)
            self._tool_row.insertWidget(place, button)
            before = self._tool_row.itemAt(place - 1)
            if before is not None and (widget := before.widget()) is not None:
                QWidget.setTabOrder(widget, button)

    @Slot()
    def _fit_columns(self) -> None:
        """As narrow as titles and numbers allow: the name needs the rest.

        Lines and pixels stand beside the units where there is room for both.
        """
        metrics = QFontMetrics(self._theme.font("small"))
        bar = self._table.verticalScrollBar().sizeHint().width()
        room = self.width() - self._theme.px(_NAME) - bar * (len(self._scene.rois) > _MOST_ROWS)
        steps = self._scene.calibration
        known = {RoiColumn.LINES: steps.time_known, RoiColumn.PIXELS: steps.distance_known}
        for column in _BY_IMPORTANCE:
            title = self._model.headerData(column, Qt.Orientation.Horizontal)
            needed = metrics.horizontalAdvance(title) + _HEADER_PADDING
            width = max(needed, self._table.sizeHintForColumn(column))
            room -= width if known.get(column, True) else 0
            self._table.setColumnHidden(column, column in known and (room < 0 or not known[column]))
            self._table.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wider, the table says more."""
        super().resizeEvent(event)
        self._fit_columns()

    def _show_frame(self) -> None:
        """Table or sentence, tools that make sense, and the count."""
        scene = self._scene
        number = len(scene.rois)
        self._top.setCurrentIndex(1 if number else 0)
        rows = min(max(number, _FEWEST_ROWS), _MOST_ROWS) * _ROW + _HEADER
        self._top.setFixedHeight(self._theme.px(rows if number else 46))
        self._no_rois.setText(
            "Draw a ROI on the image, or add one over all of it"
            if scene.header is not None
            else "Select a recording to see its ROIs"
        )
        self._tools.setVisible(scene.header is not None)
        self._delete.setEnabled(scene.roi is not None)
        self._count.setText("" if not number else "1 ROI" if number == 1 else f"{number} ROIs")

    # --- gestures ----------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _select(self, index: QModelIndex, _previous: QModelIndex) -> None:
        roi = self._model.roi_at(index.row())
        if roi is not None and not self._following and roi.id != self._scene.selection.roi_id:
            self.roiSelected.emit(roi.id)

    @Slot()
    def _ask_delete(self) -> None:
        if self._scene.roi is not None:
            self.roiDeleteRequested.emit(self._scene.roi.id)

    @Slot(object)
    def _report(self, roi: object) -> None:
        self.roiEdited.emit(roi)


def _bounds(scene: Scene) -> ImageBounds:
    header = scene.header
    if header is None:
        return ImageBounds(1, 1)
    return ImageBounds(max(header.size("X"), 1), max(header.size("Y"), 1))


def _results(scene: Scene) -> Mapping[int, tuple[ResultMark, ...]]:
    """Finished analyses per ROI; one mark per analysis, however many channels it ran on."""
    found: dict[int, dict[str, ResultMark]] = {}
    for shown in scene.records:
        key = shown.record.key
        if shown.record.has_result:
            of_roi = found.setdefault(key.roi_id, {})
            before = of_roi.get(key.analysis_name)
            stale = shown.stale or (before.stale if before else "")
            of_roi[key.analysis_name] = ResultMark(shown.title, stale)
    return {roi_id: tuple(marks.values()) for roi_id, marks in found.items()}
