"""Colours, fonts and icons of the application: one object, two palettes, switched live.

No widget names a colour. Painters ask `Theme.color` for a token of `tokens.json`; widgets
are styled by `style.qss`, whose `$token` places are filled from the same table.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontInfo, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from cloudscope.icons import SvgIconEngine, svg_pixmap, tinted_svg
from cloudscope.resources_path import resource, writable

APPEARANCES = ("system", "light", "dark")

# Drawings that the style sheet shows by file name: name there, drawing, token.
_SHEET_ICONS = (
    ("chevron-down", "chevron-down", "text2"),
    ("chevron-up", "chevron-up", "text2"),
    ("branch-open", "chevron-down", "text2"),
    ("branch-closed", "chevron-right", "text2"),
    ("chevron-down-off", "chevron-down", "text3"),
    ("chevron-up-off", "chevron-up", "text3"),
    ("check", "check", "on_accent"),
    ("check-off", "check", "panel"),
    ("minus", "minus", "on_accent"),
    ("menu-check", "check", "text"),
    ("close", "close", "text2"),
    ("float", "float", "text2"),
)

_ROLES = {
    QPalette.ColorRole.Window: "panel",
    QPalette.ColorRole.Button: "panel",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "on_accent",
    QPalette.ColorRole.Base: "base",
    QPalette.ColorRole.AlternateBase: "alt",
    QPalette.ColorRole.ToolTipBase: "base",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Highlight: "sel",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.PlaceholderText: "text2",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Light: "base",
    QPalette.ColorRole.Midlight: "hover",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "border",
    QPalette.ColorRole.Shadow: "border",
}

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}

# Sizes that follow the text, in pixels at a base font of 12 pixels.
_CONTROL, _FOCUSED, _BASE = 22, 20, 12


class Theme(QObject):
    """The look in force.

    Signals:
        changed: Colours or text sizes are different now; views recolour themselves.
    """

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        cache_folder: Path,
        parent: QObject | None = None,
        *,
        is_fusion: bool = False,
    ) -> None:
        """Style the application; `cache_folder` takes a few tinted drawings.

        `is_fusion`: it was started with that style; to set it here takes a while.
        """
        super().__init__(parent)
        self._app = app
        self._cache_folder = cache_folder
        table: dict[str, Any] = json.loads(resource("tokens.json").read_text(encoding="utf-8"))
        self._palettes = {name: _colors(table[name]) for name in ("light", "dark")}
        self._rois = [QColor(text) for text in table["roi"]]
        self._channels = [QColor(text) for text in table["channels"]]
        self._appearance = "system"
        self._text_scale = 1.0
        self._shown = ""
        self._pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}
        self._clones: list[SvgIconEngine] = []
        self._system_font = QFont(app.font())
        if not is_fusion:
            app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._apply()

    # --- what is in force -------------------------------------------------------------

    @property
    def appearance(self) -> str:
        """What the user chose: `system`, `light` or `dark`."""
        return self._appearance

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is on screen."""
        return self._wanted() == "dark"

    @property
    def text_scale(self) -> float:
        """Factor on the system's text size."""
        return self._text_scale

    def set_appearance(self, appearance: str) -> None:
        """Switch now; ValueError for anything but `system`, `light` and `dark`."""
        if appearance not in APPEARANCES:
            raise ValueError(f"appearance must be one of {APPEARANCES}, not {appearance!r}")
        self._appearance = appearance
        # Where the platform can, its window frames and file dialogs follow us.
        self._app.styleHints().setColorScheme(_SCHEMES[appearance])
        self._apply()

    def set_text_scale(self, factor: float) -> None:
        """Make all text larger or smaller; limited to 0.75..2."""
        limited = min(max(factor, 0.75), 2.0)
        if limited != self._text_scale:  # restyling every widget takes a while
            self._text_scale = limited
            self._apply(even_if_same=True)

    # --- what painters ask for ----------------------------------------------------------

    def color(self, token: str) -> QColor:
        """A copy of the colour; KeyError for a name that is no token."""
        return QColor(self._palettes[self._wanted()][token])

    def roi_color(self, index: int, chosen: str = "") -> QColor:
        """Colour of the ROI that was created as number `index`, from 0, unless one was chosen."""
        return QColor(chosen or self._rois[index % len(self._rois)])

    @property
    def roi_colors(self) -> tuple[str, ...]:
        """`#RRGGBB` of each, in the order in which they are given."""
        return tuple(color.name().upper() for color in self._rois)

    def channel_color(self, channel: int) -> QColor:
        """Colour that stands for a channel, from 0."""
        return QColor(self._channels[channel % len(self._channels)])

    def font(self, role: str = "base") -> QFont:
        """`base`, `strong`, `small` or `title`, with figures of one width."""
        font = QFont(self._app.font())
        font.setPixelSize(self._pixels[role])
        if role in ("strong", "title"):
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def px(self, length: int) -> int:
        """A length that was drawn for 12-pixel text, at the text size in force."""
        return round(length * self._pixels["base"] / _BASE)

    def icon(self, name: str, token: str = "") -> QIcon:
        """A drawing that follows mode, state and palette; `token` forces one colour.

        FileNotFoundError or KeyError for a name that does not exist.
        """
        if token:
            self.color(token)
        return QIcon(SvgIconEngine(_drawing(name), self.color, token, self._clones))

    def pixmap(self, name: str, size: int, token: str = "text") -> QPixmap:
        """A drawing in one colour, sharp on the screen of the application."""
        ratio = self._app.devicePixelRatio()
        key = (name, size, self.color(token).name(), ratio)
        if key not in self._pixmaps:
            side = round(size * ratio)
            drawn = svg_pixmap(_drawing(name), self.color(token), QSize(side, side))
            drawn.setDevicePixelRatio(ratio)
            self._pixmaps[key] = drawn
        return self._pixmaps[key]

    # --- how it is put on screen ----------------------------------------------------------

    @Slot()
    def _follow_system(self) -> None:
        self._apply()

    def _wanted(self) -> str:
        if self._appearance != "system":
            return self._appearance
        dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    @property
    def _pixels(self) -> dict[str, int]:
        system = QFontInfo(self._system_font).pixelSize()
        base = max(round(system * self._text_scale), 8)
        return {"base": base, "strong": base, "small": base - 1, "title": base + 4}

    def _apply(self, even_if_same: bool = False) -> None:
        """Put font, palette and style sheet on screen, once per real change."""
        wanted = self._wanted()
        if wanted == self._shown and not even_if_same:
            return
        self._shown = wanted
        font = QFont(self._system_font)
        font.setPixelSize(self._pixels["base"])
        # Figures of one width, so that numbers stand still; a font without them ignores it.
        font.setFeature(QFont.Tag("tnum"), 1)
        self._app.setFont(font)
        self._app.setPalette(_palette(self._palettes[wanted]))
        self._app.setStyleSheet(self._style_sheet(self._tint_files(wanted)))
        self.changed.emit()

    def _tint_files(self, name: str) -> Path:
        """Tinted drawings for the style sheet; a folder per palette, as Qt caches by path."""
        drawings = self._sheet_drawings()
        folder = self._cache_folder / name
        if all(_holds(folder / file_name, text) for file_name, text in drawings.items()):
            return folder
        self._cache_folder = writable(self._cache_folder)
        folder = self._cache_folder / name
        folder.mkdir(exist_ok=True)
        for file_name, text in drawings.items():
            _write_whole(folder / file_name, text)
        return folder

    def _sheet_drawings(self) -> dict[str, str]:
        drawings = {}
        for file_name, drawing, token in _SHEET_ICONS:
            text = tinted_svg(_drawing(drawing), self.color(token))
            # The style sheet shows them at 10 to 14 px, where 1.5 px lines look thin.
            text = text.replace('="1.5"', '="2"')
            if file_name.startswith("branch"):
                # A tree draws them as large as its indentation: leave a margin.
                text = text.replace('viewBox="0 0 20 20"', 'viewBox="-3 -3 26 26"')
            drawings[f"{file_name}.svg"] = text
        return drawings

    def _style_sheet(self, icons: Path) -> str:
        template = resource("style.qss").read_text(encoding="utf-8")
        pixels = self._pixels
        tokens = {name: color.name() for name, color in self._palettes[self._shown].items()}
        tokens |= {
            "icons": icons.as_posix(),
            "small": f"{pixels['small']}px",
            "title": f"{pixels['title']}px",
            "control": f"{self.px(_CONTROL)}px",
            "focused": f"{self.px(_CONTROL) - (_CONTROL - _FOCUSED)}px",
            "row": f"{self.px(24)}px",
            "box": f"{self.px(14)}px",
            "box_focused": f"{self.px(14) - 2}px",
        }
        return re.sub(r"\$(\w+)", lambda found: tokens[found[1]], template)


def _colors(table: dict[str, str]) -> dict[str, QColor]:
    return {token: QColor(text) for token, text in table.items() if token != "name"}


def _drawing(name: str) -> Path:
    path = resource("icons", f"{name}.svg")
    if not path.is_file():
        raise FileNotFoundError(f"there is no icon {name!r}")
    return path


def _palette(colors: dict[str, QColor]) -> QPalette:
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, colors[token])
    unfocused, disabled = QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled
    palette.setColor(unfocused, QPalette.ColorRole.Highlight, colors["sel_off"])
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.HighlightedText,
        QPalette.ColorRole.PlaceholderText,
    ):
        palette.setColor(disabled, role, colors["text3"])
    return palette


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _write_whole(path: Path, text: str) -> None:
    """Replace in one step: a second instance may be reading the file."""
    if _holds(path, text):
        return
    import tempfile  # slow to load, and needed by the first start only

    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)
