"""What one command is: its words, icon, keys and what it needs."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QKeySequence

Key = QKeySequence.StandardKey


class ActionSpec(NamedTuple):
    """One command; no dataclass, as those take longer to load, before the first paint.

    Attributes:
        keys: Standard keys or texts; the first is shown. Empty means: no shortcut.
        needs: What must be there for it to work; the tool tip says so when it is not:
            `recording`, `roi`, `unsaved`, `result`, `undo`, `redo`, `job`, or empty.
        checkable: It switches something on and off.
    """

    id: str
    menu: str
    text: str
    tip: str
    icon: str = ""
    keys: tuple[Key | str, ...] = ()
    needs: str = ""
    checkable: bool = False
    separator_before: bool = False
