"""The whole recording in one line: what it draws and how its window moves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from acqcore.model.header import Calibration
from acqcore.pyramid import Pyramid, envelope
from cloudscope.scene import Plane, Scene
from cloudscope.theme import Theme
from cloudscope.views.overview_strip import OverviewStrip, column_range

LINES = 30_000
MIDDLE = 16


@pytest.fixture(scope="module")
def theme(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Theme:
    theme = Theme(qapp, tmp_path_factory.mktemp("theme"))
    theme.set_appearance("light")
    return theme


def scene_of(lines: int = LINES, step: float = 0.001) -> Scene:
    pixels = np.full((lines, 4), 100, np.uint16)
    pixels[lines // 2] = 900
    plane = Plane("one", 0, pixels, Pyramid.build(pixels), envelope(pixels))
    return Scene(plane=plane, calibration=Calibration(step, 1, "seconds", "um", "test"))


@pytest.fixture
def strip(qtbot: QtBot, theme: Theme) -> Iterator[OverviewStrip]:
    strip = OverviewStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(664, 32)
    strip.show_scene(scene_of())
    strip.set_window(6000, 12000)
    strip.show()
    yield strip
    strip.hide()


def x_of(line: float) -> int:
    """600 pixels wide, from 54 on."""
    return round(54 + 600 * line / LINES)


def drag(strip: OverviewStrip, start: int, stop: int) -> None:
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(start, MIDDLE))
    QTest.mouseMove(strip, QPoint((start + stop) // 2, MIDDLE))
    QTest.mouseMove(strip, QPoint(stop, MIDDLE))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(stop, MIDDLE))


def heard(strip: OverviewStrip) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    strip.windowMoved.connect(lambda low, high: spans.append((low, high)))
    return spans


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (9000, 15000, (12000, 18000)),
        (9000, 29000, (24000, 30000)),
        (9000, 0, (0, 6000)),
        (6000, 9000, (9000, 12000)),
        (12000, 18000, (6000, 18000)),
        (12000, 0, (6000, 6008)),
        (24000, 24000, (21000, 27000)),
    ],
)
def test_drag_moves_the_window_or_one_of_its_edges(
    strip: OverviewStrip, start: float, stop: float, expected: tuple[float, float]
) -> None:
    spans = heard(strip)
    drag(strip, x_of(start), x_of(stop))
    assert spans[-1] == pytest.approx(expected, abs=1)
    assert strip.window_span == spans[-1]


def test_being_told_the_window_is_not_echoed(strip: OverviewStrip) -> None:
    spans = heard(strip)
    strip.set_window(0, 500)
    assert spans == []


@pytest.mark.parametrize(
    ("key", "keys", "expected"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, (6600, 12600)),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, (600, 6600)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, (24000, 30000)),
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier, (7000, 11000)),
        (Qt.Key.Key_Minus, Qt.KeyboardModifier.NoModifier, (4500, 13500)),
    ],
)
def test_keys_move_the_window(
    strip: OverviewStrip,
    key: Qt.Key,
    keys: Qt.KeyboardModifier,
    expected: tuple[float, float],
) -> None:
    spans = heard(strip)
    QTest.keyClick(strip, key, keys)
    assert spans == [pytest.approx(expected)]


def test_a_bright_line_reaches_up_and_the_window_is_framed(
    strip: OverviewStrip, theme: Theme
) -> None:
    picture = strip.grab().toImage()
    top = [picture.pixelColor(x, 8) for x in range(x_of(15000) - 1, x_of(15000) + 2)]
    assert theme.color("border") in top
    assert picture.pixelColor(x_of(6000), MIDDLE) == theme.color("accent")
    assert picture.pixelColor(x_of(25000), 10) == theme.color("panel")
    assert picture.pixelColor(660, MIDDLE) == theme.color("canvas")


@pytest.mark.parametrize(
    ("step", "lines", "text"),
    [(0.001, 30_000, "30 s"), (0.001, 2_500, "2.5 s"), (0.001, 250, "0.25 s"), (0.5, 700, "350 s")],
)
def test_duration(qtbot: QtBot, theme: Theme, step: float, lines: int, text: str) -> None:
    strip = OverviewStrip(theme)
    qtbot.addWidget(strip)
    strip.show_scene(scene_of(lines, step))
    assert strip.duration == text


def test_without_a_recording_nothing_happens(qtbot: QtBot, theme: Theme) -> None:
    strip = OverviewStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(664, 32)
    strip.show_scene(Scene())
    spans = heard(strip)
    drag(strip, 100, 200)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert spans == []
    assert strip.grab().toImage().pixelColor(300, MIDDLE) == theme.color("canvas")


def test_columns_keep_every_extreme() -> None:
    values = np.random.default_rng(0).normal(size=1003)
    values[7] = np.nan
    low, high = column_range(values, 50)
    assert (low.size, np.nanmin(low), np.nanmax(high)) == (50, np.nanmin(values), np.nanmax(values))
    few_low, few_high = column_range(values[:5], 20)
    assert few_low.size == few_high.size == 20
