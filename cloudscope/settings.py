"""What the application remembers of the user's taste and of where the user was.

Every value is checked when it is read: a damaged or foreign settings file gives defaults,
never an error.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, QSettings, QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from acqcore.model.lut_names import DEFAULT_PERCENTILES, LUT_NAMES

VERSION = 1
"""Raised when the meaning of a stored value changes; `_MIGRATIONS` then gets a step."""

MAX_RECENT = 10
APPEARANCES = ("system", "light", "dark")

_MIGRATIONS: dict[int, Callable[[QSettings], None]] = {}
"""Version that a step starts from, and the step."""


class Settings:
    """Typed properties over one ini file; each is written when it is set."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is the ini file; without one it lies in the user's configuration folder."""
        kind = QStandardPaths.StandardLocation.GenericConfigLocation
        folder = Path(QStandardPaths.writableLocation(kind)) / "CloudScope"
        self.path = path or folder / "cloudscope.ini"
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        self._ended_well = True
        self._migrate()

    def reset(self) -> None:
        """Forget everything."""
        self._store.clear()
        self._migrate()

    def reset_choices(self) -> None:
        """Look, opening and pictures as at first; what was opened and made stays."""
        for key in ("look", "contrast", "session/reopen", "files/folder_depth"):
            self._store.remove(key)

    def sync(self) -> None:
        """Write to disk now; Qt otherwise does it a moment later."""
        self._store.sync()

    # --- look -------------------------------------------------------------------------

    @property
    def appearance(self) -> str:
        """`system`, `light` or `dark`."""
        return self._choice("look/appearance", APPEARANCES)

    @appearance.setter
    def appearance(self, name: str) -> None:
        self._store.setValue("look/appearance", name)

    @property
    def text_scale(self) -> float:
        """Factor on the system's text size, 0.75..2."""
        return self._number("look/text_scale", 1.0, 0.75, 2.0)

    @text_scale.setter
    def text_scale(self, factor: float) -> None:
        self._store.setValue("look/text_scale", float(factor))

    # --- files ------------------------------------------------------------------------

    @property
    def recent_paths(self) -> list[Path]:
        """Folders and files opened last, newest first; they may be gone by now."""
        listed = self._json("files/recent")
        texts = listed if isinstance(listed, list) else []
        kept = dict.fromkeys(Path(one) for one in texts if isinstance(one, str) and one)
        return list(kept)[:MAX_RECENT]

    def add_recent(self, path: Path) -> None:
        """Put a path on top of the list, once."""
        others = [one for one in self.recent_paths if one != path]
        self._set_json("files/recent", [str(one) for one in [path, *others][:MAX_RECENT]])

    def clear_recent(self) -> None:
        """Forget the list."""
        self._store.remove("files/recent")

    @property
    def last_folder(self) -> Path | None:
        """Where the open dialogs start; None when it is not known or gone."""
        text = self._json("files/last_folder")
        folder = Path(text) if isinstance(text, str) and text else None
        return folder if folder is not None and folder.is_dir() else None

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._set_json("files/last_folder", str(folder))

    @property
    def reopen_last(self) -> bool:
        """Whether a start without paths opens what was open when the window was closed."""
        return self._flag("session/reopen", True)

    @reopen_last.setter
    def reopen_last(self, wanted: bool) -> None:
        self._set_json("session/reopen", wanted)

    @property
    def last_session(self) -> dict[str, Any]:
        """What was open and where the user was, unchecked; empty when nothing is known."""
        remembered = self._json("session/last")
        return remembered if isinstance(remembered, dict) else {}

    @last_session.setter
    def last_session(self, remembered: dict[str, Any]) -> None:
        self._set_json("session/last", remembered)

    @property
    def blinded(self) -> bool:
        """Whether names of recordings are hidden."""
        return self._flag("session/blinded", False)

    @blinded.setter
    def blinded(self, hidden: bool) -> None:
        self._set_json("session/blinded", hidden)

    def begin_session(self) -> None:
        """Until `end_session` a start opens nothing: what brought us down would do so again."""
        self._ended_well = not self._flag("session/running", False)
        self._set_json("session/running", True)
        self.sync()

    def end_session(self) -> None:
        """The window was closed in order."""
        self._set_json("session/running", False)

    @property
    def may_reopen(self) -> bool:
        """Whether to open the last session now, after `begin_session`."""
        return self.reopen_last and self._ended_well and bool(self.last_session)

    @property
    def folder_depth(self) -> int:
        """How many levels of folders are searched for recordings, 1..20."""
        return round(self._number("files/folder_depth", 4, 1, 20))

    @folder_depth.setter
    def folder_depth(self, levels: int) -> None:
        self._store.setValue("files/folder_depth", int(levels))

    # --- pictures ---------------------------------------------------------------------

    @property
    def auto_contrast_percentiles(self) -> tuple[float, float]:
        """Percentiles of the pixels that become black and white, in ascending order."""
        low = self._number("contrast/low_percentile", DEFAULT_PERCENTILES[0], 0.0, 100.0)
        high = self._number("contrast/high_percentile", DEFAULT_PERCENTILES[1], 0.0, 100.0)
        return (low, high) if low < high else DEFAULT_PERCENTILES

    @auto_contrast_percentiles.setter
    def auto_contrast_percentiles(self, percentiles: tuple[float, float]) -> None:
        low, high = sorted(percentiles)
        self._store.setValue("contrast/low_percentile", float(low))
        self._store.setValue("contrast/high_percentile", float(high))

    @property
    def default_lut(self) -> str:
        """Colour map of a channel that was never touched, one of `LUT_NAMES`."""
        return self._choice("contrast/lut", LUT_NAMES)

    @default_lut.setter
    def default_lut(self, name: str) -> None:
        self._store.setValue("contrast/lut", name)

    # --- window -----------------------------------------------------------------------

    @property
    def window_geometry(self) -> QRect | None:
        """The window when it is not maximised, or None when it was never remembered."""
        stored = self._json("window/geometry")
        if not isinstance(stored, list) or len(stored) != 4:
            return None
        if not all(isinstance(one, int) and abs(one) < 100_000 for one in stored):
            return None
        rect = QRect(*stored)
        return rect if rect.isValid() else None

    @property
    def window_state(self) -> bytes:
        """Docks and tool bars as `QMainWindow.saveState` gave them, or empty."""
        try:
            return b64decode(str(self._store.value("window/state", "")), validate=True)
        except (binascii.Error, ValueError):
            return b""

    @property
    def file_columns(self) -> bytes:
        """Columns and sort of the file tree as its header gave them, or empty."""
        try:
            return b64decode(str(self._store.value("window/file_columns", "")), validate=True)
        except (binascii.Error, ValueError):
            return b""

    @file_columns.setter
    def file_columns(self, state: bytes) -> None:
        self._store.setValue("window/file_columns", b64encode(state).decode())

    def remember_window(self, window: QMainWindow) -> None:
        """Store the normal size, whether it is maximised, and the docks."""
        shown = window.normalGeometry()
        rect = shown if shown.isValid() else window.geometry()
        self._set_json("window/geometry", [rect.x(), rect.y(), rect.width(), rect.height()])
        self._set_json("window/maximised", window.isMaximized())
        self._store.setValue("window/state", b64encode(window.saveState().data()).decode())

    def restore_window(self, window: QMainWindow) -> bool:
        """Put the window back; False, and nothing moved, when its screen is not there."""
        if self.window_state:
            window.restoreState(self.window_state)
        rect = self.window_geometry
        if rect is None or QGuiApplication.screenAt(rect.center()) is None:
            return False
        window.setGeometry(rect)
        if self._json("window/maximised") is True:
            window.setWindowState(window.windowState() | window.windowState().WindowMaximized)
        return True

    # --- reading ----------------------------------------------------------------------
    def _migrate(self) -> None:
        """Bring an older file up to date; a newer one is read as far as it is understood."""
        stored = round(self._number("version", VERSION, 0, 1_000_000))
        for version in range(stored, VERSION):
            if version in _MIGRATIONS:
                _MIGRATIONS[version](self._store)
        if stored <= VERSION:
            self._store.setValue("version", VERSION)

    def _choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """The stored word, or the first one allowed."""
        text = self._store.value(key, allowed[0])
        return text if isinstance(text, str) and text in allowed else allowed[0]

    def _number(self, key: str, default: float, low: float, high: float) -> float:
        stored = self._store.value(key, default)
        try:
            number = float(stored)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return default
        return number if low <= number <= high else default

    def _json(self, key: str) -> Any:
        """Text is stored as JSON: Qt would drop the bytes of a path that is not UTF-8."""
        try:
            return json.loads(str(self._store.value(key, "null")))
        except ValueError:
            return None

    def block(self, name: str) -> dict[str, Any]:
        """What one feature keeps under its name, unchecked; empty when there is nothing."""
        stored = self._json(f"features/{name}")
        return stored if isinstance(stored, dict) else {}

    def set_block(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep JSON values."""
        self._set_json(f"features/{name}", dict(values))

    def _flag(self, key: str, default: bool) -> bool:
        stored = self._json(key)
        return stored if isinstance(stored, bool) else default

    def _set_json(self, key: str, value: object) -> None:
        self._store.setValue(key, json.dumps(value))
