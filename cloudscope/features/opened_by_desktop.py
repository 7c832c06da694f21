"""Files that the desktop or a second start of the program asks for."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QFileOpenEvent

from cloudscope.instances import Listener
from cloudscope.workbench import Feature, Workbench


class OpenedByDesktop(Feature):
    """Opens what comes and brings the window to the front."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.listener = Listener(bench.settings.path, self.take, self)
        app = QCoreApplication.instance()
        assert app is not None
        if sys.platform == "darwin":  # elsewhere there is no such event, and a filter costs time
            app.installEventFilter(self)
        app.aboutToQuit.connect(self.listener.close)

    def take(self, paths: list[Path]) -> None:
        """Open these beside nothing else, as if they were dropped."""
        window = self.bench.window
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.raise_()
        window.activateWindow()
        if paths:
            self.bench.commands.open_paths(paths)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The file manager of macOS sends an event instead of starting a program."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.file():
                self.take([Path(event.file())])
            return True
        return False
