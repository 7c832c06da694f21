"""The centre of the window: head, messages, kymograph over trace, overview, read-out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.empty_view import EmptyView
from cloudscope.views.head_strip import HeadStrip
from cloudscope.views.kymograph_view import Hover, KymographView
from cloudscope.views.message_bar import MessageBar
from cloudscope.views.overview_strip import OverviewStrip
from cloudscope.views.readout_strip import ReadoutStrip
from cloudscope.views.trace_view import TraceView

IMAGE_SHARE, TRACE_SHARE = 62, 38


class RecordingView(QWidget):
    """Views of one recording on one time axis; they know each other only here."""

    def __init__(self, theme: Theme, empty: EmptyView, parent: QWidget | None = None) -> None:
        """`empty` is the page for when nothing is open; it becomes a part of this view."""
        super().__init__(parent)
        self.head = HeadStrip(theme)
        self.messages = MessageBar(theme)
        self.kymograph = KymographView(theme)
        self.trace = TraceView(theme)
        self.overview = OverviewStrip(theme)
        self.readout = ReadoutStrip(theme)
        self.empty = empty
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(5)
        self.splitter.addWidget(self.kymograph)
        self.splitter.addWidget(self.trace)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, IMAGE_SHARE)
        self.splitter.setStretchFactor(1, TRACE_SHARE)
        self.splitter.setSizes([IMAGE_SHARE * 10, TRACE_SHARE * 10])
        self._plots = QWidget()
        _stack(self._plots, (self.splitter, self.overview, self.readout), self.splitter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._plots)
        # Messages stay visible on the empty page: they say why it is empty.
        _stack(self, (self.head, self.messages, self._pages), self._pages)
        self._scene = Scene()
        self._connect()

    def _connect(self) -> None:
        """One time axis, drawn under the trace only, and one cursor."""
        self.kymograph.set_time_axis_visible(False)
        self.trace.link_time(self.kymograph)
        self.kymograph.viewChanged.connect(self._view_changed)
        self.kymograph.hovered.connect(self._hovered)
        self.kymograph.roiPreviewed.connect(self.readout.show_stats)
        self.trace.hovered.connect(self._trace_hovered)
        self.overview.windowMoved.connect(self.kymograph.set_time_range)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Paint a recording."""
        if scene.selection.file_id != self._scene.selection.file_id:
            self.trace.set_cursor(None)  # a moment of the one before means nothing here
        self._scene = scene
        self._show_page(bool(scene.selection.file_id))
        # The trace first: where the picture goes, the limits of the trace must be right.
        for view in (self.head, self.trace, self.kymograph, self.overview):
            view.show_scene(scene)
        self.readout.show_hover(None, scene.calibration)
        self.readout.show_velocity("")

    def _show_page(self, plots: bool) -> None:
        self.head.setVisible(plots)
        self._pages.setCurrentWidget(self._plots if plots else self.empty)

    @property
    def is_empty(self) -> bool:
        """Whether the page that asks for recordings is shown."""
        return self._pages.currentWidget() is self.empty

    @Slot(str)
    def show_drop(self, what: str) -> None:
        """Say what a drop would open."""
        self.empty.set_drop(f"Drop to open {what}", "Hold Ctrl to add to what is open")
        self._show_page(False)

    @Slot()
    def hide_drop(self) -> None:
        """The drag went away."""
        self.empty.set_drop(None)
        self._show_page(bool(self._scene.selection.file_id))

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


def _stack(widget: QWidget, parts: Sequence[QWidget], main: QWidget) -> None:
    """Parts under each other without gaps; `main` takes what is left."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part, stretch=1 if part is main else 0)
