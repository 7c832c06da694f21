"""What is known about a recording: typed once, never lost, and in force at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from acqcore.acq_image import AcqImage
from cloudscope.views.save_prompt_dialog import SavePromptDialog

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.panels.docks[3].raise_()  # the Metadata panel
    QApplication.processEvents()


def experiment(window):
    return window.panels.metadata._experiment


def header(window):
    return window.panels.metadata._header


def put(user, form, name: str, text: str, end=Key.Key_Return) -> None:
    form.editor(name).setFocus()
    user.type(text)
    if end is not None:
        user.press(end)


def stored(user) -> dict:
    return user.image.state.experiment.values()


# --- typing ---------------------------------------


def test_typing_and_enter_is_one_edit(user, window) -> None:
    put(user, experiment(window), "condition", "baseline")
    assert stored(user)["condition"] == "baseline"
    assert user.steps == 1
    user.press(Key.Key_Return)
    user.press(Key.Key_Tab)
    assert user.steps == 1
    window.controller.undo_stack.undo()
    assert stored(user)["condition"] == ""
    assert experiment(window).editor("condition").currentText() == ""
    assert not user.image.is_dirty


def test_leaving_the_field_is_enough(user, window) -> None:
    put(user, experiment(window), "genotype", "wild type", Key.Key_Tab)
    assert stored(user)["genotype"] == "wild type"
    put(user, experiment(window), "species", "mouse", None)
    window.tree.tree.setFocus()
    assert stored(user)["species"] == "mouse"
    assert user.steps == 2


def test_escape_takes_the_typing_back(user, window) -> None:
    put(user, experiment(window), "condition", "baseline")
    put(user, experiment(window), "condition", "something else", Key.Key_Escape)
    user.press(Key.Key_Tab)
    assert stored(user)["condition"] == "baseline"
    assert user.steps == 1


@pytest.mark.parametrize("name", ["condition", "note", "depth"])
def test_save_while_typing_saves_what_was_typed(user, window, name: str) -> None:
    put(user, experiment(window), name, "42", None)
    assert not user.image.is_dirty
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert not user.image.is_dirty
    again = AcqImage(user.image.path).state.experiment.values()
    assert again[name] == (42.0 if name == "depth" else "42")


def test_save_is_offered_as_soon_as_something_is_typed(user, window) -> None:
    """Else Ctrl+S would be a disabled command and do nothing."""
    put(user, experiment(window), "condition", "baseline", None)
    window.actions_by_id["save"].trigger()
    user.wait()
    assert (Path(user.image.path + ".json")).is_file()


def test_save_all_while_typing(user, window) -> None:
    put(user, experiment(window), "condition", "baseline", None)
    user.press(Key.Key_S, Keys.ControlModifier | Keys.ShiftModifier)
    user.wait()
    assert AcqImage(user.image.path).state.experiment.condition == "baseline"
    for keys in (Keys.ControlModifier, Keys.ControlModifier | Keys.ShiftModifier):
        user.press(Key.Key_S, keys)  # nothing is left to save
        assert not window.jobs.active


def test_closing_while_typing_asks(user, window) -> None:
    put(user, experiment(window), "note", "half a sentence", None)
    asked = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, SavePromptDialog):
            asked.append(dialog)
            dialog.reject()

    QTimer.singleShot(200, look)
    window.close()
    assert asked
    assert window.isVisible()
    assert stored(user)["note"] == "half a sentence"


def test_going_to_another_recording_finishes_the_typing(user, window) -> None:
    first = user.image
    put(user, experiment(window), "condition", "baseline", None)
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    assert user.image is not first
    assert first.state.experiment.condition == "baseline"
    assert stored(user)["condition"] == ""
    assert experiment(window).editor("condition").currentText() == ""


def test_a_click_on_another_recording_finishes_the_typing(user, window) -> None:
    first, second, _ = window.session.images
    put(user, experiment(window), "note", "mine", None)
    tree = window.tree.tree
    index = window.tree.model.index_of(second.file_id)
    user.click(tree.viewport(), tree.visualRect(index).center())
    user.wait()
    assert user.image is second
    assert first.state.experiment.note == "mine"
    assert second.state.experiment.note == ""


def test_dropping_something_else_asks_for_what_was_typed(user, window, folder: Path) -> None:
    put(user, experiment(window), "note", "mine", None)
    asked = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        asked.append(dialog)
        if dialog is not None:
            dialog.reject()

    QTimer.singleShot(200, look)
    user.drop([folder / "c.tif"])
    user.wait()
    assert isinstance(asked[0], SavePromptDialog) if asked else False
    assert len(window.session.images) == 3
    assert stored(user)["note"] == "mine"


def test_keys_of_a_note_stay_in_the_note(user, window) -> None:
    note = experiment(window).editor("note")
    note.setFocus()
    user.type("first")
    user.press(Key.Key_Return)
    user.type("second", instead=False)
    user.press(Key.Key_Home)
    user.press(Key.Key_Up, Keys.ShiftModifier)
    assert note.textCursor().hasSelection()
    assert user.image.name == "a.tif"
    user.press(Key.Key_Delete)
    user.press(Key.Key_Z, Keys.ControlModifier)
    assert note.toPlainText() == "first\nsecond"


def test_undo_in_a_field_is_the_fields_own(user, window) -> None:
    window.controller.add_roi()
    put(user, experiment(window), "condition", "abc", None)
    user.press(Key.Key_Z, Keys.ControlModifier)
    assert len(user.image.rois.get_roi_ids()) == 1
    assert experiment(window).editor("condition").currentText() != "abc"


# --- suggestions ---------------------------------------


def test_words_of_other_recordings_are_offered(user, window, folder: Path) -> None:
    for name, condition in (("a", "baseline"), ("b", "stimulus")):
        image = AcqImage(folder / f"{name}.tif")
        image.apply_metadata_patch("experiment_metadata", {"condition": condition})
        image.save()
    user.open(folder)
    combo = experiment(window).editor("condition")
    assert [combo.itemText(at) for at in range(combo.count())] == ["baseline", "stimulus"]
    user.press(Key.Key_End)
    window.tree.tree.setFocus()
    user.press(Key.Key_End)
    user.wait()
    assert user.image.name == "c.tif"
    combo.setFocus()
    user.press(Key.Key_Down)
    assert stored(user)["condition"] == "baseline"
    assert user.steps == 1


def test_a_word_typed_here_is_offered_at_the_next_recording(user, window) -> None:
    put(user, experiment(window), "condition", "hypoxia")
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    combo = experiment(window).editor("condition")
    assert "hypoxia" in [combo.itemText(at) for at in range(combo.count())]


# --- numbers ---------------------------------------


def test_bad_numbers_say_why_and_change_nothing(user, window) -> None:
    for form, name, texts in (
        (experiment(window), "depth", ("deep", "nan", "1e999")),
        (experiment(window), "branch_order", ("1.5", "two")),
        (header(window), "physical_unit_y", ("0", "-1", "", "fast", "inf", "nan")),
        (header(window), "physical_unit_x", ("0", "-0.5", "abc")),
    ):
        for text in texts:
            put(user, form, name, text)
            assert form.fault(name), (name, text)
            assert user.steps == 0
        user.press(Key.Key_Escape)
        assert not form.fault(name)
    assert not user.image.is_dirty


def test_good_numbers(user, window) -> None:
    put(user, experiment(window), "depth", "120,5")
    assert stored(user)["depth"] == 120.5
    put(user, experiment(window), "branch_order", "2")
    assert stored(user)["branch_order"] == 2
    put(user, experiment(window), "depth", "")
    assert stored(user)["depth"] is None


# --- calibration ---------------------------------------


def axis_titles(window) -> tuple[str, str]:
    time = window.view.trace.panes[0].plot.time_axis
    return time.labelText, window.view.kymograph.value_axis.labelText


def test_calibration_changes_axes_and_read_out(user, window) -> None:
    axis = window.view.kymograph.value_axis
    assert axis.scale == 0.25
    put(user, header(window), "physical_unit_x", "0.5")
    assert axis.scale == 0.5
    put(user, header(window), "physical_unit_y", "0.001")
    assert window.view.trace.panes[0].plot.time_axis.scale == 0.001
    user.hover(user.picture, user.point(100.5, 10.5))
    assert window.view.readout.text("t") == "0.100 s"
    assert window.view.readout.text("x") == "5.0 µm"
    assert user.steps == 2
    assert user.image.calibration.source == "user"
    window.controller.undo_stack.undo()
    window.controller.undo_stack.undo()
    assert axis.scale == 0.25
    assert not user.image.is_dirty


def test_calibration_makes_results_out_of_date(user, window) -> None:
    window.panels.analysis.request_run()
    user.wait()
    put(user, header(window), "physical_unit_x", "0.5")
    words = window.view.trace.panes[0].caption.words
    assert "Out of date: The calibration changed since this run" in words
    assert "1 out of date" in window.panels.status._stale.text()
    window.controller.undo_stack.undo()
    assert "Out of date" not in window.view.trace.panes[0].caption.words


def test_calibration_is_saved(user, window) -> None:
    put(user, header(window), "physical_unit_x", "0.5", None)
    user.press(Key.Key_S, Keys.ControlModifier)
    user.wait()
    assert AcqImage(user.image.path).calibration.step_x == 0.5


def test_without_calibration_the_axes_say_so_until_it_is_typed(
    user, window, tmp_path: Path
) -> None:
    path = tmp_path / "bare.tif"
    tifffile.imwrite(path, np.random.default_rng(0).integers(0, 99, (200, 30)).astype(np.uint16))
    user.open(path)
    badge = window.view.head._badge
    assert badge.isVisible()
    assert badge.text() == "Not calibrated"
    assert axis_titles(window) == ("Time (lines)", "Distance (px)")
    put(user, header(window), "physical_unit_y", "0.002")
    assert badge.text() == "No pixel size"
    assert axis_titles(window) == ("Time (s)", "Distance (px)")
    put(user, header(window), "physical_unit_x", "0.3")
    assert not badge.isVisible()
    assert axis_titles(window) == ("Time (s)", "Distance (µm)")
    assert user.steps == 2
