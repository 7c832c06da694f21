"""Limits and colour map: shown while they are dragged, one edit at the end, stored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, Qt

from acqcore.acq_image import AcqImage
from acqcore.model.contrast import LUT_NAMES, contrast_clip_min_max

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)


@pytest.fixture
def handles(window):
    histogram = window.panels.contrast._histogram
    return histogram.low_handle, histogram.high_handle


def shown_limits(window) -> tuple[float, float]:
    """What the picture is painted with."""
    return window.view.kymograph._image.limits


def stored(user) -> tuple[float, float, str]:
    contrast = user.image.get_image_contrast(0)
    return contrast.value_min, contrast.value_max, contrast.color_lut


def centre(widget) -> QPoint:
    return widget.rect().center()


def test_looking_is_no_edit(user, window, folder: Path) -> None:
    for _ in range(3):
        user.press(Key.Key_Down, Keys.ShiftModifier)
        user.wait()
    assert user.steps == 0
    assert not window.session.dirty()
    assert not list(folder.glob("*.json"))


def test_first_look_clips_at_percentiles(user, window, folder: Path) -> None:
    pixels = tifffile.imread(folder / "a.tif")
    assert shown_limits(window) == contrast_clip_min_max(pixels)


def test_handle_drag_is_live_and_one_step(user, window, handles) -> None:
    low, _ = handles
    before, seen = stored(user), []

    def look() -> None:
        assert stored(user) == before  # nothing is edited yet
        assert user.steps == 0
        seen.append(shown_limits(window))

    user.drag(low, centre(low), centre(low) + QPoint(60, 0), during=look)
    assert len({limits[0] for limits in seen}) >= 5
    assert seen == sorted(seen)
    assert user.steps == 1
    assert stored(user)[:2] == shown_limits(window) == seen[-1]
    assert stored(user)[1] == before[1]
    window.controller.undo_stack.undo()
    assert stored(user) == before
    assert shown_limits(window) == before[:2]
    assert not user.image.is_dirty


def test_handle_cannot_pass_the_other_one(user, window, handles) -> None:
    low, high = handles
    user.drag(low, centre(low), centre(low) + QPoint(400, 0))
    value_min, value_max, _ = stored(user)
    assert value_min < value_max
    user.drag(high, centre(high), centre(high) - QPoint(400, 0))
    assert stored(user)[0] < stored(user)[1]


def test_contrast_is_saved_and_comes_back(user, window, handles) -> None:
    _, high = handles
    user.drag(high, centre(high), centre(high) - QPoint(40, 0))
    window.panels.contrast._choose_lut("Viridis")
    wanted = stored(user)
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert not user.image.is_dirty
    on_disk = json.loads(Path(user.image.get_sidecar_json_path()).read_text())
    assert "Viridis" in json.dumps(on_disk)
    again = AcqImage(user.image.path).get_image_contrast(0)
    assert (again.value_min, again.value_max, again.color_lut) == wanted


def test_arrow_keys_move_a_handle(user, window, handles) -> None:
    low, high = handles
    value_min, value_max, _ = stored(user)
    low.setFocus()
    user.press(Key.Key_Right)
    assert stored(user)[0] == value_min + 1
    user.press(Key.Key_Up, Keys.ShiftModifier)  # elsewhere that is the recording before
    assert stored(user)[0] == value_min + 11
    user.press(Key.Key_Left)
    assert stored(user)[0] == value_min + 10
    high.setFocus()
    user.press(Key.Key_Down, Keys.ShiftModifier)
    assert stored(user)[1] == value_max - 10
    assert user.image.name == "a.tif"
    assert user.steps == 4


def field(window, name: str):
    return getattr(window.panels.contrast._limits, name)


def test_number_fields(user, window) -> None:
    before = stored(user)
    field(window, "low").setFocus()
    user.type("300")
    assert shown_limits(window) == (300, before[1])
    assert user.steps == 0
    user.press(Key.Key_Return)
    assert stored(user)[:2] == (300, before[1])
    assert user.steps == 1


def test_a_limit_that_is_being_typed_is_saved(user, window) -> None:
    field(window, "high").setFocus()
    user.type("700")
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert stored(user)[1] == 700
    assert not user.image.is_dirty


def test_bad_numbers_say_why_and_change_nothing(user, window) -> None:
    before = stored(user)
    for text in ("", "abc", "99999999", "nan"):
        field(window, "low").setFocus()
        user.type(text)
        user.press(Key.Key_Tab)
        assert window.panels.contrast._limits.fault, text
        assert stored(user) == before
        assert shown_limits(window) == before[:2]
    assert user.steps == 0


def test_auto_and_full(user, window, folder: Path) -> None:
    pixels = tifffile.imread(folder / "a.tif")
    user.click(window.panels.contrast._full)
    assert stored(user)[:2] == (pixels.min(), pixels.max()) == shown_limits(window)
    user.click(window.panels.contrast._auto)
    assert stored(user)[:2] == contrast_clip_min_max(pixels) == shown_limits(window)
    user.click(window.panels.contrast._auto)
    assert user.steps == 2  # the same limits again are no step
    user.press(Key.Key_B, Keys.ShiftModifier)
    assert stored(user)[:2] == (pixels.min(), pixels.max())
    user.press(Key.Key_B)
    assert stored(user)[:2] == contrast_clip_min_max(pixels)


def test_auto_of_what_is_visible(user, window, folder: Path, qtbot) -> None:
    contrast = window.panels.contrast
    contrast._source.setCurrentText("Visible part")
    user.wheel(user.picture, user.point(50, 8), 12, Keys.ControlModifier)
    qtbot.wait(150)
    user.press(Key.Key_B)
    line0, line1, pixel0, pixel1 = user.visible
    part = tifffile.imread(folder / "a.tif")[
        int(line0) : int(np.ceil(line1)), int(pixel0) : int(np.ceil(pixel1))
    ]
    assert stored(user)[:2] == contrast_clip_min_max(part)


def test_lut_list_changes_the_picture_in_one_step(user, window) -> None:
    gray = user.pixel_color(200, 16)
    assert gray.red() == gray.green() == gray.blue()
    combo = window.panels.contrast._lut
    combo.setFocus()
    user.press(Key.Key_Down)  # Gray inverted
    assert stored(user)[2] == "inverted_grays"
    user.press(Key.Key_Down)  # passes the separator
    assert stored(user)[2] == "Viridis"
    assert user.steps == 2
    color = user.pixel_color(200, 16)
    assert len({color.red(), color.green(), color.blue()}) > 1
    window.controller.undo_stack.undo()
    window.controller.undo_stack.undo()
    assert user.pixel_color(200, 16) == gray


def test_l_is_the_next_lut(user, window) -> None:
    window.view.kymograph.setFocus()
    user.press(Key.Key_L)
    assert stored(user)[2] == LUT_NAMES[1]
    assert user.steps == 1


def test_click_on_a_handle_is_no_step(user, handles) -> None:
    before = stored(user)
    for handle in handles:
        user.click(handle)
    assert stored(user) == before
    assert user.steps == 0


def test_contrast_of_each_channel_is_its_own(user, window, two_channels: Path) -> None:
    user.open(two_channels)
    window.panels.contrast._choose_lut("Magenta")
    window.controller.choose_channel(1)
    user.wait()
    window.panels.contrast._choose_lut("Green")
    window.controller.choose_channel(0)
    user.wait()
    assert user.image.get_image_contrast(0).color_lut == "Magenta"
    assert user.image.get_image_contrast(1).color_lut == "Green"
    assert window.panels.contrast._lut.currentData() == "Magenta"


def test_float_pixels_keep_their_fractions(user, window, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = tmp_path / "float.tif"
    tifffile.imwrite(path, rng.random((300, 40)).astype(np.float32))
    user.open(path)
    low, high = shown_limits(window)
    assert 0 < low < high < 1
    handle = window.panels.contrast._histogram.low_handle
    user.drag(handle, centre(handle), centre(handle) + QPoint(50, 0))
    assert low < stored(user)[0] < high
    assert shown_limits(window) == stored(user)[:2]
