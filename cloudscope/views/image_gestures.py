"""What a drag on the picture does, from press to release; each is undone by `cancel`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor

from acqcore.model.roi import ROI, LineEndpoints, RectROI, RectRoiBounds
from cloudscope.views.cursor_item import RubberItem
from cloudscope.views.roi_geometry import Edge, line_between, moved_roi, spanned
from cloudscope.views.roi_item import RoiItem
from cloudscope.views.visible_part import VisiblePart

Shape = RectRoiBounds | LineEndpoints
"""Where a region of either kind is."""


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
    """Draw a rectangle."""

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


class DrawLineGesture:
    """Draw a line; one whose ends are the same pixel is none."""

    def __init__(
        self,
        part: VisiblePart,
        rubber: RubberItem,
        color: QColor,
        start: QPointF,
        preview: Callable[[LineEndpoints | None], None],
        done: Callable[[LineEndpoints], None],
    ) -> None:
        self._part, self._rubber, self._color = part, rubber, color
        self._preview, self._done = preview, done
        self._first = part.at(start)
        self._ends = line_between(self._first, self._first, part.plane)

    def move(self, position: QPointF) -> None:
        """From the middle of one pixel to that of another."""
        ends = line_between(self._first, self._part.at(position), self._part.plane)
        self._ends = ends
        first = QPointF(ends.row0 + 0.5, ends.col0 + 0.5)
        other = QPointF(ends.row1 + 0.5, ends.col1 + 0.5)
        self._rubber.show_line(QLineF(first, other), self._color)
        self._preview(ends)

    def finish(self) -> None:
        """Report it."""
        self.cancel()
        if (self._ends.row0, self._ends.col0) != (self._ends.row1, self._ends.col1):
            self._done(self._ends)

    def cancel(self) -> None:
        """Nothing was drawn."""
        self._rubber.show_line(None)
        self._preview(None)


class EditGesture:
    """Move or resize a region; nobody is told before the end."""

    def __init__(
        self,
        part: VisiblePart,
        item: RoiItem,
        edges: Edge,
        start: QPointF,
        preview: Callable[[Shape | None], None],
        done: Callable[[ROI], None],
    ) -> None:
        self._part, self._item, self._edges, self._start = part, item, edges, start
        self._before = self._now = item.roi
        self._preview, self._done = preview, done

    def move(self, position: QPointF) -> None:
        """By whole lines and pixels."""
        lines, pixels = self._part.distance(self._start, position)
        plane = self._part.plane
        self._now = moved_roi(self._before, self._edges, round(lines), round(pixels), plane)
        self._item.place(self._now)
        self._preview(shape_of(self._now))

    def finish(self) -> None:
        """Report it once, if it is elsewhere now."""
        self._preview(None)
        if self._now != self._before:
            self._done(self._now)

    def cancel(self) -> None:
        """Put it back."""
        self._item.place(self._before)
        self._preview(None)


def shape_of(roi: ROI) -> Shape:
    """Without number and words."""
    return roi.bounds if isinstance(roi, RectROI) else roi.endpoints


def _rect(first: tuple[float, float], second: tuple[float, float]) -> QRectF:
    return QRectF(QPointF(*first), QPointF(*second)).normalized()
