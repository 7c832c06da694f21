"""The Files panel to the eye: columns, signs, colours and text size."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt

from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import analysis_row, file_row
from cloudscope.item_models.file_tree import RowMarks
from cloudscope.theme import Theme
from cloudscope.views.file_tree_view import FileTreePanel

# Said by the offscreen platform for every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SPEED = AnalysisKey("speed", 0, 1)


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
    shown.model.add_files([(rows_of(f"cap{n}"), RowMarks()) for n in range(1, 13)])
    return shown


def rows_of(name, *keys):
    file_id = f"/data/{name}.tif"
    values = {"name": f"{name}.tif", "path": file_id, "condition": "Ctrl", "num_rois": 1}
    return [file_row(file_id, values), *(analysis_row(file_id, key) for key in keys)]


def first_column(panel, row):
    return panel.model.index(row, 0)


def test_a_click_on_a_heading_sorts_and_a_third_one_goes_back(panel, qtbot):
    header = panel.tree.header()
    at = QPoint(20, header.height() // 2)
    orders = []
    for _ in range(3):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        orders.append(panel.model.visible_file_ids()[1])

    assert orders == ["/data/cap2.tif", "/data/cap11.tif", "/data/cap2.tif"]
    assert header.sortIndicatorSection() == -1


def test_columns_fit_the_panel(panel, qtbot):
    header = panel.tree.header()
    room = panel.tree.viewport().width
    rois = panel.model.column_of("num_rois")
    assert header.isSectionHidden(rois)
    assert header.length() == room()

    panel.resize(420, 500)
    assert not header.isSectionHidden(rois)
    assert header.length() == room()
    panel.resize(120, 500)
    assert header.sectionSize(0) >= 90


def test_the_heading_menu_shows_and_hides_columns(panel):
    header, column = panel.tree.header(), panel.model.column_of("genotype")
    menu = panel.columns.menu()
    actions = {action.objectName(): action for action in menu.actions()}
    assert "name" not in actions
    assert not actions["genotype"].isChecked()

    actions["genotype"].trigger()
    assert not header.isSectionHidden(column)
    menu.actions()[-1].trigger()
    assert header.isSectionHidden(column)
    menu.close()


def test_columns_and_sort_are_remembered(panel, theme, qtbot):
    assert panel.columns.saved().isEmpty()
    panel.tree.header().setSortIndicator(0, Qt.SortOrder.DescendingOrder)
    panel.columns.menu().actions()[3].trigger()
    state = panel.columns.saved()

    other = FileTreePanel(theme)
    qtbot.addWidget(other)
    other.model.add_files([(rows_of(name), RowMarks()) for name in ("a", "b")])
    other.columns.restore(state)

    assert other.model.visible_file_ids() == ["/data/b.tif", "/data/a.tif"]
    assert not other.tree.header().isSectionHidden(4)
    other.columns.restore(QByteArray(b"damaged"))
    assert other.tree.header().sortIndicatorSection() == 0


def test_columns_stay_when_the_first_row_is_hidden(panel):
    header = panel.tree.header()
    before = [header.sectionSize(column) for column in range(header.count())]

    panel.filter.setText("cap1")
    panel.tree.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    panel.filter.setText("cap7")
    panel.tree.sortByColumn(0, Qt.SortOrder.DescendingOrder)

    assert [header.sectionSize(column) for column in range(1, header.count())] == before[1:]
    assert header.length() == panel.tree.viewport().width()


def test_a_name_column_that_was_dragged_stays_as_wide(panel):
    header = panel.tree.header()
    header.resizeSection(0, 300)
    panel.resize(300, 500)
    assert header.sectionSize(0) == 300
    assert panel.tree.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    panel.columns.reset()
    assert header.length() == panel.tree.viewport().width()


# --- looks ------------------------------------------------------------------------------


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_signs_and_frame_are_drawn_in_the_colours_of_the_theme(panel, theme, qtbot, appearance):
    theme.set_appearance(appearance)
    stale = rows_of("cap2", SPEED)
    marks = RowMarks(dirty=True, stale={stale[1]["tree_row_id"]: "ROI 1 moved since this run"})
    panel.model.update_file("/data/cap2.tif", stale, marks)
    panel.select("/data/cap3.tif")
    panel.tree.setFocus()

    picture = panel.tree.viewport().grab().toImage()

    state = panel.tree.visualRect(panel.model.index(1, panel.model.column_of("saved")))
    frame = panel.tree.visualRect(panel.model.index_of("/data/cap3.tif"))
    badge = panel.tree.visualRect(panel.model.index(0, 0, first_column(panel, 1)))
    assert picture.pixelColor(state.center()) == theme.color("accent")
    assert picture.pixelColor(QPoint(40, frame.top())) == theme.color("accent")
    assert picture.pixelColor(QPoint(2, frame.top() + 3)) == theme.color("sel")
    right = picture.width() - 8
    assert picture.pixelColor(QPoint(right, badge.center().y())) == theme.color("warn_bg")
    assert badge.height() == 24
    theme.set_appearance("light")


def test_larger_text_makes_taller_rows(panel, theme):
    row = panel.tree.visualRect(first_column(panel, 0)).height()
    theme.set_text_scale(1.5)
    taller = panel.tree.visualRect(first_column(panel, 0)).height()
    theme.set_text_scale(1.0)

    assert (row, taller) == (24, 36)


def test_one_sentence_stands_where_there_are_no_rows(panel):
    panel.filter.setText("zebra  x")
    assert panel._sentence.isVisible()
    assert panel._sentence.text() == "No recording matches “zebra x”"
    assert not panel.tree.isVisible()

    panel.filter.clear()
    assert panel.tree.isVisible()
    panel.model.reset()
    assert panel._sentence.text() == "No folder open"
    assert not panel.filter.isVisible()


def test_the_filter_says_how_many_there_are(panel):
    assert panel.filter.placeholderText() == "Filter 12 recordings"
    panel.set_count(1)
    assert panel.filter.placeholderText() == "Filter 1 recording"
