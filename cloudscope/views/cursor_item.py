"""Marks that follow the mouse: the linked cursor, and the rectangle being drawn."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from cloudscope.views.overlay import HALO, WHITE, OverlayItem, solid


class CursorItem(OverlayItem):
    """A moment as a white line, and a place along the scan line as dots."""

    def __init__(self) -> None:
        super().__init__()
        self._line: float | None = None
        self._pixel: float | None = None
        self.setZValue(20)

    def show_at(self, line: float | None, pixel: float | None) -> None:
        """Places on the two axes; None leaves one out."""
        if (line, pixel) != (self._line, self._pixel):
            self._line, self._pixel = line, pixel
            self.update()

    @property
    def place(self) -> tuple[float | None, float | None]:
        """Where it is: line and pixel."""
        return self._line, self._pixel

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """One pixel wide, on whole pixels, with a halo."""
        to_screen, view = painter.worldTransform(), QRectF(self.viewRect())
        shown = to_screen.mapRect(view)
        painter.save()
        painter.resetTransform()
        if self._pixel is not None and view.top() <= self._pixel <= view.bottom():
            y = round(to_screen.map(QPointF(view.left(), self._pixel)).y() - 0.5) + 0.5
            for ink, offset in ((WHITE, 0), (HALO, 2)):  # one of them shows on any picture
                pen = solid(ink, 1)
                pen.setDashPattern([1, 3])
                pen.setDashOffset(offset)
                painter.setPen(pen)
                painter.drawLine(QPointF(shown.left(), y), QPointF(shown.right(), y))
        if self._line is not None and view.left() <= self._line <= view.right():
            x = round(to_screen.map(QPointF(self._line, view.top())).x() - 0.5)
            painter.fillRect(QRectF(x - 1, shown.top(), 3, shown.height()), HALO)
            painter.fillRect(QRectF(x, shown.top(), 1, shown.height()), WHITE)
        painter.restore()


class RubberItem(OverlayItem):
    """What is being drawn: a rectangle, solid for a region and dashed for a zoom, or a line."""

    def __init__(self) -> None:
        super().__init__()
        self._place: QRectF | None = None
        self._line: QLineF | None = None
        self._dashed = False
        self._color = WHITE
        self.setZValue(30)

    def show_rect(
        self, place: QRectF | None, color: QColor = WHITE, *, dashed: bool = False
    ) -> None:
        """In lines and pixels; None takes it away."""
        self._place, self._color, self._dashed = place, color, dashed
        self.update()

    def show_line(self, line: QLineF | None, color: QColor = WHITE) -> None:
        """In lines and pixels; None takes it away."""
        self._line, self._color = line, color
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Outline with a halo."""
        if self._line is not None:
            self._paint_line(painter, painter.worldTransform().map(self._line))
        if self._place is not None:
            self._paint_rect(painter, self._place)

    def _paint_line(self, painter: QPainter, line: QLineF) -> None:
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ink, width in ((HALO, 4), (self._color, 2)):
            painter.setPen(solid(ink, width))
            painter.drawLine(line)
        painter.restore()

    def _paint_rect(self, painter: QPainter, place: QRectF) -> None:
        rect = painter.worldTransform().mapRect(place)
        rect = QRectF(QPointF(rect.topLeft().toPoint()), QPointF(rect.bottomRight().toPoint()))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(solid(HALO, 4))
        painter.drawRect(rect)
        pen = solid(self._color, 2)
        if self._dashed:
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawRect(rect)
        painter.restore()
