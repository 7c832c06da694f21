"""A tree as a table of text, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QTreeView

from cloudscope.item_models.file_tree_cells import WHOLE_ROLE

_WORDS = Qt.ItemDataRole.AccessibleTextRole
_SHOWN = Qt.ItemDataRole.DisplayRole


def tree_text(tree: QTreeView) -> str:
    """Headings and one line per row on screen, unfolded ones included; cells between tabs."""
    header, model = tree.header(), tree.model()
    order = [header.logicalIndex(place) for place in range(header.count())]
    columns = [column for column in order if not header.isSectionHidden(column)]
    words = [model.headerData(one, Qt.Orientation.Horizontal, _WORDS) for one in columns]
    lines = [words, *([_cell(row, column) for column in columns] for row in _rows(tree))]
    return "\n".join("\t".join(map(_plain, line)) for line in lines) + "\n"


def _rows(tree: QTreeView) -> Iterator[QModelIndex]:
    model = tree.model()
    for place in range(model.rowCount()):
        row = model.index(place, 0)
        yield row
        if tree.isExpanded(row):
            yield from (model.index(below, 0, row) for below in range(model.rowCount(row)))


def _cell(row: QModelIndex, column: int) -> str:
    """The whole text where the screen leaves a part off, words where it shows a sign."""
    cell = row.siblingAtColumn(column)
    return str(cell.data(WHOLE_ROLE) or cell.data(_SHOWN) or "")


def _plain(text: str) -> str:
    """In one cell: a tab or a line end would begin another one."""
    return " ".join(str(text).split())
