"""The colour of one ROI: a swatch that opens the choice."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QColor
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import swatch_icon

_NAMES = ("Amber", "Sky", "White", "Coral", "Violet", "Mint")
_BY_PLACE = "Automatic"
_SWATCH, _SIZE = 16, 26


class RoiColorButton(QToolButton):
    """Shows a colour and reports another one.

    Signals:
        colorChosen: `#RRGGBB`, or empty for the colour by its place in the list.
    """

    colorChosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._index, self._color = 0, ""
        self._dialog: QColorDialog | None = None
        self._menu = QMenu(self)
        self.setAccessibleName("ROI colour")
        self.setToolTip("Choose the colour of the ROI (O: the next one)")
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setFixedSize(theme.px(_SIZE), theme.px(_SIZE))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._menu.setAccessibleName("Colours")
        self.clicked.connect(self._open)
        theme.changed.connect(self._repaint)
        self._repaint()

    def show_color(self, index: int, color: str) -> None:
        """Of the ROI at this place in the list: its own colour, or empty."""
        self._index, self._color = index, color
        self._repaint()

    @Slot()
    def _repaint(self) -> None:
        self.setIcon(swatch_icon(self._theme.roi_color(self._index, self._color), _SWATCH))

    @Slot()
    def _open(self) -> None:
        """Below the button; a menu of the button itself would draw its arrow over the colour."""
        self._fill()
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def _fill(self) -> None:
        """The colours of ROIs, one more where it is none of them, and any other."""
        menu = self._menu
        menu.clear()
        group = QActionGroup(menu)
        self._add(group, _BY_PLACE, "")
        menu.addSeparator()
        colors = self._theme.roi_colors
        for number, color in enumerate(colors):
            self._add(group, _NAMES[number] if number < len(_NAMES) else color, color)
        if self._color and self._color not in colors:
            self._add(group, self._color, self._color)
        menu.addSeparator()
        menu.addAction("Other…", self._ask)

    def _add(self, group: QActionGroup, text: str, color: str) -> None:
        action = QAction(swatch_icon(self._theme.roi_color(self._index, color)), text, group)
        action.setCheckable(True)
        action.setChecked(color == self._color)
        action.triggered.connect(lambda: self.colorChosen.emit(color))
        self._menu.addAction(action)

    @Slot()
    def _ask(self) -> None:
        if self._dialog is None:  # made when first wanted
            self._dialog = QColorDialog(self)
            self._dialog.setWindowTitle("ROI Colour")
            self._dialog.colorSelected.connect(self._take)
        self._dialog.setCurrentColor(self._theme.roi_color(self._index, self._color))
        self._dialog.open()

    @Slot(QColor)
    def _take(self, color: QColor) -> None:
        self.colorChosen.emit(color.name().upper())
