"""Paint one region on the picture and tell what of it lies under the mouse."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from acqcore.model.roi import ROI, LineROI
from cloudscope.views.overlay import DARK, HALO, WHITE, OverlayItem, draw_tag, solid, tag_size
from cloudscope.views.roi_geometry import HANDLES, Edge
from cloudscope.views.roi_line import distance_to, end_near, part_inside

HANDLE, HIT = 9, 16  # drawn and sensitive size of a handle, screen pixels
_NEAR = 5  # how far from the outline the mouse may be
_THIN, _THICK = 1.5, 2.0


class RoiItem(OverlayItem):
    """Knows its region, never edits it: `place` moves it and tells nobody.

    Everything is drawn in screen pixels. Where the region ends at the border of what is
    visible, outline and handles stay just inside it.
    """

    def __init__(self, roi: ROI, color: QColor) -> None:
        super().__init__()
        self._roi, self._color, self._font = roi, color, QFont()
        self._selected = self._hovered = self._focused = self._locked = False
        self._named = True
        self.setZValue(10)

    @property
    def roi(self) -> ROI:
        """What is drawn now; during a drag ahead of the scene."""
        return self._roi

    @property
    def is_editable(self) -> bool:
        """Whether it can be dragged: a locked region is shown only."""
        return not self._locked

    def place(self, roi: ROI) -> None:
        """Draw it elsewhere."""
        if roi != self._roi:
            self._roi = roi
            self.update()

    def set_look(
        self,
        color: QColor,
        font: QFont,
        *,
        selected: bool,
        locked: bool = False,
        named: bool = True,
    ) -> None:
        """Colour, font of the tag; a selected region shows its handles, a locked one dots."""
        self._color, self._font, self._selected = color, font, selected
        self._locked, self._named = locked, named
        self.setZValue(11 if selected else 10)
        self.update()

    def set_hovered(self, hovered: bool) -> None:
        """Thicker while the mouse is on it."""
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def set_focused(self, focused: bool) -> None:
        """Arrow keys act on it: handles are filled with its colour."""
        if focused != self._focused:
            self._focused = focused
            self.update()

    # --- under the mouse ---------------------------------------------------------------------

    def edges_at(self, position: QPointF) -> Edge | None:
        """What a drag from this point of the scene would move, or None beside the outline.

        Handles count only where they are shown.
        """
        if not self.is_editable:
            return None
        if isinstance(self._roi, LineROI):
            line = self._line(self.sceneTransform())
            end = end_near(line, position, HIT / 2) if self._selected else None
            return end or (Edge.BODY if distance_to(line, position) <= _NEAR else None)
        outline = self._outline(self.sceneTransform())
        if self._selected:
            for edges, centre in _handles(outline, self._inset(self.sceneTransform())):
                away = position - centre
                if max(abs(away.x()), abs(away.y())) <= HIT / 2:
                    return edges
        near = outline.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        deep = outline.adjusted(_NEAR, _NEAR, -_NEAR, -_NEAR)
        if near.contains(position) and not (deep.isValid() and deep.contains(position)):
            return Edge.BODY
        return None

    def contains_scene(self, position: QPointF) -> bool:
        """Whether a click there means this region."""
        if isinstance(self._roi, LineROI):
            return distance_to(self._line(self.sceneTransform()), position) <= _NEAR
        outline = self._outline(self.sceneTransform())
        return outline.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(position)

    # --- painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Halo, outline, handles, tag."""
        to_screen = painter.worldTransform()
        inset = self._inset(to_screen)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        if isinstance(self._roi, LineROI):
            self._paint_line(painter, self._line(to_screen), inset)
        else:
            self._paint_rect(painter, self._outline(to_screen), inset)
        painter.restore()

    def _paint_rect(self, painter: QPainter, outline: QRectF, view: QRectF) -> None:
        if not outline.intersects(view.adjusted(-2, -2, 2, 2)):
            return
        # Far ends off the screen would only slow the painter down.
        drawn = outline.intersected(view.adjusted(-50, -50, 50, 50))
        width = _THICK if self._selected or self._hovered else _THIN
        for pen in (solid(HALO, width + 2), self._outline_pen(width)):
            painter.setPen(pen)
            painter.drawRect(drawn)
        if self._selected and not self._locked:
            for _, centre in _handles(outline, view):
                self._paint_handle(painter, centre)
        if self._named:
            self._paint_tag(painter, outline, view)

    def _outline_pen(self, width: float) -> QPen:
        pen = solid(self._color, width)
        if self._locked:
            pen.setDashPattern([2.0, 2.0])
        return pen

    def _paint_handle(self, painter: QPainter, centre: QPointF) -> None:
        square = QRectF(centre.x() - HANDLE / 2, centre.y() - HANDLE / 2, HANDLE, HANDLE)
        painter.fillRect(square, DARK)
        painter.fillRect(square.adjusted(1, 1, -1, -1), self._color if self._focused else WHITE)

    def _paint_tag(self, painter: QPainter, outline: QRectF, view: QRectF) -> None:
        width, height = tag_size(self._font, self._roi.label)
        aside = HANDLE / 2 + 1.5 if self._selected else 0.0
        left = max(outline.left(), view.left()) + aside
        top = outline.top() - height - 3
        if top < view.top():  # no room above: inside, below the handles
            top = max(outline.top(), view.top()) + aside + 2
            left += 2
        left = max(min(left, view.right() - width), view.left())
        if outline.bottom() > view.top():
            draw_tag(painter, round(left), round(top), self._roi.label, self._color)

    def _paint_line(self, painter: QPainter, line: QLineF, view: QRectF) -> None:
        seen = part_inside(line, view.adjusted(-50, -50, 50, 50))
        if seen is None:
            return
        width = _THICK if self._selected or self._hovered else _THIN
        for pen in (solid(HALO, width + 2), self._outline_pen(width)):
            painter.setPen(pen)
            painter.drawLine(seen)
        if self._selected and not self._locked:
            for end in (line.p1(), line.p2()):
                if view.adjusted(-50, -50, 50, 50).contains(end):
                    self._paint_handle(painter, end)
        inside = part_inside(line, view)
        if inside is not None and self._named:
            self._paint_line_tag(painter, inside, view)

    def _paint_line_tag(self, painter: QPainter, line: QLineF, view: QRectF) -> None:
        """At its start, on the side where the line does not go."""
        width, height = tag_size(self._font, self._roi.label)
        start, aside = line.p1(), HANDLE / 2 + 3
        left = min(max(start.x() - aside, view.left()), view.right() - width)
        top = start.y() + aside if line.dy() < 0 else start.y() - aside - height
        if not view.top() <= top <= view.bottom() - height:  # no room there: beside the start
            left = start.x() - aside - width if line.dx() > 0 else start.x() + aside
            if not view.left() <= left <= view.right() - width:
                left = start.x() + aside if line.dx() > 0 else start.x() - aside - width
            top = min(max(start.y() - height / 2, view.top()), view.bottom() - height)
        draw_tag(painter, round(left), round(top), self._roi.label, self._color)

    # --- where it is -------------------------------------------------------------------------

    def _inset(self, to_screen: QTransform) -> QRectF:
        """What is visible, in whole screen pixels."""
        view = to_screen.mapRect(QRectF(self.viewRect()))
        left, top = math.ceil(view.left() - 0.01), math.ceil(view.top() - 0.01)
        right, bottom = math.floor(view.right() + 0.01), math.floor(view.bottom() + 0.01)
        return QRectF(left, top, right - left, bottom - top)

    def _outline(self, to_screen: QTransform) -> QRectF:
        """On whole screen pixels; an edge at the border of the view is kept inside it."""
        left, right, bottom, top = self._roi.geometry
        place = to_screen.mapRect(QRectF(left, bottom, right - left, top - bottom))
        view, room = self._inset(to_screen), 2
        x0 = _kept(place.left(), view.left(), view.right(), room)
        x1 = _kept(place.right(), view.left(), view.right(), room)
        y0 = _kept(place.top(), view.top(), view.bottom(), room)
        y1 = _kept(place.bottom(), view.top(), view.bottom(), room)
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def _line(self, to_screen: QTransform) -> QLineF:
        """Between the middles of its two end pixels."""
        line0, pixel0, line1, pixel1 = self._roi.geometry
        middle = QPointF(0.5, 0.5)
        return QLineF(
            to_screen.map(QPointF(line0, pixel0) + middle),
            to_screen.map(QPointF(line1, pixel1) + middle),
        )


def _kept(value: float, low: float, high: float, room: float) -> float:
    """Whole; moved inside where it would lie on the border."""
    value = float(round(value))
    if low - 1 <= value < low + room:
        return low + room
    if high - room < value <= high + 1:
        return high - room
    return value


def _handles(outline: QRectF, view: QRectF) -> list[tuple[Edge, QPointF]]:
    """Centres of the handles, kept whole where an edge runs along the border.

    Those in the middle of a side stay in view, and are left out where there is no room.
    """
    half = (HANDLE + 1) / 2
    middle = outline.intersected(view).center()
    xs = {Edge.LEFT: outline.left(), Edge.RIGHT: outline.right()}
    ys = {Edge.TOP: outline.top(), Edge.BOTTOM: outline.bottom()}
    found = []
    for edges in HANDLES:
        x = next((at for edge, at in xs.items() if edge in edges), None)
        y = next((at for edge, at in ys.items() if edge in edges), None)
        crowded_x = x is None and outline.width() < 3 * HANDLE
        crowded_y = y is None and outline.height() < 3 * HANDLE
        if crowded_x or crowded_y:
            continue
        centre = QPointF(
            _kept(middle.x() if x is None else x, view.left(), view.right(), half),
            _kept(middle.y() if y is None else y, view.top(), view.bottom(), half),
        )
        found.append((edges, centre))
    return found
