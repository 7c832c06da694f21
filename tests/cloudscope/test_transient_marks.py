"""Marks of transients: where they would cover each other, the highest stand for all."""

from __future__ import annotations

import pyqtgraph as pg
import pytest

from cloudscope.views.transient_marks import Transient, TransientMarks, _places_of


@pytest.fixture
def plot(qtbot) -> pg.PlotWidget:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    plot.setRange(xRange=(0, 1000), yRange=(0, 10), padding=0)
    return plot


@pytest.fixture
def marks(plot: pg.PlotWidget) -> TransientMarks:
    marks = TransientMarks()
    plot.addItem(marks, ignoreBounds=True)
    marks.transients = tuple(
        Transient((line - 0.5, 0), (line, 9.0 if line == 503 else 5.0)) for line in range(1000)
    )
    marks._places = _places_of(marks.transients)
    return marks


def test_crowded_ones_leave_the_highest(marks: TransientMarks) -> None:
    shown = marks.in_view(0.5)
    assert len(shown) == pytest.approx(1000 * 0.5 / 6, abs=2)
    assert marks.transients[503] in shown
    lines = [one.peak[0] for one in shown]
    assert lines == sorted(lines)


def test_with_room_for_all_those_in_view_are_shown(
    plot: pg.PlotWidget, marks: TransientMarks
) -> None:
    plot.setXRange(200, 210, padding=0)
    plot.grab()
    assert [one.peak[0] for one in marks.in_view(80)] == list(range(200, 211))
