"""Fields of many recordings at once: one value, or words such as "3 values"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from cloudscope.views.form_fields import FieldEditor, NoteEdit, ShownText
from cloudscope.views.form_numbers import NumberSpin


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Words in a field that has no value to show."""

    words: str


def merged(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One value per name where all agree, else a `Placeholder`; all have the names of the first."""
    if not values:
        return {}
    different = {name: {one[name] for one in values} for name in values[0]}
    return {
        name: values[0][name] if len(found) == 1 else Placeholder(f"{len(found)} values")
        for name, found in different.items()
    }


def show_good(editor: FieldEditor, value: Any) -> None:
    """Show a value without emitting; of a `Placeholder` only the words, greyed."""
    words = value.words if isinstance(value, Placeholder) else ""
    _set_placeholder(editor, words)
    if isinstance(editor, ShownText):
        editor.show_value(words or value)
    else:
        editor.show_value(None if words else value)


def is_left_blank(editor: FieldEditor, value: Any) -> bool:
    """Whether there is a `Placeholder` still, and nobody typed a value."""
    return isinstance(value, Placeholder) and _is_blank(editor)


def _is_blank(editor: FieldEditor) -> bool:
    if isinstance(editor, QComboBox):
        return not editor.currentText()
    if isinstance(editor, NumberSpin):
        return not editor.lineEdit().text()
    return isinstance(editor, NoteEdit) and not editor.toPlainText()


def _set_placeholder(editor: FieldEditor, text: str) -> None:
    line = _line(editor)
    if isinstance(line, QLineEdit):
        line.setPlaceholderText(text)
    elif isinstance(editor, NoteEdit | QComboBox):
        editor.setPlaceholderText(text)


def _line(editor: FieldEditor) -> QLineEdit | None:
    if isinstance(editor, QCheckBox | NoteEdit | ShownText):
        return None
    return editor.lineEdit()
