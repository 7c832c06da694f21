"""Parameters, runs and results of the selected analysis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtWidgets import QApplication

from acqcore.analysis import analyses
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import LineROI, RectROI
from cloudscope.scene import Scene, Selection, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views import run_controls
from cloudscope.views.analysis_panel import PARAMETERS_CHANGED, AnalysisPanel
from cloudscope.views.result_numbers import result_rows, run_moment
from cloudscope.views.run_controls import RunProgress

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

STEPS = Calibration(0.001, 0.25, "seconds", "um", "Olympus text file")
ROI, OTHER = RectROI(1, 0, 2000, 0, 32), RectROI(2, 100, 900, 0, 32, "stall")
NAME = "radon_velocity"
KEY = AnalysisKey(NAME, 0, 1)
RADON = analyses()[NAME]
DEFAULTS = {field.name: field.default for field in RADON.schema().fields}
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def panel(theme, qtbot):
    panel = AnalysisPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(280, 460)
    panel.show()
    panel.runs = []
    panel.runRequested.connect(lambda name, parameters: panel.runs.append((name, parameters)))
    panel.show_scene(scene())
    return panel


def scene(*shown, file_id="a.tif", roi_id=1, **changes):
    given = {
        "selection": Selection(file_id, 0, roi_id, NAME),
        "header": ImageHeader(file_id, (2000, 32), ("Y", "X"), "uint16", STEPS),
        "calibration": STEPS,
        "rois": (ROI, OTHER),
        "records": shown,
    }
    return Scene(**(given | changes))


def ran(stale="", parameters=None, key=KEY, note=""):
    flag = np.full(100, "", "U12")
    flag[:3] = "low_snr"
    velocity = np.linspace(200, 600, 100)
    rows = {
        "time_s": (32 + 16 * np.arange(100)) * 0.001,
        "velocity": velocity,
        "velocity_se": np.full(100, 20.0),
        "flag": flag,
    }
    moment = "2024-05-14T16:02:10+00:00"
    used = DEFAULTS | (parameters or {})
    made = Provenance(used, ROI.geometry, STEPS.steps, moment, note=note)
    return ShownRecord(AnalysisRecord(key, used, {}, ResultTable(rows), made), RADON.title, stale)


def set_field(panel, name, value):
    """What the user's finished edit does."""
    editor = panel._parameters._form.editor(name)
    editor.show_value(value)
    editor.finished.emit()


def choose(box, text):
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


# --- choices --------------------------------------------------------------------------------


def test_every_analysis_is_listed(panel):
    titles = [
        panel._choice.analysis_box.itemText(i) for i in range(panel._choice.analysis_box.count())
    ]
    assert titles == [one.title for one in analyses().values()]


def test_choosing_a_roi(panel):
    chosen = []
    panel.roiChosen.connect(chosen.append)
    assert panel._choice.roi_box.currentText() == "1"
    choose(panel._choice.roi_box, "stall")
    assert chosen == [2]
    panel.show_scene(scene(roi_id=2))
    assert chosen == [2]


def test_without_a_roi_the_whole_image_is_offered(panel, qtbot):
    panel.show_scene(scene(rois=(), roi_id=None))
    assert panel._choice.roi_box.currentText() == "Whole image"
    assert not panel._choice.whole.isHidden()
    qtbot.mouseClick(panel._controls.run_button, LEFT)
    assert panel.runs == [(NAME, DEFAULTS)]


def test_nothing_selected(panel):
    panel.show_scene(Scene())
    assert panel.currentIndex() == 0
    panel.show_scene(scene())
    assert panel.currentIndex() == 1


# --- parameters -----------------------------------------------------------------------------


def test_run_asks_with_all_parameters(panel, qtbot):
    set_field(panel, "window_width", 32)
    qtbot.mouseClick(panel._controls.run_button, LEFT)
    assert panel.runs == [(NAME, DEFAULTS | {"window_width": 32})]


def test_run_takes_what_is_being_typed(panel, qtbot):
    line = panel._parameters._form.editor("window_width").lineEdit()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "128")
    panel.request_run()
    assert panel.runs[0][1]["window_width"] == 128


def test_a_field_that_is_not_valid_stops_the_run(panel, qtbot):
    set_field(panel, "window_width", 3)
    panel.request_run()
    assert panel.runs == []
    assert panel._parameters._form.fault("window_width")


def test_a_preset_sets_every_parameter(panel):
    set_field(panel, "remove_stripes", False)
    assert panel._parameters.preset.currentText() == "Custom"
    name, values = next(iter(RADON.presets.items()))
    choose(panel._parameters.preset, name)
    assert panel.parameters == DEFAULTS | dict(values)
    choose(panel._parameters.preset, "Default")
    assert panel.parameters == DEFAULTS


def test_changed_since_the_run_is_marked_and_changing_back_clears_it(panel):
    panel.show_scene(scene(ran()))
    assert panel._notice.isHidden()
    set_field(panel, "window_width", 32)
    assert panel._notice.text == PARAMETERS_CHANGED
    assert panel._parameters.changed() == {"window_width"}
    set_field(panel, "window_width", 64)
    assert panel._notice.isHidden()
    assert panel._parameters.changed() == set()


def test_typed_parameters_survive_other_edits_of_the_recording(panel):
    panel.show_scene(scene(ran()))
    set_field(panel, "window_width", 32)
    panel.show_scene(scene(ran(), dirty=True))
    assert panel.parameters["window_width"] == 32


def test_typed_parameters_are_working_values_where_there_is_no_result(panel):
    set_field(panel, "window_width", 32)
    panel.show_scene(scene(file_id="b.tif"))
    assert panel.parameters["window_width"] == 32


def test_a_result_shows_its_own_parameters(panel):
    set_field(panel, "window_width", 32)
    panel.show_scene(scene(ran(parameters={"window_width": 128}), file_id="b.tif"))
    assert panel.parameters["window_width"] == 128
    panel.show_scene(scene(file_id="c.tif"))
    assert panel.parameters["window_width"] == 32


def test_a_new_result_keeps_the_fields(panel):
    set_field(panel, "window_width", 32)
    panel.show_scene(scene(ran(parameters={"window_width": 32})))
    assert panel.parameters["window_width"] == 32
    assert panel._notice.isHidden()


def test_units_follow_the_calibration(panel):
    assert panel._parameters._units["scan_speed_correction"] == "µm/s"
    panel.show_scene(scene(calibration=Calibration()))
    assert panel._parameters._units["scan_speed_correction"] == "px/line"


# --- state ----------------------------------------------------------------------------------


def test_out_of_date_tells_why(panel):
    panel.show_scene(scene(ran("ROI 1 moved since this run")))
    assert panel._notice.text == "ROI 1 moved since this run"
    assert panel._notice.property("kind") == "warn"
    assert not panel._results.isHidden()


def test_rerun_counts_what_is_out_of_date(panel, qtbot):
    other = ran("ROI 2 moved since this run", key=AnalysisKey(NAME, 0, 2))
    panel.show_scene(scene(ran("ROI 1 moved since this run"), other))
    assert panel._controls.rerun_button.text() == "Rerun 2 Out of Date"
    with qtbot.waitSignal(panel.rerunStaleRequested):
        qtbot.mouseClick(panel._controls.rerun_button, LEFT)
    panel.show_scene(scene(ran()))
    assert panel._controls.rerun_button.isHidden()


def test_running_can_be_stopped(panel, qtbot):
    panel.show_scene(scene(running=frozenset({KEY})))
    panel.show_progress(KEY, 0.44, "Window 65 of 147")
    controls = panel._controls
    assert controls.run_button.isHidden()
    assert controls._text.text() == "Window 65 of 147"
    assert controls._bar.value() == 440
    with qtbot.waitSignal(panel.stopRequested):
        qtbot.mouseClick(controls.stop_button, LEFT)
    panel.show_scene(scene())
    assert not controls.run_button.isHidden()
    assert controls._progress.isHidden()


def test_progress_of_another_roi_is_not_shown(panel):
    panel.show_scene(scene(running=frozenset({AnalysisKey(NAME, 0, 2)})))
    panel.show_progress(AnalysisKey(NAME, 0, 2), 0.5, "Window 2 of 4")
    assert not panel._controls.run_button.isHidden()


def test_time_left(monkeypatch):
    monkeypatch.setattr(run_controls.time, "monotonic", lambda: 100.0)
    begun = RunProgress.begun()
    assert begun.at(0.5, "").time_left(100.2) == ""
    assert begun.at(0.5, "").time_left(102.0) == "2 s left"
    assert begun.at(0.01, "").time_left(130.0) == ""
    assert begun.at(0.1, "").time_left(160.0) == "9 min left"


def test_a_failure_is_told_until_the_next_run(panel, qtbot):
    panel.show_failure(KEY, "The ROI has 12 lines, fewer than one window of 64.")
    assert panel._notice.text == "The ROI has 12 lines, fewer than one window of 64."
    assert panel._notice.property("kind") == "err"
    panel.show_scene(scene(roi_id=2))
    assert panel._notice.isHidden()
    panel.show_scene(scene())
    assert not panel._notice.isHidden()
    qtbot.mouseClick(panel._controls.run_button, LEFT)
    panel.show_scene(scene(running=frozenset({KEY})))
    assert panel._notice.isHidden()


@pytest.mark.parametrize(
    "changes",
    [
        {"rois": (LineROI(1, 0, 0, 10, 10),)},
        {"failure": "Cannot read a.tif"},
    ],
    ids=["line", "no picture"],
)
def test_a_run_that_cannot_be_is_not_offered(panel, changes):
    panel.show_scene(scene(**changes))
    assert not panel._controls.run_button.isEnabled()
    assert panel._controls.run_button.toolTip()
    panel.request_run()
    assert panel.runs == []


# --- results --------------------------------------------------------------------------------


def test_numbers_of_the_accepted_windows():
    rows = dict(result_rows(ran().record, RADON, STEPS))
    velocity = np.linspace(0.2, 0.6, 100)[3:]
    # Windows of 64 lines every 16 lines: one in four is a new observation.
    error = 0.02 * np.sqrt(4 / 97)
    assert rows["Mean"] == f"{velocity.mean():.3f} ± {error:.3f} mm/s"
    assert rows["Range"] == "0.21 to 0.60 mm/s"
    assert rows["Valid"] == "97.0 % of 100"


def test_no_accepted_window():
    columns = dict(ran().record.table.columns) | {"flag": np.full(100, "blank")}
    record = replace(ran().record, table=ResultTable(columns))
    assert result_rows(record, RADON, STEPS) == (
        ("Mean", "–"), ("Range", "–"), ("Valid", "0 of 100"),
    )  # fmt: skip


def test_results_of_a_recording_without_calibration():
    record = ran().record
    record = replace(record, provenance=replace(record.provenance, steps=(1.0, 1.0)))
    rows = dict(result_rows(record, RADON, Calibration()))
    assert rows["Range"].endswith(" px/line")


def test_moment_of_the_run():
    english = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
    assert run_moment("2024-05-14T12:02:10+00:00", english).startswith("14 May 2024, ")
    assert run_moment("", english) == ""
    assert run_moment("soon", english) == ""


def test_the_note_of_a_mended_record(panel):
    panel.show_scene(scene(ran(note="Velocities were recomputed from the stored angles.")))
    assert panel._results._note.text() == "Velocities were recomputed from the stored angles."
    panel.show_scene(scene(ran()))
    assert panel._results._note.isHidden()


def test_a_table_is_not_read_while_the_picture_loads(panel):
    def fetch():
        raise AssertionError("read on the thread that paints")

    shown = ran()
    table = ResultTable.deferred(fetch, "a")
    shown = replace(shown, record=replace(shown.record, table=table))
    panel.show_scene(scene(shown, loading=True))


def test_label_columns_are_in_line(panel, theme):
    for appearance in ("dark", "light"):
        theme.set_appearance(appearance)
        left = {
            box.mapTo(panel, box.rect().topLeft()).x()
            for box in (
                panel._choice.analysis_box,
                panel._choice.roi_box,
                panel._parameters.preset,
                panel._parameters._form.editor("window_width"),
            )
        }
        assert len(left) == 1
