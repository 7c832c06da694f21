"""Filtering by state, selecting many, and the tree as a table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from acqcore.model.record import AnalysisKey
from acqcore.model.state import Review
from acqcore.model.tree_rows import analysis_row, file_row
from cloudscope.item_models.file_tree import RowMarks
from cloudscope.item_models.file_tree_entry import STATES
from cloudscope.theme import Theme
from cloudscope.views.file_tree_view import FileTreePanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
STALE = str(analysis_row("/d/stale.tif", AnalysisKey("diameter", 0, 1))["tree_row_id"])
MARKS = {
    "plain": RowMarks(),
    "unsaved": RowMarks(dirty=True, review=Review.ACCEPTED),
    "stale": RowMarks(stale={STALE: "ROI moved"}),
    "problem": RowMarks(problem="half of it is missing"),
    "rejected": RowMarks(review=Review.REJECTED, reason="out of focus"),
}


@pytest.fixture
def panel(qapp, tmp_path, qtbot):
    panel = FileTreePanel(Theme(qapp, tmp_path))
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    for name, marks in MARKS.items():
        file_id = f"/d/{name}.tif"
        row = file_row(file_id, {"name": f"{name}.tif", "path": file_id})
        panel.model.add_file([row], marks)
    panel.model.add_problem("/d/broken.tif", "not a picture")
    return panel


def shown(panel) -> list[str]:
    model = panel.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("states", "names"),
    [
        ({"unsaved"}, ["unsaved"]),
        ({"stale"}, ["stale"]),
        ({"problem"}, ["problem", "broken"]),
        ({"accepted"}, ["unsaved"]),
        ({"rejected", "stale"}, ["stale", "rejected"]),
        ({"undecided"}, ["plain", "stale", "problem"]),
    ],
)
def test_any_of_the_ticked_states(panel, states, names):
    panel.states.set_states(frozenset(states))
    assert shown(panel) == names
    panel.states.clear()
    assert len(shown(panel)) == 6


def test_states_and_words_together(panel):
    panel.states.set_states(frozenset({"undecided"}))
    panel.filter.setText("sta")
    assert shown(panel) == ["stale"]
    panel.filter.setText("nothing")
    assert panel._sentence.text() == "No recording is undecided and matches “nothing”"


def test_the_reason_of_a_verdict_is_found(panel):
    panel.filter.setText("focus")
    assert shown(panel) == ["rejected"]


def test_what_is_ticked_is_told(panel):
    panel.states.set_states(frozenset({"stale", "unsaved", "no such state"}))
    assert panel.states.toolTip() == "Only unsaved or out of date recordings are shown"
    assert panel.states.states == {"stale", "unsaved"}
    assert set(panel.states.states) <= set(STATES)


def test_many_are_selected_without_a_report(panel, qtbot):
    panel.recordingChosen.connect(lambda *where: pytest.fail("nobody chose"))
    with qtbot.waitSignal(panel.selectionEdited):
        panel.select_many(["/d/stale.tif", "/d/plain.tif", "/d/unsaved.tif", "/d/gone.tif"])
    assert panel.selected_file_ids() == ["/d/plain.tif", "/d/unsaved.tif", "/d/stale.tif"]


def test_the_table_has_words_for_signs(panel):
    lines = [line.split("\t") for line in panel.table_text().splitlines()]
    assert lines[0][:3] == ["Name", "State", "Verdict"]
    assert lines[2][:3] == ["unsaved.tif", "Unsaved changes", "Accepted"]
    assert lines[5][:3] == ["rejected.tif", "", "Rejected: out of focus"]
    assert lines[6][:3] == ["broken.tif", "not a picture", ""]


def test_only_readable_recordings_can_be_dragged(panel):
    drag = Qt.ItemFlag.ItemIsDragEnabled
    assert panel.model.flags(panel.model.index_of("/d/plain.tif")) & drag
    assert not panel.model.flags(panel.model.index_of("/d/broken.tif")) & drag
