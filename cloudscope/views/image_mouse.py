"""Turns mouse events on the picture into gestures, and gestures into reports."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot

from acqcore.model.roi import RectRoiBounds
from cloudscope.theme import Theme
from cloudscope.views.cursor_item import CursorItem, RubberItem
from cloudscope.views.image_gestures import (
    DrawGesture,
    DrawLineGesture,
    EditGesture,
    Gesture,
    PanGesture,
    Shape,
    ZoomGesture,
)
from cloudscope.views.marker_grips import MarkerGrips
from cloudscope.views.marker_item import MarkerItem
from cloudscope.views.readings import hover_at, roi_stats
from cloudscope.views.roi_geometry import Edge
from cloudscope.views.roi_layer import RoiLayer
from cloudscope.views.slope_item import SlopeGesture, SlopeItem
from cloudscope.views.visible_part import VisiblePart

PAN, ZOOM, ROI, LINE, SLOPE = "pan", "zoom", "roi", "line", "slope"
TOOLS = (PAN, ZOOM, ROI, LINE, SLOPE)

_CLICK = 3.0  # a press that moves less is a click, in screen pixels
_ZOOM_PER_CLICK = 2.0
_ZOOM_PER_DELTA = 1.02 ** (1 / 8)  # 120 units are one notch of a wheel

_SHAPES = {
    Edge.LEFT: Qt.CursorShape.SizeHorCursor,
    Edge.RIGHT: Qt.CursorShape.SizeHorCursor,
    Edge.TOP: Qt.CursorShape.SizeVerCursor,
    Edge.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Edge.LEFT | Edge.TOP: Qt.CursorShape.SizeFDiagCursor,
    Edge.RIGHT | Edge.BOTTOM: Qt.CursorShape.SizeFDiagCursor,
    Edge.RIGHT | Edge.TOP: Qt.CursorShape.SizeBDiagCursor,
    Edge.LEFT | Edge.BOTTOM: Qt.CursorShape.SizeBDiagCursor,
    Edge.BODY: Qt.CursorShape.SizeAllCursor,
    Edge.FIRST: Qt.CursorShape.PointingHandCursor,
    Edge.OTHER: Qt.CursorShape.PointingHandCursor,
}
_TOOL_SHAPES = {
    PAN: Qt.CursorShape.ArrowCursor,
    ZOOM: Qt.CursorShape.CrossCursor,
    ROI: Qt.CursorShape.CrossCursor,
    LINE: Qt.CursorShape.CrossCursor,
    SLOPE: Qt.CursorShape.CrossCursor,
}


class ImageMouse(QObject):
    """One gesture at a time; all positions are points of the scene.

    Signals:
        hovered: `Hover`, or None beside the picture.
        previewed: `RoiStats` of the rectangle that is dragged or `LineEndpoints` of the line,
            None at the end.
        roiEdited: The region at the end of a drag.
        roiDrawn: `RectRoiBounds` or `LineEndpoints` of a region that was drawn.
        roiSelected: Number of the region that was clicked or taken.
        slopeMoved: Both ends of the line along a streak, None when it is gone.
        toolChanged: The tool in force, when it was left by a key.
    """

    hovered = Signal(object)
    previewed = Signal(object)
    roiEdited = Signal(object)
    roiDrawn = Signal(object)
    roiSelected = Signal(int)
    slopeMoved = Signal(object)
    toolChanged = Signal(str)

    def __init__(
        self, part: VisiblePart, layer: RoiLayer, theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.cursor, self.rubber, self.slope = CursorItem(), RubberItem(), SlopeItem()
        self.markers = MarkerGrips(MarkerItem(on_picture=True), part.at, self)
        self.items = (self.cursor, self.rubber, self.slope, self.markers.item)
        self.tool = PAN
        self.pixels: NDArray[Any] | None = None
        self._part, self._layer, self._theme = part, layer, theme
        self._gesture: Gesture | None = None
        self._pressed_at = QPointF()
        self._is_drag = False
        theme.changed.connect(self._recolor)
        self._recolor()

    # --- events ------------------------------------------------------------------------------

    def press(self, position: QPointF, button: Qt.MouseButton) -> None:
        """Begin a gesture; the middle button always pans."""
        self.cancel()
        self._pressed_at, self._is_drag = position, False
        if self.pixels is None or not self._part.shows(position):
            return
        if button is Qt.MouseButton.MiddleButton:
            self._gesture = PanGesture(self._part, position)
        elif button is Qt.MouseButton.LeftButton:
            self._gesture = self._gesture_at(position)

    def move(self, position: QPointF) -> None:
        """Follow the mouse, with or without a button."""
        if self._gesture is not None:
            away = position - self._pressed_at
            self._is_drag = self._is_drag or max(abs(away.x()), abs(away.y())) >= _CLICK
            if self._is_drag:
                self._gesture.move(position)
        elif self.pixels is not None:
            grip = self._layer.grip_at(position)
            self._layer.hover(grip[0] if grip is not None else None)
        self._report_hover(position)

    def release(self, position: QPointF) -> None:
        """End the gesture; one that did not move is a click."""
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        if self._is_drag:
            gesture.move(position)
            gesture.finish()
        else:
            gesture.cancel()
            self._click(position)

    def wheel(self, position: QPointF, across: int, along: int, keys: Qt.KeyboardModifier) -> None:
        """Zoom time around the mouse; with Shift space, with Ctrl both; sideways pans.

        `across` and `along` are the turns of the two wheels.
        """
        if self.pixels is None:
            return
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        both = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if abs(across) > abs(along) and not (shift or both):
            (line0, line1), _ = self._part.spans
            self._part.move(-across / 120 * (line1 - line0) / 10, 0)
            return
        # Some systems turn the wheel by a quarter while Shift is held.
        factor = _ZOOM_PER_DELTA ** (along or across)
        about = self._part.at(position)
        self._part.zoom(
            1.0 if shift and not both else factor, factor if shift or both else 1.0, about
        )
        self._report_hover(position)

    def leave(self) -> None:
        """The mouse is gone; the cursor stays."""
        self._layer.hover(None)
        self.hovered.emit(None)

    def cancel(self) -> bool:
        """Undo the gesture under way; False when there is none."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def escape(self) -> bool:
        """Leave gesture, tool or region, whichever is first; False when there was nothing."""
        if self.cancel():
            return True
        if self.tool != PAN:
            self.tool = PAN
            self.toolChanged.emit(PAN)
            return True
        if self._layer.focused_id is not None:
            self._layer.focus(None)
            return True
        if self.slope.ends is not None:
            self.slope.show_line(None)
            self.slopeMoved.emit(None)
            return True
        return False

    def shape_at(self, position: QPointF) -> Qt.CursorShape:
        """What the mouse pointer looks like there."""
        marker = self.markers.shape_at(position, flags_only=self.tool != PAN)
        if marker is not None:
            return marker
        if self.tool in (PAN, SLOPE) and self.slope.end_at(position) is not None:
            return Qt.CursorShape.SizeAllCursor
        grip = self._layer.grip_at(position) if self.pixels is not None else None
        return _SHAPES[grip[1]] if grip is not None else _TOOL_SHAPES[self.tool]

    def select_at(self, position: QPointF) -> None:
        """As a click there does, whatever the tool."""
        item = self._layer.item_at(position)
        if item is not None:
            self._take(item.roi.id)

    # --- parts -------------------------------------------------------------------------------

    @Slot()
    def _recolor(self) -> None:
        """Letters follow the text size."""
        self.slope.set_font(self._theme.font("small"))
        self.markers.item.set_look(self._theme.font("small"))

    def _gesture_at(self, position: QPointF) -> Gesture:
        marker = self.markers.gesture_at(position, flags_only=self.tool != PAN)
        if marker is not None:
            return marker
        mends = self.tool == PAN and self.slope.end_at(position) is not None
        if mends or self.tool == SLOPE:
            return SlopeGesture(self.slope, self._part.at, position, self.slopeMoved.emit)
        grip = self._layer.grip_at(position)
        # Other tools need the inside of a region for themselves.
        if grip is not None and (self.tool == PAN or grip[0].edges_at(position) is not None):
            item, edges = grip
            self._take(item.roi.id)
            return EditGesture(
                self._part, item, edges, position, self._preview, self.roiEdited.emit
            )
        if self.tool in (ROI, LINE):
            color = self._theme.roi_color(len(self._layer.items))
            kind = DrawGesture if self.tool == ROI else DrawLineGesture
            return kind(self._part, self.rubber, color, position, self._preview, self.roiDrawn.emit)
        if self.tool == ZOOM:
            return ZoomGesture(self._part, self.rubber, position)
        return PanGesture(self._part, position)

    def _click(self, position: QPointF) -> None:
        if self.tool == ZOOM:
            self._part.zoom(_ZOOM_PER_CLICK, 1.0, self._part.at(position))
            return
        item = self._layer.item_at(position)
        if item is None:
            self._layer.focus(None)
        else:
            self._take(item.roi.id)

    def _take(self, roi_id: int) -> None:
        """Let the keyboard act on a region, and tell that it is the selected one."""
        self._layer.focus(roi_id)
        if roi_id != self._layer.selected_id:
            self.roiSelected.emit(roi_id)

    def _preview(self, shape: Shape | None) -> None:
        if isinstance(shape, RectRoiBounds) and self.pixels is not None:
            self.previewed.emit(roi_stats(self.pixels, shape))
        else:
            self.previewed.emit(shape)

    def _report_hover(self, position: QPointF) -> None:
        hover = None
        if self.pixels is not None and self._part.shows(position):
            hover = hover_at(self.pixels, *self._part.at(position))
        if hover is not None:
            # At the beginning of the line: where traces and the read-out put its time.
            self.cursor.show_at(float(hover.line), hover.pixel + 0.5)
        self.hovered.emit(hover)
