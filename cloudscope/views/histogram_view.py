"""A histogram with two limits to drag, and the colour map between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cloudscope.theme import Theme
from cloudscope.views.limit_handle import LimitHandle

PLOT_HEIGHT = 70
_NOTE_HEIGHT = 16  # above the counts, so that words never lie on them
_BAR_TOP, _BAR_HEIGHT = 76, 9
_INSET = 6


class HistogramView(QWidget):
    """Shows counts, limits and colour map; knows nothing about the image.

    Signals:
        limitsDragged: Low and high while the user moves a handle.
        limitsReleased: The end of that gesture.
    """

    limitsDragged = Signal(float, float)
    limitsReleased = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts: NDArray[Any] = np.zeros(1)
        self._edges: tuple[float, float] = (0.0, 1.0)
        self._range: tuple[float, float] = (0.0, 1.0)
        self._limits: tuple[float, float] = (0.0, 1.0)
        self._step = 1.0
        self._log = False
        self._note = ""
        self._lut = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        self.low_handle = LimitHandle(theme, "Lower limit", self)
        self.high_handle = LimitHandle(theme, "Upper limit", self)
        self.low_handle.dragged.connect(lambda x: self._move_low(self._value_at(x)))
        self.high_handle.dragged.connect(lambda x: self._move_high(self._value_at(x)))
        self.low_handle.stepped.connect(lambda n: self._move_low(self._limits[0] + n * self._step))
        self.high_handle.stepped.connect(
            lambda n: self._move_high(self._limits[1] + n * self._step)
        )
        for handle in (self.low_handle, self.high_handle):
            handle.released.connect(self.limitsReleased)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Histogram")
        theme.changed.connect(self.update)

    @property
    def is_moving(self) -> bool:
        """Whether the user is at a handle now."""
        return self.low_handle.is_moving or self.high_handle.is_moving

    @property
    def limits(self) -> tuple[float, float]:
        """Low and high as shown."""
        return self._limits

    def set_counts(self, counts: NDArray[Any], first: float, last: float) -> None:
        """Bins of equal width between two values."""
        self._counts, self._edges = counts, (first, last)
        self.update()

    def set_range(self, first: float, last: float, step: float) -> None:
        """Values at the two ends, and how far an arrow key moves a limit."""
        self._range, self._step = (first, max(last, first + step)), step
        self._place_handles()

    def set_limits(self, low: float, high: float) -> None:
        """Show limits without telling anybody."""
        self._limits = (low, high)
        self._place_handles()

    def set_lut(self, table: NDArray[np.uint8]) -> None:
        """Colours of the map, (256, 3)."""
        self._lut = table
        self.update()

    @Slot(bool)
    def set_log(self, log: bool) -> None:
        """Logarithm of the counts, else their square root."""
        self._log = log
        self.update()

    def set_note(self, text: str) -> None:
        """A few small words in the corner."""
        self._note = text
        self.update()

    # --- geometry --------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Fixed height."""
        return QSize(200, _BAR_TOP + _BAR_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Narrow, but with room for the handles."""
        return QSize(120, _BAR_TOP + _BAR_HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        """Without numbers there is nothing to grab."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.low_handle.setVisible(self.isEnabled())
            self.high_handle.setVisible(self.isEnabled())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Handles stay at their values."""
        super().resizeEvent(event)
        self._place_handles()

    def _x_of(self, value: float) -> float:
        first, last = self._range
        return _INSET + (value - first) / (last - first) * (self.width() - 2 * _INSET)

    def _value_at(self, x: float) -> float:
        first, last = self._range
        share = (x - _INSET) / max(self.width() - 2 * _INSET, 1)
        return first + min(max(share, 0.0), 1.0) * (last - first)

    def _place_handles(self) -> None:
        low, high = (min(max(self._x_of(v), 0), self.width()) for v in self._limits)
        self.low_handle.centre_at(low, PLOT_HEIGHT)
        self.high_handle.centre_at(high, PLOT_HEIGHT)
        # Where both stand together, the one that still has room to move must be on top.
        (self.low_handle if low > self.width() / 2 else self.high_handle).raise_()
        self.update()

    def _move_low(self, value: float) -> None:
        self._report(min(value, self._limits[1] - self._step), self._limits[1])

    def _move_high(self, value: float) -> None:
        self._report(self._limits[0], max(value, self._limits[0] + self._step))

    def _report(self, low: float, high: float) -> None:
        if (low, high) != self._limits:
            self.set_limits(low, high)
            self.limitsDragged.emit(low, high)

    # --- painting ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, counts, a few words, colour map."""
        painter = QPainter(self)
        frame = QRectF(0.5, 0.5, self.width() - 1, PLOT_HEIGHT - 1)
        painter.setPen(self._theme.color("border" if self.isEnabled() else "line"))
        painter.setBrush(self._theme.color("base"))
        painter.drawRect(frame)
        if self.isEnabled():
            self._paint_counts(painter)
            self._paint_note(painter)
        self._paint_bar(painter)

    def _paint_counts(self, painter: QPainter) -> None:
        low, high = (self._x_of(limit) for limit in self._limits)
        outline = self._outline()
        color = self._theme.color("border")
        faded = QColor(color)
        faded.setAlphaF(0.38)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, fill in (
            (1.0, low, faded),
            (low, high, color),
            (high, self.width() - 1.0, faded),
        ):
            if right > left:
                painter.setClipRect(QRectF(left, 1, right - left, PLOT_HEIGHT - 2))
                painter.setBrush(fill)
                painter.drawPolygon(outline)
        painter.setClipping(False)

    def _outline(self) -> QPolygonF:
        """The histogram as one shape, a step per pixel column."""
        columns = np.arange(1, self.width() - 1)
        bottom = PLOT_HEIGHT - 1.0
        tops = bottom - self._heights(columns) * (PLOT_HEIGHT - _NOTE_HEIGHT - 2)
        x = np.concatenate(([1], np.repeat(columns, 2), [columns[-1] + 1]))
        x[2:-1:2] += 1  # the right end of each step
        y = np.concatenate(([bottom], np.repeat(tops, 2), [bottom]))
        polygon: QPolygonF = pg.functions.arrayToQPolygonF(x.astype(float), y)
        return polygon

    def _heights(self, columns: NDArray[np.int_]) -> NDArray[np.float64]:
        """Height per pixel column as a share of the plot, largest bin of the column."""
        first, last = self._edges
        left, right = self._range
        per_pixel = (right - left) / max(self.width() - 2 * _INSET, 1)
        per_value = self._counts.size / max(last - first, 1e-300)
        borders = left + (np.append(columns, columns[-1] + 1) - _INSET) * per_pixel
        bins = (borders - first) * per_value
        starts = np.clip(np.floor(bins).astype(int), 0, self._counts.size)
        scaled = np.append(self._scaled(), 0.0)
        heights = np.maximum.reduceat(scaled, starts)[:-1]
        outside = (bins[1:] <= 0) | (bins[:-1] >= self._counts.size)
        return np.where(outside, 0.0, heights)

    def _scaled(self) -> NDArray[np.float64]:
        counts = self._counts.astype(float)
        scaled = np.log1p(counts) if self._log else np.sqrt(counts)
        # One bin of saturated or empty pixels must not flatten all the others.
        top = scaled.max()
        if scaled.size > 2:
            top = min(top, 1.5 * np.partition(scaled, -3)[-3] or top)
        heights: NDArray[np.float64] = np.minimum(scaled / (top or 1.0), 1.0)
        return heights

    def _paint_note(self, painter: QPainter) -> None:
        if not self._note:
            return
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text2"))
        width = painter.fontMetrics().horizontalAdvance(self._note) + 6
        box = QRectF(self._note_right(width) - width, 1, width, _NOTE_HEIGHT)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._note)

    def _note_right(self, width: float) -> float:
        """Right end of the note: in the corner, or beside the handle that stands there."""
        low, high = (self._x_of(limit) for limit in self._limits)
        corner = self.width() - _INSET / 2
        for right in (corner, high - _INSET, low - _INSET):
            if right - width > 0 and not any(
                right - width - 3 < x < right + 3 for x in (low, high)
            ):
                return right
        return corner

    def _paint_bar(self, painter: QPainter) -> None:
        width = max(self.width() - 2 * _INSET, 2)
        low, high = self._limits
        values = np.linspace(*self._range, width)
        share = (values - low) / max(high - low, 1e-300)
        row = np.ascontiguousarray(self._lut[(np.clip(share, 0, 1) * 255).astype(np.uint8)])
        bar = QImage(row.data, width, 1, 3 * width, QImage.Format.Format_RGB888)
        place = QRectF(_INSET, _BAR_TOP, width, _BAR_HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.isEnabled():
            painter.drawImage(place, bar)
        painter.setPen(QPen(self._theme.color("border" if self.isEnabled() else "line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(0, 0, -1, -1))
