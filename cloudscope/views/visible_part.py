"""Which part of a plane is on screen, and how it moves; never beyond the plane."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from acqcore.model.roi import ImageBounds, RectRoiBounds
from cloudscope.views.spans import Span, inside, moved, scaled

LEAST_LINES, LEAST_PIXELS = 8.0, 4.0
"""The closest zoom."""

_AROUND = 0.05


class VisiblePart:
    """Steers a view box in lines and pixels.

    Attributes:
        plane: Size of what can be seen.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        self._box = box
        self.plane = ImageBounds(1, 1)

    def set_plane(self, plane: ImageBounds) -> None:
        """Another size."""
        self.plane = plane
        self._box.setLimits(
            xMin=0,
            xMax=plane.height,
            yMin=0,
            yMax=plane.width,
            minXRange=min(LEAST_LINES, plane.height),
            minYRange=min(LEAST_PIXELS, plane.width),
        )

    @property
    def spans(self) -> tuple[Span, Span]:
        """Lines and pixels in view."""
        (line0, line1), (pixel0, pixel1) = self._box.viewRange()
        return (line0, line1), (pixel0, pixel1)

    def show(self, lines: Span, pixels: Span) -> None:
        """As far as the plane goes."""
        self._box.setRange(
            xRange=inside(lines, self.plane.height, LEAST_LINES),
            yRange=inside(pixels, self.plane.width, LEAST_PIXELS),
            padding=0,
        )

    def show_all(self) -> None:
        """The whole plane."""
        self.show((0, self.plane.height), (0, self.plane.width))

    def show_around(self, region: RectRoiBounds) -> None:
        """A region with a little room around it."""
        lines = _AROUND * (region.dim0_stop - region.dim0_start)
        pixels = _AROUND * (region.dim1_stop - region.dim1_start)
        self.show(
            (region.dim0_start - lines, region.dim0_stop + lines),
            (region.dim1_start - pixels, region.dim1_stop + pixels),
        )

    def move(self, lines: float, pixels: float, origin: tuple[Span, Span] | None = None) -> None:
        """Go there from where we are, or from `origin`; stops at the border."""
        time, space = origin or self.spans
        self.show(moved(time, lines, self.plane.height), moved(space, pixels, self.plane.width))

    def zoom(
        self, factor_time: float, factor_space: float, about: tuple[float, float] | None = None
    ) -> None:
        """Above 1 magnifies; (line, pixel) `about` stays where it is, by default the middle."""
        time, space = self.spans
        line, pixel = about or (sum(time) / 2, sum(space) / 2)
        self.show(
            scaled(time, 1 / factor_time, line, self.plane.height, LEAST_LINES),
            scaled(space, 1 / factor_space, pixel, self.plane.width, LEAST_PIXELS),
        )

    def at(self, position: QPointF) -> tuple[float, float]:
        """Line and pixel under a point of the scene."""
        point = self._box.mapSceneToView(position)
        return point.x(), point.y()

    def distance(self, start: QPointF, stop: QPointF) -> tuple[float, float]:
        """Lines and pixels between two points of the scene, whatever was panned meanwhile."""
        per_x, per_y = self._box.viewPixelSize()
        away = stop - start
        return away.x() * per_x, -away.y() * per_y

    def shows(self, position: QPointF) -> bool:
        """Whether a point of the scene lies on the picture, not on an axis."""
        return bool(self._box.sceneBoundingRect().contains(position))
