"""Drag and drop from the file manager, anywhere on the window."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class DropTarget(QObject):
    """Watches a window for dragged files.

    Signals:
        entered: What a drop would open, in words.
        hovered: The paths themselves: what is in folders is not known yet.
        left: The drag went away.
        dropped: Paths (list of `Path`), and whether Ctrl was held: add to what is open.
    """

    entered = Signal(str)
    hovered = Signal(object)
    left = Signal()
    dropped = Signal(object, bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept local files and folders; a row of our own tree leads out of the window."""
        if isinstance(event, QDropEvent) and event.source() is not None:
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.left.emit()
            event.acceptProposedAction()
            add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.dropped.emit(dropped_paths(event.mimeData()), add)
            return True
        if isinstance(event, QDragEnterEvent):
            paths = dropped_paths(event.mimeData())
            if paths:
                event.acceptProposedAction()
                self.entered.emit(described(paths))
                self.hovered.emit(paths)
            return bool(paths)
        if event.type() == QEvent.Type.DragLeave:
            self.left.emit()
        return super().eventFilter(watched, event)


def dropped_paths(mime: QMimeData) -> list[Path]:
    """Local files and folders, in order; other addresses are left out."""
    return [_path(url) for url in mime.urls() if url.isLocalFile()]


def _path(url: QUrl) -> Path:
    if os.name == "nt":
        return Path(url.toLocalFile())
    # `toLocalFile` loses names that are not UTF-8; the encoded form keeps every byte.
    encoded = bytes(url.toEncoded(QUrl.ComponentFormattingOption.FullyEncoded).data())
    return Path(os.fsdecode(unquote_to_bytes(encoded.removeprefix(b"file://"))))


def described(paths: list[Path]) -> str:
    """What would be opened: the name of one thing, the number of several."""
    return paths[0].name if len(paths) == 1 else f"{len(paths)} items"
