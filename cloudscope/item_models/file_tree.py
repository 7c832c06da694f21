"""The recordings of a folder: filled while it is read, sorted, filtered, updated one by one.

Sort and filter are done here, in one Python list: a proxy model takes seconds for 10,000
files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from acqcore.model.tree_rows import TREE_ROW_ID, file_row
from cloudscope.item_models.file_tree_entry import Entry, Row, RowMarks, search_text, shown_text
from cloudscope.item_models.file_tree_index import NOWHERE, EntryTreeModel

__all__ = ["FileTreeModel", "RowMarks"]

_WITH_HINT = ("QList<QPersistentModelIndex>", "QAbstractItemModel::LayoutChangeHint")
"""The signals' form that takes a hint; PySide emits the one without by default."""


class FileTreeModel(EntryTreeModel):
    """Fed by rows of `get_tree_rows`; read-only towards the view.

    An edit never moves or hides a row; the next sort or filter does.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sort_column, self._sort_order = -1, Qt.SortOrder.AscendingOrder
        self._words: tuple[str, ...] = ()
        self._states: frozenset[str] = frozenset()
        self._ordered: list[Entry] = []  # shown or not, sorted
        self._suffixes: Counter[str] = Counter()
        self._next_number = 1

    # --- what is in it ------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Number of recordings, shown or not; unreadable files are none."""
        return self._suffixes.total()

    @property
    def is_empty(self) -> bool:
        """Whether there is no row at all, not even that of an unreadable file."""
        return not self._entries

    def visible_file_ids(self) -> list[str]:
        """Recordings that pass the filter, in the order on screen."""
        return [entry.file_id for entry in self._shown if not entry.unreadable]

    def file_ids_at(self, places: Iterable[int]) -> list[str]:
        """The recordings among these rows on screen."""
        entries = (self._shown[place] for place in places if place < len(self._shown))
        return [entry.file_id for entry in entries if not entry.unreadable]

    # --- filling ------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget every recording; sort and filter stay."""
        self.beginResetModel()
        for everything in (self._entries, self._by_number, self._ordered, self._shown):
            everything.clear()
        self._suffixes.clear()
        self._suffix = ""
        self.endResetModel()

    def add_file(self, rows: Sequence[Row], marks: RowMarks) -> None:
        """Add one recording: its file row, then one row per analysis."""
        self.add_files([(rows, marks)])

    def add_files(self, files: Iterable[tuple[Sequence[Row], RowMarks]]) -> None:
        """Add a batch in one step; a recording that is there already is updated."""
        fresh: list[Entry] = []
        by_id = {rows[0][TREE_ROW_ID]: (rows, marks) for rows, marks in files}
        for file_id, (rows, marks) in by_id.items():
            if file_id in self._entries:
                self.update_file(file_id, rows, marks)
            else:
                fresh.append(self._register(rows, marks))
        self._append(fresh)

    def add_problem(
        self,
        path: str | Path,
        reason: str,
        shown: Mapping[str, str] | None = None,
        place: int = 0,
    ) -> None:
        """Add a row for a file that could not be opened; its path is its id.

        `shown` has other words for its `name` and `path`; `place` is that of `RowMarks`.
        """
        if str(path) in self._entries:
            self.remove_file(str(path))
        row = file_row(str(path), shown or {"name": Path(path).name, "path": str(path)})
        marks = RowMarks(problem=shown_text(reason), place=place)
        self._append([self._register([row], marks, unreadable=True)])

    def update_file(self, file_id: str, rows: Sequence[Row], marks: RowMarks) -> None:
        """Replace the rows of one recording; KeyError when it is not in the tree."""
        entry = self._entries[file_id]
        self._count_suffix(entry, -1)
        entry.describe(rows[0], marks)
        self._count_suffix(entry, +1)
        self._replace_children(entry, list(rows[1:]))
        self._share_suffix()
        if entry.position >= 0:
            self._announce(entry)
        elif entry.matches(self._words, self._states):
            self._append_rows([entry])
            self._arrange()

    def remove_file(self, file_id: str) -> None:
        """Take one recording out; KeyError when it is not in the tree."""
        entry = self._entries[file_id]
        if entry.position >= 0:
            self.beginRemoveRows(NOWHERE, entry.position, entry.position)
        del self._entries[file_id], self._by_number[entry.number]
        self._ordered.remove(entry)
        if entry.position >= 0:
            del self._shown[entry.position]
            for position in range(entry.position, len(self._shown)):
                self._shown[position].position = position
            self.endRemoveRows()
        self._count_suffix(entry, -1)
        self._share_suffix()

    def _register(self, rows: Sequence[Row], marks: RowMarks, unreadable: bool = False) -> Entry:
        entry = Entry(self._next_number, rows, marks, unreadable)
        self._next_number += 1
        self._count_suffix(entry, +1)
        self._entries[entry.file_id] = self._by_number[entry.number] = entry
        return entry

    def _append(self, fresh: list[Entry]) -> None:
        self._ordered.extend(fresh)
        self._append_rows([entry for entry in fresh if entry.matches(self._words, self._states)])
        self._share_suffix()
        if self._sort_column >= 0 and fresh:
            self._arrange()

    def _append_rows(self, entries: list[Entry]) -> None:
        if not entries:
            return
        first = len(self._shown)
        self.beginInsertRows(NOWHERE, first, first + len(entries) - 1)
        for position, entry in enumerate(entries, first):
            entry.position = position
        self._shown.extend(entries)
        self.endInsertRows()

    def _replace_children(self, entry: Entry, rows: list[Row]) -> None:
        """Remove and insert only the analyses that differ, so that the rest stays selected."""
        wanted = [row[TREE_ROW_ID] for row in rows]
        for at in reversed(range(len(entry.children))):
            if entry.children[at][TREE_ROW_ID] not in wanted:
                self._remove_child(entry, at)
        kept = [child[TREE_ROW_ID] for child in entry.children]
        if kept != [row_id for row_id in wanted if row_id in kept]:
            for at in reversed(range(len(kept))):  # put into another order: rare
                self._remove_child(entry, at)
            kept = []
        for at, row in enumerate(rows):
            if row[TREE_ROW_ID] in kept:
                entry.children[at] = row
            else:
                self._insert_child(entry, at, row)

    def _remove_child(self, entry: Entry, at: int) -> None:
        if entry.position >= 0:
            self.beginRemoveRows(self.index(entry.position, 0), at, at)
        del entry.children[at]
        if entry.position >= 0:
            self.endRemoveRows()

    def _insert_child(self, entry: Entry, at: int, row: Row) -> None:
        if entry.position >= 0:
            self.beginInsertRows(self.index(entry.position, 0), at, at)
        entry.children.insert(at, row)
        if entry.position >= 0:
            self.endInsertRows()

    def _announce(self, entry: Entry) -> None:
        last = len(self.columns) - 1
        file = self.index(entry.position, 0)
        self.dataChanged.emit(file, file.siblingAtColumn(last))
        if entry.children:
            bottom = self.index(len(entry.children) - 1, last, file)
            self.dataChanged.emit(self.index(0, 0, file), bottom)

    def _count_suffix(self, entry: Entry, step: int) -> None:
        if not entry.unreadable:
            self._suffixes[entry.suffix] += step
            self._suffixes = +self._suffixes

    def _share_suffix(self) -> None:
        suffix = next(iter(self._suffixes)) if len(self._suffixes) == 1 else ""
        if suffix != self._suffix:
            self._suffix = suffix
            if self._shown:
                last = self.index(len(self._shown) - 1, 0)
                self.dataChanged.emit(self.index(0, 0), last)

    # --- sort and filter ----------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show the recordings in whose name, parent, condition or genotype every word occurs.

        Case and the encoding of accents do not matter.
        """
        words = tuple(search_text(shown_text(text)).split())
        if words != self._words:
            self._words = words
            self._arrange()

    def set_states(self, states: frozenset[str]) -> None:
        """Show the recordings that are in any of these `STATES`; none of them means all."""
        if states != self._states:
            self._states = states
            self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Natural order of a column, ties as they were; -1 is the order of arrival."""
        self._sort_column, self._sort_order = column, order
        self._arrange()

    def rearrange(self) -> None:
        """Sort and filter again: what is shown of many recordings has changed."""
        self._arrange()

    def _arrange(self) -> None:
        """Sort, filter and tell where every row went, in one step."""
        # Without the hint a header ties its columns to the first row, and loses their widths
        # and order when the filter hides that row.
        hint = QAbstractItemModel.LayoutChangeHint.VerticalSortHint
        self.layoutAboutToBeChanged[_WITH_HINT].emit([], hint)  # type: ignore[index]
        before = self.persistentIndexList()
        for entry in self._shown:
            entry.position = -1
        self._order()
        words, states = self._words, self._states
        self._shown = [entry for entry in self._ordered if entry.matches(words, states)]
        for position, entry in enumerate(self._shown):
            entry.position = position
        self.changePersistentIndexList(before, [self._moved(index) for index in before])
        self.layoutChanged[_WITH_HINT].emit([], hint)  # type: ignore[index]

    def _order(self) -> None:
        if self._sort_column < 0:
            self._ordered.sort(key=lambda entry: (entry.marks.place, entry.number))
            return
        name = self.columns[self._sort_column].name
        descending = self._sort_order == Qt.SortOrder.DescendingOrder
        self._ordered.sort(key=lambda entry: entry.sort_key(name), reverse=descending)

    def _moved(self, index: QModelIndex) -> QModelIndex:
        """Where a row is now; invalid when the filter hides it."""
        entry = self._entry(index)
        if entry is None or entry.position < 0:
            return NOWHERE
        if index.internalId() & 1:
            return index
        return self.createIndex(entry.position, index.column(), index.internalId())
