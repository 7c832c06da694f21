"""All keys on one page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button

ShortcutRow = tuple[str, str, str]
"""Group, what it does, key; a row without key is left out."""

_Group = tuple[str, list[tuple[str, str]]]


class ShortcutsDialog(QDialog):
    """Commands with their keys in two columns, filtered while typing; not modal."""

    def __init__(
        self, theme: Theme, rows: Sequence[ShortcutRow], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._groups = _grouped(rows)
        self.setWindowTitle("Keyboard Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter commands and keys")
        self.filter.setAccessibleName("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(
            theme.icon("search", "text2"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.filter.setProperty("lead", True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close = push_button("Close", "Close this page (Esc)")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.filter)
        column.addWidget(self._scroll, 1)
        column.addLayout(buttons)
        self.filter.textChanged.connect(self._fill)
        self._fill("")
        self.resize(theme.px(760), theme.px(640))

    def _fill(self, wanted: str) -> None:
        """Rebuild the page with what contains the wanted text."""
        page = QWidget()
        page.setObjectName("scrolled")
        halves = QHBoxLayout(page)
        halves.setContentsMargins(0, 4, 8, 0)
        halves.setSpacing(32)
        for groups in _balanced(self._matching(wanted.casefold())):
            halves.addWidget(self._half(groups), 1)
        self._scroll.setWidget(page)

    def _matching(self, wanted: str) -> list[_Group]:
        found: list[_Group] = []
        for group, rows in self._groups:
            kept = [row for row in rows if wanted in f"{group} {row[0]} {row[1]}".casefold()]
            if kept:
                found.append((group, kept))
        return found

    def _half(self, groups: Sequence[_Group]) -> QWidget:
        half = QWidget()
        grid = QGridLayout(half)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        line = 0
        for group, rows in groups:
            caption = label(group, "section")
            caption.setContentsMargins(0, 10 if line else 0, 0, 2)
            grid.addWidget(caption, line, 0, 1, 2)
            for text, key in rows:
                line += 1
                grid.addWidget(label(text), line, 0)
                grid.addWidget(label(key, "key"), line, 1, Qt.AlignmentFlag.AlignRight)
            line += 1
        grid.setRowStretch(line, 1)
        return half


def _grouped(rows: Sequence[ShortcutRow]) -> list[_Group]:
    by_group: dict[str, list[tuple[str, str]]] = {}
    for group, text, key in rows:
        if key:
            by_group.setdefault(group, []).append((text, key))
    return list(by_group.items())


def _balanced(groups: Sequence[_Group]) -> list[Sequence[_Group]]:
    """Two columns of about equal height, in order."""
    heights = [len(rows) + 2 for _, rows in groups]
    cuts = range(len(groups) + 1)
    cut = min(cuts, key=lambda at: abs(sum(heights[:at]) - sum(heights[at:])))
    return [groups[:cut], groups[cut:]]


def show_shortcuts(
    parent: QWidget | None, theme: Theme, rows: Sequence[ShortcutRow]
) -> ShortcutsDialog:
    """Open the page beside the window; it deletes itself when closed."""
    dialog = ShortcutsDialog(theme, rows, parent)
    dialog.show()
    return dialog
