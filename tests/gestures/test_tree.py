"""The list of recordings: walked, judged, filtered, sorted, and always true."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from acqcore.model.roi import RectRoiBounds
from acqcore.model.state import Review
from cloudscope.item_models.file_tree_cells import STATE_ROLE

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.tree.tree.setFocus()


def row_of(window, name: str, column: str = "name"):
    image = next(one for one in window.session.images if one.name == name)
    columns = [field.name for field in window.tree.model.columns]
    return window.tree.model.index_of(image.file_id).siblingAtColumn(columns.index(column))


def rows(window) -> list[str]:
    """Names on screen."""
    model = window.tree.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def current(window) -> str:
    return window.tree.tree.currentIndex().siblingAtColumn(0).data()


def click_on(user, window, index) -> None:
    tree = window.tree.tree
    user.click(tree.viewport(), tree.visualRect(index).center())


def two_results(user, window) -> None:
    """Two regions of the recording on screen, each with a velocity."""
    for region in (RectRoiBounds(0, 200, 0, 32), RectRoiBounds(200, 400, 0, 32)):
        window.controller.add_roi(region)
        window.panels.analysis.request_run()
        user.wait()
    window.tree.tree.setFocus()


# --- walking ---------------------------------------


def test_arrows_show_recordings(user, window) -> None:
    user.press(Key.Key_Down)
    user.wait()
    assert user.image.name == "b.tif"
    assert window.windowTitle().startswith("b.tif[*]")
    assert window.panels.scene.plane.file_id == user.image.file_id
    user.press(Key.Key_End)
    user.wait()
    assert user.image.name == "c.tif"
    user.press(Key.Key_Home)
    user.wait()
    assert user.image.name == "a.tif"


def test_shift_arrows_from_anywhere(user, window) -> None:
    for widget in (window.view.kymograph, window.tree.tree, window.view.overview):
        widget.setFocus()
        user.press(Key.Key_Down, Keys.ShiftModifier)
        user.wait()
        assert user.image.name == "b.tif", widget
        assert current(window) == "b"
        user.press(Key.Key_Up, Keys.ShiftModifier)
        user.wait()
        assert user.image.name == "a.tif"


def test_a_click_shows_a_recording(user, window) -> None:
    click_on(user, window, row_of(window, "c.tif"))
    user.wait()
    assert user.image.name == "c.tif"


def test_letters_find_a_name(user, window) -> None:
    user.press(Key.Key_C)
    user.wait()
    assert user.image.name == "c.tif"


def test_rapid_walking_shows_the_last_one(user, window) -> None:
    for _ in range(10):
        user.press(Key.Key_Down)
        user.press(Key.Key_Up)
    user.press(Key.Key_Down)
    user.wait()
    assert user.image.name == "b.tif"
    assert window.panels.scene.plane.file_id == user.image.file_id


# --- results below a recording ---------------------------------------


def test_a_result_selects_its_region_channel_and_analysis(user, window) -> None:
    two_results(user, window)
    parent = row_of(window, "a.tif")
    assert window.tree.tree.isExpanded(parent)
    model = window.tree.model
    assert [model.index(at, 0, parent).data() for at in range(2)] == [
        "Velocity · 1",
        "Velocity · 2",
    ]
    for roi_id in (1, 2):
        click_on(user, window, model.index(roi_id - 1, 0, parent))
        user.wait()
        selection = window.controller.selection
        assert (selection.roi_id, selection.channel) == (roi_id, 0)
        assert selection.analysis_name == "radon_velocity"
        assert window.view.trace.panes[0].content.caption == f"Velocity, ROI {roi_id}"


def test_a_result_of_another_channel(user, window, two_channels: Path) -> None:
    user.open(two_channels)
    window.controller.choose_channel(1)
    user.wait()
    window.panels.analysis.request_run()
    user.wait()
    window.controller.choose_channel(0)
    user.wait()
    child = window.tree.model.index(0, 0, row_of(window, "two.tif"))
    assert "ch 2" in child.data()
    click_on(user, window, child)
    user.wait()
    assert window.controller.selection.channel == 1
    assert window.panels.scene.plane.channel == 1


def test_a_result_of_another_recording(user, window) -> None:
    two_results(user, window)
    user.press(Key.Key_Down, Keys.ShiftModifier)
    click_on(user, window, row_of(window, "c.tif"))
    user.wait()
    click_on(user, window, window.tree.model.index(1, 0, row_of(window, "a.tif")))
    user.wait()
    assert user.image.name == "a.tif"
    assert window.controller.selection.roi_id == 2


def test_a_click_on_a_result_keeps_the_zoom(user, window) -> None:
    two_results(user, window)
    user.wheel(user.picture, user.point(100, 10), 5)
    before = user.visible
    click_on(user, window, window.tree.model.index(0, 0, row_of(window, "a.tif")))
    user.wait()
    assert user.visible == before


# --- the verdict ---------------------------------------


def test_a_cycles_the_verdict(user, window) -> None:
    seen = []
    for _ in range(3):
        user.press(Key.Key_A)
        seen.append(user.image.state.review)
    assert seen == [Review.ACCEPTED, Review.REJECTED, Review.UNDECIDED]
    assert user.steps == 3
    assert not user.image.is_dirty
    window.controller.undo_stack.undo()
    assert user.image.state.review is Review.REJECTED
    cell = row_of(window, "a.tif", "accept")
    assert Qt.CheckState(cell.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Unchecked


def test_a_click_on_the_mark_judges_without_showing(user, window) -> None:
    other = next(one for one in window.session.images if one.name == "c.tif")
    click_on(user, window, row_of(window, "c.tif", "accept"))
    user.wait()
    assert other.state.review is Review.ACCEPTED
    assert user.image.name == "a.tif"
    assert current(window) == "a"
    window.controller.undo_stack.undo()  # a change that would otherwise go unseen
    user.wait()
    assert other.state.review is Review.UNDECIDED
    assert user.image is other
    assert current(window) == "c"


def test_accept_and_reject_from_anywhere(user, window) -> None:
    window.view.kymograph.setFocus()
    user.press(Key.Key_A, Keys.ShiftModifier)
    assert user.image.state.review is Review.ACCEPTED
    user.press(Key.Key_X, Keys.ShiftModifier)
    assert user.image.state.review is Review.REJECTED
    user.press(Key.Key_X, Keys.ShiftModifier)
    assert user.image.state.review is Review.UNDECIDED


# --- filter and sort ---------------------------------------


def test_filter(user, window) -> None:
    user.press(Key.Key_F, Keys.ControlModifier)
    assert QApplication.focusWidget() is window.tree.filter
    user.type("b")
    assert rows(window) == ["b"]
    assert user.image.name == "a.tif"  # what is shown stays
    user.press(Key.Key_Return)
    user.wait()
    assert QApplication.focusWidget() is window.tree.tree
    assert user.image.name == "b.tif"
    user.press(Key.Key_F, Keys.ControlModifier)
    user.press(Key.Key_Escape)
    assert rows(window) == ["a", "b", "c"]
    assert current(window) == "b"


def test_filter_without_a_match_says_so(user, window) -> None:
    user.press(Key.Key_F, Keys.ControlModifier)
    user.type("nothing like it")
    assert rows(window) == []
    assert "No recording matches" in window.tree._sentence.text()
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.press(Key.Key_S, Keys.ControlModifier)
    user.press(Key.Key_Escape)
    assert rows(window) == ["a", "b", "c"]
    assert current(window) == "a"


def test_filter_by_condition_follows_an_edit(user, window) -> None:
    window.controller.patch_metadata("experiment_metadata", {"condition": "baseline"})
    user.press(Key.Key_F, Keys.ControlModifier)
    user.type("baseline")
    assert rows(window) == ["a"]


def test_sort_by_a_click_on_the_heading(user, window) -> None:
    header = window.tree.tree.header()
    name = QPoint(header.sectionViewportPosition(0) + 20, header.height() // 2)
    user.click(header.viewport(), name)
    assert rows(window) == ["a", "b", "c"]
    user.click(header.viewport(), name)
    assert rows(window) == ["c", "b", "a"]
    assert current(window) == "a"
    assert user.image.name == "a.tif"
    user.press(Key.Key_Up)
    user.wait()
    assert user.image.name == "b.tif"


# --- marks ---------------------------------------


def test_the_dot_of_unsaved_changes_comes_and_goes(user, window) -> None:
    cell = row_of(window, "a.tif", "saved")
    assert cell.data(STATE_ROLE) == ""
    window.controller.add_roi()
    assert cell.data(STATE_ROLE) == "unsaved"
    assert window.view.head._dot.isVisible()
    assert "1 unsaved" in window.panels.status._unsaved.text()
    window.controller.undo_stack.undo()
    assert cell.data(STATE_ROLE) == ""
    window.controller.undo_stack.redo()
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert cell.data(STATE_ROLE) == ""
    assert not window.view.head._dot.isVisible()
    assert window.panels.status._unsaved.text() == ""


def test_a_bad_file_is_a_row_that_cannot_be_shown(user, window, folder: Path) -> None:
    (folder / "bad.tif").write_bytes(b"no picture")
    user.open(folder)
    assert sorted(rows(window)) == ["a", "b", "bad", "c"]
    index = window.tree.model.index(rows(window).index("bad"), 0)
    assert index.siblingAtColumn(1).data(STATE_ROLE) == "problem"
    assert "bad.tif" in index.data(Qt.ItemDataRole.ToolTipRole)
    before = user.image
    click_on(user, window, index)
    user.wait()
    assert user.image is before
    user.press(Key.Key_A)
    assert user.steps == 0
    menu = menu_at(user, window, index)
    assert menu is not None
    menu.close()


# --- the menu ---------------------------------------


def menu_at(user, window, index) -> QMenu:
    tree = window.tree.tree
    at = tree.visualRect(index).center()
    where = tree.viewport().mapToGlobal(at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where)
    QApplication.sendEvent(tree.viewport(), event)
    QApplication.processEvents()
    return QApplication.activePopupWidget()


def test_menu_of_a_row_acts_on_that_row(user, window) -> None:
    menu = menu_at(user, window, row_of(window, "b.tif"))
    user.wait()
    assert user.image.name == "b.tif"
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert {"Save", "Accept Recording", "Reject Recording", "Run Analysis"} <= set(actions)
    assert not actions["Save"].isEnabled()
    actions["Accept Recording"].trigger()
    menu.close()
    QApplication.processEvents()
    assert user.image.state.review is Review.ACCEPTED


def test_menu_beside_the_rows_changes_nothing(user, window) -> None:
    tree = window.tree.tree
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse,
        QPoint(40, 300),
        tree.viewport().mapToGlobal(QPoint(40, 300)),
    )
    QApplication.sendEvent(tree.viewport(), event)
    QApplication.activePopupWidget().close()
    assert user.image.name == "a.tif"


def test_menu_by_keyboard(user, window) -> None:
    tree = window.tree.tree
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(tree, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


def test_columns_can_be_chosen_and_come_back(user, window) -> None:
    menu = window.tree.columns.menu()
    action = menu.findChild(type(menu.actions()[0]), "genotype")
    action.trigger()
    columns = [field.name for field in window.tree.model.columns]
    assert not window.tree.tree.header().isSectionHidden(columns.index("genotype"))
    menu.deleteLater()
    window.discard_and_close()
    assert window.settings.file_columns


# --- undo travels ---------------------------------------


def test_undo_selects_what_it_changed(user, window) -> None:
    window.controller.add_roi()
    user.press(Key.Key_Down)
    user.wait()
    user.press(Key.Key_Down)
    user.wait()
    assert user.image.name == "c.tif"
    user.press(Key.Key_Z, Keys.ControlModifier)
    user.wait()
    assert user.image.name == "a.tif"
    assert current(window) == "a"
    assert user.image.rois.get_roi_ids() == []
    user.press(Key.Key_Down)  # the keyboard goes on from there
    user.wait()
    assert user.image.name == "b.tif"


def test_redo_by_both_keys(user, window) -> None:
    for key, keys in ((Key.Key_Y, Keys.ControlModifier),
                      (Key.Key_Z, Keys.ControlModifier | Keys.ShiftModifier)):  # fmt: skip
        window.controller.add_roi()
        user.press(Key.Key_Z, Keys.ControlModifier)
        assert len(user.image.rois.get_roi_ids()) == 0
        user.press(key, keys)
        assert len(user.image.rois.get_roi_ids()) == 1
        user.press(Key.Key_Z, Keys.ControlModifier)


def test_undo_of_a_recording_that_the_filter_hides(user, window) -> None:
    window.controller.add_roi()
    user.press(Key.Key_F, Keys.ControlModifier)
    user.type("b")
    user.press(Key.Key_Return)
    user.wait()
    user.press(Key.Key_Z, Keys.ControlModifier)
    user.wait()
    assert user.image.name == "a.tif"
    assert not user.image.is_dirty


def test_metadata_and_size_can_be_columns(user, window, folder) -> None:
    user.open(folder)
    header, model = window.tree.tree.header(), window.tree.model
    places = {name: model.column_of(name) for name in ("extra_lines", "extra_um", "treatment")}
    assert all(header.isSectionHidden(place) for place in places.values())
    menu = window.tree.columns.menu()
    for action in menu.actions():
        if action.objectName() in places:
            action.trigger()
    assert not any(header.isSectionHidden(place) for place in places.values())
    image = user.image
    patched = image.patched("experiment_metadata", {"treatment": "nifedipine"})
    window.controller.edit(image, patched, "Edit treatment")
    texts = {
        name: model.index_of(image.file_id).siblingAtColumn(place).data()
        for name, place in places.items()
    }
    assert texts["extra_lines"] == str(image.header.size("Y"))
    assert texts["treatment"] == "nifedipine"
    window.tree.filter.setText("nifed")
    assert model.visible_file_ids() == [image.file_id]
    window.tree.filter.setText("")
    window.actions_by_id["blind"].trigger()
    assert model.index_of(image.file_id).siblingAtColumn(places["treatment"]).data() == "Blinded"
