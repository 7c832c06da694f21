"""Zoom, pan, read-out and the one time axis, with the mouse and with the keyboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

Key, Keys = Qt.Key, Qt.KeyboardModifier
FULL = (0, 400, 0, 32)


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()


def under_mouse(user, at: QPoint) -> tuple[float, float]:
    plot = user.window.view.kymograph
    place = plot.view_box.mapSceneToView(QPointF(plot.mapToScene(at)))
    return place.x(), place.y()


# --- the wheel ---------------------------------------


def test_wheel_zooms_time_around_the_mouse(user) -> None:
    at = user.point(100, 20)
    line, _ = under_mouse(user, at)
    user.wheel(user.picture, at, 4)
    line0, line1, pixel0, pixel1 = user.visible
    assert line1 - line0 < 300
    assert (pixel0, pixel1) == (0, 32)
    assert under_mouse(user, at)[0] == pytest.approx(line, abs=0.5)


def test_shift_wheel_zooms_space_around_the_mouse(user) -> None:
    at = user.point(100, 20)
    _, pixel = under_mouse(user, at)
    user.wheel(user.picture, at, 4, Keys.ShiftModifier)
    line0, line1, pixel0, pixel1 = user.visible
    assert (line0, line1) == (0, 400)
    assert pixel1 - pixel0 < 25
    assert under_mouse(user, at)[1] == pytest.approx(pixel, abs=0.2)


def test_ctrl_wheel_zooms_both(user) -> None:
    user.wheel(user.picture, user.point(100, 20), 4, Keys.ControlModifier)
    line0, line1, pixel0, pixel1 = user.visible
    assert (line1 - line0) / 400 == pytest.approx((pixel1 - pixel0) / 32)
    assert line1 - line0 < 300


@pytest.mark.parametrize("keys", [Keys.NoModifier, Keys.ShiftModifier, Keys.ControlModifier])
def test_zoom_ends_at_the_whole_and_at_a_few_samples(user, keys) -> None:
    for _ in range(100):
        user.wheel(user.picture, user.point(200, 16), -5, keys)
    assert user.visible == FULL
    for _ in range(100):
        user.wheel(user.picture, user.point(200, 16), 5, keys)
    line0, line1, pixel0, pixel1 = user.visible
    assert line1 - line0 >= 7.99
    assert pixel1 - pixel0 >= 3.99
    assert 0 <= line0 < line1 <= 400
    assert 0 <= pixel0 < pixel1 <= 32


# --- the mouse ---------------------------------------


def test_drag_pans_and_the_picture_sticks_to_the_mouse(user) -> None:
    user.wheel(user.picture, user.point(200, 16), 10, Keys.ControlModifier)
    before, start = user.visible, user.point(200, 16)
    held = under_mouse(user, start)
    end = start + QPoint(-60, 30)
    user.drag(user.picture, start, end)
    after = user.visible
    assert after[1] - after[0] == pytest.approx(before[1] - before[0])
    assert under_mouse(user, end) == pytest.approx(held, abs=0.3)
    assert user.steps == 0


def test_pan_stops_at_the_border(user) -> None:
    user.wheel(user.picture, user.point(200, 16), 4, Keys.ControlModifier)
    before = user.visible
    for _ in range(6):
        user.drag(user.picture, QPoint(100, 100), QPoint(500, 100))
    assert user.visible[0] == pytest.approx(0)
    assert user.visible[1] - user.visible[0] == pytest.approx(before[1] - before[0])


def test_double_click_shows_everything(user) -> None:
    user.wheel(user.picture, user.point(200, 16), 10, Keys.ControlModifier)
    assert user.visible != FULL
    QTest.mouseDClick(user.picture, Qt.MouseButton.LeftButton, pos=user.point(200, 16))
    assert user.visible == FULL


def test_zoom_tool_shows_the_rectangle(user, window) -> None:
    user.press(Key.Key_Z)
    user.drag(user.picture, user.point(100, 8), user.point(200, 24))
    assert user.visible == pytest.approx((100, 200, 8, 24), abs=1)
    user.press(Key.Key_Escape)
    assert window.view.kymograph.tool == "pan"
    assert window.actions_by_id["tool_pan"].isChecked()


def test_read_out_says_seconds_micrometres_and_the_raw_value(user, window, folder: Path) -> None:
    pixels = tifffile.imread(folder / "a.tif")
    read = window.view.readout
    for line, pixel in ((50, 4), (123, 17), (399, 31), (0, 0)):
        user.hover(user.picture, user.point(line + 0.5, pixel + 0.5))
        assert read.text("px") == f"{line}, {pixel}"
        assert read.text("t") == f"{line * 0.002:.3f} s"
        assert float(read.text("x").split()[0]) == pytest.approx(pixel * 0.25, abs=0.051)
        assert read.text("x").endswith(" µm")
        assert int(read.text("I").replace("\u2009", "")) == pixels[line, pixel]


def test_read_out_is_empty_beside_the_picture(user, window) -> None:
    user.hover(user.picture, user.point(100, 10))
    user.hover(user.picture, QPoint(5, 5))
    assert window.view.readout.text("I") == "–"


def test_read_out_without_calibration_does_not_invent_units(user, window, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "bare.tif", np.zeros((100, 20), np.uint16))
    user.open(tmp_path / "bare.tif")
    user.hover(user.picture, user.point(10.5, 10.5))
    read = window.view.readout
    assert (read.text("t"), read.text("x"), read.text("px")) == ("–", "–", "10, 10")


# --- what keeps the view ---------------------------------------


def test_view_survives_a_channel_switch(user, window, two_channels: Path) -> None:
    user.open(two_channels)
    user.wheel(user.picture, user.point(100, 10), 8, Keys.ControlModifier)
    before, shown = user.visible, user.pixel_color(*middle(user))
    window.view.head._channel.setFocus()
    user.press(Key.Key_Down)
    user.wait()
    assert window.controller.selection.channel == 1
    assert user.visible == before
    assert window.panels.scene.plane.channel == 1
    assert user.pixel_color(*middle(user)) != shown or before != FULL


def middle(user) -> tuple[float, float]:
    line0, line1, pixel0, pixel1 = user.visible
    return (line0 + line1) / 2, (pixel0 + pixel1) / 2


def test_another_recording_is_shown_whole(user, window) -> None:
    user.wheel(user.picture, user.point(100, 10), 8)
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    assert user.image.name == "b.tif"
    assert user.visible == FULL


def test_contrast_and_edits_never_move_the_view(user, window) -> None:
    user.wheel(user.picture, user.point(100, 10), 8, Keys.ControlModifier)
    before = user.visible
    user.press(Key.Key_B)
    window.panels.contrast.next_lut()
    window.controller.add_roi()
    window.panels.contrast.set_full()
    window.controller.undo_stack.undo()
    user.wait()
    assert user.visible == before


# --- the keyboard ---------------------------------------


def test_plus_minus_enter_and_arrows(user) -> None:
    user.press(Key.Key_Plus)
    user.press(Key.Key_Plus)
    line0, line1, *_ = user.visible
    assert line1 - line0 == pytest.approx(400 / 2.25)
    assert (line0 + line1) / 2 == pytest.approx(200)
    user.press(Key.Key_Right)
    assert user.visible[0] == pytest.approx(line0 + 0.9 * (line1 - line0), abs=90)
    assert user.visible[0] > line0
    user.press(Key.Key_Left)
    user.press(Key.Key_Left, Keys.ShiftModifier)
    assert user.visible[0] < line0
    user.press(Key.Key_Minus)
    assert user.visible[1] - user.visible[0] == pytest.approx(400 / 1.5)
    user.press(Key.Key_Return)
    assert user.visible == FULL


def test_ctrl_plus_zooms_wherever_the_focus_is(user, window) -> None:
    window.tree.tree.setFocus()
    user.press(Key.Key_Plus, Keys.ControlModifier)
    assert user.visible[1] - user.visible[0] < 400
    user.press(Key.Key_Minus, Keys.ControlModifier)
    assert user.visible == FULL


def test_home_shows_everything(user) -> None:
    user.press(Key.Key_Plus)
    user.press(Key.Key_Home)
    assert user.visible == FULL


# --- overview and trace ---------------------------------------


def overview_x(window, line: float) -> int:
    return round(window.view.overview._x(line))


def test_overview_drag_moves_the_window(user, window) -> None:
    user.wheel(user.picture, user.point(200, 16), 10)
    strip, before = window.view.overview, user.visible
    assert strip.window_span == pytest.approx(before[:2])
    start = QPoint(overview_x(window, sum(before[:2]) / 2), 16)
    user.drag(strip, start, start + QPoint(100, 0))
    moved = 100 / strip._band().width() * 400
    assert user.visible[0] == pytest.approx(before[0] + moved, abs=2)
    assert user.visible[1] - user.visible[0] == pytest.approx(before[1] - before[0], rel=0.01)


def test_overview_edges_resize_and_a_double_click_shows_all(user, window) -> None:
    user.wheel(user.picture, user.point(200, 16), 10)
    strip, before = window.view.overview, user.visible
    edge = QPoint(overview_x(window, before[1]), 16)
    user.drag(strip, edge, edge + QPoint(50, 0))
    assert user.visible[0] == pytest.approx(before[0], abs=0.5)
    assert user.visible[1] > before[1] + 10
    QTest.mouseDClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(200, 16))
    assert user.visible == FULL


def test_overview_by_keyboard(user, window) -> None:
    user.wheel(user.picture, user.point(200, 16), 10)
    before = user.visible
    window.view.overview.setFocus()
    user.press(Key.Key_Right)
    assert user.visible[0] == pytest.approx(before[0] + 0.1 * (before[1] - before[0]), abs=0.5)
    user.press(Key.Key_End)
    assert user.visible[1] == pytest.approx(400)
    user.press(Key.Key_Home)
    assert user.visible[0] == pytest.approx(0)
    assert user.visible[1] == pytest.approx(before[1] - before[0])


def trace_plot(window):
    return window.view.trace.panes[0].plot


def assert_one_time_axis(window) -> None:
    """Same lines, same left and right edge on the screen."""
    edges = []
    for plot in (window.view.kymograph, trace_plot(window)):
        box = plot.mapFromScene(plot.view_box.sceneBoundingRect()).boundingRect()
        edges.append((plot.mapToGlobal(box.topLeft()).x(), plot.mapToGlobal(box.topRight()).x()))
        assert plot.view_box.viewRange()[0] == pytest.approx(window.view.kymograph.visible[:2])
    assert edges[0] == edges[1]


def test_image_and_trace_share_the_time_axis(user, window) -> None:
    assert_one_time_axis(window)
    user.wheel(user.picture, user.point(100, 10), 6)
    assert_one_time_axis(window)
    window.resize(1500, 900)
    QApplication.processEvents()
    assert_one_time_axis(window)


def test_wheel_and_drag_on_the_trace_move_the_picture(user, window) -> None:
    plot = trace_plot(window)
    middle = plot.viewport().rect().center()
    user.wheel(plot.viewport(), middle, 6)
    before = user.visible
    assert before[1] - before[0] < 400
    assert_one_time_axis(window)
    start = middle + QPoint(0, 30)  # beside the sentence of an empty trace
    user.drag(plot.viewport(), start, start + QPoint(-80, 0))
    assert user.visible[0] > before[0]
    assert_one_time_axis(window)


def test_the_trace_cannot_leave_the_recording_either(user, window) -> None:
    plot = trace_plot(window)
    middle = plot.viewport().rect().center()
    for _ in range(20):
        user.wheel(plot.viewport(), middle, -5)
    assert user.visible == FULL
    assert_one_time_axis(window)
    user.wheel(plot.viewport(), middle, 6)
    for _ in range(6):
        start = middle + QPoint(-150, 30)
        user.drag(plot.viewport(), start, start + QPoint(300, 0))
    assert user.visible[0] == pytest.approx(0, abs=1e-6)
    assert_one_time_axis(window)
    for _ in range(50):
        user.wheel(plot.viewport(), middle, 5)
    assert user.visible[1] - user.visible[0] >= 7.99
    assert_one_time_axis(window)


def test_double_click_on_the_trace_shows_all_of_the_time(user, window) -> None:
    plot = trace_plot(window)
    at = plot.viewport().rect().center() + QPoint(0, 30)
    user.wheel(plot.viewport(), at, 6)
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QApplication.processEvents()
    assert user.visible[:2] == (0, 400)


def test_hover_over_the_trace_marks_the_same_moment_in_the_picture(user, window) -> None:
    plot = trace_plot(window)
    scene = plot.view_box.mapViewToScene(QPointF(150, 0.9))
    user.hover(plot.viewport(), plot.mapFromScene(scene))
    assert window.view.kymograph._mouse.cursor._line == pytest.approx(150, abs=1)
