"""Start of the application: settings, theme, window, and what the command line asked for."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import platformdirs
from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QIcon, QSessionManager
from PySide6.QtWidgets import QApplication

from acqcore import __version__
from cloudscope.main_window import MainWindow
from cloudscope.resources_path import resource
from cloudscope.settings import Settings
from cloudscope.theme import Theme

NAME = "CloudScope"
_SETTLED_MS = 30_000
"""Longest time that a screenshot waits for work that is still going on."""


def run_app(options: argparse.Namespace) -> int:
    """Show the window until it is closed; gives the exit code."""
    app = make_application()
    folders = app_folders()
    settings = _settings(options)
    theme = Theme(app, folders["cache"] / "style")
    theme.set_text_scale(settings.text_scale)
    theme.set_appearance(options.appearance or settings.appearance)
    window = MainWindow(theme, settings, folders)
    if options.size:
        window.resize(*_size(options.size))
    window.painted.connect(lambda: _furnish(window, options))
    window.show()
    app.commitDataRequest.connect(lambda manager: _session_ends(window, manager))
    wakeup = _close_on_signal(window)
    code = app.exec()
    del wakeup
    return code


def _furnish(window: MainWindow, options: argparse.Namespace) -> None:
    """The window is on screen: fill it, and do what the command line asked for."""
    window.furnish()
    _watch_for_crashes(window, app_folders()["logs"])
    if options.demo:
        window.commands.open_demo()
    elif options.paths:
        window.commands.open_paths(options.paths)
    if options.quit_after is not None:
        QTimer.singleShot(options.quit_after, lambda: _end(window, options.screenshot, 0))


def _watch_for_crashes(window: MainWindow, logs: Path) -> None:
    """From here on an error is told in the window."""
    from cloudscope.crash import install  # slow to load: not before the first paint

    guard = install(
        logs,
        window.messages.user_error,
        lambda report: None,
        lambda: window.saving.save(window.session.dirty()),
    )
    app = QApplication.instance()
    assert app is not None
    app.aboutToQuit.connect(guard.uninstall)


def make_application() -> QApplication:
    """The one QApplication, with names that settings and desktops know it by."""
    QApplication.setApplicationName(NAME)
    QApplication.setApplicationDisplayName("")
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("cloudscope")
    app = QApplication.instance()
    made = app if isinstance(app, QApplication) else QApplication(sys.argv[:1])
    made.setWindowIcon(QIcon(str(resource("cloudscope.svg"))))
    return made


def app_folders() -> Mapping[str, Path]:
    """Where caches and logs of this user go."""
    return {
        "cache": Path(platformdirs.user_cache_dir(NAME, appauthor=False)),
        "logs": Path(platformdirs.user_log_dir(NAME, appauthor=False)),
    }


def _settings(options: argparse.Namespace) -> Settings:
    """The user's settings; a picture must not depend on them, so it gets fresh ones."""
    if options.screenshot is not None:
        return Settings(Path(tempfile.mkdtemp(prefix="cloudscope-")) / "settings.ini")
    settings = Settings()
    if options.reset_settings:
        settings.reset()
    return settings


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return int(width), int(height)


def _end(window: MainWindow, screenshot: Path | None, waited_ms: int) -> None:
    """Take the picture once nothing is going on any more, then close without asking."""
    if screenshot is not None and window.jobs.active and waited_ms < _SETTLED_MS:
        QTimer.singleShot(100, lambda: _end(window, screenshot, waited_ms + 100))
        return
    saved = screenshot is None or window.grab().save(str(screenshot))
    if not saved:
        print(f"cloudscope: could not write {screenshot}", file=sys.stderr)
    window.discard_and_close()
    QApplication.exit(0 if saved else 1)


def _session_ends(window: MainWindow, manager: QSessionManager) -> None:
    """Logging out: the same question as on closing; Cancel stops the logout."""
    if not manager.allowsInteraction():
        return
    if not window.leaving.now("logging out"):
        manager.cancel()
    manager.release()


def _close_on_signal(window: MainWindow) -> object:
    """SIGTERM and Ctrl+C close the window like its close button does."""
    if sys.platform == "win32":
        return None
    reader, writer = socket.socketpair()
    for one in (reader, writer):
        one.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())

    def ignore(number: int, frame: FrameType | None) -> None:
        """The socket wakes the event loop, which closes the window."""

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ignore)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)

    def woken() -> None:
        reader.recv(64)
        window.close()

    notifier.activated.connect(woken)
    return (reader, writer, notifier)
