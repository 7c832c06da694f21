"""Start of the application: settings, theme, window, and what the command line asked for."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtGui import QIcon, QSessionManager
from PySide6.QtWidgets import QApplication

from acqcore import __version__
from cloudscope.instance_place import somebody_may_listen
from cloudscope.main_window import MainWindow
from cloudscope.resources_path import resource
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.window_options import WindowOptions

NAME, _STYLE = "CloudScope", "Fusion"
_SETTLED_MS = 30_000
"""Longest time that a screenshot waits for work that is still going on."""


def run_app(options: WindowOptions) -> int:
    """Show the window until it is closed; gives the exit code."""
    app = make_application()
    folders = app_folders()
    settings = _settings(options)
    if _is_taken(options, settings):
        return 0
    theme = Theme(app, folders["cache"] / "style", is_fusion=True)
    theme.set_text_scale(settings.text_scale)
    theme.set_appearance(options.appearance or settings.appearance)
    window = MainWindow(theme, settings, folders)
    if options.size:
        window.resize(*_size(options.size))
    window.painted.connect(lambda: _furnish(app, window, options))
    window.show()
    return app.exec()


def _is_taken(options: WindowOptions, settings: Settings) -> bool:
    """Whether a window that is there takes the paths; runs that nobody watches stay alone."""
    if options.new_window or options.demo or options.quit_after is not None:
        return False
    if not somebody_may_listen(settings.path):
        return False
    from cloudscope.instances import hand_over  # sockets: not for those that stay alone

    return hand_over(settings.path, options.paths)


def _furnish(app: QApplication, window: MainWindow, options: WindowOptions) -> None:
    """The window is on screen: fill it, and do what the command line asked for."""
    from cloudscope.signals import CloseOnSignal  # sockets: not before the first paint

    window.furnish()
    gc.freeze()  # all that is there now stays
    gc.enable()
    app.setWindowIcon(QIcon(str(resource("cloudscope.svg"))))
    app.commitDataRequest.connect(lambda manager: _session_ends(window, manager))
    if sys.platform != "win32":
        CloseOnSignal(window)
    _watch_for_crashes(app, window, app_folders()["logs"])
    if options.demo:
        window.commands.open_demo()
    elif options.paths:
        window.commands.open_paths(options.paths)
    elif window.settings.may_reopen:
        window.trigger("reopen_session")
    if options.quit_after is not None:
        QTimer.singleShot(options.quit_after, lambda: _end(window, options.screenshot, 0))


def _watch_for_crashes(app: QApplication, window: MainWindow, logs: Path) -> None:
    """From here on an error is told in the window."""
    from cloudscope.crash import install  # slow to load: not before the first paint

    guard = install(
        logs,
        window.messages.user_error,
        lambda report: None,
        lambda: window.saving.save(window.session.dirty()),
    )
    app.aboutToQuit.connect(guard.uninstall)


def make_application() -> QApplication:
    """The one QApplication, with names that settings and desktops know it by."""
    QApplication.setApplicationName(NAME)
    QApplication.setApplicationDisplayName("")
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("cloudscope")
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setStyle(_STYLE)
        return app
    return QApplication([*sys.argv[:1], "-style", _STYLE])


def app_folders() -> Mapping[str, Path]:
    """Where caches and logs of this user go."""
    return {
        "cache": _place(QStandardPaths.StandardLocation.GenericCacheLocation),
        "logs": _place(QStandardPaths.StandardLocation.GenericStateLocation) / "log",
    }


def _place(kind: QStandardPaths.StandardLocation) -> Path:
    return Path(QStandardPaths.writableLocation(kind)) / NAME


def _settings(options: WindowOptions) -> Settings:
    """The user's settings; a picture must not depend on them, so it gets fresh ones."""
    if options.screenshot is not None:
        import tempfile  # only for pictures: every import delays the first paint

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
