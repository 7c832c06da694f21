"""The centre of the window: head, messages, kymograph over trace, overview, read-out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.head_strip import HeadStrip
from cloudscope.views.kymograph_view import Hover, KymographView
from cloudscope.views.message_bar import MessageBar
from cloudscope.views.overview_strip import OverviewStrip
from cloudscope.views.readout_strip import ReadoutStrip
from cloudscope.views.trace_view import TraceView

IMAGE_SHARE, TRACE_SHARE = 62, 38


class RecordingView(QWidget):
    """Views of one recording on one time axis; they know each other only here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = HeadStrip(theme)
        self.messages = MessageBar(theme)
        self.kymograph = KymographView(theme)
        self.trace = TraceView(theme)
        self.overview = OverviewStrip(theme)
        self.readout = ReadoutStrip(theme)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(5)
        self.splitter.addWidget(self.kymograph)
        self.splitter.addWidget(self.trace)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, IMAGE_SHARE)
        self.splitter.setStretchFactor(1, TRACE_SHARE)
        self.splitter.setSizes([IMAGE_SHARE * 10, TRACE_SHARE * 10])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.head, self.messages, self.splitter, self.overview, self.readout):
            column.addWidget(part, stretch=1 if part is self.splitter else 0)
        self._scene = Scene()
        self._connect()

    def _connect(self) -> None:
        """One time axis, one cursor."""
        self.trace.link_time(self.kymograph)
        self.kymograph.viewChanged.connect(self._view_changed)
        self.kymograph.hovered.connect(self._hovered)
        self.kymograph.roiPreviewed.connect(self.readout.show_stats)
        self.trace.hovered.connect(self._trace_hovered)
        self.overview.windowMoved.connect(self.kymograph.set_time_range)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Paint a recording."""
        self._scene = scene
        for view in (self.head, self.kymograph, self.trace, self.overview):
            view.show_scene(scene)
        self.readout.show_hover(None, scene.calibration)

    @Slot(object)
    def _view_changed(self, shown: tuple[float, float, float, float]) -> None:
        self.overview.set_window(shown[0], shown[1])

    @Slot(object)
    def _hovered(self, hover: Hover | None) -> None:
        line = hover.line if hover is not None else None
        if line is not None:  # the cursor stays where it was when the mouse leaves
            self.trace.set_cursor(line)
        self.readout.show_hover(hover, self._scene.calibration)
        self.readout.show_velocity(self.trace.value_at(line) if line is not None else "")

    @Slot(object)
    def _trace_hovered(self, line: float | None) -> None:
        if line is not None:
            self.kymograph.set_cursor(line)
            self.trace.set_cursor(line)
            self.readout.show_velocity(self.trace.value_at(line))
