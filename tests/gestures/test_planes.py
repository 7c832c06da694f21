"""Stacks and series: sliders and keys choose the plane, and its contrast if wanted."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt

from acqcore.errors import UnreadableFile
from acqcore.model.contrast import ImageContrast
from cloudscope.features.planes import Planes

Key, Keys = Qt.Key, Qt.KeyboardModifier
T, Z = 3, 5


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Three pictures of a stack of five planes, 60 by 40; values tell plane and picture."""
    t, z, row, column = np.ogrid[:T, :Z, :60, :40]
    pixels = (1000 * t + 100 * z + (row + column) % 50).astype(np.uint16)
    path = tmp_path / "series.tif"
    tifffile.imwrite(path, pixels, imagej=True, metadata={"axes": "TZYX"})
    return path


@pytest.fixture
def feature(window) -> Planes:
    """Patient: a busy machine must not look like a slow file."""
    found = next(one for one in window.features if isinstance(one, Planes))
    found._late.setInterval(60_000)
    return found


@pytest.fixture
def strip(user, window, feature, series: Path):
    user.open(series)
    window.view.kymograph.setFocus()
    return window.view.planes


def shown(window) -> tuple[int, int]:
    """z and t of the pixels on screen."""
    least = int(window.panels.scene.plane.pixels.min())
    return least % 1000 // 100, least // 1000


def test_only_a_recording_of_several_planes_has_sliders(
    user, window, strip, make_tiff, tmp_path
) -> None:
    assert strip.isVisible()
    assert (strip.z.slider.minimum(), strip.z.slider.maximum()) == (1, Z)
    assert (strip.z.number.value(), strip.z.count.text()) == (1, f"of {Z}")
    assert (strip.t.number.maximum(), strip.t.count.text()) == (T, f"of {T}")
    assert window.actions_by_id["next_z"].isEnabled()
    stack = tmp_path / "stack.tif"
    tifffile.imwrite(stack, np.zeros((4, 60, 40), np.uint16), imagej=True, metadata={"axes": "ZYX"})
    user.open(stack)
    assert strip.z.isVisible()
    assert not strip.t.isVisible()
    user.open(make_tiff("one.tif"))
    assert not strip.isVisible()
    assert "no stack" in window.actions_by_id["next_z"].toolTip()


def test_planes_by_slider_number_and_keys(user, window, strip) -> None:
    window.view.kymograph.set_time_range(10, 30)
    before, scenes = user.visible, []
    window.controller.sceneChanged.connect(scenes.append)
    user.key(strip.z.slider, Key.Key_Right)
    user.wait_until(lambda: shown(window) == (1, 0))
    assert strip.z.number.value() == 2
    assert "Z 1" in strip.note.text()
    strip.t.number.setFocus()
    user.type("3")
    user.press(Key.Key_Return)
    user.wait_until(lambda: shown(window) == (1, 2))
    assert strip.t.slider.value() == 3
    window.view.kymograph.setFocus()
    user.press(Key.Key_PageDown, Keys.AltModifier)
    user.press(Key.Key_PageUp, Keys.ControlModifier)
    user.wait_until(lambda: shown(window) == (2, 1))
    for _ in range(9):  # stops at the end
        user.press(Key.Key_PageDown, Keys.AltModifier)
    user.wait_until(lambda: shown(window) == (Z - 1, 1))
    assert strip.z.slider.value() == Z
    user.press(Key.Key_PageUp, Keys.AltModifier)
    user.wait_until(lambda: shown(window) == (Z - 2, 1))
    # No blink between two planes, and what was in view stays in view.
    assert not any(scene.loading for scene in scenes)
    assert user.visible == before
    window.controller.select(user.image.file_id)
    assert (window.controller.selection.z, window.controller.selection.t) == (Z - 2, 1)


def test_limits_of_each_plane(user, window, strip) -> None:
    image, steps = user.image, user.steps
    state = image.state
    before = window.view.kymograph.picture.limits
    strip.z.slider.setValue(4)
    user.wait_until(lambda: shown(window) == (3, 0))
    assert window.view.kymograph.picture.limits == before
    user.click(strip.contrast)
    assert window.actions_by_id["plane_contrast"].isChecked()
    low, high = window.view.kymograph.picture.limits
    assert 300 <= low < high <= 350
    strip.t.slider.setValue(2)
    user.wait_until(lambda: shown(window) == (3, 1))
    assert window.view.kymograph.picture.limits == (low + 1000, high + 1000)
    assert (image.state, user.steps) == (state, steps)  # nothing of it is stored
    window.panels.contrast.contrastEdited.emit(ImageContrast("Gray", 0, 50, 0, 2500))
    assert window.view.kymograph.picture.limits == (0, 50)
    assert not strip.contrast.isChecked()
    assert not window.actions_by_id["plane_contrast"].isChecked()


def test_the_last_wish_counts_and_a_slow_plane_shows_that_it_is_awaited(
    user, window, feature, strip, monkeypatch
) -> None:
    feature._late.setInterval(50)
    loader, go = user.image.images, Event()
    read = loader.read_plane

    def slow(channel: int, z: int = 0, t: int = 0):
        assert go.wait(20)
        return read(channel, z, t)

    monkeypatch.setattr(loader, "read_plane", slow)
    for place in range(2, Z + 1):
        strip.z.slider.setValue(place)
    assert not window.panels.scene.loading
    user.wait_until(lambda: window.panels.scene.loading)  # it has taken too long
    go.set()
    user.wait_until(lambda: not window.panels.scene.loading)
    assert shown(window) == (Z - 1, 0)
    assert strip.z.number.value() == Z


def test_a_plane_that_cannot_be_read(user, window, strip, monkeypatch) -> None:
    loader = user.image.images
    read = loader.read_plane

    def damaged(channel: int, z: int = 0, t: int = 0):
        if z == 2:
            raise UnreadableFile(Path("series.tif"), "it is damaged")
        return read(channel, z, t)

    monkeypatch.setattr(loader, "read_plane", damaged)
    strip.z.slider.setValue(3)
    user.wait_until(lambda: "damaged" in window.panels.scene.failure)
    strip.z.slider.setValue(4)
    user.wait_until(lambda: window.panels.scene.plane is not None)
    assert shown(window) == (3, 0)
    assert window.panels.scene.failure == ""


def test_a_composite_goes_through_the_planes_as_a_whole(user, window, feature, tmp_path) -> None:
    pixels = np.zeros((3, 2, 60, 40), np.uint16)
    for z in range(3):
        pixels[z] = np.arange(60)[:, None] + 100 * z
    path = tmp_path / "both.tif"
    tifffile.imwrite(path, pixels, imagej=True, metadata={"axes": "ZCYX"})
    user.open(path)
    window.view.kymograph.setFocus()
    user.press(Key.Key_C)
    picture = window.view.kymograph.picture
    user.wait_until(lambda: picture.added == 1)
    counts = []
    window.controller.sceneChanged.connect(lambda scene: counts.append(picture.added))
    user.press(Key.Key_PageDown, Keys.AltModifier)
    user.wait_until(lambda: window.controller.selection.z == 1)
    assert set(counts) == {1}
