"""The only value of a trace: a dot with its 95 % interval, and the number in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from cloudscope.theme import Theme
from cloudscope.views.trace_content import TraceContent
from cloudscope.views.trace_samples import INTERVAL_95

_DOT, _CAP, _GAP, _PAD = 7.0, 9.0, 10.0, 4.0


@dataclass(frozen=True, slots=True)
class _Point:
    """Where it is, half of its interval (0 for none), and what it says."""

    x: float
    y: float
    half: float
    rejected: bool
    words: str


class LonePoint(pg.GraphicsObject):
    """Draws nothing for a trace of several values: there a line tells."""

    def __init__(self) -> None:
        super().__init__()
        self._point: _Point | None = None
        self._color, self._text, self._canvas = QColor(), QColor(), QColor()
        self._font = QFont()
        self.setZValue(2)  # over the trace

    @property
    def words(self) -> str:
        """Such as `342 ± 3 bpm`; empty while nothing is drawn."""
        return self._point.words if self._point is not None else ""

    def show_content(self, content: TraceContent) -> None:
        """Take the only value, or none."""
        self._point = _point_of(content)
        self.setVisible(self._point is not None)
        self.update()

    def recolor(self, theme: Theme, token: str) -> None:
        """Take the colour of the quantity, and of what is under the words."""
        self._color, self._text = theme.color(token), theme.color("text")
        self._canvas, self._font = theme.color("canvas"), theme.font("small")
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is in view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view."""
        super().viewTransformChanged()  # forgets the view rectangle that it keeps
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """In screen pixels."""
        point = self._point
        if point is None:
            return
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(QRectF(self.viewRect()))
        at = to_screen.map(QPointF(point.x, point.y))
        ends = [
            to_screen.map(QPointF(point.x, point.y + by)).y() for by in (-point.half, point.half)
        ]
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._color, 1.5))
        if point.half > 0:
            painter.drawLine(QLineF(at.x(), ends[0], at.x(), ends[1]))
            for y in ends:
                painter.drawLine(QLineF(at.x() - _CAP / 2, y, at.x() + _CAP / 2, y))
        painter.setBrush(self._canvas if point.rejected else self._color)
        painter.drawEllipse(at, _DOT / 2, _DOT / 2)
        if view.adjusted(0, -_DOT, 0, _DOT).contains(at):
            self._paint_words(painter, point.words, at, view)
        painter.restore()

    def _paint_words(self, painter: QPainter, words: str, at: QPointF, view: QRectF) -> None:
        """Beside the dot, on the side that has room, on a ground of their own."""
        metrics = QFontMetricsF(self._font)
        room = QRectF(0, 0, metrics.horizontalAdvance(words) + 2 * _PAD, metrics.height())
        room.moveCenter(at)
        room.moveLeft(at.x() + _GAP)
        if room.right() > view.right():
            room.moveRight(at.x() - _GAP)
        room.moveBottom(min(room.bottom(), view.bottom()))
        room.moveTop(max(room.top(), view.top()))
        painter.fillRect(room, self._canvas)
        painter.setFont(self._font)
        painter.setPen(self._text)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)


def _point_of(content: TraceContent) -> _Point | None:
    samples = content.samples
    if samples is None:
        return None
    index = samples.only
    if index is None:
        return None
    value, rejected = float(samples.y[index]), not math.isfinite(samples.y[index])
    value = float(samples.rejected[index]) if rejected else value
    error = float(samples.error[index])
    half = INTERVAL_95 * error if math.isfinite(error) else 0.0
    line = float(samples.x[index])
    return _Point(line, value, half, rejected, content.value_at(line))
