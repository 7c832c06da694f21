"""The one question before unsaved edits could be lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button

ROWS_SHOWN = 8
"""More recordings than this scroll."""


@dataclass(frozen=True, slots=True)
class SaveRow:
    """One recording with unsaved edits; `changes` in words: "ROI 2 moved, note"."""

    file_id: str
    name: str
    changes: str


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """What to do, and with which recordings (in order of the rows; all for "discard")."""

    choice: Literal["save", "discard", "cancel"]
    file_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptWords:
    """What the question says; `{}` stands for the recordings."""

    title: str
    question: str
    detail: str
    discard: str
    discard_tip: str
    verb: str


def saving_words(reason: str) -> PromptWords:
    """`reason` completes the question: "before closing"."""
    return PromptWords(
        "Unsaved Changes",
        f"Save changes to {{}} {reason}?",
        "Without saving, these edits are lost. Source images are not affected.",
        "Discard Changes",
        "Close without saving: the edits of all listed recordings are lost",
        "Save",
    )


RESTORING = PromptWords(
    "Unsaved Changes",
    "CloudScope ended unexpectedly. Restore the unsaved changes to {}?",
    "They come back as edits that can be undone; nothing is saved by restoring.",
    "Discard Changes",
    "Delete what was kept of all listed recordings",
    "Restore",
)


class SavePromptDialog(QDialog):
    """Lists the recordings; the primary button counts the ticked ones.

    Enter saves, Escape cancels.
    """

    def __init__(
        self,
        theme: Theme,
        words: PromptWords,
        rows: Sequence[SaveRow],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._words, self._rows = theme, words, tuple(rows)
        self.answer = SaveAnswer("cancel")
        self.setWindowTitle(words.title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(theme.px(560))
        self._items: list[QTreeWidgetItem] = []
        one = len(rows) == 1
        subject = rows[0].name if one else f"{len(rows)} recordings"
        self._list = self._make_list()
        self.discard_button = push_button(words.discard, words.discard_tip)
        self.cancel_button = push_button("Cancel", "Go back and keep everything as it is (Esc)")
        self.save_button = push_button("", "", "primary")
        self.save_button.setDefault(True)
        self.discard_button.clicked.connect(self._discard)
        self.cancel_button.clicked.connect(self.reject)
        self.save_button.clicked.connect(self._save)
        self._icon = QLabel()
        self._lay_out(words.question.format(subject))
        self._list.itemChanged.connect(self._count)
        theme.changed.connect(self._recolor)
        self._recolor()
        self._count()
        self.save_button.setFocus()

    @property
    def ticked(self) -> tuple[str, ...]:
        """The recordings that would be saved."""
        return tuple(
            row.file_id
            for row, item in zip(self._rows, self._items, strict=True)
            if item.checkState(0) is Qt.CheckState.Checked
        )

    def set_ticked(self, file_id: str, ticked: bool) -> None:
        """Tick or untick one recording."""
        index = [row.file_id for row in self._rows].index(file_id)
        state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        self._items[index].setCheckState(0, state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves, also from the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.save_button.isEnabled():
            focused = self.focusWidget()
            target = focused if focused in (self.discard_button, self.cancel_button) else None
            (target or self.save_button).click()
        else:
            super().keyPressEvent(event)

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setProperty("kind", "framed")
        tree.setAccessibleName("Recordings with unsaved changes")
        tree.setToolTip(f"Tick the recordings to {self._words.verb.lower()} (Space)")
        for row in self._rows:
            item = QTreeWidgetItem(tree, [row.name, row.changes])
            item.setCheckState(0, Qt.CheckState.Checked)
            item.setToolTip(1, row.changes)
            self._items.append(item)
        tree.ensurePolished()  # else the rows keep the height that they have without style
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        # The check box and the style sheet's padding come on top of the text.
        names = [tree.fontMetrics().horizontalAdvance(row.name) for row in self._rows]
        tree.setColumnWidth(0, min(max(names) + self._theme.px(56), self._theme.px(300)))
        shown = min(max(len(self._rows), 2), ROWS_SHOWN)
        tree.setFixedHeight(shown * self._theme.px(24) + 2)
        return tree

    def _lay_out(self, question: str) -> None:
        title = label(question, "title")
        title.setWordWrap(True)
        text = QVBoxLayout()
        text.setSpacing(10)
        text.addWidget(title)
        text.addWidget(label(self._words.detail, "field"))
        text.addWidget(self._list)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(text, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addLayout(upper)
        column.addLayout(buttons)
        # Reading order, but the answer that loses nothing has the focus.
        self.setTabOrder(self._list, self.discard_button)
        self.setTabOrder(self.discard_button, self.cancel_button)
        self.setTabOrder(self.cancel_button, self.save_button)

    def _recolor(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("warning", self._theme.px(32), "warn"))
        for item in self._items:
            item.setForeground(1, self._theme.color("text2"))

    def _count(self) -> None:
        count, verb = len(self.ticked), self._words.verb
        self.save_button.setText(
            f"{verb} Recording" if count == 1 else f"{verb} {count} Recordings"
        )
        self.save_button.setEnabled(count > 0)
        tip = "{} the ticked recordings (Enter)" if count else "Tick a recording to {} it"
        self.save_button.setToolTip(tip.format(verb if count else verb.lower()))

    def _save(self) -> None:
        self.answer = SaveAnswer("save", self.ticked)
        self.accept()

    def _discard(self) -> None:
        self.answer = SaveAnswer("discard", tuple(row.file_id for row in self._rows))
        self.accept()


def ask_save(
    parent: QWidget | None, theme: Theme, words: PromptWords, rows: Sequence[SaveRow]
) -> SaveAnswer:
    """Ask, and wait for the answer."""
    dialog = SavePromptDialog(theme, words, rows, parent)
    dialog.exec()
    dialog.deleteLater()
    return dialog.answer
