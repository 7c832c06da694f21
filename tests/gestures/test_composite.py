"""Channels: from one to the next, and all in one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton

from acqcore.errors import UnreadableFile
from acqcore.model.contrast import ImageContrast
from cloudscope.features.composite import Composite

Key, Keys = Qt.Key, Qt.KeyboardModifier
FULL = ImageContrast("Gray", 0, 1000, 0, 1000)


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """The first channel is bright early, the second at the end, and both in the middle."""
    pixels = np.zeros((2, 300, 40), np.uint16)
    pixels[0, :200] = pixels[1, 100:] = 1000
    path = tmp_path / "halves.tif"
    tifffile.imwrite(path, pixels, metadata={"axes": "CYX"}, photometric="minisblack")
    return path


@pytest.fixture
def feature(window) -> Composite:
    return next(one for one in window.features if isinstance(one, Composite))


@pytest.fixture
def opened(user, window, halves: Path, feature: Composite) -> Composite:
    user.open(halves)
    for channel in (0, 1):
        window.controller.choose_channel(channel)
        user.wait()
        window.controller.edit_contrast(FULL)
    window.controller.choose_channel(0)
    window.session.forget([user.image.file_id])  # as if only the first one had been looked at
    window.controller.select(user.image.file_id)
    user.wait()
    window.view.kymograph.setFocus()
    return feature


def colors(user) -> list[str]:
    """Early, in the middle, at the end."""
    return [user.pixel_color(line, 20).name() for line in (50, 150, 250)]


def name(theme, channel: int) -> str:
    return theme.channel_color(channel).name()


def total(one: str, other: str) -> str:
    pairs = zip(QColor(one).getRgb()[:3], QColor(other).getRgb()[:3], strict=True)
    return QColor(*(min(sum(pair), 255) for pair in pairs)).name()


def composed(user, window, opened: Composite) -> None:
    user.press(Key.Key_C)
    user.wait_until(lambda: window.view.kymograph.picture.added == 1)


def test_light_is_added_to_light(user, window, opened, theme) -> None:
    assert colors(user) == ["#ffffff", "#ffffff", "#000000"]
    composed(user, window, opened)
    green, magenta = name(theme, 0), name(theme, 1)
    assert colors(user) == [green, total(green, magenta), magenta]
    assert [one.selected for one in opened.legend.entries] == [True, False]
    assert [one.name for one in opened.legend.entries] == ["Channel 1", "Channel 2"]
    assert opened.legend.isVisible()
    window.view.kymograph.preview_levels(0, 2000)  # of the selected channel
    half = QColor(colors(user)[0])
    assert half.green() == pytest.approx(theme.channel_color(0).green() / 2, abs=2)
    assert colors(user)[2] == magenta
    window.view.kymograph.preview_levels(0, 1000)
    user.press(Key.Key_C)
    assert colors(user) == ["#ffffff", "#ffffff", "#000000"]
    assert not opened.legend.isVisible()


def test_each_channel_has_its_own_map_and_limits(user, window, opened, theme) -> None:
    composed(user, window, opened)
    window.controller.edit_contrast(ImageContrast("Blue", 0, 2000, 0, 1000))
    first, _, last = colors(user)
    assert QColor(first).getRgb()[:3] == (0, 0, pytest.approx(128, abs=2))
    assert last == name(theme, 1)
    user.press(Key.Key_PageDown)
    window.controller.edit_contrast(ImageContrast("Red", 0, 1000, 0, 1000))
    assert colors(user)[2] == "#ff0000"
    assert QColor(colors(user)[1]).getRgb()[:3] == (255, 0, pytest.approx(128, abs=2))
    window.controller.undo_stack.undo()
    assert colors(user)[2] == name(theme, 1)
    window.controller.undo_stack.undo()
    assert window.controller.selection.channel == 1
    assert colors(user)[0] == name(theme, 0)


def test_keys_go_from_channel_to_channel(user, window, opened) -> None:
    seen = []
    for key in (Key.Key_PageDown, Key.Key_PageDown, Key.Key_PageUp, Key.Key_PageUp):
        user.press(key)
        user.wait()
        seen.append(window.controller.selection.channel)
    assert seen == [1, 0, 1, 0]
    window.tree.tree.setFocus()
    user.press(Key.Key_PageDown)  # turns pages there
    assert window.controller.selection.channel == 0
    window.view.kymograph.setFocus()
    composed(user, window, opened)
    before = colors(user)
    window.view.kymograph.set_time_range(20, 290)
    scenes = []
    window.controller.sceneChanged.connect(scenes.append)
    user.press(Key.Key_PageDown)
    assert not any(scene.loading for scene in scenes)
    assert colors(user) == before
    assert [one.selected for one in opened.legend.entries] == [False, True]
    assert user.visible[:2] == pytest.approx((20, 290))


def test_the_button_is_there_where_there_is_a_choice(
    user, window, opened, halves, make_tiff
) -> None:
    button = next(
        one for one in window.view.head.findChildren(QToolButton)
        if one.defaultAction() is window.actions_by_id["composite"]
    )  # fmt: skip
    assert button.isVisible()
    user.click(button)
    user.wait_until(lambda: window.view.kymograph.picture.added == 1)
    user.open(make_tiff("one.tif"))
    assert not button.isVisible()
    action = window.actions_by_id["composite"]
    assert not action.isEnabled()
    assert "no other channel" in action.toolTip()
    assert window.view.kymograph.picture.added == 0
    assert not opened.legend.isVisible()
    assert window.settings.block("composite") == {"on": True}
    user.open(halves)
    user.wait_until(lambda: window.view.kymograph.picture.added == 1)


def test_means_are_added_to_means(user, window, opened) -> None:
    composed(user, window, opened)
    kept = next(iter(opened._held.values()))[1]
    window.actions_by_id["show_mean"].trigger()
    user.wait_until(lambda: {p.kind for _, p in opened._held.values()} == {"mean"})
    assert kept.kind == "brightest"
    user.wait_until(lambda: window.view.kymograph.picture.added == 1)
    window.actions_by_id["show_brightest"].trigger()


def test_a_channel_that_cannot_be_read_says_so(user, window, opened, monkeypatch) -> None:
    def refuse(*args: object, **keys: object) -> None:
        raise UnreadableFile(Path("halves.tif"), "it is damaged")

    monkeypatch.setattr(user.image.images, "read_plane", refuse)
    user.press(Key.Key_C)
    user.wait_until(lambda: "damaged" in window.view.messages.text)
    assert window.view.kymograph.picture.added == 0
    user.wait()
    window.controller.refresh()
    assert not [job for job in window.jobs.active if job is opened._job]
