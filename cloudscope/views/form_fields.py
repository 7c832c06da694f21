"""One editor per kind of field: what it shows, what was typed, and when typing is over.

An editor never judges ranges and keeps no value of its own; `Form` does both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QCompleter, QLabel, QLineEdit, QListView, QPlainTextEdit

from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.form_numbers import NumberCombo, NumberSpin, number_text
from cloudscope.views.labels import restyle

_TEXT_IN_FIELD = 7  # from the outline of a field to its text


class ChoiceEdit(FocusedCombo):
    """One of a few words."""

    def __init__(self, field: FieldSchema) -> None:
        super().__init__()
        for choice in field.choices or ():
            self.addItem(choice_text(choice), choice)

    def show_value(self, value: Any) -> None:
        """Show without emitting; a value that is no choice leaves the field empty."""
        self.setCurrentIndex(self.findData(value))

    def typed(self) -> Any:
        """The stored word."""
        return self.currentData()


def choice_text(choice: str) -> str:
    """How a stored word is shown: `dark_vessel` as "Dark vessel"; capitals stay as they are."""
    return choice.replace("_", " ").capitalize() if choice.islower() else choice


class TextEdit(FocusedCombo):
    """A line of text that offers what was used before."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QLineEdit()
        self.make_editable(self._line)
        completer = QCompleter(self.model(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        popup = QListView()
        popup.setProperty("kind", "framed")
        completer.setPopup(popup)
        self.set_suggestions(())

    def set_suggestions(self, values: Sequence[Any]) -> None:
        """Replace the list; without one, no arrow is drawn."""
        text = self.currentText()
        self.clear()
        self.addItems([str(value) for value in values])
        # Its place in the list: from there arrows go on.
        self.setCurrentIndex(self.findText(text, Qt.MatchFlag.MatchExactly))
        self.setEditText(text)
        bare = not values
        if self.property("bare") != bare:
            self.setProperty("bare", bare)
            restyle(self)

    def show_value(self, value: Any) -> None:
        """Show without emitting."""
        text = "" if value is None else str(value)
        self.setCurrentIndex(self.findText(text, Qt.MatchFlag.MatchExactly))
        self.setEditText(text)
        self._line.setCursorPosition(0)

    def typed(self) -> Any:
        """The text without blanks around it."""
        return self.currentText().strip()


class NoteEdit(QPlainTextEdit):
    """A few lines of text; finished when it loses the focus or at Ctrl+Enter."""

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(3)
        lines = 3 * self.fontMetrics().lineSpacing()
        self.setFixedHeight(lines + 12)

    def show_value(self, value: Any) -> None:
        """Show without emitting."""
        self.setPlainText("" if value is None else str(value))

    def typed(self) -> Any:
        """The text without blanks around it."""
        return self.toPlainText().strip()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Finish, unless a menu opened or another window came forward."""
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter finishes."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.finished.emit()
        else:
            super().keyPressEvent(event)


class CheckEdit(QCheckBox):
    """On or off, at once."""

    finished = Signal()

    def __init__(self, field: FieldSchema) -> None:
        super().__init__(field.display_name)
        self.clicked.connect(self.finished)

    def show_value(self, value: Any) -> None:
        """Show without emitting."""
        self.setChecked(bool(value))

    def typed(self) -> Any:
        """True or False."""
        return self.isChecked()


class ShownText(QLabel):
    """A value that cannot be edited but can be copied."""

    finished = Signal()

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_value(self, value: Any) -> None:
        """Numbers with their unit, blank as a dash."""
        text = number_text(value) if isinstance(value, float) else str(value)
        blank = value is None or text == ""
        self._value = value
        self.setText("–" if blank else f"{text} {self._unit}".strip())

    def set_row_height(self, height: int) -> None:
        """Put the first line where a field of that height has its text."""
        above = max((height - self.fontMetrics().height()) // 2, 0)
        self.setContentsMargins(_TEXT_IN_FIELD, above, 0, above)
        self.setMinimumHeight(height)

    def typed(self) -> Any:
        """The value that was shown."""
        return self._value


FieldEditor = ChoiceEdit | CheckEdit | NumberSpin | NumberCombo | TextEdit | NoteEdit | ShownText
"""Each has `finished`, `show_value` (does not emit) and `typed` (ValueError with one sentence)."""


def make_editor(field: FieldSchema, unit: str) -> FieldEditor:
    """The widget for one field."""
    if not field.editable:
        return ShownText(unit)
    if field.value_type is ValueType.ENUM:
        return ChoiceEdit(field)
    if field.value_type is ValueType.BOOL:
        return CheckEdit(field)
    if field.value_type in (ValueType.INT, ValueType.FLOAT):
        return NumberCombo(field, unit) if field.suggestions else NumberSpin(field, unit)
    return NoteEdit() if field.name == "note" else TextEdit()
