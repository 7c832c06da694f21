"""The one function that paints a figure, on whatever Qt can paint on."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cloudscope.figures.content import FigureContent, Picture
from cloudscope.figures.layout import (
    BREATH,
    TICK,
    Arrangement,
    Axis,
    Frame,
    arranged,
)
from cloudscope.figures.paint_picture import paint_picture
from cloudscope.figures.paint_traces import paint_traces
from cloudscope.figures.paper import BLACK, PAPER, PT, Lettering, lettering
from cloudscope.figures.recipe import FigureRecipe, ImagePanel, TracePanel

AXIS_PT = 0.5


def paint_figure(
    painter: QPainter, recipe: FigureRecipe, content: FigureContent, *, smooth: bool = False
) -> Arrangement:
    """Paint a page with its corner at the origin, in units of a tenth of a point.

    `smooth` is for devices with fewer pixels than the pictures have. Gives what stands
    where, for a mouse. Works in any thread that owns the device.
    """
    text = lettering(recipe)
    page = arranged(recipe, content, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.fillRect(page.page, QColor(PAPER))
    painter.setFont(text.font)
    for frame in page.frames:
        panel, one = recipe.panels[frame.index], content.panels[frame.index]
        if isinstance(panel, ImagePanel) and isinstance(one, Picture):
            paint_picture(painter, frame, panel, one, recipe, content, text)
        elif isinstance(panel, TracePanel) and one is not None and not isinstance(one, Picture):
            paint_traces(painter, frame, panel, one, recipe, text)
        _paint_values(painter, frame, text, bool(recipe.letters))
        _paint_letter(painter, frame, recipe, text)
    if page.time is not None:
        plot = page.frames[page.time_frame].plot
        has_frame = isinstance(content.panels[page.frames[page.time_frame].index], Picture)
        _paint_time(painter, page.time, plot, text, has_frame)
    return page


def axis_pen() -> QPen:
    """Black, with square ends that meet in the corner."""
    pen = QPen(QColor(BLACK), AXIS_PT * PT)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    return pen


def _paint_letter(painter: QPainter, frame: Frame, recipe: FigureRecipe, text: Lettering) -> None:
    letter = recipe.letter(frame.index)
    if letter:
        painter.setFont(text.bold)
        painter.setPen(QColor(BLACK))
        painter.drawText(frame.letter_at, letter)
        painter.setFont(text.font)


def _paint_values(painter: QPainter, frame: Frame, text: Lettering, lettered: bool) -> None:
    """The left axis: line, ticks, numbers, and the title upright beside them."""
    axis, plot = frame.values, frame.plot
    if axis is None:
        return
    left = plot.left()
    painter.setPen(axis_pen())
    painter.drawLine(QLineF(left, plot.top(), left, plot.bottom()))
    painter.drawLines([QLineF(left - TICK, y, left, y) for y in axis.places])
    painter.setPen(QColor(BLACK))
    widest = 0.0
    for y, words in zip(axis.places, axis.texts, strict=True):
        width = text.width(words)
        widest = max(widest, width)
        at = QPointF(left - TICK - BREATH - width, y + text.height / 2)
        painter.drawText(at, words)
    painter.save()
    half, middle = text.width(axis.title) / 2, plot.center().y()
    if lettered:  # which stands in the corner above
        middle = max(middle, frame.letter_at.y() + 2 * BREATH + half)
    painter.translate(left - TICK - 2 * BREATH - widest - text.metrics.descent(), middle)
    painter.rotate(-90)
    painter.drawText(QPointF(-half, 0), axis.title)
    painter.restore()


def _paint_time(painter: QPainter, axis: Axis, plot: QRectF, text: Lettering, closed: bool) -> None:
    """The time axis, below the lowest panel that has axes."""
    y = plot.bottom()
    painter.setPen(axis_pen())
    if not closed:
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
    painter.drawLines([QLineF(x, y, x, y + TICK) for x in axis.places])
    painter.setPen(QColor(BLACK))
    line = y + TICK + BREATH + text.height
    for x, words in zip(axis.places, axis.texts, strict=True):
        painter.drawText(QPointF(x - text.width(words) / 2, line), words)
    below = line + 2 * BREATH + text.height
    painter.drawText(QPointF(plot.center().x() - text.width(axis.title) / 2, below), axis.title)
