"""Line ROIs: drawn, taken by their ends or as a whole, typed, undone; no analysis is of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from acqcore.model.roi import LineEndpoints, LineROI, RectRoiBounds
from cloudscope.actions import WHY_NOT

Key, Keys, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
START = (100, 8, 200, 20)


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()


def lines(user) -> list[tuple[int, ...]]:
    return [roi.geometry for roi in user.image.rois if isinstance(roi, LineROI)]


def drawn(window) -> list[tuple[int, ...]]:
    """What is on the picture, which must be what is in the recording."""
    return [item.roi.geometry for item in window.view.kymograph.regions.items]


def add(user, *ends: int) -> None:
    """A line of exact ends, with the keyboard on the picture."""
    user.window.controller.add_roi(LineEndpoints(*ends))
    user.window.view.kymograph.setFocus()
    QApplication.processEvents()


def middle_of(user, line: int, pixel: int) -> QPoint:
    return user.point(line + 0.5, pixel + 0.5)


def test_a_key_and_a_drag_draw_a_line_but_escape_and_a_click_none(user, window) -> None:
    user.press(Key.Key_N, Keys.ShiftModifier)
    assert window.actions_by_id["tool_line"].isChecked()
    user.drag(user.picture, middle_of(user, 100, 8), middle_of(user, 200, 20))
    (ends,) = lines(user)
    assert ends == pytest.approx(START, abs=1)
    assert drawn(window) == [ends]
    assert (user.steps, window.controller.undo_stack.undoText()) == (1, "Add ROI 1 in a.tif")
    assert window.controller.selection.roi_id == 1
    window.controller.undo_stack.undo()
    assert lines(user) == drawn(window) == []
    window.controller.undo_stack.redo()
    assert lines(user) == [ends]
    window.controller.undo_stack.undo()
    user.click(user.picture, user.point(100, 10))
    QTest.mousePress(user.picture, Left, pos=user.point(100, 8))
    QTest.mouseMove(user.picture, user.point(200, 20))
    user.press(Key.Key_Escape)
    QTest.mouseRelease(user.picture, Left, pos=user.point(200, 20))
    assert lines(user) == drawn(window) == []
    assert window.view.kymograph.mouse.rubber._line is None
    assert user.steps == 0
    user.press(Key.Key_Escape)
    assert window.view.kymograph.tool == "pan"


def test_the_slope_is_live_while_drawing(user, window) -> None:
    read, seen = window.view.readout, []
    user.press(Key.Key_N, Keys.ShiftModifier)

    def look() -> None:
        seen.append((read.text("Δt"), read.text("Δx"), read.text("∠")))
        assert "Δx/Δt" in read.shown_keys

    user.drag(user.picture, middle_of(user, 50, 5), middle_of(user, 250, 25), during=look)
    assert len(set(seen)) > 3
    assert "Δt" not in read.shown_keys  # the end of the drag is the end of its numbers
    (ends,) = lines(user)
    steps = user.image.calibration
    assert seen[-1][0] == f"{(ends[2] - ends[0]) * steps.step_y:.3f} s"


def test_each_end_can_be_dragged_and_the_whole(user, window) -> None:
    add(user, *START)
    moves = {
        (200, 20): lambda got: got[:2] == START[:2] and got[2:] == pytest.approx((240, 25), abs=1),
        (100, 8): lambda got: got[2:] == START[2:] and got[:2] == pytest.approx((140, 13), abs=1),
        (150, 14): lambda got: got == pytest.approx((140, 13, 240, 25), abs=1),
    }
    for (line, pixel), is_right in moves.items():
        user.drag(user.picture, middle_of(user, line, pixel), middle_of(user, line + 40, pixel + 5))
        assert is_right(lines(user)[0]), (line, pixel, lines(user))
        assert drawn(window) == lines(user)
        assert user.steps == 2
        window.controller.undo_stack.undo()
        assert lines(user) == drawn(window) == [START]
    user.drag(user.picture, middle_of(user, 150, 14), user.point(0, 0) - QPoint(2000, -2000))
    assert lines(user) == [(0, 0, 100, 12)]


def test_arrows_move_it_or_its_ends_and_brackets_bring_an_end_to_the_cursor(user, window) -> None:
    add(user, *START)
    user.press(Key.Key_Tab)
    user.press(Key.Key_Right)
    user.press(Key.Key_Up, Keys.ShiftModifier)
    assert lines(user) == [(101, 18, 201, 30)]
    user.press(Key.Key_Down, Keys.AltModifier)
    user.press(Key.Key_Left, Keys.AltModifier | Keys.ControlModifier)
    assert lines(user) == [(100, 18, 201, 29)]
    assert window.controller.undo_stack.undoText() == "Resize ROI 1 in a.tif"
    for _ in range(4):
        window.controller.undo_stack.undo()
    assert lines(user) == drawn(window) == [START]
    user.hover(user.picture, middle_of(user, 50, 4))
    user.press(Key.Key_BracketLeft)
    user.hover(user.picture, middle_of(user, 300, 28))
    user.press(Key.Key_BracketRight)
    assert lines(user)[0] == pytest.approx((50, 4, 300, 28), abs=1)


def test_its_ends_are_typed_in_lines_seconds_pixels_and_micrometres(user, window) -> None:
    add(user, *START)
    window.panels.docks[4].raise_()
    editor = window.panels.rois._editor
    steps = user.image.calibration
    for spin, text in (
        (editor._lines.start, "120"),
        (editor._pixels.stop, "24"),
        (editor._time.stop, f"{250 * steps.step_y:g}"),
        (editor._distance.start, f"{10 * steps.step_x:g}"),
    ):
        spin.setFocus()
        user.type(text)
        user.press(Key.Key_Return)
    assert lines(user) == drawn(window) == [(120, 10, 250, 24)]
    assert user.steps == 5
    editor._lines.stop.setFocus()
    user.type("90")  # the other end may be the earlier one
    user.press(Key.Key_Return)
    assert lines(user) == [(120, 10, 90, 24)]


def test_selecting_it_says_gently_that_analyses_need_a_rectangle(user, window) -> None:
    window.controller.add_roi(RectRoiBounds(0, 300, 0, 32))
    add(user, *START)
    pane, controls = window.view.trace.panes[0], window.panels.analysis._controls
    assert pane.sentence == "ROI 2 is a line: velocity needs a rectangle"
    assert not pane._run.isVisible()
    assert controls.needs.text() == "A line is selected: Velocity (Radon) needs a rectangle."
    assert not controls.run_button.isEnabled()
    steps = user.steps
    user.press(Key.Key_R, Keys.ControlModifier)
    user.wait()
    assert user.steps == steps
    window.controller.choose_roi(1)
    assert controls.needs.isHidden()
    assert controls.run_button.isEnabled()
    window.controller.choose_roi(2)
    window.view.kymograph.setFocus()
    for name in ("wide_roi", "high_roi"):
        action = window.actions_by_id[name]
        assert not action.isEnabled()
        assert action.toolTip().endswith(WHY_NOT["rectangle"])
    for name in ("fit_roi", "duplicate_roi", "lock_roi", "delete_roi"):
        assert window.actions_by_id[name].isEnabled(), name
    user.press(Key.Key_F)
    line0, line1, pixel0, pixel1 = user.visible
    assert 80 < line0 < 100 < 200 < line1 < 220
    assert 6 < pixel0 < 8 < 20 < pixel1 < 23


def test_duplicate_copy_lock_and_save_know_lines(user, window, folder: Path) -> None:
    add(user, *START)
    user.press(Key.Key_D, Keys.ControlModifier)
    first, second = lines(user)
    assert first == START
    assert second == (110, 8, 210, 20)
    user.press(Key.Key_C, Keys.ControlModifier)
    user.press(Key.Key_L, Keys.ControlModifier)
    user.drag(user.picture, middle_of(user, 160, 14), middle_of(user, 200, 20))
    assert lines(user) == [first, second]
    window.controller.select(str(folder / "b.tif"))
    user.wait()
    window.view.kymograph.setFocus()
    user.press(Key.Key_V, Keys.ControlModifier)
    assert lines(user) == [second]
    roi = user.image.state.rois[0]
    window.controller.edit_roi(replace(roi, name="streak", color="#9D92FF"))
    user.press(Key.Key_S, Keys.ControlModifier | Keys.ShiftModifier)
    user.wait()
    user.open(folder / "b.tif")
    assert user.image.state.rois == (LineROI(1, *second, "streak", "", "#9D92FF"),)
    assert drawn(window) == [second]
