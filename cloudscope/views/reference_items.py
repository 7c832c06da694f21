"""What is drawn on an overview picture: the scanned line, a place on it, and a scale bar."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from cloudscope.figures.nice import distance_text
from cloudscope.views.axes import round_step
from cloudscope.views.overlay import HALO, WHITE, OverlayItem

Path = NDArray[np.float64]
"""(2, N): columns, then rows, in pixels of the overview."""

LINE = QColor(255, 210, 63)
_START, _PLACE = 4.0, 5.0
_SHARE = 0.15  # least part of the width that the bar takes
_MARGIN, _THICK = 8.0, 4.0


class ScanPathItem(OverlayItem):
    """The scanned line, a dot where it begins, and a ring at the pixel that is pointed at."""

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.place: float | None = None

    def show_path(self, path: Path | None) -> None:
        """Another line, or none."""
        self.path, self.place = path, None
        self.update()

    def show_place(self, share: float | None) -> None:
        """How far along the line, 0 to 1."""
        if share != self.place:
            self.place = share
            self.update()

    def point_at(self, share: float) -> QPointF:
        """Column and row of a place; points of the line are passed at equal times."""
        assert self.path is not None
        at = share * (self.path.shape[1] - 1)
        steps = np.arange(self.path.shape[1])
        return QPointF(*(float(np.interp(at, steps, line)) for line in self.path))

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """With a halo, so that it shows on any picture."""
        if self.path is None or self.path.shape[1] < 2:
            return
        to_screen = painter.worldTransform()
        line = to_screen.map(QPolygonF([QPointF(x, y) for x, y in self.path.T]))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((HALO, 4.5), (LINE, 2.0)):
            pen = QPen(color, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(line)
        painter.setPen(QPen(HALO, 1.5))
        painter.setBrush(LINE)
        painter.drawEllipse(line.first(), _START, _START)
        if self.place is not None:
            at = to_screen.map(self.point_at(self.place))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((HALO, 4.0), (WHITE, 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(at, _PLACE, _PLACE)
        painter.restore()


class ScaleBarItem(OverlayItem):
    """A round length at the lower right; nothing where the pixel size is unknown."""

    def __init__(self) -> None:
        super().__init__()
        self._step: float | None = None
        self._picture = QRectF()
        self._font = QFont()
        self.setZValue(10)

    def set_picture(self, rows: int, columns: int, um_per_column: float | None) -> None:
        """How large it is; None when a column's width is unknown."""
        self._picture, self._step = QRectF(0, 0, columns, rows), um_per_column
        self.update()

    def set_font(self, font: QFont) -> None:
        """Of the length."""
        self._font = font
        self.update()

    @property
    def length_um(self) -> float | None:
        """What the bar stands for in the view as it is."""
        if self._step is None:
            return None
        seen = self._seen().width()
        return round_step(_SHARE * seen * self._step) if seen > 0 else None

    def _seen(self) -> QRectF:
        """The part of the picture that is in view."""
        return QRectF(self.viewRect()).intersected(self._picture)

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """White on a dark ground that lets the picture through."""
        length = self.length_um
        if length is None or self._step is None:
            return
        shown = painter.worldTransform().mapRect(self._seen())
        wide = length / self._step * painter.worldTransform().m11()
        text = distance_text(length, True)
        metrics = QFontMetricsF(self._font)
        box = QRectF(0, 0, max(wide, metrics.horizontalAdvance(text)) + 14, metrics.height() + 15)
        box.moveBottomRight(shown.bottomRight() - QPointF(_MARGIN, _MARGIN))
        painter.save()
        painter.resetTransform()
        painter.fillRect(box, HALO)
        bar = QRectF(0, 0, round(wide), _THICK)
        bar.moveCenter(QPointF(box.center().x(), box.bottom() - 8))
        painter.fillRect(bar.toRect(), WHITE)
        painter.setPen(WHITE)
        painter.setFont(self._font)
        top = box.adjusted(0, 3, 0, -11)
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()
