"""Markers A and B: placed by keys, dragged on picture and traces, read off in the strip."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()


def markers(window) -> dict[str, tuple[float, float | None]]:
    shown = window.view.kymograph.mouse.markers.item.markers
    for pane in window.view.trace.panes:
        assert pane.plot.markers.item.markers == shown
    return {one.name: (one.line, one.pixel) for one in shown}


def place_both(user, first=(100.5, 5.5), second=(200.5, 25.5)) -> None:
    user.hover(user.picture, QPoint(5, 5))  # where it is already, the mouse does not move
    user.hover(user.picture, user.point(*first))
    user.press(Key.Key_BracketLeft)
    user.hover(user.picture, user.point(*second))
    user.press(Key.Key_BracketRight)


def trace_point(plot, line: float) -> QPoint:
    low = plot.view_box.viewRect().top() + 0.2 * plot.view_box.viewRect().height()
    # Beside the sentence of an empty trace.
    return plot.mapFromScene(plot.view_box.mapViewToScene(QPointF(line, low)))


def test_keys_put_markers_where_the_cursor_is(user, window) -> None:
    place_both(user)
    assert markers(window) == {"A": (100, 5.5), "B": (200, 25.5)}
    assert window.actions_by_id["markers"].isChecked()
    assert user.steps == 0


def test_read_out_says_the_differences(user, window) -> None:
    place_both(user)
    read = window.view.readout
    assert read.text("Δt") == "0.200 s"
    assert read.text("1/Δt") == "5.000 Hz"
    assert read.text("Δx") == "5.0 µm"
    assert read.text("Δx/Δt") == "0.0250 mm/s"
    assert read.text("∠") == "11.3°"
    assert {"t", "x", "Δt", "1/Δt", "Δx", "Δx/Δt", "∠"} <= set(read.shown_keys)


def test_a_marker_placed_backwards_has_a_sign(user, window) -> None:
    place_both(user, (200.5, 25.5), (100.5, 30.5))
    read = window.view.readout
    assert read.text("Δt") == "\u22120.200 s"
    assert read.text("Δx").startswith("1.2")
    assert read.text("Δx/Δt").startswith("\u2212")


def test_a_moment_on_a_trace_has_no_velocity(user, window) -> None:
    plot = window.view.trace.panes[0].plot
    user.hover(user.picture, user.point(100.5, 5.5))
    user.press(Key.Key_BracketLeft)
    user.hover(plot.viewport(), trace_point(plot, 280))
    user.hover(plot.viewport(), trace_point(plot, 300))
    user.press(Key.Key_BracketRight)
    found = markers(window)
    assert found["B"][0] == pytest.approx(300, abs=1)
    assert found["B"][1] is None
    assert window.view.readout.text("Δx/Δt") == "–"
    assert window.view.readout.text("Δt").endswith(" s")


def test_drag_of_the_line_moves_time_alone_and_reads_live(user, window) -> None:
    place_both(user)
    seen = set()
    user.drag(
        user.picture, user.point(100, 16), user.point(150, 20),
        during=lambda: seen.add(window.view.readout.text("Δt")),
    )  # fmt: skip
    line, pixel = markers(window)["A"]
    assert line == pytest.approx(150, abs=1)
    assert pixel == 5.5
    assert len(seen) >= 4
    assert window.view.kymograph.visible == (0, 400, 0, 32)


def test_drag_of_the_place_moves_both(user, window) -> None:
    place_both(user)
    user.drag(user.picture, user.point(200, 25.5), user.point(300, 10.5))
    assert markers(window)["B"] == (pytest.approx(300, abs=1), pytest.approx(10.5, abs=1))


def test_drag_on_a_trace(user, window) -> None:
    place_both(user)
    plot = window.view.trace.panes[0].plot
    user.drag(plot.viewport(), trace_point(plot, 200), trace_point(plot, 250))
    line, pixel = markers(window)["B"]
    assert line == pytest.approx(250, abs=1)
    assert pixel == 25.5
    assert window.view.kymograph.visible == (0, 400, 0, 32)


def test_escape_puts_a_dragged_marker_back(user, window) -> None:
    place_both(user)
    QTest.mousePress(user.picture, Qt.MouseButton.LeftButton, pos=user.point(100, 16))
    for line in (110, 130, 150):
        QTest.mouseMove(user.picture, user.point(line, 16))
    assert markers(window)["A"][0] > 120
    user.key(window.view.kymograph, Key.Key_Escape)
    QTest.mouseRelease(user.picture, Qt.MouseButton.LeftButton, pos=user.point(150, 16))
    assert markers(window)["A"] == (100, 5.5)


def test_a_marker_never_leaves_the_recording(user, window) -> None:
    place_both(user)
    user.drag(user.picture, user.point(100, 16), QPoint(2, 100))
    assert markers(window)["A"][0] == 0
    user.drag(user.picture, user.point(200, 25.5), user.point(399, 25) + QPoint(200, -300))
    assert markers(window)["B"] == (399, 31.5)


def test_arrows_move_the_last_marker(user, window) -> None:
    place_both(user)
    for key in (Key.Key_Left, Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Up, Key.Key_Down):
        user.press(key, Keys.AltModifier)
    assert markers(window) == {"A": (100, 5.5), "B": (199, 26.5)}


def test_one_key_shows_and_removes_both(user, window) -> None:
    user.press(Key.Key_M)
    found = markers(window)
    assert sorted(found) == ["A", "B"]
    assert 0 < found["A"][0] < found["B"][0] < 400
    user.press(Key.Key_M)
    assert markers(window) == {}
    assert not window.actions_by_id["markers"].isChecked()
    assert "Δt" not in window.view.readout.shown_keys
    assert "px" in window.view.readout.shown_keys


def test_markers_go_with_the_recording(user, window) -> None:
    place_both(user)
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    assert markers(window) == {}
    assert not window.actions_by_id["marker_back"].isEnabled()


def test_a_trace_that_comes_later_shows_them(user, window) -> None:
    place_both(user)
    window.controller.add_roi()
    window.actions_by_id["run"].trigger()
    user.wait()
    assert len(markers(window)) == 2


def test_letters_are_ink_on_picture_and_trace(user, window) -> None:
    before = window.view.kymograph.grab().toImage()
    place_both(user)
    QApplication.processEvents()
    after = window.view.kymograph.grab().toImage()
    at = user.point(200, 16)
    columns = [
        [after.pixelColor(x, y).lightness() for y in range(at.y() - 20, at.y() + 20)]
        for x in (at.x() - 1, at.x(), at.x() + 1)
    ]
    column = max(columns, key=max)
    assert max(column) == 255  # dashes
    assert min(column) < 120  # and their halo between them
    assert before != after
