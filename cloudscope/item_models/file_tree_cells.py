"""What each cell and heading of the file tree says to the eye, the pointer and the ear."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from acqcore.model.schema import FieldSchema, ValueType
from acqcore.model.state import Review
from acqcore.model.tree_rows import TREE_ROW_ID, file_list_schema
from cloudscope.item_models.file_tree_entry import REVIEW_WORDS, Entry, Row, shown_text
from cloudscope.item_models.file_tree_extra import EXTRA_FIELDS

Role = Qt.ItemDataRole

WHOLE_ROLE = Role.UserRole
"""The text of a cell in a table: the whole name, words for the signs."""
STATE_ROLE = Role.UserRole + 1
"""`unsaved`, `problem`, `loading` or empty."""
STALE_ROLE = Role.UserRole + 2
"""Why a result is out of date, or empty."""

LEADING = ("name", "saved", "accept", "condition", "num_rois")
"""Fields that are on screen until the user chooses others."""
NAME, STATE, VERDICT, CONDITION, ROIS = range(len(LEADING))
_LAST = ("path",)

_CHECKS = {
    Review.ACCEPTED: Qt.CheckState.Checked,
    Review.REJECTED: Qt.CheckState.Unchecked,
    Review.UNDECIDED: Qt.CheckState.PartiallyChecked,
}
# Heading and its words, where the schema's own title is too wide or too terse.
_HEADINGS = {
    "saved": ("", "State"),
    "accept": ("", "Verdict"),
    "condition": ("Cond.", "Condition"),
}


def tree_fields() -> tuple[FieldSchema, ...]:
    """The fields of the file list and the extras, in the order of the tree's columns."""
    schema = file_list_schema()
    rest = [one for one in schema.field_names() if one not in LEADING + _LAST]
    leading, others, last = (
        tuple(schema.field(one) for one in names) for names in (LEADING, rest, _LAST)
    )
    return (*leading, *others, *EXTRA_FIELDS, *last)


def heading(field: FieldSchema, role: int) -> Any:
    """The top cell of a column."""
    short, words = _HEADINGS.get(field.name, (field.display_name, field.display_name))
    if role == Role.DisplayRole:
        return short
    if role == Role.AccessibleTextRole:
        return words
    if role == Role.ToolTipRole:
        return f"Sort by {words if words.isupper() else words[0].lower() + words[1:]}"
    if role == Role.TextAlignmentRole:
        return _alignment(field)
    return None


def file_cell(entry: Entry, field: FieldSchema, suffix: str, role: int) -> Any:
    """A cell of a recording; `suffix` is left off the name on screen."""
    if role == Role.DisplayRole:
        return _file_text(entry, field.name, suffix)
    if role == Role.ToolTipRole:
        return _file_tip(entry, field.name)
    if role == Role.AccessibleTextRole:
        return _file_words(entry, field.name, suffix)
    if role == Role.CheckStateRole and field.name == "accept" and not entry.unreadable:
        return _CHECKS[entry.marks.review]
    if role == Role.TextAlignmentRole:
        return _alignment(field)
    if role == STATE_ROLE:
        return entry.state
    return _file_whole(entry, field.name) if role == WHOLE_ROLE else None


def analysis_cell(entry: Entry, child: Row, column: int, role: int) -> Any:
    """A cell of an analysis; its text stands in the first column and runs over the rest."""
    if role == Role.ToolTipRole:
        return entry.child_words(child)
    if role == STALE_ROLE:
        return entry.stale_reason(child)
    if column > 0:
        return None
    if role == Role.DisplayRole:
        return entry.child_text(child)
    if role == Role.AccessibleTextRole:
        return entry.child_words(child).replace("\n", ". ")
    return None


def _file_text(entry: Entry, name: str, suffix: str) -> str:
    if name == "name":
        return entry.name.removesuffix(suffix)
    if name == "saved":
        return "…" if entry.state == "loading" else ""
    return "" if name == "accept" else shown_text(entry.row.get(name))


def _file_whole(entry: Entry, name: str) -> str:
    if name == "accept":
        said = (REVIEW_WORDS[entry.marks.review], entry.marks.reason)
        return "" if entry.unreadable else ": ".join(filter(None, said))
    return {"name": entry.name, "saved": entry.state_words()}.get(name, "")


def _file_words(entry: Entry, name: str, suffix: str) -> str:
    if name == "name":
        return entry.spoken(entry.name.removesuffix(suffix))
    if name == "saved":
        return entry.state_words()
    if name == "accept":
        return "" if entry.unreadable else REVIEW_WORDS[entry.marks.review]
    return shown_text(entry.row.get(name))


def _file_tip(entry: Entry, name: str) -> str:
    if name == "accept" and not entry.unreadable:
        because = f": {entry.marks.reason}\nChange" if entry.marks.reason else ": change"
        return f"{REVIEW_WORDS[entry.marks.review]}{because} the verdict (A)"
    if name in ("saved", "accept"):
        return entry.state_words()
    path = shown_text(entry.row.get("path") or entry.row.get(TREE_ROW_ID))
    if name == "name":
        return "\n".join(filter(None, (path, entry.state_words())))
    return shown_text(entry.row.get(name))


def _alignment(field: FieldSchema) -> Qt.AlignmentFlag:
    if field.name in ("saved", "accept"):
        return Qt.AlignmentFlag.AlignCenter
    if field.value_type in (ValueType.INT, ValueType.FLOAT):
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
