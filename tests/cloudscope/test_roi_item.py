"""Where a region can be taken, what a drag makes of it, and how it is drawn."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage
from pytestqt.qtbot import QtBot

from acqcore.model.roi import (
    ROI,
    ImageBounds,
    LineEndpoints,
    LineROI,
    RectROI,
    RectRoiBounds,
)
from cloudscope.views.roi_geometry import (
    HANDLES,
    Edge,
    dragged,
    line_between,
    moved_roi,
    reaching,
    spanned,
)
from cloudscope.views.roi_item import RoiItem
from cloudscope.views.roi_line import part_inside
from cloudscope.views.spans import inside, moved, scaled

PLANE = ImageBounds(width=100, height=400)
START = RectRoiBounds(100, 200, 30, 60)
COLOR = QColor("#FFB000")


class Stage:
    """400 lines by 100 pixels on a picture of 400 by 200 screen pixels."""

    def __init__(self, qtbot: QtBot, roi: ROI) -> None:
        self.view = pg.GraphicsView(background=QColor(90, 90, 90))
        qtbot.addWidget(self.view)
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0)
        self.view.setCentralItem(self.box)
        self.item = RoiItem(roi, COLOR)
        self.item.set_look(COLOR, QFont(), selected=True)
        self.box.addItem(self.item, ignoreBounds=True)
        self.view.resize(400, 200)
        self.box.setRange(xRange=(0, 400), yRange=(0, 100), padding=0)
        self.grab()

    def grab(self) -> QImage:
        return self.view.grab().toImage()

    def at(self, line: float, pixel: float) -> QPointF:
        return QPointF(self.box.mapViewToScene(QPointF(line, pixel)))

    def edges(self, line: float, pixel: float) -> Edge | None:
        return self.item.edges_at(self.at(line, pixel))


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot, RectROI(1, 100, 200, 30, 60))


def test_eight_handles_and_the_outline(stage: Stage) -> None:
    assert stage.edges(100, 60) == Edge.LEFT | Edge.TOP
    assert stage.edges(200, 60) == Edge.RIGHT | Edge.TOP
    assert stage.edges(100, 30) == Edge.LEFT | Edge.BOTTOM
    assert stage.edges(200, 30) == Edge.RIGHT | Edge.BOTTOM
    assert stage.edges(150, 60) == Edge.TOP
    assert stage.edges(150, 30) == Edge.BOTTOM
    assert stage.edges(100, 45) == Edge.LEFT
    assert stage.edges(200, 45) == Edge.RIGHT
    assert stage.edges(125, 60) == Edge.BODY
    assert stage.edges(150, 45) is None
    assert stage.edges(300, 80) is None


def test_a_handle_is_sensitive_eight_screen_pixels_around_its_centre(stage: Stage) -> None:
    corner = stage.at(200, 60)
    inward = QPointF(-1, 1)
    assert stage.item.edges_at(corner + 7 * inward) == Edge.RIGHT | Edge.TOP
    assert stage.item.edges_at(corner + 10 * inward) is None


def test_only_a_selected_region_has_handles(stage: Stage) -> None:
    stage.item.set_look(COLOR, QFont(), selected=False)
    assert stage.edges(100, 60) == Edge.BODY
    assert stage.edges(150, 60) == Edge.BODY


def test_handles_are_white_squares_with_a_dark_edge(stage: Stage) -> None:
    picture, corner = stage.grab(), stage.at(200, 60).toPoint()
    assert picture.pixelColor(corner.x(), corner.y()).name() == "#ffffff"
    assert picture.pixelColor(corner.x() + 4, corner.y()).lightness() < 90
    stage.item.set_focused(True)
    assert stage.grab().pixelColor(corner.x(), corner.y()) == COLOR


def test_the_region_is_not_filled(stage: Stage) -> None:
    middle = stage.at(150, 45).toPoint()
    assert stage.grab().pixelColor(middle.x(), middle.y()).name() == "#5a5a5a"


def test_tag_stands_above_the_corner_or_inside_where_there_is_no_room(qtbot: QtBot) -> None:
    above = Stage(qtbot, RectROI(1, 100, 200, 30, 60, "A"))
    corner = above.at(100, 60).toPoint()
    assert above.grab().pixelColor(corner.x() + 8, corner.y() - 6) == COLOR
    within = Stage(qtbot, RectROI(1, 100, 200, 30, 100, "A"))
    assert within.grab().pixelColor(corner.x() + 10, 12) == COLOR


def test_a_region_over_everything_shows_its_outline_and_handles(qtbot: QtBot) -> None:
    stage = Stage(qtbot, RectROI(1, 0, 400, 0, 100))
    picture = stage.grab()
    assert picture.pixelColor(50, 198).name() == COLOR.name().lower()
    assert picture.pixelColor(5, 195).name() == "#ffffff"
    assert stage.item.edges_at(QPointF(2, 198)) == Edge.LEFT | Edge.BOTTOM


def test_a_line_can_be_taken_along_it_and_at_its_ends(qtbot: QtBot) -> None:
    stage = Stage(qtbot, LineROI(1, 50, 20, 350, 80))
    assert stage.edges(200, 50) == Edge.BODY
    assert stage.edges(50.5, 20.5) == Edge.FIRST
    assert stage.edges(350.5, 80.5) == Edge.OTHER
    assert stage.edges(200, 70) is None
    assert stage.item.contains_scene(stage.at(200, 50))
    assert not stage.item.contains_scene(stage.at(200, 70))
    stage.item.set_look(COLOR, QFont(), selected=False)
    assert stage.edges(350.5, 80.5) == Edge.BODY  # no handles
    stage.item.set_look(COLOR, QFont(), selected=True, locked=True)
    assert stage.edges(200, 50) is None
    assert not stage.item.is_editable
    stage.item.set_look(COLOR, QFont(), selected=True)
    middle = stage.at(200.5, 50.5).toPoint()
    assert stage.grab().pixelColor(middle.x(), middle.y()).hue() == COLOR.hue()


def test_placing_tells_nobody_and_moves(stage: Stage) -> None:
    stage.item.place(RectROI(1, 200, 300, 30, 60))
    assert stage.edges(300, 60) == Edge.RIGHT | Edge.TOP
    assert stage.edges(100, 60) is None


@given(st.sampled_from([*HANDLES, Edge.BODY]), st.integers(-600, 600), st.integers(-300, 300))
def test_a_drag_never_leaves_the_plane_nor_empties_the_region(
    edges: Edge, lines: int, pixels: int
) -> None:
    end = dragged(START, edges, lines, pixels, PLANE)
    assert end.clamped_to(PLANE) == end
    assert end.dim0_stop > end.dim0_start
    assert end.dim1_stop > end.dim1_start
    if edges == Edge.BODY:
        assert (end.dim0_stop - end.dim0_start, end.dim1_stop - end.dim1_start) == (100, 30)
    if Edge.LEFT not in edges:
        assert end.dim0_start == START.dim0_start


def test_edges_move_by_whole_steps() -> None:
    assert dragged(START, Edge.LEFT | Edge.TOP, 5, 3, PLANE) == RectRoiBounds(105, 200, 30, 63)
    assert dragged(START, Edge.LEFT, 500, 0, PLANE) == RectRoiBounds(199, 200, 30, 60)
    assert dragged(START, Edge.BODY, -500, 500, PLANE) == RectRoiBounds(0, 100, 70, 100)


ends = st.tuples(st.integers(0, 399), st.integers(0, 99))


@given(
    ends,
    ends,
    st.sampled_from([Edge.FIRST, Edge.OTHER, Edge.BODY]),
    st.integers(-900, 900),
    st.integers(-300, 300),
)
def test_a_line_stays_on_the_plane_and_keeps_its_slope_as_a_whole(
    first: tuple[int, int], other: tuple[int, int], grip: Edge, lines: int, pixels: int
) -> None:
    start = LineROI(1, *first, *other)
    end = moved_roi(start, grip, lines, pixels, PLANE)
    assert isinstance(end, LineROI)
    assert end.clipped(PLANE) == end
    if grip is Edge.BODY:
        assert end.line1 - end.line0 == start.line1 - start.line0
        assert end.pixel1 - end.pixel0 == start.pixel1 - start.pixel0
    elif grip is Edge.FIRST:
        assert end.geometry[2:] == other
    else:
        assert end.geometry[:2] == first


def test_a_side_reaches_the_cursor_and_includes_it() -> None:
    roi = RectROI(1, 100, 200, 30, 60)
    assert reaching(roi, Edge.LEFT, (120, 5), PLANE).geometry == (120, 200, 30, 60)
    assert reaching(roi, Edge.RIGHT, (399, 5), PLANE).geometry == (100, 400, 30, 60)
    assert reaching(roi, Edge.BOTTOM, (5, 0), PLANE).geometry == (100, 200, 0, 60)
    assert reaching(roi, Edge.TOP, (5, 45), PLANE).geometry == (100, 200, 30, 46)
    assert reaching(roi, Edge.LEFT, (300, 5), PLANE).geometry == (199, 200, 30, 60)
    line = LineROI(1, 10, 20, 30, 40)
    assert reaching(line, Edge.FIRST, (5, 6), PLANE).geometry == (5, 6, 30, 40)
    assert reaching(line, Edge.OTHER, (999, 6), PLANE).geometry == (10, 20, 399, 6)


def test_a_drawn_line_ends_on_pixels_of_the_plane() -> None:
    assert line_between((10.9, 5.2), (-3, 400), PLANE) == LineEndpoints(10, 5, 0, 99)


def test_the_part_of_a_line_inside_a_rectangle() -> None:
    area = QRectF(0, 0, 100, 50)
    assert part_inside(QLineF(-50, 25, 150, 25), area) == QLineF(0, 25, 100, 25)
    assert part_inside(QLineF(10, 10, 20, 20), area) == QLineF(10, 10, 20, 20)
    assert part_inside(QLineF(50, -10, 50, 60), area) == QLineF(50, 0, 50, 50)
    assert part_inside(QLineF(-10, 60, 200, 60), area) is None
    assert part_inside(QLineF(-10, 0, 10, -20), area) is None


def test_a_drawn_region_holds_every_pixel_that_was_touched() -> None:
    assert spanned((10.2, 5.9), (12.1, 3.0), PLANE) == RectRoiBounds(10, 13, 3, 6)
    assert spanned((10.2, 5.5), (10.2, 5.5), PLANE) == RectRoiBounds(10, 11, 5, 6)
    assert spanned((-50, -9), (900, 400), PLANE) == RectRoiBounds(0, 400, 0, 100)
    assert spanned((900, 400), (901, 400), PLANE) == RectRoiBounds(399, 400, 99, 100)


spans = st.tuples(st.floats(0, 99), st.floats(0.5, 100)).map(
    lambda s: (s[0], min(s[0] + s[1], 100))
)


@given(spans, st.floats(-500, 500), st.floats(0.01, 100), st.floats(0, 100))
def test_spans_stay_inside(
    span: tuple[float, float], by: float, factor: float, about: float
) -> None:
    for low, high in (
        moved(span, by, 100),
        scaled(span, factor, about, 100, 4),
        inside((span[0] + by, span[1] + by), 100, 4),
    ):
        assert -1e-6 <= low < high <= 100 + 1e-6
    low, high = moved(span, by, 100)
    assert high - low == pytest.approx(span[1] - span[0])


def test_zoom_keeps_the_place_under_the_mouse() -> None:
    low, high = scaled((20, 60), 0.5, 30, 100, 4)
    assert (low, high) == (25, 45)
    assert scaled((20, 60), 0.001, 30, 100, 4) == (29, 33)
