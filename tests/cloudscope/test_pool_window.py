"""The pool window alone: table, plots, settings, exports."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

import pandas as pd
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSpinBox, QTableView

from acqcore import AcqImage
from acqcore.analysis.base import RunContext
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from cloudscope.theme import Theme
from cloudscope.views.pool_export import (
    on_paper,
    picture,
    write_points,
    write_rows,
    write_summary,
)
from cloudscope.views.pool_gathering import gather
from cloudscope.views.pool_numbers import KINDS, Keep
from cloudscope.views.pool_plots import PoolPlots, read_choice
from cloudscope.views.pool_rows import PoolTable, Wish
from cloudscope.views.pool_statistics import STATISTICS, summarised
from cloudscope.views.pool_window import PoolWindow

VELOCITY = "radon_velocity"


@pytest.fixture(scope="module")
def theme(qapp, tmp_path_factory) -> Theme:
    look = Theme(qapp, tmp_path_factory.mktemp("style"))
    look.set_appearance("light")
    return look


def recordings(count: int) -> list[AcqImage]:
    made = []
    for at in range(count):
        image = AcqImage.from_array(
            np.zeros((40, 20), np.uint16), axes="YX", source_id=f"m{at % 4}_cap{at}.tif",
            step_y=0.001, step_x=0.5,
        )  # fmt: skip
        about = {"condition": ("control", "drug")[at % 2], "genotype": ("wt", "ko")[at // 2 % 2]}
        image.state = image.state.with_experiment(about)
        roi = image.rois.create_rect_roi()
        ran = Provenance({}, roi.geometry, image.calibration.steps)
        summary = {"velocity_mean": 100.0 + 10 * at, "velocity_median": 5.0 - at}
        key = AnalysisKey(VELOCITY, 0, roi.id)
        image.state = image.state.with_record(AnalysisRecord(key, {}, summary, None, ran))
        made.append(image)
    return made


def table_of(images: list[AcqImage]) -> PoolTable:
    return gather(images, Wish(VELOCITY), RunContext())


@pytest.fixture
def window(qtbot, theme) -> PoolWindow:
    shown = PoolWindow(theme)
    qtbot.addWidget(shown)
    shown.show_table(table_of(recordings(12)), 12, [VELOCITY])
    return shown


def choose(box: QComboBox, value: str) -> None:
    """As a person picks it from the list."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def cells(window: PoolWindow, row: int) -> list[str]:
    model = window.pane.model
    return [model.index(row, at).data() for at in range(model.columnCount())]


# --- table -----------------------------------------------------------------------------------


def test_rows_with_units(window) -> None:
    heads = [window.pane.model.headerData(at, Qt.Orientation.Horizontal) for at in range(4)]
    assert heads == ["Name\n", "ROI\n", "Condition\n", "Velocity mean\nmm/s"]
    assert cells(window, 0)[:4] == ["m0_cap0.tif", "1", "control", "0.1000"]
    assert window.pane.model.rowCount() == 12


def test_sort_is_natural_and_keeps_the_selection(window) -> None:
    window.highlight(np.array([10]))
    window.pane.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert cells(window, 0)[0] == "m3_cap11.tif"
    assert [one.data() for one in window.pane.view.selectionModel().selectedRows()] == [
        "m2_cap10.tif"
    ]
    window.pane.view.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert cells(window, 0)[3] == "0.1000"
    assert window.pane.selected.tolist() == [10]


def test_filter_holds_for_table_and_plot(window) -> None:
    window.pane.filter.setText("condition=drug velocity_mean>130")
    assert window.pane.model.rowCount() == 0  # mm/s are shown, so mm/s are meant
    assert "No row matches" in window.plots.plots[0].sentence
    window.pane.filter.setText("condition=drug velocity_mean>0.13")
    assert window.rows.tolist() == [5, 7, 9, 11]
    assert window.plots.numbers.y.size == 4
    window.pane.filter.clear()
    assert window.plots.numbers.y.size == 12


def test_columns_are_chosen(window) -> None:
    window.pane._fill_menu(window.pane.columns_button.menu())
    by_text = {one.text(): one for one in window.pane.columns_button.menu().actions()}
    by_text["Genotype"].trigger()
    by_text["ROI"].trigger()
    heads = [one.title for one in window.pane.model.columns]
    assert "Genotype" in heads
    assert "ROI" not in heads
    assert window.remembered()["columns"][f"{VELOCITY} results"] == [
        one.name for one in window.pane.model.columns
    ]


def test_copy_is_for_a_spreadsheet(window) -> None:
    window.highlight(np.array([1, 2]))
    window.pane.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[3] == "Velocity mean (mm/s)"
    assert [line.split("\t")[3] for line in lines[1:]] == ["0.11", "0.12"]
    window.pane.copy_all()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 13


# --- plots -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("color", ["", "genotype", "condition"])
def test_every_kind_is_drawn(window, kind: str, color: str) -> None:
    choose(window.plot_form.color, color)
    choose(window.plot_form.kind, kind)
    choose(window.plot_form.group, "condition")
    plot = window.plots.plots[0]
    assert not plot.sentence
    x, y = plot.places
    assert np.isfinite(x).all()
    assert np.isnan(y).all() == (kind == "histogram")
    low, high = plot.box.viewRange()[0]
    assert ((x >= low) & (x <= high)).all()
    window.grab()


@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_statistic_is_drawn(window, statistic: str) -> None:
    choose(window.plot_form.kind, "bars")
    choose(window.plot_form.group, "condition")
    choose(window.plot_form.statistic, statistic)
    plot = window.plots.plots[0]
    assert not plot.sentence
    values = [STATISTICS[statistic][1](plot.numbers.values_of(at)) for at in range(2)]
    low, high = plot.box.viewRange()[1]
    assert low <= min(*values, 0)
    assert max(values) <= high


def test_n_is_named(window) -> None:
    choose(window.plot_form.group, "condition")
    axis = window.plots.plots[0].group_axis
    axis.resize(600, 60)
    axis.setRange(-0.5, 1.5)
    assert axis.tickStrings([0.0, 1.0], 1, 1) == [
        "control\nn = 6\n6 recordings", "drug\nn = 6\n6 recordings",
    ]  # fmt: skip
    assert "n = 12 · 12 recordings" in window.plots.plots[0].accessibleName()


def test_the_form_shows_what_applies(window) -> None:
    form = window.plot_form
    for kind, there in (("scatter", form.against), ("histogram", form.bins), ("box", form.points)):
        choose(form.kind, kind)
        assert there.isVisibleTo(window)
    assert not form.against.isVisibleTo(window)
    assert not form.statistic.isVisibleTo(window)


def test_four_plots_each_with_its_own_choice(window) -> None:
    choose(window.plot_form.arrangement, "4")
    window.plots.plots[2].touched.emit()
    assert window.plot_form.kind.currentData() == "histogram"
    choose(window.plot_form.group, "genotype")
    assert window.plots.choices[2].group == "genotype"
    assert window.plots.choices[0].group == "condition"
    choose(window.plot_form.arrangement, "1")
    assert window.plots.active == 0


def test_a_brush_selects_rows_and_shift_adds(qtbot, window) -> None:
    with qtbot.waitSignal(window.recordChosen) as told:
        window.plots._choose(0, np.array([3]), False, True)
    assert told.args == [*window.table.keys[3]]
    assert window.pane.selected.tolist() == [3]
    window.plots._choose(0, np.array([5, 6]), True, False)
    assert window.pane.selected.tolist() == [3, 5, 6]
    assert window.plots.plots[0]._rings.data.size == 3


def test_a_row_marks_its_point(qtbot, window) -> None:
    with qtbot.waitSignal(window.recordChosen):
        window.pane.view.selectRow(4)
    assert window.plots.plots[0]._marked.tolist() == [4]


def test_refresh_keeps_what_is_selected(window) -> None:
    window.highlight(np.array([4]))
    window.show_table(table_of(recordings(12)[2:]), 10, [VELOCITY])
    assert window.pane.selected.tolist() == [2]
    assert window.plots.plots[0]._marked.tolist() == [2]


def test_settings_that_do_not_fit_are_the_usual_ones(qtbot, theme) -> None:
    assert read_choice({"kind": "pie", "y": 3, "bins": 9_000, "absolute": True}).kind == "swarm"
    plots = PoolPlots(theme)
    qtbot.addWidget(plots)
    plots.restore({"layout": "nine", "plots": [3, {"kind": "box"}, None]})
    assert plots.arrangement == "1"
    assert plots.choices[1].kind == "box"
    other = PoolPlots(theme)
    qtbot.addWidget(other)
    plots.choices[3] = replace(plots.choices[3], y="velocity_mean", bins=7)
    plots.arrange("4")
    other.restore(plots.remembered())
    assert other.choices == plots.choices
    assert other.arrangement == "4"


def test_every_control_has_a_name_and_a_tip(window) -> None:
    kinds = (QComboBox, QSpinBox, QLineEdit, QAbstractButton, QTableView)
    for control in (one for kind in kinds for one in window.findChildren(kind)):
        if control.objectName().startswith("qt_") or isinstance(control.parent(), QTableView):
            continue
        if isinstance(control.parent(), QSpinBox | QComboBox):
            continue
        name = control.accessibleName()
        if isinstance(control, QAbstractButton):
            name = name or control.text()
        assert name, control
        assert control.toolTip() or isinstance(control, QTableView), name


@pytest.mark.timed
def test_redrawing_a_thousand_results(qtbot, theme, slowness) -> None:
    window = PoolWindow(theme)
    qtbot.addWidget(window)
    table = table_of(recordings(1000))
    window.show_table(table, 1000, [VELOCITY])
    choice = replace(window.plots.choice, group="condition", color="genotype")
    for kind in KINDS:
        times = []
        for _ in range(3):
            start = perf_counter()
            window._edit_choice(replace(choice, kind=kind))
            window.plots.grab()
            times.append(perf_counter() - start)
        assert min(times) < 0.1 * slowness(), kind


# --- what leaves the window --------------------------------------------------------------------


def test_all_columns_as_csv_and_parquet(window, tmp_path: Path) -> None:
    rows = np.array([2, 5])
    write_rows(tmp_path / "a.csv", window.table, rows)
    lines = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text())))
    units = dict(zip(lines[0], lines[1], strict=True))
    first = dict(zip(lines[0], lines[2], strict=True))
    assert units["velocity_mean"] == "um/s"
    assert (first["name"], first["velocity_mean"]) == ("m2_cap2.tif", "120.0")
    assert len(lines) == 4
    pytest.importorskip("pyarrow")
    write_rows(tmp_path / "a.parquet", window.table, rows)
    frame = pd.read_parquet(tmp_path / "a.parquet")
    assert frame["velocity_mean"].tolist() == [120.0, 150.0]
    assert frame.attrs["columns"]["velocity_mean"]["unit"] == "um/s"


def test_formulas_are_disarmed(tmp_path: Path, theme) -> None:
    images = recordings(2)
    images[0].state = images[0].state.with_experiment({"condition": "=1+1"})
    write_rows(tmp_path / "a.csv", table_of(images), np.array([0]))
    assert "'=1+1" in (tmp_path / "a.csv").read_text()


def test_numbers_behind_the_plot(window, tmp_path: Path) -> None:
    choose(window.plot_form.group, "condition")
    choose(window.plot_form.per, "file")
    write_points(tmp_path / "p.csv", window.plots.numbers, window.table.frame["name"].tolist())
    lines = list(csv.reader(io.StringIO((tmp_path / "p.csv").read_text())))
    assert lines[0] == ["Condition", "color", "Velocity mean (mm/s)", "rows", "recordings"]
    assert lines[1] == ["control", "", "0.1", "1", "m0_cap0.tif"]
    assert len(lines) == 13
    summary = summarised(window.table, window.rows, window.plots.choice)
    write_summary(tmp_path / "s.csv", summary)
    assert (
        (tmp_path / "s.csv").read_text().splitlines()[0].startswith("condition,value,unit,per,n_")
    )


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_pictures_are_on_white(window, theme, appearance: str) -> None:
    theme.set_appearance(appearance)
    plot = on_paper(theme, window.plots.numbers, QSize(480, 320))
    assert plot.box.height() > 180  # the caption takes no more than its line
    theme.set_appearance("light")
    svg = picture(plot, "SVG").decode()
    assert svg.startswith("<?xml")
    assert svg.count("<text") >= 4
    assert "<image" not in svg
    assert picture(plot, "PDF").startswith(b"%PDF")
    image = QImage.fromData(picture(plot, "PNG", 300))
    assert image.size() == QSize(1500, 1000)
    assert round(image.dotsPerMeterX() * 0.0254) == 300
    assert image.pixelColor(2, 2).name() == "#ffffff"
    assert image.pixelColor(1490, 500).name() == "#ffffff"
    plot.close()


def test_empty(qtbot, theme) -> None:
    window = PoolWindow(theme)
    qtbot.addWidget(window)
    window.show_table(gather([], Wish(), RunContext()), 0, [])
    assert "Open a folder" in window.plots.plots[0].sentence
    window.show_table(table_of([]), 3, [])
    assert window.plots.plots[0].sentence.startswith("None of 3 recordings has a result")
    window.restore(Wish(VELOCITY), Keep(True))
    window.grab()
