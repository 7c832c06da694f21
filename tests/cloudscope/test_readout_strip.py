"""Numbers in fixed places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from acqcore.model.header import Calibration
from acqcore.model.roi import LineEndpoints, LineROI, RectROI, RectRoiBounds
from cloudscope.theme import Theme
from cloudscope.views.readings import (
    MOST_SAMPLES,
    Hover,
    ResultReading,
    hover_at,
    roi_at,
    roi_stats,
)
from cloudscope.views.readout_strip import ReadoutStrip
from cloudscope.views.slope_reading import Slope

ALL = ("t", "x", "px", "I", "ROI", "v", "QC")
BY_IMPORTANCE = ("t", "x", "px", "I", "v", "ROI", "QC")
KNOWN = Calibration(0.001, 0.3, "seconds", "um", "test")


@pytest.fixture(scope="module")
def theme(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Theme:
    return Theme(qapp, tmp_path_factory.mktemp("theme"))


@pytest.fixture
def strip(qtbot: QtBot, theme: Theme) -> ReadoutStrip:
    strip = ReadoutStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(900, 26)
    strip.grab()
    return strip


def test_place_and_value_under_the_mouse(strip: ReadoutStrip) -> None:
    strip.show_hover(Hover(1402, 108, 1214), KNOWN)
    strip.show_region("vein")
    strip.show_result(ResultReading("v", "velocity", "−0.43 ± 0.05 mm/s", "Good"))
    shown = {key: strip.text(key) for key in strip.shown_keys}
    assert shown == {
        "t": "1.402 s",
        "x": "32.4 µm",
        "px": "1\u2009402, 108",
        "I": "1\u2009214",
        "ROI": "vein",
        "v": "−0.43 ± 0.05 mm/s",
        "QC": "Good",
    }


def test_the_key_of_a_result_is_its_quantity(strip: ReadoutStrip) -> None:
    strip.show_result(ResultReading("d", "diameter", "12.3 µm"))
    assert strip._entries["v"].key.text() == "d"
    assert (strip.text("v"), strip.text("QC")) == ("12.3 µm", "–")


def test_long_words_about_quality_do_not_push_others_out(strip: ReadoutStrip) -> None:
    strip.resize(720, 26)
    before = strip.shown_keys
    strip.show_result(ResultReading("v", "velocity", "0.4 mm/s", "Two vessels or a split one " * 3))
    assert strip.shown_keys == before
    assert "QC" in before
    strip.grab()
    assert strip._entries["QC"].geometry().right() <= strip.width()


def test_a_line_that_is_dragged_shows_its_slope_and_then_what_was_before(
    strip: ReadoutStrip,
) -> None:
    strip.show_slope(Slope(100, 30.0, KNOWN))
    strip.show_stats(Slope.between(LineEndpoints(300, 50, 100, 10), KNOWN))
    assert (strip.text("Δt"), strip.text("Δx")) == ("0.200 s", "12.0 µm")
    assert strip.text("Δx/Δt") == "0.0600 mm/s"
    strip.show_stats(None)
    assert strip.text("Δt") == "0.100 s"
    strip.show_slope(None)
    assert strip.shown_keys == ALL


def test_nothing_under_the_mouse(strip: ReadoutStrip) -> None:
    strip.show_hover(Hover(1402, 108, 1214), KNOWN)
    strip.show_hover(None, KNOWN)
    strip.show_region("")
    strip.show_result(None)
    assert {strip.text(key) for key in strip.shown_keys} == {"–"}


def test_without_calibration_there_are_pixels_but_no_units(strip: ReadoutStrip) -> None:
    strip.show_hover(Hover(5, 6, math.nan), Calibration())
    assert [strip.text(key) for key in ("t", "x", "px", "I")] == ["–", "–", "5, 6", "–"]


def test_negative_and_fractional_values(strip: ReadoutStrip) -> None:
    strip.show_hover(Hover(5, 6, -12), KNOWN)
    assert strip.text("I") == "−12"
    strip.show_hover(Hover(5, 6, 0.123456), KNOWN)
    assert strip.text("I") == "0.1235"


def test_a_dragged_region_takes_the_place_of_the_single_value(strip: ReadoutStrip) -> None:
    plane = np.arange(600, dtype=np.uint16).reshape(20, 30)
    strip.show_stats(roi_stats(plane, RectRoiBounds(2, 4, 0, 10)))
    assert strip.shown_keys == ("t", "x", "px", "mean", "min", "max", "size")
    texts = [strip.text(key) for key in ("mean", "min", "max", "size")]
    assert texts == ["79.50", "60", "99", "2 × 10"]
    strip.show_stats(None)
    assert strip.shown_keys == ALL


def test_entries_leave_from_the_right_and_never_widen_the_window(strip: ReadoutStrip) -> None:
    seen = []
    for width in (900, 420, 300, 200, 60, 10):
        strip.resize(width, 26)
        strip.grab()
        seen.append(len(strip.shown_keys))
        assert strip.shown_keys == tuple(key for key in ALL if key in BY_IMPORTANCE[: seen[-1]])
    assert seen == sorted(seen, reverse=True)
    assert (seen[0], seen[-1]) == (7, 0)
    assert strip.minimumSizeHint().width() == 0


def test_numbers_do_not_dance(strip: ReadoutStrip) -> None:
    def places() -> list[int]:
        strip.grab()
        return [strip._entries[key].x() for key in strip.shown_keys]

    strip.show_hover(None, KNOWN)
    still = places()
    for line, value in ((1, 0), (999, 7), (99_999, 65_535)):
        strip.show_hover(Hover(line, line % 1000, value), KNOWN)
        assert places() == still


def test_statistics_of_a_rectangle() -> None:
    plane = np.array([[1, 2, 3], [4, 5, np.nan]], np.float32)
    stats = roi_stats(plane, RectRoiBounds(0, 2, 1, 3))
    assert (stats.minimum, stats.maximum, stats.count, stats.exact) == (2, 5, 4, True)
    assert stats.mean == pytest.approx(10 / 3)
    nothing = roi_stats(plane, RectRoiBounds(1, 2, 2, 3))
    assert math.isnan(nothing.mean)


def test_a_large_rectangle_is_sampled_and_says_so(strip: ReadoutStrip) -> None:
    plane = np.zeros((MOST_SAMPLES // 100 * 3, 100), np.uint8)
    stats = roi_stats(plane, RectRoiBounds(0, plane.shape[0], 0, 100))
    assert (stats.exact, stats.count) == (False, plane.size)
    strip.show_stats(stats)
    assert strip.text("mean").startswith("≈ ")


def test_hover_is_none_outside() -> None:
    plane = np.arange(6, dtype=np.int16).reshape(2, 3)
    assert hover_at(plane, 1.9, 2.1) == Hover(1, 2, 5)
    assert hover_at(plane, -0.1, 0) is None
    assert hover_at(plane, 0, 3.0) is None


def test_the_smallest_rectangle_around_a_pixel() -> None:
    rois = (RectROI(1, 0, 100, 0, 50), RectROI(2, 10, 20, 10, 20), LineROI(3, 0, 0, 20, 20))
    assert [roi_at(rois, Hover(*place, 0)) for place in ((15, 15), (20, 15), (100, 0))] == [
        rois[1],
        rois[0],
        None,
    ]
