"""Show files in the file manager of the desktop, selected where it can do that."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def reveal_files(paths: Sequence[Path]) -> None:
    """Open the folder of each file once, and select the files."""
    if not paths:
        return
    if sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", *map(str, paths)])
    elif sys.platform == "win32":
        QProcess.startDetached("explorer", [f"/select,{paths[0]}"])
    elif not _told_the_desktop(paths):
        for folder in dict.fromkeys(path.parent for path in paths):
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _told_the_desktop(paths: Sequence[Path]) -> bool:
    """Ask the file manager by the bus of the session; False where there is none to ask."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage  # only some desktops have it

    bus = QDBusConnection.sessionBus()
    name = "org.freedesktop.FileManager1"
    if not bus.isConnected():
        return False
    known = bus.interface()
    if known is None or not known.isServiceRegistered(name).value():
        return False
    message = QDBusMessage.createMethodCall(
        name, "/org/freedesktop/FileManager1", name, "ShowItems"
    )
    message.setArguments([[path.as_uri() for path in paths], ""])
    return bus.send(message)
