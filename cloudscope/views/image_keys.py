"""What the keyboard does while the picture has the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from acqcore.model.roi import RectROI
from cloudscope.views.own_keys import OwnKeys
from cloudscope.views.roi_geometry import Edge, dragged
from cloudscope.views.roi_layer import RoiLayer
from cloudscope.views.visible_part import VisiblePart

Key = Qt.Key

_STEPS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Down: (0, -1), Key.Key_Up: (0, 1)}
_PAGE, _SHORT_PAGE = 0.9, 0.25
_BIG_STEP = 10
_ZOOM = 1.5


class ImageKeys(QObject):
    """Arrows move the focused region, or else page through time.

    Signals:
        roiEdited: `RectROI`, once per key.
        roiSelected: Number of the region that Tab went to.
        roiDeleteRequested: Number of the region to delete.
    """

    roiEdited = Signal(object)
    roiSelected = Signal(int)
    roiDeleteRequested = Signal(int)

    def __init__(self, part: VisiblePart, layer: RoiLayer, picture: QWidget) -> None:
        """`picture` has the focus while these keys count."""
        super().__init__(picture)
        self._part, self._layer = part, layer
        OwnKeys(picture, self._wants)

    def _wants(self, event: QKeyEvent) -> bool:
        """A focused region takes the arrows even where they are shortcuts of the window."""
        return Key(event.key()) in _STEPS and self._layer.focused is not None

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        key = Key(event.key())
        if key in _STEPS:
            return self._arrow(*_STEPS[key], event.modifiers())
        if key in (Key.Key_Return, Key.Key_Enter):
            self._part.show_all()
        elif key in (Key.Key_Plus, Key.Key_Equal):
            self._part.zoom(_ZOOM, 1.0)
        elif key in (Key.Key_Minus, Key.Key_Underscore):
            self._part.zoom(1 / _ZOOM, 1.0)
        elif key in (Key.Key_Delete, Key.Key_Backspace):
            return self._delete()
        else:
            return False
        return True

    def focus_next(self, forward: bool) -> bool:
        """Go to the next region; False past the last, where Tab leaves the picture."""
        roi_id = self._layer.next_id(forward)
        self._layer.focus(roi_id)
        if roi_id is not None and roi_id != self._layer.selected_id:
            self.roiSelected.emit(roi_id)
        return roi_id is not None

    def page(self, fraction: float) -> None:
        """Move by a part of what is in view."""
        (line0, line1), _ = self._part.spans
        self._part.move(fraction * (line1 - line0), 0)

    def _arrow(self, lines: int, pixels: int, keys: Qt.KeyboardModifier) -> bool:
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        item = self._layer.focused
        if item is not None and item.is_editable and isinstance(item.roi, RectROI):
            step = _BIG_STEP if shift else 1
            edges = _edges(lines != 0, keys)
            bounds = dragged(item.roi.bounds, edges, lines * step, pixels * step, self._part.plane)
            if bounds != item.roi.bounds:
                self.roiEdited.emit(item.roi.with_bounds(bounds, self._part.plane))
            return True
        if lines == 0:
            return False
        self.page(lines * (_SHORT_PAGE if shift else _PAGE))
        return True

    def _delete(self) -> bool:
        roi_id = self._layer.focused_id
        if roi_id is None:
            roi_id = self._layer.selected_id
        if roi_id is not None:
            self.roiDeleteRequested.emit(roi_id)
        return roi_id is not None


def _edges(along_time: bool, keys: Qt.KeyboardModifier) -> Edge:
    """Alone the whole moves; Alt moves the right or upper side, Ctrl+Alt the other one."""
    if not keys & Qt.KeyboardModifier.AltModifier:
        return Edge.BODY
    if keys & Qt.KeyboardModifier.ControlModifier:
        return Edge.LEFT if along_time else Edge.BOTTOM
    return Edge.RIGHT if along_time else Edge.TOP
