"""Which files were skipped, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button


class ProblemsDialog(QDialog):
    """A list of files with reasons; not modal, so work goes on beside it."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        rows: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = tuple(rows)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._list = _list(self._rows)
        self.copy_button = push_button("Copy", "Copy the list as text")
        self.close_button = push_button("Close", "Close this list (Esc)")
        self.copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        column.addWidget(self._list, 1)
        column.addLayout(buttons)
        self.resize(theme.px(780), theme.px(360))
        self.close_button.setFocus()

    def as_text(self) -> str:
        """One line per file: name, tab, reason."""
        return "\n".join(f"{name}\t{reason}" for name, reason in self._rows)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())


def _list(rows: Sequence[tuple[str, str]]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setHeaderLabels(["File", "Why"])
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setProperty("kind", "framed")
    tree.setAccessibleName("Files with problems")
    tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    for name, reason in rows:
        item = QTreeWidgetItem(tree, [name, reason])
        item.setToolTip(0, name)
        item.setToolTip(1, reason)
    tree.ensurePolished()  # else the rows keep the height that they have without style
    tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    tree.resizeColumnToContents(0)
    tree.setColumnWidth(0, min(tree.columnWidth(0) + 16, 280))
    return tree


def show_problems(
    parent: QWidget | None, theme: Theme, title: str, rows: Sequence[tuple[str, str]]
) -> ProblemsDialog:
    """Open the list beside the window; it deletes itself when closed."""
    dialog = ProblemsDialog(theme, title, rows, parent)
    dialog.show()
    return dialog
