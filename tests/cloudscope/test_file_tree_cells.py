"""What the cells of the file tree say: names, states, verdicts, results, headings."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from acqcore.model.record import AnalysisKey
from acqcore.model.state import Review
from acqcore.model.tree_rows import analysis_row, file_row
from cloudscope.item_models import file_tree_entry
from cloudscope.item_models.file_tree import FileTreeModel, RowMarks
from cloudscope.item_models.file_tree_cells import STALE_ROLE, STATE_ROLE

Role = Qt.ItemDataRole
SPEED = AnalysisKey("speed", 0, 1)
PULSE = AnalysisKey("pulse", 0, 2)


def rows_of(name, *keys, channels=1):
    file_id = f"/data/day1/{name}"
    values = {
        "name": name,
        "saved": True,
        "path": file_id,
        "parent": "day1",
        "grandparent": "data",
        "condition": "Ctrl",
        "genotype": "WT",
        "num_channels": channels,
        "num_rois": 1,
        "accept": True,
    }
    return [file_row(file_id, values), *(analysis_row(file_id, key) for key in keys)]


def filled(*rows, **marks):
    model = FileTreeModel()
    model.add_files([(one, RowMarks(**marks)) for one in rows])
    return model


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def children(model, row=0):
    parent = model.index(row, 0)
    return [model.index(at, 0, parent).data() for at in range(model.rowCount(parent))]


def cell(model, row, field, role=Role.DisplayRole):
    return model.index(row, model.column_of(field)).data(role)


@pytest.fixture(autouse=True)
def one_analysis(monkeypatch):
    known = {"speed": SimpleNamespace(title="Velocity (Radon)")}
    monkeypatch.setattr(file_tree_entry, "analyses", lambda: known)


def test_a_suffix_is_shown_only_where_it_tells_files_apart():
    model = filled(rows_of("a.tif"), rows_of("b.tif"))
    assert names(model) == ["a", "b"]

    model.add_file(rows_of("c.ome.tif"), RowMarks())
    assert names(model) == ["a.tif", "b.tif", "c.ome.tif"]
    model.remove_file("/data/day1/c.ome.tif")
    assert names(model) == ["a", "b"]
    model.add_problem("/data/d.oir", "It is truncated.")
    assert names(model) == ["a", "b", "d.oir"]


def test_unsaved_outweighs_a_problem_and_the_tip_tells_both():
    model = filled(rows_of("a.tif"), dirty=True, problem="The sidecar is damaged.")
    model.add_file(rows_of("b.tif"), RowMarks(loading=True))

    assert cell(model, 0, "saved", STATE_ROLE) == "unsaved"
    assert cell(model, 0, "saved", Role.ToolTipRole) == "Unsaved changes\nThe sidecar is damaged."
    assert cell(model, 1, "saved") == "…"
    model.update_file("/data/day1/a.tif", rows_of("a.tif"), RowMarks(problem="Damaged."))
    assert cell(model, 0, "saved", STATE_ROLE) == "problem"


def test_the_verdict_is_a_check_in_three_states_and_in_words():
    model = filled(rows_of("a.tif"), review=Review.ACCEPTED)
    model.add_file(rows_of("b.tif"), RowMarks(review=Review.REJECTED))
    model.add_file(rows_of("c.tif"), RowMarks())

    checks = [cell(model, row, "accept", Role.CheckStateRole) for row in range(3)]
    assert checks == [
        Qt.CheckState.Checked,
        Qt.CheckState.Unchecked,
        Qt.CheckState.PartiallyChecked,
    ]
    words = [cell(model, row, "accept", Role.AccessibleTextRole) for row in range(3)]
    assert words == ["Accepted", "Rejected", "Undecided"]
    assert cell(model, 0, "name", Role.AccessibleTextRole) == "a, Accepted"
    model.sort(model.column_of("accept"))
    assert names(model) == ["a", "b", "c"]


def test_an_analysis_is_named_by_its_short_title_and_its_roi():
    rows = rows_of("a.tif", SPEED, PULSE)
    late = rows[1]["tree_row_id"]
    marks = RowMarks(stale={late: "ROI 1 moved since this run"}, roi_names={2: "vein"})
    model = FileTreeModel()
    model.add_file(rows, marks)

    assert children(model) == ["Velocity · 1", "pulse · vein"]
    index = model.index_of("/data/day1/a.tif", late)
    assert index.data(STALE_ROLE) == "ROI 1 moved since this run"
    told = "Velocity (Radon), ROI 1, channel 1\nOut of date: ROI 1 moved since this run"
    assert index.data(Role.ToolTipRole) == told
    assert model.row_of(index)["analysis_name"] == "speed"
    assert not model.index_of("/data/day1/a.tif", "gone").isValid()


def test_the_channel_is_told_where_there_is_a_choice():
    model = filled(rows_of("a.tif", AnalysisKey("speed", 1, 3), channels=2))

    assert children(model) == ["Velocity · 3 · ch 2"]


def test_headings_are_short_to_the_eye_and_whole_to_the_ear():
    model = FileTreeModel()
    across = Qt.Orientation.Horizontal
    columns = range(model.columnCount())

    assert [model.headerData(column, across) for column in columns][:5] == [
        "Name",
        "",
        "",
        "Cond.",
        "ROIs",
    ]
    assert all(model.headerData(column, across, Role.AccessibleTextRole) for column in columns)
    assert model.headerData(3, across, Role.ToolTipRole) == "Sort by condition"
