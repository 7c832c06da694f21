"""Numbers under the mouse in fixed places, so that they do not dance."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QSizePolicy, QWidget

from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, restyle
from cloudscope.views.quantities import MISSING, decimals_for, number
from cloudscope.views.readings import GOOD, Hover, ResultReading, RoiStats
from cloudscope.views.slope_reading import ANGLE, DT, DX, RATE, SPEED, Slope

HEIGHT = 26
_MARGIN, _KEY_GAP, _BETWEEN = 12, 6, 12

# Key: what it means, and a text of the width that is kept free for it.
_PLACE = {
    "t": ("Time", "1 234.567 s"),
    "x": ("Distance", "1 234.5 µm"),
    "px": ("Line, pixel", "100 000, 1 023"),
}
_VALUE = {
    "I": ("Raw value", "65 535"),
    "ROI": ("ROI under the mouse", "arteriole"),
    "v": ("Nearest result", "−12.34 ± 0.05 mm/s"),
    "QC": ("Quality of the nearest result", "Good"),
}
_ELIDED = ("ROI", "QC")  # their words may be long
_GROWS = "QC"  # and these take what room is left
_BY_IMPORTANCE = ("I", "v", "ROI", "QC")
_STATS = {
    "mean": ("Mean value in the ROI", "≈ 65 535.0"),
    "min": ("Smallest value in the ROI", "65 535"),
    "max": ("Largest value in the ROI", "65 535"),
    "size": ("Lines and pixels of the ROI", "100 000 × 1 024"),
}
_MOMENTS = {"A": ("Time of marker A", "123.456 s"), "B": ("Time of marker B", "123.456 s")}
_MEASURE = {
    DT: ("Time between the two places", "−12.345 s"),
    RATE: ("One over the time between them", "123.4 Hz"),
    DX: ("Distance between the two places", "−123.4 µm"),
    SPEED: ("Velocity: distance over time", "−1.23 mm/s"),
    ANGLE: ("Angle; its tangent is pixels per line", "179.9°"),
}


class _Entry(QWidget):
    """A key and a value; once wide enough for a text it stays so."""

    def __init__(self, key: str, meaning: str, widest: str) -> None:
        super().__init__()
        self._is_elided = key in _ELIDED
        self.key = label(key, "small")
        self.value = ElidedLabel(MISSING) if self._is_elided else label(MISSING)
        self._widest = widest
        self.value.setAccessibleName(meaning)
        self.setToolTip(meaning)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, _BETWEEN, 0)
        row.setSpacing(_KEY_GAP)
        row.addWidget(self.key)
        row.addWidget(self.value, 1)

    def keep_room(self) -> None:
        """For the widest text so far, in the font in force."""
        self.ensurePolished()
        self.value.ensurePolished()
        width = self.value.fontMetrics().horizontalAdvance(self._widest) + 2
        self.value.setMinimumWidth(width)
        if self._is_elided and self.key.text() != _GROWS:
            self.value.setMaximumWidth(width)

    @property
    def least_width(self) -> int:
        """What it needs at least, with the gap after it."""
        left = self.key.sizeHint().width() + _KEY_GAP
        return left + self.value.minimumWidth() + _BETWEEN

    def say(self, text: str) -> None:
        """Show a value, or that there is none."""
        self.value.setText(text or MISSING)
        if not self._is_elided and len(text) > len(self._widest):
            self._widest = text
            self.keep_room()


class ReadoutStrip(QFrame):
    """What the mouse is on; while a region is dragged, the numbers inside it; what lies
    between two markers or the ends of a line.

    The less important entries leave where the strip is too narrow.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("readout")
        self.setAccessibleName("Read-out")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._entries = {
            key: _Entry(key, meaning, widest)
            for key, (meaning, widest) in (_PLACE | _VALUE | _STATS | _MOMENTS | _MEASURE).items()
        }
        self._shows_stats = False
        self._measured: Slope | None = None
        self._dragged: Slope | None = None
        self._quantity = "v", "velocity"
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, 0, 0)
        row.setSpacing(0)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for key, entry in self._entries.items():
            row.addWidget(entry, int(key == _GROWS))
        row.addStretch()
        theme.changed.connect(self._recolor)
        self._recolor()

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object, object)
    def show_hover(self, hover: Hover | None, calibration: Calibration) -> None:
        """Place and raw value under the mouse."""
        if hover is None:
            for key in (*_PLACE, "I", "ROI"):
                self._entries[key].say("")
            return
        time, distance = hover.line * calibration.step_y, hover.pixel * calibration.step_x
        in_time = number(time, decimals_for(calibration.step_y))
        along = number(distance, min(decimals_for(calibration.step_x), 3))
        self._entries["t"].say(f"{in_time} s" if calibration.time_known else "")
        self._entries["x"].say(f"{along} µm" if calibration.distance_known else "")
        self._entries["px"].say(f"{number(hover.line, 0)}, {number(hover.pixel, 0)}")
        self._entries["I"].say(_raw(hover.value))

    @Slot(str)
    def show_region(self, name: str) -> None:
        """Name of the region under the mouse, or empty."""
        self._entries["ROI"].say(name)

    @Slot(object)
    def show_result(self, reading: ResultReading | None) -> None:
        """The nearest row of a result and its quality; None without one."""
        value, quality = self._entries["v"], self._entries["QC"]
        value.say(reading.text if reading is not None else "")
        words = reading.quality if reading is not None else ""
        quality.say(words)
        role = "warnText" if words and words != GOOD else ""
        if quality.value.property("role") != role:
            quality.value.setProperty("role", role)
            restyle(quality.value)
        if reading is not None and (reading.key, reading.token) != self._quantity:
            self._quantity = reading.key, reading.token
            value.key.setText(reading.key)
            self._color_key()
            self._fit()

    @Slot(object)
    def show_stats(self, stats: RoiStats | Slope | None) -> None:
        """Numbers inside a region or along a line that is dragged; None ends that."""
        self._shows_stats = isinstance(stats, RoiStats)
        self._dragged = stats if isinstance(stats, Slope) else None
        self._say_slope()
        if isinstance(stats, RoiStats):
            about = "" if stats.exact else "≈ "
            bounds = stats.bounds
            lines = number(bounds.dim0_stop - bounds.dim0_start, 0)
            pixels = number(bounds.dim1_stop - bounds.dim1_start, 0)
            mean = number(stats.mean, decimals_for(stats.mean, 4))
            self._entries["mean"].say(f"{about}{mean}")
            self._entries["min"].say(_raw(stats.minimum))
            self._entries["max"].say(_raw(stats.maximum))
            self._entries["size"].say(f"{lines} × {pixels}")
        self._fit()

    def show_slope(self, slope: Slope | None) -> None:
        """What lies between two places; None ends that."""
        self._measured = slope
        self._say_slope()
        self._fit()

    def _say_slope(self) -> None:
        """Of what is dragged, else of what was measured before."""
        slope = self._dragged or self._measured
        for key in _MEASURE:
            self._entries[key].say(slope.texts[key] if slope is not None else "")

    def show_moments(self, texts: Mapping[str, str]) -> None:
        """Times of the markers, by their names."""
        for key in _MOMENTS:
            self._entries[key].say(texts.get(key, ""))

    def text(self, key: str) -> str:
        """What stands beside a key, for tests and screen readers."""
        return self._entries[key].value.text()

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """Entries that fit."""
        return tuple(key for key, entry in self._entries.items() if not entry.isHidden())

    # --- layout ------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Any width."""
        return QSize(0, self.height())

    def minimumSizeHint(self) -> QSize:
        """Never what makes the window wide."""
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what does not fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room, fitting = self.width() - _MARGIN, set[str]()
        for key in self._wanted():
            entry = self._entries[key]
            room -= entry.least_width if key in _ELIDED else entry.sizeHint().width()
            # What ends in the empty space between entries is still whole.
            if room < -_BETWEEN:
                break
            fitting.add(key)
        for key, entry in self._entries.items():
            entry.setVisible(key in fitting)

    def _wanted(self) -> tuple[str, ...]:
        """The most important first: what is being measured before what the mouse is on."""
        if self._shows_stats:
            return (*_PLACE, *_STATS)
        if self._dragged is not None or self._measured is not None:
            return ("t", "x", *_MEASURE, "I", "v", "px", *_MOMENTS)
        return (*_PLACE, *_BY_IMPORTANCE)

    @Slot()
    def _recolor(self) -> None:
        self.setFixedHeight(max(HEIGHT, self._theme.px(HEIGHT)))
        self._color_key()
        for entry in self._entries.values():
            entry.keep_room()
        self._fit()

    def _color_key(self) -> None:
        """The quantity in the colour of its trace."""
        key = self._entries["v"].key
        key.setProperty("role", "")
        palette = key.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(self._quantity[1]))
        key.setPalette(palette)


def _raw(value: float) -> str:
    return number(value, 0 if isinstance(value, int) else decimals_for(value, 4))
