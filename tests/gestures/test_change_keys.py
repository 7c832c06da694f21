"""Other keys for the commands: in force at once, remembered, never two for one key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence

from cloudscope.features.keys import Keys as KeysFeature

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def feature(window) -> KeysFeature:
    return next(one for one in window.features if isinstance(one, KeysFeature))


@pytest.fixture
def dialog(user, window, feature):
    window.actions_by_id["change_keys"].trigger()
    return feature.dialog


def choose(dialog, text: str) -> None:
    items = dialog.list.findItems(text, Qt.MatchFlag.MatchExactly, 1)
    dialog.list.setCurrentItem(items[0])


def give(user, dialog, text: str, key: str) -> None:
    choose(dialog, text)
    dialog.editor.setKeySequence(QKeySequence(key))
    user.click(dialog.take)


def test_another_key_works_at_once_and_is_named(user, window, folder, dialog) -> None:
    give(user, dialog, "Next Recording", "Ctrl+Alt+N")
    dialog.close()
    user.open(folder)
    window.activateWindow()
    user.wait_until(window.isActiveWindow)
    user.key(window.tree.tree, Key.Key_N, Keys.ControlModifier | Keys.AltModifier)
    user.wait()
    assert user.image.name == "b.tif"
    assert window.actions_by_id["next_file"].toolTip() == "Go to the next recording (Ctrl+Alt+N)"


def test_a_taken_key_is_refused(user, window, dialog) -> None:
    choose(dialog, "Next Recording")
    dialog.editor.setKeySequence(QKeySequence("Ctrl+K"))
    assert dialog.fault.text() == "Ctrl+K belongs to Command Palette…"
    assert not dialog.take.isEnabled()


def test_none_and_usual_again(user, window, dialog, feature) -> None:
    choose(dialog, "Compare Recordings")
    user.click(dialog.remove)
    assert window.actions_by_id["compare"].shortcut().isEmpty()
    give(user, dialog, "Next Recording", "Ctrl+Shift+K")
    choose(dialog, "Compare Recordings")
    user.click(dialog.usual)
    assert window.actions_by_id["compare"].shortcut().isEmpty()  # somebody else has it now
    user.click(dialog.all_usual)
    assert window.actions_by_id["compare"].shortcut().toString() == "Ctrl+Shift+K"
    assert window.settings.block("keys") == {}


def test_remembered_copied_and_damaged_ones_left_out(user, window, dialog, feature) -> None:
    give(user, dialog, "Next Recording", "Ctrl+Alt+N")
    block = window.settings.block("keys") | {"nothing": "A", "undo": 7}
    window.settings.set_block("keys", block)
    window.actions_by_id["next_file"].setShortcut("F3")
    KeysFeature(feature.bench)
    assert window.actions_by_id["next_file"].shortcut().toString() == "Ctrl+Alt+N"
    assert window.actions_by_id["undo"].shortcut().toString() == "Ctrl+Z"
    user.click(dialog.copy)
    assert "Analysis\tRun Analysis\tCtrl+R" in QGuiApplication.clipboard().text().splitlines()
