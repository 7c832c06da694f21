"""Gestures on the picture with real mouse and key events, and what the scene does to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration
from acqcore.model.roi import LineROI, RectROI, RectRoiBounds
from acqcore.pyramid import Pyramid, envelope
from cloudscope.scene import Plane, Scene, Selection
from cloudscope.theme import Theme
from cloudscope.views.kymograph_view import Hover, KymographView

LINES, PIXELS = 2000, 100
KNOWN = Calibration(0.002, 0.5, "seconds", "um", "test")
START = RectROI(1, 500, 1000, 30, 60, "A")
OTHER = RectROI(2, 600, 700, 40, 50)
Left = Qt.MouseButton.LeftButton
Keys = Qt.KeyboardModifier


def plane_of(file_id: str = "one", channel: int = 0, lines: int = LINES) -> Plane:
    pixels = (np.arange(lines)[:, None] + 3 * np.arange(PIXELS)).astype(np.uint16)
    return Plane(file_id, channel, pixels, Pyramid.build(pixels), envelope(pixels))


def scene_of(plane: Plane | None = None, **changes: object) -> Scene:
    plane = plane or plane_of()
    scene = Scene(
        selection=Selection(plane.file_id, plane.channel, 1),
        calibration=KNOWN,
        plane=plane,
        contrast=ImageContrast("Gray", 0, 2300, 0, 2297),
        rois=(START, OTHER),
    )
    return replace(scene, **changes)


@pytest.fixture(scope="module")
def theme(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Theme:
    return Theme(qapp, tmp_path_factory.mktemp("theme"))


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Iterator[KymographView]:
    theme.set_appearance("light")
    view = KymographView(theme)
    qtbot.addWidget(view)
    view.resize(1064, 452)
    view.show_scene(scene_of())
    with qtbot.waitExposed(view):
        view.show()
    yield view
    view.hide()


class Heard(list):
    """Everything that a signal said."""

    def __init__(self, signal: object) -> None:
        super().__init__()
        signal.connect(self.append)


def point(view: KymographView, line: float, pixel: float) -> QPoint:
    return view.mapFromScene(view.view_box.mapViewToScene(QPointF(line, pixel)))


def drag(view: KymographView, start: QPoint, stop: QPoint, button: Qt.MouseButton = Left) -> None:
    target = view.viewport()
    QTest.mouseMove(target, start)
    QTest.mousePress(target, button, Keys.NoModifier, start)
    for step in (0.25, 0.5, 0.75, 1):
        QTest.mouseMove(target, start + (stop - start) * step)
    QTest.mouseRelease(target, button, Keys.NoModifier, stop)


def click(view: KymographView, line: float, pixel: float) -> None:
    QTest.mouseClick(view.viewport(), Left, Keys.NoModifier, point(view, line, pixel))


def wheel(view: KymographView, at: QPoint, keys: Keys = Keys.NoModifier, across: int = 0) -> None:
    where = view.viewport().mapToGlobal(at)
    turned = QPoint(across, 0 if across else 120)
    event = QWheelEvent(
        QPointF(at), QPointF(where), QPoint(), turned,
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def press(view: KymographView, key: Qt.Key, keys: Keys = Keys.NoModifier) -> None:
    QTest.keyClick(view, key, keys)


# --- regions --------------------------------------------------------------------------------


def test_dragging_a_handle_is_reported_once_and_previewed_all_the_way(view: KymographView) -> None:
    edited, previewed = Heard(view.roiEdited), Heard(view.roiPreviewed)
    drag(view, point(view, 1000, 60), point(view, 1200, 80))
    assert len(edited) == 1
    roi = edited[0]
    assert (roi.id, roi.name, roi.line_start, roi.pixel_start) == (1, "A", 500, 30)
    assert roi.line_stop == pytest.approx(1200, abs=2)
    assert roi.pixel_stop == pytest.approx(80, abs=1)
    assert len(previewed) >= 4
    assert previewed[-1] is None
    last = previewed[-2]
    crop = plane_of().pixels[500 : roi.line_stop, 30 : roi.pixel_stop]
    assert (last.minimum, last.maximum, last.count) == (crop.min(), crop.max(), crop.size)
    assert last.mean == pytest.approx(crop.mean())
    assert last.exact


def test_after_the_drag_the_scene_has_the_last_word(view: KymographView) -> None:
    drag(view, point(view, 1000, 60), point(view, 1200, 80))
    assert [item.roi for item in view._layer.items] == [START, OTHER]


def test_the_outline_moves_the_whole_region(view: KymographView) -> None:
    edited = Heard(view.roiEdited)
    drag(view, point(view, 600, 60), point(view, 700, 65))
    assert len(edited) == 1
    roi = edited[0]
    assert roi.line_stop - roi.line_start == 500
    assert roi.pixel_stop - roi.pixel_start == 30
    assert roi.line_start == pytest.approx(600, abs=2)


def test_a_region_cannot_be_dragged_off_the_plane(view: KymographView) -> None:
    edited = Heard(view.roiEdited)
    drag(view, point(view, 600, 60), point(view, 1990, 99))
    assert edited[0].geometry == (1500, 2000, 69, 99)


def test_the_inside_pans_until_the_region_was_clicked(view: KymographView) -> None:
    view.set_time_range(400, 1200)
    edited = Heard(view.roiEdited)
    drag(view, point(view, 900, 35), point(view, 850, 35))
    assert edited == []
    assert view.visible[0] == pytest.approx(450, abs=3)
    click(view, 900, 35)
    drag(view, point(view, 900, 35), point(view, 850, 35))
    assert len(edited) == 1
    assert edited[0].line_start == pytest.approx(450, abs=3)


def test_a_click_means_the_smallest_region_there(view: KymographView) -> None:
    selected = Heard(view.roiSelected)
    click(view, 650, 45)
    assert selected == [2]
    click(view, 900, 35)
    assert selected == [2], "the selected one is not reported again"


def test_a_drag_that_ends_where_it_began_edits_nothing(view: KymographView) -> None:
    edited, start = Heard(view.roiEdited), point(view, 1000, 60)
    target = view.viewport()
    QTest.mousePress(target, Left, Keys.NoModifier, start)
    QTest.mouseMove(target, start + QPoint(40, 10))
    QTest.mouseMove(target, start)
    QTest.mouseRelease(target, Left, Keys.NoModifier, start)
    assert edited == []


def test_escape_puts_a_dragged_region_back(view: KymographView) -> None:
    edited, start = Heard(view.roiEdited), point(view, 1000, 60)
    QTest.mousePress(view.viewport(), Left, Keys.NoModifier, start)
    QTest.mouseMove(view.viewport(), start + QPoint(40, 10))
    assert view._layer.items[0].roi != START
    press(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), Left, Keys.NoModifier, start + QPoint(40, 10))
    assert view._layer.items[0].roi == START
    assert edited == []


def test_drawing_reports_every_touched_pixel(view: KymographView) -> None:
    drawn, edited = Heard(view.roiDrawn), Heard(view.roiEdited)
    previewed, changed = Heard(view.roiPreviewed), Heard(view.toolChanged)
    view.set_tool("roi")
    drag(view, point(view, 1400, 90), point(view, 1200, 70))
    assert edited == []
    bounds = drawn[0]
    assert isinstance(bounds, RectRoiBounds)
    assert bounds.dim0_start == pytest.approx(1200, abs=2)
    assert bounds.dim0_stop == pytest.approx(1400, abs=3)
    assert bounds.dim1_start == pytest.approx(70, abs=1)
    assert previewed[-2].bounds == bounds
    press(view, Qt.Key.Key_Escape)
    assert (view.tool, changed) == ("pan", ["pan"])


def test_drawing_starts_inside_a_region_too(view: KymographView) -> None:
    drawn = Heard(view.roiDrawn)
    view.set_tool("roi")
    click(view, 900, 35)
    drag(view, point(view, 800, 35), point(view, 900, 45))
    assert len(drawn) == 1


def test_a_tiny_drawing_is_none(view: KymographView) -> None:
    drawn, start = Heard(view.roiDrawn), point(view, 1400, 90)
    view.set_tool("roi")
    drag(view, start, start + QPoint(2, 2))
    assert drawn == []


def test_a_line_is_shown_selected_and_dragged(view: KymographView) -> None:
    view.show_scene(scene_of(rois=(START, LineROI(7, 1200, 10, 1800, 90))))
    selected, edited = Heard(view.roiSelected), Heard(view.roiEdited)
    click(view, 1500, 50)
    assert set(selected) == {7}
    drag(view, point(view, 1500, 50), point(view, 1600, 60))
    assert [roi.geometry for roi in edited] == [(1300, 19, 1900, 99)]  # at the border


# --- keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "keys", "expected"),
    [
        (Qt.Key.Key_Right, Keys.NoModifier, (501, 1001, 30, 60)),
        (Qt.Key.Key_Up, Keys.ShiftModifier, (500, 1000, 40, 70)),
        (Qt.Key.Key_Left, Keys.AltModifier, (500, 999, 30, 60)),
        (Qt.Key.Key_Up, Keys.AltModifier | Keys.ShiftModifier, (500, 1000, 30, 70)),
        (Qt.Key.Key_Left, Keys.AltModifier | Keys.ControlModifier, (499, 1000, 30, 60)),
    ],
)
def test_arrows_nudge_and_resize_the_focused_region(
    view: KymographView, key: Qt.Key, keys: Keys, expected: tuple[int, ...]
) -> None:
    edited = []
    view.roiNudged.connect(lambda roi, series: edited.append((roi.geometry, series)))
    click(view, 900, 35)
    press(view, key, keys)
    press(view, Qt.Key.Key_Left)
    assert edited[0][0] == expected
    assert edited[1][1] != edited[0][1]  # another key is another step


def test_arrows_page_when_no_region_is_focused(view: KymographView) -> None:
    view.set_time_range(500, 700)
    press(view, Qt.Key.Key_Right)
    assert view.visible[:2] == pytest.approx((680, 880))
    press(view, Qt.Key.Key_Left, Keys.ShiftModifier)
    assert view.visible[:2] == pytest.approx((630, 830))
    for _ in range(9):
        press(view, Qt.Key.Key_Right)
    assert view.visible[:2] == pytest.approx((1800, 2000))


def test_tab_goes_through_the_regions_and_then_on(view: KymographView, qtbot: QtBot) -> None:
    after = QPushButton("after", view.parentWidget())
    qtbot.addWidget(after)
    selected = Heard(view.roiSelected)
    assert view.focusNextPrevChild(True)
    assert view._layer.focused_id == 1
    assert view.focusNextPrevChild(True)
    assert (view._layer.focused_id, selected) == (2, [2])
    assert view.focusNextPrevChild(False)
    assert view._layer.focused_id == 1
    view.focusNextPrevChild(False)
    assert view._layer.focused_id is None


def test_escape_leaves_the_region(view: KymographView) -> None:
    edited = Heard(view.roiEdited)
    click(view, 900, 35)
    press(view, Qt.Key.Key_Escape)
    press(view, Qt.Key.Key_Right)
    assert edited == []


def test_delete_asks_for_the_focused_or_selected_region(view: KymographView) -> None:
    asked = Heard(view.roiDeleteRequested)
    press(view, Qt.Key.Key_Delete)
    click(view, 650, 45)
    press(view, Qt.Key.Key_Delete)
    assert asked == [1, 2]


def test_keys_zoom_and_fit(view: KymographView) -> None:
    press(view, Qt.Key.Key_Plus)
    line0, line1, pixel0, pixel1 = view.visible
    assert line1 - line0 == pytest.approx(LINES / 1.5)
    assert (pixel0, pixel1) == (0, PIXELS)
    press(view, Qt.Key.Key_Return)
    assert view.visible == (0, LINES, 0, PIXELS)


# --- mouse on the picture -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "time", "space"),
    [
        (Keys.NoModifier, True, False),
        (Keys.ShiftModifier, False, True),
        (Keys.ControlModifier, True, True),
    ],
)
def test_wheel_zooms_around_the_mouse(
    view: KymographView, keys: Keys, time: bool, space: bool
) -> None:
    at = point(view, 1500, 20)
    line, pixel = view._part.at(QPointF(at))
    wheel(view, at, keys)
    line0, line1, pixel0, pixel1 = view.visible
    assert (line1 - line0 < LINES) is time
    assert (pixel1 - pixel0 < PIXELS) is space
    assert view._part.at(QPointF(at)) == pytest.approx((line, pixel))


def test_a_wheel_that_turned_sideways_with_shift_zooms_space(view: KymographView) -> None:
    wheel(view, point(view, 1500, 20), Keys.ShiftModifier, across=120)
    assert view.visible[3] - view.visible[2] < PIXELS


def test_sideways_pans(view: KymographView) -> None:
    view.set_time_range(500, 700)
    wheel(view, point(view, 600, 20), across=-120)
    assert view.visible[:2] == pytest.approx((520, 720))


def test_zoom_out_stops_at_the_whole_recording(view: KymographView) -> None:
    view.zoom(0.1, 0.1)
    assert view.visible == (0, LINES, 0, PIXELS)
    view.zoom(1e9, 1e9)
    line0, line1, pixel0, pixel1 = view.visible
    assert (line1 - line0, pixel1 - pixel0) == (8, 4)


def test_dragging_pans_and_stops_at_the_border(view: KymographView) -> None:
    view.set_time_range(1400, 1600)
    shown = Heard(view.viewChanged)
    drag(view, point(view, 1500, 50), point(view, 1450, 50))
    assert view.visible[0] == pytest.approx(1450, abs=1)
    assert shown[-1] == view.visible
    drag(view, point(view, 1460, 50), point(view, 1640, 50), Qt.MouseButton.MiddleButton)
    drag(view, point(view, 1290, 50), point(view, 1470, 50))
    assert view.visible[1] - view.visible[0] == pytest.approx(200)


def test_zoom_tool_enlarges_a_rectangle(view: KymographView) -> None:
    view.set_tool("zoom")
    drag(view, point(view, 1200, 20), point(view, 1600, 60))
    assert view.visible == pytest.approx((1200, 1600, 20, 60), abs=3)


def test_double_click_shows_everything(view: KymographView) -> None:
    view.set_time_range(500, 700)
    QTest.mouseDClick(view.viewport(), Left, Keys.NoModifier, point(view, 600, 80))
    assert view.visible == (0, LINES, 0, PIXELS)


def test_fit_roi(view: KymographView) -> None:
    view.fit_roi()
    assert view.visible == pytest.approx((475, 1025, 28.5, 61.5))


def test_hover_tells_place_and_raw_value(view: KymographView) -> None:
    heard = Heard(view.hovered)
    at = point(view, 1234.5, 45.5)
    QTest.mouseMove(view.viewport(), at)
    hover = heard[-1]
    assert isinstance(hover, Hover)
    assert (hover.line, hover.pixel) == pytest.approx((1234, 45), abs=2)
    assert hover.value == hover.line + 3 * hover.pixel
    QTest.mouseMove(view.viewport(), QPoint(10, 100))
    assert heard[-1] is None
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard[-1] is None


def test_context_menu_selects_what_is_there(view: KymographView) -> None:
    asked, selected = Heard(view.contextMenuRequested), Heard(view.roiSelected)
    at = point(view, 650, 45)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)
    assert selected == [2]
    assert asked == [view.viewport().mapToGlobal(at)]


# --- scenes ---------------------------------------------------------------------------------


def brightness(view: KymographView, line: float, pixel: float) -> int:
    at = point(view, line, pixel)
    return view.viewport().grab().toImage().pixelColor(at).lightness()


def test_origin_is_bottom_left(view: KymographView) -> None:
    assert brightness(view, 20, 2) < 20
    assert brightness(view, 1980, 97) > 235
    top, bottom = point(view, 20, 97).y(), point(view, 20, 2).y()
    assert top < bottom


def test_another_channel_keeps_the_view_and_another_recording_resets_it(
    view: KymographView,
) -> None:
    view.set_time_range(500, 700)
    view.show_scene(scene_of(plane_of(channel=1)))
    assert view.visible[:2] == pytest.approx((500, 700))
    view.show_scene(scene_of(plane_of("two")))
    assert view.visible == (0, LINES, 0, PIXELS)
    view.set_time_range(500, 700)
    view.show_scene(scene_of(plane_of("three", lines=900)))
    assert view.visible == (0, 900, 0, PIXELS)


def test_contrast_changes_the_picture_and_never_the_view(view: KymographView) -> None:
    view.set_time_range(1500, 1800)
    before, was = view.visible, brightness(view, 1600, 80)
    view.show_scene(scene_of(view._plane, contrast=ImageContrast("Gray", 0, 9000, 0, 2297)))
    assert brightness(view, 1600, 80) < was / 3
    view.preview_levels(0, 2300)
    assert brightness(view, 1600, 80) == was
    view.show_scene(
        scene_of(view._plane, contrast=ImageContrast("inverted_grays", 0, 2300, 0, 2297))
    )
    assert brightness(view, 1600, 80) == 255 - was
    assert view.visible == before


def test_axes_show_seconds_and_micrometres_or_say_what_they_count(view: KymographView) -> None:
    assert view.time_axis.labelText == "Time (s)"
    assert view.value_axis.labelText == "Distance (µm)"
    assert (view.time_axis.scale, view.value_axis.scale) == (0.002, 0.5)
    view.show_scene(scene_of(view._plane, calibration=Calibration()))
    assert view.time_axis.labelText == "Time (lines)"
    assert view.value_axis.labelText == "Distance (px)"
    assert (view.time_axis.scale, view.value_axis.scale) == (1, 1)


def test_tick_labels_are_round_and_have_equal_decimals(view: KymographView) -> None:
    axis = view.time_axis
    (spacing, values), *rest = axis.tickValues(0, 2000, 1000)
    assert rest == []
    assert axis.tickStrings(values, axis.scale, spacing) == [f"{n / 2:.1f}" for n in range(9)]
    assert axis.tickStrings([-30_000 / 0.002], 0.002, 10_000 / 0.002) == ["−30\u2009000"]


def test_edges_are_fixed(view: KymographView) -> None:
    for visible in (True, False):
        view.set_time_axis_visible(visible)
        QApplication.processEvents()
        left = point(view, 0, 50).x()
        assert (left, point(view, LINES, 50).x()) == (54, view.width() - 10)


def test_the_old_picture_is_faint_while_another_loads_and_takes_no_gesture(
    view: KymographView,
) -> None:
    was = brightness(view, 1980, 5)
    loading = scene_of(plane=None, selection=Selection("two"), loading=True)
    view.show_scene(replace(loading, plane=None))
    assert brightness(view, 1980, 5) > was
    assert view._layer.items == []
    heard = Heard(view.hovered)
    QTest.mouseMove(view.viewport(), point(view, 1000, 50))
    press(view, Qt.Key.Key_Delete)
    assert [one for one in heard if one is not None] == []
    assert view._cover.isVisible()
    view.show_scene(scene_of(plane_of("two")))
    assert not view._cover.isVisible()


def test_a_failure_shows_canvas_and_sentence_but_never_the_old_picture(
    view: KymographView,
) -> None:
    again: list[str] = []
    view.retryRequested.connect(lambda: again.append("again"))
    view.show_scene(
        replace(scene_of(), plane=None, failure="Cannot read cap05.tif: it ends early.")
    )
    assert view._cover.sentence.text() == "Cannot read cap05.tif: it ends early."
    assert brightness(view, 20, 5) == 255
    button = view._cover.findChild(QPushButton)
    QTest.mouseClick(button, Left)
    assert again == ["again"]


def test_nothing_is_selected_at_the_start(qtbot: QtBot, theme: Theme) -> None:
    view = KymographView(theme)
    qtbot.addWidget(view)
    view.show_scene(Scene())
    press(view, Qt.Key.Key_Right)
    drag(view, QPoint(100, 50), QPoint(150, 50))
    assert not view.grab().isNull()


def test_everything_is_recoloured_when_the_theme_changes(view: KymographView, theme: Theme) -> None:
    corner = QPoint(2, 2)
    theme.set_appearance("dark")
    assert view.grab().toImage().pixelColor(corner) == theme.color("canvas")
    assert view.value_axis.textPen().color() == theme.color("text2")
    theme.set_appearance("light")
    assert view.grab().toImage().pixelColor(corner) == theme.color("canvas")


def test_a_gesture_on_a_picture_that_goes_away_ends(view: KymographView) -> None:
    edited, start = Heard(view.roiEdited), point(view, 1000, 60)
    QTest.mousePress(view.viewport(), Left, Keys.NoModifier, start)
    QTest.mouseMove(view.viewport(), start + QPoint(40, 0))
    view.show_scene(scene_of(plane_of("two")))
    QTest.mouseRelease(view.viewport(), Left, Keys.NoModifier, start + QPoint(40, 0))
    assert edited == []


def test_cursor_is_one_white_pixel_wide(view: KymographView) -> None:
    view.set_cursor(1500.0)
    at = point(view, 1500, 95)
    picture = view.viewport().grab().toImage()
    row = [picture.pixelColor(at.x() + dx, at.y()).lightness() for dx in range(-3, 4)]
    assert row.count(255) == 1
    view.set_cursor(None)
    assert view.viewport().grab().toImage().pixelColor(at).lightness() < 255
