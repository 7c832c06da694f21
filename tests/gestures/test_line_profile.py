"""Intensity along the scan line at the cursor, with the edges of the diameter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from acqcore import RectRoiBounds

Key = Qt.Key
WALLS = 12.0, 27.5
"""Of the vessel, in pixels from where the first one begins."""


@pytest.fixture
def vessel(tmp_path: Path) -> Path:
    """A bright vessel with walls that were blurred by half a pixel or so."""
    rng = np.random.default_rng(3)
    place = np.arange(40) + 0.5
    rise = 1 / (1 + np.exp(-(place - WALLS[0]) / 0.8))
    fall = 1 / (1 + np.exp(-(WALLS[1] - place) / 0.8))
    pixels = 200 + 1000 * rise * fall + rng.normal(0, 10, (400, 40))
    path = tmp_path / "vessel.tif"
    tifffile.imwrite(path, pixels.astype(np.uint16))
    return path


def profile(window):
    return next(one for one in window.features if type(one).__name__ == "Profile")


def point_at(user, line: float, pixel: float) -> None:
    user.hover(user.picture, QPoint(5, 5))  # where it is already, the mouse does not move
    user.hover(user.picture, user.point(line, pixel))


def measure(user, window, bounds=(50, 350, 4, 36), **parameters: object) -> None:
    window.controller.add_roi(RectRoiBounds(*bounds))
    user.image.analysis_set.create_and_run(
        "diameter", channel=0, roi_id=1, detection_params=parameters
    )
    window.controller.refresh()


def test_hidden_until_it_is_wanted(user, window, folder: Path) -> None:
    user.open(folder)
    assert profile(window).panel is None
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    assert profile(window).dock.isVisible()
    assert window.actions_by_id["profile"].isChecked()
    user.press(Key.Key_P)
    assert not profile(window).dock.isVisible()
    assert not window.actions_by_id["profile"].isChecked()


def test_is_the_mean_of_the_lines_at_the_cursor(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    pixels = tifffile.imread(folder / "a.tif").astype(float)
    point_at(user, 120.5, 10.5)
    panel = profile(window).panel
    np.testing.assert_allclose(panel.shown.values, pixels[118:123].mean(axis=0))
    assert "mean of 5 lines" in panel.caption.text()
    assert panel.caption.text().startswith("Line profile at 0.240 s")
    x, y = panel.curve.getData()
    assert (x[0], x[-1]) == (0.5, 31.5)
    np.testing.assert_allclose(y, panel.shown.values)
    assert panel.pointer.value() == 10.5
    panel.count.setValue(1)
    np.testing.assert_allclose(panel.shown.values, pixels[120])
    point_at(user, 0.5, 10.5)
    np.testing.assert_allclose(panel.shown.values, pixels[0])


def test_the_number_of_lines_is_remembered(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    field = profile(window).panel.count
    field.setFocus()
    user.type("9")
    user.press(Key.Key_Return)
    assert window.settings.block("profile") == {"lines": 9}


def test_shows_the_edges_and_the_threshold_of_the_diameter(user, window, vessel: Path) -> None:
    user.open(vessel)
    measure(user, window)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 200.5, 10.5)
    panel = profile(window).panel
    assert [line.value() for line in panel.edges] == pytest.approx(WALLS, abs=0.15)
    assert all(line.isVisible() for line in panel.edges)
    assert panel.level.value() == pytest.approx(700, abs=15)
    # The profile passes the threshold just there.
    for line in panel.edges:
        at = np.interp(line.value(), np.arange(40) + 0.5, panel.shown.values)
        assert at == pytest.approx(panel.level.value(), abs=30)
    assert "diameter 15." in panel.caption.text()
    assert panel.region.getRegion() == (4, 36)


def test_the_threshold_of_a_dark_lumen_is_in_counts_too(user, window, vessel: Path) -> None:
    pixels = tifffile.imread(vessel)
    dark = vessel.with_name("dark.tif")
    tifffile.imwrite(dark, 1500 - pixels)
    user.open(dark)
    measure(user, window, polarity="dark_on_bright")
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 200.5, 10.5)
    panel = profile(window).panel
    assert [line.value() for line in panel.edges] == pytest.approx(WALLS, abs=0.15)
    assert panel.level.value() == pytest.approx(800, abs=15)


def test_a_method_without_one_threshold_shows_none(user, window, vessel: Path) -> None:
    user.open(vessel)
    measure(user, window, diameter_method="fwhm", window_rows_odd=9)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 200.5, 10.5)
    panel = profile(window).panel
    assert panel.edges[0].isVisible()
    assert not panel.level.isVisible()
    assert (panel.shown.line0, panel.shown.line1) == (196, 205)


def test_no_edges_beside_the_roi(user, window, vessel: Path) -> None:
    user.open(vessel)
    measure(user, window)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 20.5, 10.5)
    panel = profile(window).panel
    assert panel.shown.edges is None
    assert not any(line.isVisible() for line in (*panel.edges, panel.level))


def test_an_out_of_date_diameter_is_dashed(user, window, vessel: Path) -> None:
    user.open(vessel)
    measure(user, window)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 200.5, 10.5)
    panel = profile(window).panel
    solid = panel.edges[0].pen.style()
    roi = user.image.rois.get(1)
    window.controller.edit_roi(replace(roi, pixel_stop=38))
    QApplication.processEvents()
    assert "out of date" in panel.caption.text()
    assert panel.edges[0].pen.style() != solid


def test_another_recording_starts_empty(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    point_at(user, 120.5, 10.5)
    assert profile(window).panel.shown is not None
    user.press(Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    user.wait()
    assert profile(window).panel.shown is None
    assert "Move the mouse" in profile(window).panel.caption.text()


def test_follows_the_trace_too(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    user.press(Key.Key_P)
    window.view.trace.hovered.emit(77.3)
    assert "0.154 s" in profile(window).panel.caption.text()
    assert not profile(window).panel.pointer.isVisible()
