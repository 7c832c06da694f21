"""`cloudscope [PATH...]`: open the window, or say in one sentence why there is none."""

from __future__ import annotations

import builtins
import gc
import os
import sys

from cloudscope.window_options import WindowOptions, parsed

_LIBRARIES = "on Debian or Ubuntu run: apt install libegl1 libgl1 libxcb-cursor0 libxkbcommon-x11-0"


def window(words: list[str]) -> int:
    """Show the window until it is closed; gives the exit code."""
    options = parsed(words) if words else WindowOptions()
    if options.install_desktop:
        return _install()
    gc.disable()  # until all is loaded: none of it ever goes, and to look for that takes long
    try:
        return _shown(options)
    finally:
        gc.enable()


def _shown(options: WindowOptions) -> int:
    fault = _no_window()
    if fault:
        print(f"cloudscope: {fault}", file=sys.stderr)
        return 2
    try:
        # Qt is imported here only: the other commands work on machines without it.
        from cloudscope.app import run_app
    except ImportError as error:
        if error.name is not None and error.name.startswith(("cloudscope", "acqcore")):
            raise
        print(f"cloudscope: Qt cannot be loaded ({error}); {_LIBRARIES}", file=sys.stderr)
        return 2
    return run_app(options)


def _install() -> int:
    from cloudscope.desktop_entry import install_desktop_entry  # needed once in a lifetime

    try:
        for path in install_desktop_entry():
            print(path)
    except OSError as error:
        print(f"cloudscope: the desktop entry could not be written: {error}", file=sys.stderr)
        return 1
    return 0


def _no_window() -> str:
    """Why no window can be opened, in one sentence, or an empty text."""
    return _no_screen() or _no_qt()


def _no_screen() -> str:
    """Qt would end the process without a word that helps: look first."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    if not os.environ.get("DISPLAY"):
        return "there is no display; set DISPLAY, or QT_QPA_PLATFORM=offscreen to run without one."
    import ctypes  # slow to load, and needed on this platform only

    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return f"the library libxcb-cursor is missing; {_LIBRARIES}"
    return "" if _answers() else f"the display {os.environ['DISPLAY']} does not answer."


def _answers() -> bool:
    """Whether an X server is behind DISPLAY."""
    import ctypes  # slow to load, and needed on this platform only

    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)


def _no_qt() -> str:
    imported = builtins.__import__
    # Their version, not their record in the environment: importlib.metadata is slow to load.
    try:
        from PySide6 import __version__ as qt
    except ImportError as error:
        if error.name != "PySide6":
            return f"Qt cannot be loaded ({error}); {_LIBRARIES}"
        return "PySide6 is not installed; run: pip install 'PySide6-Essentials<6.12'"
    finally:
        # PySide6 puts its own in place, which reads the source text of every module that is
        # loaded later, for the sake of `from __feature__ import snake_case`.
        builtins.__import__ = imported
    if sys.version_info < (3, 12) and qt.startswith("6.12"):
        return f"PySide6 {qt} crashes on this Python; run: pip install 'PySide6-Essentials<6.12'"
    return ""
