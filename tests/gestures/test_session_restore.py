"""The window is closed and started again: the user is where they left off."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.main_window import MainWindow
from cloudscope.settings import Settings

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def started(qtbot, theme, tmp_path_factory):
    """Start the program as `cloudscope` without paths does, with one settings file for all."""
    home = tmp_path_factory.mktemp("home")
    shown: list[MainWindow] = []

    def start() -> MainWindow:
        folders = {"cache": home / "cache", "logs": home / "logs"}
        window = MainWindow(theme, Settings(home / "settings.ini"), folders)
        shown.append(window)
        window.furnish()
        if window.settings.may_reopen:
            window.trigger("reopen_session")
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
        QApplication.processEvents()
        return window

    yield start
    for window in shown:
        if window.isVisible():
            window.discard_and_close()
        window.deleteLater()


def wait(qtbot, window) -> None:
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    QApplication.processEvents()


def test_everything_comes_back(started, qtbot, folder: Path) -> None:
    window = started()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    window.controller.choose_analysis("radon_velocity")
    for _ in range(2):
        window.controller.add_roi()
    window.panels.analysis.request_run()
    wait(qtbot, window)
    image = window.controller.image
    window.saving.save([image])
    wait(qtbot, window)
    window.tree.filter.setText("tif")
    window.view.kymograph.view_box.setRange(xRange=(100, 200), yRange=(5, 20), padding=0)
    before = window.view.kymograph.visible
    window.tree.tree.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    window.close()

    again = started()
    assert [one.name for one in again.session.images] == ["a.tif", "b.tif", "c.tif"]
    assert again.controller.image.name == "a.tif"
    assert again.controller.selection.roi_id == 2
    assert again.controller.selection.analysis_name == "radon_velocity"
    assert again.tree.filter.text() == "tif"
    assert again.tree.model.index(0, 0).data() == "c"
    assert again.tree.tree.isExpanded(again.tree.model.index_of(image.file_id))
    assert again.view.kymograph.visible == pytest.approx(before, abs=0.5)


def test_a_later_recording_comes_back(started, qtbot, folder: Path) -> None:
    window = started()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    last = list(window.session.images)[-1]
    window.tree.select(last.file_id)
    window.controller.select(last.file_id)
    wait(qtbot, window)
    window.close()
    again = started()
    assert again.controller.image.name == "c.tif"
    assert again.tree.tree.currentIndex().data() == "c"
    assert again.panels.scene.plane.file_id == last.file_id


def test_whoever_does_not_want_it_has_a_command(started, qtbot, folder: Path) -> None:
    window = started()
    assert not window.actions_by_id["reopen_session"].isEnabled()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    window.settings.reopen_last = False
    window.close()
    again = started()
    assert len(again.session.images) == 0
    assert again.view.is_empty
    again.actions_by_id["reopen_session"].trigger()
    wait(qtbot, again)
    assert len(again.session.images) == 3


def test_a_start_after_a_crash_is_empty(started, qtbot, folder: Path) -> None:
    window = started()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    window.close()
    assert started().session.images.get_default_file_id()  # and it is never closed
    assert len(started().session.images) == 0


@pytest.mark.parametrize(
    "damage",
    [
        "{", "[]", "3", '{"paths": 3}', '{"paths": [7, null, "", "a\\u0000b"]}',
        '{"paths": ["/nowhere/at/all"]}',
        '{"paths": ["FOLDER"], "filter": 5, "states": {"a": 1}, "unfolded": [1, [2]], '
        '"recording": [], "channel": "x", "roi": -9, "analysis": 4, "visible": [1, "a"]}',
        '{"paths": ["FOLDER"], "recording": "FOLDER/a.tif", "channel": 99, "roi": "one", '
        '"analysis": "no such thing", "visible": [NaN, 3, Infinity, 1]}',
    ],
)  # fmt: skip
def test_a_damaged_session_never_blocks_the_start(
    started, qtbot, folder: Path, damage: str
) -> None:
    window = started()
    settings = window.settings
    window.close()
    settings._store.setValue("session/last", damage.replace("FOLDER", str(folder)))
    settings.sync()
    again = started()
    assert again.isVisible()
    if "FOLDER" in damage:
        assert again.controller.image.name == "a.tif"
        assert again.panels.scene.plane is not None
    again.commands.open_paths([folder])
    wait(qtbot, again)
    assert len(again.session.images) == 3


def test_a_folder_that_is_gone_is_named(started, qtbot, folder: Path) -> None:
    window = started()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    window.close()
    folder.rename(folder.with_name("elsewhere"))
    again = started()
    assert again.view.is_empty
    assert folder.name in again.view.messages.text


def test_what_the_user_chooses_meanwhile_stays(started, qtbot, folder: Path) -> None:
    window = started()
    window.commands.open_paths([folder])
    wait(qtbot, window)
    window.controller.select(list(window.session.images)[-1].file_id)
    window.close()
    again = started()
    first, second, third = again.session.images
    again.session.reset()
    again.controller.clear()
    again.feed.reset()
    restore = next(one for one in again.features if "reopen_session" in one.slots())
    restore._wanted = {"recording": third.file_id}
    for image in (first, second):
        again.session.images.add(image)
        again.opening.opened.emit(image)
    again.controller.select(second.file_id)
    again.session.images.add(third)
    again.opening.opened.emit(third)
    assert again.controller.image is second
    wait(qtbot, again)
