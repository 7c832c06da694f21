"""The tree of recordings: what a mouse and a keyboard do to it, and how a row is framed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import (
    QAbstractItemModel,
    QElapsedTimer,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from cloudscope.item_models.file_tree_cells import VERDICT
from cloudscope.theme import Theme
from cloudscope.views.tree_delegate import TreeDelegate, TreeHeader, paint_sign

Index = QModelIndex | QPersistentModelIndex

_INDENT = 16
SELECT_ROWS = (
    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
)


class RecordingTree(QTreeView):
    """Reports which row the user went to; changes made by the program stay unreported."""

    rowChosen = Signal(object)  # QModelIndex of the first column
    reviewAsked = Signal(object)  # QModelIndex of the recording
    menuAsked = Signal(QPoint, object)  # on the screen; QModelIndex, invalid beside the rows

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._quiet = 0
        self.asked_by_key = False  # the verdict: what is selected is meant, not what was hit
        self._pressed = QPersistentModelIndex()
        self._last_letter = QElapsedTimer()
        self._delegate = TreeDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setHeader(TreeHeader(theme, self))
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT)
        self.setAllColumnsShowFocus(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Take the model; row removals move the current row, and nobody chose that."""
        assert model is not None
        model.rowsAboutToBeRemoved.connect(self._hush)  # before Qt's own connections
        super().setModel(model)
        model.rowsRemoved.connect(self._unhush)

    @Slot()
    def _hush(self) -> None:
        self._quiet += 1

    @Slot()
    def _unhush(self) -> None:
        self._quiet -= 1

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What happens inside is the program's doing, not the user's."""
        self._hush()
        try:
            yield
        finally:
            self._unhush()

    def go_to(self, index: QModelIndex) -> None:
        """Select one row and bring it into view, unreported; an invalid one selects none."""
        with self.quietly():
            self.selectionModel().setCurrentIndex(index, SELECT_ROWS)
            if index.isValid():
                self.scrollTo(index)
            else:
                self.clearSelection()

    # --- what the user does -------------------------------------------------------------

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Report a row that was reached by mouse or keyboard."""
        super().currentChanged(current, previous)
        row = current.sibling(current.row(), 0)
        if not self._quiet and row.isValid() and row != previous.sibling(previous.row(), 0):
            self.rowChosen.emit(row)
        self.viewport().update()  # the focus frame is wider than the two cells

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row current when there is none; nobody chose it."""
        with self.quietly():
            super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the verdict is no selection: it must not load the recording."""
        self._pressed = QPersistentModelIndex(self._verdict_at(event))
        if not self._pressed.isValid():
            before = self.currentIndex().siblingAtColumn(0)
            super().mousePressEvent(event)
            self._report_again(before, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks on the verdict are two clicks."""
        self._pressed = QPersistentModelIndex(self._verdict_at(event))
        if not self._pressed.isValid():
            super().mouseDoubleClickEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the next verdict where press and release hit the same one."""
        pressed, self._pressed = self._pressed, QPersistentModelIndex()
        if not pressed.isValid():
            super().mouseReleaseEvent(event)
        elif pressed == self._verdict_at(event):
            self._ask_review(self._verdict_at(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A: next verdict. Enter: choose the row again, or open and close it."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        current = self.currentIndex().siblingAtColumn(0)
        if plain and event.key() == Qt.Key.Key_A and not self._is_searching():
            self.asked_by_key = True
            self._ask_review(current)
            self.asked_by_key = False
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if current.isValid() and self.model().hasChildren(current):
                self.setExpanded(current, not self.isExpanded(current))
            if current.isValid():
                self.rowChosen.emit(current)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row under the mouse; the Menu key means the current row."""
        index, at = self.indexAt(event.pos()), event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            at = self.visualRect(index).center()
        self.menuAsked.emit(self.viewport().mapToGlobal(at), index)

    def keyboardSearch(self, search: str) -> None:
        """Go to the next name that starts with the letters typed in quick succession."""
        self._last_letter.start()
        super().keyboardSearch(search)

    def event(self, event: QEvent) -> bool:
        """Home, and letters while a name is being typed, are no shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            letter = self._is_searching() and event.text() and event.text().isprintable()
            if letter or event.key() == Qt.Key.Key_Home:
                event.accept()
                return True
        return super().event(event)

    def _is_searching(self) -> bool:
        pause = QGuiApplication.styleHints().keyboardInputInterval()
        return self._last_letter.isValid() and self._last_letter.elapsed() < pause

    def _report_again(self, before: QModelIndex, event: QMouseEvent) -> None:
        """A click on the current row means it too: what is shown may have moved on."""
        at = event.position().toPoint()
        hit = self.indexAt(at).siblingAtColumn(0)
        plain_left = event.button() == Qt.MouseButton.LeftButton and not event.modifiers().value
        on_arrow = at.x() < self.visualRect(hit).left()
        if hit.isValid() and hit == before and plain_left and not on_arrow:
            self.rowChosen.emit(hit)

    def _ask_review(self, index: QModelIndex) -> None:
        """A verdict is on the whole recording, wherever below it the user is."""
        recording = index.parent() if index.parent().isValid() else index
        if recording.siblingAtColumn(VERDICT).data(Qt.ItemDataRole.CheckStateRole) is not None:
            self.reviewAsked.emit(recording.siblingAtColumn(0))

    def _verdict_at(self, event: QMouseEvent) -> QModelIndex:
        """The verdict under the mouse, or an invalid index."""
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        can_judge = index.data(Qt.ItemDataRole.CheckStateRole) is not None
        return index if left and can_judge and index.column() == VERDICT else QModelIndex()

    # --- how it is painted --------------------------------------------------------------

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """An analysis runs across all columns; the current row has a frame while focused."""
        width = max(self.header().length(), self.viewport().width())
        row = QRect(-self.horizontalOffset(), option.rect.top(), width, option.rect.height())
        self._paint_ground(painter, row, index)
        super().drawRow(painter, option, index)
        if index.parent().isValid():
            left = row.left() + 2 * self.indentation()
            across = QRect(left, row.top(), self.viewport().width() - left, row.height())
            self._delegate.paint_analysis(painter, across, index)
        if (
            self.hasFocus()
            and index.row() == self.currentIndex().row()
            and index.parent() == self.currentIndex().parent()
        ):
            painter.save()
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.drawRect(row.adjusted(0, 0, -1, -1))
            painter.restore()

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """The arrow on the ground of its row: Qt's would follow the focus, not the window."""
        self._paint_ground(painter, rect, index)
        if self.model().hasChildren(index):
            is_open = self.isExpanded(index.sibling(index.row(), 0))
            arrow = "chevron-down" if is_open else "chevron-right"
            paint_sign(painter, rect, self._theme, arrow, "text2")

    def _paint_ground(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Selection or hover along the whole row: Qt leaves out the cells of an analysis."""
        mouse = self.viewport().mapFromGlobal(QCursor.pos())
        if self.selectionModel().isSelected(index.sibling(index.row(), 0)):
            token = "sel" if self.isActiveWindow() else "sel_off"
        elif self.viewport().underMouse() and rect.top() <= mouse.y() <= rect.bottom():
            token = "hover"
        else:
            return
        painter.fillRect(rect, self._theme.color(token))
