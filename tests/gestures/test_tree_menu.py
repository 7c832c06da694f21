"""A right click on recordings: reveal, open elsewhere, unload, copy; and a drag out of the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDesktopServices, QDragEnterEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from cloudscope.features import _reveal, file_menu

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.tree.tree.setFocus()


@pytest.fixture
def sent(monkeypatch) -> list:
    """Addresses that other programs were asked to open."""
    urls: list = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url) or True)
    monkeypatch.setattr(_reveal, "_told_the_desktop", lambda paths: False)
    return urls


def menu_on(window, name: str) -> QMenu:
    image = next(one for one in window.session.images if one.name == name)
    tree = window.tree.tree
    at = tree.visualRect(window.tree.model.index_of(image.file_id)).center()
    where = tree.viewport().mapToGlobal(at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where)
    QApplication.sendEvent(tree.viewport(), event)
    QApplication.processEvents()
    return QApplication.activePopupWidget()


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()
    QApplication.processEvents()


def test_the_menu_keeps_a_selection_of_several(user, window) -> None:
    user.press(Key.Key_A, Keys.ControlModifier)
    menu = menu_on(window, "b.tif")
    choose(menu, "Accept Recording")
    assert all(image.state.review.value == "accepted" for image in window.session.images)
    assert user.steps == 1


def test_the_menu_on_another_row_means_that_row(user, window) -> None:
    menu = menu_on(window, "c.tif")
    user.wait()
    assert user.image.name == "c.tif"
    menu.close()


def test_reveal_opens_the_folder_once(user, window, folder, sent) -> None:
    user.press(Key.Key_A, Keys.ControlModifier)
    choose(menu_on(window, "a.tif"), "Reveal in File Manager")
    assert [Path(url.toLocalFile()) for url in sent] == [folder]


def test_open_with_the_systems_program(user, window, folder, sent, monkeypatch) -> None:
    choose(menu_on(window, "b.tif"), "Open With Default Program")
    assert [Path(url.toLocalFile()) for url in sent] == [folder / "b.tif"]
    monkeypatch.setattr(file_menu, "MOST_AT_ONCE", 2)
    user.press(Key.Key_A, Keys.ControlModifier)
    choose(menu_on(window, "b.tif"), "Open With Default Program")
    assert len(sent) == 3
    assert window.view.messages.text == "The first 2 of 3 recordings were opened."


def test_unload_frees_the_pictures_and_reads_the_shown_one_again(user, window) -> None:
    user.press(Key.Key_Down)
    user.wait()
    user.press(Key.Key_A, Keys.ControlModifier)
    user.wait()
    first, second, _ = window.session.images
    before = window.panels.scene.plane
    choose(menu_on(window, "b.tif"), "Unload Data")
    assert not window.session.holds(first.file_id)
    user.wait()
    assert window.panels.scene.plane.file_id == second.file_id
    assert window.panels.scene.plane is not before


def test_copy_path(user, window, folder) -> None:
    user.press(Key.Key_A, Keys.ControlModifier)
    user.press(Key.Key_C, Keys.ControlModifier | Keys.AltModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(
        str(folder / f"{name}.tif") for name in "abc"
    )


def test_copy_table_has_what_is_on_screen(user, window) -> None:
    window.controller.set_review(window.controller.image.state.review.next)
    window.controller.patch_metadata("experiment_metadata", {"condition": "base\tline"})
    choose(menu_on(window, "a.tif"), "Copy Table")
    lines = QGuiApplication.clipboard().text().splitlines()
    shown = [line.split("\t") for line in lines]
    assert shown[0][:4] == ["Name", "State", "Verdict", "Condition"]
    assert shown[1][:4] == ["a.tif", "Unsaved changes", "Accepted", "base line"]
    assert len(shown) == 4
    window.tree.filter.setText("line")
    choose(menu_on(window, "a.tif"), "Copy Table")
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2


def test_copy_table_follows_columns_and_unfolded_rows(user, window) -> None:
    window.panels.analysis.request_run()
    user.wait()
    header = window.tree.tree.header()
    header.setSectionHidden(window.tree.model.column_of("condition"), True)
    header.moveSection(0, 2)
    rows = [line.split("\t") for line in window.tree.table_text().splitlines()]
    assert rows[0][:3] == ["State", "Verdict", "Name"]
    assert rows[1][2] == "a.tif"
    assert rows[2][2].startswith("Velocity")


def test_a_row_is_dragged_out_as_a_file(user, window, folder) -> None:
    user.press(Key.Key_A, Keys.ControlModifier)
    model = window.tree.model
    indexes = [one for one in window.tree.tree.selectedIndexes() if model.flags(one)]
    mime = model.mimeData(indexes)
    assert [Path(url.toLocalFile()).name for url in mime.urls()] == ["a.tif", "b.tif", "c.tif"]
    assert model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.supportedDragActions() == Qt.DropAction.CopyAction


def test_a_drag_from_another_program_is_still_taken(user, window, folder) -> None:
    mime = window.tree.model.mimeData([window.tree.model.index(0, 0)])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, buttons, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    window.view.hide_drop()
