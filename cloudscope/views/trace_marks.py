"""Grid and cursor of a trace plot."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsEllipseItem, QWidget

_DOT = 7


class ValueGrid(pg.GraphicsObject):
    """A horizontal line at every tick of the value axis that has a number."""

    def __init__(self, axis: pg.AxisItem) -> None:
        super().__init__()
        self._axis = axis
        self._color = QColor()
        self.setZValue(-10)

    def set_color(self, color: QColor) -> None:
        """Colour of the lines."""
        self._color = color
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is in view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view."""
        super().viewTransformChanged()  # forgets the view rectangle that it keeps
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """One-pixel lines, whatever the scale."""
        view = self.viewRect()
        levels = self._axis.tickValues(view.top(), view.bottom(), self._axis.height())
        if not levels:
            return
        pen = QPen(self._color, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines([QLineF(view.left(), y, view.right(), y) for y in levels[0][1]])


class TraceCursor:
    """A vertical line at the moment, and a dot on the value that belongs to it."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setZValue(20)
        self._dot = QGraphicsEllipseItem(-_DOT / 2, -_DOT / 2, _DOT, _DOT)
        self._dot.setFlag(QGraphicsEllipseItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._dot.setZValue(21)
        self._dot.setPen(QPen(Qt.PenStyle.NoPen))
        for item in (self._line, self._dot):
            plot.addItem(item, ignoreBounds=True)
            item.hide()

    def set_colors(self, line: QColor, dot: QColor) -> None:
        """Of the moment, and of the value."""
        self._line.setPen(pg.mkPen(line, width=1))
        self._dot.setBrush(dot)

    def show_at(self, line: float | None, point: tuple[float, float] | None) -> None:
        """Move; None hides."""
        self._line.setVisible(line is not None)
        self._dot.setVisible(point is not None)
        if line is not None:
            self._line.setValue(line)
        if point is not None:
            self._dot.setPos(*point)
