"""Sets of parameters with a name: kept, chosen, renamed, deleted, there at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from cloudscope.features.presets import usable_presets
from cloudscope.settings import Settings
from cloudscope.views.preset_dialog import PresetDialog

Key = Qt.Key
SAVE = QDialogButtonBox.StandardButton.Save


@pytest.fixture
def form(user, window, make_tiff):
    user.open(make_tiff())
    window.controller.choose_analysis("radon_velocity")
    window.docks["Analysis"].raise_()
    QApplication.processEvents()
    return window.panels.analysis.form


def set_width(user, form, lines: int) -> None:
    form.window().activateWindow()
    editor = form._form.editor("window_width")
    editor.setFocus()
    user.wait_until(lambda: editor.isAncestorOf(QApplication.focusWidget()) or editor.hasFocus())
    user.type(str(lines))
    user.press(Key.Key_Return)


def dialog(form) -> PresetDialog:
    return form.findChildren(PresetDialog)[-1]


def name_it(user, form, name: str) -> None:
    asked = dialog(form)
    asked.activateWindow()
    asked.line.setFocus()
    user.wait_until(lambda: QApplication.focusWidget() is asked.line)
    user.type(name)
    user.press(Key.Key_Return)


def listed(form) -> list[str]:
    return [form.preset.itemText(one) for one in range(form.preset.count())]


def choose(form, name: str) -> None:
    form.preset.setCurrentText(name)
    form.preset.activated.emit(form.preset.currentIndex())
    QApplication.processEvents()


def saved(user, form, name: str = "Fast capillary", lines: int = 40) -> None:
    set_width(user, form, lines)
    form.preset_menu.save.trigger()
    name_it(user, form, name)


def test_keep_and_choose(user, window, form) -> None:
    saved(user, form)
    assert form.preset.currentText() == "Fast capillary"
    choose(form, "Default")
    assert form.values()["window_width"] != 40
    choose(form, "Fast capillary")
    assert form.values()["window_width"] == 40
    assert (
        window.settings.block("presets")["radon_velocity"]["Fast capillary"]["window_width"] == 40
    )


def test_rename_and_delete(user, window, form) -> None:
    saved(user, form)
    form.preset_menu.rename.trigger()
    assert dialog(form).line.text() == "Fast capillary"
    name_it(user, form, "Thin vessel")
    assert "Thin vessel" in listed(form)
    assert "Fast capillary" not in listed(form)
    assert form.preset.currentText() == "Thin vessel"
    form.preset_menu.delete.trigger()
    assert "Thin vessel" not in listed(form)
    assert form.preset.currentText() == "Custom"
    assert window.settings.block("presets") == {"radon_velocity": {}}


def test_built_in_ones_stay(user, form) -> None:
    choose(form, "Default")
    assert not form.preset_menu.rename.isEnabled()
    assert not form.preset_menu.delete.isEnabled()
    form.preset_menu.save.trigger()
    asked = dialog(form)
    asked.line.setText("default")
    assert not asked.buttons.button(SAVE).isEnabled()
    assert asked.words.text() == "This name belongs to a built-in preset"
    asked.line.setText("   ")
    assert not asked.buttons.button(SAVE).isEnabled()
    user.press(Key.Key_Escape)


def test_the_same_name_replaces(user, form) -> None:
    saved(user, form, "Mine", 32)
    set_width(user, form, 48)
    assert form.values()["window_width"] == 48
    form.preset_menu.save.trigger()
    dialog(form).line.setText("Mine")
    assert dialog(form).words.text() == "Replaces the preset of this name"
    name_it(user, form, "Mine")
    assert listed(form).count("Mine") == 1
    choose(form, "Default")
    choose(form, "Mine")
    assert form.values()["window_width"] == 48


def test_other_analyses_have_their_own(user, window, form) -> None:
    saved(user, form)
    window.controller.choose_analysis("diameter")
    assert "Fast capillary" not in listed(form)
    window.controller.choose_analysis("radon_velocity")
    assert "Fast capillary" in listed(form)


def test_what_no_longer_fits_is_left_out() -> None:
    own = usable_presets(
        {
            "radon_velocity": {
                "Good": {"window_width": 32, "gone": 1},
                "Bad": {"window_width": -5},
                "Odd": "text",
            },
            "no_such": {"Any": {}},
            "diameter": 3,
        }
    )
    assert own == {"radon_velocity": {"Good": {"window_width": 32}}}


def test_they_survive_in_the_settings_file(tmp_path: Path) -> None:
    Settings(tmp_path / "one.ini").set_block("presets", {"radon_velocity": {"Ä": {"a": 1}}})
    assert Settings(tmp_path / "one.ini").block("presets") == {"radon_velocity": {"Ä": {"a": 1}}}
