"""Colour maps by the names that a sidecar stores: tables of 256 colours, and their icons."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap

Table = NDArray[np.uint8]

_PERCEPTUAL = {"Viridis", "Cividis", "Magma", "Inferno", "Plasma"}

# Colours at equal distances.
_RAMPS = {
    "Gray": ("#000000", "#FFFFFF"),
    "inverted_grays": ("#FFFFFF", "#000000"),
    "Green": ("#000000", "#00FF00"),
    "Magenta": ("#000000", "#FF00FF"),
    "Cyan": ("#000000", "#00FFFF"),
    "Red": ("#000000", "#FF0000"),
    "Blue": ("#000000", "#0000FF"),
    "Hot": ("#000000", "#E60000", "#FFD200", "#FFFFFF"),
    "Cool": ("#00FFFF", "#FF00FF"),
    "Jet": (
        "#000080", "#0000FF", "#0080FF", "#00FFFF", "#80FF80",
        "#FFFF00", "#FF8000", "#FF0000", "#800000",
    ),
    "Rainbow": ("#8000FF", "#0080FF", "#00FFC0", "#80FF60", "#FFC000", "#FF0000"),
}  # fmt: skip

ADDITIVE = frozenset({"Green", "Magenta", "Cyan", "Red", "Blue", "Hot"})
"""Maps whose colours tell channels apart when their light is added; gray and rainbows do not."""


@cache
def lut(name: str) -> Table:
    """(256, 3) red, green, blue from dark to bright end; gray for an unknown name."""
    if name in _PERCEPTUAL:
        table = pg.colormap.get(name.lower()).getLookupTable(nPts=256, alpha=False)
    else:
        table = _ramp(_RAMPS.get(name, _RAMPS["Gray"]))
    fixed = np.ascontiguousarray(table, dtype=np.uint8)
    fixed.flags.writeable = False
    return fixed


@cache
def tint(top: str) -> Table:
    """(256, 3) from black to one colour, `#RRGGBB`: what can be added to other light."""
    fixed = np.ascontiguousarray(_ramp(("#000000", top)), dtype=np.uint8)
    fixed.flags.writeable = False
    return fixed


def lut_icon(name: str, width: int, height: int) -> QIcon:
    """The map from left to right in a thin frame; the same picture on a selected row."""
    pixmap = _bar(lut(name), width, height)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _ramp(stops: tuple[str, ...]) -> NDArray[np.float64]:
    at = np.linspace(0, 255, len(stops))
    steps = np.arange(256.0)
    parts = zip(*(QColor(stop).getRgb()[:3] for stop in stops), strict=True)  # type: ignore[index]
    return np.stack([np.interp(steps, at, part) for part in parts], axis=1).round()


def _bar(table: Table, width: int, height: int) -> QPixmap:
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    strip = QImage(table.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
    painter = QPainter(pixmap)
    painter.drawImage(QRectF(0, 0, width, height), strip)
    painter.setPen(QColor(128, 128, 128, 200))
    painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
    painter.end()
    return pixmap
