"""What results look like on the picture, without a window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from cloudscope.views import result_overlay
from cloudscope.views.result_overlay import EDGE, edge_shapes, streak_segments
from cloudscope.views.result_overlay_content import EdgeTrace, Span, Streaks

VIEW = QRectF(0, 0, 1000, 400)


def screen(lines: float, pixels: float = 100) -> QTransform:
    """All lines across, pixel 0 at the bottom."""
    return QTransform(1000 / lines, 0, 0, -400 / pixels, 0, 400)


def streaks(count: int, slope: float = 0.5) -> Streaks:
    lines = 16.0 * np.arange(count) + 32
    return Streaks(lines, np.full(count, slope), (0, 16 * count + 64, 10, 90), False)


@pytest.mark.parametrize("count", [1, 20, 300, 5000])
def test_streaks_are_thinned_out_when_dense(count: int) -> None:
    segments = streak_segments(streaks(count), screen(16 * count + 64), VIEW)
    places = [one.center().x() for one in segments]
    assert 1 <= len(segments) <= 1000 / 26 + 2
    assert len(places) < 2 or np.diff(places).min() >= 26


def test_streaks_stay_the_same_windows_while_the_view_moves() -> None:
    shown = streaks(1000)
    first = streak_segments(shown, screen(16_000), VIEW)
    moved = screen(16_000) * QTransform.fromTranslate(-137, 0)
    then = streak_segments(shown, moved, VIEW)
    before = {round(one.center().x()) for one in first}
    after = {round(one.center().x() + 137) for one in then}
    assert len(before & after) > 20


@pytest.mark.parametrize("slope", [0.0, 0.3, 5.0, -2.0, np.inf])
def test_a_streak_has_the_slope_of_the_picture(slope: float) -> None:
    transform = screen(200)
    segment = streak_segments(streaks(3, slope), transform, VIEW)[0]
    back = transform.inverted()[0]
    start, end = back.map(segment.p1()), back.map(segment.p2())
    lines, pixels = end.x() - start.x(), end.y() - start.y()
    if np.isinf(slope):
        assert lines == pytest.approx(0, abs=1e-6)
    else:
        assert pixels / lines == pytest.approx(slope, abs=1e-6)
    assert segment.length() == pytest.approx(56, abs=0.1)


def test_nothing_is_no_streak() -> None:
    empty = Streaks(np.empty(0), np.empty(0), (0, 1, 0, 1), False)
    assert streak_segments(empty, screen(100), VIEW) == []


def painted(edge: EdgeTrace, lines: float) -> np.ndarray:
    """(row, column): where the colour of edges is."""
    image = QImage(1000, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    with QPainter(image) as painter:
        result_overlay._paint_edge(painter, edge, screen(lines), VIEW)
    words = np.frombuffer(image.constBits(), np.uint32).reshape(400, 1000)
    colors = np.stack([words >> shift & 0xFF for shift in (16, 8, 0)], axis=-1).astype(int)
    return np.abs(colors - EDGE.getRgb()[:3]).sum(axis=-1) < 120  # smooth lines are mixed


@pytest.mark.parametrize("lines", [20_000, 200])
def test_an_edge_is_where_it_was_measured_and_gaps_stay(lines: int) -> None:
    at, place = np.arange(lines) + 0.5, np.full(lines, 30.3)
    place[lines // 2 : lines // 2 + lines // 10] = np.nan
    ink = painted(EdgeTrace(at, place, stale=False), lines)
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows.mean() == pytest.approx(400 - 30.3 * 4, abs=1.5)
    columns = ink.any(axis=0)
    assert columns[10:490].mean() > 0.95
    assert not columns[510:590].any()
    assert columns[610:990].mean() > 0.95


@pytest.mark.parametrize("lines", [20_000, 200])
def test_out_of_date_is_dashed(lines: int) -> None:
    edge = EdgeTrace(np.arange(lines) + 0.5, np.full(lines, 30.0), stale=True)
    columns = painted(edge, lines).any(axis=0)[10:990]
    assert 0.35 < columns.mean() < 0.75
    assert 80 < np.count_nonzero(np.diff(columns.astype(int)) == 1) < 130


def test_an_outlier_of_one_row_is_seen() -> None:
    place = np.full(20_000, 30.0)
    place[7_777] = 80
    ink = painted(EdgeTrace(np.arange(20_000) + 0.5, place, stale=False), 20_000)
    assert ink[400 - 80 * 4 + 1 : 400 - 60 * 4, 385:392].any()


def test_a_single_column_has_a_width() -> None:
    (shape,) = edge_shapes(np.array([5.0, 5.5]), np.array([10.0, 12.0]), 1.0)
    assert shape.boundingRect().width() == 1


def test_events_leave_the_pixels_between_their_sides_alone() -> None:
    image = QImage(1000, 400, QImage.Format.Format_RGB32)
    image.fill(QColor(120, 120, 120))
    with QPainter(image) as painter:
        spans = [Span(20, 40, "rise", rejected=False, stale=False)]
        result_overlay._paint_events(painter, spans, screen(100), VIEW)
    assert image.pixelColor(300, 200) == QColor(120, 120, 120)
    assert image.pixelColor(200, 200) == QColor("#6DB7EC")
    assert image.pixelColor(399, 200) == QColor("#6DB7EC")
    assert image.pixelColor(220, 5) == QColor("#6DB7EC")
