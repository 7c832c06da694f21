"""The settings page: every change is in force at once, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from cloudscope.settings import Settings
from cloudscope.views.settings_dialog import SettingsDialog

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def page(user, window):
    user.press(Key.Key_Comma, Keys.ControlModifier)
    yield window.findChild(SettingsDialog)
    window.theme.set_appearance("light")
    window.theme.set_text_scale(1.0)


def choose(box, value) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_appearance_at_once(window, page) -> None:
    assert page.isVisible()
    choose(page.appearance, "dark")
    assert window.theme.is_dark
    assert window.settings.appearance == "dark"


def test_text_size_by_keyboard(user, window, page) -> None:
    page.text_size.setFocus()
    page.text_size.selectAll()
    QTest.keyClicks(page.text_size, "120")
    QTest.keyClick(page.text_size, Key.Key_Return)
    assert window.theme.text_scale == pytest.approx(1.2)
    assert window.settings.text_scale == pytest.approx(1.2)
    assert page.isVisible()  # Enter ends the number, not the page


def test_opening(window, page) -> None:
    page.levels.setValue(7)
    page.reopen.click()
    assert window.settings.folder_depth == 7
    assert window.settings.reopen_last is False


def test_pictures(user, window, page, folder: Path) -> None:
    choose(page.lut, "Viridis")
    page.black.setValue(5)
    page.white.setValue(90)
    assert window.settings.auto_contrast_percentiles == (5, 90)
    assert window.panels.contrast.percentiles == (5, 90)
    user.open(folder)
    assert window.panels.scene.contrast.color_lut == "Viridis"


def test_black_stays_below_white(page) -> None:
    page.white.setValue(50)
    page.black.setValue(80)
    assert page.black.value() < page.white.value() == 50


def test_reset_leaves_what_was_opened_and_made(user, window, page, folder: Path) -> None:
    first = page._choices
    user.open(folder)
    window.settings.set_block("presets", {"x": 1})
    page.levels.setValue(9)
    page.black.setValue(5)
    choose(page.lut, "Magma")
    button = next(one for one in page.findChildren(QPushButton) if "Reset" in one.text())
    user.click(button)
    settings = window.settings
    assert (settings.folder_depth, settings.default_lut) == (first.folder_depth, first.lut)
    assert settings.auto_contrast_percentiles == first.percentiles
    assert page.levels.value() == first.folder_depth
    assert settings.recent_paths
    assert settings.block("presets") == {"x": 1}


def test_what_was_chosen_is_there_at_the_next_start(window, page) -> None:
    page.black.setValue(3)
    window.settings.sync()
    assert Settings(window.settings.path).auto_contrast_percentiles[0] == 3


def test_every_field_has_a_name(page) -> None:
    for field in page._widgets:
        assert field.accessibleName() or field.text()
        assert field.toolTip()


def test_larger_text_by_key_is_shown(user, window, page) -> None:
    window.actions_by_id["larger"].trigger()
    assert page.text_size.value() == 110
