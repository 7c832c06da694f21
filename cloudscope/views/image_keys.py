"""What the keyboard does while the picture has the focus."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from acqcore.model.roi import ROI, RectROI
from cloudscope.views.cursor_item import CursorItem
from cloudscope.views.own_keys import OwnKeys
from cloudscope.views.roi_geometry import Edge, moved_roi, reaching
from cloudscope.views.roi_item import RoiItem
from cloudscope.views.roi_layer import RoiLayer
from cloudscope.views.visible_part import VisiblePart

Key = Qt.Key

_STEPS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Down: (0, -1), Key.Key_Up: (0, 1)}
_TO_CURSOR = {
    Key.Key_BracketLeft: Edge.LEFT,
    Key.Key_BracketRight: Edge.RIGHT,
    Key.Key_BraceLeft: Edge.BOTTOM,
    Key.Key_BraceRight: Edge.TOP,
}
_LINE_END = {
    Edge.LEFT: Edge.FIRST, Edge.BOTTOM: Edge.FIRST, Edge.RIGHT: Edge.OTHER, Edge.TOP: Edge.OTHER
}  # fmt: skip
_PAGE, _SHORT_PAGE = 0.9, 0.25
_BIG_STEP = 10
_ZOOM = 1.5
_FIRST_SERIES = -2  # numbers above -1 belong to others, and -1 is no series


class ImageKeys(QObject):
    """Arrows move the focused region, or else page through time.

    Signals:
        roiNudged: The region, and a number that is the same while one key is held.
        roiSelected: Number of the region that Tab went to.
        roiDeleteRequested: Number of the region to delete.
    """

    roiNudged = Signal(object, int)
    roiSelected = Signal(int)
    roiDeleteRequested = Signal(int)

    def __init__(
        self, part: VisiblePart, layer: RoiLayer, cursor: CursorItem, picture: QWidget
    ) -> None:
        """`picture` has the focus while these keys count."""
        super().__init__(picture)
        self._part, self._layer, self._cursor = part, layer, cursor
        self._numbers = count(_FIRST_SERIES, -1)
        self._series = _FIRST_SERIES
        OwnKeys(picture, self._wants)

    def _wants(self, event: QKeyEvent) -> bool:
        """A focused region takes these even where they are shortcuts of the window."""
        key = Key(event.key())
        return (key in _STEPS or key in _TO_CURSOR) and self._layer.focused is not None

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        key, item = Key(event.key()), self._layer.focused
        if not event.isAutoRepeat():
            self._series = next(self._numbers)
        if item is not None and key in _TO_CURSOR:
            self._reach(item, _TO_CURSOR[key])
        elif item is not None and item.is_editable and key in _STEPS:
            self._nudge(item, *_STEPS[key], event.modifiers())
        elif key in _STEPS:
            return self._turn_page(_STEPS[key][0], event.modifiers())
        elif key in (Key.Key_Return, Key.Key_Enter):
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

    def _turn_page(self, forward: int, keys: Qt.KeyboardModifier) -> bool:
        short = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        self.page(forward * (_SHORT_PAGE if short else _PAGE))
        return forward != 0

    def _nudge(self, item: RoiItem, lines: int, pixels: int, keys: Qt.KeyboardModifier) -> None:
        step = _BIG_STEP if keys & Qt.KeyboardModifier.ShiftModifier else 1
        edges = _part_of(item.roi, _edges(lines != 0, keys))
        moved = moved_roi(item.roi, edges, lines * step, pixels * step, self._part.plane)
        self._report(item, moved)

    def _reach(self, item: RoiItem, edge: Edge) -> None:
        """Bring a side of the region to the cursor; a line's end needs both of its places."""
        line, pixel = self._cursor.place
        along_time = edge in Edge.LEFT | Edge.RIGHT
        is_line = not isinstance(item.roi, RectROI)
        needs_line, needs_pixel = along_time or is_line, is_line or not along_time
        if (line is None and needs_line) or (pixel is None and needs_pixel):
            return
        place = int(line or 0), int(pixel or 0)
        self._report(item, reaching(item.roi, _part_of(item.roi, edge), place, self._part.plane))

    def _report(self, item: RoiItem, moved: ROI) -> None:
        if item.is_editable and moved != item.roi:
            self.roiNudged.emit(moved, self._series)

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


def _part_of(roi: ROI, edge: Edge) -> Edge:
    """Which end of a line that side of a rectangle stands for."""
    return edge if isinstance(roi, RectROI) else _LINE_END.get(edge, edge)
