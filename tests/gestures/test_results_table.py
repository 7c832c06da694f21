"""The rows of a result: read, copied, exported, and the way back to the picture."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog

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
