"""Other keys for the commands: chosen by pressing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button

_KEY = 2


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One command and its usual keys, as portable texts."""

    name: str
    menu: str
    text: str
    usual: tuple[str, ...]


class KeysDialog(QDialog):
    """Each key is in force at once; a key that belongs to another command is refused.

    Signals:
        keyChosen: Command and its only key from now on, an empty text for none.
        resetWanted: Commands that get their usual keys back.
    """

    keyChosen = Signal(str, str)
    resetWanted = Signal(object)

    def __init__(self, theme: Theme, rows: Sequence[KeyRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, {row.name: row for row in rows}
        self._keys: dict[str, tuple[str, ...]] = {}
        self.setWindowTitle("Change Keys")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter commands and keys")
        self.filter.setAccessibleName("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.list = self._made_list()
        self.editor = QKeySequenceEdit()
        self.editor.setMaximumSequenceLength(1)
        self.editor.setAccessibleName("Key")
        self.editor.setToolTip("Press the keys that the command shall have")
        self.fault = label("", "errText")
        self.take = push_button("Set Key", "Give the command these keys", "primary")
        self.take.clicked.connect(self._set)
        self.remove = push_button("Remove Key", "Leave the command without a key")
        self.remove.clicked.connect(lambda: self.keyChosen.emit(self._name(), ""))
        self.usual = push_button("Usual Key", "Give the command its usual keys back")
        self.usual.clicked.connect(lambda: self.resetWanted.emit((self._name(),)))
        self.all_usual = push_button("All Usual Keys", "Give all commands their usual keys back")
        self.all_usual.clicked.connect(lambda: self.resetWanted.emit(tuple(self._rows)))
        self.copy = push_button("Copy List", "Copy commands and keys as a table")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.as_text()))
        self.editor.keySequenceChanged.connect(self._follow)
        self._lay_out()
        self.resize(theme.px(620), theme.px(560))

    def _made_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels(["Menu", "Command", "Key"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setProperty("kind", "framed")
        tree.setAccessibleName("Commands")
        for row in self._rows.values():
            item = QTreeWidgetItem(tree, [row.menu, row.text, ""])
            item.setData(0, Qt.ItemDataRole.UserRole, row.name)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.currentItemChanged.connect(self._choose)
        return tree

    def _lay_out(self) -> None:
        line = QGridLayout()
        line.setHorizontalSpacing(8)
        line.setVerticalSpacing(4)
        name = label("Key", "field")
        name.setBuddy(self.editor)
        line.addWidget(name, 0, 0)
        line.addWidget(self.editor, 0, 1)
        for place, button in enumerate((self.take, self.remove, self.usual), start=2):
            line.addWidget(button, 0, place)
        line.addWidget(self.fault, 1, 1, 1, 4)
        line.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        close = push_button("Close", "Close this page (Esc)")
        close.clicked.connect(self.close)
        foot.addWidget(self.all_usual)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.filter)
        column.addWidget(self.list, 1)
        column.addLayout(line)
        column.addLayout(foot)

    def show_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Portable texts by command, as they are in force."""
        self._keys = dict(keys)
        for item in self._items():
            row = self._rows[item.data(0, Qt.ItemDataRole.UserRole)]
            own = self._keys.get(row.name, ())
            item.setText(_KEY, ", ".join(_shown(key) for key in own))
            changed = own != row.usual
            item.setToolTip(_KEY, f"Usually {_words(row.usual)}" if changed else "")
            font = item.font(_KEY)
            font.setBold(changed)
            item.setFont(_KEY, font)
        if self.list.currentItem() is None:
            self.list.setCurrentItem(self._items()[0])
        self._choose()

    def as_text(self) -> str:
        """A table of all commands that have a key, between tabs."""
        rows = [self._rows[name] for name in self._rows if self._keys.get(name)]
        return "\n".join(f"{row.menu}\t{row.text}\t{_words(self._keys[row.name])}" for row in rows)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _name(self) -> str:
        item = self.list.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else ""

    @Slot()
    def _choose(self) -> None:
        own = self._keys.get(self._name(), ())
        self.editor.setKeySequence(QKeySequence(own[0] if own else ""))
        self.remove.setEnabled(bool(own))
        row = self._rows.get(self._name())
        self.usual.setEnabled(row is not None and own != row.usual)
        self.all_usual.setEnabled(
            any(self._keys.get(n, ()) != r.usual for n, r in self._rows.items())
        )
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Say whose key it is; a key is never taken from another command unseen."""
        wanted = _portable(self.editor.keySequence())
        holder = next((n for n, keys in self._keys.items() if wanted and wanted in keys), "")
        other = holder not in ("", self._name())
        text = f"{_shown(wanted)} belongs to {self._rows[holder].text}" if other else ""
        self.fault.setText(text)
        self.take.setEnabled(bool(wanted) and not other and holder != self._name())

    @Slot()
    def _set(self) -> None:
        self.keyChosen.emit(self._name(), _portable(self.editor.keySequence()))

    @Slot(str)
    def _filter(self, wanted: str) -> None:
        for item in self._items():
            words = " ".join(item.text(column) for column in range(3)).casefold()
            item.setHidden(wanted.casefold() not in words)


def _portable(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


def _shown(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _words(keys: Sequence[str]) -> str:
    return ", ".join(_shown(key) for key in keys) or "no key"
