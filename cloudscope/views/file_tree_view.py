"""The Files panel: a filter above the tree of recordings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import (
    ANALYSIS_NAME,
    ANALYSIS_ROW,
    CHANNEL,
    ROI_ID,
    TREE_ROW_ID,
    TREE_ROW_TYPE,
)
from cloudscope.item_models.file_tree import FileTreeModel
from cloudscope.theme import Theme
from cloudscope.views.labels import label
from cloudscope.views.recording_tree import SELECT_ROWS, RecordingTree
from cloudscope.views.tree_columns import TreeColumns
from cloudscope.views.tree_filter import FilterField, StateFilter
from cloudscope.views.tree_text import tree_text


class FileTreePanel(QWidget):
    """Shows `model`, which the window fills, and says where the user went.

    File ids travel as Python objects: Qt's own strings lose bytes that are not UTF-8.
    """

    recordingChosen = Signal(object, object)  # file id; AnalysisKey or None for the recording
    reviewCycled = Signal(object)  # file id
    reviewsCycled = Signal(object)  # file ids of several selected recordings, the current first
    selectionEdited = Signal()  # other recordings are selected; `selected_file_ids` tells which
    filterEdited = Signal(str)
    contextMenuRequested = Signal(QPoint, object)  # on the screen; file id, empty beside the rows

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chosen: tuple[str, str | None] = ("", None)
        self._expanded: set[str] = set()
        self._folded: set[str] = set()  # by hand: they stay so when a result arrives
        self.model = FileTreeModel(self)
        self.filter, self.states = FilterField(theme), StateFilter(theme)
        self.tree = RecordingTree(theme, self)
        self.tree.setAccessibleName("Recordings")
        self._sentence = QLabel()
        self._sentence.setProperty("role", "field")
        self._sentence.setWordWrap(True)
        self._sentence.setContentsMargins(10, 10, 10, 6)
        self._note = label("", "small")
        self._note.setContentsMargins(10, 4, 10, 4)
        self._note.hide()
        self._lay_out()
        self._connect_model()
        self.columns = TreeColumns(theme, self.tree, self.model)
        self._connect_tree()
        self._show_what_there_is()

    def _lay_out(self) -> None:
        self._around = QHBoxLayout()
        self._around.setSpacing(4)
        self._around.addWidget(self.filter, 1)
        self._around.addWidget(self.states)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._around)
        column.addWidget(self._sentence)
        column.addWidget(self.tree, 1)
        column.addWidget(self._note)
        column.addStretch(0)

    def _connect_model(self) -> None:
        model = self.model
        self.tree.setModel(model)
        self.tree.selectionModel().selectionChanged.connect(self.selectionEdited)
        # After the tree, so that it knows of a change when these select and unfold in it.
        model.rowsInserted.connect(self._welcome)
        model.rowsRemoved.connect(self._restore)
        for changed in (
            model.rowsInserted,
            model.rowsRemoved,
            model.layoutChanged,
            model.modelReset,
        ):
            changed.connect(self._show_what_there_is)

    def _connect_tree(self) -> None:
        self.filter.textChanged.connect(self._filter)
        self.filter.rowsRequested.connect(self._go_to_rows)
        self.filter.left.connect(self.tree.setFocus)
        self.states.statesChosen.connect(self._filter_states)
        self.tree.rowChosen.connect(self._choose)
        self.tree.reviewAsked.connect(self._cycle_review)
        self.tree.expanded.connect(self._note_expanded)
        self.tree.collapsed.connect(self._note_collapsed)
        self.tree.menuAsked.connect(self._ask_for_menu)
        self._theme.changed.connect(self.tree.scheduleDelayedItemsLayout)

    # --- what the window asks for ---------------------------------------------------------

    def select(self, file_id: str, analysis_row_id: str | None = None) -> None:
        """Show what is selected elsewhere; not reported back.

        A recording that the filter hides is selected once it is shown again. A result that
        is not in the tree selects its recording.
        """
        self._chosen = (file_id, analysis_row_id)
        self.tree.go_to(self._chosen_index())

    def set_count(self, count: int) -> None:
        """Say how many recordings there are to filter."""
        self.filter.setPlaceholderText(f"Filter {count} recording{'s' * (count != 1)}")

    def selected_file_ids(self) -> list[str]:
        """Recordings with a selected row, in the order on screen."""
        return self.model.file_ids_at(_places(self.tree.selectionModel().selection()))

    @Slot(object)
    def select_many(self, file_ids: Collection[str]) -> None:
        """Select these beside the current row; not reported as a choice."""
        places = sorted(self.model.index_of(one).row() for one in file_ids)
        rows = QItemSelection()
        for first, last in _runs([place for place in places if place >= 0]):
            rows.select(self.model.index(first, 0), self.model.index(last, 0))
        with self.tree.quietly():
            self.tree.selectionModel().select(rows, SELECT_ROWS)

    def set_note(self, text: str) -> None:
        """A line under the rows, such as that the folder is watched; empty for none."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def unfolded_file_ids(self) -> list[str]:
        """Recordings whose results are on screen, or would be if the filter let them."""
        return sorted(self._expanded)

    def unfold(self, file_ids: Collection[str]) -> None:
        """Unfold these, those that are not there yet once they come."""
        self._expanded.update(file_ids)
        self._restore()

    def table_text(self) -> str:
        """Rows and columns on screen, as lines of cells between tabs; names are whole."""
        return tree_text(self.tree)

    @Slot()
    def expand_all(self) -> None:
        """Unfold every recording that is shown."""
        self._expanded.update(self.model.visible_file_ids())
        self._folded.clear()
        self.tree.expandAll()

    @Slot()
    def collapse_all(self) -> None:
        """Fold every recording that is shown."""
        self._expanded.difference_update(self.model.visible_file_ids())
        self.tree.collapseAll()

    @Slot()
    def focus_filter(self) -> None:
        """Put the keyboard into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    # --- what the user does -----------------------------------------------------------------

    @Slot(object)
    def _choose(self, index: QModelIndex) -> None:
        row, file_id = self.model.row_of(index), self.model.file_id_of(index)
        self._chosen = (file_id, None)
        if self.model.is_unreadable(index):
            return
        key = None
        if row[TREE_ROW_TYPE] == ANALYSIS_ROW:
            key = AnalysisKey(row[ANALYSIS_NAME], row[CHANNEL], row[ROI_ID])
            self._chosen = (file_id, row[TREE_ROW_ID])
        self.recordingChosen.emit(file_id, key)

    @Slot(object)
    def _cycle_review(self, index: QModelIndex) -> None:
        """A click means its row; the key means all that are selected, the current one first."""
        file_id = self.model.file_id_of(index)
        chosen = self.selected_file_ids()
        if self.tree.asked_by_key and file_id in chosen and len(chosen) > 1:
            chosen.remove(file_id)
            self.reviewsCycled.emit([file_id, *chosen])
        else:
            self.reviewCycled.emit(file_id)

    @Slot(str)
    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._show_chosen()
        self.filterEdited.emit(text)

    @Slot(object)
    def _filter_states(self, states: frozenset[str]) -> None:
        self.model.set_states(states)
        self._show_chosen()
        self._show_what_there_is()

    def _show_chosen(self) -> None:
        self._restore()
        self.tree.scrollTo(self._chosen_index())

    @Slot(QPoint, object)
    def _ask_for_menu(self, where: QPoint, index: QModelIndex) -> None:
        self.contextMenuRequested.emit(where, self.model.file_id_of(index))

    @Slot()
    def _go_to_rows(self) -> None:
        self.tree.setFocus()
        if not self._chosen_index().isValid() and self.model.rowCount():
            self.tree.setCurrentIndex(QModelIndex())
            self.tree.setCurrentIndex(self.model.index(0, 0))

    # --- what stays when rows change ----------------------------------------------------------

    def _chosen_index(self) -> QModelIndex:
        file_id, row_id = self._chosen
        # A recording that was folded by hand stays so: it stands for its results.
        index = self.model.index_of(file_id, None if file_id in self._folded else row_id)
        return index if index.isValid() else self.model.index_of(file_id)

    @Slot()
    def _restore(self) -> None:
        """Qt forgets rows that were hidden; select and unfold them when they are back."""
        for file_id in tuple(self._expanded):
            self.tree.setExpanded(self.model.index_of(file_id), True)
        chosen = self._chosen_index()
        if chosen.isValid() and chosen != self.tree.currentIndex().siblingAtColumn(0):
            self.tree.go_to(chosen)

    @Slot(QModelIndex, int, int)
    def _welcome(self, parent: QModelIndex, first: int, last: int) -> None:
        """A result that has just come is shown, unless the user folded its recording."""
        if not parent.isValid():
            self._restore()
        elif self.model.file_id_of(parent) not in self._folded:
            self.tree.expand(parent)

    @Slot(QModelIndex)
    def _note_expanded(self, index: QModelIndex) -> None:
        self._expanded.add(self.model.file_id_of(index))
        self._folded.discard(self.model.file_id_of(index))

    @Slot(QModelIndex)
    def _note_collapsed(self, index: QModelIndex) -> None:
        self._expanded.discard(self.model.file_id_of(index))
        self._folded.add(self.model.file_id_of(index))

    @Slot()
    def _show_what_there_is(self) -> None:
        """Rows, or one sentence about why there are none."""
        empty, rows = self.model.is_empty, self.model.rowCount()
        self.filter.setHidden(empty)
        self.states.setHidden(empty)
        self._around.setContentsMargins(*((0, 0, 0, 0) if empty else (8, 6, 8, 6)))
        self.tree.setHidden(rows == 0)
        self._sentence.setHidden(rows > 0)
        self._sentence.setText("No folder open" if empty else self._why_none())
        self.set_count(self.model.count)

    def _why_none(self) -> str:
        sought, states = " ".join(self.filter.text().split()), self.states.words()
        what = f"No recording is {states}" if states else "No recording"
        if sought:
            return f"{what} and matches “{sought}”" if states else f"{what} matches “{sought}”"
        return what


def _places(chosen: QItemSelection) -> list[int]:
    """Rows of recordings, in order: block by block, thousands of them are quick to tell."""
    places: set[int] = set()
    for block in (chosen.at(at) for at in range(chosen.count())):
        above = block.parent()
        one = range(above.row(), above.row() + 1)
        places.update(one if above.isValid() else range(block.top(), block.bottom() + 1))
    return sorted(places)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of whole numbers that follow one another."""
    for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        run = [place for _, place in group]
        yield run[0], run[-1]
