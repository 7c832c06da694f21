"""One recording of the compare window: its head and its picture on the common time axis."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTransform
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration
from cloudscope.scene import Plane
from cloudscope.theme import Theme
from cloudscope.views.cursor_item import CursorItem
from cloudscope.views.labels import ElidedLabel, label, restyle, swatch_icon, tool_button
from cloudscope.views.luts import lut
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_samples import TraceSamples
from cloudscope.views.viewport_item import ViewportItem

TOKENS = ("velocity", "diameter", "intensity", "accent")
"""Colour of the first, second, third and fourth recording."""

_HEAD, _SWATCH, _LEAST_HEIGHT = 26, 10, 60


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is known of a recording that is compared.

    Attributes:
        channel: Of the picture, as a text that starts with 1; empty when there is only one.
        condition: As in the metadata; empty when unknown and in blinded mode.
        plane: None while it is read, and when `failure` says why it cannot be.
        trace: Its velocity, x in lines; None without.
        trace_unit: Of the values of `trace`.
    """

    file_id: str
    name: str
    channel: str
    condition: str
    calibration: Calibration
    plane: Plane | None = None
    contrast: ImageContrast | None = None
    failure: str = ""
    trace: TraceSamples | None = None
    trace_unit: str = ""

    def step(self, in_seconds: bool) -> float:
        """Length of a line on the common axis."""
        return self.calibration.step_y if in_seconds else 1.0

    def duration(self, in_seconds: bool) -> float:
        """Length of the recording on the common axis, 0 before it is read."""
        lines = self.plane.pixels.shape[0] if self.plane is not None else 0
        return lines * self.step(in_seconds)


class ComparePlot(TimePlot):
    """A picture whose x axis counts seconds, or lines where the line time is unknown.

    Signals:
        pressed: A mouse button went down on it.
        hovered: Place on the time axis under the mouse, None outside.
    """

    pressed = Signal()
    hovered = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.image, self.cursor = ViewportItem(), CursorItem()
        for item in (self.image, self.cursor):
            self.plot_item.addItem(item, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys belong to the whole window
        self.setMouseTracking(True)
        self.setMinimumHeight(theme.px(_LEAST_HEIGHT))

    def show_plane(self, plane: Plane, calibration: Calibration, step: float) -> None:
        """Another picture, `step` of the common axis per line."""
        self.image.setTransform(QTransform.fromScale(step, 1.0))
        self.image.viewTransformChanged()
        self.image.set_plane(plane.pyramid)
        self.set_distance_step(calibration.step_x, calibration.distance_known)
        # A tile may be lower than the words "Distance (µm)" are long.
        self.value_axis.set_title("µm" if calibration.distance_known else "px")
        width = plane.pixels.shape[1]
        self.view_box.setLimits(yMin=0, yMax=width)
        self.view_box.setYRange(0, width, padding=0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag moves along time."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a moment."""
        super().mouseMoveEvent(event)
        self.hovered.emit(moment_at(self, event))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.hovered.emit(None)


def moment_at(plot: TimePlot, event: QMouseEvent) -> float | None:
    """Place on the time axis under the mouse, None beside the plot."""
    at = QPointF(plot.mapToScene(event.position().toPoint()))
    inside = plot.view_box.sceneBoundingRect().contains(at)
    return float(plot.view_box.mapSceneToView(at).x()) if inside else None


class CompareTile(QWidget):
    """Colour, name and condition over the picture, or a sentence in its place.

    Signals:
        removeRequested: Take this recording out of the comparison.
    """

    removeRequested = Signal()

    def __init__(self, theme: Theme, place: int) -> None:
        super().__init__()
        self._theme, self._token = theme, TOKENS[place]
        self.pinned: Pinned | None = None
        self._drawn: tuple[object, ...] = ()
        self.plot = ComparePlot(theme)
        self.swatch, self.name, self.condition = label(""), ElidedLabel("", "strong"), ElidedLabel()
        self.condition.setProperty("role", "small")
        self.mark = label("", "chip")
        self.mark.setToolTip("Space shows this one and the other one in turn")
        self.remove = tool_button(theme, "close", "Take this recording out", 14)
        self.sentence = label("", "field")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._lay_out()
        self.remove.clicked.connect(self.removeRequested)
        theme.changed.connect(self._recolor)
        self._recolor()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 8, 0)
        head.setSpacing(8)
        for widget in (self.swatch, self.name, self.condition, self.mark):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        head.addWidget(self.remove)
        strip = QWidget()
        strip.setLayout(head)
        strip.setFixedHeight(self._theme.px(_HEAD))
        self._pages = QStackedLayout()
        self._pages.addWidget(self.plot)
        self._pages.addWidget(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addLayout(self._pages, 1)

    def _recolor(self) -> None:
        icon = swatch_icon(self._theme.color(self._token), _SWATCH)
        self.swatch.setPixmap(icon.pixmap(_SWATCH, _SWATCH))
        restyle(self.condition)

    def show_pinned(self, pinned: Pinned, limits: tuple[float, float], in_seconds: bool) -> None:
        """Paint what differs from what is on screen."""
        self.pinned = pinned
        self.name.setText(pinned.name)
        more = [one for one in (pinned.channel, pinned.condition) if one]
        self.condition.setText(" · ".join(more))
        self.remove.setAccessibleName(f"Take {pinned.name} out")
        self.plot.setAccessibleName(f"Picture of {pinned.name}")
        self.sentence.setText(pinned.failure or "Reading…")
        plane = pinned.plane
        self._pages.setCurrentWidget(self.plot if plane is not None else self.sentence)
        if plane is None or pinned.contrast is None:
            return
        step, steps = pinned.step(in_seconds), pinned.calibration
        if self._drawn != (plane, steps, step):
            self._drawn = (plane, steps, step)
            self.plot.show_plane(plane, steps, step)
        self.plot.set_time_step(1.0, in_seconds)
        self.plot.image.set_lut(lut(pinned.contrast.color_lut))
        self.plot.image.set_levels(*limits)
