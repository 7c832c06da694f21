"""Over the image: which recording, how long, how wide, which channel and region."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from acqcore.model.header import Calibration, ImageHeader
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import ElidedLabel, dot_pixmap, label, swatch_icon

THIN_SPACE = "\u2009"
_NARROWEST, _WIDEST = 64, 160  # of a list, as far as its words need it


def short_size(header: ImageHeader, steps: Calibration) -> str:
    """Extent in the units that are known: "30 s · 77 µm"."""
    lines, pixels = header.size("Y"), header.size("X")
    time = f"{_three(lines * steps.step_y)} s" if steps.time_known else f"{_whole(lines)} lines"
    width = (
        f"{_three(pixels * steps.step_x)} µm" if steps.distance_known else f"{_whole(pixels)} px"
    )
    return f"{time} · {width}"


def long_size(header: ImageHeader, steps: Calibration) -> str:
    """Samples and steps: "30 000 lines × 256 px · 1 ms · 0.3 µm"."""
    parts = [f"{_whole(header.size('Y'))} lines × {_whole(header.size('X'))} px"]
    if steps.time_known:
        parts.append(f"{_three(steps.step_y * 1000)} ms")
    if steps.distance_known:
        parts.append(f"{_three(steps.step_x)} µm")
    return " · ".join(parts)


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", THIN_SPACE)


def _three(number: float) -> str:
    """Three figures, never a power of ten for a large number."""
    return f"{number:.3g}" if number < 100 else f"{_whole(round(number))}"


def missing_calibration(steps: Calibration) -> str:
    """The words of the badge, or empty when both axes are calibrated."""
    if steps.distance_known and steps.time_known:
        return ""
    if steps.time_known:
        return "No pixel size"
    return "No line time" if steps.distance_known else "Not calibrated"


class HeadStrip(QFrame):
    """Name, unsaved dot, size and badge at the left; channel and ROI at the right.

    Signals:
        channelChosen: Index from 0.
        roiChosen: Number of the ROI.
    """

    channelChosen = Signal(int)
    roiChosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = Scene()
        self._channel_tools: list[QWidget] = []
        self.setObjectName("head")
        self._name = ElidedLabel("", "strong", Qt.TextElideMode.ElideMiddle)
        self._dot = QLabel()
        self._dot.setToolTip("This recording has unsaved changes")
        self._dot.setAccessibleName("Unsaved")
        self._size = ElidedLabel("", "small")
        self._badge = label("", "badge")
        self._badge.setToolTip("Set the calibration in the Metadata panel")
        self._channel_label, self._channel = label("Channel", "field"), FocusedCombo()
        self._roi_label, self._roi = label("ROI", "field"), FocusedCombo()
        self._channel.setToolTip("Show another channel")
        self._roi.setToolTip("Select another ROI")
        self._channel_label.setBuddy(self._channel)
        self._roi_label.setBuddy(self._roi)
        self._channel.setAccessibleName("Channel")
        self._roi.setAccessibleName("ROI")
        self._lay_out()
        self._channel.activated.connect(self._choose_channel)
        self._roi.activated.connect(self._choose_roi)
        theme.changed.connect(self._repaint)
        self._repaint()

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Repaint what differs from the scene on screen."""
        old, self._scene = self._scene, scene
        if (scene.name, scene.dirty, scene.blinded) != (old.name, old.dirty, old.blinded):
            self._show_name()
        if (scene.header, scene.calibration) != (old.header, old.calibration):
            self._show_size()
        if (scene.header, scene.selection.channel) != (old.header, old.selection.channel):
            self._show_channels()
        if (scene.rois, scene.selection.roi_id) != (old.rois, old.selection.roi_id):
            self._show_rois()

    def add_channel_tool(self, button: QWidget) -> None:
        """Put a button beside the list of channels; there as long as there is a choice."""
        self._channel_tools.append(button)
        self._row.insertWidget(self._row.indexOf(self._channel) + 1, button)
        self._show_channels()

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.setSpacing(8)
        for widget in (self._name, self._dot, self._size, self._badge):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for left, combo in ((self._channel_label, self._channel), (self._roi_label, self._roi)):
            row.addSpacing(4)
            row.addWidget(left)
            row.addWidget(combo)

    def _repaint(self) -> None:
        self.setFixedHeight(self._theme.px(32))
        self._dot.setPixmap(dot_pixmap(self._theme))
        self._show_name()
        self._show_size()
        self._show_channels()
        self._show_rois()

    def _show_name(self) -> None:
        self._name.setText(self._scene.name)
        self._dot.setVisible(self._scene.dirty)
        self._fit()

    def _show_size(self) -> None:
        header, steps = self._scene.header, self._scene.calibration
        missing = missing_calibration(steps) if header else ""
        self._badge.setText(missing)
        self._badge.setVisible(bool(missing))
        self._fit()

    def _show_channels(self) -> None:
        header = self._scene.header
        count = header.num_channels if header else 0
        with QSignalBlocker(self._channel):
            self._channel.clear()
            for channel in range(count):
                self._channel.addItem(_channel_text(header, channel), channel)
            self._channel.setCurrentIndex(self._scene.selection.channel)
        for widget in (self._channel_label, self._channel, *self._channel_tools):
            widget.setVisible(count > 1)  # one alone is no choice
        self._fit_list(self._channel)
        self._fit()

    def _show_rois(self) -> None:
        rois = self._scene.rois
        with QSignalBlocker(self._roi):
            self._roi.clear()
            for index, roi in enumerate(rois):
                color = self._theme.roi_color(index, roi.color)
                self._roi.addItem(swatch_icon(color), roi.label, roi.id)
            self._roi.setCurrentIndex(self._roi.findData(self._scene.selection.roi_id))
        for widget in (self._roi_label, self._roi):
            widget.setVisible(bool(rois))
        self._fit_list(self._roi)
        self._fit()

    def _choose_channel(self, index: int) -> None:
        channel = int(self._channel.itemData(index))
        if channel != self._scene.selection.channel:
            self.channelChosen.emit(channel)

    def _choose_roi(self, index: int) -> None:
        roi_id = int(self._roi.itemData(index))
        if roi_id != self._scene.selection.roi_id:
            self.roiChosen.emit(roi_id)

    def _fit_list(self, combo: FocusedCombo) -> None:
        """As wide as its longest text, within limits."""
        texts = [combo.itemText(index) for index in range(combo.count())]
        longest = max(map(combo.fontMetrics().horizontalAdvance, texts), default=0)
        swatch = combo.iconSize().width() + 4 if combo is self._roi else 0
        needed = longest + swatch + self._theme.px(36)  # margins and arrow
        narrowest, widest = self._theme.px(_NARROWEST), self._theme.px(_WIDEST)
        combo.setFixedWidth(min(max(needed, narrowest), widest))

    def _fit(self) -> None:
        """The long size where it has room, else the short one, else none: the name comes first."""
        header, steps = self._scene.header, self._scene.calibration
        self._size.hide()
        self._size.setText("")
        if header is None or self._scene.blinded:
            return
        metrics = QFontMetrics(self._size.font())
        room = self.width() - self.sizeHint().width() - 8
        for text in (long_size(header, steps), short_size(header, steps)):
            if metrics.horizontalAdvance(text) <= room:
                self._size.setText(text)
                self._size.show()
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size text that fits."""
        super().resizeEvent(event)
        self._fit()


def _channel_text(header: ImageHeader | None, channel: int) -> str:
    named = header is not None and channel < len(header.channel_names)
    name = header.channel_names[channel] if header and named else ""
    return f"{channel + 1} {name}".strip()
