"""The overview picture of a recording with its own contrast, or a sentence in its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from acqcore.model.contrast import ImageContrast, contrast_clip_min_max
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import ElidedLabel, label, push_button
from cloudscope.views.limit_fields import LimitFields
from cloudscope.views.lut_combo import LutCombo
from cloudscope.views.quantities import decimals_for, number
from cloudscope.views.reference_picture import Overview, ReferencePlot

_SENTENCE, _PICTURE = 0, 1


class ReferencePanel(QStackedWidget):
    """Tells what the user wants; what is shown comes from outside.

    Signals:
        contrastChosen: An `ImageContrast`.
        channelChosen: Index from 0.
        lineChosen: Whether the scanned line is drawn.

    Attributes:
        percentiles: What Auto clips at, low and high.
    """

    contrastChosen = Signal(object)
    channelChosen = Signal(int)
    lineChosen = Signal(bool)

    def __init__(self, theme: Theme, percentiles: tuple[float, float]) -> None:
        super().__init__()
        self.percentiles = percentiles
        self._contrast: ImageContrast | None = None
        self.plot = ReferencePlot(theme)
        self.caption = ElidedLabel("", "small")
        self._make_controls(theme)
        self.sentence = label("", "field")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(10, 10, 10, 10)
        self.addWidget(self.sentence)
        self.addWidget(self._laid_out())

    def _make_controls(self, theme: Theme) -> None:
        self.line = QCheckBox("Scan line")
        self.line.setToolTip("Draw the line that was scanned; the dot is its first pixel")
        self.line.toggled.connect(self.lineChosen)
        self.line.toggled.connect(self.plot.line.setVisible)
        self.channel = FocusedCombo()
        self.channel.setAccessibleName("Channel of the reference image")
        self.channel.setToolTip("Show another channel of the reference image")
        self.channel.activated.connect(self.channelChosen)
        self.channel_label = label("Channel", "field")
        self.limits = LimitFields()
        self.limits.typed.connect(self._preview)
        self.limits.finished.connect(self._choose_limits)
        self.limits.refused.connect(self._show_contrast)
        self.luts = LutCombo(theme, "Choose the colour map of the reference image")
        self.luts.chosen.connect(self._choose_lut)
        self.auto = push_button("Auto", "Set the limits from the reference image")
        self.auto.clicked.connect(self.set_auto)

    def _laid_out(self) -> QWidget:
        top = QHBoxLayout()
        top.addWidget(self.caption, 1)
        top.addWidget(self.line)
        rows = QGridLayout()
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(6)
        rows.setColumnStretch(1, 1)
        rows.addWidget(self.channel_label, 0, 0)
        rows.addWidget(self.channel, 0, 1, 1, 2)
        rows.addWidget(label("Limits", "field"), 1, 0)
        rows.addWidget(self.limits, 1, 1, 1, 2)
        rows.addWidget(self.limits.fault_label, 2, 1, 1, 2)
        rows.addWidget(label("LUT", "field"), 3, 0)
        rows.addWidget(self.luts, 3, 1)
        rows.addWidget(self.auto, 3, 2)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        column.addLayout(rows)
        return page

    # --- what is on screen -------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Words instead of a picture."""
        self.sentence.setText(sentence)
        self.setCurrentIndex(_SENTENCE)

    @property
    def shows_picture(self) -> bool:
        """Whether there is one on screen."""
        return self.currentIndex() == _PICTURE

    def show_overview(self, overview: Overview, contrast: ImageContrast) -> None:
        """Paint it between these limits."""
        if overview is not self.plot.overview:
            self._show_channels(overview.channel_names, overview.channel)
            self.caption.setText(_size(overview))
            self.line.setVisible(overview.path is not None)
        self._contrast = contrast
        self._show_contrast()
        self.setCurrentIndex(_PICTURE)
        self.plot.show_overview(overview, contrast)

    def show_line(self, drawn: bool) -> None:
        """Whether the scanned line is drawn; without telling."""
        with QSignalBlocker(self.line):
            self.line.setChecked(drawn)
        self.plot.line.setVisible(drawn)

    @Slot(object)
    def show_place(self, share: float | None) -> None:
        """Mark the part of the line that is pointed at elsewhere, 0 to 1."""
        self.plot.line.show_place(share)

    def _show_channels(self, names: Sequence[str], shown: int) -> None:
        with QSignalBlocker(self.channel):
            self.channel.clear()
            texts = [f"{place} {name}".strip() for place, name in enumerate(names, start=1)]
            self.channel.addItems(texts)
            self.channel.setCurrentIndex(shown)
        for widget in (self.channel, self.channel_label):
            widget.setVisible(len(names) > 1)

    @Slot()
    def _show_contrast(self) -> None:
        overview, contrast = self.plot.overview, self._contrast
        if contrast is None:
            return
        self.luts.show_name(contrast.color_lut)
        if overview is not None:
            self.limits.set_whole_numbers(overview.pixels.dtype.kind in "iub")
        self.limits.show_limits(contrast.value_min, contrast.value_max)

    # --- gestures ----------------------------------------------------------------------------

    @Slot()
    def set_auto(self) -> None:
        """Clip at the percentiles."""
        overview = self.plot.overview
        if overview is not None:
            self._choose_limits(*contrast_clip_min_max(overview.pixels, *self.percentiles))

    @Slot(float, float)
    def _preview(self, low: float, high: float) -> None:
        self.plot.picture.set_levels(low, high)

    @Slot(float, float)
    def _choose_limits(self, low: float, high: float) -> None:
        if self._contrast is not None:
            high = high if high > low else low + 1
            self.contrastChosen.emit(self._contrast.with_limits(low, high))

    @Slot(str)
    def _choose_lut(self, name: str) -> None:
        if self._contrast is not None:
            self.contrastChosen.emit(self._contrast.with_lut(name))


def _size(overview: Overview) -> str:
    rows, columns = overview.pixels.shape
    text = f"{number(columns, 0)} × {number(rows, 0)} px"
    if overview.step_x is None or overview.step_y is None:
        return text
    width, height = columns * overview.step_x, rows * overview.step_y
    sides = (number(side, decimals_for(side, 3)) for side in (width, height))
    return f"{text} · {' × '.join(sides)} µm"
