"""The parts of the batch window: table, words, order, and results that meet edits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack

from acqcore.acq_image import AcqImage
from acqcore.batch import BatchJob, FileOutcome, Outcome, RoiRule, measure_open
from acqcore.model.header import Calibration
from acqcore.model.metadata import EXPERIMENT
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import RectRoiBounds
from cloudscope.features._batch_results import merged
from cloudscope.item_models.batch_table import BatchRow, BatchTable, Mark
from cloudscope.theme import Theme
from cloudscope.undo import EditCommand
from cloudscope.views.batch_order import BatchOrder, Existing, Scope, command_words, existing_of
from cloudscope.views.batch_settings import BatchSettings
from cloudscope.views.batch_window import BatchWindow
from cloudscope.views.batch_words import (
    BatchStatus,
    Phase,
    duration,
    plain_totals,
    row_of,
    totals,
)

STEP = ("radon_velocity", {"window_width": 32})
JOB = BatchJob((STEP,))


@pytest.fixture
def theme(qapp, tmp_path: Path) -> Theme:
    look = Theme(qapp, tmp_path / "style")
    look.set_appearance("light")
    return look


@pytest.fixture
def table(theme: Theme) -> BatchTable:
    made = BatchTable(theme)
    made.show_rows([BatchRow(f"/r/{name}.tif", Mark.WAITING, "Waiting") for name in "abcd"])
    return made


# --- table ---------------------------------------


def marks(table: BatchTable) -> str:
    return "".join(row.mark.value[0] for row in table.rows)


def test_marks_are_all_different() -> None:
    assert len(Mark) == 9
    assert len({mark.value for mark in Mark}) == 9


def test_rows_follow_the_batch(table: BatchTable) -> None:
    table.mark_running(2)
    assert marks(table) == "rrww"
    table.put(BatchRow("/r/b.tif", Mark.DONE, "Done", "1"))
    table.mark_running(2)
    assert marks(table) == "rdrw"
    table.put(BatchRow("/r/elsewhere.tif", Mark.DONE))
    table.end_open(Mark.CANCELLED, "Cancelled")
    assert marks(table) == "cdcc"
    assert table.counts[Mark.CANCELLED] == 3
    assert table.reopen((Mark.CANCELLED,)) == ["/r/a.tif", "/r/c.tif", "/r/d.tif"]
    table.mark_running(1)
    assert marks(table) == "rdww"


def test_cells(table: BatchTable) -> None:
    table.put(BatchRow("/r/b.tif", Mark.FAILED, "No room", "1, 2"))
    cells = [table.index(1, column).data() for column in range(3)]
    assert cells == ["b.tif", "1, 2", "No room"]
    assert not table.index(1, 2).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert table.index(0, 0).data(Qt.ItemDataRole.ForegroundRole) is not None
    assert table.index(9, 9).data() is None


# --- words ---------------------------------------


def test_outcomes_in_words() -> None:
    key = AnalysisKey("radon_velocity", 0, 1)
    done = FileOutcome("a.tif", Outcome.OK, "Velocity (Radon) on ROI 1.", 0, (1,),
                       ((key, {"velocity_median": 510.0}),))  # fmt: skip
    scale = Calibration(0.001, 0.5, "seconds", "um")
    assert row_of(done, scale) == BatchRow("a.tif", Mark.DONE, "Done: 0.510 mm/s", "1")
    assert row_of(done).sentence == "Done: Velocity (Radon)"
    skipped = FileOutcome("a.tif", Outcome.SKIPPED_MISSING_ROI, "There is no ROI 3.")
    assert row_of(skipped).sentence == "Skipped: there is no ROI 3"
    failed = FileOutcome("a.tif", Outcome.FAILED, "Opening failed.")
    assert (row_of(failed).mark, row_of(failed).sentence) == (Mark.FAILED, "Opening failed")
    again = FileOutcome("a.tif", Outcome.PENDING, "X replaces its result.", replaces=1)
    assert row_of(again).mark is Mark.WILL_REPLACE


def test_totals() -> None:
    counts = Counter({Mark.WILL_RUN: 39, Mark.WILL_REPLACE: 5, Mark.SKIPPED: 3})
    told = totals(BatchStatus(counts=counts))
    assert told == "<b>44</b> will run, <b>5</b> of them replace a result · <b>3</b> skipped"
    running = Counter({Mark.DONE: 9, Mark.FAILED: 1, Mark.WAITING: 33, Mark.RUNNING: 1})
    status = BatchStatus(Phase.RUNNING, running, seconds_left=118)
    assert plain_totals(status) == "9 done · 1 failed · 34 left, about 2 min"
    assert totals(BatchStatus(fault="a < b")) == "a &lt; b"
    assert [duration(one) for one in (0.1, 61, 100, 8000)] == ["1 s", "61 s", "2 min", "2 h 14 min"]


# --- order ---------------------------------------


def test_an_order_survives_the_form(qtbot, theme: Theme, tmp_path: Path) -> None:
    form = BatchSettings(theme)
    qtbot.addWidget(form)
    rule = RoiRule.inside(RectRoiBounds(0, 100, 2, 20))
    job = BatchJob((STEP, ("heart_rate", {})), 2, rule, replace=True, resume=True)
    form.show_order(BatchOrder(job, Scope.PLACE, tmp_path, True, 3))
    back = form.order()
    assert (back.scope, back.place, back.workers) == (Scope.PLACE, tmp_path, 3)
    assert (back.job.roi, back.job.channel, existing_of(back.job)) == (rule, 2, Existing.UPDATE)
    assert [name for name, _ in back.job.steps] == ["radon_velocity", "heart_rate"]
    assert back.job.steps[0][1]["window_width"] == 32


def test_the_form_keeps_one_analysis_and_adds_what_is_needed(qtbot, theme: Theme) -> None:
    form = BatchSettings(theme)
    qtbot.addWidget(form)
    form.show_order(BatchOrder(BatchJob((("diameter", {}),))))
    form.steps.remove_chosen()
    assert [name for name, _ in form.order().job.steps] == ["diameter"]
    form.steps.add("heart_rate")
    names = [name for name, _ in form.order().job.steps]
    assert names == ["diameter", "radon_velocity", "heart_rate"]


def test_without_a_place_there_is_no_order(qtbot, theme: Theme) -> None:
    form = BatchSettings(theme)
    qtbot.addWidget(form)
    form.show_order(BatchOrder(JOB, Scope.PLACE))
    with pytest.raises(ValueError, match="Choose a folder"):
        form.order()


def test_words_of_the_command() -> None:
    job = BatchJob((STEP, ("heart_rate", {})), 1, RoiRule.every(), replace=True, resume=True)
    words = command_words(BatchOrder(job, workers=2), ["/r/a b.tif"])
    assert words == [
        "cloudscope", "batch", "/r/a b.tif", "--analysis", "radon_velocity", "--analysis",
        "heart_rate", "--param", "radon_velocity.window_width=32", "--channel", "1", "--roi", "all",
        "--overwrite", "--resume", "--workers", "2",
    ]  # fmt: skip


# --- the window ---------------------------------------


def test_one_main_button_at_a_time(qtbot, theme: Theme, table: BatchTable) -> None:
    window = BatchWindow(theme)
    qtbot.addWidget(window)
    window.show_table(table)
    window.show()
    foot = window.foot
    shown = {
        Phase.DRAFT: foot.run_button, Phase.RUNNING: foot.stop_button,
        Phase.ENDED: foot.resume_button,
    }  # fmt: skip
    for phase, button in shown.items():
        window.show_status(BatchStatus(phase, Counter({Mark.CANCELLED: 2})))
        for other in shown.values():
            assert other.isVisible() == (other is button)
    assert foot.resume_button.text() == "Resume 2 Recordings"
    window.show_batches(["Next batch", "1 · 4 of 8 · Velocity"], 1)
    assert window.batches.isVisible()
    assert window.batches.currentRow() == 1


# --- results that meet edits ---------------------------------------


@pytest.fixture
def image(make_tiff) -> AcqImage:
    return AcqImage(make_tiff(lines=200, pixels=16))


def test_results_and_edits_are_merged(image: AcqImage) -> None:
    before = image.state
    after = measure_open(image, JOB, lambda: False)[1]
    assert merged(before, before, after) is after
    noted = image.patched(EXPERIMENT, {"note": "mine"})
    both = merged(noted, before, after)
    assert both.experiment.note == "mine"
    assert (both.rois, both.records) == (after.rois, after.records)


def test_another_roi_of_the_same_number_gets_no_result(image: AcqImage) -> None:
    before = image.state
    after = measure_open(image, JOB, lambda: False)[1]
    image.rois.create_rect_roi(RectRoiBounds(0, 50, 0, 8))
    assert merged(image.state, before, after) == image.state


def test_a_roi_deleted_meanwhile_stays_deleted(image: AcqImage) -> None:
    image.rois.create_rect_roi(RectRoiBounds(0, 100, 0, 16))
    before = image.state
    after = measure_open(image, BatchJob((STEP,), roi=RoiRule.every()), lambda: False)[1]
    gone = before.without_roi(1)
    assert merged(gone, before, after) == gone


def test_edits_of_one_series_are_one_step(qapp, make_tiff) -> None:
    images = [AcqImage(make_tiff(f"{name}.tif", lines=20)) for name in "abc"]
    stack = QUndoStack()

    def push(image: AcqImage, note: str, series: int) -> None:
        after = image.patched(EXPERIMENT, {"note": note})
        command = EditCommand(
            [(image, after)], "Batch", lambda one: one.name, lambda _: None, lambda _: None, series
        )
        stack.push(command)

    for image in images:
        push(image, "batch", 7)
    push(images[0], "batch again", 7)
    push(images[0], "by hand", -1)
    assert stack.count() == 2
    stack.undo()
    assert images[0].state.experiment.note == "batch again"
    stack.undo()
    assert [one.state.experiment.note for one in images] == ["", "", ""]
    stack.redo()
    assert [one.state.experiment.note for one in images] == ["batch again", "batch", "batch"]
