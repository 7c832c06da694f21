"""The file tree as Qt reads it: recordings, and below each its analyses.

Qt sees whole numbers only, `2 * number` for a recording and one more for each of its
analyses, so an index never points at a Python object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)

from acqcore.model.tree_rows import TREE_ROW_ID
from cloudscope.item_models.file_tree_cells import analysis_cell, file_cell, heading, tree_fields
from cloudscope.item_models.file_tree_entry import Entry, Row

Index = QModelIndex | QPersistentModelIndex

NOWHERE = QModelIndex()
_ENABLED = Qt.ItemFlag.ItemIsEnabled
_SELECTABLE = _ENABLED | Qt.ItemFlag.ItemIsSelectable
_FILE = _SELECTABLE | Qt.ItemFlag.ItemIsDragEnabled
_ANALYSIS = _SELECTABLE | Qt.ItemFlag.ItemNeverHasChildren


class EntryTreeModel(QAbstractItemModel):
    """Finds entries by index and index by entry; `FileTreeModel` fills and arranges them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tree_fields()
        self._entries: dict[str, Entry] = {}  # by file id, in the order of arrival
        self._by_number: dict[int, Entry] = {}
        self._shown: list[Entry] = []  # the ones that pass the filter, sorted
        self._suffix = ""  # that all recordings share: left off on screen

    def column_of(self, field_name: str) -> int:
        """Column of a field; ValueError when there is none."""
        return [one.name for one in self.columns].index(field_name)

    def index_of(self, file_id: str, analysis_row_id: str | None = None) -> QModelIndex:
        """First cell of a row; invalid when it is unknown or hidden by the filter."""
        entry = self._entries.get(file_id)
        if entry is None or entry.position < 0:
            return NOWHERE
        index = self.createIndex(entry.position, 0, 2 * entry.number)
        if not analysis_row_id:
            return index
        ids = [child[TREE_ROW_ID] for child in entry.children]
        if analysis_row_id not in ids:
            return NOWHERE
        return self.createIndex(ids.index(analysis_row_id), 0, 2 * entry.number + 1)

    def file_id_of(self, index: Index) -> str:
        """Recording of a row or of the row above it; empty for an invalid index."""
        entry = self._entry(index)
        return entry.file_id if entry else ""

    def row_of(self, index: Index) -> Mapping[str, Any]:
        """The row as it was fed in; empty for an invalid index."""
        entry = self._entry(index)
        if entry is None:
            return {}
        return (_child(entry, index) or {}) if index.internalId() & 1 else entry.row

    def is_unreadable(self, index: Index) -> bool:
        """Whether the row stands for a file that could not be opened."""
        entry = self._entry(index)
        return entry is not None and entry.unreadable

    # --- what Qt asks for ---------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """Cell of a recording, or of an analysis below `parent`."""
        number = parent.internalId()
        if row < 0 or not 0 <= column < len(self.columns):
            return NOWHERE
        if number == 0:
            if row < len(self._shown):
                return self.createIndex(row, column, 2 * self._shown[row].number)
        elif not number & 1:
            entry = self._by_number.get(number >> 1)
            if entry is not None and row < len(entry.children):
                return self.createIndex(row, column, number + 1)
        return NOWHERE

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]
        """The recording of an analysis."""
        number = index.internalId()
        entry = self._by_number.get(number >> 1)
        if not number & 1 or entry is None:
            return NOWHERE
        return self.createIndex(entry.position, 0, number - 1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Recordings that are shown, or analyses of one."""
        number = parent.internalId()
        if number == 0:
            return len(self._shown)
        entry = self._by_number.get(number >> 1)
        if number & 1 or entry is None or parent.column() > 0:
            return 0
        return len(entry.children)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Asked for every row of every layout, so answered in one call."""
        return self.rowCount(parent) > 0

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """The same for recordings and analyses."""
        return len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """An unreadable file can have the focus but cannot be selected."""
        number = index.internalId()
        if number & 1:
            return _ANALYSIS
        entry = self._by_number.get(number >> 1)
        if entry is None:
            return Qt.ItemFlag.NoItemFlags
        if entry.unreadable:
            return _ENABLED
        return _SELECTABLE if entry.marks.blinded else _FILE

    def supportedDragActions(self) -> Qt.DropAction:
        """A file that is dragged out stays where it is."""
        return Qt.DropAction.CopyAction

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Addresses of the dragged recordings, each once, for other programs."""
        ids = dict.fromkeys(self.file_id_of(index) for index in indexes)
        mime = QMimeData()
        mime.setUrls([QUrl(Path(file_id).as_uri()) for file_id in ids if file_id])
        return mime

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Never raises: an exception in here would come back out of every repaint."""
        entry = self._entry(index)
        if entry is None:
            return None
        if index.internalId() & 1:
            child = _child(entry, index)
            return child and analysis_cell(entry, child, index.column(), role)
        return file_cell(entry, self.columns[index.column()], self._suffix, role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Headings of the columns."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            return heading(self.columns[section], role)
        return None

    def _entry(self, index: Index) -> Entry | None:
        return self._by_number.get(index.internalId() >> 1)


def _child(entry: Entry, index: Index) -> Row | None:
    at = index.row()
    return entry.children[at] if 0 <= at < len(entry.children) else None
