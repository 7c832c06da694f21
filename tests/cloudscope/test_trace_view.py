"""Traces: what is drawn, what is said, and that no gap is bridged."""

from __future__ import annotations

import time

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from acqcore.analysis import analyses
from acqcore.errors import SidecarError
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectROI
from cloudscope.scene import Scene, Selection, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views.error_band import band_image
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_samples import TraceSamples, drawn, samples_of
from cloudscope.views.trace_view import TraceView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

STEPS = Calibration(0.001, 0.25, "seconds", "um", "Olympus text file")
ROI = RectROI(1, 100, 1100, 0, 32)
KEY = AnalysisKey("radon_velocity", 0, 1)
CURVE = analyses()["radon_velocity"].curves[0]


@pytest.fixture
def theme(qapp, tmp_path):
    rate = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield Theme(qapp, tmp_path)
    pg.setConfigOption("mouseRateLimit", rate)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def view(theme, qtbot):
    view = TraceView(theme)
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    return view


def table(n=50, step=16):
    time_s = (32 + step * np.arange(n)) * STEPS.step_y
    flag = np.full(n, "", "U12")
    velocity = 400 + 100 * np.sin(np.arange(n) / 3)
    flag[10], flag[20], velocity[20] = "low_snr", "blank", np.nan
    return ResultTable(
        {"time_s": time_s, "velocity": velocity, "velocity_se": np.full(n, 20.0), "flag": flag}
    )


def record(rows=None, steps=STEPS.steps):
    rows = table() if rows is None else rows
    return AnalysisRecord(KEY, {}, {}, rows, Provenance({}, ROI.geometry, steps))


def scene(shown=None, **changes):
    header = ImageHeader("a.tif", (2000, 32), ("Y", "X"), "uint16", STEPS)
    given = {
        "selection": Selection("a.tif", 0, 1, "radon_velocity"),
        "header": header,
        "calibration": STEPS,
        "rois": (ROI,),
        "records": (shown,) if shown else (),
    }
    return Scene(**(given | changes))


def plain_scene():
    return scene(ShownRecord(record(), "Velocity (Radon)", ""))


def samples(y, error=None, rejected=None):
    y = np.asarray(y, float)
    nothing = np.full(y.shape, np.nan)
    return TraceSamples(
        np.arange(y.size, dtype=float),
        y,
        nothing if error is None else np.asarray(error, float),
        nothing if rejected is None else np.asarray(rejected, float),
    )


# --- arrays ---------------------------------------------------------------------------------


def test_samples_stand_at_lines_of_the_whole_recording():
    found = samples_of(record(), CURVE, 1e-3)
    assert found.x[0] == pytest.approx(100 + 32)
    assert found.x[1] - found.x[0] == pytest.approx(16)
    assert found.y[0] == pytest.approx(0.4)
    assert found.error[0] == pytest.approx(0.02)


def test_rejected_points_leave_line_and_band_and_keep_their_value():
    found = samples_of(record(), CURVE, 1e-3)
    assert np.isnan(found.y[[10, 20]]).all()
    assert np.isnan(found.error[[10, 20]]).all()
    assert np.isfinite(found.rejected).sum() == 1  # the blank window has no value to show
    assert found.rejected[10] == pytest.approx(0.4 + 0.1 * np.sin(10 / 3))


def test_a_table_of_another_program_has_no_band():
    rows = {name: values for name, values in table().columns.items() if name[-2:] != "se"}
    found = samples_of(record(ResultTable(rows)), CURVE, 1e-3)
    assert not found.has_band
    assert found.has_rejected


def test_a_peak_of_one_window_survives_the_reduction():
    y = np.zeros(100_000)
    y[54_321] = 7.0
    shown = drawn(samples(y), 0, 100_000, 640)
    assert shown.reduced
    assert shown.line_y.max() == 7.0
    assert shown.line_x.size <= 2 * 2 * 640


def test_a_gap_survives_the_reduction():
    y = np.zeros(100_000)
    y[40_000:60_000] = np.nan
    shown = drawn(samples(y), 0, 100_000, 640)
    inside = (shown.line_x > 40_400) & (shown.line_x < 59_600)
    assert inside.any()
    assert np.isnan(shown.line_y[inside]).all()


def test_bins_do_not_move_while_panning():
    data = samples(np.random.default_rng(0).normal(size=50_000))
    one, other = (drawn(data, start, start + 20_000, 500) for start in (0, 333))
    common = np.intersect1d(one.line_x, other.line_x)
    assert common.size > 600


def test_one_outlier_does_not_squash_the_trace():
    y = np.sin(np.linspace(0, 60, 3000)) + 5
    low, high = samples(y).robust_range()
    assert (low, high) == (pytest.approx(3.84, abs=0.05), pytest.approx(6.16, abs=0.05))
    y[17] = 5e4
    low, high = samples(y).robust_range()
    assert high < 8
    assert samples([np.nan]).robust_range() == (0.0, 1.0)


def test_zero_is_shown_when_it_is_near():
    assert samples(0.2 + 0.4 * np.random.default_rng(0).random(500)).robust_range()[0] == 0.0


def test_the_band_breaks_where_the_trace_does():
    y = np.full(100, 1.0)
    error = np.full(100, 0.2)
    y[40:60] = error[40:60] = np.nan
    x = np.arange(100.0)
    color = QColor(255, 0, 0, 128)
    picture = band_image(x, y - 0.4, y + 0.4, QRectF(0, 0, 100, 2), (100, 50), color)
    assert picture.pixelColor(20, 25).alpha() == 128
    assert picture.pixelColor(50, 25).alpha() == 0
    assert picture.pixelColor(20, 2).alpha() == 0


# --- what the plot says ---------------------------------------------------------------------


def test_caption_and_axis(view):
    view.show_scene(plain_scene())
    pane = view.panes[0]
    assert pane.caption.words == "Velocity, ROI 1  band: 95 % interval  rejected"
    assert pane.plot.value_axis.labelText == "Velocity (mm/s)"
    assert pane.plot.time_axis.labelText == "Time (s)"
    assert pane.sentence == ""


def test_out_of_date_is_said(view):
    view.show_scene(scene(ShownRecord(record(), "Velocity", "ROI 1 moved since this run")))
    assert "Out of date: ROI 1 moved since this run" in view.panes[0].caption.words


def test_running_keeps_the_last_result(view):
    view.show_scene(scene(ShownRecord(record(), "Velocity", ""), running=frozenset({KEY})))
    assert "Running…" in view.panes[0].caption.words
    assert view.panes[0].content.samples is not None


def test_no_result_offers_a_run(view, qtbot):
    view.show_scene(scene())
    assert view.panes[0].sentence == "No velocity for ROI 1 yet"
    with qtbot.waitSignal(view.runRequested):
        qtbot.mouseClick(view.panes[0]._run, Qt.MouseButton.LeftButton)


def test_nothing_selected_offers_nothing(view):
    view.show_scene(Scene())
    assert view.panes[0].sentence == "Select a recording to see its velocity"
    assert view.panes[0]._run.isHidden()


def test_without_calibration_velocity_is_in_pixels_per_line(view):
    view.show_scene(
        scene(ShownRecord(record(steps=(1.0, 1.0)), "Velocity", ""), calibration=Calibration())
    )
    assert view.panes[0].plot.value_axis.labelText == "Velocity (px/line)"
    assert view.panes[0].plot.time_axis.labelText == "Time (lines)"


def test_a_result_from_before_the_calibration_keeps_its_unit(view):
    late = ShownRecord(record(steps=(1.0, 1.0)), "Velocity", "The calibration changed")
    view.show_scene(scene(late))
    assert view.panes[0].plot.value_axis.labelText == "Velocity (px/line)"


def test_a_table_is_not_read_while_the_picture_loads(view):
    def fetch():
        raise AssertionError("read on the thread that paints")

    shown = ShownRecord(record(ResultTable.deferred(fetch, "b")), "Velocity", "")
    view.show_scene(scene(shown, loading=True))
    assert view.panes[0].content.samples is None


def test_a_damaged_table_is_a_sentence(view, tmp_path):
    def fetch():
        raise SidecarError(tmp_path / "a.csv", "it is not a table of results")

    view.show_scene(scene(ShownRecord(record(ResultTable.deferred(fetch, "c")), "Velocity", "")))
    assert view.panes[0].sentence == "a.csv: it is not a table of results."


def test_the_same_record_is_not_prepared_twice(view):
    one = ShownRecord(record(), "Velocity", "")
    view.show_scene(scene(one))
    before = view.panes[0].content.samples
    view.show_scene(scene(one, dirty=True))
    assert view.panes[0].content.samples is before


# --- cursor, axes, mouse --------------------------------------------------------------------


def test_value_at_a_line(view):
    view.show_scene(plain_scene())
    assert view.reading_at(133.0).text == "0.40 ± 0.02 mm/s"
    assert view.reading_at(132 + 16 * 10).text == "0.381 mm/s"
    assert view.reading_at(132 + 16 * 20).text == "–"
    assert view.reading_at(5.0).text == "–"
    assert view.reading_at(1900.0).text == "–"


def test_quality_at_a_line(view):
    view.show_scene(plain_scene())
    assert view.reading_at(133.0).quality == "Good"
    assert view.reading_at(132 + 16 * 10).quality == "Signal is lost in the noise"
    assert view.reading_at(1900.0).quality == ""
    view.show_scene(Scene())
    assert view.reading_at(133.0) is None


def test_cursor_stands_on_the_trace(view):
    view.show_scene(plain_scene())
    view.set_cursor(135.0)
    cursor = view.panes[0].plot._cursor
    assert cursor._line.value() == 135.0
    assert cursor._dot.isVisible()
    assert cursor._dot.pos().x() == pytest.approx(132)
    view.set_cursor(5.0)
    assert not cursor._dot.isVisible()
    view.set_cursor(None)
    assert not cursor._line.isVisible()


def test_time_is_linked(view, theme, qtbot):
    image = TimePlot(theme)
    qtbot.addWidget(image)
    image.resize(700, 300)
    image.show()
    view.link_time(image)
    view.show_scene(plain_scene())
    image.view_box.setXRange(200, 700, padding=0)
    assert view.panes[0].plot.view_box.viewRange()[0] == pytest.approx([200, 700])


def wheel(plot, place, modifiers=Qt.KeyboardModifier.NoModifier, delta=120):
    event = QWheelEvent(
        QPointF(place), QPointF(plot.mapToGlobal(place)), QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)


@pytest.mark.parametrize(
    ("place", "modifiers"),
    [
        (QPoint(400, 80), Qt.KeyboardModifier.ShiftModifier),
        (QPoint(20, 80), Qt.KeyboardModifier.NoModifier),
    ],
    ids=["shift", "over the axis"],
)
def test_wheel_zooms_values_and_double_click_fits_again(view, qtbot, place, modifiers):
    view.show_scene(plain_scene())
    plot = view.panes[0].plot
    time_range, fitted = plot.view_box.viewRange()
    wheel(plot, place, modifiers)
    assert np.diff(plot.view_box.viewRange()[1]) < np.diff(fitted) * 0.95
    assert plot.view_box.viewRange()[0] == time_range
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 80))
    assert plot.view_box.viewRange()[1] == pytest.approx(fitted)


def test_wheel_over_the_plot_zooms_time(view):
    view.show_scene(plain_scene())
    plot = view.panes[0].plot
    plot.view_box.setXRange(0, 2000, padding=0)
    fitted = plot.view_box.viewRange()[1]
    wheel(plot, QPoint(400, 80))
    assert np.diff(plot.view_box.viewRange()[0]) < 2000
    assert plot.view_box.viewRange()[1] == fitted


def test_hover_tells_the_line_and_the_end(view, qtbot):
    view.show_scene(plain_scene())
    plot = view.panes[0].plot
    plot.view_box.setXRange(0, 2000, padding=0)
    QApplication.processEvents()
    told = []
    view.hovered.connect(told.append)
    qtbot.mouseMove(plot.viewport(), QPoint(300, 60))
    qtbot.mouseMove(plot.viewport(), QPoint(372, 60))
    assert told
    assert told[-1] == pytest.approx(1000, abs=10)
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert told[-1] is None


def colors_in(view):
    picture = view.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(60, picture.width() - 12)
        for y in range(40, picture.height() - 40)
    }


def test_trace_is_painted_in_both_themes(view, theme):
    view.show_scene(plain_scene())
    view.panes[0].plot.view_box.setXRange(100, 1000, padding=0)
    for appearance in ("dark", "light"):
        theme.set_appearance(appearance)
        found = colors_in(view)
        assert theme.color("canvas").name() in found
        assert theme.color("velocity").name() in found
        assert theme.color("grid").name() in found


@pytest.mark.timed
def test_a_long_trace_pans_smoothly(view):
    long = record(table(100_000, 4))
    view.show_scene(scene(ShownRecord(long, "Velocity", "")))
    plot = view.panes[0].plot
    spent = []
    for start in range(0, 20_000, 1000):
        began = time.perf_counter()
        plot.view_box.setXRange(start, start + 200_000, padding=0)
        plot.grab()
        spent.append(time.perf_counter() - began)
    assert np.median(spent) < 0.05  # 5 to 8 ms here; a slow machine must not fail
