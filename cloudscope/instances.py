"""A second start hands its paths to the window that is there, and ends.

One window per user and settings file listens on a local socket; a message is one JSON
array of paths, as hexadecimal bytes, because a name need not be UTF-8.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from cloudscope.instance_place import instance_place

_PATIENCE_MS = 500
_TAKEN = b"taken\n"


def hand_over(settings: Path, paths: Sequence[Path]) -> bool:
    """Whether a window took them; without paths it only comes to the front."""
    socket = QLocalSocket()
    socket.connectToServer(instance_place(settings))
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    listed = [os.fsencode(Path(path).absolute()).hex() for path in paths]
    socket.write(json.dumps(listed).encode() + b"\n")
    socket.flush()
    return socket.waitForReadyRead(_PATIENCE_MS) and bytes(socket.readAll().data()) == _TAKEN


class Listener(QObject):
    """Takes paths from later starts."""

    def __init__(
        self, settings: Path, take: Callable[[list[Path]], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._take = take
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = instance_place(settings)
        if not self._server.listen(name) and not hand_over_works(settings):
            QLocalServer.removeServer(name)  # left behind by a crash
            self._server.listen(name)
        self._server.newConnection.connect(self._answer)

    def close(self) -> None:
        """Take no more."""
        self._server.close()

    @Slot()
    def _answer(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            return
        try:
            listed = json.loads(bytes(socket.readLine().data()))
            paths = [Path(os.fsdecode(bytes.fromhex(one))) for one in listed]
        except (ValueError, TypeError):
            socket.disconnectFromServer()
            return
        socket.write(_TAKEN)
        socket.flush()
        self._take(paths)


def hand_over_works(settings: Path) -> bool:
    """Whether somebody listens there."""
    socket = QLocalSocket()
    socket.connectToServer(instance_place(settings))
    return socket.waitForConnected(_PATIENCE_MS)
