"""From one pane of the window to the next with one key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget


def go_round(panes: Sequence[QWidget], by: int) -> None:
    """Put the keyboard into the pane after the one that has it (`by` 1) or before it (-1).

    Panes that cannot be seen, behind a tab for example, are left out.
    """
    seen = [pane for pane in panes if _is_in_sight(pane)]
    focus = QApplication.focusWidget()
    here = next((at for at, pane in enumerate(seen) if _holds(pane, focus)), None)
    first = (by - 1) // 2 if here is None else here + by
    for step in range(len(seen)):
        stop = _first_stop(seen[(first + step * by) % len(seen)])
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def _is_in_sight(pane: QWidget) -> bool:
    """Docks behind a tab are "visible" to Qt, but stand beside the window."""
    window = pane.window()
    place = QRect(pane.mapTo(window, QPoint(0, 0)), pane.size())
    return pane.isVisible() and window.rect().intersects(place)


def _holds(pane: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (pane is focus or pane.isAncestorOf(focus))


def _first_stop(pane: QWidget) -> QWidget | None:
    """The pane itself, or the first widget in it that Tab reaches."""
    one: QWidget | None = pane
    while one is not None:
        takes = bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) and one.isEnabled()
        if takes and _holds(pane, one) and one.isVisible():
            return one
        one = one.nextInFocusChain()
        if one is pane:
            break
    return None
