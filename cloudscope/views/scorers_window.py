"""Two scorers compared: how far they agree, where they do not, and the way there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acqcore.agreement import CATEGORIES, LEAST_OVERLAP
from acqcore.scorers import Comparison
from acqcore.scoring import ScoredPlace
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, indent_number, label, push_button, rule
from cloudscope.views.pair_table import PairTable
from cloudscope.views.pool_fields import check, combo, table_view
from cloudscope.views.scorers_words import (
    WORDS,
    Headline,
    event_cells,
    headlines,
    pair_rows,
    report,
    scorer_names,
    summary_sentence,
    time_cells,
)

_TIME, _EVENTS = "time", "events"
_ROW = 24
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Card(QWidget):
    """One number, large, with what stands behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.value = label("", "section"), label("", "title")
        self.detail = label("", "small")
        self.detail.setWordWrap(True)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for one in (self.title, self.value, self.detail):
            column.addWidget(one)
        column.addStretch(1)

    def say(self, headline: Headline) -> None:
        """Show a number."""
        self.title.setText(headline.title)
        self.value.setText(headline.value)
        self.detail.setText(headline.detail)
        self.setToolTip(headline.help)
        self.setAccessibleName(f"{headline.title}: {headline.value}")


class ScorersWindow(QDialog):
    """Stays beside the main window, which shows what is chosen in the list.

    Signals:
        pairChosen: `PairRow` to go to.
        overlapEdited: Share of the time that the same event has in common, 0..1.
        exportRequested: Write all events.
        closed: The window went away.
    """

    pairChosen = Signal(object)
    overlapEdited = Signal(float)
    exportRequested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Compare Scorers")
        self.setObjectName("scorers")
        self._theme = theme
        self.comparison: Comparison | None = None
        self._following = False
        self._name: Callable[[ScoredPlace], str] = lambda place: place.recording
        self.title, self.summary = ElidedLabel("", "strong"), ElidedLabel("", "small")
        self.cards = tuple(_Card() for _ in range(3))
        self.counted = combo("Table", "Choose what the table counts")
        for words, value in (("Time", _TIME), ("Events", _EVENTS)):
            self.counted.addItem(words, value)
        self.table = self._made_table()
        self.rows = PairTable(theme, self)
        self.list = table_view(theme, self.rows, "Events of both scorers")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.every = check("Also where they agree", "List the events of both, too")
        self.listed = label("", "section")
        self._make_foot()
        self._lay_out()
        self._connect()
        self.list.setFocus()
        self.resize(theme.px(760), theme.px(680))

    def _made_table(self) -> QTableWidget:
        table = QTableWidget(len(CATEGORIES), len(CATEGORIES) + 1)
        table.setProperty("kind", "framed")
        table.setAccessibleName("Table of agreement")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setShowGrid(False)
        table.setCornerButtonEnabled(False)
        table.setHorizontalHeaderLabels(["", *(WORDS[one] for one in CATEGORIES)])
        across, down = table.horizontalHeader(), table.verticalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        across.setDefaultAlignment(_RIGHT)
        across.setSectionsClickable(False)
        across.setHighlightSections(False)
        down.hide()
        down.setDefaultSectionSize(self._theme.px(_ROW))
        for row, one in enumerate(CATEGORIES):
            table.setItem(row, 0, QTableWidgetItem(WORDS[one]))
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setFixedHeight(self._theme.px(_ROW) * (len(CATEGORIES) + 1) + 6)
        return table

    def _make_foot(self) -> None:
        self.overlap = QSpinBox()
        self.overlap.setRange(1, 100)
        self.overlap.setSuffix(" %")
        self.overlap.setValue(round(100 * LEAST_OVERLAP))
        self.overlap.setKeyboardTracking(False)
        self.overlap.setAccessibleName("Least overlap")
        self.overlap.setToolTip(
            "Set how much of the time that two events cover together they must share"
        )
        indent_number(self.overlap)
        self.message = ElidedLabel("", "small")
        self.copy_button = push_button("Copy", "Copy all numbers for a spreadsheet (Ctrl+C)")
        self.export_button = push_button("Export CSV…", "Write all events into a file (Ctrl+E)")
        self.close_button = push_button("Close", "Close the comparison (Esc)")

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(20)
        for card in self.cards:
            cards.addWidget(card, 1)
        self._axis: QLabel = label("", "small")
        above = QHBoxLayout()
        above.addWidget(label("Who marked what", "section"))
        above.addSpacing(8)
        above.addWidget(self._axis, 1)
        above.addWidget(self.counted)
        over_list = QHBoxLayout()
        over_list.addWidget(self.listed, 1)
        over_list.addWidget(self.every)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 14, 16, 12)
        inner.setSpacing(8)
        inner.addWidget(self.title)
        inner.addWidget(self.summary)
        inner.addLayout(cards)
        inner.addSpacing(4)
        inner.addLayout(above)
        inner.addWidget(self.table)
        inner.addSpacing(4)
        inner.addLayout(over_list)
        inner.addWidget(self.list, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner, 1)
        column.addWidget(rule())
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 10, 16, 10)
        foot.setSpacing(8)
        foot.addWidget(label("Same event from", "field"))
        foot.addWidget(self.overlap)
        foot.addWidget(label("overlap", "field"))
        foot.addSpacing(8)
        foot.addWidget(self.message, 1)
        for button in (self.copy_button, self.export_button, self.close_button):
            foot.addWidget(button)
        return foot

    def _connect(self) -> None:
        self.counted.currentIndexChanged.connect(self._show_table)
        self.every.toggled.connect(self._show_list)
        self.list.selectionModel().currentRowChanged.connect(self._choose)
        self.list.clicked.connect(lambda index: self._choose(index, index))
        self.overlap.valueChanged.connect(lambda share: self.overlapEdited.emit(share / 100))
        self.copy_button.clicked.connect(self.copy)
        self.export_button.clicked.connect(self.exportRequested)
        self.close_button.clicked.connect(self.close)
        for keys, slot in (("Ctrl+C", self.copy), ("Ctrl+E", self.export_button.click)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        self.finished.connect(self.closed)

    # --- what is shown -----------------------------------------------------------------------

    @property
    def least_overlap(self) -> float:
        """As chosen, 0..1."""
        return self.overlap.value() / 100

    def show_comparison(self, found: Comparison, name: Callable[[ScoredPlace], str]) -> None:
        """Show two scorings; what is chosen in the list stays chosen."""
        self.comparison, self._name = found, name
        first, second = scorer_names(found)
        self.title.setText(f"{first} and {second}")
        self.summary.setText(summary_sentence(found))
        for card, headline in zip(self.cards, headlines(found), strict=True):
            card.say(headline)
        self._show_table()
        self._show_list()

    def say(self, sentence: str) -> None:
        """One sentence beside the buttons."""
        self.message.setText(sentence)

    @Slot()
    def copy(self) -> None:
        """All numbers as text with tabs."""
        if self.comparison is not None:
            QGuiApplication.clipboard().setText(report(self.comparison, self._name))
            self.say("Copied")

    @Slot()
    def _show_table(self) -> None:
        found = self.comparison
        if found is None:
            return
        first, second = scorer_names(found)
        timed = self.counted.currentData() == _TIME
        unit = f" in {'seconds' if found.unit == 's' else 'lines'}" if timed else ""
        self._axis.setText(f"rows {first}, columns {second}{unit}")
        cells = time_cells(found) if timed else event_cells(found)
        for row, texts in enumerate(cells):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_RIGHT)
                font = item.font()
                font.setBold(row == column)  # here they agree
                item.setFont(font)
                self.table.setItem(row, column + 1, item)

    @Slot()
    def _show_list(self) -> None:
        found = self.comparison
        if found is None:
            return
        every = pair_rows(found, self._name)
        differing = [row for row in every if not row.agrees]
        rows = every if self.every.isChecked() else differing
        chosen = self.rows.row(self.list.currentIndex().row())
        unit = "s" if found.unit == "s" else "lines"
        self._following = True
        self.rows.show_rows(rows, unit, scorer_names(found))
        keys = [(row.place.file_id, row.place.roi_id, row.lines) for row in rows]
        key = (chosen.place.file_id, chosen.place.roi_id, chosen.lines) if chosen else None
        if key in keys:
            self.list.selectRow(keys.index(key))
        self._following = False
        self.listed.setText(f"Where they differ: {len(differing)} of {len(every)} events")
        self._fit_columns()

    def _fit_columns(self) -> None:
        metrics, room = self.list.fontMetrics(), self._theme.px(22)
        for column in range(self.rows.columnCount()):
            title = str(self.rows.headerData(column, Qt.Orientation.Horizontal))
            texts = [title, "Transient" if column > 3 else ""]
            texts += [
                str(self.rows.index(row, column).data())
                for row in range(min(self.rows.rowCount(), 50))
            ]
            width = max(metrics.horizontalAdvance(text) for text in texts) + room
            self.list.setColumnWidth(column, min(width, self._theme.px(300)))
        self.list.horizontalHeader().setStretchLastSection(True)

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = self.rows.row(index.row()) if index.isValid() else None
        if row is not None and not self._following:
            self.pairChosen.emit(row)
