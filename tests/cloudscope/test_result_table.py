"""The table of a result: what its cells say, and that a million rows cost nothing."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from PySide6.QtCore import Qt

from acqcore.analysis import analyses
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from cloudscope.item_models.result_table import ResultTable as Table
from cloudscope.item_models.result_table import lines_of, shown_columns
from cloudscope.views.result_words import FLAG_WORDS, flag_words

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

STEPS = Calibration(0.001, 0.25, "seconds", "um")
RADON = analyses()["radon_velocity"]
ACROSS = Qt.Orientation.Horizontal


def record(count: int) -> AnalysisRecord:
    flag = np.full(count, "", "U12")
    flag[1::10] = "low_snr"
    velocity = np.linspace(100, 900, count)
    velocity[1::10] = np.nan
    rows = {
        "time_s": 0.032 + 0.016 * np.arange(count),
        "time_index": 32 + 16 * np.arange(count),
        "velocity": velocity,
        "flag": flag,
    }
    ran = Provenance({}, (100, 20_000, 0, 32), STEPS.steps)
    return AnalysisRecord(AnalysisKey("radon_velocity", 0, 1), {}, {}, ResultTable(rows), ran)


def filled(count: int) -> Table:
    table, one = Table(), record(count)
    table.show_rows(shown_columns(one, RADON, STEPS), lines_of(one, RADON), dict(FLAG_WORDS))
    return table


def test_cells_and_headings(qapp) -> None:
    table = filled(50)
    assert table.headerData(2, ACROSS) == "Velocity\nµm/s"
    assert table.headerData(0, Qt.Orientation.Vertical) == "1"
    assert table.index(0, 2).data() == "100.0"
    assert table.index(0, 1).data() == "32"
    assert table.index(1, 2).data() == "–"
    assert table.index(1, 3).data() == "Signal is lost in the noise"
    assert table.line_of(0) == pytest.approx(132)
    assert table.spacing == pytest.approx(16)


def test_units_of_a_recording_without_calibration(qapp) -> None:
    table, one = Table(), record(10)
    table.show_rows(shown_columns(one, RADON, Calibration()), lines_of(one, RADON), {})
    assert table.headerData(2, ACROSS) == "Velocity\npx/line"
    assert table.headerData(0, ACROSS) == "Time\nlines"


def test_flagged_only(qapp) -> None:
    table = filled(50)
    assert table.counts == (50, 5)
    table.set_flagged_only(True)
    assert table.rowCount() == 5
    assert table.headerData(1, Qt.Orientation.Vertical) == "12"
    assert table.line_of(1) == pytest.approx(132 + 16 * 11)
    assert table.row_at(table.line_of(3) + 1) == 3


@pytest.mark.timed
def test_a_million_rows(qapp) -> None:
    start = perf_counter()
    table = filled(1_000_000)
    table.set_flagged_only(True)
    table.set_flagged_only(False)
    for row in range(0, 1_000_000, 20_000):
        for column in range(table.columnCount()):
            table.index(row, column).data()
    assert table.rowCount() == 1_000_000
    assert perf_counter() - start < 3


def test_text_keeps_full_precision(qapp) -> None:
    table = filled(3)
    head, first, second, _ = table.tab_separated([0, 1, 2], [0, 2, 3]).splitlines()
    assert head == "Time (s)\tVelocity (µm/s)\tFlag"
    assert first == "0.032\t100.0\t"
    assert second == "0.048\t\tlow_snr"


def test_a_flag_that_nobody_knows_is_spelled_out() -> None:
    assert flag_words("quite_new") == "Quite new"
