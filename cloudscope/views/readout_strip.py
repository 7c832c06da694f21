"""Numbers under the mouse in fixed places, so that they do not dance."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QWidget

from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.labels import label
from cloudscope.views.quantities import MISSING, decimals_for, number
from cloudscope.views.readings import Hover, RoiStats

HEIGHT = 26
_MARGIN, _GAP, _BETWEEN = 14, 6, 18

# Slot: what it is, and the longest text that it has room for.
_HOVER = {
    "t": ("Time", "1 234.567 s"),
    "x": ("Distance", "1 234.5 µm"),
    "px": ("Line, pixel", "100 000, 1 023"),
    "I": ("Raw value", "65 535.000"),
    "v": ("Velocity", "−12.34 ± 0.05 mm/s"),
}
_STATS = {
    "mean": ("Mean of the region", "≈ 65 535.0"),
    "min": ("Smallest value of the region", "65 535.00"),
    "max": ("Largest value of the region", "65 535.00"),
    "size": ("Lines × pixels of the region", "100 000 × 1 024"),
}


class Slot_(QWidget):
    """A key and a value."""


class ReadoutStrip(QFrame):
    """Shows what the mouse is on; while a region is dragged, the numbers inside it.

    Slots leave from the right where the strip is too narrow.
    """
