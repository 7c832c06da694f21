"""Numbers under the mouse in fixed places, so that they do not dance."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QSizePolicy, QWidget

from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.labels import label
from cloudscope.views.quantities import MISSING, decimals_for, number
from cloudscope.views.readings import Hover, RoiStats
from cloudscope.views.slope_reading import ANGLE, DT, DX, RATE, SPEED, Slope

HEIGHT = 26
_MARGIN, _KEY_GAP, _BETWEEN = 12, 7, 16

# Key: what it means, and a text of the width that is kept free for it.
_PLACE = {
    "t": ("Time", "1 234.567 s"),
    "x": ("Distance", "1 234.5 µm"),
    "px": ("Line, pixel", "100 000, 1 023"),
}
_VALUE = {"I": ("Raw value", "65 535"), "v": ("Velocity", "−12.34 ± 0.05 mm/s")}
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
        self.key, self.value = label(key, "small"), label(MISSING)
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

    def say(self, text: str) -> None:
        """Show a value, or that there is none."""
        self.value.setText(text or MISSING)
        if len(text) > len(self._widest):
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
        self._measures = self._shows_stats = False
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, 0, 0)
        row.setSpacing(0)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for entry in self._entries.values():
            row.addWidget(entry)
        row.addStretch()
        theme.changed.connect(self._recolor)
        self._recolor()

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object, object)
    def show_hover(self, hover: Hover | None, calibration: Calibration) -> None:
        """Place and raw value under the mouse."""
        if hover is None:
            for key in (*_PLACE, "I"):
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
    def show_velocity(self, value_text: str) -> None:
        """Velocity at the moment under the mouse, with its unit."""
        self._entries["v"].say(value_text)

    @Slot(object)
    def show_stats(self, stats: RoiStats | None) -> None:
        """Numbers inside a region, in the place of the single value; None ends that."""
        self._shows_stats = stats is not None
        if stats is not None:
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
        self._measures = slope is not None
        for key in _MEASURE:
            self._entries[key].say(slope.texts[key] if slope is not None else "")
        self._fit()

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
            room -= self._entries[key].sizeHint().width()
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
        if self._measures:
            return ("t", "x", *_MEASURE, "I", "v", "px", *_MOMENTS)
        return (*_PLACE, *_VALUE)

    @Slot()
    def _recolor(self) -> None:
        self.setFixedHeight(max(HEIGHT, self._theme.px(HEIGHT)))
        velocity = self._entries["v"].key
        velocity.setProperty("role", "")
        palette = velocity.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color("velocity"))
        velocity.setPalette(palette)
        for entry in self._entries.values():
            entry.keep_room()
        self._fit()


def _raw(value: float) -> str:
    return number(value, 0 if isinstance(value, int) else decimals_for(value, 4))
