"""The Files panel as a user meets it: mouse, keyboard, filter, columns, both themes."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication

from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import analysis_row, file_row
from cloudscope.item_models.file_tree import RowMarks
from cloudscope.theme import Theme
from cloudscope.views.file_tree_view import FileTreePanel

# Said by the offscreen platform for every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SPEED = AnalysisKey("speed", 0, 1)
WIDTH = AnalysisKey("width", 0, 1)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def theme(qapp, tmp_path_factory):
    look = Theme(qapp, tmp_path_factory.mktemp("cache"))
    look.set_appearance("light")
    return look


@pytest.fixture
def panel(theme, qtbot):
    shown = FileTreePanel(theme)
    qtbot.addWidget(shown)
    shown.resize(280, 500)
    shown.show()
    shown.activateWindow()
    qtbot.waitActive(shown)
    shown.model.add_files([(rows_of("cap1", SPEED, WIDTH), RowMarks())])
    shown.model.add_files([(rows_of(f"cap{n}"), RowMarks()) for n in range(2, 13)])
    return shown


@pytest.fixture
def chosen(panel):
    heard = []
    panel.recordingChosen.connect(lambda file_id, key: heard.append((file_id, key)))
    return heard


def rows_of(name, *keys, condition="Ctrl", file_id=""):
    file_id = file_id or f"/data/{name}.tif"
    values = {"name": f"{name}.tif", "path": file_id, "condition": condition, "num_rois": 1}
    return [file_row(file_id, values), *(analysis_row(file_id, key) for key in keys)]


def click(panel, qtbot, index):
    qtbot.mouseClick(panel.tree.viewport(), LEFT, pos=panel.tree.visualRect(index).center())


def current_name(panel):
    return panel.tree.currentIndex().siblingAtColumn(0).data()


def first_column(panel, row):
    return panel.model.index(row, 0)


# --- choosing ---------------------------------------------------------------------------


def test_a_click_chooses_a_recording_and_a_result(panel, chosen, qtbot):
    panel.tree.expand(first_column(panel, 0))
    click(panel, qtbot, first_column(panel, 3))
    click(panel, qtbot, panel.model.index(1, 0, first_column(panel, 0)))

    assert chosen == [("/data/cap4.tif", None), ("/data/cap1.tif", WIDTH)]


def test_arrow_keys_walk_through_the_recordings(panel, chosen, qtbot):
    panel.select("/data/cap3.tif")
    panel.tree.setFocus()

    qtbot.keyClick(panel.tree, Qt.Key.Key_Down)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Up)

    assert chosen == [("/data/cap4.tif", None), ("/data/cap3.tif", None)]


def test_a_second_click_on_the_row_means_it_again(panel, chosen, qtbot):
    click(panel, qtbot, first_column(panel, 2))
    click(panel, qtbot, panel.model.index(2, 3))

    port, row = panel.tree.viewport(), panel.tree.visualRect(first_column(panel, 2))
    qtbot.mouseClick(port, Qt.MouseButton.RightButton, pos=row.center())
    qtbot.mouseClick(port, LEFT, pos=QPoint(5, row.center().y()))

    assert chosen == [("/data/cap3.tif", None)] * 2


def test_what_the_program_selects_is_not_reported(panel, chosen, qtbot):
    panel.select("/data/cap5.tif")
    panel.tree.setFocus()
    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])
    assert current_name(panel) == "width · 1"
    panel.select("/data/cap1.tif", "gone")
    assert current_name(panel) == "cap1"
    panel.select("")

    assert chosen == []
    assert panel.selected_file_ids() == []


def test_the_focus_alone_chooses_nothing(panel, chosen, qtbot):
    panel.tree.setFocus()

    assert panel.tree.currentIndex().isValid()
    assert chosen == []
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert chosen == [("/data/cap1.tif", None)]


def test_an_unreadable_file_takes_the_focus_but_is_not_chosen(panel, chosen, qtbot):
    panel.model.add_problem("/data/zap.tif", "Cannot read zap.tif: it is truncated.")
    index = panel.model.index_of("/data/zap.tif")

    click(panel, qtbot, index)

    assert chosen == []
    assert current_name(panel) == "zap"
    assert panel.selected_file_ids() == []


def test_a_name_that_is_not_utf8_comes_back_whole(panel, chosen, qtbot):
    file_id = os.fsdecode(b"/data/caf\xe9.tif")
    panel.model.add_file(rows_of("caf", file_id=file_id), RowMarks())

    click(panel, qtbot, panel.model.index_of(file_id))

    assert chosen == [(file_id, None)]


def test_several_recordings_can_be_selected(panel, qtbot):
    click(panel, qtbot, first_column(panel, 1))
    at = panel.tree.visualRect(first_column(panel, 4)).center()
    qtbot.mouseClick(panel.tree.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, at)

    assert panel.selected_file_ids() == [f"/data/cap{n}.tif" for n in (2, 3, 4, 5)]


# --- keys and verdicts ------------------------------------------------------------------


def test_a_click_on_the_verdict_judges_without_selecting(panel, chosen, qtbot):
    judged = []
    panel.reviewCycled.connect(judged.append)
    verdict = panel.model.index(4, panel.model.column_of("accept"))

    click(panel, qtbot, verdict)
    qtbot.mouseDClick(panel.tree.viewport(), LEFT, pos=panel.tree.visualRect(verdict).center())

    assert set(judged) == {"/data/cap5.tif"}
    assert chosen == []
    assert panel.selected_file_ids() == []


def test_a_press_that_leaves_the_verdict_judges_nothing(panel, qtbot):
    judged = []
    panel.reviewCycled.connect(judged.append)
    port = panel.tree.viewport()
    verdict = panel.tree.visualRect(panel.model.index(4, panel.model.column_of("accept")))

    qtbot.mousePress(port, LEFT, pos=verdict.center())
    qtbot.mouseRelease(port, LEFT, pos=verdict.center() + QPoint(0, 3 * verdict.height()))

    assert judged == []


def test_a_judges_the_recording_of_the_current_row(panel, qtbot):
    judged = []
    panel.reviewCycled.connect(judged.append)
    panel.tree.setFocus()
    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])
    qtbot.keyClick(panel.tree, Qt.Key.Key_A)
    panel.model.add_problem("/data/zap.tif", "It is truncated.")
    panel.tree.setCurrentIndex(panel.model.index_of("/data/zap.tif"))
    qtbot.keyClick(panel.tree, Qt.Key.Key_A)

    assert judged == ["/data/cap1.tif"]


def test_typing_jumps_to_a_name_and_its_letters_are_no_shortcuts(panel, chosen, qtbot):
    judged = []
    panel.reviewCycled.connect(judged.append)
    panel.model.add_file(rows_of("zap"), RowMarks())
    panel.tree.setFocus()
    letter = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_A, Qt.KeyboardModifier(0), "a")
    letter.ignore()
    QApplication.sendEvent(panel.tree, letter)
    assert not letter.isAccepted()

    qtbot.keyClicks(panel.tree, "za")

    QApplication.sendEvent(panel.tree, letter)
    assert letter.isAccepted()
    assert current_name(panel) == "zap"
    assert chosen[-1] == ("/data/zap.tif", None)
    assert judged == []


def test_enter_and_right_unfold(panel, qtbot):
    panel.select("/data/cap1.tif")
    panel.tree.setFocus()

    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert panel.tree.isExpanded(first_column(panel, 0))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Left)
    assert not panel.tree.isExpanded(first_column(panel, 0))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Right)
    assert panel.tree.isExpanded(first_column(panel, 0))


def test_the_menu_is_asked_for_with_the_recording(panel, qtbot):
    asked = []
    panel.contextMenuRequested.connect(lambda where, file_id: asked.append(file_id))

    port = panel.tree.viewport()
    at_row = panel.tree.visualRect(first_column(panel, 1)).center()
    panel.select("/data/cap4.tif")
    for reason, at in (("Mouse", at_row), ("Mouse", QPoint(10, 450)), ("Keyboard", at_row)):
        why = QContextMenuEvent.Reason[reason]
        QApplication.sendEvent(port, QContextMenuEvent(why, at, port.mapToGlobal(at)))

    assert asked == ["/data/cap2.tif", "", "/data/cap4.tif"]


# --- filter -----------------------------------------------------------------------------


def test_the_filter_hides_and_gives_back_selection_and_unfolded_rows(panel, chosen, qtbot):
    panel.tree.expand(first_column(panel, 0))
    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])
    heard = []
    panel.filterEdited.connect(heard.append)
    panel.focus_filter()

    qtbot.keyClicks(panel.filter, "cap7")
    assert panel.model.visible_file_ids() == ["/data/cap7.tif"]
    assert panel.selected_file_ids() == []
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)

    assert heard[-2:] == ["cap7", ""]
    assert panel.tree.isExpanded(first_column(panel, 0))
    assert current_name(panel) == "width · 1"
    assert panel.selected_file_ids() == ["/data/cap1.tif"]
    assert chosen == []


def test_keys_lead_into_the_filter_and_out_of_it(panel, chosen, qtbot):
    panel.focus_filter()
    assert panel.filter.hasFocus()
    qtbot.keyClicks(panel.filter, "cap8")
    qtbot.keyClick(panel.filter, Qt.Key.Key_Down)
    assert panel.tree.hasFocus()
    assert chosen == [("/data/cap8.tif", None)]

    panel.focus_filter()
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
    assert panel.tree.hasFocus()


# --- what stays -------------------------------------------------------------------------


def test_an_update_neither_folds_nor_deselects(panel, chosen):
    panel.tree.expand(first_column(panel, 0))
    row_id = rows_of("cap1", WIDTH)[1]["tree_row_id"]
    panel.select("/data/cap1.tif", row_id)
    top = panel.tree.verticalScrollBar().value()

    panel.model.update_file("/data/cap1.tif", rows_of("cap1", WIDTH), RowMarks(dirty=True))
    panel.model.update_file("/data/cap4.tif", rows_of("cap4", SPEED), RowMarks(dirty=True))

    assert panel.tree.isExpanded(first_column(panel, 0))
    assert current_name(panel) == "width · 1"
    assert panel.tree.verticalScrollBar().value() == top
    assert chosen == []


def test_a_result_that_goes_leaves_its_recording_selected(panel, chosen):
    panel.tree.expand(first_column(panel, 0))
    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])

    panel.model.update_file("/data/cap1.tif", rows_of("cap1", SPEED), RowMarks())

    assert current_name(panel) == "cap1"
    assert chosen == []


def test_a_fresh_result_unfolds_its_recording_unless_it_was_folded_by_hand(panel):
    panel.model.update_file("/data/cap2.tif", rows_of("cap2", SPEED), RowMarks())
    assert panel.tree.isExpanded(first_column(panel, 1))

    panel.tree.collapse(first_column(panel, 1))
    panel.model.update_file("/data/cap2.tif", rows_of("cap2", SPEED, WIDTH), RowMarks())
    assert not panel.tree.isExpanded(first_column(panel, 1))


def test_a_recording_folded_by_hand_stands_for_its_results(panel):
    panel.tree.expand(first_column(panel, 0))
    panel.tree.collapse(first_column(panel, 0))

    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])

    assert current_name(panel) == "cap1"
    assert not panel.tree.isExpanded(first_column(panel, 0))


def test_reading_the_folder_again_keeps_selection_and_unfolded_rows(panel, chosen):
    panel.tree.expand(first_column(panel, 0))
    panel.select("/data/cap1.tif", rows_of("cap1", WIDTH)[1]["tree_row_id"])

    panel.model.reset()
    panel.model.add_files([(rows_of("cap0"), RowMarks()), (rows_of("cap1", WIDTH), RowMarks())])

    assert panel.tree.isExpanded(first_column(panel, 1))
    assert current_name(panel) == "width · 1"
    assert chosen == []


def test_all_can_be_unfolded_and_folded(panel):
    panel.expand_all()
    panel.model.sort(0, Qt.SortOrder.DescendingOrder)
    assert panel.tree.isExpanded(first_column(panel, 11))
    panel.collapse_all()
    panel.model.sort(-1)
    assert not panel.tree.isExpanded(first_column(panel, 0))
