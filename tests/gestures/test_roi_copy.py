"""ROIs again: duplicate, copy and paste, apply to other recordings, lock, full size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication

from acqcore.model.roi import RectROI, RectRoiBounds
from cloudscope.features.roi_clipboard import MIME

Key, Keys = Qt.Key, Qt.KeyboardModifier
CTRL = Keys.ControlModifier


@pytest.fixture
def drawn(user, window, folder: Path):
    """a.tif with one ROI in its middle."""
    user.open(folder)
    lines, pixels = user.image.header.size("Y"), user.image.header.size("X")
    window.controller.add_roi(RectRoiBounds(lines // 4, lines // 2, pixels // 4, pixels // 2))
    window.view.kymograph.setFocus()
    return user.image.state.rois[0]


def test_duplicate_is_one_step_and_selected(user, window, drawn: RectROI) -> None:
    steps = user.steps
    user.press(Key.Key_D, CTRL)
    first, second = user.image.state.rois
    assert first == drawn
    assert second.geometry != first.geometry
    size = drawn.line_stop - drawn.line_start
    assert second.line_stop - second.line_start == size
    assert window.controller.selection.roi_id == second.id
    assert user.steps == steps + 1
    window.controller.undo_stack.undo()
    assert user.image.state.rois == (drawn,)


def test_a_duplicate_of_everything_has_no_room(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    window.view.kymograph.setFocus()
    user.press(Key.Key_D, CTRL)
    assert len(user.image.state.rois) == 2


def test_copy_and_paste_into_another_recording(user, window, folder: Path, drawn: RectROI) -> None:
    user.press(Key.Key_C, CTRL)
    text = QGuiApplication.clipboard().text()
    assert str(drawn.line_start) in text
    assert "\t" in text
    window.controller.select(str(folder / "b.tif"))
    user.wait()
    window.view.kymograph.setFocus()
    steps = user.steps
    user.press(Key.Key_V, CTRL)
    assert user.image.name == "b.tif"
    assert [roi.geometry for roi in user.image.state.rois] == [drawn.geometry]
    assert user.steps == steps + 1


def test_paste_in_the_same_recording_is_beside(user, window, drawn: RectROI) -> None:
    user.press(Key.Key_C, CTRL)
    user.press(Key.Key_V, CTRL)
    assert len({roi.geometry for roi in user.image.state.rois}) == 2


def test_keys_work_in_the_table_of_rois_too(user, window, drawn: RectROI) -> None:
    dock = next(one for one in window.panels.docks if one.windowTitle() == "ROIs")
    dock.raise_()
    window.panels.rois._table.setFocus()
    user.press(Key.Key_C, CTRL)
    user.press(Key.Key_V, CTRL)
    assert len(user.image.state.rois) == 2


def test_in_a_field_the_keys_belong_to_the_text(user, window, drawn: RectROI) -> None:
    user.press(Key.Key_C, CTRL)
    window.tree.focus_filter()
    user.type("abc")
    user.press(Key.Key_V, CTRL)
    assert len(user.image.state.rois) == 1


def test_a_smaller_recording_cuts(user, window, folder: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.tif"
    tifffile.imwrite(small, np.zeros((20, 8), np.uint16))
    user.open(folder)
    lines = user.image.header.size("Y")
    window.controller.add_roi(RectRoiBounds(10, lines, 0, 6))
    window.view.kymograph.setFocus()
    user.press(Key.Key_C, CTRL)
    window.controller.undo_stack.undo()  # nothing unsaved is to be asked about
    user.open(small)
    window.actions_by_id["paste_roi"].trigger()
    assert user.image.name == "small.tif"
    assert user.image.state.rois[0].geometry == (10, 20, 0, 6)
    assert "cut to the size" in window.view.messages.text


@pytest.mark.parametrize("damaged", [b"", b"[{}]", b"[1]", b'{"a": 1}', b"\xff", b"7"])
def test_damaged_clipboard_is_a_message(user, window, drawn: RectROI, damaged: bytes) -> None:
    mime = QMimeData()
    mime.setData(MIME, damaged)
    QGuiApplication.clipboard().setMimeData(mime)
    window.actions_by_id["paste_roi"].trigger()
    assert user.image.state.rois == (drawn,)
    assert "not a ROI" in window.view.messages.text


def test_apply_to_all_selected_is_one_step(user, window, folder: Path, drawn: RectROI) -> None:
    apply = window.actions_by_id["apply_rois"]
    assert not apply.isEnabled()
    window.tree.select_many([str(folder / name) for name in ("a.tif", "b.tif", "c.tif")])
    user.wait_until(apply.isEnabled)
    steps = user.steps
    user.press(Key.Key_V, CTRL | Keys.ShiftModifier)
    images = [window.session.image(str(folder / name)) for name in ("b.tif", "c.tif")]
    assert all([roi.geometry for roi in one.state.rois] == [drawn.geometry] for one in images)
    assert user.steps == steps + 1
    apply.trigger()  # what is there is not added again
    assert user.steps == steps + 1
    window.controller.undo_stack.undo()
    assert not any(one.state.rois for one in images)


def test_locked_region_stays_where_it_is(user, window, drawn: RectROI) -> None:
    window.controller.choose_roi(drawn.id)
    user.click(user.picture, user.point(*middle(drawn)))
    user.press(Key.Key_L, CTRL)
    lock = window.actions_by_id["lock_roi"]
    assert lock.isChecked()
    assert not window.actions_by_id["wide_roi"].isEnabled()
    user.press(Key.Key_Right)
    right = user.point(drawn.line_stop, middle(drawn)[1])
    user.drag(user.picture, right, user.point(drawn.line_stop + 40, middle(drawn)[1]))
    assert user.image.state.rois == (drawn,)
    user.press(Key.Key_L, CTRL)
    assert not lock.isChecked()
    window.view.kymograph.fit()
    user.drag(user.picture, user.point(drawn.line_stop, middle(drawn)[1]),
              user.point(drawn.line_stop + 40, middle(drawn)[1]))  # fmt: skip
    assert user.image.state.rois[0].line_stop > drawn.line_stop


def test_lock_is_no_edit_and_comes_back(user, window, folder: Path, drawn: RectROI) -> None:
    steps = user.steps
    window.actions_by_id["lock_roi"].trigger()
    assert user.steps == steps
    window.controller.select(str(folder / "b.tif"))
    user.wait()
    assert not window.actions_by_id["lock_roi"].isChecked()
    window.controller.select(str(folder / "a.tif"))
    user.wait()
    assert window.actions_by_id["lock_roi"].isChecked()
    assert window.settings.block("locked_rois") == {str(folder / "a.tif"): [drawn.id]}


def test_full_width_and_full_height(user, window, drawn: RectROI) -> None:
    lines, pixels = user.image.header.size("Y"), user.image.header.size("X")
    user.press(Key.Key_W)
    assert user.image.state.rois[0].geometry == (0, lines, drawn.pixel_start, drawn.pixel_stop)
    user.press(Key.Key_H)
    assert user.image.state.rois[0].geometry == (0, lines, 0, pixels)


def middle(roi: RectROI) -> tuple[float, float]:
    return (roi.line_start + roi.line_stop) / 2, (roi.pixel_start + roi.pixel_stop) / 2
