"""All edits in a list; a click goes back to one, or forward again."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QUndoStack
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QUndoView,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label

_Index = QModelIndex | QPersistentModelIndex
_WIDTH, _ROW, _MOST_ROWS, _FEWEST_ROWS = 380, 24, 16, 3


class _Rows(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as in every other list."""
        return QSize(super().sizeHint(option, index).width(), self._theme.px(_ROW))


class HistoryPanel(QFrame):
    """Lies over the window; edits below the current row are undone.

    Arrows go through the edits at once, Esc or a click elsewhere closes it.
    """

    def __init__(self, theme: Theme, stack: QUndoStack, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._stack, self._window = theme, stack, window
        self._before: QWidget | None = None
        self.setObjectName("popup")
        self.setAccessibleName("Undo history")
        self.list = QUndoView(stack)
        self.list.setEmptyLabel("As it was opened")
        self.list.setAccessibleName("Edits")
        self.list.setToolTip("Choose the last edit that is to stay")
        self.list.setItemDelegate(_Rows(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.installEventFilter(self)
        caption = label("Undo history", "section")
        caption.setContentsMargins(6, 2, 0, 0)
        self._hint = label("", "small")
        self._hint.setContentsMargins(6, 0, 0, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(caption)
        column.addWidget(self.list, 1)
        column.addWidget(self._hint)
        stack.indexChanged.connect(self._follow)
        self.hide()

    def open(self, corner: QPoint) -> None:
        """Show it with its upper left corner there, in the coordinates of the window."""
        self._before = QApplication.focusWidget()
        rows = min(max(self._stack.count() + 1, _FEWEST_ROWS), _MOST_ROWS)
        self._count()
        frame = self.sizeHint().height() - self.list.sizeHint().height()
        size = QSize(self._theme.px(_WIDTH), self._theme.px(_ROW) * rows + frame + 2)
        left = min(corner.x(), self._window.width() - size.width() - 8)
        self.setGeometry(left, corner.y() + 4, size.width(), size.height())
        self.show()
        self.raise_()
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Put the keyboard back where it was."""
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc, Enter and a click elsewhere end it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            keys = Qt.Key
            if event.key() in (keys.Key_Escape, keys.Key_Return, keys.Key_Enter):
                self.dismiss()
                return True
        if event.type() == QEvent.Type.FocusOut and QApplication.focusWidget() is not None:
            self._before = None
            self.hide()
        return False

    def _follow(self) -> None:
        """Not when the window goes: the stack may be gone before the list."""
        if self.isVisible():
            self._count()

    def _count(self) -> None:
        undone = self._stack.count() - self._stack.index()
        total = self._stack.count()
        edits = (
            "Nothing was edited yet" if not total else "1 edit" if total == 1 else f"{total} edits"
        )
        self._hint.setText(f"{edits}, {undone} undone" if undone else edits)
