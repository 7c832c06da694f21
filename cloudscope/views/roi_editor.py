"""Numbers, name, colour and note of one ROI, in whole lines and pixels and in seconds and µm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from acqcore.errors import InvalidROI
from acqcore.model.header import Calibration
from acqcore.model.roi import ROI, ImageBounds, LineROI, RectROI
from acqcore.model.schema import FieldSchema, ValueType
from cloudscope.item_models.roi_table import decimals_of, extent, with_extent
from cloudscope.theme import Theme
from cloudscope.views.form_fields import NoteEdit
from cloudscope.views.form_numbers import NumberSpin
from cloudscope.views.labels import label, restyle
from cloudscope.views.roi_color_button import RoiColorButton
from cloudscope.views.slope_reading import ANGLE, DT, DX, SPEED, Slope

_LABEL_WIDTH = 64
_WHOLE = FieldSchema("place", "Place", ValueType.INT, required=True, editable=True)
_PHYSICAL = FieldSchema("place", "Place", ValueType.FLOAT, required=True, editable=True)


class PlaceSpin(NumberSpin):
    """A place on one axis, typed in its unit and kept as a whole line or pixel."""

    def __init__(self, name: str, unit: str) -> None:
        super().__init__(_PHYSICAL if unit else _WHOLE, unit)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._place, self._step, self._decimals, self._last = 0, 1.0, 0, 0

    def set_axis(self, step: float, last: int) -> None:
        """Size of a line or pixel in the unit, and the largest place."""
        self._step, self._last = (step, last) if self._field is _PHYSICAL else (1.0, last)
        self._decimals = decimals_of(step) + 1 if self._field is _PHYSICAL else 0

    def show_place(self, place: int) -> None:
        """Show without emitting."""
        self._place = place
        self.show_value(self._shown(place))

    def place(self) -> int:
        """The whole line or pixel meant by the text; ValueError with one sentence.

        A text that was not touched means the exact place, which it only rounds.
        """
        typed = self.typed()
        if typed == self._shown(self._place):
            return self._place
        place: int = round(typed / self._step)
        if not 0 <= place <= self._last:
            raise ValueError(f"Enter a number from 0 to {self._shown(self._last):g} {self._unit}")
        return place

    def stepBy(self, steps: int) -> None:
        """An arrow moves by one line or pixel, whatever the unit."""
        try:
            now = self.place()
        except ValueError:
            now = self._place
        self.show_value(self._shown(min(max(now + steps, 0), self._last)))
        self.selectAll()
        self.finished.emit()

    def _shown(self, place: int) -> float:
        return round(place * self._step, self._decimals) if self._decimals else place


class _AxisRow:
    """Start and stop on one axis in one unit, with a place for what is wrong."""

    def __init__(self, title: str, unit: str, finished: Callable[[_AxisRow], None]) -> None:
        self.title = label(title, "field")
        self.start = PlaceSpin(f"{title} start", unit)
        self.stop = PlaceSpin(f"{title} stop", unit)
        self.fault = label("", "errText")
        self.fault.setWordWrap(True)
        for spin in (self.start, self.stop):
            spin.setToolTip(f"Set the {spin.accessibleName().lower()} of the ROI")
            spin.finished.connect(lambda: finished(self))
        self.set_fault("")

    def place_in(self, grid: QGridLayout) -> None:
        """Take the next two rows of the grid."""
        row = grid.rowCount()
        for column, widget in enumerate((self.title, self.start, self.stop)):
            grid.addWidget(widget, row, column)
        grid.addWidget(self.fault, row + 1, 1, 1, 2)

    def show_places(self, start: int, stop: int) -> None:
        """Show without emitting."""
        self.start.show_place(start)
        self.stop.show_place(stop)
        self.set_fault("")

    def places(self) -> tuple[int, int]:
        """Start and stop; ValueError with one sentence."""
        return self.start.place(), self.stop.place()

    def set_fault(self, sentence: str) -> None:
        """Frame the fields and say why, or neither."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))
        for spin in (self.start, self.stop):
            state = "error" if sentence else ""
            if spin.property("state") != state:
                spin.setProperty("state", state)
                restyle(spin)

    def set_visible(self, visible: bool) -> None:
        """Show or hide all of it."""
        for widget in (self.title, self.start, self.stop):
            widget.setVisible(visible)
        self.fault.setVisible(visible and bool(self.fault.text()))


class RoiEditor(QWidget):
    """Reports a valid edit; what is not valid stays in its field, framed and explained.

    Signals:
        roiEdited: The ROI as the user wants it.
    """

    roiEdited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roi: ROI | None = None
        self._time = _AxisRow("Time", "s", self._finish_lines)
        self._lines = _AxisRow("Lines", "", self._finish_lines)
        self._distance = _AxisRow("Distance", "µm", self._finish_pixels)
        self._pixels = _AxisRow("Pixels", "", self._finish_pixels)
        self._name, self._note = QLineEdit(), NoteEdit()
        self._color = RoiColorButton(theme)
        self._slope_title, self._slope = label("Between", "field"), label("")
        self._slope.setToolTip("What lies between the ends of the line, from earlier to later")
        self._heads: tuple[QLabel, QLabel] = (label("Start", "small"), label("Stop", "small"))
        self._lay_out(theme)
        self._name.editingFinished.connect(self._finish_words)
        self._note.finished.connect(self._finish_words)
        self._color.colorChosen.connect(self._take_color)

    def show_roi(
        self, roi: ROI | None, index: int, bounds: ImageBounds, calibration: Calibration
    ) -> None:
        """Show one ROI, at this place of the list.

        A field that is being typed in keeps its text while its ROI stays.
        """
        same = roi == self._roi
        self._roi = roi
        self.setVisible(roi is not None)
        if roi is None:
            return
        self._set_axes(roi, bounds, calibration)
        self._color.show_color(index, roi.color)
        self._show_slope(roi, calibration)
        if same and self.isAncestorOf(self.focusWidget() or self):
            return
        line_start, line_stop, pixel_start, pixel_stop = extent(roi)
        for row in (self._time, self._lines):
            row.show_places(line_start, line_stop)
        for row in (self._distance, self._pixels):
            row.show_places(pixel_start, pixel_stop)
        for head, text in zip(self._heads, _ends(roi), strict=True):
            head.setText(text)
        self._name.setText(roi.name)
        self._note.show_value(roi.note)

    def commit(self) -> None:
        """Finish the field that has the focus, if any."""
        for row in (self._time, self._lines, self._distance, self._pixels):
            for spin in (row.start, row.stop):
                if spin.hasFocus():
                    spin.finished.emit()
        if self._name.hasFocus() or self._note.hasFocus():
            self._finish_words()

    def _lay_out(self, theme: Theme) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, theme.px(_LABEL_WIDTH))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for column, head in enumerate(self._heads, start=1):
            grid.addWidget(head, 0, column)
        for row in (self._time, self._lines, self._distance, self._pixels):
            row.place_in(grid)
        line = grid.rowCount()
        grid.addWidget(self._slope_title, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._slope, line, 1, 1, 2)
        for text, field in (("Name", self._name), ("Note", self._note)):
            line = grid.rowCount()
            words = label(text, "field")
            words.setFixedHeight(theme.px(24))
            grid.addWidget(words, line, 0, Qt.AlignmentFlag.AlignTop)
            if field is self._name:
                both = QHBoxLayout()
                both.setSpacing(4)
                both.addWidget(field)
                both.addWidget(self._color)
                grid.addLayout(both, line, 1, 1, 2)
            else:
                grid.addWidget(field, line, 1, 1, 2)
            field.setAccessibleName(f"ROI {text.lower()}")
            field.setToolTip(f"Type the {text.lower()} of the ROI")
        self._name.setPlaceholderText("Its number")

    def _set_axes(self, roi: ROI, bounds: ImageBounds, calibration: Calibration) -> None:
        beyond = 0 if isinstance(roi, RectROI) else 1  # the ends of a line are pixels themselves
        for row, step, last in (
            (self._time, calibration.step_y, bounds.height - beyond),
            (self._lines, 1.0, bounds.height - beyond),
            (self._distance, calibration.step_x, bounds.width - beyond),
            (self._pixels, 1.0, bounds.width - beyond),
        ):
            for spin in (row.start, row.stop):
                spin.set_axis(step, last)
        self._time.set_visible(calibration.time_known)
        self._distance.set_visible(calibration.distance_known)

    def _show_slope(self, roi: ROI, calibration: Calibration) -> None:
        for part in (self._slope_title, self._slope):
            part.setVisible(isinstance(roi, LineROI))
        if isinstance(roi, LineROI):
            texts = Slope.between(roi.endpoints, calibration).texts
            self._slope.setText(f"{texts[DT]},  {texts[DX]}\n{texts[SPEED]},  {texts[ANGLE]}")

    # --- edits -------------------------------------------------------------------------------

    def _finish_lines(self, row: _AxisRow) -> None:
        self._finish(row, lambda roi, ends: with_extent(roi, ends, extent(roi)[2:]))

    def _finish_pixels(self, row: _AxisRow) -> None:
        self._finish(row, lambda roi, ends: with_extent(roi, extent(roi)[:2], ends))

    def _finish(self, row: _AxisRow, moved: Callable[[ROI, tuple[int, int]], ROI]) -> None:
        roi = self._roi
        if roi is None:
            return
        try:
            start, stop = row.places()
            if isinstance(roi, RectROI) and start >= stop:
                raise ValueError("The start must be before the stop")
            edited = moved(roi, (start, stop))
        except (ValueError, InvalidROI) as error:
            row.set_fault(str(error))
            return
        row.set_fault("")
        self._report(edited)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives the name back that it had; numbers and note do so themselves."""
        if event.key() == Qt.Key.Key_Escape and self._roi is not None and self._name.hasFocus():
            self._name.setText(self._roi.name)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _finish_words(self) -> None:
        if self._roi is not None:
            self._take_color(self._roi.color)

    @Slot(str)
    def _take_color(self, color: str) -> None:
        """With the words as they stand: what is typed must not be lost."""
        if self._roi is not None:
            name, note = self._name.text().strip(), self._note.typed()
            self._report(replace(self._roi, name=name, note=note, color=color))

    def _report(self, edited: ROI) -> None:
        if edited != self._roi:
            self.roiEdited.emit(edited)


def _ends(roi: ROI) -> tuple[str, str]:
    return ("Start", "Stop") if isinstance(roi, RectROI) else ("First end", "Other end")
