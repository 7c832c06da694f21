"""Display limits and colour map of the channel on screen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from acqcore.model.contrast import (
    DEFAULT_PERCENTILES,
    LUT_NAMES,
    ImageContrast,
    contrast_clip_min_max,
)
from acqcore.model.roi import RectROI
from cloudscope.scene import Plane, Scene
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.histogram_source import (
    Pixels,
    Region,
    clipped_share,
    count,
    sample,
    shown_range,
)
from cloudscope.views.histogram_view import HistogramView
from cloudscope.views.labels import label, push_button
from cloudscope.views.limit_fields import LimitFields
from cloudscope.views.lut_combo import LutCombo
from cloudscope.views.luts import lut
from cloudscope.views.notice import empty_page

VISIBLE, REGION, WHOLE = "Visible part", "ROI", "Whole recording"

_SETTLE_MS = 80
_LABEL_WIDTH = 56
_MUCH_CLIPPED = 2.0  # percent; Auto alone clips 1.5


class ContrastPanel(QStackedWidget):
    """Previews while the user drags or types, and reports one edit when that ends.

    Signals:
        levelsPreviewed: Low and high, again and again during a gesture.
        contrastEdited: An `ImageContrast` that differs from the scene's.

    Attributes:
        percentiles: What Auto clips at, low and high.
    """

    levelsPreviewed = Signal(float, float)
    contrastEdited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.percentiles = DEFAULT_PERCENTILES
        self._theme = theme
        self._scene = Scene()
        self._shown_plane: Plane | None = None
        self._visible: Region | None = None
        self._values: Pixels = np.zeros(0)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._take_sample)
        self._make_controls()
        self._lay_out()

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Follow the scene; a gesture under way on the same picture is not disturbed."""
        old, self._scene = self._scene, scene
        self.setCurrentIndex(1 if scene.header is not None else 0)
        if scene.plane is None or scene.contrast is None:
            # While the next picture loads, the old numbers stay instead of flickering.
            if not scene.loading or self._shown_plane is None:
                self._controls.setEnabled(False)
            return
        self._controls.setEnabled(True)
        other = scene.plane is not self._shown_plane
        self._shown_plane = scene.plane
        if other:
            self._take_sample()
        elif scene.roi != old.roi and self._source.currentText() == REGION:
            self._settle.start()
        if other or not self._histogram.is_moving:
            self._show_contrast()

    @Slot(float, float, float, float)
    def set_visible(
        self, line_start: float, line_stop: float, pixel_start: float, pixel_stop: float
    ) -> None:
        """What the image view shows now; the histogram follows when it has come to rest."""
        self._visible = (
            math.floor(line_start),
            math.ceil(line_stop),
            math.floor(pixel_start),
            math.ceil(pixel_stop),
        )
        if self._source.currentText() == VISIBLE:
            self._settle.start()

    # --- commands ----------------------------------------------------------------------------

    @Slot()
    def set_auto(self) -> None:
        """Clip at the percentiles of the pixels that the histogram shows."""
        if self._values.size:
            self._commit(*contrast_clip_min_max(self._values, *self.percentiles))

    @Slot()
    def set_full(self) -> None:
        """From the smallest to the largest value of the recording."""
        if self._scene.contrast is not None:
            self._commit(self._scene.contrast.img_min, self._scene.contrast.img_max)

    @Slot()
    def commit(self) -> None:
        """Finish a limit that is being typed."""
        self._limits.commit()

    @Slot()
    def next_lut(self) -> None:
        """The colour map after the one in force, in the order of the list."""
        if self._scene.contrast is not None:
            now = self._scene.contrast.color_lut
            index = LUT_NAMES.index(now) + 1 if now in LUT_NAMES else 0
            self._choose_lut(LUT_NAMES[index % len(LUT_NAMES)])

    # --- construction ------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self._histogram = HistogramView(self._theme)
        self._histogram.limitsDragged.connect(self._preview)
        self._histogram.limitsReleased.connect(lambda: self._commit(*self._histogram.limits))
        self._source = FocusedCombo()
        self._source.setAccessibleName("Histogram")
        self._source.setToolTip("Choose the pixels that the histogram counts")
        self._source.addItems([VISIBLE, REGION, WHOLE])
        self._source.activated.connect(self._take_sample)
        self._limits = LimitFields()
        self._limits.typed.connect(self._preview)
        self._limits.finished.connect(self._commit)
        self._limits.refused.connect(self._end_preview)
        self._lut = LutCombo(self._theme, "Choose the colour map (L)")
        self._lut.chosen.connect(self._choose_lut)
        self._auto = push_button("Auto", "Set the limits from the histogram (B)")
        self._auto.clicked.connect(self.set_auto)
        self._full = push_button("Full", "Set the limits to the smallest and largest value")
        self._full.clicked.connect(self.set_full)
        self._log = QCheckBox("Log counts")
        self._log.setToolTip("Show the logarithm of the counts, else their square root")
        self._log.toggled.connect(self._histogram.set_log)

    def _lay_out(self) -> None:
        rows = QGridLayout()
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(6)
        rows.setColumnMinimumWidth(0, _LABEL_WIDTH)
        rows.setColumnStretch(1, 1)
        fields = (("Histogram", self._source), ("Limits", self._limits), ("LUT", self._lut))
        for text, field in fields:
            line = rows.rowCount()
            rows.addWidget(label(text, "field"), line, 0)
            rows.addWidget(field, line, 1)
            if field is self._limits:
                rows.addWidget(self._limits.fault_label, line + 1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._auto)
        buttons.addWidget(self._full)
        buttons.addStretch()
        buttons.addWidget(self._log)
        self._controls = QWidget()
        column = QVBoxLayout(self._controls)
        column.setSpacing(6)
        column.setContentsMargins(10, 8, 10, 10)
        column.addWidget(self._histogram)
        column.addSpacing(2)
        column.addLayout(rows)
        column.addLayout(buttons)
        column.addStretch()
        # More height would stay empty here: it goes to the forms in the same column.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.addWidget(empty_page("Select a recording to set its contrast"))
        self.addWidget(self._controls)

    # --- histogram ---------------------------------------------------------------------------

    def _region(self) -> Region | None:
        source, roi = self._source.currentText(), self._scene.roi
        if source == VISIBLE:
            return self._visible
        if source == REGION and isinstance(roi, RectROI):
            return roi.line_start, roi.line_stop, roi.pixel_start, roi.pixel_stop
        return None

    @Slot()
    def _take_sample(self) -> None:
        self._settle.stop()
        if self._scene.plane is None or self._scene.contrast is None:
            return
        self._values = sample(self._scene.plane.pixels, self._region())
        counted = count(self._values)
        self._histogram.set_counts(counted.counts, counted.first, counted.last)
        if not self._histogram.is_moving:
            self._show_contrast()

    def _show_contrast(self) -> None:
        contrast = self._scene.contrast
        if contrast is None or self._scene.plane is None:
            return
        limits = contrast.value_min, contrast.value_max
        whole_numbers = self._scene.plane.pixels.dtype.kind in "iub"
        first, last = shown_range(self._values, limits)
        self._histogram.set_range(first, last, 1.0 if whole_numbers else (last - first) / 500)
        self._histogram.set_lut(lut(contrast.color_lut))
        self._limits.set_whole_numbers(whole_numbers)
        self._lut.show_name(contrast.color_lut)
        self._show_limits(*limits)

    def _show_limits(self, low: float, high: float) -> None:
        self._histogram.set_limits(low, high)
        self._limits.show_limits(low, high)
        clipped = 100 * clipped_share(self._values, low, high)
        self._histogram.set_note(f"{clipped:.1f} % clipped" if clipped > _MUCH_CLIPPED else "")

    # --- edits -------------------------------------------------------------------------------

    @Slot(float, float)
    def _preview(self, low: float, high: float) -> None:
        low, high = self._rounded(low, high)
        self._show_limits(low, high)
        self.levelsPreviewed.emit(low, high)

    @Slot()
    def _end_preview(self) -> None:
        """Show what is in force; the field keeps what was typed, with the reason."""
        if self._scene.contrast is not None:
            limits = self._scene.contrast.value_min, self._scene.contrast.value_max
            self._histogram.set_limits(*limits)
            self.levelsPreviewed.emit(*limits)

    @Slot(float, float)
    def _commit(self, low: float, high: float) -> None:
        if self._scene.contrast is not None:
            self._report(self._scene.contrast.with_limits(*self._rounded(low, high)))

    @Slot(str)
    def _choose_lut(self, name: Any) -> None:
        if self._scene.contrast is not None:
            self._report(self._scene.contrast.with_lut(name))

    def _report(self, contrast: ImageContrast) -> None:
        if contrast != self._scene.contrast:
            self.contrastEdited.emit(contrast)
        self._show_contrast()  # the scene has the last word

    def _rounded(self, low: float, high: float) -> tuple[float, float]:
        """Whole numbers for whole-number pixels, and never an empty interval."""
        plane = self._scene.plane
        if plane is not None and plane.pixels.dtype.kind in "iub":
            low, high = round(low), round(high)
            return (low, high) if low != high else (low, low + 1)
        return (low, high) if low != high else (low, float(np.nextafter(low, np.inf)))
