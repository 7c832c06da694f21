"""The whole recording in one line, and the part of it that is on screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.own_keys import OwnKeys
from cloudscope.views.quantities import decimals_for, number
from cloudscope.views.spans import Span, inside, moved, scaled
from cloudscope.views.time_plot import LEFT_AXIS, RIGHT_MARGIN
from cloudscope.views.visible_part import LEAST_LINES

HEIGHT, DRAWN = 32, 22
_GRAB = 5  # how far from an edge of the window the mouse may be
_FILL = 0.16
_STEP, _BIG_STEP = 0.1, 0.9
_MOVE, _LEFT, _RIGHT = "move", "left", "right"


class OverviewStrip(QWidget):
    """Mean intensity per line as an envelope; drag the window, or its edges.

    Signals:
        windowMoved: First and last line of the window, during a drag and after a key.
    """

    windowMoved = Signal(float, float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = Scene()
        self._mean: NDArray[Any] = np.zeros(0, np.float32)
        self._window: Span = (0.0, 0.0)
        self._columns: tuple[int, QPolygonF] | None = None
        self._grip, self._pressed_at, self._origin = "", 0.0, (0.0, 0.0)
        self._shows_focus = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Overview")
        self.setToolTip("Drag the window to move along the recording (Left, Right)")
        OwnKeys(self, lambda event: self._moved_by(event) is not None)
        theme.changed.connect(self._recolor)
        self._recolor()

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Another recording or channel; empty while it loads."""
        old, self._scene = self._scene, scene
        if scene.plane is not old.plane:
            plane = scene.plane
            self._mean = plane.envelope[1] if plane is not None else np.zeros(0, np.float32)
            self._columns, self._grip = None, ""
        if scene.plane is not old.plane or scene.calibration != old.calibration:
            self.update()

    @Slot(float, float)
    def set_window(self, line0: float, line1: float) -> None:
        """Show which lines are on screen; tells nobody."""
        if (line0, line1) != self._window:
            self._window = (line0, line1)
            self.update()

    @property
    def window_span(self) -> Span:
        """First and last line on screen."""
        return self._window

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, HEIGHT)

    @Slot()
    def _recolor(self) -> None:
        self.setFixedHeight(max(HEIGHT, self._theme.px(HEIGHT)))
        self._columns = None
        self.update()

    # --- painting ----------------------------------------------------------------------------

    def _band(self) -> QRectF:
        """Where the recording is drawn: under the picture, edge to edge."""
        left = self._theme.px(LEFT_AXIS)
        top = (self.height() - DRAWN) // 2
        return QRectF(left, top, max(self.width() - left - RIGHT_MARGIN, 1), DRAWN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Duration, envelope, window."""
        theme, band = self._theme, self._band()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("canvas"))
        if self._mean.size or self._scene.header is not None:
            painter.fillRect(band, theme.color("panel"))
        if self._mean.size:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("text2"))
            caption = QRectF(0, 0, band.left() - 8, self.height())
            painter.drawText(caption, _RIGHT_MIDDLE, self.duration)
            painter.setPen(QPen(theme.color("border"), 1))
            painter.drawPolyline(self._envelope(band))
            self._paint_window(painter, band)
        if self._shows_focus:
            painter.fillRect(0, 0, self.width(), 2, theme.color("accent"))
        painter.end()

    def _paint_window(self, painter: QPainter, band: QRectF) -> None:
        left, right = (self._x(line) for line in self._window)
        frame = QRectF(left, band.top(), max(right - left, 4.0), band.height())
        fill = self._theme.color("accent")
        fill.setAlphaF(_FILL)
        painter.fillRect(frame, fill)
        pen = QPen(self._theme.color("accent"), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(frame.adjusted(1, 1, -1, -1))

    def _envelope(self, band: QRectF) -> QPolygonF:
        """Smallest and largest mean of the lines of each column, as one zigzag."""
        columns = int(band.width())
        if self._columns is None or self._columns[0] != columns:
            low, high = column_range(self._mean, columns)
            self._columns = (columns, _zigzag(low, high, band))
        return self._columns[1]

    @property
    def duration(self) -> str:
        """Length of the recording, such as `30 s`."""
        steps = self._scene.calibration
        if not steps.time_known:
            return number(self._mean.size, 0)
        seconds = self._mean.size * steps.step_y
        text = number(seconds, min(decimals_for(seconds, 2), 3))
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text} s"

    # --- mouse and keys ----------------------------------------------------------------------

    def _x(self, line: float) -> float:
        band = self._band()
        return band.left() + band.width() * line / max(self._mean.size, 1)

    def _line(self, x: float) -> float:
        band = self._band()
        return (x - band.left()) / band.width() * self._mean.size

    def _grip_at(self, x: float) -> str:
        left, right = (self._x(line) for line in self._window)
        if min(abs(x - left), abs(x - right)) <= _GRAB:
            return _LEFT if abs(x - left) < abs(x - right) else _RIGHT
        return _MOVE

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the window or an edge; beside it the window comes to the mouse first."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._mean.size:
            return
        x = event.position().x()
        self._grip, self._pressed_at, self._origin = self._grip_at(x), x, self._window
        if self._grip == _MOVE and not self._window[0] <= self._line(x) <= self._window[1]:
            middle = (self._window[0] + self._window[1]) / 2
            self._origin = moved(self._window, self._line(x) - middle, self._mean.size)
            self._report(self._origin)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken."""
        x = event.position().x()
        if not self._grip:
            edge = bool(self._mean.size) and self._grip_at(x) != _MOVE
            shape = Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        by, size = self._line(x) - self._line(self._pressed_at), float(self._mean.size)
        low, high = self._origin
        if self._grip == _MOVE:
            self._report(moved(self._origin, by, size))
        elif self._grip == _LEFT:
            self._report((min(max(low + by, 0.0), high - LEAST_LINES), high))
        else:
            self._report((low, max(min(high + by, size), low + LEAST_LINES)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The whole recording."""
        if self._mean.size:
            self._report((0.0, float(self._mean.size)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by a tenth of the window, with Shift by nearly all of it; plus, minus."""
        span = self._moved_by(event)
        if span is None or not self._mean.size:
            event.ignore()
        else:
            self._report(span)

    def _moved_by(self, event: QKeyEvent) -> Span | None:
        low, high = self._window
        size = float(self._mean.size)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = (high - low) * (_BIG_STEP if shift else _STEP)
        spans = {
            Qt.Key.Key_Left: moved(self._window, -step, size),
            Qt.Key.Key_Right: moved(self._window, step, size),
            Qt.Key.Key_Home: moved(self._window, -size, size),
            Qt.Key.Key_End: moved(self._window, size, size),
            Qt.Key.Key_Plus: scaled(self._window, 1 / 1.5, (low + high) / 2, size, LEAST_LINES),
            Qt.Key.Key_Minus: scaled(self._window, 1.5, (low + high) / 2, size, LEAST_LINES),
        }
        return spans.get(Qt.Key(event.key()))

    def _report(self, span: Span) -> None:
        span = inside(span, float(self._mean.size), LEAST_LINES)
        self.set_window(*span)
        self.windowMoved.emit(*span)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard acts."""
        self._shows_focus = event.reason() is not Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No longer here."""
        self._shows_focus = False
        self.update()


_RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def column_range(values: NDArray[Any], columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Smallest and largest value that falls into each of some columns; NaN is left out."""
    starts = np.linspace(0, values.size, columns, endpoint=False).astype(np.intp)
    return np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)


def _zigzag(low: NDArray[Any], high: NDArray[Any], band: QRectF) -> QPolygonF:
    """Up and down in every column, three pixels off the edges."""
    finite = np.isfinite(low) & np.isfinite(high)
    if not finite.any():
        return QPolygonF()
    bottom, top = float(low[finite].min()), float(high[finite].max())
    scale = (band.height() - 6) / (top - bottom) if top > bottom else 0.0
    base = band.bottom() - 3 if scale else band.center().y()
    points = []
    for column in np.flatnonzero(finite):
        x = band.left() + float(column) + 0.5
        ends = (low[column], high[column]) if column % 2 else (high[column], low[column])
        points += [QPointF(x, base - scale * (float(end) - bottom)) for end in ends]
    return QPolygonF(points)
