"""SIGTERM and Ctrl+C close the window like its close button does."""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QWidget


def close_on_signal(window: QWidget) -> None:
    """From now on; the notifier belongs to the window."""
    if sys.platform == "win32":
        return
    reader, writer = socket.socketpair()
    for one in (reader, writer):
        one.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())

    def ignore(number: int, frame: FrameType | None) -> None:
        """The socket wakes the event loop, which closes the window."""

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ignore)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, window)

    def woken() -> None:
        reader.recv(64)
        window.close()

    notifier.activated.connect(woken)
    # The end that is written to must live as long as the window.
    window.destroyed.connect(writer.close)
