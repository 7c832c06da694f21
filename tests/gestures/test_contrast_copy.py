"""The contrast of one recording for others: selected, of one condition, all."""

from __future__ import annotations

from PySide6.QtCore import Qt

from acqcore.model.metadata import EXPERIMENT

Key, Keys = Qt.Key, Qt.KeyboardModifier


def luts(window) -> list[str]:
    stored = [image.state.contrasts.get(0) for image in window.session.images]
    return [contrast.color_lut if contrast else "" for contrast in stored]


def test_to_the_selected_ones_as_one_step(user, window, folder) -> None:
    user.open(folder)
    window.panels.contrast.next_lut()
    chosen = user.image.state.contrasts[0]
    assert not window.actions_by_id["contrast_selected"].isEnabled()
    window.tree.select_many([image.file_id for image in list(window.session.images)[:2]])
    user.wait_until(lambda: window.actions_by_id["contrast_selected"].isEnabled())
    user.press(Key.Key_L, Keys.ControlModifier | Keys.ShiftModifier)
    assert luts(window) == [chosen.color_lut, chosen.color_lut, ""]
    assert list(window.session.images)[1].state.contrasts[0] == chosen
    user.press(Key.Key_Z, Keys.ControlModifier)
    assert luts(window) == [chosen.color_lut, "", ""]


def test_to_those_of_the_condition_and_to_all(user, window, folder) -> None:
    user.open(folder)
    assert not window.actions_by_id["contrast_condition"].isEnabled()
    images = list(window.session.images)
    for image in (images[0], images[2]):
        patched = image.patched(EXPERIMENT, {"condition": "drug"})
        window.controller.edit(image, patched, "Edit condition")
    window.panels.contrast.next_lut()
    name = user.image.state.contrasts[0].color_lut
    window.actions_by_id["contrast_condition"].trigger()
    assert luts(window) == [name, "", name]
    window.actions_by_id["contrast_all"].trigger()
    assert luts(window) == [name] * 3
