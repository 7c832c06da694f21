"""Many recordings in one go: preview, run, stop, resume, and the same on the command line."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QSpinBox,
)

from acqcore.acq_image import AcqImage
from acqcore.batch import RoiRule
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import RectRoiBounds
from cloudscope.cli import main
from cloudscope.features.batch import Batch
from cloudscope.item_models.batch_table import Mark
from cloudscope.views.batch_order import Existing, Scope
from cloudscope.views.batch_words import Phase

Key, Keys = Qt.Key, Qt.KeyboardModifier
VELOCITY, RATE = "radon_velocity", "heart_rate"


class Desk:
    """The batch window as a person uses it."""

    def __init__(self, user, window) -> None:
        self.user, self.main = user, window
        feature = next(one for one in window.features if isinstance(one, Batch))
        window.activateWindow()
        window.tree.tree.setFocus()
        user.press(Key.Key_B, Keys.ControlModifier)
        assert feature.desk is not None
        self.desk = feature.desk
        self.window = self.desk.window
        user.qtbot.waitExposed(self.window)
        self.window.settings.workers.setValue(1)
        self.look()

    @property
    def form(self):
        return self.window.settings

    @property
    def table(self):
        return self.window.table.model()

    def look(self) -> None:
        """Until the preview is there."""
        self.desk.draft.look_now()
        self.user.wait()

    def marks(self) -> list[Mark]:
        return [row.mark for row in self.table.rows]

    def sentences(self) -> list[str]:
        return [row.sentence for row in self.table.rows]

    def pick(self, box, value) -> None:
        """With the keyboard, as activating an item does."""
        box.setFocus()
        while box.currentData() is not value:
            before = box.currentIndex()
            QTest.keyClick(box, Key.Key_Down if before < box.findData(value) else Key.Key_Up)
            assert box.currentIndex() != before
        self.look()

    def run(self) -> None:
        self.user.click(self.window.foot.run_button)

    def totals(self) -> str:
        return self.window.foot.totals.text().replace("<b>", "").replace("</b>", "")


@pytest.fixture
def desk(user, window, folder: Path) -> Desk:
    user.open(folder)
    return Desk(user, window)


def saved(folder: Path, name: str) -> list[str]:
    return [one.key.analysis_name for one in AcqImage(folder / name).state.records]


def images(window) -> list[AcqImage]:
    return list(window.session.images)


# --- preview and run ---------------------------------------


def test_the_preview_says_what_would_happen_and_writes_nothing(desk: Desk, folder: Path) -> None:
    assert desk.form.scope.currentText() == "In the list, 3"
    assert desk.marks() == [Mark.WILL_RUN] * 3
    assert desk.sentences()[0] == "ROI 1 will be added. Velocity (Radon) will run"
    assert desk.totals() == "3 will run"
    assert desk.window.foot.run_button.text() == "Run 3 Recordings"
    assert not list(folder.glob("*.json"))
    assert not desk.main.session.dirty()


def test_two_analyses_are_run_saved_and_shown(desk: Desk, window, folder: Path) -> None:
    desk.form.steps.add(RATE)
    desk.look()
    desk.run()
    desk.user.wait()
    assert desk.marks() == [Mark.DONE] * 3
    assert desk.totals() == "3 done"
    for image in images(window):
        assert saved(folder, image.name) == [VELOCITY, RATE]
        assert [one.key.analysis_name for one in image.state.records] == [VELOCITY, RATE]
        assert not image.is_dirty
    assert window.panels.scene.shown_record(VELOCITY).record.has_result
    model = window.tree.model
    assert model.rowCount(model.index_of(images(window)[0].file_id)) == 2


def test_the_batch_is_one_step_of_undo(desk: Desk, window, folder: Path) -> None:
    window.controller.add_roi()
    window.saving.save(window.session.dirty())
    desk.user.wait()
    desk.look()
    before = window.controller.undo_stack.index()
    desk.run()
    desk.user.wait()
    stack = window.controller.undo_stack
    assert stack.index() == before + 1
    assert stack.undoText() == "Batch Velocity (Radon) in 3 recordings"
    stack.undo()
    assert [len(image.state.records) for image in images(window)] == [0, 0, 0]
    assert len(window.session.dirty()) == 3  # the disk still has the results, and it shows
    stack.redo()
    assert not window.session.dirty()
    assert saved(folder, "a.tif") == [VELOCITY]


def test_without_saving_the_results_are_edits(desk: Desk, window, folder: Path) -> None:
    images(window)[1].state = images(window)[1].patched("experiment_metadata", {"note": "mine"})
    desk.form.save.click()
    desk.look()
    assert desk.marks() == [Mark.WILL_RUN] * 3  # unsaved edits do not matter here
    assert not desk.window.foot.copy_button.isEnabled()
    desk.run()
    desk.user.wait()
    assert desk.marks() == [Mark.DONE] * 3
    assert not list(folder.glob("*.json"))
    assert len(window.session.dirty()) == 3
    assert images(window)[1].state.experiment.note == "mine"
    window.controller.undo_stack.undo()
    assert [len(image.state.records) for image in images(window)] == [0, 0, 0]
    assert images(window)[1].state.experiment.note == "mine"


# --- what is left alone ---------------------------------------


def test_unsaved_edits_are_left_out_until_they_are_saved(desk: Desk, window) -> None:
    image = images(window)[1]
    window.controller.edit(image, image.patched("experiment_metadata", {"note": "x"}), "Note")
    desk.look()
    assert desk.marks() == [Mark.WILL_RUN, Mark.SKIPPED, Mark.WILL_RUN]
    assert desk.sentences()[1] == "Skipped: unsaved edits"
    assert desk.window.notice.text() == "1 recording with unsaved edits left out"
    desk.user.click(desk.window.save_button)
    desk.user.wait()
    desk.look()
    assert desk.marks() == [Mark.WILL_RUN] * 3
    assert not desk.window.save_button.isVisible()


def test_edits_made_while_it_runs_are_kept(desk: Desk, window, folder: Path) -> None:
    image = images(window)[0]
    desk.run()
    window.controller.edit(image, image.patched("experiment_metadata", {"note": "late"}), "Note")
    desk.user.wait()
    if desk.marks()[0] is Mark.DONE:  # else the edit came before its turn
        assert [one.key.analysis_name for one in image.state.records] == [VELOCITY]
    assert image.state.experiment.note == "late"
    window.saving.save([image])
    desk.user.wait()
    assert not image.is_dirty
    assert AcqImage(folder / "a.tif").state.experiment.note == "late"


def test_rejected_recordings_are_left_out(desk: Desk, window) -> None:
    window.controller.select(images(window)[2].file_id)
    window.actions_by_id["reject"].trigger()
    desk.form.save.click()
    desk.look()
    assert desk.sentences()[2] == "Skipped: rejected"
    desk.form.skip_rejected.click()
    desk.look()
    assert desk.marks() == [Mark.WILL_RUN] * 3


def test_existing_results_are_kept_or_replaced(desk: Desk, window) -> None:
    desk.run()
    desk.user.wait()
    desk.window.batches.setCurrentRow(0)
    desk.look()
    assert desk.marks() == [Mark.SKIPPED] * 3
    assert not desk.window.foot.run_button.isEnabled()
    desk.pick(desk.form.existing, Existing.REPLACE)
    assert desk.marks() == [Mark.WILL_REPLACE] * 3
    assert desk.totals() == "3 will run, 3 of them replace a result"
    desk.pick(desk.form.existing, Existing.UPDATE)
    assert desk.marks() == [Mark.SKIPPED] * 3


# --- stop, resume, one after the other ---------------------------------------


def test_stop_is_heard_and_resume_does_the_rest(user, window, make_tiff) -> None:
    paths = [make_tiff(f"r/{k}.tif", lines=600, seed=k) for k in range(6)]
    user.open(paths[0].parent)
    desk = Desk(user, window)
    desk.run()
    run = desk.desk.runs[0]
    user.wait_until(lambda: run.status.count(Mark.DONE) >= 1)
    user.click(desk.window.foot.stop_button)
    assert run.phase in (Phase.STOPPING, Phase.ENDED)
    user.wait()
    done = run.status.count(Mark.DONE)
    assert 1 <= done < 6
    assert run.status.count(Mark.CANCELLED) == 6 - done
    assert desk.window.foot.resume_button.isVisible()
    assert not window.session.dirty()
    user.click(desk.window.foot.resume_button)
    user.wait()
    assert desk.marks() == [Mark.DONE] * 6
    assert [saved(paths[0].parent, path.name) for path in paths] == [[VELOCITY]] * 6


def test_batches_wait_for_each_other_while_browsing_goes_on(desk: Desk, user, window) -> None:
    desk.run()
    desk.window.batches.setCurrentRow(0)
    desk.form.steps.show_steps([("diameter", {})])
    desk.look()
    desk.run()
    first, second = desk.desk.runs
    window.controller.select(images(window)[2].file_id)
    user.wait()
    assert user.image is images(window)[2]
    assert (first.phase, second.phase) == (Phase.ENDED, Phase.ENDED)
    assert desk.window.batches.count() == 3
    names = {one.key.analysis_name for one in images(window)[0].state.records}
    assert names == {VELOCITY, "diameter"}


def test_a_waiting_batch_is_cancelled_before_it_begins(desk: Desk, user, window) -> None:
    desk.run()
    desk.window.batches.setCurrentRow(0)
    desk.form.steps.show_steps([("diameter", {})])
    desk.desk.draft.look_now()
    user.wait_until(lambda: len(desk.desk.draft.table.rows) == 3)
    desk.run()
    desk.user.click(desk.window.foot.stop_button)
    waited = desk.marks() == [Mark.CANCELLED] * 3  # else the first was over too soon
    assert waited or desk.desk.runs[1].phase is not Phase.WAITING
    user.wait()
    assert desk.desk.runs[0].status.count(Mark.DONE) == 3
    # The worker may have begun just before: what is marked as done is there, nothing else.
    diameter = AnalysisKey("diameter", 0, 1)
    held = sum(image.state.record(diameter) is not None for image in images(window))
    assert held == desk.desk.runs[1].status.count(Mark.DONE)


def test_worker_processes_and_closing_the_window(desk: Desk, user, window, folder: Path) -> None:
    desk.form.workers.setValue(2)
    desk.look()
    desk.run()
    user.key(desk.window, Key.Key_Escape)
    user.wait()
    assert [saved(folder, name) for name in ("a.tif", "b.tif", "c.tif")] == [[VELOCITY]] * 3
    assert not window.session.dirty()
    assert window.view.messages.isVisible()  # tells that it ended, and offers to show it


def test_what_is_closed_meanwhile_is_left_alone(desk: Desk, user, window, folder: Path) -> None:
    desk.form.save.click()
    desk.look()
    desk.run()
    user.open(folder)
    assert not window.session.dirty()
    assert all(not image.state.records for image in images(window))


# --- where ---------------------------------------


def test_a_folder_that_is_not_open(user, window, folder: Path, make_tiff) -> None:
    make_tiff("other/d.tif", seed=9)
    (folder / "other" / "bad.tif").write_bytes(b"II*\0")
    user.open(folder / "a.tif")
    desk = Desk(user, window)
    desk.form.set_place(folder / "other")
    desk.look()
    assert sorted(mark.value for mark in desk.marks()) == ["failed", "will run"]
    assert not desk.form.save.isEnabled()
    desk.run()
    user.wait()
    assert saved(folder / "other", "d.tif") == [VELOCITY]
    assert desk.totals() == "1 done · 1 failed"


def test_a_list_and_a_rectangle(user, window, folder: Path) -> None:
    listed = folder / "list.csv"
    listed.write_text("rel_path\nb.tif\nmissing.tif\n")
    user.open(folder)
    desk = Desk(user, window)
    desk.form.set_place(listed)
    desk.form.roi.setCurrentIndex(3)
    desk.form.roi.activated.emit(3)
    desk.form.roi_box.setFocus()
    user.type("nonsense")
    user.press(Key.Key_Return)
    desk.look()
    assert desk.totals() == "Write the rectangle as lines and pixels: 0:400,10:60"
    assert not desk.window.foot.run_button.isEnabled()
    desk.form.roi_box.setFocus()
    user.type("0:200,2:20")
    user.press(Key.Key_Return)
    desk.look()
    order = desk.form.order()
    assert order.scope is Scope.PLACE
    assert order.job.roi == RoiRule.inside(RectRoiBounds(0, 200, 2, 20))
    assert [mark.value for mark in desk.marks()] == ["will run", "failed"]


# --- command line ---------------------------------------


def test_the_copied_command_gives_the_same_files(desk: Desk, window, folder: Path, capsys) -> None:
    step = (VELOCITY, {"window_width": 32})
    desk.form.steps.show_steps([step, (RATE, {})])
    desk.look()
    user = desk.user
    user.key(desk.window, Key.Key_C, Keys.ControlModifier | Keys.ShiftModifier)
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:2] == ["cloudscope", "batch"]
    assert f"{VELOCITY}.window_width=32" in words
    desk.run()
    user.wait()
    csvs = {path: path.read_bytes() for path in folder.glob("*.csv")}
    assert len(csvs) >= 3
    for path in [*csvs, *folder.glob("*.tif.json")]:
        path.unlink()
    assert main(words[1:]) == 0
    assert {path: path.read_bytes() for path in folder.glob("*.csv")} == csvs


def test_blinded_names_stay_hidden(desk: Desk, window) -> None:
    window.actions_by_id["blind"].trigger()
    desk.look()
    shown = {desk.table.index(row, 0).data() for row in range(3)}
    assert all(name.startswith("File ") for name in shown)
    assert not desk.window.foot.copy_button.isEnabled()


# --- keyboard ---------------------------------------


def test_every_control_has_a_name_and_escape_closes(desk: Desk) -> None:
    for kind in (QAbstractButton, QComboBox, QLineEdit, QSpinBox):
        for one in desk.window.findChildren(kind):
            if one.isVisible() and one.parent() is not None:
                inside = isinstance(one.parent(), QComboBox | QAbstractSpinBox)
                corner = "Corner" in type(one).__name__ or one.parent() is desk.window.table
                named = one.accessibleName() or (isinstance(one, QAbstractButton) and one.text())
                assert named or inside or corner, one
    desk.user.key(desk.window, Key.Key_Escape)
    QApplication.processEvents()
    assert not desk.window.isVisible()
