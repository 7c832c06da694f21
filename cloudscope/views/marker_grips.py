"""Dragging the markers A and B, on the picture and on the traces."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, Qt, Signal

from cloudscope.views.marker_item import Grip, Marker, MarkerItem

At = Callable[[QPointF], tuple[float, float]]
"""Line and pixel under a point of the scene."""

_SHAPES = {
    Grip.POINT: Qt.CursorShape.SizeAllCursor,
    Grip.FLAG: Qt.CursorShape.SizeHorCursor,
    Grip.LINE: Qt.CursorShape.SizeHorCursor,
}


class MarkerGrips(QObject):
    """Reports every step of a drag; whoever keeps the markers puts them there.

    Signals:
        moved: `Marker` as it shall be.
    """

    moved = Signal(object)

    def __init__(self, item: MarkerItem, at: At, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.item, self._at = item, at
        self._gesture: MarkerGesture | None = None

    def gesture_at(self, position: QPointF, *, flags_only: bool = False) -> MarkerGesture | None:
        """What a drag from there does; with `flags_only` lines are left to other tools."""
        found = self.item.grip_at(position)
        if found is None or (flags_only and found[1] is Grip.LINE):
            return None
        return MarkerGesture(*found, self._at, self.moved.emit)

    def shape_at(self, position: QPointF, *, flags_only: bool = False) -> Qt.CursorShape | None:
        """What the mouse pointer looks like there; None beside all markers."""
        found = self.item.grip_at(position) if self.item.markers else None
        if found is None or (flags_only and found[1] is Grip.LINE):
            return None
        return _SHAPES[found[1]]

    # A plot that has no gestures of its own uses these.

    def press(self, position: QPointF, button: Qt.MouseButton, *, flags_only: bool = False) -> bool:
        """Whether a marker is taken."""
        self._gesture = None
        if button is Qt.MouseButton.LeftButton:
            self._gesture = self.gesture_at(position, flags_only=flags_only)
        return self._gesture is not None

    def move(self, position: QPointF) -> bool:
        """Take it along; False when there is none."""
        if self._gesture is not None:
            self._gesture.move(position)
        return self._gesture is not None

    def release(self, position: QPointF) -> bool:
        """Let go; False when there was none."""
        gesture, self._gesture = self._gesture, None
        return gesture is not None

    def cancel(self) -> bool:
        """Put it back; False when none was taken."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None


class MarkerGesture:
    """Moves a marker by whole lines and pixels, as the cursor moves."""

    def __init__(
        self, marker: Marker, grip: Grip, at: At, report: Callable[[Marker], None]
    ) -> None:
        self._before, self._grip, self._at, self._report = marker, grip, at, report

    def move(self, position: QPointF) -> None:
        """Its moment follows the mouse; its place only if that was taken."""
        line, pixel = self._at(position)
        pixel = math.floor(pixel) + 0.5
        kept = pixel if self._grip is Grip.POINT else self._before.pixel
        self._report(replace(self._before, line=float(math.floor(line)), pixel=kept))

    def finish(self) -> None:
        """Stay."""

    def cancel(self) -> None:
        """Go back."""
        self._report(self._before)
