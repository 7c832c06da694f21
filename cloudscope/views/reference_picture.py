"""The overview picture itself: rows run down, pixels are as high and wide as in the tissue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from acqcore.model.contrast import ImageContrast
from acqcore.pyramid import Pyramid
from cloudscope.theme import Theme
from cloudscope.views.luts import lut
from cloudscope.views.own_keys import OwnKeys
from cloudscope.views.reference_items import Path, ScaleBarItem, ScanPathItem
from cloudscope.views.time_plot import ExactBox
from cloudscope.views.viewport_item import ViewportItem

_LEAST_SIDE, _LEAST_COLUMNS = 120, 8
_PAGE, _ZOOM = 0.25, 1.5
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_MOVES = {
    Qt.Key.Key_Left: (-_PAGE, 0.0),
    Qt.Key.Key_Right: (_PAGE, 0.0),
    Qt.Key.Key_Up: (0.0, -_PAGE),
    Qt.Key.Key_Down: (0.0, _PAGE),
}
_KEYS = {*_MOVES, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_Home}


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """One channel of a reference image, ready to be painted; compared by identity.

    Attributes:
        file_id: Of the recording.
        pixels: (row, column), dtype of the file.
        pyramid: Of the transposed pixels: columns run along its lines.
        channel_names: One text per channel; empty texts where they have no names.
        step_y, step_x: Micrometres per row and column, None when unknown.
        path: The scanned line, None where the file does not tell.
    """

    file_id: str
    pixels: NDArray[Any]
    pyramid: Pyramid
    channel: int
    channel_names: tuple[str, ...]
    step_y: float | None = None
    step_x: float | None = None
    path: Path | None = None


class ReferencePlot(pg.GraphicsView):
    """Turn the wheel to zoom, drag to move, double click (or Home) for all of it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(background=theme.color("canvas"))
        self._theme = theme
        self._shows_focus = False
        self.overview: Overview | None = None
        self.box = ExactBox(enableMenu=False, lockAspect=True, invertY=True, defaultPadding=0)
        self.setCentralItem(self.box)
        self.picture, self.line, self.bar = ViewportItem(), ScanPathItem(), ScaleBarItem()
        for item in (self.picture, self.line, self.bar):
            self.box.addItem(item, ignoreBounds=True)
        self.box.disableAutoRange()
        self.setAccessibleName("Reference image")
        self.setToolTip("Turn the wheel to zoom, drag to move, double click for all of it")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(_LEAST_SIDE, _LEAST_SIDE)
        # Some of these are shortcuts of the window, which mean the kymograph.
        OwnKeys(self, lambda event: Qt.Key(event.key()) in _KEYS and not event.modifiers())
        self.box.sigResized.connect(self.fit)
        theme.changed.connect(self.recolor)
        self.recolor()

    def show_overview(self, overview: Overview, contrast: ImageContrast) -> None:
        """What is in view stays when only the channel or the contrast is another."""
        before, self.overview = self.overview, overview
        self.picture.set_lut(lut(contrast.color_lut))
        self.picture.set_levels(contrast.value_min, contrast.value_max)
        if overview is before:
            return
        self.picture.set_plane(overview.pyramid)
        if before is None or overview.file_id != before.file_id:
            self.line.show_path(overview.path)
            rows, columns = overview.pixels.shape
            self.bar.set_picture(rows, columns, overview.step_x)
            # An unknown size is taken for square pixels.
            ratio = (overview.step_x or 1.0) / (overview.step_y or 1.0)
            known = overview.step_x is not None and overview.step_y is not None
            self.box.setAspectLocked(True, ratio=ratio if known else 1.0)
            self.fit()

    @Slot()
    def fit(self) -> None:
        """Show all of it."""
        if self.overview is not None:
            rows, columns = self.overview.pixels.shape
            self.box.setLimits(minXRange=min(_LEAST_COLUMNS, columns))
            self.box.setRange(QRectF(0, 0, columns, rows), padding=0)

    @Slot()
    def recolor(self) -> None:
        """Take colours and fonts of the theme."""
        self.setBackground(self._theme.color("canvas"))
        self.bar.set_font(self._theme.font("small"))

    # --- events ------------------------------------------------------------------------------

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of it."""
        self.fit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, plus and minus zoom, Home shows all; others go to the window."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            seen = self.box.viewRect()
            across, down = _MOVES[key]
            self.box.translateBy(across * seen.width(), down * seen.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.box.scaleBy((1 / _ZOOM, 1 / _ZOOM))
        elif key == Qt.Key.Key_Minus:
            self.box.scaleBy((_ZOOM, _ZOOM))
        elif key == Qt.Key.Key_Home:
            self.fit()
        else:
            event.ignore()
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the picture that was reached by keyboard."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in _KEYBOARD
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._shows_focus = False
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The scene, and an accent line at the top edge while the keyboard acts here."""
        super().paintEvent(event)
        if self._shows_focus:
            painter = QPainter(self.viewport())
            painter.fillRect(0, 0, self.width(), 2, self._theme.color("accent"))
            painter.end()
