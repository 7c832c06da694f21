"""Results on the picture, and what a column of the screen shows of its lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QApplication

from acqcore import RectRoiBounds
from acqcore.analysis.event import add_event
from cloudscope.views.result_overlay import EDGE, SPARK, STREAK, streak_segments

Key, Keys = Qt.Key, Qt.KeyboardModifier
SLOPE = 0.7


@pytest.fixture
def flow(user, window, folder: Path):
    """Velocity of the streaks of a.tif."""
    user.open(folder)
    window.controller.add_roi(RectRoiBounds(40, 360, 2, 30))
    user.image.analysis_set.create_and_run(
        "radon_velocity", channel=0, roi_id=1, detection_params={"window_width": 32}
    )
    window.controller.refresh()
    window.view.kymograph.setFocus()
    return user.image


@pytest.fixture
def vessel(user, window, tmp_path: Path):
    """Diameter of a vessel whose walls are at 12.0 and 27.5."""
    place = np.arange(40) + 0.5
    rise, fall = (1 / (1 + np.exp(-one / 0.8)) for one in (place - 12.0, 27.5 - place))
    noise = np.random.default_rng(3).normal(0, 10, (400, 40))
    tifffile.imwrite(tmp_path / "v.tif", (200 + 1000 * rise * fall + noise).astype(np.uint16))
    user.open(tmp_path / "v.tif")
    window.controller.add_roi(RectRoiBounds(50, 350, 4, 36))
    user.image.analysis_set.create_and_run("diameter", channel=0, roi_id=1)
    window.controller.refresh()
    window.view.kymograph.setFocus()
    return user.image


def overlays(window):
    return next(one for one in window.features if type(one).__name__ == "Overlays")


def content(window):
    return overlays(window).item.content


def near(user, line: float, pixel: float, color, reach: int = 4) -> bool:
    """Whether this colour is on the screen around a place."""
    picture = user.window.view.kymograph.grab().toImage()
    at = user.point(line, pixel)
    for x in range(at.x() - reach, at.x() + reach + 1):
        for y in range(at.y() - reach, at.y() + reach + 1):
            seen = picture.pixelColor(x, y)
            apart = abs(seen.red() - color.red()) + abs(seen.green() - color.green())
            if apart + abs(seen.blue() - color.blue()) < 30:
                return True
    return False


# --- streak angles ---------------------------------------


def test_streak_angles_are_switched_on_by_one_key(user, window, flow) -> None:
    assert content(window).streaks == ()
    assert not window.actions_by_id["overlay_streaks"].isChecked()
    user.press(Key.Key_1, Keys.ControlModifier)
    assert window.actions_by_id["overlay_streaks"].isChecked()
    (streaks,) = content(window).streaks
    assert np.median(streaks.slopes) == pytest.approx(SLOPE, abs=0.02)
    assert streaks.box == (40, 360, 2, 30)
    assert streaks.lines[0] == 40 + 16
    assert near(user, streaks.lines[0], 16, STREAK)
    user.press(Key.Key_1, Keys.ControlModifier)
    assert content(window).streaks == ()
    assert not near(user, 56, 16, STREAK)


def test_rejected_windows_have_no_streak(user, window, flow) -> None:
    record = flow.state.records[0]
    columns = {name: np.array(values) for name, values in record.table.columns.items()}
    columns["flag"][:10] = "low_snr"
    table = type(record.table)(columns)
    window.controller.edit(flow, flow.state.with_record(replace(record, table=table)), "Flag")
    user.press(Key.Key_1, Keys.ControlModifier)
    (streaks,) = content(window).streaks
    assert streaks.lines.size == len(columns["flag"]) - 10
    assert streaks.lines.min() > 40 + 16


def test_out_of_date_is_told(user, window, flow) -> None:
    user.press(Key.Key_1, Keys.ControlModifier)
    assert not content(window).streaks[0].stale
    window.controller.edit_roi(replace(flow.rois.get(1), pixel_stop=28))
    assert content(window).streaks[0].stale
    assert content(window).streaks[0].box == (40, 360, 2, 30)  # where it ran
    window.controller.undo_stack.undo()
    assert not content(window).streaks[0].stale


# --- vessel edges ---------------------------------------


def test_edges_lie_on_the_walls(user, window, vessel) -> None:
    assert window.actions_by_id["overlay_edges"].isChecked()
    left, right = content(window).edges
    assert np.nanmedian(left.pixels) == pytest.approx(12.0, abs=0.1)
    assert np.nanmedian(right.pixels) == pytest.approx(27.5, abs=0.1)
    # The first row is the ROI's first line, and that line's middle.
    assert left.lines[0] == 50.5
    for pixel in (12.0, 27.5):
        assert near(user, 200, pixel, EDGE)
    assert not near(user, 200, 20, EDGE)
    assert not near(user, 30, 12, EDGE)
    user.press(Key.Key_2, Keys.ControlModifier)
    assert not near(user, 200, 12, EDGE)


def test_another_roi_without_a_result_shows_nothing(user, window, vessel) -> None:
    window.controller.add_roi(RectRoiBounds(10, 40, 4, 36))
    assert content(window).edges == ()
    window.controller.choose_roi(1)
    assert len(content(window).edges) == 2


# --- events and sparks ---------------------------------------


def test_events_are_bands(user, window, flow) -> None:
    flow.analysis_set.create_and_run("event", channel=0, roi_id=1)
    velocity, record = flow.state.records
    after = add_event(record, velocity, 0.1, 0.2, event_type="rise")
    window.controller.edit(flow, flow.state.with_record(after), "Event")
    assert content(window).events == ()
    user.press(Key.Key_3, Keys.ControlModifier)
    (span,) = [one for one in content(window).events if one.kind == "rise"]
    assert (span.line0, span.line1) == (pytest.approx(90), pytest.approx(140))
    picture = window.view.kymograph.grab().toImage()
    at = user.point(100, 32) + QPoint(0, 6)
    assert picture.pixelColor(at).blue() > picture.pixelColor(at).red() + 50  # the band


def test_sparks_are_outlined(user, window, tmp_path: Path) -> None:
    line, pixel = np.mgrid[:600, :80]
    rise = np.where(line >= 300, 1 - np.exp(-(line - 300) / 5.0), 0) * np.exp(-(line - 300) / 25.0)
    pixels = 500 + np.random.default_rng(0).normal(0, 20, line.shape)
    pixels += np.where(line >= 300, 700 * rise, 0) * np.exp(-(((pixel - 40) / 6.0) ** 2) / 2)
    tifffile.imwrite(tmp_path / "s.tif", pixels.astype(np.uint16))
    user.open(tmp_path / "s.tif")
    window.controller.add_roi(RectRoiBounds(0, 600, 0, 80))
    user.image.analysis_set.create_and_run("calcium_sparks", channel=0, roi_id=1)
    window.controller.refresh()
    table, outlines = user.image.state.records[0].table, content(window).sparks
    assert len(outlines) == len(table) > 0
    line0, line1, pixel0, pixel1 = outlines[0].box
    assert 295 < line0 < table["time_sec"][0] + 1
    assert line1 - line0 == pytest.approx(max(table["fdhm_sec"][0], 1))
    assert (pixel0 + pixel1) / 2 == pytest.approx(table["position_um"][0] + 0.5)
    assert pixel1 - pixel0 == pytest.approx(max(table["fwhm_um"][0], 1))
    assert near(user, line0, (pixel0 + pixel1) / 2, SPARK)
    assert not near(user, 100, 40, SPARK)


# --- switches ---------------------------------------


def test_switches_are_remembered(user, window, flow) -> None:
    user.press(Key.Key_1, Keys.ControlModifier)
    user.press(Key.Key_4, Keys.ControlModifier)
    stored = window.settings.block("overlays")
    assert stored == {"streaks": True, "edges": True, "events": False, "sparks": False}
    again = type(overlays(window))(overlays(window).bench)
    assert again.kinds == {"streaks", "edges"}


def test_a_foreign_settings_file_is_no_reason_to_fail(window) -> None:
    window.settings.set_block("overlays", {"streaks": "yes", "edges": 3, "other": True})
    again = type(overlays(window))(overlays(window).bench)
    assert again.kinds == {"sparks"}


# --- brightest, mean, darkest ---------------------------------------


@pytest.fixture
def dark_event(user, window, tmp_path: Path) -> None:
    """Noise of 20,000 lines with one dark and one bright line."""
    pixels = np.random.default_rng(0).normal(1000, 100, (20_000, 64))
    pixels[5_000:5_002], pixels[15_000] = 100, 3000
    tifffile.imwrite(tmp_path / "n.tif", pixels.astype(np.uint16))
    user.open(tmp_path / "n.tif")
    contrast = replace(window.panels.scene.contrast, value_min=0, value_max=3000)
    window.controller.edit_contrast(contrast)


def shade(user, line: float) -> np.ndarray:
    """Brightness, 0 to 255, of the columns around a line."""
    picture = user.window.view.kymograph.grab().toImage()
    at = user.point(line, 32)
    return np.array([picture.pixelColor(at.x() + dx, at.y()).lightness() for dx in (-1, 0, 1)])


def test_noise_is_as_bright_zoomed_out_as_zoomed_in(user, window, dark_event) -> None:
    kymograph = window.view.kymograph
    whole = np.median([shade(user, line) for line in range(8_000, 12_000, 200)])
    kymograph.set_time_range(10_000, 10_200)
    QApplication.processEvents()
    close = np.median([shade(user, line) for line in range(10_020, 10_180, 8)])
    assert close == pytest.approx(85, abs=6)
    assert whole == pytest.approx(close, abs=10)


def test_brightest_mean_and_darkest(user, window, dark_event) -> None:
    typical = 85
    assert window.actions_by_id["show_brightest"].isChecked()
    assert shade(user, 15_000).max() > typical + 100
    window.actions_by_id["show_darkest"].trigger()
    user.wait()
    assert shade(user, 5_001).min() < typical - 40
    assert shade(user, 15_000).max() < typical + 30
    assert np.median(shade(user, 10_000)) == pytest.approx(typical, abs=15)
    window.actions_by_id["show_mean"].trigger()
    user.wait()
    assert shade(user, 10_000) == pytest.approx(typical, abs=6)
    kinds = ("brightest", "mean", "darkest")
    assert [window.actions_by_id[f"show_{one}"].isChecked() for one in kinds] == [0, 1, 0]
    assert window.settings.block("picture") == {"reduction": "mean"}
    window.actions_by_id["show_brightest"].trigger()
    user.wait()
    assert shade(user, 15_000).max() > typical + 100


def test_the_choice_goes_along_to_the_next_recording(user, window, folder: Path) -> None:
    user.open(folder)
    window.actions_by_id["show_mean"].trigger()
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    assert window.view.kymograph.picture._layer.pyramid.kind == "mean"
    assert window.panels.scene.plane.pyramid.kind == "brightest"


def test_choosing_again_keeps_the_tick(user, window, folder: Path) -> None:
    user.open(folder)
    window.actions_by_id["show_brightest"].trigger()
    assert window.actions_by_id["show_brightest"].isChecked()


def test_angles_on_the_screen_follow_the_zoom(user, window, flow) -> None:
    user.press(Key.Key_1, Keys.ControlModifier)
    kymograph, item = window.view.kymograph, overlays(window).item
    for span in ((0, 400), (100, 160)):
        kymograph.set_time_range(*span)
        QApplication.processEvents()
        to_scene = item.sceneTransform()
        view = to_scene.mapRect(QRectF(item.viewRect()))
        segments = streak_segments(content(window).streaks[0], to_scene, view)
        assert segments
        places = [segment.center().x() for segment in segments]
        assert np.diff(places).min() > 20
        one = segments[len(segments) // 2]
        start, end = (to_scene.inverted()[0].map(point) for point in (one.p1(), one.p2()))
        slope = (end.y() - start.y()) / (end.x() - start.x())
        assert slope == pytest.approx(SLOPE, abs=0.05)
