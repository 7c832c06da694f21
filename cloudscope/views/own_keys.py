"""Keys that a widget wants for itself while it has the focus: there they are no shortcuts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class OwnKeys(QObject):
    """Answers for a widget when Qt asks who gets a key, the widget or a shortcut."""

    def __init__(self, widget: QWidget, wanted: Callable[[QKeyEvent], bool]) -> None:
        super().__init__(widget)
        self._wanted = wanted
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim what is wanted."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if self._wanted(event):
                event.accept()
                return True
        return False
