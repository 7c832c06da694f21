"""The command palette: type a few letters, choose with the arrows, Enter does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cloudscope.fuzzy import fit
from cloudscope.theme import Theme
from cloudscope.views.labels import label

MOST_ROWS = 60
"""More are not listed: another letter is quicker than scrolling."""

_WIDTH, _ROWS_SHOWN, _ROW, _TOP = 560, 12, 28, 70
_Index = QModelIndex | QPersistentModelIndex
_FOUND = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Something that can be done.

    Attributes:
        group: What kind of thing it is; found by that as well.
        key: Its shortcut in words, or empty.
        why_not: Why it cannot be done now, or empty.
    """

    title: str
    group: str
    act: Callable[[], object]
    key: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    entry: Entry
    places: tuple[int, ...] = ()


def search(entries: Sequence[Entry], wanted: str) -> list[_Found]:
    """Those that fit, best first; what cannot be done comes after what can."""
    if not wanted.strip():
        return [_Found(entry) for entry in entries if not entry.why_not][:MOST_ROWS]
    ranked = []
    for number, entry in enumerate(entries):
        fits = fit(wanted, entry.title, entry.group)
        if fits is not None:
            score = fits.score - (300 if entry.why_not else 0)
            ranked.append((-score, number, _Found(entry, fits.places)))
    return [found for _, _, found in sorted(ranked, key=lambda one: one[:2])[:MOST_ROWS]]


class _Rows(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: list[_Found] = []

    def show(self, found: list[_Found]) -> None:
        """List these instead."""
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """A list."""
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """All words for who cannot see; the delegate takes the entry."""
        if not 0 <= index.row() < len(self.found):
            return None
        found = self.found[index.row()]
        if role == _FOUND:
            return found
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            entry = found.entry
            return ", ".join(filter(None, (entry.title, entry.group, entry.key, entry.why_not)))
        return None


class _RowPainter(QStyledItemDelegate):
    """Title with the letters that were meant, then the group; at the right the key."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All rows are equally high."""
        return QSize(0, self._theme.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one row."""
        found = index.data(_FOUND)
        if not isinstance(found, _Found):
            return
        style = QApplication.style()
        # The keyboard is in the field, and means the list.
        option.state |= style.StateFlag.State_Active
        option.widget.style().drawPrimitive(
            style.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        painter.save()
        row = option.rect.adjusted(12, 0, -12, 0)
        row.setRight(self._paint_end(painter, row, found.entry) - 12)
        left = self._paint_title(painter, row, found)
        row.setLeft(left + 10)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text2"))
        if found.entry.group not in found.entry.title:
            _draw(painter, row, found.entry.group)
        painter.restore()

    def _paint_end(self, painter: QPainter, row: QRect, entry: Entry) -> int:
        """Key or reason; gives where it begins."""
        text = entry.why_not or entry.key
        font = self._theme.font("small")
        width = QFontMetrics(font).horizontalAdvance(text)
        if not text:
            return row.right()
        place = QRect(row.right() - width, row.top(), width + 1, row.height())
        if not entry.why_not:  # a key looks like one
            middle, half = place.center().y(), QFontMetrics(font).height() // 2 + 2
            painter.setPen(self._theme.color("line"))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(
                QRect(place.left() - 6, middle - half, width + 10, 2 * half), 3, 3
            )
        painter.setFont(font)
        painter.setPen(self._theme.color("text2"))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        return place.left() - 6

    def _paint_title(self, painter: QPainter, row: QRect, found: _Found) -> int:
        """Letters that were meant are strong; gives where it ends."""
        plain = self._theme.font("base")
        strong = QFont(plain)
        strong.setBold(True)
        usable = not found.entry.why_not
        meant, left = set(found.places), row.left()
        for start, end in _runs(found.entry.title, meant):
            is_meant = start in meant
            painter.setFont(strong if is_meant else plain)
            color = "accent" if is_meant and usable else "text" if usable else "text3"
            painter.setPen(self._theme.color(color))
            part = found.entry.title[start:end]
            width = painter.fontMetrics().horizontalAdvance(part)
            _draw(painter, QRect(left, row.top(), row.right() - left, row.height()), part)
            left += width
        return min(left, row.right())


def _runs(text: str, meant: set[int]) -> list[tuple[int, int]]:
    """Parts of a text whose letters are all meant or all not."""
    cuts = [at for at in range(1, len(text)) if (at in meant) != (at - 1 in meant)]
    return list(zip([0, *cuts], [*cuts, len(text)], strict=True))


def _draw(painter: QPainter, place: QRect, text: str) -> None:
    if place.width() > 0:
        room = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(place, flags, room)


class Palette(QFrame):
    """Lies over the window; gone as soon as the keyboard goes elsewhere."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._window = theme, window
        self._entries: Sequence[Entry] = ()
        self._before: QWidget | None = None
        self.setObjectName("popup")
        self.setAccessibleName("Command palette")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a command, a recording, a ROI or an analysis")
        self.field.setAccessibleName("Command")
        self.field.setToolTip("Type a few letters; choose with the arrows, do it with Enter")
        self.field.setProperty("lead", True)
        lead = QLineEdit.ActionPosition.LeadingPosition
        self.field.addAction(theme.icon("search", "text2"), lead)
        self._rows = _Rows(self)
        self.list = self._made_list()
        nothing = label("Nothing fits. Fewer letters find more.", "field")
        nothing.setContentsMargins(12, 8, 12, 8)
        self._below = QStackedWidget()
        self._below.addWidget(self.list)
        self._below.addWidget(nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self._below, 1)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        window.installEventFilter(self)
        self.hide()

    def open(self, entries: Sequence[Entry]) -> None:
        """Offer these; the first are the likeliest."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._entries = entries
        self.field.clear()
        self._search("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def titles(self) -> list[str]:
        """What is listed now."""
        return [found.entry.title for found in self._rows.found]

    def dismiss(self) -> None:
        """Put the keyboard back where it was."""
        if self.isVisible():
            before, self._before = self._before, None
            if before is not None and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that mean the list; the end of it all when the focus goes."""
        kind = event.type()
        if watched is self.field:
            if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._key(event)
            elsewhere = QApplication.focusWidget() is not None  # else the window itself is left
            if kind == QEvent.Type.FocusOut and self.isVisible() and elsewhere:
                self._before = None
                self.hide()
        elif kind == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        keys, row = Qt.Key, self.list.currentIndex().row()
        steps = {keys.Key_Down: 1, keys.Key_Up: -1, keys.Key_PageDown: 10, keys.Key_PageUp: -10}
        key = Qt.Key(event.key())
        if key in steps:
            self._go_to(row + steps[key])
        elif key in (keys.Key_Return, keys.Key_Enter):
            self._do(self.list.currentIndex())
        elif key == keys.Key_Escape:
            self.dismiss()
        elif key in (keys.Key_Tab, keys.Key_Backtab):
            self._go_to(row + (1 if key == keys.Key_Tab else -1))
        else:
            return False
        return True

    def _go_to(self, row: int) -> None:
        last = self._rows.rowCount() - 1
        self.list.setCurrentIndex(self._rows.index(min(max(row, 0), last)))

    def _do(self, index: QModelIndex) -> None:
        """What cannot be done says why and stays."""
        found = index.data(_FOUND)
        if isinstance(found, _Found) and not found.entry.why_not:
            self.dismiss()
            found.entry.act()

    def _search(self, wanted: str) -> None:
        self._rows.show(search(self._entries, wanted))
        self._below.setCurrentIndex(0 if self._rows.found else 1)
        self._go_to(0)

    def _place(self) -> None:
        window = self._window
        width = min(self._theme.px(_WIDTH), window.width() - 40)
        height = self._theme.px(_ROW) * _ROWS_SHOWN + self.field.sizeHint().height() + 24
        left = (window.width() - width) // 2
        self.setGeometry(left, self._theme.px(_TOP), width, min(height, window.height() - 80))

    def _made_list(self) -> QListView:
        rows = QListView()
        rows.setModel(self._rows)
        rows.setItemDelegate(_RowPainter(self._theme, rows))
        rows.setAccessibleName("Commands found")
        rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rows.setUniformItemSizes(True)
        rows.setMouseTracking(True)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows.clicked.connect(self._do)
        return rows


class PaletteButton(QPushButton):
    """Looks like a field in the tool bar: what it opens is one."""

    def __init__(self, theme: Theme, key: str) -> None:
        super().__init__()
        self._theme, self._key = theme, key
        self.setObjectName("paletteField")
        self.setAccessibleName("Command palette")
        self.setToolTip(f"Find a command, a recording or a ROI ({key})")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoDefault(False)
        self._fit()
        theme.changed.connect(self._fit)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Glass and words at the left, the key at the right."""
        super().paintEvent(event)
        painter, side = QPainter(self), self._theme.px(16)
        top = (self.height() - side) // 2
        glass = self._theme.pixmap("search", side, "text2")
        painter.drawPixmap(8, top, glass)
        painter.setPen(self._theme.color("text2"))
        place = self.rect().adjusted(8 + side + 8, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignLeft, "Commands and files")
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, self._key)

    def _fit(self) -> None:
        self.setFixedWidth(self._theme.px(220))
