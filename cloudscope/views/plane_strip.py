"""Over the image of a stack or series: which plane is shown, counted from 1."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, indent_number, label

_HEIGHT, _SLIDER, _PAGE = 30, 60, 10


class PlaneAxis(QWidget):
    """Slider and number of one axis; hidden where there is nothing to choose.

    Signals:
        chosen: Index from 0.
    """

    chosen = Signal(int)

    def __init__(self, letter: str, name: str, tip: str) -> None:
        super().__init__()
        self.slider, self.number, self.count = (
            QSlider(Qt.Orientation.Horizontal),
            QSpinBox(),
            label("", "small"),
        )
        self.slider.setPageStep(_PAGE)
        self.slider.setMinimumWidth(_SLIDER)
        self.slider.setAccessibleName(f"{name} slider")
        self.number.setAccessibleName(name)
        self.number.setKeyboardTracking(False)
        indent_number(self.number)
        for widget in (self.slider, self.number):
            widget.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(letter, "field"))
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        row.addWidget(self.count)
        self.slider.valueChanged.connect(lambda value: self._choose(value - 1))
        self.number.valueChanged.connect(lambda value: self._choose(value - 1))

    def show_index(self, index: int, count: int) -> None:
        """Without telling."""
        self.setVisible(count > 1)
        self.count.setText(f"of {count}")
        for field in (self.slider, self.number):
            with QSignalBlocker(field):
                field.setRange(1, count)
                field.setValue(index + 1)

    def _choose(self, index: int) -> None:
        self.show_index(index, self.slider.maximum())
        self.chosen.emit(index)


class PlaneStrip(QFrame):
    """Hidden for a recording of a single plane.

    Signals:
        planeChosen: z and t, from 0; again and again while a slider is dragged.
        contrastChosen: Whether each plane gets limits of its own.
    """

    planeChosen = Signal(int, int)
    contrastChosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = 0, 0
        self.setObjectName("planes")
        self.setAccessibleName("Planes")
        self.z = PlaneAxis("Z", "Z plane", "Choose the plane of the stack (Alt+PgDown, Alt+PgUp)")
        self.t = PlaneAxis(
            "T", "Frame", "Choose the picture of the series (Ctrl+PgDown, Ctrl+PgUp)"
        )
        self.contrast = QCheckBox("Contrast per plane")
        self.contrast.setToolTip("Set the limits anew for each plane (Ctrl+Alt+B)")
        self.note = ElidedLabel("", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(16)
        for axis in (self.z, self.t):
            row.addWidget(axis, 1)
        row.addWidget(self.contrast)
        row.addWidget(self.note)
        self.z.chosen.connect(lambda z: self._choose(z, self._place[1]))
        self.t.chosen.connect(lambda t: self._choose(self._place[0], t))
        self.contrast.toggled.connect(self.contrastChosen)
        theme.changed.connect(self._resize)
        self._resize()
        self.hide()

    def show_planes(self, place: tuple[int, int], counts: tuple[int, int]) -> None:
        """z and t, and how many there are of each."""
        self._place = place
        for axis, index, count in zip((self.z, self.t), place, counts, strict=True):
            axis.show_index(index, count)
        first = [f"{one} 1" for one, count in zip("ZT", counts, strict=True) if count > 1]
        self.note.setText(f"Analyses use {', '.join(first)}" if place != (0, 0) else "")
        self.setVisible(max(counts) > 1)

    def show_contrast(self, per_plane: bool) -> None:
        """Without telling."""
        with QSignalBlocker(self.contrast):
            self.contrast.setChecked(per_plane)

    def _choose(self, z: int, t: int) -> None:
        self._place = z, t
        self.planeChosen.emit(z, t)

    @Slot()
    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
