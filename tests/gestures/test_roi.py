"""Regions: drawn, moved, resized, nudged, typed, deleted; each is one step of undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from acqcore.model.roi import RectRoiBounds
from cloudscope.item_models.file_tree_cells import STALE_ROLE

Key, Keys, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
LINES, PIXELS = 400, 32
START = (100, 200, 8, 20)


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()


@pytest.fixture
def pixels(folder: Path) -> np.ndarray:
    return tifffile.imread(folder / "a.tif")


def rois(user) -> list[tuple[int, ...]]:
    return [roi.geometry for roi in user.image.rois]


def drawn(window) -> list[tuple[int, ...]]:
    """What is on the picture, which must be what is in the recording."""
    return [item.roi.geometry for item in window.view.kymograph._layer.items]


def draw(user, line0=100, line1=200, pixel0=8, pixel1=20) -> None:
    user.window.view.kymograph.setFocus()
    user.press(Key.Key_R)
    user.drag(user.picture, user.point(line0, pixel0), user.point(line1, pixel1))
    user.press(Key.Key_V)


def add(user, *bounds: int) -> None:
    """A region of exact size, with the keyboard on the picture."""
    user.window.controller.add_roi(RectRoiBounds(*bounds))
    user.window.view.kymograph.setFocus()
    QApplication.processEvents()


def numbers(window) -> tuple[float, float, float]:
    """Mean, smallest and largest value in the read-out."""
    read = window.view.readout
    texts = [read.text(key).removeprefix("≈ ") for key in ("mean", "min", "max")]
    return tuple(float(text.replace("\u2009", "")) for text in texts)


# --- drawing ---------------------------------------


def test_r_then_drag_draws(user, window) -> None:
    draw(user)
    (geometry,) = rois(user)
    assert geometry == pytest.approx((100, 200, 8, 20), abs=1)
    assert user.steps == 1
    assert window.controller.selection.roi_id == 1
    assert drawn(window) == rois(user)
    row = window.tree.model.index_of(user.image.file_id)
    columns = [field.name for field in window.tree.model.columns]
    assert row.siblingAtColumn(columns.index("num_rois")).data() == "1"
    window.controller.undo_stack.undo()
    assert rois(user) == drawn(window) == []
    assert row.siblingAtColumn(columns.index("num_rois")).data() == "0"
    window.controller.undo_stack.redo()
    assert rois(user) == [geometry]


def test_numbers_are_live_while_drawing(user, window, pixels) -> None:
    user.press(Key.Key_R)
    seen = []

    def look() -> None:
        assert "mean" in window.view.readout.shown_keys
        seen.append(numbers(window))

    user.drag(user.picture, user.point(50, 5), user.point(250, 25), during=look)
    line0, line1, pixel0, pixel1 = rois(user)[0]
    crop = pixels[line0:line1, pixel0:pixel1]
    assert seen[-1] == pytest.approx((crop.mean(), crop.min(), crop.max()), rel=1e-3)
    assert len(set(seen)) > 3
    assert "mean" not in window.view.readout.shown_keys
    assert "I" in window.view.readout.shown_keys


def test_drawing_past_the_border_is_clipped(user, window) -> None:
    user.press(Key.Key_R)
    start, beyond = user.point(350, 20), user.point(400, 32) + QPoint(40, -40)
    user.drag(user.picture, start, beyond)
    (geometry,) = rois(user)
    assert geometry[1::2] == (LINES, PIXELS)
    assert drawn(window) == rois(user)


def test_drawing_backwards_is_the_same(user) -> None:
    user.press(Key.Key_R)
    user.drag(user.picture, user.point(200, 20), user.point(100, 8))
    assert rois(user)[0] == pytest.approx((100, 200, 8, 20), abs=1)


def test_a_click_or_escape_draws_nothing(user, window) -> None:
    user.press(Key.Key_R)
    user.click(user.picture, user.point(100, 10))
    QTest.mousePress(user.picture, Left, pos=user.point(100, 8))
    QTest.mouseMove(user.picture, user.point(200, 20))
    user.press(Key.Key_Escape)
    QTest.mouseRelease(user.picture, Left, pos=user.point(200, 20))
    assert rois(user) == drawn(window) == []
    assert window.view.kymograph._mouse.rubber._place is None
    assert user.steps == 0


def test_a_drag_that_begins_on_the_axis_draws_nothing(user, window) -> None:
    user.press(Key.Key_R)
    user.drag(user.picture, QPoint(10, 100), QPoint(300, 150))
    assert rois(user) == drawn(window) == []


# --- moving and resizing ---------------------------------------


def test_move_by_dragging(user, window) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))
    user.drag(user.picture, user.point(150, 14), user.point(210, 16))
    (geometry,) = rois(user)
    assert geometry == pytest.approx((160, 260, 10, 22), abs=1)
    assert (geometry[1] - geometry[0], geometry[3] - geometry[2]) == (100, 12)
    assert user.steps == 2
    window.controller.undo_stack.undo()
    assert rois(user) == drawn(window) == [START]


def test_numbers_are_live_while_moving(user, window, pixels) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))

    def look() -> None:
        line0, line1, pixel0, pixel1 = drawn(window)[0]
        crop = pixels[line0:line1, pixel0:pixel1]
        expected = (crop.mean(), crop.min(), crop.max())
        assert numbers(window) == pytest.approx(expected, rel=1e-3)
        assert rois(user) == [START]  # not edited before the end

    user.drag(user.picture, user.point(150, 14), user.point(250, 18), during=look)
    assert user.steps == 2


HANDLES = {
    "left": (100, 14),
    "right": (200, 14),
    "bottom": (150, 8),
    "top": (150, 20),
    "left bottom": (100, 8),
    "left top": (100, 20),
    "right bottom": (200, 8),
    "right top": (200, 20),
}


def test_each_handle_resizes(user, window) -> None:
    add(user, *START)
    for name, (line, pixel) in HANDLES.items():
        user.drag(user.picture, user.point(line, pixel), user.point(line + 20, pixel + 3))
        moves = (("left", 20), ("right", 20), ("bottom", 3), ("top", 3))
        for value, start, (side, by) in zip(rois(user)[0], START, moves, strict=True):
            expected = pytest.approx(start + by, abs=1) if side in name else start
            assert value == expected, (name, side)
        assert user.steps == 2
        assert drawn(window) == rois(user)
        window.controller.undo_stack.undo()
        assert rois(user) == drawn(window) == [START]


def test_a_handle_stops_before_the_other_side(user, window) -> None:
    add(user, *START)
    user.drag(user.picture, user.point(200, 14), user.point(20, 14))
    assert rois(user) == [(100, 101, 8, 20)]
    assert drawn(window) == rois(user)


def test_moving_stops_at_the_border_with_its_size(user, window) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))
    user.drag(user.picture, user.point(150, 14), user.point(150, 14) + QPoint(3000, -3000))
    assert rois(user) == [(300, 400, 20, 32)]
    user.drag(user.picture, user.point(350, 26), QPoint(-3000, 3000))
    assert rois(user) == drawn(window) == [(0, 100, 0, 12)]
    assert user.steps == 3


def test_escape_during_a_drag_puts_it_back(user, window) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))
    QTest.mousePress(user.picture, Left, pos=user.point(150, 14))
    QTest.mouseMove(user.picture, user.point(250, 20))
    assert drawn(window) != rois(user)
    user.press(Key.Key_Escape)
    QTest.mouseRelease(user.picture, Left, pos=user.point(250, 20))
    assert rois(user) == drawn(window) == [START]
    assert user.steps == 1


def test_undo_during_a_drag_ends_it(user, window) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))
    QTest.mousePress(user.picture, Left, pos=user.point(150, 14))
    QTest.mouseMove(user.picture, user.point(250, 20))
    user.press(Key.Key_Z, Keys.ControlModifier)
    QTest.mouseMove(user.picture, user.point(260, 20))
    QTest.mouseRelease(user.picture, Left, pos=user.point(260, 20))
    assert rois(user) == drawn(window) == []
    assert user.steps == 0
    assert "mean" not in window.view.readout.shown_keys


def test_another_recording_during_a_drag_leaves_no_ghost(user, window) -> None:
    add(user, *START)
    user.click(user.picture, user.point(150, 14))
    QTest.mousePress(user.picture, Left, pos=user.point(150, 14))
    QTest.mouseMove(user.picture, user.point(250, 20))
    first, second, _ = window.session.images
    window.controller.select(second.file_id)
    user.wait()
    QTest.mouseRelease(user.picture, Left, pos=user.point(250, 20))
    assert drawn(window) == []
    assert rois(user) == []
    assert [roi.geometry for roi in first.rois] == [START]


def test_panning_inside_a_region_that_is_not_focused(user) -> None:
    """A region over everything must not be in the way."""
    user.press(Key.Key_R, Keys.ShiftModifier)
    assert rois(user) == [(0, LINES, 0, PIXELS)]
    user.wheel(user.picture, user.point(200, 16), 8, Keys.ControlModifier)
    before = user.visible
    user.drag(user.picture, user.point(200, 16), user.point(205, 16))
    assert user.visible[0] < before[0]
    assert user.steps == 1


# --- keyboard ---------------------------------------


def test_arrows_nudge_the_focused_region(user, window) -> None:
    add(user, *START)
    user.press(Key.Key_Tab)  # on to the region
    user.press(Key.Key_Right)
    assert rois(user) == [(101, 201, 8, 20)]
    user.press(Key.Key_Up)
    assert rois(user) == [(101, 201, 9, 21)]
    user.press(Key.Key_Left, Keys.ShiftModifier)
    assert rois(user) == [(91, 191, 9, 21)]
    user.press(Key.Key_Up, Keys.ShiftModifier)  # elsewhere that is the recording before
    assert rois(user) == [(91, 191, 19, 31)]
    user.press(Key.Key_Down, Keys.ShiftModifier)
    assert rois(user) == [(91, 191, 9, 21)]
    assert user.image.name == "a.tif"
    assert user.steps == 6
    for _ in range(5):
        window.controller.undo_stack.undo()
    assert rois(user) == drawn(window) == [START]


def test_alt_arrows_resize(user) -> None:
    add(user, *START)
    user.press(Key.Key_Tab)
    user.press(Key.Key_Right, Keys.AltModifier)
    user.press(Key.Key_Up, Keys.AltModifier)
    assert rois(user) == [(100, 201, 8, 21)]
    user.press(Key.Key_Left, Keys.AltModifier | Keys.ShiftModifier)
    assert rois(user) == [(100, 191, 8, 21)]
    user.press(Key.Key_Left, Keys.AltModifier | Keys.ControlModifier)
    user.press(Key.Key_Down, Keys.AltModifier | Keys.ControlModifier)
    assert rois(user) == [(99, 191, 7, 21)]


def test_brackets_bring_a_side_to_the_cursor_or_else_place_markers(user, window) -> None:
    add(user, *START)
    user.hover(user.picture, user.point(150.5, 12.5))
    user.press(Key.Key_BracketLeft)  # no region has the keyboard
    assert window.view.kymograph.mouse.markers.item.markers
    user.press(Key.Key_M)
    user.press(Key.Key_Tab)
    line, pixel = (int(place) for place in window.view.kymograph.mouse.cursor.place)
    user.press(Key.Key_BracketLeft)
    user.press(Key.Key_BraceLeft, Keys.ShiftModifier)
    assert rois(user) == [(line, 200, pixel, 20)]
    user.hover(user.picture, user.point(300.5, 28.5))
    line, pixel = (int(place) for place in window.view.kymograph.mouse.cursor.place)
    user.press(Key.Key_BracketRight)
    user.press(Key.Key_BraceRight, Keys.ShiftModifier)
    assert rois(user)[0][1::2] == (line + 1, pixel + 1)
    assert user.steps == 5
    assert not window.view.kymograph.mouse.markers.item.markers
    user.press(Key.Key_L, Keys.ControlModifier)  # locked
    before = rois(user)
    user.press(Key.Key_BracketLeft)
    assert rois(user) == before


def test_a_key_that_is_held_is_one_step(user, window) -> None:
    add(user, *START)
    user.press(Key.Key_Tab)
    for is_repeat in (False, True, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_Right, Keys.NoModifier, "", is_repeat)
        QApplication.sendEvent(window.view.kymograph, event)
    user.press(Key.Key_Right)
    assert rois(user) == [(105, 205, 8, 20)]
    assert user.steps == 3
    assert window.controller.undo_stack.undoText() == "Move ROI 1 in a.tif"
    window.controller.undo_stack.undo()
    assert rois(user) == drawn(window) == [(104, 204, 8, 20)]
    window.controller.undo_stack.undo()
    assert rois(user) == drawn(window) == [START]
    window.controller.undo_stack.redo()
    assert rois(user) == [(104, 204, 8, 20)]


def test_tab_goes_through_the_regions_and_escape_leaves(user, window) -> None:
    add(user, *START)
    add(user, 250, 300, 8, 20)
    user.press(Key.Key_Tab)
    assert window.controller.selection.roi_id == 1
    user.press(Key.Key_Tab)
    assert window.controller.selection.roi_id == 2
    user.press(Key.Key_Escape)
    before = rois(user)
    user.press(Key.Key_Plus)
    user.press(Key.Key_Right)  # pages through time again
    assert rois(user) == before


def test_delete_takes_the_results_along(user, window) -> None:
    add(user, 100, 300, 0, 32)
    window.panels.analysis.request_run()
    user.wait()
    assert len(user.image.analysis_set) == 1
    window.view.kymograph.setFocus()
    steps = user.steps
    user.press(Key.Key_Delete)
    assert rois(user) == drawn(window) == []
    assert len(user.image.analysis_set) == 0
    assert user.steps == steps + 1
    messages = window.view.messages
    assert messages.text == "ROI 1 was deleted with its result."
    undo = next(one for one in messages.findChildren(QPushButton) if one.text() == "Undo")
    user.click(undo)
    assert not messages.text
    assert rois(user) == [(100, 300, 0, 32)]
    assert len(user.image.analysis_set) == 1


def test_a_number_is_never_given_again(user) -> None:
    add(user, *START)
    user.press(Key.Key_Delete)
    add(user, *START)
    assert user.image.rois.get_roi_ids() == [2]


def test_click_selects_the_smallest_region_there(user, window) -> None:
    add(user, 0, 400, 0, 32)
    add(user, *START)
    user.click(user.picture, user.point(300, 28))
    assert window.controller.selection.roi_id == 1
    user.click(user.picture, user.point(150, 14))
    assert window.controller.selection.roi_id == 2


# --- the panel ---------------------------------------


@pytest.fixture
def panel(window):
    """The ROIs panel in front."""
    window.panels.docks[4].raise_()
    QApplication.processEvents()
    return window.panels.rois


def type_into(user, spin, text: str, end=Key.Key_Return) -> None:
    spin.setFocus()
    user.type(text)
    user.press(end)


def test_typing_lines_seconds_pixels_and_micrometres(user, window, panel) -> None:
    add(user, *START)
    editor = panel._editor
    type_into(user, editor._lines.start, "120")
    assert rois(user) == [(120, 200, 8, 20)]
    type_into(user, editor._time.stop, "0.5")
    assert rois(user) == [(120, 250, 8, 20)]
    type_into(user, editor._pixels.stop, "24", Key.Key_Tab)
    assert rois(user) == [(120, 250, 8, 24)]
    type_into(user, editor._distance.start, "2,5")
    assert rois(user) == [(120, 250, 10, 24)]
    assert user.steps == 5
    assert drawn(window) == rois(user)
    for expected in ((120, 250, 8, 24), (120, 250, 8, 20), (120, 200, 8, 20), (100, 200, 8, 20)):
        window.controller.undo_stack.undo()
        assert rois(user) == drawn(window) == [expected]
    assert editor._lines.start.lineEdit().text() == "100"


def test_a_bad_number_says_why_and_changes_nothing(user, window, panel) -> None:
    add(user, *START)
    lines = panel._editor._lines
    for text in ("abc", "", "-5", "500", "1.5", "200", "300", "nan", "1e400"):
        type_into(user, lines.start, text)
        assert lines.fault.text(), text
        assert lines.fault.isVisible()
        assert rois(user) == drawn(window) == [START]
    assert user.steps == 1
    type_into(user, lines.start, "100")
    assert not lines.fault.text()


def test_name_shows_everywhere(user, window, panel) -> None:
    add(user, *START)
    panel._editor._name.setFocus()
    user.type("vein")
    user.press(Key.Key_Return)
    assert user.steps == 2
    assert user.image.rois.get(1).label == "vein"
    assert window.view.head._roi.currentText() == "vein"
    assert panel._table.model().index(0, 0).data() == "vein"


def test_letters_in_a_name_are_no_commands(user, window, panel) -> None:
    add(user, *START)
    panel._editor._name.setFocus()
    user.type("brvzfAX")
    user.press(Key.Key_Return)
    assert user.image.rois.get(1).name == "brvzfAX"
    assert window.view.kymograph.tool == "pan"
    assert user.steps == 2


def test_what_is_being_typed_is_saved(user, window, panel) -> None:
    add(user, *START)
    for field, text in ((panel._editor._name, "vein"), (panel._editor._lines.start, "120")):
        field.setFocus()
        user.type(text)
        user.press(Key.Key_S, Keys.ControlModifier)
        user.wait()
        assert not user.image.is_dirty
    assert user.image.rois.get(1).name == "vein"
    assert rois(user) == [(120, 200, 8, 20)]


def test_table_selects_and_edits(user, window, panel) -> None:
    add(user, *START)
    add(user, 250, 300, 8, 20)
    table = panel._table
    user.click(table.viewport(), table.visualRect(table.model().index(0, 1)).center())
    assert window.controller.selection.roi_id == 1
    at = table.visualRect(table.model().index(0, 1)).center()
    QTest.mouseDClick(table.viewport(), Left, pos=at)
    user.type("0.1-0.3")
    user.press(Key.Key_Return)
    assert rois(user)[0] == (50, 150, 8, 20)


def test_tools_of_the_panel(user, window, panel) -> None:
    buttons = panel._tools.findChildren(type(panel._delete))
    draw_button, line_button, full, delete, *_ = buttons
    user.click(full)
    assert rois(user) == [(0, LINES, 0, PIXELS)]
    user.click(delete)
    assert rois(user) == []
    assert not delete.isEnabled()
    user.click(draw_button)
    assert window.view.kymograph.tool == "roi"
    user.drag(user.picture, user.point(100, 8), user.point(200, 20))
    assert len(rois(user)) == 1
    user.click(line_button)
    assert window.view.kymograph.tool == "line"


def test_delete_in_a_number_deletes_a_digit(user, window, panel) -> None:
    add(user, *START)
    spin = panel._editor._lines.start
    spin.setFocus()
    spin.lineEdit().setCursorPosition(0)
    user.press(Key.Key_Delete)
    assert spin.lineEdit().text() == "00"
    assert len(rois(user)) == 1


# --- read-out ---------------------------------------


def test_the_read_out_names_region_result_and_quality(user, window, pixels) -> None:
    add(user, 100, 300, 0, 32)
    window.panels.analysis.request_run()
    user.wait()
    user.hover(user.picture, user.point(200.5, 16.5))
    read, content = window.view.readout, window.view.trace.panes[0].content
    line, pixel = (int(place) for place in window.view.kymograph.mouse.cursor.place)
    steps = user.image.calibration
    assert read.text("t") == f"{line * steps.step_y:.3f} s"
    assert read.text("px") == f"{line}, {pixel}"
    assert read.text("I").replace("\u2009", "") == str(pixels[line, pixel])
    assert read.text("ROI") == "1"
    assert read.text("v") == content.value_at(line) != "–"
    assert read.text("QC") == content.quality_at(line) != "–"
    user.press(Key.Key_Tab)
    user.press(Key.Key_Right)  # an edit under the mouse: its result is another thing now
    assert read.text("QC") == "Out of date"
    user.hover(user.picture, user.point(350, 16))
    assert [read.text(key) for key in ("ROI", "v", "QC")] == ["–", "–", "–"]


# --- out of date ---------------------------------------


def stale_signs(user, window) -> dict[str, bool]:
    """Every place that says that the first result is out of date."""
    QApplication.processEvents()
    child = window.tree.model.index(0, 0, window.tree.model.index_of(user.image.file_id))
    pane = window.view.trace.panes[0]
    return {
        "tree": bool(child.data(STALE_ROLE)),
        "caption": "Out of date" in pane.caption.words,
        "dashes": pane.plot._trace._dashed,
        "panel": window.panels.analysis._notice.isVisibleTo(window.panels.analysis),
        "status": "1 out of date" in window.panels.status._stale.text(),
        "rerun": window.panels.analysis._controls.rerun_button.isVisibleTo(window.panels.analysis),
        "action": window.actions_by_id["rerun"].isEnabled(),
    }


def test_moving_a_region_makes_its_result_out_of_date(user, window) -> None:
    add(user, 100, 300, 0, 32)
    window.panels.analysis.request_run()
    user.wait()
    assert not any(stale_signs(user, window).values())
    user.click(user.picture, user.point(200, 16))
    user.drag(user.picture, user.point(200, 16), user.point(220, 16))
    assert all(stale_signs(user, window).values())
    assert "moved since this run" in window.view.trace.panes[0].caption.words
    window.controller.undo_stack.undo()
    assert not any(stale_signs(user, window).values())
