"""The picture of a recording: time along x, distance along y, origin bottom left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from acqcore.model.header import Calibration
from acqcore.model.roi import ROI, ImageBounds
from cloudscope.scene import Plane, Scene
from cloudscope.theme import Theme
from cloudscope.views.image_keys import ImageKeys
from cloudscope.views.image_mouse import TOOLS, ImageMouse
from cloudscope.views.luts import lut
from cloudscope.views.picture_cover import PictureCover
from cloudscope.views.readings import Hover, RoiStats
from cloudscope.views.roi_layer import RoiLayer
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.viewport_item import ViewportItem
from cloudscope.views.visible_part import VisiblePart

__all__ = ["Hover", "KymographView", "RoiStats"]

_STALE_OPACITY = 0.4
_LEAST_HEIGHT = 120


class KymographView(TimePlot):
    """Paint a scene and report gestures; it decides nothing but what is visible.

    Signals:
        roiEdited: A region after a drag, once.
        roiNudged: A region after a key, and a number that is the same while that key is held.
        roiDrawn: `RectRoiBounds` or `LineEndpoints` of a region that was drawn.
        roiSelected: Number of the region that was clicked or reached with Tab.
        roiDeleteRequested: Number of the region to delete.
        roiPreviewed: `RoiStats` or `LineEndpoints` during a drag, None at its end.
        hovered: `Hover` under the mouse, None beside the picture.
        viewChanged: (line0, line1, pixel0, pixel1) in view, as floats.
        toolChanged: `pan` after Esc has left another tool.
        contextMenuRequested: Where, on the screen; the region there is selected already.
        retryRequested: Read the picture again.
    """

    roiEdited = Signal(object)
    roiNudged = Signal(object, int)
    roiDrawn = Signal(object)
    roiSelected = Signal(int)
    roiDeleteRequested = Signal(int)
    roiPreviewed = Signal(object)
    hovered = Signal(object)
    viewChanged = Signal(object)
    toolChanged = Signal(str)
    contextMenuRequested = Signal(object)
    retryRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._scene_shown = Scene()
        self._plane: Plane | None = None
        self._part = VisiblePart(self.view_box)
        self._layer = self.regions = RoiLayer(self.plot_item, theme)
        self._image = self.picture = ViewportItem(even=True)
        self._mouse = self.mouse = ImageMouse(self._part, self._layer, theme, self)
        self._keys = ImageKeys(self._part, self._layer, self._mouse.cursor, self)
        for item in (self._image, *self._mouse.items):
            self.plot_item.addItem(item, ignoreBounds=True)
        self._cover = PictureCover(self)
        self.setAccessibleName("Kymograph")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setMouseTracking(True)
        self._forward()
        self._show_calibration(Calibration())
        self._show_plane(None)

    def _forward(self) -> None:
        """What the parts report is reported by the view."""
        for part in (self._mouse, self._keys):
            part.roiSelected.connect(self.roiSelected)
        self._mouse.roiEdited.connect(self._report_edit)
        self._keys.roiNudged.connect(self.roiNudged)
        self._keys.roiDeleteRequested.connect(self.roiDeleteRequested)
        self._mouse.roiDrawn.connect(self.roiDrawn)
        self._mouse.previewed.connect(self.roiPreviewed)
        self._mouse.hovered.connect(self.hovered)
        self._mouse.toolChanged.connect(self.toolChanged)
        self._cover.retryRequested.connect(self.retryRequested)
        self.fullViewRequested.connect(self.fit)
        self.view_box.sigRangeChanged.connect(lambda: self.viewChanged.emit(self.visible))
        self.view_box.sigResized.connect(self._place_cover)

    # --- scene -------------------------------------------------------------------------------

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Repaint only what differs from the scene on screen."""
        old, self._scene_shown = self._scene_shown, scene
        changed = scene.plane is not self._plane and not scene.loading
        if scene.rois != old.rois:
            self._mouse.cancel()  # what is being dragged may be gone
        if changed:
            self._show_plane(scene.plane)
        self._show_state(scene)
        if scene.loading:
            self._layer.place((), None)
            return
        if scene.contrast is not None and (changed or scene.contrast != old.contrast):
            self._image.set_lut(lut(scene.contrast.color_lut))
            self._image.set_levels(scene.contrast.value_min, scene.contrast.value_max)
        self._show_calibration(scene.calibration)
        self._place_rois()

    def _show_plane(self, plane: Plane | None) -> None:
        """Another picture; what is visible stays when only the channel is another."""
        old, self._plane = self._plane, plane
        self._mouse.cancel()
        self._mouse.pixels = plane.pixels if plane is not None else None
        self._image.set_plane(plane.pyramid if plane is not None else None)
        for axis in (self.value_axis, self.time_axis):
            axis.setOpacity(0.0 if plane is None else 1.0)
        if plane is None or old is None or plane.file_id != old.file_id:
            self._mouse.cursor.show_at(None, None)
            self._layer.focus(None)
        if plane is None:
            return
        lines, pixels = plane.pixels.shape
        size = ImageBounds(pixels, lines)
        if old is None or plane.file_id != old.file_id or size != self._part.plane:
            self._part.set_plane(size)
            self.fit()

    def _show_state(self, scene: Scene) -> None:
        """Never the old picture as if it were the one that was asked for."""
        if scene.loading:
            self._mouse.cancel()
            self._mouse.cursor.show_at(None, None)
        self._mouse.pixels = None if scene.loading or self._plane is None else self._plane.pixels
        self._image.setOpacity(_STALE_OPACITY if scene.loading else 1.0)
        self._cover.show_state(scene.loading, scene.failure)
        self._place_cover()

    def _show_calibration(self, calibration: Calibration) -> None:
        self.set_time_step(calibration.step_y, calibration.time_known)
        self.set_distance_step(calibration.step_x, calibration.distance_known)

    def _place_rois(self) -> None:
        scene = self._scene_shown
        self._layer.place(scene.rois if scene.plane else (), scene.selection.roi_id)

    def recolor(self) -> None:
        """Regions follow the text size."""
        super().recolor()
        self._layer.recolor()

    @Slot()
    def _place_cover(self) -> None:
        self._cover.cover(self.mapFromScene(self.view_box.sceneBoundingRect()).boundingRect())

    # --- commands ----------------------------------------------------------------------------

    @Slot(float, float)
    def preview_levels(self, low: float, high: float) -> None:
        """Show other limits while they are being dragged; nothing is edited."""
        self._image.set_levels(low, high)

    @Slot(str)
    def set_tool(self, tool: str) -> None:
        """What a drag does: one of `TOOLS`; ValueError for anything else."""
        if tool not in TOOLS:
            raise ValueError(f"tool must be one of {TOOLS}, not {tool!r}")
        self._mouse.cancel()
        self._mouse.tool = tool

    @property
    def tool(self) -> str:
        """What `set_tool` or Esc has chosen."""
        return self._mouse.tool

    @Slot()
    def fit(self) -> None:
        """Show the whole recording."""
        self._part.show_all()

    @Slot()
    def fit_roi(self) -> None:
        """Show the selected region as large as possible."""
        roi = self._scene_shown.roi
        if roi is not None:
            self._part.show_around(roi.bounds)

    def zoom(self, factor_time: float, factor_space: float = 1.0) -> None:
        """Magnify by factors above 1, around the middle."""
        self._part.zoom(factor_time, factor_space)

    def page(self, fraction: float) -> None:
        """Go on in time by a part of what is in view; negative goes back."""
        self._keys.page(fraction)

    @Slot(float, float)
    def set_time_range(self, line0: float, line1: float) -> None:
        """Show these lines; the distance stays as it is."""
        self._part.show((line0, line1), self._part.spans[1])

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """(line0, line1, pixel0, pixel1)."""
        return (*self._part.spans[0], *self._part.spans[1])

    @Slot(object)
    def set_cursor(self, line: float | None) -> None:
        """Mark a moment that another view points at."""
        self._mouse.cursor.show_at(line, None)

    # --- reports -----------------------------------------------------------------------------

    @Slot(object)
    def _report_edit(self, roi: ROI) -> None:
        self.roiEdited.emit(roi)
        self._place_rois()  # the scene has the last word, even if the edit was refused

    # --- events ------------------------------------------------------------------------------

    def _at(self, event: QMouseEvent | QWheelEvent) -> QPointF:
        return QPointF(self.mapToScene(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._mouse.press(self._at(event), event.button())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or read off what is under the mouse."""
        self._mouse.move(self._at(event))
        if not event.buttons():
            self.viewport().setCursor(self._mouse.shape_at(self._at(event)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        self._mouse.release(self._at(event))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.fullViewRequested.emit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom or pan."""
        turned = event.angleDelta()
        self._mouse.wheel(self._at(event), turned.x(), turned.y(), event.modifiers())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._mouse.leave()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is there, then ask for the menu."""
        if self._mouse.pixels is not None:
            if event.reason() is QContextMenuEvent.Reason.Mouse:
                self._mouse.select_at(QPointF(self.mapToScene(event.pos())))
            self.contextMenuRequested.emit(event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that mean something here; others go to the window."""
        if event.key() == Qt.Key.Key_Escape:
            used = self._mouse.escape()
        else:
            used = self._mouse.pixels is not None and self._keys.press(event)
        event.setAccepted(used)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the regions before it leaves the picture."""
        return self._keys.focus_next(forward) or bool(super().focusNextPrevChild(forward))
