"""Paint the markers A and B: dashed lines with a flag, and their places on the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from cloudscope.views.overlay import DARK, HALO, WHITE, OverlayItem, solid, tag_size

_DASH = (4.0, 3.0)
_RADIUS = 4.0
_NEAR, _NEAR_POINT = 4.0, 8.0  # how far the mouse may be, in screen pixels


class Grip(Enum):
    """What of a marker was taken."""

    POINT = "point"
    FLAG = "flag"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment, and on the picture a place.

    Attributes:
        name: `A` or `B`.
        line: In lines of the recording.
        pixel: Along the scan line; None for a moment alone.
    """

    name: str
    line: float
    pixel: float | None = None


class MarkerItem(OverlayItem):
    """All markers of one plot, in screen pixels. On the picture they have a halo, and two
    places are joined by a line."""

    def __init__(self, *, on_picture: bool = False) -> None:
        super().__init__()
        self.markers: tuple[Marker, ...] = ()
        self._on_picture = on_picture
        self._ink, self._paper, self._font = QColor(WHITE), QColor(DARK), QFont()
        self.setZValue(25)

    def set_markers(self, markers: Sequence[Marker]) -> None:
        """Show these."""
        if tuple(markers) != self.markers:
            self.markers = tuple(markers)
            self.update()

    def set_look(self, font: QFont, ink: QColor | None = None, paper: QColor | None = None) -> None:
        """Font of the letters; colours of a plot, which the picture has its own of."""
        self._font = QFont(font)
        self._font.setBold(True)
        self._ink, self._paper = ink or QColor(WHITE), paper or QColor(DARK)
        self.update()

    def grip_at(self, position: QPointF) -> tuple[Marker, Grip] | None:
        """What a press there takes, in the scene; places before flags before lines."""
        to_scene = self.sceneTransform()
        view = to_scene.mapRect(QRectF(self.viewRect()))
        if not view.contains(position):
            return None
        for grip in Grip:
            for marker in reversed(self.markers):
                if self._is_at(marker, grip, position, to_scene, view):
                    return marker, grip
        return None

    def _is_at(
        self, marker: Marker, grip: Grip, position: QPointF, to_scene: QTransform, view: QRectF
    ) -> bool:
        if grip is Grip.FLAG:
            return self._flag(marker, to_scene, view).contains(position)
        if grip is Grip.LINE:
            return abs(_across(marker, to_scene) - position.x()) <= _NEAR
        if marker.pixel is None or not self._on_picture:
            return False
        place = to_scene.map(QPointF(marker.line, marker.pixel))
        return QLineF(place, position).length() <= _NEAR_POINT

    # --- painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Lines, then places, then flags."""
        if not self.markers:
            return
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(QRectF(self.viewRect()))
        painter.save()
        painter.resetTransform()
        for marker in self.markers:
            self._paint_line(painter, _across(marker, to_screen), view)
        if self._on_picture:
            self._paint_places(painter, to_screen)
        painter.setFont(self._font)
        for marker in self.markers:
            flag = self._flag(marker, to_screen, view)
            if view.left() - 1 <= _across(marker, to_screen) <= view.right() + 1:
                painter.fillRect(flag, self._ink)
                painter.setPen(self._paper)
                painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, marker.name)
        painter.restore()

    def _paint_line(self, painter: QPainter, x: float, view: QRectF) -> None:
        if not view.left() - 1 <= x <= view.right() + 1:
            return
        line = QLineF(x, view.top(), x, view.bottom())
        if self._on_picture:
            painter.setPen(solid(HALO, 3))
            painter.drawLine(line)
        painter.setPen(_dashed(self._ink))
        painter.drawLine(line)

    def _paint_places(self, painter: QPainter, to_screen: QTransform) -> None:
        places = [
            to_screen.map(QPointF(one.line, one.pixel))
            for one in self.markers
            if one.pixel is not None
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ink, width in ((HALO, 3.5), (WHITE, 1.5)):
            painter.setPen(solid(ink, width))
            if len(places) == 2:
                painter.drawLine(places[0], places[1])
            for place in places:
                painter.drawEllipse(place, _RADIUS, _RADIUS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _flag(self, marker: Marker, to_screen: QTransform, view: QRectF) -> QRectF:
        """At the foot of the line, on its right where there is room."""
        x = _across(marker, to_screen)
        width, height = tag_size(self._font, marker.name)
        left = x + 1 if x + 1 + width <= view.right() else x - width
        return QRectF(round(left), round(view.bottom() - height), width, height)


def _across(marker: Marker, to_screen: QTransform) -> float:
    """In the middle of a screen pixel, where a thin line is sharp."""
    return float(round(to_screen.map(QPointF(marker.line, 0)).x() - 0.5)) + 0.5


def _dashed(color: QColor) -> QPen:
    pen = solid(color, 1)
    pen.setDashPattern(_DASH)
    return pen
