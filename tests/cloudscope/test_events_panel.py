"""Events as rows, as bands, and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from acqcore.analysis.event import add_events, review_event, set_event_type, update_event
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectROI
from cloudscope.actions import make_actions
from cloudscope.item_models.event_table import SORT_ROLE, EventColumn, EventTable, SortedEvents
from cloudscope.item_models.events_shown import shown_events
from cloudscope.scene import Scene, Selection, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views.event_item import EventBand
from cloudscope.views.event_numbers import event_rows, headings, live_numbers
from cloudscope.views.events_panel import EventsPanel
from cloudscope.views.trace_view import TraceView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

STEPS = Calibration(0.001, 0.25, "seconds", "um", "Olympus text file")
ROI = RectROI(1, 100, 1100, 0, 32)
KEY = AnalysisKey("event", 0, 1)


@pytest.fixture
def theme(qapp, tmp_path):
    rate = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield Theme(qapp, tmp_path)
    pg.setConfigOption("mouseRateLimit", rate)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def panel(theme, qtbot):
    actions = make_actions(theme, theme, lambda name: None)
    panel = EventsPanel(theme, actions)
    qtbot.addWidget(panel)
    panel.resize(280, 430)
    panel.show()
    return panel


def velocity(steps=STEPS.steps):
    n = 60
    rows = {
        "time_s": (32 + 16 * np.arange(n)) * steps[0],
        "velocity": np.where(np.arange(n) < 30, 400.0, 200.0),
        "velocity_se": np.full(n, 20.0),
        "flag": np.full(n, "", "U12"),
    }
    key = AnalysisKey("radon_velocity", 0, 1)
    return AnalysisRecord(key, {}, {}, ResultTable(rows), Provenance({}, ROI.geometry, steps))


def with_events(*spans, parent=None):
    return add_events(AnalysisRecord(KEY), parent or velocity(), spans)


def scene(record=None, parent=None, stale="", **changes):
    parent = parent or velocity()
    records = [ShownRecord(parent, "Velocity (Radon)", "")]
    records += [ShownRecord(record, "Events", stale)] if record else []
    given = {
        "selection": Selection("a.tif", 0, 1),
        "header": ImageHeader("a.tif", (2000, 32), ("Y", "X"), "uint16", STEPS),
        "calibration": STEPS,
        "rois": (ROI,),
        "records": tuple(records),
    }
    return Scene(**(given | changes))


def texts(record, calibration=STEPS, **changes):
    shown = shown_events(scene(record, calibration=calibration, **changes))
    rows = event_rows(shown, calibration)
    return [[cell.text for cell in row.cells] for row in rows], headings(shown, calibration)


# --- where and how much ---------------------------------------


def test_events_stand_at_lines_of_the_whole_recording() -> None:
    shown = shown_events(scene(with_events((0.2, 0.3))))
    assert shown.lines(shown.listed[0]) == pytest.approx((300, 400))
    assert shown.time.x(300) == pytest.approx(0.2)


def test_a_row_is_in_the_units_of_the_screen() -> None:
    (row,), titles = texts(with_events((0.2, 0.3)))
    assert titles[EventColumn.START] == "Start (s)"
    assert titles[EventColumn.DURING] == "During (mm/s)"
    assert row[EventColumn.START] == "0.300"  # on the time axis of the recording
    assert row[EventColumn.DURATION] == "0.100"
    assert row[EventColumn.DURING] == "0.400"
    assert row[EventColumn.DETECTOR] == "By hand"


def test_without_calibration_it_is_lines_and_pixels() -> None:
    bare, parent = Calibration(), velocity((1.0, 1.0))
    record = with_events((200, 300), parent=parent)
    (row,), titles = texts(record, bare, parent=parent)
    assert titles[EventColumn.START] == "Start (lines)"
    assert titles[EventColumn.BEFORE] == "Before (px/line)"
    assert row[EventColumn.START : EventColumn.BEFORE] == ["300", "100"]


def test_nothing_is_measured_beside_the_trace() -> None:
    (row,), _ = texts(with_events((0.99, 0.995)))
    assert row[EventColumn.DURING] == "–"


def test_a_damaged_record_is_a_sentence(panel) -> None:
    record = replace(with_events((0.2, 0.3)), summary={"version": 99})
    panel.show_scene(scene(record))
    assert "cannot be read" in panel._notice.text
    assert panel._model.rowCount() == 0


def test_an_unchanged_record_is_read_once() -> None:
    one = scene(with_events((0.2, 0.3)))
    before = shown_events(one)
    assert shown_events(replace(one, dirty=True), before).listed is before.listed


def test_live_numbers(theme, qtbot) -> None:
    view = TraceView(theme)
    qtbot.addWidget(view)
    view.show_scene(scene())
    words = live_numbers(EventBand(0, 200.0, 400.0), view.panes[0].content, STEPS)
    assert words == "0.200–0.400 s, 0.200 s long, mean 0.400 mm/s"


# --- the table ---------------------------------------


def test_the_model_keeps_qt_s_rules(theme, qtmodeltester) -> None:
    model = EventTable(theme)
    shown = shown_events(scene(with_events((0.2, 0.3), (0.1, 0.4, "rise"))))
    model.show(event_rows(shown, STEPS), headings(shown, STEPS))
    qtmodeltester.check(model)
    model.show([], {})
    qtmodeltester.check(model)
    assert model.data(model.index(7, 3)) is None


def test_numbers_sort_as_numbers_and_missing_ones_last(theme) -> None:
    model = EventTable(theme)
    rows = SortedEvents(model)
    record = with_events((0.7, 0.8), (0.99, 0.995), (0.1, 0.2))
    shown = shown_events(scene(record))
    model.show(event_rows(shown, STEPS), headings(shown, STEPS))

    def order(column):
        rows.sort(column)
        return [rows.index(row, 0).data(SORT_ROLE) for row in range(3)]

    assert order(EventColumn.START) == [3, 1, 2]
    assert order(EventColumn.DURING) == [1, 3, 2]


def test_a_note_is_reported_and_not_applied(theme) -> None:
    model, told = EventTable(theme), []
    model.noteEdited.connect(lambda *given: told.append(given))
    shown = shown_events(scene(with_events((0.2, 0.3))))
    model.show(event_rows(shown, STEPS), headings(shown, STEPS))
    note = model.index(0, EventColumn.NOTE)
    assert model.setData(note, " odd ")
    assert told == [(1, "odd")]
    assert note.data() == ""
    assert not model.setData(model.index(0, EventColumn.START), "3")


# --- the panel ---------------------------------------


def test_one_line_says_what_to_do(panel) -> None:
    panel.show_scene(Scene())
    assert panel._sentence.text() == "Select a recording to see its events"
    panel.show_scene(scene(records=()))
    assert panel._sentence.text().startswith("Run Velocity (Radon) on this ROI first")
    panel.show_scene(scene())
    assert panel._pages.currentIndex() == 1
    assert panel._counts.text().startswith("No events yet")


def test_counts_and_the_filter(panel, qtbot) -> None:
    record = with_events((0.2, 0.3), (0.4, 0.5, "rise"), (0.6, 0.7))
    record = review_event(set_event_type(record, 3, "fall"), 3, None)
    panel.show_scene(scene(record))
    assert panel._counts.text() == "● 1 user   ▲ 1 rise   ▼ 1 fall"
    assert panel._waiting.text() == "1 unreviewed"
    panel._detectors.unreviewed.setChecked(True)
    assert panel._sorted.rowCount() == 1
    chosen = []
    panel.eventChosen.connect(chosen.append)
    panel.select(3)
    panel.show_scene(scene(review_event(record, 3, True)))
    assert panel._sorted.rowCount() == 0
    assert chosen == []  # what leaves the list chooses nothing


def test_find_asks_for_the_ticked_detectors(panel, qtbot) -> None:
    panel.show_scene(scene())
    panel._detectors.boxes["detect_gaps"].setChecked(False)
    with qtbot.waitSignal(panel.findRequested) as told:
        qtbot.mouseClick(panel._detectors.find_button, Qt.MouseButton.LeftButton)
    assert told.args[0] == {
        "detect_stalls": True, "detect_reversals": True, "detect_baseline_changes": True,
        "detect_gaps": False,
    }  # fmt: skip
    panel.show_scene(scene(running=frozenset({KEY})))
    assert not panel._detectors.find_button.isEnabled()


def test_out_of_date_is_said(panel) -> None:
    panel.show_scene(scene(with_events((0.2, 0.3)), stale="ROI 1 moved since this run"))
    assert panel._notice.text == "Out of date: ROI 1 moved since this run"


def test_a_half_typed_note_survives_a_scene(panel) -> None:
    record = with_events((0.2, 0.3))
    panel.show_scene(scene(record))
    panel.select(1)
    told = []
    panel.noteEdited.connect(lambda *given: told.append(given))
    panel._note.setFocus()
    panel._note.setText("od")
    panel._note.setModified(True)
    panel.show_scene(scene(record, dirty=True))
    assert panel._note.text() == "od"
    panel.commit()
    assert told == [(1, "od")]
    panel.show_scene(scene(update_event(record, velocity(), 1, note="od")))
    panel.commit()
    assert len(told) == 1


# --- painting ---------------------------------------


def test_bands_are_painted_in_both_themes(theme, qtbot) -> None:
    view = TraceView(theme)
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    record = with_events((0.1, 0.3, "rise"), (0.5, 0.7, "fall"))
    view.show_scene(scene(record))
    view.panes[0].plot.view_box.setXRange(0, 1200, padding=0)
    for appearance in ("dark", "light"):
        theme.set_appearance(appearance)
        found = colors_in(view)
        for token in ("ev_rise", "ev_fall"):
            assert theme.color(token).name() in found, token
    view.hide_events(True)
    assert theme.color("ev_rise").name() not in colors_in(view)


def colors_in(view) -> set[str]:
    picture = view.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(60, picture.width() - 12)
        for y in range(40, picture.height() - 40, 3)
    }
