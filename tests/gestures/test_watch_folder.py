"""An experiment runs: recordings appear by themselves, whole ones only, and nobody is disturbed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.features.watching import Watching

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def hurried(monkeypatch) -> None:
    monkeypatch.setattr(Watching, "STABLE_S", 0.3)
    monkeypatch.setattr(Watching, "AGAIN_S", 0.2)


@pytest.fixture
def elsewhere(tmp_path_factory, make_tiff) -> Path:
    """A recording that has not been made yet."""
    there = tmp_path_factory.mktemp("microscope")
    return shutil.copy(make_tiff("later.tif", seed=9), there / "d.tif") and there / "d.tif"


@pytest.fixture
def watched(user, window, folder: Path, elsewhere: Path) -> Path:
    for leftover in folder.glob("later.*"):
        leftover.unlink()
    user.open(folder)
    window.actions_by_id["watch"].trigger()
    assert window.tree._note.text() == "Watching for new recordings"
    return folder


def names(window) -> list[str]:
    return [image.name for image in window.session.images]


def test_a_recording_appears_without_taking_the_focus(user, window, watched, elsewhere) -> None:
    window.view.kymograph.setFocus()
    shown, plane = user.image, window.panels.scene.plane
    shutil.copy(elsewhere, watched / "d.tif")
    user.wait_until(lambda: len(names(window)) == 4)
    assert names(window)[-1] == "d.tif"
    assert user.image is shown
    assert window.panels.scene.plane is plane
    assert QApplication.focusWidget() is window.view.kymograph
    assert window.tree.model.rowCount() == 4
    assert window.tree._note.text() == "Watching for new recordings · 1 came"
    assert user.steps == 0


def test_a_recording_in_a_folder_that_is_made_meanwhile(user, window, watched, elsewhere) -> None:
    (watched / "evening").mkdir()
    shutil.copy(elsewhere, watched / "evening" / "d.tif")
    user.wait_until(lambda: len(names(window)) == 4)


def test_a_file_that_grows_is_waited_for(user, window, watched, elsewhere) -> None:
    content = elsewhere.read_bytes()
    growing = watched / "d.tif"
    for part in range(1, 8):
        growing.write_bytes(content[: len(content) * part // 8])
        user.qtbot.wait(150)
        assert len(names(window)) == 3
        assert not window.session.warnings
    growing.write_bytes(content)
    user.wait_until(lambda: len(names(window)) == 4)
    assert not window.session.warnings


def test_a_file_that_stays_broken_is_listed_once_and_mended(
    user, window, watched, elsewhere
) -> None:
    broken = watched / "d.tif"
    broken.write_bytes(b"not a picture at all")
    user.wait_until(lambda: bool(window.session.warnings))
    user.qtbot.wait(700)
    assert len(window.session.warnings) == 1
    assert window.tree.model.is_unreadable(window.tree.model.index_of(str(broken)))
    shutil.copy(elsewhere, broken)
    user.wait_until(lambda: len(names(window)) == 4)
    assert not window.tree.model.is_unreadable(window.tree.model.index_of(str(broken)))


def test_follow_newest_shows_it_unless_something_is_typed(user, window, watched, elsewhere) -> None:
    follow = window.actions_by_id["follow_newest"]
    user.wait_until(follow.isEnabled)
    follow.trigger()
    shutil.copy(elsewhere, watched / "d.tif")
    user.wait_until(lambda: user.image.name == "d.tif")
    window.panels.docks[3].raise_()
    field = window.panels.metadata._experiment.editor("condition")
    field.setFocus()
    user.type("half a wo")
    shutil.copy(elsewhere, watched / "e.tif")
    user.wait_until(lambda: len(names(window)) == 5)
    assert user.image.name == "d.tif"
    assert field.currentText() == "half a wo"


def test_off_means_off(user, window, watched, elsewhere) -> None:
    user.press(Key.Key_W, Keys.ControlModifier | Keys.ShiftModifier)
    assert not window.actions_by_id["watch"].isChecked()
    assert window.tree._note.isHidden()
    shutil.copy(elsewhere, watched / "d.tif")
    user.qtbot.wait(900)
    assert len(names(window)) == 3


def test_another_folder_ends_it(user, window, watched, elsewhere) -> None:
    user.open(elsewhere.parent)
    assert not window.actions_by_id["watch"].isChecked()
    assert names(window) == ["d.tif"]


def test_files_alone_cannot_be_watched(user, window, elsewhere) -> None:
    user.open(elsewhere)
    window.actions_by_id["watch"].trigger()
    user.wait_until(lambda: not window.actions_by_id["watch"].isChecked())
    assert window.view.messages.text == "Open a folder to watch it."


def test_what_is_edited_meanwhile_stays(user, window, watched, elsewhere) -> None:
    user.press(Key.Key_A, Keys.ShiftModifier)
    shutil.copy(elsewhere, watched / "d.tif")
    user.wait_until(lambda: len(names(window)) == 4)
    assert user.image.accepted
    assert user.steps == 1
    window.controller.undo_stack.undo()
    assert not user.image.is_dirty


def test_arrivals_are_measured_with_the_regions_on_screen(user, window, watched, elsewhere) -> None:
    window.controller.add_roi()
    window.actions_by_id["analyse_arrivals"].trigger()
    shutil.copy(elsewhere, watched / "d.tif")
    user.wait_until(lambda: len(names(window)) == 4)
    arrived = list(window.session.images)[-1]
    user.wait_until(lambda: any(one.has_result for one in arrived.state.records))
    assert arrived.state.rois[0].geometry == user.image.state.rois[0].geometry
    assert not (watched / "d.tif.json").exists()
    assert user.image.name == "a.tif"
