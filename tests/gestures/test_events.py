"""Events on the trace: drawn, dragged, classified, reviewed, noted, deleted, and saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tifffile
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from acqcore.analysis.event import add_events, events
from acqcore.model.record import AnalysisKey, AnalysisRecord
from cloudscope.item_models.event_table import EventColumn

Key, Keys = Qt.Key, Qt.KeyboardModifier
EVENT, VELOCITY = AnalysisKey("event", 0, 1), AnalysisKey("radon_velocity", 0, 1)
STEP = 0.002  # seconds per line
NO, CTRL, SHIFT = Keys.NoModifier, Keys.ControlModifier, Keys.ShiftModifier


@pytest.fixture(autouse=True)
def velocity(user, window, folder: Path) -> None:
    """a.tif with the velocity of all its 400 lines."""
    user.open(folder)
    run_velocity(user, window)


def run_velocity(user, window) -> None:
    window.controller.choose_analysis("radon_velocity")
    window.panels.analysis.request_run()
    user.wait()


@pytest.fixture
def panel(window):
    window.panels.docks[5].raise_()
    QApplication.processEvents()
    return window.panels.events


def plot(window):
    return window.view.trace.panes[0].plot


def surface(window):
    return plot(window).viewport()


def at(window, line: float, share: float = 0.5) -> QPoint:
    """A place on the trace: a line, and a share of the height."""
    box = plot(window).view_box
    low, high = box.viewRange()[1]
    scene = box.mapViewToScene(QPointF(line, low + share * (high - low)))
    return plot(window).mapFromScene(scene)


def drag(user, window, first: float, last: float, during=None) -> None:
    user.drag(surface(window), at(window, first), at(window, last), during=during)


def listed(user):
    record = user.image.state.record(EVENT)
    return events(record) if record is not None else ()


def spans(user):
    """Events in lines."""
    return [(round(one.x_min / STEP), round(one.x_max / STEP)) for one in listed(user)]


def seed(user, window, *given) -> None:
    """Events that are there already, by lines; None is one that waits for a verdict."""
    image = user.image
    parent = image.state.record(VELOCITY)
    record = add_events(AnalysisRecord(EVENT), parent, [(a * STEP, b * STEP) for a, b, *_ in given])
    summary = dict(record.summary)
    marks = [
        {
            "id": place, "span": [block["x0"], block["x1"]], "detector": "baseline", "note": "",
            "accepted": None, "found": None,
        }
        for place, block in enumerate(summary["events"], start=1)
        if None in given[place - 1]
    ]  # fmt: skip
    if marks:
        summary["cloudscope"] = {"marks": marks, "dismissed": []}
    record = replace(record, summary=summary)
    window.controller.edit(image, image.state.with_record(record), "Seed")
    QApplication.processEvents()


def selected(window):
    return plot(window).events.item.selected_id


def click(user, window, line: float) -> None:
    user.click(surface(window), at(window, line, 0.9))


def take_tool(user, window) -> None:
    window.view.kymograph.setFocus()
    user.press(Key.Key_E)
    assert window.actions_by_id["tool_event"].isChecked()


# --- by mouse ---------------------------------------


def test_draw_the_first_event(user, window) -> None:
    steps = user.steps
    take_tool(user, window)
    drag(user, window, 100, 160)
    ((low, high),) = spans(user)
    assert (low, high) == pytest.approx((100, 160), abs=2)
    assert user.steps == steps + 1
    (event,) = listed(user)
    assert (event.event_type, event.accepted, event.detector) == ("user", True, "")
    assert selected(window) == event.id
    assert user.image.state.record(EVENT).summary["events"][0]["event_stats"]["n"] > 2
    window.controller.undo_stack.undo()
    assert user.image.state.record(EVENT) is None


def test_the_words_stand_below_the_trace(user, window) -> None:
    """Not on it, as long as the axis fits by itself."""
    trace = plot(window)

    def foot() -> float:
        """Screen pixels between the lowest value and the bottom of the plot."""
        samples = window.view.trace.panes[0].content.samples
        low, high = trace.view_box.viewRange()[1]
        return (samples.robust_range()[0] - low) / (high - low) * trace.view_box.height()

    assert foot() == pytest.approx(0, abs=0.1)
    seed(user, window, (100, 160))
    assert foot() == pytest.approx(trace.events.item.lane, abs=1)
    window.resize(1280, 900)
    QApplication.processEvents()
    assert foot() == pytest.approx(trace.events.item.lane, abs=1)
    window.actions_by_id["hide_events"].trigger()
    assert foot() == pytest.approx(0, abs=0.1)


def test_a_drag_without_the_tool_moves_the_time(user, window) -> None:
    window.view.kymograph.set_time_range(100, 300)
    QApplication.processEvents()
    before = user.visible
    drag(user, window, 150, 200)
    assert listed(user) == ()
    assert user.visible[0] == pytest.approx(before[0] - 50, abs=3)


def test_several_in_a_row_then_escape(user, window) -> None:
    take_tool(user, window)
    drag(user, window, 50, 80)
    drag(user, window, 150, 120)  # backwards is as good
    assert [round(b - a) for a, b in spans(user)] == [pytest.approx(30, abs=3)] * 2
    user.press(Key.Key_Escape)
    assert not window.actions_by_id["tool_event"].isChecked()
    assert window.actions_by_id["tool_pan"].isChecked()
    drag(user, window, 200, 240)
    assert len(listed(user)) == 2


def test_another_tool_ends_this_one(user, window) -> None:
    take_tool(user, window)
    user.press(Key.Key_R)
    assert window.view.kymograph.tool == "roi"
    assert not plot(window).events.tool


def test_drag_an_edge_with_live_numbers(user, window) -> None:
    seed(user, window, (100, 160))
    steps, seen = user.steps, []
    words = window.view.trace.panes[0].caption
    drag(user, window, 160, 220, during=lambda: seen.append(words.words))
    assert spans(user) == [(100, pytest.approx(220, abs=2))]
    assert listed(user)[0].x_min == pytest.approx(100 * STEP, abs=1e-12)  # to the last digit
    assert user.steps == steps + 1
    assert "s long, mean 0.0" in seen[-1]
    assert "mm/s" in seen[-1]
    assert "long" not in words.words
    window.controller.undo_stack.undo()
    assert spans(user) == [(100, 160)]
    drag(user, window, 100, 60)
    assert spans(user) == [(pytest.approx(60, abs=2), 160)]


def test_the_middle_moves_once_it_is_selected(user, window) -> None:
    seed(user, window, (100, 160))
    click(user, window, 130)
    assert selected(window) == 1
    drag(user, window, 130, 180)
    ((low, high),) = spans(user)
    assert low == pytest.approx(150, abs=2)
    assert high - low == 60
    drag(user, window, low + 30, 398)  # never beyond what was analysed
    assert spans(user) == [(340, 400)]


def test_escape_during_a_drag_changes_nothing(user, window) -> None:
    seed(user, window, (100, 160))
    steps = user.steps
    plot(window).setFocus()
    drag(user, window, 160, 220, during=lambda: QTest.keyClick(plot(window), Key.Key_Escape))
    assert spans(user) == [(100, 160)]
    assert user.steps == steps


def test_click_selects_the_shorter_of_two_and_nothing_beside(user, window) -> None:
    seed(user, window, (50, 300), (100, 160))
    click(user, window, 130)
    assert selected(window) == 2
    click(user, window, 250)
    assert selected(window) == 1
    click(user, window, 350)
    assert selected(window) is None


def test_hidden_events_cannot_be_dragged(user, window) -> None:
    seed(user, window, (100, 160))
    plot(window).setFocus()
    user.press(Key.Key_E, CTRL)
    assert plot(window).events.item.bands == ()
    drag(user, window, 160, 220)
    assert spans(user) == [(100, 160)]
    user.press(Key.Key_E, CTRL)
    assert len(plot(window).events.item.bands) == 1


# --- by keyboard ---------------------------------------


@pytest.mark.parametrize(
    ("key", "kind"),
    [(Key.Key_1, "user"), (Key.Key_2, "rise"), (Key.Key_3, "fall"), (Key.Key_4, "transient")],
)
def test_number_keys_set_the_type(user, window, key, kind: str) -> None:
    seed(user, window, (100, 160))
    click(user, window, 130)
    user.press(Key.Key_4 if kind != "transient" else Key.Key_1)
    user.press(key)
    assert listed(user)[0].event_type == kind
    band = plot(window).events.item.bands[0]
    assert band.words == kind.capitalize()


def test_delete_and_undo(user, window) -> None:
    seed(user, window, (100, 160), (200, 240))
    before = listed(user)
    click(user, window, 130)
    user.press(Key.Key_Delete)
    assert [one.id for one in listed(user)] == [2]
    assert selected(window) == 2
    assert user.image.rois.get_roi_ids() == [1]
    user.press(Key.Key_Delete)
    user.press(Key.Key_Delete)  # nothing is left: the ROI stays
    assert listed(user) == ()
    assert user.image.rois.get_roi_ids() == [1]
    window.controller.undo_stack.undo()
    window.controller.undo_stack.undo()
    assert listed(user) == before
    assert selected(window) == 1


def test_next_and_previous_go_round_and_zoom(user, window) -> None:
    seed(user, window, (300, 320), (100, 120), (200, 220))
    window.view.kymograph.setFocus()
    order = []
    for _ in range(4):
        user.press(Key.Key_J)
        order.append(selected(window))
    assert order == [2, 3, 1, 2]
    user.press(Key.Key_K)
    assert selected(window) == 1
    assert user.visible[0] <= 300
    assert user.visible[1] >= 320


def test_review_queue(user, window) -> None:
    seed(user, window, (40, 60), (100, 120, None), (200, 220, None), (300, 320, None))
    window.view.kymograph.setFocus()
    user.press(Key.Key_U)
    assert selected(window) == 2
    steps = user.steps
    user.press(Key.Key_Y)
    assert selected(window) == 3
    user.press(Key.Key_X)
    assert selected(window) == 4
    assert [one.accepted for one in listed(user)] == [True, True, False, None]
    assert user.steps == steps + 2
    user.press(Key.Key_Y)
    assert selected(window) == 4
    assert not window.actions_by_id["next_unreviewed"].isEnabled()
    user.press(Key.Key_Y)  # the same again takes it back
    assert [one.accepted for one in listed(user)] == [True, True, False, None]


def test_undo_reveals_the_recording_and_selects_the_event(user, window) -> None:
    seed(user, window, (100, 160), (200, 240))
    click(user, window, 130)
    user.press(Key.Key_2)
    window.actions_by_id["next_file"].trigger()
    user.wait()
    assert user.image.name == "b.tif"
    assert selected(window) is None
    window.controller.undo_stack.undo()
    user.wait()
    assert user.image.name == "a.tif"
    assert listed(user)[0].event_type == "user"


def test_keys_need_a_selected_event(user, window) -> None:
    actions = window.actions_by_id
    assert actions["tool_event"].isEnabled()
    assert "no event is selected" in actions["event_rise"].toolTip()
    seed(user, window, (100, 160))
    assert not actions["accept_event"].isEnabled()
    click(user, window, 130)
    assert actions["accept_event"].isEnabled()
    click(user, window, 300)
    assert not actions["accept_event"].isEnabled()


def test_without_velocity_the_tool_says_why(user, window) -> None:
    window.actions_by_id["next_file"].trigger()
    user.wait()
    action = window.actions_by_id["tool_event"]
    assert action.toolTip() == "Drag on a trace to draw an event (E): the ROI has no velocity yet"


# --- the panel ---------------------------------------


def cell(panel, row: int, column: EventColumn) -> str:
    return panel._sorted.index(row, column).data()


def test_the_panel_lists_counts_and_selects(user, window, panel) -> None:
    seed(user, window, (200, 240), (100, 160, None))
    assert [cell(panel, row, EventColumn.ID) for row in (0, 1)] == ["2", "1"]  # by time
    assert cell(panel, 1, EventColumn.START) == "0.400"
    assert cell(panel, 1, EventColumn.DURATION) == "0.080"
    assert cell(panel, 1, EventColumn.DURING).startswith("0.0")
    assert panel._counts.text() == "● 2 user"
    assert panel._waiting.text() == "1 unreviewed"
    table = panel._table
    user.click(table.viewport(), table.visualRect(panel._sorted.index(1, 2)).center())
    assert selected(window) == 1
    user.click(panel._detectors.unreviewed)
    assert [cell(panel, row, EventColumn.ID) for row in range(panel._sorted.rowCount())] == ["2"]


def test_a_note_in_the_field_and_in_the_table(user, window, panel) -> None:
    seed(user, window, (100, 160))
    click(user, window, 130)
    user.press(Key.Key_E, SHIFT)
    user.type("stalled capillary 1")  # a digit in a field is a digit
    user.press(Key.Key_Return)
    assert listed(user)[0].note == "stalled capillary 1"
    assert listed(user)[0].event_type == "user"
    index = panel._sorted.index(0, EventColumn.NOTE)
    panel._table.scrollTo(index)
    panel._table.edit(index)
    user.type("seen twice")
    user.press(Key.Key_Return)
    assert listed(user)[0].note == "seen twice"
    assert panel._note.text() == "seen twice"
    user.press(Key.Key_E, SHIFT)
    user.type("no")
    user.press(Key.Key_Escape)
    assert panel._note.text() == "seen twice"
    user.type("half typed")
    window.actions_by_id["save"].trigger()  # finishes what is typed
    user.wait()
    assert listed(user)[0].note == "half typed"
    assert not user.image.is_dirty


def test_delete_in_the_list(user, window, panel) -> None:
    seed(user, window, (100, 160), (200, 240))
    table = panel._table
    user.click(table.viewport(), table.visualRect(panel._sorted.index(0, 2)).center())
    user.press(Key.Key_Delete)
    assert [one.id for one in listed(user)] == [2]
    assert user.image.rois.get_roi_ids() == [1]


def test_copy_as_text(user, window, panel) -> None:
    seed(user, window, (100, 160))
    window.actions_by_id["copy_events"].trigger()
    title, row = QApplication.clipboard().text().strip("\n").split("\n")
    assert title.split("\t")[:6] == ["#", "OK", "Type", "Start (s)", "Length (s)", "Before (mm/s)"]
    values = row.split("\t")
    assert values[:5] == ["1", "Accepted", "user", "0.2", "0.12"]
    assert 0.05 < float(values[6]) < 0.12


def test_detectors_keep_what_was_drawn(user, window, panel, make_tiff) -> None:
    path = make_tiff("gap.tif", seed=4)
    pixels = tifffile.imread(path)
    pixels[100:350] = 500  # nothing to see: no velocity
    tifffile.imwrite(path, pixels)
    window.actions_by_id["save_all"].trigger()  # else it would ask
    user.wait()
    user.open(path)
    run_velocity(user, window)
    seed(user, window, (20, 60))
    for name, box in panel._detectors.boxes.items():
        box.setChecked(name == "detect_gaps")
    user.click(panel._detectors.find_button)
    user.wait()
    drawn, *found = listed(user)
    assert (drawn.detector, drawn.accepted) == ("", True)
    assert [(one.detector, one.accepted) for one in found] == [("gap", None)]
    window.view.kymograph.setFocus()
    user.press(Key.Key_U)
    user.press(Key.Key_X)
    assert [one.accepted for one in listed(user)] == [True, False]
    user.click(panel._detectors.find_button)  # again: the verdict stays
    user.wait()
    assert [one.accepted for one in listed(user)] == [True, False]


def test_without_a_velocity_the_panel_says_what_to_do(user, window, panel) -> None:
    window.actions_by_id["next_file"].trigger()
    user.wait()
    window.controller.add_roi()
    assert panel._sentence.isVisible()
    assert panel._sentence.text().startswith("Run Velocity (Radon) on this ROI first")


# --- out of date, and on disk ---------------------------------------


def test_out_of_date_is_drawn_and_said(user, window, panel) -> None:
    seed(user, window, (100, 160))
    roi = user.image.rois.get(1)
    window.controller.edit_roi(replace(roi, pixel_stop=28))
    assert plot(window).events.item._stale
    assert "ROI 1 moved since this run" in panel._notice.text
    click(user, window, 130)
    drag(user, window, 160, 220)  # both ran on the same pixels: still measured
    assert spans(user) == [(100, pytest.approx(220, abs=2))]


def test_everything_is_there_after_saving_and_opening(user, window, folder: Path) -> None:
    seed(user, window, (200, 240), (100, 160, None))
    click(user, window, 130)
    user.press(Key.Key_3)
    user.press(Key.Key_X)
    window.panels.events.noteEdited.emit(2, "µ stall")
    before = listed(user)
    window.actions_by_id["save_all"].trigger()
    user.wait()
    user.open(folder)
    assert listed(user) == before
    _, two = listed(user)
    assert (two.event_type, two.accepted, two.note) == ("fall", False, "µ stall")
    assert len(plot(window).events.item.bands) == 2
