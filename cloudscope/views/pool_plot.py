"""One plot of the pool window: draws numbers, marks points, reports brushes and clicks."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from cloudscope.views.axes import ScaledAxis
from cloudscope.views.pool_axis import GroupAxis
from cloudscope.views.pool_drawing import GROUPED, Drawing, Marks, drawn
from cloudscope.views.pool_inks import Inks
from cloudscope.views.pool_numbers import LEVELS, PlotNumbers

Codes = NDArray[np.intp]

LEFT = 58
_NEAR = 9.0  # screen pixels from the mouse to a point
_MOST_NAMES, _MOST_RINGS = 8, 4000
_SIGNS = {"o": "●", "s": "■", "t1": "▲", "d": "◆", "star": "★", "p": "⬟", "+": "✚"}


class BrushBox(pg.ViewBox):
    """A drag draws a rectangle, with the middle button it moves; the wheel zooms.

    Signals:
        brushed: Rectangle in plot coordinates, and whether it adds to what is selected.
        clicked: Place in plot coordinates, and whether it adds.
        fullViewWanted: A double click.
    """

    brushed = Signal(object, bool)
    clicked = Signal(object, bool)
    fullViewWanted = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseMode(pg.ViewBox.RectMode)

    def set_ink(self, inks: Inks) -> None:
        """Colour of the rectangle."""
        ground = pg.mkColor(inks.accent)
        ground.setAlphaF(0.16)
        self.rbScaleBox.setPen(pg.mkPen(inks.accent, width=1))
        self.rbScaleBox.setBrush(pg.mkBrush(ground))

    def mouseDragEvent(self, event: object, axis: int | None = None) -> None:
        """Left: brush."""
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            super().mouseDragEvent(event, axis)
            return
        event.accept()  # type: ignore[attr-defined]
        start, end = event.buttonDownPos(), event.pos()  # type: ignore[attr-defined]
        if not event.isFinish():  # type: ignore[attr-defined]
            self.updateScaleBox(start, end)
            return
        self.rbScaleBox.hide()
        shape = QRectF(self.mapToView(start), self.mapToView(end)).normalized()
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier  # type: ignore[attr-defined]
        self.brushed.emit(shape, bool(shift))

    def mouseClickEvent(self, event: object) -> None:
        """A point, or twice for everything."""
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        event.accept()  # type: ignore[attr-defined]
        if event.double():  # type: ignore[attr-defined]
            self.fullViewWanted.emit()
            return
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier  # type: ignore[attr-defined]
        self.clicked.emit(self.mapToView(event.pos()), bool(shift))  # type: ignore[attr-defined]


class Caption(pg.LabelItem):
    """Words above a plot that break into lines instead of widening it."""

    def updateMin(self) -> None:
        """Pyqtgraph asks for the width of the whole text here."""

    def sizeHint(self, which: Qt.SizeHint, constraint: object = None) -> QSizeF:
        """As high as its lines, as wide as the plot."""
        high = self.item.boundingRect().height() if self.text else 0.0
        return QSizeF(-1 if which == Qt.SizeHint.MaximumSize else 0, high)

    def resizeEvent(self, event: object) -> None:
        """Break the lines anew."""
        high = self.item.boundingRect().height()
        self.item.setPos(0, 0)
        self.item.setTextWidth(max(self.rect().width(), 40))
        if event is None or high != self.item.boundingRect().height():
            self.updateGeometry()


class PoolPlot(pg.PlotWidget):
    """Shows `PlotNumbers`, or a sentence about why there is nothing to show.

    Signals:
        pointsChosen: Points, whether they are added, and whether it was a click on one.
        touched: The mouse went down in it.
    """

    pointsChosen = Signal(object, bool, bool)
    touched = Signal()

    def __init__(self, inks: Inks, parent: QWidget | None = None, for_paper: bool = False) -> None:
        self.box = BrushBox()
        self.value_axis, self.group_axis = ScaledAxis("left"), GroupAxis()
        axes = {"left": self.value_axis, "bottom": self.group_axis}
        super().__init__(parent, axisItems=axes, viewBox=self.box, enableMenu=False)
        self._for_paper = for_paper
        self._numbers: PlotNumbers | None = None
        self._drawing = Drawing()
        self._marked: Codes = np.empty(0, np.intp)
        self._sentence = pg.LabelItem("")
        self._sentence.setParentItem(self.box)
        self._rings = Marks(size=11, useCache=not for_paper)
        self._rings.setZValue(30)
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.layout.setContentsMargins(0, 2, 12, 2)
        plot.titleLabel.hide()
        plot.layout.removeItem(plot.titleLabel)
        self._caption = Caption("")
        plot.layout.addItem(self._caption, 0, 1)
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        self.box.brushed.connect(self._brush)
        self.box.clicked.connect(self._click)
        self.box.fullViewWanted.connect(self.full_view)
        self.box.sigResized.connect(self._resized)
        self.set_inks(inks)

    @property
    def numbers(self) -> PlotNumbers | None:
        """What is drawn, None for a sentence."""
        return self._numbers

    @property
    def sentence(self) -> str:
        """What it says instead of numbers, or empty."""
        return "" if self._numbers is not None else str(self._sentence.toolTip())

    @property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where points are, in plot coordinates."""
        return self._drawing.x, self._drawing.y

    def set_inks(self, inks: Inks) -> None:
        """Draw in other colours."""
        self._inks = inks
        self.setBackground(inks.canvas)
        for axis in (self.value_axis, self.group_axis):
            axis.set_look(inks.line, inks.text2, inks.font)
        self.value_axis.setWidth(LEFT * QFontMetrics(inks.font).height() // 14)
        self.box.set_ink(inks)
        self._rings.setPen(pg.mkPen(inks.accent, width=2))
        self._rings.setBrush(None)
        if self._numbers is not None:
            self.show_numbers(self._numbers, keep_view=True)
        else:
            self.say(self.sentence)

    def say(self, sentence: str) -> None:
        """Nothing but a sentence."""
        self._clear()
        self._numbers, self._drawing = None, Drawing()
        self.setAccessibleName(sentence)
        self._sentence.setToolTip(sentence)
        for axis in (self.value_axis, self.group_axis):
            axis.hide()
        self._caption.setText("")
        self._place_sentence()

    def show_numbers(self, numbers: PlotNumbers, *, keep_view: bool = False) -> None:
        """Draw; the view stays when the axes mean the same as before, if that is wanted."""
        self._clear()
        self._numbers = numbers
        self._drawing = made = drawn(numbers, self._inks, self._for_paper)
        self._sentence.setText("")
        for axis in (self.value_axis, self.group_axis):
            axis.show()
        side = numbers.choice.kind in GROUPED
        names, counts = (numbers.groups, numbers.counts) if side else ((), ())
        self.group_axis.set_groups(names, counts, self._inks.font)
        self.value_axis.set_title(made.left_title)
        self.group_axis.set_title(made.bottom_title)
        for item in made.items:
            self.getPlotItem().addItem(item, ignoreBounds=True)
        self.getPlotItem().addItem(self._rings, ignoreBounds=True)
        self._show_caption(numbers)
        self.box.setMouseEnabled(x=not side, y=True)
        self.mark(self._marked[self._marked < numbers.y.size])
        if not keep_view:
            self.full_view()

    def full_view(self) -> None:
        """Everything."""
        self.box.setRange(xRange=self._drawing.x_range, yRange=self._drawing.y_range, padding=0)

    def settle(self) -> None:
        """Lay out now what otherwise the event loop does: the caption knows its lines last."""
        for _ in range(2):
            self.getPlotItem().layout.invalidate()
            self.getPlotItem().layout.activate()

    def mark(self, points: Codes) -> None:
        """Put rings around points."""
        self._marked = points
        x, y = self._drawing.x[points], self._drawing.y[points]
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        there = there[:: max(-(-there.size // _MOST_RINGS), 1)]
        self._rings.setData(x[there], y[there])

    # --- what it says ----------------------------------------------------------------------

    def _clear(self) -> None:
        for item in (*self._drawing.items, self._rings):
            if item.scene() is not None:
                self.getPlotItem().removeItem(item)

    def _show_caption(self, numbers: PlotNumbers) -> None:
        """n, what a point stands for, and the names of the colours, all in the picture."""
        inks, choice = self._inks, numbers.choice
        point = "row" if choice.per == "row" else LEVELS[choice.per].lower()
        words = [numbers.total.text]
        if choice.per != "row":
            words.append(f"one value per {point}" if point != "ROI" else "one value per ROI")
        parts = []
        for place, name in enumerate(self._colored(numbers)):
            sign = _SIGNS[tuple(_SIGNS)[place % len(_SIGNS)]]
            color = inks.color(place).name()
            parts.append(
                f'<span style="color:{color}">{sign}</span>&nbsp;'
                f'<span style="color:{inks.text.name()}">{html.escape(name)}</span>'
            )
        told = " · ".join(words)
        parts.append(f'<span style="color:{inks.text2.name()}">{told}</span>')
        size = f"{inks.font.pixelSize()}px"
        self._caption.setText("&nbsp;&nbsp; ".join(parts), size=size)
        self.setAccessibleName(f"{numbers.y_title}, {numbers.total.text}")

    def _colored(self, numbers: PlotNumbers) -> list[str]:
        """Names that the axis does not tell."""
        choice = numbers.choice
        if choice.color:
            names = list(numbers.colors)
        elif choice.group and choice.kind not in GROUPED:
            names = list(numbers.groups)
        else:
            return []
        rest = len(names) - _MOST_NAMES
        return names if rest <= 0 else [*names[:_MOST_NAMES], f"{rest} more"]

    def _place_sentence(self) -> None:
        words = html.escape(self._sentence.toolTip()).replace("\n", "<br>")
        self._sentence.setText(words, color=self._inks.text2, size=f"{self.font().pixelSize()}px")
        self._sentence.item.setTextWidth(max(min(self.width() - 60, 420), 80))
        wide, high = self._sentence.item.boundingRect().size().toTuple()
        room = self.box.boundingRect()
        self._sentence.setPos((room.width() - wide) / 2, (room.height() - high) / 2)

    def _resized(self) -> None:
        if self._numbers is None:
            self._place_sentence()

    # --- what the user does ------------------------------------------------------------------

    def mousePressEvent(self, event: object) -> None:
        """This plot is meant from now on."""
        self.touched.emit()
        super().mousePressEvent(event)

    def _brush(self, shape: QRectF, adds: bool) -> None:
        x, y = self.places
        with np.errstate(invalid="ignore"):
            inside = (x >= shape.left()) & (x <= shape.right())
            inside &= np.isnan(y) | ((y >= shape.top()) & (y <= shape.bottom()))
        self.pointsChosen.emit(np.flatnonzero(inside), adds, False)

    def _click(self, at: QPointF, adds: bool) -> None:
        """The nearest point; beside all of them nothing is chosen any more."""
        if self._numbers is None:
            return
        x, y = self.places
        wide, high = self.box.viewPixelSize()
        down = np.where(np.isnan(y), 0.0, (y - at.y()) / high)
        away = np.hypot((x - at.x()) / wide, down)
        near = int(np.nanargmin(away)) if np.isfinite(away).any() else -1
        hit = near >= 0 and bool(away[near] <= _NEAR)
        found = np.array([near], np.intp) if hit else np.empty(0, np.intp)
        if hit or not adds:
            self.pointsChosen.emit(found, adds, hit)
