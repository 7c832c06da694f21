"""A line along a streak: drawn with the slope tool, mended at its ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from cloudscope.views.overlay import DARK, HALO, OverlayItem, draw_tag, solid, tag_size

Place = tuple[float, float]
"""Line and pixel, between the samples as well."""
Ends = tuple[Place, Place]

INK = QColor("#FFE14D")  # no ROI, result or channel on the picture has it
_HANDLE, _HIT = 7.0, 8.0
_BESIDE = 12.0


class SlopeItem(OverlayItem):
    """In screen pixels; the words stand beside the end that was drawn last."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: Ends | None = None
        self.text = ""
        self._font = QFont()
        self.setZValue(28)

    def show_line(self, ends: Ends | None) -> None:
        """Draw it there; None takes it away."""
        self.ends = ends
        self.update()

    def show_text(self, text: str) -> None:
        """Say this beside it."""
        self.text = text
        self.update()

    def set_font(self, font: QFont) -> None:
        """Font of the words."""
        self._font = QFont(font)
        self.update()

    def end_at(self, position: QPointF) -> int | None:
        """Which end is under a point of the scene, 0 or 1."""
        if self.ends is None:
            return None
        for place in (1, 0):
            end = self.sceneTransform().map(QPointF(*self.ends[place]))
            if QLineF(end, position).length() <= _HIT:
                return place
        return None

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Halo, line, handles, words."""
        if self.ends is None:
            return
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(QRectF(self.viewRect()))
        line = QLineF(*(to_screen.map(QPointF(*end)) for end in self.ends))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ink, width in ((HALO, 4.0), (INK, 2.0)):
            painter.setPen(solid(ink, width))
            painter.drawLine(line)
        for end in (line.p1(), line.p2()):
            painter.setPen(solid(DARK, 1))
            painter.setBrush(INK)
            painter.drawEllipse(end, _HANDLE / 2, _HANDLE / 2)
        self._paint_text(painter, line, view)
        painter.restore()

    def _paint_text(self, painter: QPainter, line: QLineF, view: QRectF) -> None:
        """Where the line would go on, inside the picture."""
        if not self.text or not view.contains(line.p2()):
            return
        painter.setFont(self._font)
        width, height = tag_size(self._font, self.text)
        onward = 1 if line.dx() >= 0 else -1
        left = line.x2() + _BESIDE if onward > 0 else line.x2() - _BESIDE - width
        left = min(max(left, view.left() + 2), view.right() - width - 2)
        top = line.y2() + (_BESIDE if line.dy() > 0 else -_BESIDE - height)
        top = min(max(top, view.top() + 2), view.bottom() - height - 2)
        draw_tag(painter, round(left), round(top), self.text, INK)


class SlopeGesture:
    """Draw a line, or move one of its ends."""

    def __init__(
        self,
        item: SlopeItem,
        at: Callable[[QPointF], Place],
        start: QPointF,
        report: Callable[[Ends | None], None],
    ) -> None:
        self._item, self._at, self._report = item, at, report
        self._before = item.ends
        taken = item.end_at(start)
        self._fixed = at(start)
        if taken is not None and item.ends is not None:
            self._fixed = item.ends[1 - taken]

    def move(self, position: QPointF) -> None:
        """The free end follows the mouse."""
        self._show((self._fixed, self._at(position)))

    def finish(self) -> None:
        """Stay."""

    def cancel(self) -> None:
        """As it was before."""
        self._show(self._before)

    def _show(self, ends: Ends | None) -> None:
        self._item.show_line(ends)
        self._report(ends)
