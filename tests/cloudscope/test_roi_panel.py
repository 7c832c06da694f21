"""ROIs as rows and as numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtWidgets import QApplication

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from acqcore.model.roi import LineROI, RectROI
from cloudscope.item_models.roi_table import ResultMark, RoiColumn, RoiTable
from cloudscope.scene import Scene, Selection, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views.roi_panel import RoiPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton

STEPS = Calibration(0.00117, 0.284, "seconds", "um", "Olympus text file")
ONE, TWO = RectROI(1, 50, 2460, 30, 230), RectROI(2, 1500, 2050, 67, 147, "stall", "seen twice")
LINE = LineROI(3, 10, 200, 900, 20)


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def table(theme, qtmodeltester):
    model = RoiTable(theme)
    model.show((ONE, TWO, LINE), STEPS, {1: (ResultMark("Velocity (Radon)"),)})
    model.edits = []
    model.roiEdited.connect(model.edits.append)
    qtmodeltester.check(model)
    return model


@pytest.fixture
def panel(theme, qtbot):
    panel = RoiPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(280, 430)
    panel.show()
    panel.edits, panel.selected, panel.deleted = [], [], []
    panel.roiEdited.connect(panel.edits.append)
    panel.roiSelected.connect(panel.selected.append)
    panel.roiDeleteRequested.connect(panel.deleted.append)
    panel.show_scene(scene())
    return panel


def scene(**changes):
    given = {
        "selection": Selection("a.tif", 0, 1),
        "header": ImageHeader("a.tif", (30_000, 256), ("Y", "X"), "uint16", STEPS),
        "calibration": STEPS,
        "rois": (ONE, TWO),
        "records": (shown(1), shown(1, "diameter", "Diameter", stale="ROI 1 moved")),
    }
    return Scene(**(given | changes))


def shown(roi_id, name="radon_velocity", title="Velocity (Radon)", stale="", channel=0):
    key = AnalysisKey(name, channel, roi_id)
    ran = Provenance({}, ONE.geometry, STEPS.steps)
    return ShownRecord(AnalysisRecord(key, provenance=ran), title, stale)


def text(model, row, column, role=Qt.ItemDataRole.DisplayRole):
    return model.data(model.index(row, column), role)


def type_into(qtbot, field, words):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, words)
    qtbot.keyClick(field, KEY.Key_Return)


# --- the table ------------------------------------------------------------------------------


def test_rows_in_physical_units(table):
    row = [text(table, 0, column) for column in RoiColumn]
    assert row == ["1", "0.06–2.88", "8.5–65.3", "50–2460", "30–230", "V"]
    assert text(table, 1, RoiColumn.NAME) == "stall"
    titles = [table.headerData(i, Qt.Orientation.Horizontal) for i in RoiColumn]
    assert titles == ["ROI", "Time (s)", "Dist. (µm)", "Lines", "Pixels", "Results"]


def test_a_line_goes_from_end_to_end(table):
    assert text(table, 2, RoiColumn.LINES) == "10→900"
    assert text(table, 2, RoiColumn.PIXELS) == "200→20"
    assert table.setData(table.index(2, RoiColumn.PIXELS), "20→200")
    assert table.edits == [replace(LINE, pixel0=20, pixel1=200)]


def test_tool_tips_tell_the_other_unit(table):
    tips = [text(table, 0, column, Qt.ItemDataRole.ToolTipRole) for column in RoiColumn]
    assert [tip.partition("\n")[0] for tip in tips[1:5]] == [
        "Lines 50–2460",
        "Pixels 30–230",
        "Time (s) 0.06–2.88",
        "Dist. (µm) 8.5–65.3",
    ]


def test_edit_in_lines_and_pixels(table):
    assert table.setData(table.index(0, RoiColumn.LINES), "60-2000")
    assert table.setData(table.index(0, RoiColumn.PIXELS), "10 40")
    assert table.edits == [
        replace(ONE, line_start=60, line_stop=2000),
        replace(ONE, pixel_start=10, pixel_stop=40),
    ]


def test_rows_in_lines_and_pixels(table):
    table.show((ONE,), Calibration(), {})
    row = [text(table, 0, column) for column in RoiColumn]
    assert row == ["1", "50–2460", "30–230", "50–2460", "30–230", ""]
    assert table.headerData(RoiColumn.TIME, Qt.Orientation.Horizontal) == "Lines"


def test_out_of_date_results_stand_in_brackets(table):
    table.show((ONE,), STEPS, {1: (ResultMark("Diameter", "ROI 1 moved"), ResultMark("Velocity"))})
    assert text(table, 0, RoiColumn.RESULTS) == "(D) V"
    tip = text(table, 0, RoiColumn.RESULTS, Qt.ItemDataRole.ToolTipRole)
    assert tip == "Diameter: out of date. ROI 1 moved\nVelocity"


def test_rename(table):
    assert table.setData(table.index(0, RoiColumn.NAME), " artery ")
    assert table.edits == [replace(ONE, name="artery")]


@pytest.mark.parametrize("words", ["0.06–1.17", "0.06 to 1.17", "0,06-1,17", "0.06 1.17"])
def test_edit_a_range(table, words):
    assert table.setData(table.index(0, RoiColumn.TIME), words)
    assert table.edits[-1].line_stop == 1000
    assert table.edits[-1].line_start in (50, 51)


def test_an_end_that_was_not_touched_keeps_its_exact_place(table):
    table.setData(table.index(0, RoiColumn.TIME), "0.06–1.17")
    assert table.edits[-1].line_start == 50  # 0.06 s alone would be line 51
    table.edits.clear()
    assert table.setData(table.index(0, RoiColumn.TIME), "0.06–2.88")
    assert table.edits == []


def test_swapped_ends_are_sorted(table):
    table.setData(table.index(0, RoiColumn.DISTANCE), "28.4–2.84")
    assert (table.edits[-1].pixel_start, table.edits[-1].pixel_stop) == (10, 100)


@pytest.mark.parametrize("words", ["", "soon", "1", "1-2-3", "1–1"])
def test_what_is_no_range_changes_nothing(table, words):
    assert not table.setData(table.index(0, RoiColumn.TIME), words)
    assert table.edits == []


def test_data_never_raises(table):
    for role in Qt.ItemDataRole:
        for column in RoiColumn:
            table.data(table.index(0, column), role)
        table.data(QModelIndex(), role)
        table.data(table.createIndex(99, 0), role)
    assert not table.flags(table.index(0, RoiColumn.RESULTS)) & Qt.ItemFlag.ItemIsEditable


# --- the panel ------------------------------------------------------------------------------


def test_what_the_panel_says(panel):
    assert panel._count.text() == "2 ROIs"
    assert panel._table.currentIndex().row() == 0
    assert text(panel._model, 0, RoiColumn.RESULTS) == "V (D)"
    assert panel.selected == []


def test_one_letter_for_all_channels(panel):
    panel.show_scene(scene(records=(shown(1), shown(1, channel=1, stale="ROI 1 moved"))))
    assert text(panel._model, 0, RoiColumn.RESULTS) == "(V)"


def test_choosing_a_row_selects(panel, qtbot):
    place = panel._table.visualRect(panel._model.index(1, 1)).center()
    qtbot.mouseClick(panel._table.viewport(), LEFT, pos=place)
    assert panel.selected == [2]
    panel.show_scene(scene(selection=Selection("a.tif", 0, 2)))
    assert panel.selected == [2]
    assert panel._editor._name.text() == "stall"


def test_numbers_in_both_units(panel):
    editor = panel._editor
    assert editor._lines.start.typed() == 50
    assert editor._time.start.typed() == 0.059  # lines stay apart
    assert editor._pixels.stop.typed() == 230
    assert editor._distance.stop.typed() == pytest.approx(65.32)


def test_edit_in_pixels(panel, qtbot):
    type_into(qtbot, panel._editor._lines.stop.lineEdit(), "1000")
    assert panel.edits == [replace(ONE, line_stop=1000)]


def test_edit_in_micrometres(panel, qtbot):
    type_into(qtbot, panel._editor._distance.start.lineEdit(), "2.84 µm")
    assert panel.edits == [replace(ONE, pixel_start=10)]


def test_an_arrow_moves_by_one_line(panel, qtbot):
    panel._editor._time.start.stepUp()
    assert panel.edits == [replace(ONE, line_start=51)]


def test_passing_through_the_fields_edits_nothing(panel, qtbot):
    editor = panel._editor
    for row in (editor._time, editor._lines, editor._distance, editor._pixels):
        for spin in (row.start, row.stop):
            spin.setFocus()
            qtbot.keyClick(spin.lineEdit(), KEY.Key_Return)
    assert panel.edits == []


@pytest.mark.parametrize(
    ("row", "words", "sentence"),
    [
        ("_lines", "99999", "Enter a number from 0 to 30000"),
        ("_time", "-1", "Enter a number from 0 to 35.1 s"),
        ("_pixels", "some", "Enter a number"),
        ("_pixels", "1.5", "Enter a whole number"),
        ("_lines", "2460", "The start must be before the stop"),
    ],
)
def test_what_is_not_valid_is_said_and_kept(panel, qtbot, row, words, sentence):
    field = getattr(panel._editor, row).start
    type_into(qtbot, field.lineEdit(), words)
    assert panel.edits == []
    assert getattr(panel._editor, row).fault.text().strip() == sentence
    assert field.lineEdit().text() == words
    assert field.property("state") == "error"
    panel.show_scene(scene(rois=(replace(ONE, line_start=60), TWO)))
    assert field.property("state") == ""


def test_name_and_note(panel, qtbot):
    type_into(qtbot, panel._editor._name, "artery")
    assert panel.edits == [replace(ONE, name="artery")]


def test_a_line_has_two_ends(panel, qtbot):
    panel.show_scene(scene(rois=(ONE, LINE), selection=Selection("a.tif", 0, 3)))
    assert [head.text() for head in panel._editor._heads] == ["First end", "Other end"]
    assert panel._editor._slope.text() == "1.041 s,  −51.1 µm\n−0.0491 mm/s,  168.6°"
    type_into(qtbot, panel._editor._lines.start.lineEdit(), "950")
    assert panel.edits == [replace(LINE, line0=950)]
    type_into(qtbot, panel._editor._lines.start.lineEdit(), "30000")
    assert "0 to 29999" in panel._editor._lines.fault.text()
    panel.show_scene(scene())
    assert panel._editor._slope.isHidden()


def test_a_wide_panel_shows_lines_and_pixels_beside_units(panel):
    shown = [RoiColumn.LINES, RoiColumn.PIXELS]
    assert all(panel._table.isColumnHidden(column) for column in shown)
    panel.resize(520, 430)
    assert not any(panel._table.isColumnHidden(column) for column in shown)
    panel.show_scene(scene(calibration=Calibration()))  # they are there already
    assert all(panel._table.isColumnHidden(column) for column in shown)


def test_choose_a_colour(panel, qtbot, theme):
    button = panel._editor._color
    qtbot.mouseClick(button, LEFT)
    actions = {action.text(): action for action in button._menu.actions()}
    assert actions["Automatic"].isChecked()
    actions["Violet"].trigger()
    assert panel.edits == [replace(ONE, color="#9D92FF")]
    panel.show_scene(scene(rois=(replace(ONE, color="#123456"), TWO)))
    qtbot.mouseClick(button, LEFT)
    actions = {action.text(): action for action in button._menu.actions()}
    assert actions["#123456"].isChecked()
    actions["Automatic"].trigger()
    assert panel.edits[-1].color == ""
    button._menu.close()


def test_any_other_colour(panel):
    button = panel._editor._color
    button._ask()
    assert button._dialog.currentColor() == button._theme.roi_color(0)
    button._dialog.setCurrentColor("#336699")
    button._dialog.accept()
    assert panel.edits == [replace(ONE, color="#336699")]


def test_a_colour_keeps_the_name_that_is_being_typed(panel, qtbot):
    panel._editor._name.setFocus()
    panel._editor._name.selectAll()
    qtbot.keyClicks(panel._editor._name, "artery")
    panel._editor._color.colorChosen.emit("#9D92FF")
    assert panel.edits == [replace(ONE, name="artery", color="#9D92FF")]


def test_without_calibration_there_are_only_lines_and_pixels(panel):
    panel.show_scene(scene(calibration=Calibration()))
    assert panel._editor._time.start.isHidden()
    assert panel._editor._distance.start.isHidden()
    assert not panel._editor._lines.start.isHidden()


def test_delete_asks(panel, qtbot):
    qtbot.mouseClick(panel._delete, LEFT)
    assert panel.deleted == [1]


def test_without_rois(panel, qtbot):
    panel.show_scene(scene(rois=(), records=(), selection=Selection("a.tif", 0, None)))
    assert panel._no_rois.text() == "Draw a ROI on the image, or add one over all of it"
    assert panel._editor.isHidden()
    assert not panel._delete.isEnabled()
    panel.show_scene(Scene())
    assert panel._no_rois.text() == "Select a recording to see its ROIs"
    assert panel._tools.isHidden()


def test_an_empty_table_and_back(panel):
    panel.show_scene(scene(rois=(), selection=Selection("a.tif", 0, None)))
    panel.show_scene(scene())
    assert panel._table.currentIndex().row() == 0


def test_swatches_keep_their_colour_when_selected(panel, theme):
    for appearance in ("dark", "light"):
        theme.set_appearance(appearance)
        picture = panel._table.viewport().grab().toImage()
        row = panel._table.visualRect(panel._model.index(0, 0))
        assert picture.pixelColor(row.left() + 12, row.center().y()) == theme.roi_color(0)


def test_it_fits_a_narrow_dock(panel):
    assert panel.minimumSizeHint().width() <= 260
