"""Where the window of a user and settings file can be met by later starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zlib import crc32

from PySide6.QtCore import QStandardPaths


def instance_place(settings: Path) -> str:
    """Name of the local socket: a path, except on Windows."""
    name = f"cloudscope-{crc32(os.fsencode(settings)):08x}"
    if sys.platform == "win32":
        return name
    temporary = QStandardPaths.StandardLocation.TempLocation
    return str(Path(QStandardPaths.writableLocation(temporary)) / name)


def somebody_may_listen(settings: Path) -> bool:
    """False when it is certain that there is no window: asking would first load sockets."""
    return sys.platform == "win32" or Path(instance_place(settings)).exists()
