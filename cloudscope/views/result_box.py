"""What the last run of the selected analysis gave."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cloudscope.views.labels import ElidedLabel, label, rule
from cloudscope.views.result_numbers import Row


class ResultBox(QWidget):
    """A rule, the moment of the run, its numbers and a note about them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = ElidedLabel("", "section")
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self._cells: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(rule())
        column.addWidget(self._head)
        column.addLayout(self._grid)
        column.addWidget(self._note)

    def show_result(self, moment: str, rows: Sequence[Row], note: str) -> None:
        """`moment` may be empty; the note is a sentence about the numbers or empty."""
        self._head.setText(f"Last run · {moment}" if moment else "Last run")
        for old in self._cells:
            self._grid.removeWidget(old)
            old.hide()  # it may be painted once more before it goes
            old.deleteLater()
        self._cells.clear()
        for line, (name, value) in enumerate(rows):
            shown = label(value)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            # Names give way to numbers: the dock must not become wider with a long one.
            title = ElidedLabel(name, "field")
            self._grid.addWidget(title, line, 0)
            self._grid.addWidget(shown, line, 1, Qt.AlignmentFlag.AlignRight)
            self._cells += (title, shown)
        self._note.setText(note)
        self._note.setVisible(bool(note))
