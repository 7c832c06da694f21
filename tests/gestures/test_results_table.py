"""The rows of a result: read, copied, exported, and the way back to the picture."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from acqcore.analysis.event import add_events
from acqcore.model.record import AnalysisKey, AnalysisRecord
from cloudscope.features.results_table import ResultsTable

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def feature(window) -> ResultsTable:
    return next(one for one in window.features if isinstance(one, ResultsTable))


@pytest.fixture
def panel(user, window, feature, make_tiff):
    """A recording with velocities, the fifth of them flagged, and the dock open."""
    user.open(make_tiff("a.tif", lines=2000))
    window.controller.add_roi()
    QApplication.processEvents()
    window.actions_by_id["run"].trigger()
    user.wait()
    window.actions_by_id["results"].trigger()
    QApplication.processEvents()
    return feature.panel


def cell(panel, row: int, column: int) -> str:
    return panel.model.index(row, column).data()


def test_hidden_until_it_is_wanted(user, window, feature) -> None:
    assert feature.dock is None
    user.press(Key.Key_T, Keys.ControlModifier)
    assert feature.dock.isVisible()
    assert window.actions_by_id["results"].isChecked()
    assert "Select a recording" in feature.panel.sentence.text()
    user.press(Key.Key_T, Keys.ControlModifier)
    assert not feature.dock.isVisible()
    assert not window.actions_by_id["results"].isChecked()


def test_rows_with_units(user, panel) -> None:
    (record,) = user.image.state.records
    assert panel.model.rowCount() == len(record.table)
    headings = [
        panel.model.headerData(one, Qt.Orientation.Horizontal)
        for one in range(panel.model.columnCount())
    ]
    assert "Velocity\nµm/s" in headings
    assert "Time\ns" in headings
    assert float(cell(panel, 0, 0)) == pytest.approx(float(record.table["time_s"][0]), rel=1e-3)
    assert panel.title.text().startswith("Velocity (Radon), ROI 1 · ")


def test_a_row_moves_the_cursor(user, window, panel) -> None:
    panel.table.setFocus()
    panel.table.selectRow(3)
    user.press(Key.Key_Down)
    line = panel.model.line_of(4)
    assert window.view.trace.panes[0].plot._cursor_line == line


def test_enter_and_double_click_zoom_there(user, window, panel) -> None:
    panel.table.setFocus()
    panel.table.selectRow(50)
    user.press(Key.Key_Return)
    first, last = user.visible[:2]
    assert first < panel.model.line_of(50) < last
    assert last - first < 600
    panel.table.doubleClicked.emit(panel.model.index(10, 0))
    QApplication.processEvents()
    assert user.visible[0] < panel.model.line_of(10) < user.visible[1]


def test_flagged_rows_with_their_reasons(user, window, panel, monkeypatch) -> None:
    (record,) = user.image.state.records
    rows = {name: values.copy() for name, values in record.table.columns.items()}
    rows["flag"] = rows["flag"].astype("U12")
    rows["flag"][:] = ""
    rows["flag"][[4, 9]] = "low_snr", "saturated"
    changed = type(record)(
        record.key, record.parameters, record.summary, type(record.table)(rows), record.provenance
    )
    window.controller.edit(user.image, user.image.state.with_record(changed), "Flags")
    assert "2 flagged" in panel.title.text()
    user.click(panel.flagged, QPoint(8, panel.flagged.height() // 2))
    assert panel.model.rowCount() == 2
    flags = [
        cell(panel, row, panel.model.columnCount() - 1) for row in range(panel.model.rowCount())
    ]
    assert flags == ["Signal is lost in the noise", "Detector saturated"]
    assert panel.model.headerData(1, Qt.Orientation.Vertical) == "10"
    panel.table.selectRow(1)
    panel.table.setFocus()
    user.press(Key.Key_Return)
    assert user.visible[0] < panel.model.line_of(1) < user.visible[1]


def test_copy_as_text_with_tabs(user, panel) -> None:
    panel.table.setFocus()
    panel.table.selectRow(2)
    user.press(Key.Key_C, Keys.ControlModifier)
    head, row = QApplication.clipboard().text().splitlines()
    (record,) = user.image.state.records
    column = head.split("\t").index("Velocity (µm/s)")
    assert float(row.split("\t")[column]) == record.table["velocity"][2]


def test_export(user, window, panel, tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(target), ""))
    user.click(panel.export)
    user.wait()
    with target.open(newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2 + panel.model.rowCount()
    assert "out.csv" in window.view.messages.text


def test_another_analysis_another_table(user, window, panel) -> None:
    window.controller.choose_analysis("diameter")
    assert panel.model.rowCount() == 0
    assert panel.sentence.text() == "No result of Diameter here yet: run it in the Analysis panel"
    window.controller.choose_analysis("radon_velocity")
    assert panel.model.rowCount() > 0


def test_open_again_next_time(window, panel, theme) -> None:
    for feature in window.features:
        feature.closing()
    assert window.settings.block("results_dock") == {"shown": True}


# --- other lists than the rows -----------------------------------------------


def choose_list(panel, words: str) -> None:
    panel.listed.setCurrentIndex(panel.listed.findText(words))
    panel.listed.activated.emit(panel.listed.currentIndex())
    QApplication.processEvents()


def test_stretches_that_are_not_to_be_trusted(user, window, panel, monkeypatch, tmp_path) -> None:
    (record,) = user.image.state.records
    rows = {name: values.copy() for name, values in record.table.columns.items()}
    rows["flag"] = np.full(len(record.table), "", "U12")
    rows["flag"][4:9], rows["flag"][60:62] = "low_snr", "saturated"
    changed = replace(record, table=type(record.table)(rows))
    window.controller.edit(user.image, user.image.state.with_record(changed), "Flags")
    choose_list(panel, "Quality")
    assert panel.title.text().endswith("2 flagged stretches")
    assert not panel.flagged.isVisible()
    assert [cell(panel, row, 2) for row in range(2)] == ["5", "2"]
    assert [cell(panel, row, 3) for row in range(2)] == [
        "Signal is lost in the noise",
        "Detector saturated",
    ]
    window.view.kymograph.set_time_range(0, 300)
    panel.table.setFocus()
    panel.table.selectRow(1)  # out of sight: the time moves
    first, last = panel.model.span_of(1)
    low, high = user.visible[:2]
    assert low < first < high
    assert high - low == pytest.approx(300, abs=1)
    user.press(Key.Key_Return)
    low, high = user.visible[:2]
    assert low < first < last < high < low + 300
    window.controller.choose_analysis("diameter")
    assert panel.listed.currentText() == "Rows"
    window.controller.choose_analysis("radon_velocity")
    assert panel.listed.currentText() == "Quality"  # as it was left


def test_events_as_a_list(user, window, panel, monkeypatch, tmp_path: Path) -> None:
    image = user.image
    (parent,) = image.state.records
    key = AnalysisKey("event", 0, 1)
    record = add_events(AnalysisRecord(key), parent, [(2.0, 2.2, "rise"), (0.5, 0.6)])
    window.controller.edit(image, image.state.with_record(record), "Seed")
    window.controller.choose_analysis("event")
    assert panel.title.text() == "Events, ROI 1 · 2 events"
    assert not panel.listed.isVisible()  # there is only one
    assert [cell(panel, row, 1) for row in range(2)] == ["user", "rise"]
    panel.table.doubleClicked.emit(panel.model.index(1, 0))
    QApplication.processEvents()
    low, high = user.visible[:2]
    assert (low, high) == pytest.approx((1000 - 150, 1100 + 150), abs=2)
    panel.copy_rows()
    head, first, _ = QApplication.clipboard().text().splitlines()
    assert head.split("\t")[:4] == ["Event", "Type", "Start (s)", "End (s)"]
    assert first.split("\t")[:4] == ["2", "user", "0.5", "0.6"]
    target = tmp_path / "events.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(target), ""))
    user.click(panel.export)
    user.wait()
    with target.open(newline="") as file:
        assert len(list(csv.reader(file))) == 4


def test_peaks_as_a_list(user, window, panel) -> None:
    window.controller.choose_analysis("sum_intensity")
    window.actions_by_id["run"].trigger()
    user.wait_until(lambda: len(user.image.state.records) == 2)
    user.wait_until(lambda: panel.model.rowCount() > 0)
    choose_list(panel, "Peaks")
    (_, record) = user.image.state.records
    count = record.summary["num_peaks"]
    assert panel.model.rowCount() == count
    if count == 0:
        assert panel.sentence.text() == "Intensity (dF/F0) found no peaks"
