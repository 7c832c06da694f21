"""Paper: units, fonts and colours of a printed page, which is white in every appearance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF

from cloudscope.figures.recipe import FigureRecipe
from cloudscope.resources_path import resource

PT = 10.0
"""Painting units per point: text sizes stay whole numbers, as Qt wants them."""
MM = PT * 72 / 25.4
PER_INCH = PT * 72

BLACK, PAPER, GRID = "#000000", "#FFFFFF", "#808080"
HALO = (0, 0, 0, 186)
"""Red, green, blue and opacity of the edge around what lies on a picture."""

_FAMILIES = {
    "Sans serif": ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "DejaVu Sans"),
    "Serif": ("Times New Roman", "Times", "Liberation Serif", "Nimbus Roman", "DejaVu Serif"),
}
_EVENTS = {"rise": "ev_rise", "fall": "ev_fall", "transient": "ev_trans", "user": "ev_user"}
_FURTHER = ("velocity", "diameter", "intensity", "ev_rise", "ev_fall", "ev_trans", "text")


@dataclass(frozen=True, slots=True)
class Lettering:
    """The text of a figure; all lengths in painting units.

    Attributes:
        font, metrics: Of everything but the panels' letters.
        bold, bold_metrics: Of those.
    """

    font: QFont
    metrics: QFontMetricsF
    bold: QFont
    bold_metrics: QFontMetricsF

    def width(self, text: str) -> float:
        """Of one line of text."""
        return self.metrics.horizontalAdvance(text)

    @property
    def height(self) -> float:
        """Of a capital letter."""
        return self.metrics.capHeight()


def lettering(recipe: FigureRecipe) -> Lettering:
    """Fonts of a recipe: the first usual family that this computer has."""
    font = QFont(_family(recipe.font))
    font.setPixelSize(round(recipe.text_pt * PT))
    # Hints would bend letters to the screen's pixels; paper has others.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    bold = QFont(font)
    bold.setPixelSize(round((recipe.text_pt + 1) * PT))
    bold.setBold(True)
    return Lettering(font, QFontMetricsF(font), bold, QFontMetricsF(bold))


def _family(name: str) -> str:
    there = set(QFontDatabase.families())
    usual = _FAMILIES[name]
    return next((family for family in usual if family in there), usual[-1])


@cache
def _tokens() -> Mapping[str, str]:
    tokens: Mapping[str, str] = json.loads(resource("tokens.json").read_text("utf-8"))["light"]
    return tokens


@cache
def _roi_colors() -> tuple[str, ...]:
    return tuple(json.loads(resource("tokens.json").read_text("utf-8"))["roi"])


@cache
def _channel_colors() -> tuple[str, ...]:
    return tuple(json.loads(resource("tokens.json").read_text("utf-8"))["channels"])


def channel_color(channel: int) -> str:
    """That stands for a channel, from 0."""
    return _channel_colors()[channel % len(_channel_colors())]


def roi_color(index: int, chosen: str = "") -> str:
    """Of the ROI that was created as number `index`, from 0, unless one was chosen."""
    return chosen or _roi_colors()[index % len(_roi_colors())]


def curve_colors(quantity: str, number: int) -> list[str]:
    """Colours of so many curves in one panel: the quantity's own first, no two alike."""
    first = quantity if quantity in _tokens() else "text"
    order = [first, *(one for one in _FURTHER if one != first)]
    return [_tokens()[order[place % len(order)]] for place in range(number)]


def event_color(kind: str) -> QColor:
    """Of a kind of event."""
    return QColor(_tokens()[_EVENTS.get(kind, "ev_user")])
