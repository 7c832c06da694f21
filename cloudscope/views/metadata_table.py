"""A table of metadata: typed, pasted from a spreadsheet, filled down, or read from names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cloudscope.item_models.metadata_grid import NAMES, GridRow, MetadataGrid
from cloudscope.item_models.name_pattern import PatternError, compiled, values_in
from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button, restyle
from cloudscope.wording import recordings

_HINT = "Paste cells from a spreadsheet (Ctrl+V); Ctrl+D fills the selected cells from the first."


class MetadataTable(QDialog):
    """Drafts until Apply: what will change is bold.

    Signals:
        applied: Patches (dict by field) by file id.
    """

    applied = Signal(object)

    def __init__(
        self, theme: Theme, rows: Sequence[GridRow], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Describe Recordings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.grid = MetadataGrid(theme, rows)
        self.grid.setParent(self)
        self.grid.draftsEdited.connect(self._follow)
        self.table = self._made_table()
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText("{date}_{note}_{condition}")
        self.pattern.setAccessibleName("Pattern of the names")
        self.pattern.setToolTip("Read metadata from names: fields in braces, * skips")
        self.pattern.textChanged.connect(self._preview)
        self.told = label("", "small")
        self.found = label("", "small")
        self.apply = push_button("Apply", "Change the recordings, as one step", "primary")
        self.apply.clicked.connect(self._apply)
        self._cancel = push_button("Cancel", "Change nothing (Esc)")
        self._cancel.clicked.connect(self.reject)
        self._add_keys()
        self._lay_out(len(rows))
        self.resize(theme.px(920), theme.px(460))
        self._follow()
        self.table.setFocus()
        self.table.setCurrentIndex(self.grid.index(0, 1))

    def _made_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.grid)
        table.setAccessibleName("Metadata")
        table.setProperty("kind", "framed")
        table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        table.setAlternatingRowColors(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setHighlightSections(False)
        table.ensurePolished()
        table.resizeColumnsToContents()
        for column in range(1, self.grid.columnCount()):
            table.setColumnWidth(column, max(table.columnWidth(column), 84))
        return table

    def _lay_out(self, count: int) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(label(f"Metadata of {recordings(count)}", "title"))
        line = QGridLayout()
        line.setHorizontalSpacing(8)
        line.setVerticalSpacing(2)
        name = label("From names", "field")
        name.setBuddy(self.pattern)
        line.addWidget(name, 0, 0)
        line.addWidget(self.pattern, 0, 1)
        line.addWidget(self.found, 1, 1)
        column.addLayout(line)
        column.addWidget(self.table, 1)
        column.addWidget(label(_HINT, "small"))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.told, 1)
        foot.addWidget(self._cancel)
        foot.addWidget(self.apply)
        column.addLayout(foot)

    def _add_keys(self) -> None:
        keys = {
            QKeySequence(QKeySequence.StandardKey.Copy): self.copy,
            QKeySequence(QKeySequence.StandardKey.Paste): self.paste,
            QKeySequence("Ctrl+D"): self.fill_down,
            QKeySequence("Del"): self.clear_cells,
        }
        for key, slot in keys.items():
            action = QAction(self.table)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            self.table.addAction(action)

    # --- edits -------------------------------------------------------------------------------

    @Slot()
    def copy(self) -> None:
        """The selected cells, between tabs."""
        rows = [
            "\t".join(self.grid.text(row, column) for column in columns)
            for row, columns in self._selected().items()
        ]
        QGuiApplication.clipboard().setText("\n".join(rows))

    @Slot()
    def paste(self) -> None:
        """Cells from a spreadsheet, from the first selected one on; one cell fills all."""
        lines = QGuiApplication.clipboard().text().removesuffix("\n").splitlines()
        cells = [line.split("\t") for line in lines]
        chosen = self._selected()
        if not cells or not chosen:
            return
        if len(cells) == 1 and len(cells[0]) == 1:
            self._fill({(row, column): cells[0][0] for row in chosen for column in chosen[row]})
            return
        top = next(iter(chosen))
        left = chosen[top][0]
        self._fill(
            {
                (top + down, left + right): text
                for down, line in enumerate(cells)
                for right, text in enumerate(line)
            }
        )

    @Slot()
    def fill_down(self) -> None:
        """Give all selected cells what stands in the first row; alone, a cell fills the rest."""
        chosen = self._selected()
        if not chosen:
            return
        top = next(iter(chosen))
        last = max(chosen) if len(chosen) > 1 else self.grid.rowCount() - 1
        self._fill(
            {
                (row, column): self.grid.text(top, column)
                for row in range(top, last + 1)
                for column in chosen[top]
            }
        )

    @Slot()
    def clear_cells(self) -> None:
        """Empty the selected cells."""
        chosen = self._selected()
        self._fill({(row, column): "" for row in chosen for column in chosen[row]})

    def _fill(self, cells: dict[tuple[int, int], str]) -> None:
        self.grid.put(cells)

    def _selected(self) -> dict[int, list[int]]:
        """Columns of the selected cells by row, both in order."""
        found: dict[int, list[int]] = {}
        for index in sorted(self.table.selectedIndexes(), key=lambda one: one.row()):
            found.setdefault(index.row(), []).append(index.column())
        return {row: sorted(columns) for row, columns in found.items()}

    @Slot(str)
    def _preview(self, text: str) -> None:
        """What the names say stands in the table at once."""
        self.grid.drop()
        self._say_found("", fault=False)
        if not text.strip():
            return
        try:
            pattern = compiled(text.strip(), NAMES)
        except PatternError as error:
            self._say_found(str(error), fault=True)
            return
        names = self.grid.names
        found = {row: values_in(pattern, name) for row, name in enumerate(names)}
        self.grid.put_values(found)
        fitting = sum(bool(texts) for texts in found.values())
        first = next((NAMES.index(name) for texts in found.values() for name in texts), 0)
        self.table.scrollTo(self.grid.index(0, 1 + first))
        self._say_found(f"Fits {fitting} of {len(names)} names", fault=not fitting)

    def _say_found(self, text: str, *, fault: bool) -> None:
        self.found.setText(text)
        self.found.setProperty("role", "errText" if fault else "small")
        restyle(self.found)

    # --- the end -----------------------------------------------------------------------------

    @Slot()
    def _follow(self) -> None:
        count, why = self.grid.changed_count, self.grid.first_fault
        self.apply.setEnabled(count > 0 and not why)
        self.told.setText(
            why or ("1 cell will change" if count == 1 else f"{count} cells will change")
        )
        self.told.setProperty("role", "errText" if why else "small")
        restyle(self.told)

    @Slot()
    def _apply(self) -> None:
        self.applied.emit(self.grid.patches())
        self.accept()
