"""A run of one window, such as a short heart rate: the number is seen, or why there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectROI
from cloudscope.scene import Scene, Selection, ShownRecord
from cloudscope.theme import Theme
from cloudscope.views.trace_samples import TraceSamples
from cloudscope.views.trace_view import TraceView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

STEPS = Calibration(0.001, 0.25, "seconds", "um", "test")
ROI = RectROI(1, 0, 2000, 0, 32)
KEY = AnalysisKey("heart_rate", 0, 1)


def scene(bpm, error=0.2, flag="") -> Scene:
    """The heart rate of one window, or of several."""
    values = np.atleast_1d(np.asarray(bpm, float))
    columns = {
        "time_s": np.linspace(0.5, 1.5, values.size) if values.size > 1 else np.array([1.0]),
        "bpm": values,
        "bpm_se": np.full(values.size, error),
        "snr": np.full(values.size, 20.0),
        "flag": np.full(values.size, flag, "U12"),
    }
    ran = Provenance({}, ROI.geometry, STEPS.steps)
    record = AnalysisRecord(KEY, {}, {}, ResultTable(columns), ran)
    return Scene(
        selection=Selection("a.tif", 0, 1, "heart_rate"),
        header=ImageHeader("a.tif", (2000, 32), ("Y", "X"), "uint16", STEPS),
        calibration=STEPS,
        rois=(ROI,),
        records=(ShownRecord(record, "Heart rate", ""),),
    )


@pytest.fixture
def view(qapp, tmp_path, qtbot):
    view = TraceView(Theme(qapp, tmp_path))
    qtbot.addWidget(view)
    view.resize(700, 200)
    view.show()
    return view


def shown(view, what: Scene):
    view.show_scene(what)
    QApplication.processEvents()
    return view.panes[0]


def test_one_window_is_a_number_with_its_error(view) -> None:
    pane = shown(view, scene(342.0132))
    assert pane.plot.lone_point.words == "342.0 ± 0.2 bpm"
    assert "bar: 95 % interval" in pane.caption.words
    low, high = pane.plot.view_box.viewRange()[1]
    assert low < 342.0132 - 1.96 * 0.2
    assert high > 342.0132 + 1.96 * 0.2
    assert high - low < 5  # not an axis from 0, on which the error has no size
    pane.plot.view_box.setXRange(0, 2000, padding=0)
    image = pane.plot.grab().toImage()
    found = {image.pixelColor(x, 60).name() for x in range(image.width())}
    found |= {image.pixelColor(x, y).name() for x in range(370, 400) for y in range(image.height())}
    assert view._theme.color("rate").name() in found


def test_one_that_is_not_believed_says_so(view) -> None:
    pane = shown(view, scene(300.0, 4.0, "ambiguous"))
    assert pane.plot.lone_point.words.startswith("300 bpm")
    low, high = pane.plot.view_box.viewRange()[1]
    assert low < 300 < high
    assert pane.sentence == ""


def test_none_at_all_gets_the_reason(view) -> None:
    pane = shown(view, scene([math.nan, math.nan], flag="few_samples"))
    assert pane.sentence == "The run gave no heart rate: too few values"
    assert pane.plot.lone_point.words == ""
    assert not pane.plot._grid.isVisible()
    assert shown(view, scene([math.nan])).sentence == "The run gave no heart rate"


def test_several_are_a_line(view) -> None:
    pane = shown(view, scene([340, 341, 343]))
    assert pane.plot.lone_point.words == ""
    assert "band: 95 % interval" in pane.caption.words
    assert pane.sentence == ""


def test_what_was_rejected_is_in_view_when_it_is_all() -> None:
    nothing = np.full(3, math.nan)
    rejected = TraceSamples(np.arange(3.0), nothing, nothing, np.array([200, math.nan, 210]))
    low, high = rejected.robust_range()
    assert 0 < low < 200
    assert 210 < high < 300
    assert rejected.only is None
    assert rejected.has_values
