"""What a pool plot consists of: items for each kind, and where its points are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from cloudscope.views.pool_inks import Inks, symbol
from cloudscope.views.pool_numbers import PlotNumbers
from cloudscope.views.pool_shapes import (
    box_of,
    cumulative_of,
    edges_of,
    histogram_of,
    swarm_of,
    violin_of,
)
from cloudscope.views.pool_statistics import STATISTICS

Floats = NDArray[np.float64]

GROUPED = ("swarm", "box", "violin", "bars")
"""Kinds whose groups stand side by side."""

_WIDTH, _GAP = 0.8, 0.86
_POINT = 8
_MOST_POINTS = 20_000
_MARGIN = 0.06


class Marks(pg.ScatterPlotItem):
    """Points that leave clicks to the plot, which knows the nearest one."""

    def mouseClickEvent(self, event: Any) -> None:
        """Pyqtgraph would keep it."""
        event.ignore()


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Points of one group and colour.

    Attributes:
        ink: Place of its colour.
        center, half: Where it stands among groups side by side.
        points: Places in the numbers.
    """

    ink: int
    center: float
    half: float
    points: NDArray[np.intp]
    values: Floats


@dataclass(slots=True)
class Drawing:
    """Items from the ground up, and where each point is; y is NaN where only x counts."""

    items: list[Any] = field(default_factory=list)
    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    left_title: str = ""
    bottom_title: str = ""


def cells_of(numbers: PlotNumbers) -> Iterator[Cell]:
    """Groups from the left, in each the colours from the left."""
    same = numbers.choice.color in ("", numbers.choice.group)
    many = 1 if same else len(numbers.colors)
    room = _WIDTH / many
    for group in range(len(numbers.groups)):
        for color in range(many):
            mine = numbers.group == group
            if not same:
                mine = mine & (numbers.color == color)
            points = np.flatnonzero(mine)
            if points.size:
                ink = group if numbers.choice.color and same else color
                center = group + (color - (many - 1) / 2) * room
                yield Cell(ink, center, room / 2 * _GAP, points, numbers.y[points])


def drawn(numbers: PlotNumbers, inks: Inks, for_paper: bool = False) -> Drawing:
    """All items of a plot; `for_paper` draws points as shapes instead of pictures."""
    kind = numbers.choice.kind
    made = Drawing(left_title=numbers.y_title, bottom_title=numbers.group_title)
    made.x, made.y = np.full(numbers.y.size, np.nan), numbers.y.copy()
    if kind == "scatter":
        _scatter(made, numbers)
    elif kind == "histogram":
        _histogram(made, numbers, inks)
    elif kind == "cumulative":
        _cumulative(made, numbers, inks)
    else:
        _side_by_side(made, numbers, inks)
    if kind == "scatter" or (kind in GROUPED and (kind == "swarm" or numbers.choice.points)):
        _points(made, numbers, inks, for_paper)
    return made


def _margins(low: float, high: float) -> tuple[float, float]:
    edge = _MARGIN * (high - low) or max(abs(high) * _MARGIN, 0.5)
    return low - edge, high + edge


# --- groups side by side -----------------------------------------------------------------


def _side_by_side(made: Drawing, numbers: PlotNumbers, inks: Inks) -> None:
    span = float(np.ptp(numbers.y))
    reach = [float(numbers.y.min()), float(numbers.y.max())]
    kind, choice = numbers.choice.kind, numbers.choice
    for cell in cells_of(numbers):
        width = cell.half if kind in ("swarm", "violin") else cell.half * 0.6
        made.x[cell.points] = cell.center + swarm_of(cell.values, span) * width * 0.8
        if kind == "box":
            _box(made, cell, inks)
        elif kind == "violin":
            _violin(made, cell, inks)
        else:
            reach += _statistic(made, cell, numbers, inks)
    if kind == "bars":
        reach.append(0.0)
        if not choice.points:
            reach = reach[2:]
        if choice.statistic not in ("mean", "median"):
            made.y[:] = np.nan  # values and their statistic are not on one scale
            made.left_title = f"{STATISTICS[choice.statistic][0]}: {numbers.y_title}"
            reach = reach[2:] if choice.points else reach
    made.x_range = (-0.5, len(numbers.groups) - 0.5)
    made.y_range = _margins(min(reach), max(reach))
    if kind == "bars" and min(reach) == 0:
        made.y_range = (0.0, made.y_range[1])


def _box(made: Drawing, cell: Cell, inks: Inks) -> None:
    box, half, x = box_of(cell.values), cell.half * 0.75, cell.center
    color = inks.color(cell.ink)
    made.items.append(
        pg.BarGraphItem(
            x0=[x - half], x1=[x + half], y0=[box.q1], y1=[box.q3],
            brush=inks.pale(cell.ink), pen=pg.mkPen(color, width=1.5),
        )
    )  # fmt: skip
    cap = half / 2
    lines = [
        (x, box.low, x, box.q1), (x, box.q3, x, box.high),
        (x - cap, box.low, x + cap, box.low), (x - cap, box.high, x + cap, box.high),
    ]  # fmt: skip
    made.items.append(_segments(lines, pg.mkPen(color, width=1.5)))
    made.items.append(
        _segments([(x - half, box.median, x + half, box.median)], pg.mkPen(color, width=3))
    )


def _violin(made: Drawing, cell: Cell, inks: Inks) -> None:
    places, density = violin_of(cell.values)
    out = cell.half * density
    x = np.concatenate([cell.center - out, (cell.center + out)[::-1]])
    y = np.concatenate([places, places[::-1]])
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)]))
    path.closeSubpath()
    item = QGraphicsPathItem(path)
    item.setPen(pg.mkPen(inks.color(cell.ink), width=1.5))
    item.setBrush(pg.mkBrush(inks.pale(cell.ink)))
    made.items.append(item)
    box = box_of(cell.values)
    half = cell.half * 0.4
    line = [(cell.center - half, box.median, cell.center + half, box.median)]
    made.items.append(_segments(line, pg.mkPen(inks.color(cell.ink), width=3)))


def _statistic(made: Drawing, cell: Cell, numbers: PlotNumbers, inks: Inks) -> list[float]:
    """A bar, or among points a line, with the error of a mean; gives how far it reaches."""
    choice, ink = numbers.choice, cell.ink
    if choice.kind == "swarm" and choice.statistic not in ("mean", "median"):
        return []
    value = STATISTICS[choice.statistic][1](cell.values)
    if not math.isfinite(value):
        return []
    half, x = cell.half * 0.75, cell.center
    pen = pg.mkPen(inks.text if choice.kind == "swarm" else inks.color(ink), width=1.5)
    if choice.kind == "bars":
        made.items.append(
            pg.BarGraphItem(
                x0=[x - half], x1=[x + half], y0=[0.0], y1=[value],
                brush=inks.pale(ink), pen=pen,
            )
        )  # fmt: skip
    lines = [(x - half, value, x + half, value)] if choice.kind == "swarm" else []
    error = 0.0
    if choice.error and choice.statistic == "mean":
        error = STATISTICS[choice.error][1](cell.values)
    if error > 0:
        low, high, cap = value - error, value + error, half / 3
        lines += [
            (x, low, x, high), (x - cap, low, x + cap, low), (x - cap, high, x + cap, high),
        ]  # fmt: skip
    if lines:
        over = _segments(lines, pg.mkPen(inks.text, width=1.5))
        over.setZValue(20)
        made.items.append(over)
    return [value - max(error, 0.0), value + max(error, 0.0)]


def _segments(lines: list[tuple[float, float, float, float]], pen: Any) -> Any:
    ends = np.array(lines, float)
    return pg.PlotCurveItem(
        ends[:, 0::2].ravel(), ends[:, 1::2].ravel(), pen=pen, connect="pairs", antialias=True
    )


# --- distributions and clouds --------------------------------------------------------------


def _outlines(numbers: PlotNumbers) -> Iterator[Cell]:
    """One per group, or per colour where that is what they are told apart by."""
    split = numbers.color if numbers.choice.color else numbers.group
    for place in range(int(split.max(initial=0)) + 1):
        points = np.flatnonzero(split == place)
        if points.size:
            yield Cell(place, 0.0, 0.0, points, numbers.y[points])


def _histogram(made: Drawing, numbers: PlotNumbers, inks: Inks) -> None:
    edges, top = edges_of(numbers.y, numbers.choice.bins), 0.0
    for cell in _outlines(numbers):
        x, y = histogram_of(cell.values, edges)
        made.items.append(
            pg.PlotCurveItem(
                x, y, pen=pg.mkPen(inks.color(cell.ink), width=1.5), fillLevel=0,
                brush=inks.pale(cell.ink),
            )
        )  # fmt: skip
        top = max(top, float(y.max()))
    made.x, made.y = numbers.y.copy(), np.full(numbers.y.size, np.nan)
    made.x_range, made.y_range = _margins(edges[0], edges[-1]), (0.0, top * (1 + _MARGIN))
    made.left_title, made.bottom_title = "Count", numbers.y_title


def _cumulative(made: Drawing, numbers: PlotNumbers, inks: Inks) -> None:
    for cell in _outlines(numbers):
        x, y = cumulative_of(cell.values)
        pen = pg.mkPen(inks.color(cell.ink), width=1.5)
        made.items.append(pg.PlotCurveItem(x, y, pen=pen, antialias=True))
        rank = np.empty(cell.points.size)
        rank[np.argsort(cell.values, kind="stable")] = np.arange(1, cell.points.size + 1)
        made.x[cell.points], made.y[cell.points] = cell.values, rank / cell.points.size
    made.x_range = _margins(float(numbers.y.min()), float(numbers.y.max()))
    made.y_range = (0.0, 1.0 + _MARGIN)
    made.left_title, made.bottom_title = "Cumulative fraction", numbers.y_title


def _scatter(made: Drawing, numbers: PlotNumbers) -> None:
    made.x = numbers.x.copy()
    made.x_range = _margins(float(numbers.x.min()), float(numbers.x.max()))
    made.y_range = _margins(float(numbers.y.min()), float(numbers.y.max()))
    made.bottom_title = numbers.x_title


def _points(made: Drawing, numbers: PlotNumbers, inks: Inks, for_paper: bool) -> None:
    choice = numbers.choice
    split = numbers.color if choice.color else np.zeros(numbers.y.size, np.intp)
    if choice.kind == "scatter" and choice.group and not choice.color:
        split = numbers.group
    for place in range(int(split.max(initial=0)) + 1):
        mine = np.flatnonzero((split == place) & np.isfinite(made.y))
        mine = mine[:: max(math.ceil(mine.size / _MOST_POINTS), 1)]
        brush = inks.color(place)
        brush.setAlphaF(0.75)
        item = Marks(
            made.x[mine], made.y[mine], size=_POINT, symbol=symbol(place),
            brush=brush, pen=pg.mkPen(inks.canvas, width=0.8), useCache=not for_paper,
        )  # fmt: skip
        item.setZValue(10)
        made.items.append(item)
