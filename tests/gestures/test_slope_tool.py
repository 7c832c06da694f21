"""Drag along a streak and read its velocity."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

Key, Keys = Qt.Key, Qt.KeyboardModifier
SLOPE = 0.7  # pixels per line of the test recording
SPEED = SLOPE * 0.25 / 0.002 / 1000  # mm/s


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    window.view.kymograph.set_time_range(0, 60)
    user.press(Key.Key_S)


def ends(window):
    return window.view.kymograph.mouse.slope.ends


def along_a_streak(user, start: float = 5, lines: float = 40) -> tuple[QPoint, QPoint]:
    return user.point(start, 2), user.point(start + lines, 2 + SLOPE * lines)


def value(text: str) -> float:
    return float(text.split()[0].replace("\u2212", "-"))


def test_reads_the_velocity_of_a_streak(user, window) -> None:
    assert window.actions_by_id["tool_slope"].isChecked()
    user.drag(user.picture, *along_a_streak(user))
    read = window.view.readout
    assert value(read.text("Δx/Δt")) == pytest.approx(SPEED, rel=0.02)
    assert read.text("Δx/Δt").endswith(" mm/s")
    assert float(read.text("∠").rstrip("°")) == pytest.approx(34.99, abs=0.6)
    assert value(read.text("Δt")) == pytest.approx(0.08, abs=0.002)
    assert value(read.text("Δx")) == pytest.approx(7.0, abs=0.2)
    assert window.view.kymograph.mouse.slope.text.startswith("0.08")
    assert user.steps == 0


def test_direction_of_the_drag_does_not_matter(user, window) -> None:
    start, end = along_a_streak(user)
    user.drag(user.picture, end, start)
    assert value(window.view.readout.text("Δx/Δt")) == pytest.approx(SPEED, rel=0.02)
    assert value(window.view.readout.text("Δt")) > 0


def test_a_falling_streak_is_negative(user, window) -> None:
    user.drag(user.picture, user.point(5, 30), user.point(45, 2))
    assert value(window.view.readout.text("Δx/Δt")) == pytest.approx(-SPEED, rel=0.02)
    assert 90 < float(window.view.readout.text("∠").rstrip("°")) < 180


def test_live_during_the_drag(user, window) -> None:
    seen = set()
    user.drag(
        user.picture, *along_a_streak(user),
        during=lambda: seen.add(window.view.readout.text("Δt")),
    )  # fmt: skip
    assert len(seen) >= 4


def test_an_end_can_be_mended_with_the_pan_tool(user, window) -> None:
    start, end = along_a_streak(user)
    user.drag(user.picture, start, end)
    user.press(Key.Key_V)
    before, visible = ends(window), user.visible
    user.drag(user.picture, end, end + QPoint(0, 60))
    assert ends(window)[0] == before[0]
    assert ends(window)[1] != before[1]
    assert user.visible == visible


def test_copy_is_a_table(user, window) -> None:
    assert not window.actions_by_id["copy_slope"].isEnabled()
    user.drag(user.picture, *along_a_streak(user))
    user.press(Key.Key_S, Keys.ShiftModifier)
    names, numbers = QGuiApplication.clipboard().text().strip().split("\n")
    assert names.split("\t") == ["Δt (s)", "1/Δt (Hz)", "Δx (µm)", "Δx/Δt (mm/s)", "∠ (°)"]
    assert float(numbers.split("\t")[3]) == pytest.approx(SPEED, rel=0.02)


def test_escape_undoes_the_drag_then_leaves_the_tool_then_takes_the_line(user, window) -> None:
    user.drag(user.picture, *along_a_streak(user))
    first = ends(window)
    QTest.mousePress(user.picture, Qt.MouseButton.LeftButton, pos=user.point(20, 20))
    for line in (25, 30, 35):
        QTest.mouseMove(user.picture, user.point(line, 25))
    assert ends(window) != first
    user.press(Key.Key_Escape)
    QTest.mouseRelease(user.picture, Qt.MouseButton.LeftButton, pos=user.point(35, 25))
    assert ends(window) == first
    user.press(Key.Key_Escape)
    assert window.view.kymograph.tool == "pan"
    assert ends(window) == first
    user.press(Key.Key_Escape)
    assert ends(window) is None
    assert "Δt" not in window.view.readout.shown_keys


def test_another_recording_has_no_line(user, window) -> None:
    user.drag(user.picture, *along_a_streak(user))
    user.press(Key.Key_Down, Keys.ShiftModifier)
    user.wait()
    assert ends(window) is None
    assert not window.actions_by_id["copy_slope"].isEnabled()


def test_without_calibration_it_counts_samples(user, window, tmp_path: Path) -> None:
    import numpy as np
    import tifffile

    tifffile.imwrite(tmp_path / "bare.tif", np.zeros((100, 20), np.uint16))
    user.open(tmp_path / "bare.tif")
    user.drag(user.picture, user.point(10, 5), user.point(50, 15))
    read = window.view.readout
    assert value(read.text("Δx/Δt")) == pytest.approx(0.25, abs=0.01)
    assert read.text("Δx/Δt").endswith(" px/line")
    assert read.text("Δt").endswith(" lines")
    assert read.text("1/Δt").endswith(" per line")
