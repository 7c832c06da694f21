"""The centre of the window: head, messages, kymograph over trace, overview, read-out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from acqcore.model.roi import LineEndpoints
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.empty_view import EmptyView
from cloudscope.views.head_strip import HeadStrip
from cloudscope.views.kymograph_view import Hover, KymographView, RoiStats
from cloudscope.views.message_bar import MessageBar
from cloudscope.views.overview_strip import OverviewStrip
from cloudscope.views.plane_strip import PlaneStrip
from cloudscope.views.readings import roi_at
from cloudscope.views.readout_strip import ReadoutStrip
from cloudscope.views.slope_reading import Slope
from cloudscope.views.trace_view import TraceView

IMAGE_SHARE, TRACE_SHARE = 62, 38


class RecordingView(QWidget):
    """Views of one recording on one time axis; they know each other only here."""

    def __init__(self, theme: Theme, empty: EmptyView, parent: QWidget | None = None) -> None:
        """`empty` is the page for when nothing is open; it becomes a part of this view."""
        super().__init__(parent)
        self.head = HeadStrip(theme)
        self.messages = MessageBar(theme)
        self.planes = PlaneStrip(theme)
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
        parts = (self.planes, self.splitter, self.overview, self.readout)
        _stack(self._plots, parts, self.splitter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._plots)
        # Messages stay visible on the empty page: they say why it is empty.
        _stack(self, (self.head, self.messages, self._pages), self._pages)
        self._scene = Scene()
        self._hover: Hover | None = None
        self._connect()

    def _connect(self) -> None:
        """One time axis, drawn under the trace only, and one cursor."""
        self.kymograph.set_time_axis_visible(False)
        self.trace.link_time(self.kymograph)
        self.kymograph.viewChanged.connect(self._view_changed)
        self.kymograph.hovered.connect(self._hovered)
        self.kymograph.roiPreviewed.connect(self._roi_previewed)
        self.trace.hovered.connect(self._trace_hovered)
        self.overview.windowMoved.connect(self.kymograph.set_time_range)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Paint a recording."""
        if scene.selection.file_id != self._scene.selection.file_id:
            self.trace.set_cursor(None)  # a moment of the one before means nothing here
        same = scene.plane is self._scene.plane
        self._scene = scene
        self._show_page(bool(scene.selection.file_id))
        # The trace first: where the picture goes, the limits of the trace must be right.
        for view in (self.head, self.trace, self.kymograph, self.overview):
            view.show_scene(scene)
        self._read_off(self._hover if same else None)  # an edit may have changed what is there

    def _show_page(self, plots: bool) -> None:
        self.head.setVisible(plots)
        self._pages.setCurrentWidget(self._plots if plots else self.empty)

    @property
    def is_empty(self) -> bool:
        """Whether the page that asks for recordings is shown."""
        return self._pages.currentWidget() is self.empty

    @Slot(str)
    def show_drop(self, what: str, skipped: str = "") -> None:
        """Say what a drop would open, and what it would leave out."""
        detail = "Hold Ctrl to add to what is open"
        self.empty.set_drop(f"Drop to open {what}", f"{skipped} · {detail}" if skipped else detail)
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
        if hover is not None:  # the cursor stays where it was when the mouse leaves
            self.trace.set_cursor(hover.line)
        self._read_off(hover)

    def _read_off(self, hover: Hover | None) -> None:
        self._hover = hover
        self.readout.show_hover(hover, self._scene.calibration)
        region = roi_at(self._scene.rois, hover) if hover is not None else None
        self.readout.show_region(region.label if region is not None else "")
        self.readout.show_result(self.trace.reading_at(hover.line) if hover is not None else None)

    @Slot(object)
    def _roi_previewed(self, shape: RoiStats | LineEndpoints | None) -> None:
        if isinstance(shape, LineEndpoints):
            self.readout.show_stats(Slope.between(shape, self._scene.calibration))
        else:
            self.readout.show_stats(shape)

    @Slot(object)
    def _trace_hovered(self, line: float | None) -> None:
        if line is not None:
            self.kymograph.set_cursor(line)
            self.trace.set_cursor(line)
            self.readout.show_result(self.trace.reading_at(line))


def _stack(widget: QWidget, parts: Sequence[QWidget], main: QWidget) -> None:
    """Parts under each other without gaps; `main` takes what is left."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part, stretch=1 if part is main else 0)
