"""The list of colour maps, each with its picture."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QIcon, QStandardItemModel

from acqcore.model.contrast import LUT_NAMES
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.luts import lut_icon

_BAR = QSize(56, 12)
_GROUPS_BEFORE = {"Viridis": "", "Green": "", "Hot": "Not even in brightness"}
_SHOWN_NAMES = {"inverted_grays": "Gray inverted"}


class LutCombo(FocusedCombo):
    """In groups; names are those of a sidecar.

    Signals:
        chosen: Name of the map that the user has chosen.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, tip: str) -> None:
        super().__init__()
        self.setAccessibleName("LUT")
        self.setToolTip(tip)
        self.setIconSize(_BAR)
        for name in LUT_NAMES:
            if name in _GROUPS_BEFORE:
                self.insertSeparator(self.count())
                self._add_caption(_GROUPS_BEFORE[name])
            self.addItem(_icon(name), _SHOWN_NAMES.get(name, name), name)
        self.activated.connect(lambda _: self.chosen.emit(self.currentData()))
        theme.changed.connect(self._redraw)

    def show_name(self, name: str) -> None:
        """Without telling."""
        self.setCurrentIndex(self.findData(name))

    def _add_caption(self, text: str) -> None:
        """A line of the list that cannot be chosen."""
        model = self.model()
        if text and isinstance(model, QStandardItemModel):
            self.addItem(text)
            model.item(self.count() - 1).setEnabled(False)

    @Slot()
    def _redraw(self) -> None:
        for index in range(self.count()):
            if self.itemData(index):
                self.setItemIcon(index, _icon(self.itemData(index)))


def _icon(name: str) -> QIcon:
    return lut_icon(name, _BAR.width(), _BAR.height())
