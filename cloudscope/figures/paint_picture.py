"""An image panel: one bitmap, outlines and bars as vectors on it, the LUT beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, qRgb

from cloudscope.figures.content import FigureContent, Outline, Picture
from cloudscope.figures.layout import (
    BAR_GAP,
    BAR_WIDTH,
    BREATH,
    Frame,
    distance_bar,
    time_bar,
)
from cloudscope.figures.nice import plain
from cloudscope.figures.paint_results import paint_marks, paint_streaks
from cloudscope.figures.paper import BLACK, HALO, MM, PAPER, PT, Lettering
from cloudscope.figures.place import Place
from cloudscope.figures.recipe import FigureRecipe, ImagePanel
from cloudscope.figures.traces import within

_HALO = QColor(*HALO)
_BAR_MM, _INSET_MM, _OUTLINE_PT = 0.7, 2.2, 0.9


def paint_picture(
    painter: QPainter,
    frame: Frame,
    panel: ImagePanel,
    one: Picture,
    recipe: FigureRecipe,
    content: FigureContent,
    text: Lettering,
) -> None:
    """Everything of the panel but its axes and its letter."""
    image = bitmap(one.index, one.table) if one.colors is None else colored(one.colors)
    painter.drawImage(frame.plot, image)
    place = Place(frame.plot, one)
    paint_marks(painter, place, one.marks)
    for line in one.overlays:
        _paint_overlay(painter, place, line.x, line.y, QColor(line.color))
    for streaks in one.streaks:
        paint_streaks(painter, place, streaks)
    for outline in one.outlines:
        _paint_outline(painter, place, outline, text)
    if panel.scale == "bars":
        _paint_bars(painter, frame.plot, panel, one, recipe, content, text)
    else:
        painter.setPen(QPen(QColor(BLACK), 0.5 * PT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.plot)
    if panel.lut_bar:
        _paint_lut(painter, frame.plot, one, text)


def bitmap(index: NDArray[np.uint8], table: NDArray[np.uint8]) -> QImage:
    """A picture with a table of colours: a third of the size of one with colours."""
    height, width = index.shape
    stride = (width + 3) // 4 * 4
    padded = np.zeros((height, stride), np.uint8)
    padded[:, :width] = index
    image = QImage(padded.tobytes(), width, height, stride, QImage.Format.Format_Indexed8)
    image.setColorTable([qRgb(*color) for color in table.tolist()])
    return image.copy()  # owns its pixels, which the bytes above do not outlive


def colored(pixels: NDArray[np.uint8]) -> QImage:
    """A picture of (row, column, 3)."""
    height, width, _ = pixels.shape
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()


def _paint_overlay(
    painter: QPainter,
    place: Place,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    color: QColor,
) -> None:
    first, last = place.lines
    for part in within(x, y, (float(first), float(last)), (0.0, float(place.pixels))):
        polygon = place.polygon(*part)
        for pen in (QPen(_HALO, 1.4 * PT), QPen(color, 0.7 * PT)):
            painter.setPen(pen)
            painter.drawPolyline(polygon)


def _paint_outline(painter: QPainter, place: Place, one: Outline, text: Lettering) -> None:
    """The sides of a ROI that are in the picture, and its name inside its upper left corner."""
    sides = _line(one, place) if one.is_line else _sides(one, place)
    if not sides:
        return
    for pen in (QPen(_HALO, 2 * _OUTLINE_PT * PT), QPen(QColor(one.color), _OUTLINE_PT * PT)):
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(sides)
    plot = place.plot
    left = max(min(side.p1().x() for side in sides), plot.left())
    top = max(min(min(side.y1(), side.y2()) for side in sides), plot.top())
    at = QPointF(left + 3 * PT, top + 3 * PT + text.height)
    _paint_words(painter, at, one.label, QColor(one.color), text)


def _sides(one: Outline, place: Place) -> list[QLineF]:
    """Those that are within the time range, pulled inside so that the page's edge is free."""
    start, stop, low, high = one.geometry
    first, last = place.lines
    if start >= last or stop <= first:
        return []
    half = _OUTLINE_PT * PT
    inner = place.plot.adjusted(half, half, -half, -half)
    left, right = max(place.x(start), inner.left()), min(place.x(stop), inner.right())
    top, bottom = max(place.y(high), inner.top()), min(place.y(low), inner.bottom())
    start_x = left if start >= first else place.plot.left()
    stop_x = right if stop <= last else place.plot.right()
    sides = [QLineF(start_x, y, stop_x, y) for y in (top, bottom)]
    if start >= first:
        sides.append(QLineF(left, top, left, bottom))
    if stop <= last:
        sides.append(QLineF(right, top, right, bottom))
    return sides


def _line(one: Outline, place: Place) -> list[QLineF]:
    line0, pixel0, line1, pixel1 = (float(value) for value in one.geometry)
    first, last = place.lines
    x, y = np.array([line0, line1]) + 0.5, np.array([pixel0, pixel1]) + 0.5
    parts = within(x, y, (float(first), float(last)), (0.0, float(place.pixels)))
    ends = [place.polygon(*part) for part in parts]
    return [QLineF(one.at(0), one.at(one.size() - 1)) for one in ends if one.size() > 1]


def _paint_bars(
    painter: QPainter,
    plot: QRectF,
    panel: ImagePanel,
    one: Picture,
    recipe: FigureRecipe,
    content: FigureContent,
    text: Lettering,
) -> None:
    """White with a dark edge: they hold on every LUT."""
    share, words = time_bar(panel, recipe, content)
    inset, thick = _INSET_MM * MM, _BAR_MM * MM
    along = QRectF(0, 0, share * plot.width(), thick)
    along.moveBottomRight(QPointF(plot.right() - inset, plot.bottom() - inset))
    _paint_bar(painter, along)
    middle = along.center().x() - text.width(words) / 2
    middle = min(middle, plot.right() - 2 * BREATH - text.width(words))
    _paint_words(painter, QPointF(middle, along.top() - 2 * BREATH), words, QColor(PAPER), text)
    share, words = distance_bar(panel, one, content)
    upright = QRectF(0, 0, thick, share * plot.height())
    upright.moveBottomLeft(QPointF(plot.left() + inset, plot.bottom() - inset))
    _paint_bar(painter, upright)
    at = QPointF(upright.right() + 2 * BREATH, upright.center().y() + text.height / 2)
    _paint_words(painter, at, words, QColor(PAPER), text)


def _paint_bar(painter: QPainter, bar: QRectF) -> None:
    edge = 0.5 * PT
    painter.fillRect(bar.adjusted(-edge, -edge, edge, edge), _HALO)
    painter.fillRect(bar, QColor(PAPER))


def _paint_words(
    painter: QPainter, at: QPointF, words: str, color: QColor, text: Lettering
) -> None:
    """Real text on a dark edge, which is a shape: the words can still be edited."""
    outline = QPainterPath()
    outline.addText(at, text.font, words)
    pen = QPen(_HALO, 1.4 * PT)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(outline, pen)
    painter.setPen(color)
    painter.drawText(at, words)


def _paint_lut(painter: QPainter, plot: QRectF, one: Picture, text: Lettering) -> None:
    """One bar per channel, under each other."""
    count = len(one.shades)
    height = (plot.height() - (count - 1) * BAR_GAP) / count
    ramp = np.arange(255, -1, -1, dtype=np.uint8)[:, None]
    for place, shade in enumerate(one.shades):
        top = plot.top() + place * (height + BAR_GAP)
        bar = QRectF(plot.right() + BAR_GAP, top, BAR_WIDTH, height)
        painter.drawImage(bar, bitmap(ramp, shade.table))
        painter.setPen(QPen(QColor(BLACK), 0.5 * PT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        low, high = (plain(value) for value in shade.limits)
        x = bar.right() + BREATH
        painter.drawText(QPointF(x, bar.top() + text.height), high)
        painter.drawText(QPointF(x, bar.bottom()), low)
