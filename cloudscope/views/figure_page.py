"""The page of a figure on its desk: true size or zoomed, always white paper."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from cloudscope.figures.content import FigureContent
from cloudscope.figures.layout import Arrangement
from cloudscope.figures.painting import paint_figure
from cloudscope.figures.paper import PER_INCH
from cloudscope.figures.recipe import FigureRecipe
from cloudscope.theme import Theme
from cloudscope.views.labels import label

_MM_PER_INCH = 25.4
_MARGIN, _STEP, _ZOOMS = 24, 1.25, (0.1, 8.0)


class Sheet(QWidget):
    """The paper itself.

    Signals:
        panelChosen: Place of a panel in the recipe; it was clicked.
    """

    panelChosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Page")
        self.setToolTip("Click a panel to choose it")
        self._theme = theme
        self._recipe, self._content = FigureRecipe(), FigureContent()
        self._chosen = -1
        self._zoom = 1.0
        self._painted: QPixmap | None = None
        self._page: Arrangement | None = None

    def show_figure(self, recipe: FigureRecipe, content: FigureContent) -> None:
        """Paint another figure."""
        self._recipe, self._content, self._painted = recipe, content, None
        self._resize()

    def choose(self, index: int) -> None:
        """Frame a panel; -1 for none."""
        self._chosen = index
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """1 is the size on paper, as far as the screen knows its own."""
        self._zoom, self._painted = zoom, None
        self._resize()

    @property
    def true_size(self) -> tuple[float, float]:
        """Width and height of the paper at 100 %, in pixels."""
        per_mm = self.logicalDpiX() / _MM_PER_INCH
        return self._recipe.width_mm * per_mm, self._recipe.height_mm * per_mm

    def panel_rect(self, index: int) -> QRect:
        """Where a panel is on the sheet; empty for one that is not on it."""
        for frame in self._page.frames if self._page is not None else ():
            if frame.index == index:
                scale = self._scale
                plot = frame.plot
                return QRect(
                    round(plot.x() * scale),
                    round(plot.y() * scale),
                    round(plot.width() * scale),
                    round(plot.height() * scale),
                )
        return QRect()

    @property
    def _scale(self) -> float:
        return self._zoom * self.logicalDpiX() / PER_INCH

    def _resize(self) -> None:
        width, height = self.true_size
        self.setFixedSize(
            max(round(width * self._zoom), 1) + 2, max(round(height * self._zoom), 1) + 2
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The figure is painted once per change."""
        ratio = self.devicePixelRatioF()
        if self._painted is None:
            self._painted = QPixmap(self.size() * ratio)
            self._painted.setDevicePixelRatio(ratio)
            self._painted.fill(QColor(Qt.GlobalColor.white))
            inner = QPainter(self._painted)
            inner.translate(1, 1)
            inner.scale(self._scale, self._scale)
            self._page = paint_figure(inner, self._recipe, self._content, smooth=True)
            inner.end()
        painter = QPainter(self)
        painter.drawPixmap(QPoint(0, 0), self._painted)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        frame = self.panel_rect(self._chosen)
        if not frame.isEmpty():
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.drawRect(frame.adjusted(-3, -3, 3, 3))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the panel under the mouse."""
        at = event.position().toPoint()
        for index in range(len(self._recipe.panels)):
            if self.panel_rect(index).contains(at):
                self.panelChosen.emit(index)
                return
        super().mousePressEvent(event)


class Desk(QScrollArea):
    """The sheet in the middle; Ctrl and the wheel zoom."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setObjectName("desk")
        self.setAccessibleName("Figure")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sheet = Sheet(theme)
        self.setWidget(self.sheet)
        self._recipe = FigureRecipe()
        self._fits = True
        self._zoom = 1.0
        self.words = label("", "small")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.changed.connect(self.sheet.update)

    def show_figure(self, recipe: FigureRecipe, content: FigureContent) -> None:
        """Paint another figure; it fits as long as nobody zoomed."""
        self._recipe = recipe
        self.sheet.show_figure(recipe, content)
        self._settle()

    def fit(self) -> None:
        """As large as the window allows, from now on."""
        self._fits = True
        self._settle()

    def set_zoom(self, zoom: float) -> None:
        """Of the size on paper; 1 is 100 %."""
        self._fits = False
        self._zoom = min(max(zoom, _ZOOMS[0]), _ZOOMS[1])
        self._settle()

    @property
    def zoom(self) -> float:
        """Of the size on paper."""
        return self._zoom

    def zoom_in(self) -> None:
        """One step."""
        self.set_zoom(self._zoom * _STEP)

    def zoom_out(self) -> None:
        """One step."""
        self.set_zoom(self._zoom / _STEP)

    def _settle(self) -> None:
        width, height = self.sheet.true_size
        if self._fits:
            room = self.size() - QSize(2 * _MARGIN, 2 * _MARGIN)
            fitting = min(room.width() / width, room.height() / height)
            self._zoom = min(max(fitting, _ZOOMS[0]), _ZOOMS[1])
        self.sheet.set_zoom(self._zoom)
        recipe = self._recipe
        self.words.setText(
            f"{recipe.width_mm:g} × {recipe.height_mm:g} mm · shown at {self._zoom * 100:.0f} %"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep fitting."""
        super().resizeEvent(event)
        if self._fits:
            self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A screen of another density needs another picture."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ScreenChangeInternal:
            self.sheet.set_zoom(self._zoom)


class Ground(QWidget):
    """Window grey around the page, in every appearance."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One colour."""
        QPainter(self).fillRect(self.rect(), self._theme.color("window"))
