"""The recordings of a batch: what will become of each, or has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)

from cloudscope.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

RECORDING, ROI, SENTENCE = range(3)


class Mark(Enum):
    """How a recording stands."""

    UNKNOWN = "unknown"
    WILL_RUN = "will run"
    WILL_REPLACE = "will replace"
    SKIPPED = "skipped"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_faint(self) -> bool:
        """Whether nothing happens, or happened, to the recording."""
        return self in (Mark.UNKNOWN, Mark.SKIPPED, Mark.WAITING, Mark.CANCELLED)

    @property
    def is_open(self) -> bool:
        """Whether a batch that is under way has still to end it."""
        return self in (Mark.WAITING, Mark.RUNNING)


_ICONS: Mapping[Mark, tuple[str, str]] = {
    Mark.UNKNOWN: ("minus", "text3"),
    Mark.WILL_RUN: ("run", "text2"),
    Mark.WILL_REPLACE: ("stale", "warn"),
    Mark.SKIPPED: ("minus", "text2"),
    Mark.WAITING: ("minus", "text3"),
    Mark.RUNNING: ("run", "accent"),
    Mark.DONE: ("check", "ok"),
    Mark.FAILED: ("error", "err"),
    Mark.CANCELLED: ("stop", "text2"),
}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One recording: its path, the ROIs, and a sentence without a full stop."""

    path: str
    mark: Mark = Mark.UNKNOWN
    sentence: str = ""
    rois: str = ""


class BatchTable(QAbstractTableModel):
    """Rows in the order of the batch; names are asked for when they are drawn."""

    def __init__(
        self,
        theme: Theme,
        name: Callable[[str], str] = lambda path: Path(path).name,
        mask: Callable[[str], str] = lambda sentence: sentence,
        parent: QObject | None = None,
    ) -> None:
        """`name` gives the name of a path, `mask` a sentence as it may be shown."""
        super().__init__(parent)
        self._theme, self._name, self._mask = theme, name, mask
        self._rows: list[BatchRow] = []
        self._places: dict[str, int] = {}
        self._first_open = 0
        self.counts: Counter[Mark] = Counter()
        self.outcome_title = "What will happen"
        theme.changed.connect(self._repaint)

    @property
    def rows(self) -> Sequence[BatchRow]:
        """All of them, in order."""
        return self._rows

    def show_rows(self, rows: Sequence[BatchRow]) -> None:
        """Begin with these; each path is there once."""
        self.beginResetModel()
        self._rows = list(rows)
        self._places = {row.path: place for place, row in enumerate(rows)}
        self.counts = Counter(row.mark for row in rows)
        self._first_open = 0
        self.endResetModel()

    def put(self, row: BatchRow) -> None:
        """Replace the row of that path; a path that is not there is left out."""
        place = self._places.get(row.path)
        if place is not None:
            self._put_at(place, row)

    def _put_at(self, place: int, row: BatchRow) -> None:
        self.counts[self._rows[place].mark] -= 1
        self.counts[row.mark] += 1
        self._rows[place] = row
        self.dataChanged.emit(self.index(place, 0), self.index(place, SENTENCE))

    def mark_running(self, most: int) -> None:
        """The first ones that have not ended are the ones that workers have taken."""
        rows = self._rows
        while self._first_open < len(rows) and not rows[self._first_open].mark.is_open:
            self._first_open += 1
        place, found = self._first_open, 0
        while place < len(rows) and found < most:
            if rows[place].mark is Mark.WAITING:
                self._put_at(place, replace(rows[place], mark=Mark.RUNNING, sentence="Running"))
            found += rows[place].mark is Mark.RUNNING
            place += 1

    def end_open(self, mark: Mark, sentence: str) -> None:
        """Every row that a batch would still have to end."""
        for place, row in enumerate(self._rows):
            if row.mark.is_open:
                self._put_at(place, replace(row, mark=mark, sentence=sentence))

    def reopen(self, marks: Sequence[Mark]) -> list[str]:
        """Let rows with these marks wait again; gives their paths."""
        self._first_open = 0
        paths = []
        for place, row in enumerate(self._rows):
            if row.mark in marks:
                self._put_at(place, replace(row, mark=Mark.WAITING, sentence="Waiting"))
                paths.append(row.path)
        return paths

    @Slot()
    def _repaint(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, SENTENCE)
            self.dataChanged.emit(self.index(0, 0), last)

    # --- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Recordings."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Name, ROIs and the sentence."""
        return 0 if parent.isValid() else SENTENCE + 1

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], index.column()
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self._text(row, column, full=role == _Role.ToolTipRole)
        if role == _Role.DecorationRole and column == SENTENCE:
            return self._theme.icon(*_ICONS[row.mark])
        if role == _Role.ForegroundRole and row.mark.is_faint:
            return self._theme.color("text2")
        return None

    def _text(self, row: BatchRow, column: int, *, full: bool) -> str:
        if column == RECORDING:
            return self._mask(row.path) if full else self._name(row.path)
        return (row.rois or "–") if column == ROI else self._mask(row.sentence)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return ("Recording", "ROI", self.outcome_title)[section]
        if orientation == Qt.Orientation.Horizontal and role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
