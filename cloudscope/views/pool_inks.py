"""Colours of pool plots: of the window's theme, or of white paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont

from cloudscope.resources_path import resource
from cloudscope.theme import Theme

_SERIES = ("ev_rise", "velocity", "diameter", "intensity", "ev_fall", "ev_trans", "ev_user")
_NAMED = ("canvas", "line", "grid", "text", "text2", "accent")
SYMBOLS = ("o", "s", "t1", "d", "star", "p", "+")
"""A colour is never the only sign of a group."""


@dataclass(frozen=True, slots=True)
class Inks:
    """What a plot is drawn with.

    Attributes:
        series: One colour per group, cycling.
    """

    canvas: QColor
    line: QColor
    grid: QColor
    text: QColor
    text2: QColor
    accent: QColor
    series: tuple[QColor, ...]
    font: QFont

    @classmethod
    def of(cls, theme: Theme) -> Inks:
        """As the window looks now."""
        return cls._made(theme.color, theme.font("small"))

    @classmethod
    def paper(cls, theme: Theme) -> Inks:
        """The light palette on white, whatever the window looks like."""
        light = json.loads(resource("tokens.json").read_text(encoding="utf-8"))["light"]
        made = cls._made(lambda token: QColor(light[token]), theme.font("small"))
        return cls(
            QColor(255, 255, 255), made.text2, made.grid, made.text, made.text, made.accent,
            made.series, made.font,
        )  # fmt: skip

    @classmethod
    def _made(cls, color: Callable[[str], QColor], font: QFont) -> Inks:
        canvas, line, grid, text, text2, accent = (color(name) for name in _NAMED)
        series = tuple(color(name) for name in _SERIES)
        return cls(canvas, line, grid, text, text2, accent, series, font)

    def color(self, place: int) -> QColor:
        """Of a group."""
        return QColor(self.series[place % len(self.series)])

    def pale(self, place: int) -> QColor:
        """The same as a ground."""
        color = self.color(place)
        color.setAlphaF(0.22)
        return color


def symbol(place: int) -> str:
    """Sign of a group."""
    return SYMBOLS[place % len(SYMBOLS)]
