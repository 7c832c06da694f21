"""Experiment metadata of many recordings as a grid of drafts, until they are applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from acqcore.model.metadata import ExperimentMetadata, experiment_schema
from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.theme import Theme

Index = QModelIndex | QPersistentModelIndex

FIELDS = experiment_schema().fields
NAMES = tuple(field.name for field in FIELDS)

_ROOT = QModelIndex()
_EDITABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recording and what is known of it."""

    file_id: str
    name: str
    experiment: ExperimentMetadata


class MetadataGrid(QAbstractTableModel):
    """Column 0 is the name; the others are the fields of the form, in its order.

    Signals:
        draftsEdited: Some cell differs from before.
    """

    draftsEdited = Signal()

    def __init__(self, theme: Theme, rows: Sequence[GridRow]) -> None:
        super().__init__()
        self._theme, self._rows = theme, tuple(rows)
        self._drafts: dict[tuple[int, str], str] = {}

    # --- what is asked -----------------------------------------------------------------------

    def patches(self) -> dict[str, dict[str, Any]]:
        """What differs, by file id and field; cells with a fault are left out."""
        found: dict[str, dict[str, Any]] = {}
        for (row, name), text in self._drafts.items():
            if not fault(name, text):
                found.setdefault(self._rows[row].file_id, {})[name] = value_of(name, text)
        return found

    @property
    def changed_count(self) -> int:
        """Cells that differ from what is stored."""
        return len(self._drafts)

    @property
    def first_fault(self) -> str:
        """What is wrong with a cell, with the name of its recording; empty when all is well."""
        for (row, name), text in self._drafts.items():
            why = fault(name, text)
            if why:
                return f"{self._rows[row].name}: {why}"
        return ""

    @property
    def names(self) -> list[str]:
        """Names of the recordings, in order."""
        return [row.name for row in self._rows]

    # --- edits -------------------------------------------------------------------------------

    def put(self, cells: Mapping[tuple[int, int], str]) -> None:
        """Texts by row and column; what lies outside the grid or in the names is left out."""
        for (row, column), text in cells.items():
            if 0 <= row < len(self._rows) and 1 <= column <= len(FIELDS):
                self._put(row, NAMES[column - 1], text.strip())
        self._tell()

    def put_values(self, found: Mapping[int, Mapping[str, str]]) -> None:
        """Texts by row and field."""
        for row, texts in found.items():
            for name, text in texts.items():
                self._put(row, name, text)
        self._tell()

    def drop(self) -> None:
        """Forget every draft."""
        self._drafts.clear()
        self._tell()

    def _put(self, row: int, name: str, text: str) -> None:
        if text == self._stored(row, name):
            self._drafts.pop((row, name), None)
        else:
            self._drafts[row, name] = text

    def _tell(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 1), self.index(len(self._rows) - 1, len(FIELDS)))
        self.draftsEdited.emit()

    def text(self, row: int, column: int) -> str:
        """What a cell shows."""
        if column == 0:
            return self._rows[row].name
        name = NAMES[column - 1]
        return self._drafts.get((row, name), self._stored(row, name))

    def _stored(self, row: int, name: str) -> str:
        stored = self._rows[row].experiment.values()[name]
        return "" if stored is None else str(stored)

    # --- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Recordings."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """The name and the fields."""
        return 0 if parent.isValid() else 1 + len(FIELDS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A name is no metadata."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return _EDITABLE if index.column() > 0 else plain

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles with units; the name that a pattern uses in the tip."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= len(FIELDS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Recording" if section == 0 else _title(FIELDS[section - 1])
        if role == Qt.ItemDataRole.ToolTipRole and section > 0:
            return f"{{{NAMES[section - 1]}}} in a pattern"
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text; drafts are bold, those with a fault red with the reason as tip."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.text(row, column)
        draft = self._drafts.get((row, NAMES[column - 1])) if column else None
        if draft is None:
            return None
        why = fault(NAMES[column - 1], draft)
        if role == Qt.ItemDataRole.FontRole:
            return _bold()
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color("err" if why else "accent")
        if role == Qt.ItemDataRole.ToolTipRole:
            return why or f"Was: {self._stored(row, NAMES[column - 1]) or 'empty'}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A typed text."""
        if role != Qt.ItemDataRole.EditRole or index.column() == 0:
            return False
        self.put({(index.row(), index.column()): str(value)})
        return True


def fault(name: str, text: str) -> str:
    """Why a text is no value of that field, or empty."""
    try:
        ExperimentMetadata().patched({name: value_of(name, text)})
    except (TypeError, ValueError) as error:
        kind = FIELDS[NAMES.index(name)].value_type
        numbers = {ValueType.INT: "a whole number", ValueType.FLOAT: "a number"}
        return f"{text} is not {numbers[kind]}" if kind in numbers else str(error)
    return ""


def value_of(name: str, text: str) -> Any:
    """The value that a text stands for; ValueError for what is no number where one belongs."""
    kind = FIELDS[NAMES.index(name)].value_type
    if kind is ValueType.INT:
        return int(text) if text else None
    if kind is ValueType.FLOAT:
        return float(text.replace(",", ".")) if text else None
    return text


def _title(field: FieldSchema) -> str:
    return f"{field.display_name} ({field.unit})" if field.unit else field.display_name


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
