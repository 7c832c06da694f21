"""Several recordings are selected: one gesture changes all of them, one undo takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from acqcore.acq_image import AcqImage
from acqcore.model.metadata import EXPERIMENT
from acqcore.model.roi import LineROI
from acqcore.model.state import Review
from cloudscope.views.verdict_dialog import VerdictDialog

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.panels.docks[3].raise_()  # the Metadata panel
    window.tree.tree.setFocus()
    QApplication.processEvents()


@pytest.fixture
def all_three(user, window) -> list:
    user.press(Key.Key_A, Keys.ControlModifier)
    user.wait()
    assert len(window.tree.selected_file_ids()) == 3
    return list(window.session.images)


def click_on(user, window, name: str, column: str = "name", **keys) -> None:
    image = next(one for one in window.session.images if one.name == name)
    model, tree = window.tree.model, window.tree.tree
    cell = model.index_of(image.file_id).siblingAtColumn(model.column_of(column))
    user.click(tree.viewport(), tree.visualRect(cell).center(), **keys)
    user.wait()


def names(window) -> list[str]:
    """Names of the selected recordings."""
    chosen = [window.session.image(one) for one in window.tree.selected_file_ids()]
    return [image.name for image in chosen]


def editor(window, name: str):
    return window.panels.metadata._experiment.editor(name)


def put(user, window, name: str, text: str, end=Key.Key_Return) -> None:
    editor(window, name).setFocus()
    user.type(text)
    user.press(end)


def conditions(window) -> list[str]:
    return [image.state.experiment.condition for image in window.session.images]


# --- selecting ---------------------------------------


def test_ctrl_and_shift_clicks_select_several(user, window) -> None:
    click_on(user, window, "c.tif", stateKey=Keys.ControlModifier)
    assert names(window) == ["a.tif", "c.tif"]
    assert user.image.name == "c.tif"  # the last one that was clicked is shown
    click_on(user, window, "a.tif")
    assert names(window) == ["a.tif"]
    click_on(user, window, "c.tif", stateKey=Keys.ShiftModifier)
    assert names(window) == ["a.tif", "b.tif", "c.tif"]


def test_a_recording_outside_the_selection_is_meant_alone(user, window, all_three) -> None:
    window.tree.tree.clearSelection()
    window.panels.metadata.patchEdited.emit(EXPERIMENT, {"condition": "x"})
    assert conditions(window) == ["x", "", ""]


# --- metadata ---------------------------------------


def test_one_edit_describes_all_and_one_undo_takes_it_back(user, window, all_three) -> None:
    put(user, window, "condition", "baseline")
    assert conditions(window) == ["baseline"] * 3
    assert user.steps == 1
    assert window.controller.undo_stack.undoText() == "Edit condition in 3 recordings"
    assert window.panels.status._unsaved.text() == "3 unsaved"
    window.controller.undo_stack.undo()
    assert conditions(window) == [""] * 3
    assert not window.session.dirty()


def test_different_values_are_counted_and_left_alone(user, window, all_three) -> None:
    for image, depth in zip(all_three, (10.0, 20.0, 10.0), strict=True):
        image.apply_metadata_patch(EXPERIMENT, {"depth": depth, "note": image.name})
    window.controller.refresh()
    assert editor(window, "depth").lineEdit().placeholderText() == "2 values"
    assert editor(window, "depth").lineEdit().text() == ""
    assert editor(window, "note").placeholderText() == "3 values"
    for name in ("depth", "note", "condition"):
        editor(window, name).setFocus()
        user.press(Key.Key_Tab)
        user.press(Key.Key_Escape)
    assert user.steps == 0
    assert [one.state.experiment.depth for one in all_three] == [10, 20, 10]
    put(user, window, "depth", "30")
    assert [one.state.experiment.depth for one in all_three] == [30, 30, 30]
    window.controller.undo_stack.undo()
    assert [one.state.experiment.depth for one in all_three] == [10, 20, 10]
    assert editor(window, "depth").lineEdit().placeholderText() == "2 values"


def test_a_bad_number_changes_none_of_them(user, window, all_three) -> None:
    put(user, window, "depth", "deep")
    assert window.panels.metadata._experiment.fault("depth")
    assert user.steps == 0


def test_the_panel_says_how_many(user, window, all_three) -> None:
    said = window.panels.metadata._several
    assert said.isVisible()
    assert said.text() == "3 recordings, edited together"
    click_on(user, window, "b.tif")
    assert not said.isVisible()
    put(user, window, "condition", "only here")
    assert conditions(window) == ["", "only here", ""]


def test_typing_is_finished_for_those_it_was_meant_for(user, window, all_three) -> None:
    editor(window, "condition").setFocus()
    user.type("all")
    click_on(user, window, "b.tif")
    assert conditions(window) == ["all"] * 3
    editor(window, "genotype").setFocus()
    user.type("one")
    click_on(user, window, "c.tif", stateKey=Keys.ControlModifier)
    assert [one.state.experiment.genotype for one in all_three] == ["", "one", ""]


def test_undo_shows_and_selects_what_it_changes(user, window, all_three) -> None:
    click_on(user, window, "a.tif")
    click_on(user, window, "b.tif", stateKey=Keys.ControlModifier)
    put(user, window, "condition", "two of them")
    click_on(user, window, "c.tif")
    window.controller.undo_stack.undo()
    user.wait()
    assert user.image.name == "a.tif"
    assert names(window) == ["a.tif", "b.tif"]
    window.controller.undo_stack.redo()
    assert conditions(window) == ["two of them", "two of them", ""]


def test_calibration_of_all(user, window, all_three) -> None:
    header = window.panels.metadata._header
    header.editor("physical_unit_x").setFocus()
    user.type("0.5")
    user.press(Key.Key_Return)
    assert [one.calibration.step_x for one in all_three] == [0.5] * 3
    assert user.steps == 1


# --- verdict, saving, running ---------------------------------------


def reviews(window) -> list[Review]:
    return [image.state.review for image in window.session.images]


def test_accept_and_reject_all(user, window, all_three) -> None:
    user.press(Key.Key_A, Keys.ShiftModifier)
    assert reviews(window) == [Review.ACCEPTED] * 3
    user.press(Key.Key_X, Keys.ShiftModifier)
    assert reviews(window) == [Review.REJECTED] * 3
    assert user.steps == 2
    user.press(Key.Key_X, Keys.ShiftModifier)
    assert reviews(window) == [Review.UNDECIDED] * 3
    window.controller.undo_stack.undo()
    assert reviews(window) == [Review.REJECTED] * 3
    assert len(names(window)) == 3


def test_a_judges_all_and_a_click_one(user, window, all_three) -> None:
    user.press(Key.Key_A)
    assert reviews(window) == [Review.ACCEPTED] * 3
    click_on(user, window, "b.tif", "accept")
    assert reviews(window) == [Review.ACCEPTED, Review.REJECTED, Review.ACCEPTED]
    assert len(names(window)) == 3


def test_save_writes_all_selected(user, window, all_three) -> None:
    click_on(user, window, "a.tif")
    click_on(user, window, "b.tif", stateKey=Keys.ControlModifier)
    user.press(Key.Key_A)
    all_three[2].state = all_three[2].state.with_review(Review.REJECTED)
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert [image.is_dirty for image in all_three] == [False, False, True]


def test_run_on_all_selected(user, window, all_three) -> None:
    window.controller.choose_analysis("radon_velocity")
    line = LineROI(1, 0, 0, 100, 30)
    all_three[1].state = all_three[1].state.with_roi(line)
    window.actions_by_id["run_selected"].trigger()
    user.wait()
    keys = [[record.key for record in image.state.records] for image in all_three]
    assert [(one[0].analysis_name, one[0].roi_id) for one in keys] == [
        ("radon_velocity", 1), ("radon_velocity", 2), ("radon_velocity", 1),
    ]  # fmt: skip
    assert window.controller.undo_stack.text(0) == "Add ROI in 3 recordings"


def test_run_on_selected_needs_several(user, window) -> None:
    action = window.actions_by_id["run_selected"]
    assert not action.isEnabled()
    assert "fewer than two recordings are selected" in action.toolTip()
    user.press(Key.Key_A, Keys.ControlModifier)
    user.wait_until(action.isEnabled)


# --- the reason ---------------------------------------


def answer(text: str | None, *, accept: bool = True) -> None:
    """Type into the dialog that comes up, then Enter or Esc."""

    def type_it() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, VerdictDialog)
        if text is not None:
            QTest.keyClicks(dialog._reason.lineEdit(), text)
        QTest.keyClick(dialog, Key.Key_Return if accept else Key.Key_Escape)

    QTimer.singleShot(150, type_it)


def reasons(window) -> list[str]:
    return [image.state.review_reason for image in window.session.images]


def test_a_reason_for_all(user, window, all_three) -> None:
    answer("it moved")
    user.press(Key.Key_A, Keys.ControlModifier | Keys.ShiftModifier)
    assert reviews(window) == [Review.REJECTED] * 3
    assert reasons(window) == ["it moved"] * 3
    assert user.steps == 1
    cell = window.tree.model.index(0, 0).siblingAtColumn(window.tree.model.column_of("accept"))
    assert "Rejected: it moved" in cell.data(Qt.ItemDataRole.ToolTipRole)
    window.tree.filter.setText("moved")
    assert window.tree.model.rowCount() == 3
    answer("anything", accept=False)
    window.actions_by_id["verdict"].trigger()
    assert user.steps == 1
    window.controller.undo_stack.undo()
    assert reasons(window) == [""] * 3


def test_the_reason_is_saved_and_goes_with_its_verdict(user, window) -> None:
    answer("too dark")
    window.actions_by_id["verdict"].trigger()
    window.actions_by_id["save"].trigger()
    user.wait()
    assert AcqImage(user.image.path).state.review_reason == "too dark"
    window.actions_by_id["accept"].trigger()
    assert (user.image.state.review, user.image.state.review_reason) == (Review.ACCEPTED, "")


# --- filtering by state ---------------------------------------


def test_filter_by_state(user, window, all_three) -> None:
    click_on(user, window, "b.tif", "accept")
    states = window.tree.states
    accepted = states._ticks["accepted"]
    accepted.trigger()
    model = window.tree.model
    assert [model.index(at, 0).data() for at in range(model.rowCount())] == ["b"]
    assert states.toolTip() == "Only accepted recordings are shown"
    states._ticks["rejected"].trigger()
    accepted.trigger()
    assert window.tree.model.rowCount() == 0
    assert window.tree._sentence.text() == "No recording is rejected"
    states.clear()
    assert window.tree.model.rowCount() == 3
