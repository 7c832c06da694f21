"""What a drag on the picture does, from press to release; each is undone by `cancel`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from acqcore.model.roi import RectROI, RectRoiBounds
from cloudscope.views.cursor_item import RubberItem
from cloudscope.views.roi_geometry import Edge, dragged, spanned
from cloudscope.views.roi_item import RoiItem
from cloudscope.views.visible_part import VisiblePart


class Gesture(Protocol):
    """One drag; positions are points of the scene."""

    def move(self, position: QPointF) -> None:
        """The mouse is there now."""

    def finish(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Leave everything as it was before."""


class PanGesture:
    """Move along the recording."""

    def __init__(self, part: VisiblePart, start: QPointF) -> None:
        self._part, self._start, self._origin = part, start, part.spans

    def move(self, position: QPointF) -> None:
        """The picture sticks to the mouse."""
        lines, pixels = self._part.distance(self._start, position)
        self._part.move(-lines, -pixels, self._origin)

    def finish(self) -> None:
        """Stay."""

    def cancel(self) -> None:
        """Go back."""
        self._part.show(*self._origin)


class ZoomGesture:
    """Enlarge a rectangle."""

    def __init__(self, part: VisiblePart, rubber: RubberItem, start: QPointF) -> None:
        self._part, self._rubber = part, rubber
        self._first = self._second = part.at(start)

    def move(self, position: QPointF) -> None:
        """The rectangle follows the mouse."""
        self._second = self._part.at(position)
        self._rubber.show_rect(_rect(self._first, self._second), dashed=True)

    def finish(self) -> None:
        """Show it as large as possible."""
        self.cancel()
        (line0, pixel0), (line1, pixel1) = self._first, self._second
        self._part.show((line0, line1), (pixel0, pixel1))

    def cancel(self) -> None:
        """Only the rectangle goes."""
        self._rubber.show_rect(None)


class DrawGesture:
    """Draw a region."""

    def __init__(
        self,
        part: VisiblePart,
        rubber: RubberItem,
        color: QColor,
        start: QPointF,
        preview: Callable[[RectRoiBounds | None], None],
        done: Callable[[RectRoiBounds], None],
    ) -> None:
        self._part, self._rubber, self._color = part, rubber, color
        self._preview, self._done = preview, done
        self._first = part.at(start)
        self._bounds = spanned(self._first, self._first, part.plane)

    def move(self, position: QPointF) -> None:
        """Every pixel that was touched belongs to it."""
        self._bounds = spanned(self._first, self._part.at(position), self._part.plane)
        corners = self._bounds
        self._rubber.show_rect(
            QRectF(
                corners.dim0_start,
                corners.dim1_start,
                corners.dim0_stop - corners.dim0_start,
                corners.dim1_stop - corners.dim1_start,
            ),
            self._color,
        )
        self._preview(self._bounds)

    def finish(self) -> None:
        """Report it."""
        self.cancel()
        self._done(self._bounds)

    def cancel(self) -> None:
        """Nothing was drawn."""
        self._rubber.show_rect(None)
        self._preview(None)


class EditGesture:
    """Move or resize a region; nobody is told before the end."""

    def __init__(
        self,
        part: VisiblePart,
        item: RoiItem,
        edges: Edge,
        start: QPointF,
        preview: Callable[[RectRoiBounds | None], None],
        done: Callable[[RectROI], None],
    ) -> None:
        if not isinstance(item.roi, RectROI):
            raise TypeError("only rectangles can be dragged")
        self._part, self._item, self._edges, self._start = part, item, edges, start
        self._before = self._now = item.roi
        self._preview, self._done = preview, done

    def move(self, position: QPointF) -> None:
        """By whole lines and pixels."""
        lines, pixels = self._part.distance(self._start, position)
        plane = self._part.plane
        bounds = dragged(self._before.bounds, self._edges, round(lines), round(pixels), plane)
        self._now = self._before.with_bounds(bounds, plane)
        self._item.place(self._now)
        self._preview(bounds)

    def finish(self) -> None:
        """Report it once, if it is elsewhere now."""
        self._preview(None)
        if self._now != self._before:
            self._done(self._now)

    def cancel(self) -> None:
        """Put it back."""
        self._item.place(self._before)
        self._preview(None)


def nudged(roi: RectROI, edges: Edge, lines: int, pixels: int, part: VisiblePart) -> RectROI:
    """What an arrow key makes of a region."""
    bounds = dragged(roi.bounds, edges, lines, pixels, part.plane)
    return roi.with_bounds(bounds, part.plane)


def _rect(first: tuple[float, float], second: tuple[float, float]) -> QRectF:
    return QRectF(QPointF(*first), QPointF(*second)).normalized()
