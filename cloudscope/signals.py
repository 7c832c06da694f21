"""SIGTERM and Ctrl+C close the window like its close button does."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QWidget


class CloseOnSignal(QObject):
    """Listens as long as the window lives; not for Windows, which has no such signals."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._reader, self._writer = socket.socketpair()
        for one in (self._reader, self._writer):
            one.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ignore)
        read = QSocketNotifier.Type.Read
        self._notifier = QSocketNotifier(self._reader.fileno(), read, self)
        self._notifier.activated.connect(self._woken)

    @Slot()
    def _woken(self) -> None:
        self._reader.recv(64)
        self._window.close()


def _ignore(number: int, frame: FrameType | None) -> None:
    """The socket wakes the event loop, which closes the window."""
