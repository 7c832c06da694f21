"""The numbers of a pool plot: what is kept, averaged upwards, grouped and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore._summaries import one_unit
from acqcore.errors import CannotPool
from acqcore.model.state import Review
from cloudscope.views.pool_rows import PoolTable

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

KINDS = {
    "swarm": "Points", "box": "Box", "violin": "Violin", "bars": "Statistic",
    "histogram": "Histogram", "cumulative": "Cumulative", "scatter": "Scatter",
}  # fmt: skip
LEVELS = {"row": "Row", "roi": "ROI", "file": "Recording", "animal": "Animal"}
ERRORS = {"sem": "± SEM", "sd": "± SD", "": "None"}
MOST_GROUPS = 40
NOTHING = "–"
"""Name of the group of rows that have no value to be grouped by."""


@dataclass(frozen=True, slots=True)
class Keep:
    """What takes part beside accepted and undecided results that are up to date."""

    accepted_only: bool = False
    rejected: bool = False
    stale: bool = False
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class PlotChoice:
    """What one plot shows.

    Attributes:
        kind: A key of `KINDS`.
        y, x: Columns of numbers; `x` only of a scatter plot.
        group, color: Columns to group by, or empty.
        per: What one point stands for, a key of `LEVELS`: values are averaged up to it.
        statistic, error: Of each group: a key of `STATISTICS` and of `ERRORS`.
        absolute: Of the values, before anything else.
        bins: Of a histogram.
        points: Draw points over boxes, violins and statistics.
    """

    kind: str = "swarm"
    y: str = ""
    x: str = ""
    group: str = ""
    color: str = ""
    per: str = "row"
    statistic: str = "mean"
    error: str = "sem"
    absolute: bool = False
    bins: int = 20
    points: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each; None where the animals are not known."""

    points: int
    rois: int
    files: int
    animals: int | None

    @property
    def text(self) -> str:
        """`n = 12 · 5 recordings · 3 animals`."""
        files = f"{self.files} recording{'s' * (self.files != 1)}"
        if self.animals is None:
            return f"n = {self.points} · {files}"
        return f"n = {self.points} · {files} · {self.animals} animal{'s' * (self.animals != 1)}"


@dataclass(frozen=True, slots=True, eq=False)
class PlotNumbers:
    """What a plot draws, in units as shown.

    Attributes:
        x, y: One per point; `x` is empty but for a scatter plot.
        group, color: Place in `groups` and `colors` of each point.
        counts: Of each group.
        total: Of all points.
        point_of_row: The point that each row of the table went into, -1 for none.
        y_title, x_title: With units.
    """

    choice: PlotChoice
    y: Floats
    x: Floats
    group: Codes
    groups: tuple[str, ...]
    color: Codes
    colors: tuple[str, ...]
    counts: tuple[Counts, ...]
    total: Counts
    point_of_row: Codes
    y_title: str
    x_title: str = ""
    group_title: str = ""
    color_title: str = ""

    def rows_of(self, points: Codes) -> Codes:
        """Rows of the table that went into some points."""
        return np.flatnonzero(np.isin(self.point_of_row, points) & (self.point_of_row >= 0))

    def points_of(self, rows: Codes) -> Codes:
        """Points that some rows went into."""
        points = np.unique(self.point_of_row[rows])
        return points[points >= 0]

    def values_of(self, place: int) -> Floats:
        """Values of one group."""
        mine: Floats = self.y[self.group == place]
        return mine


def kept(table: PoolTable, keep: Keep) -> NDArray[np.bool_]:
    """Rows that take part."""
    if not len(table):
        return np.zeros(0, bool)
    review, mask = table.frame["review"].to_numpy(object), np.ones(len(table), bool)
    if keep.accepted_only:
        mask &= review == Review.ACCEPTED.value
    elif not keep.rejected:
        mask &= review != Review.REJECTED.value
    if not keep.stale:
        mask &= table.frame["stale"].to_numpy(object) == ""
    return mask if keep.flagged else mask & ~table.flagged


# --- points ----------------------------------------------------------------------------


def plot_numbers(table: PoolTable, rows: Codes, choice: PlotChoice) -> PlotNumbers:
    """Values of the given rows; `CannotPool` in a sentence where they may not be put together."""
    if choice.y not in table.number_names:
        raise CannotPool("Choose what to plot.")
    y, y_title = _measured(table, rows, choice.y, choice.absolute)
    known = np.isfinite(y)
    x, x_title = np.empty(0), ""
    if choice.kind == "scatter":
        if choice.x not in table.number_names:
            raise CannotPool("Choose what to plot on the x axis.")
        x, x_title = _measured(table, rows, choice.x, choice.absolute)
        known &= np.isfinite(x)
        x = x[known]
    rows, y = rows[known], y[known]
    if not rows.size:
        raise CannotPool(f"No row that is kept has a value of {table.title(choice.y)}.")
    group, groups = _grouped(table, rows, choice.group)
    color, colors = _grouped(table, rows, choice.color)
    point = _points(table, rows, (group, color), choice.per)
    first = np.unique(point, return_index=True)[1]
    point_of_row = np.full(len(table), -1, np.intp)
    point_of_row[rows] = point
    counts = tuple(
        _counted(table, rows[mine], point[mine])
        for mine in (group == place for place in range(len(groups)))
    )
    return PlotNumbers(
        choice,
        _averaged(table, rows, y, (group, color), choice.per),
        _averaged(table, rows, x, (group, color), choice.per) if x.size else x,
        group[first], groups, color[first], colors, counts, _counted(table, rows, point),
        point_of_row, y_title, x_title,
        table.title(choice.group) if choice.group else "",
        table.title(choice.color) if choice.color else "",
    )  # fmt: skip


def _measured(table: PoolTable, rows: Codes, name: str, absolute: bool) -> tuple[Floats, str]:
    """Values in the unit on screen, and the axis title; never two units together."""
    values = table.values(name)[rows]
    unit = unit_of(table, rows, name)
    shown, factor = table.shown(name, unit)
    title = f"|{table.title(name)}|" if absolute else table.title(name)
    values = np.abs(values) if absolute else values
    return values * factor, f"{title} ({shown})" if shown else title


def unit_of(table: PoolTable, rows: Codes, name: str) -> str:
    """The stored unit that some rows share; `CannotPool` when they do not."""
    import pandas as pd  # heavy: only where there are tables

    units = table.units(name)
    if isinstance(units, str):
        return units
    values = pd.DataFrame({"_value": table.values(name)[rows], "_unit": units.to_numpy()[rows]})
    return one_unit(values, name)


def _grouped(table: PoolTable, rows: Codes, name: str) -> tuple[Codes, tuple[str, ...]]:
    """Place of each row among the names of its groups, which are in natural order."""
    import pandas as pd

    if not name or name not in table.frame:
        return np.zeros(rows.size, np.intp), ("All",)
    cells = table.frame[name].take(rows)
    words = cells.astype(object).where(cells.notna() & (cells != ""), NOTHING)
    codes, found = pd.factorize(words)
    if len(found) > MOST_GROUPS:
        raise CannotPool(
            f"{table.title(name)} has {len(found)} different values: group by something with "
            f"{MOST_GROUPS} or fewer."
        )
    order = sorted(range(len(found)), key=lambda place: _in_order(found[place]))
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return place[codes], tuple(str(found[at]) for at in order)


def _in_order(value: Any) -> tuple[bool, bool, float, str]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value == NOTHING, not number, float(value) if number else 0.0, str(value).lower()


def _levels(table: PoolTable, rows: Codes, per: str) -> list[Codes]:
    """Codes of what a row lies in, from the inside out, up to what a point stands for."""
    animals = table.animals[rows]
    if per == "animal" and (animals < 0).any():
        raise CannotPool(
            "The animal of some recordings is not known: choose under Animal what tells it, or "
            "let a point be a recording."
        )
    inside = {"roi": table.rois[rows], "file": table.files[rows], "animal": animals}
    names = list(inside)
    return [inside[name] for name in names[: names.index(per) + 1]] if per in names else []


def _points(table: PoolTable, rows: Codes, keys: tuple[Codes, Codes], per: str) -> Codes:
    """The point that each row goes into."""
    levels = _levels(table, rows, per)
    return _combined((*keys, levels[-1])) if levels else np.arange(rows.size)


def _combined(codes: tuple[Codes, ...]) -> Codes:
    """One number for each combination that occurs."""
    whole = np.zeros(codes[0].size, np.intp)
    for one in codes:
        whole = whole * (int(one.max(initial=0)) + 2) + one + 1
        whole = np.unique(whole, return_inverse=True)[1].ravel().astype(np.intp)
    return whole


def _averaged(
    table: PoolTable, rows: Codes, values: Floats, keys: tuple[Codes, Codes], per: str
) -> Floats:
    """Mean of means: rows to ROIs, these to recordings, these to animals, within each group."""
    levels = _levels(table, rows, per)
    if not levels:
        return values
    inner: Codes = np.arange(rows.size)
    for level in levels:
        outer = _combined((*keys, level))
        first = np.unique(inner, return_index=True)[1]
        values = np.bincount(outer[first], values) / np.bincount(outer[first])
        inner = outer
    return values


def _counted(table: PoolTable, rows: Codes, point: Codes) -> Counts:
    animals = table.animals[rows]
    known = animals.size > 0 and bool((animals >= 0).all())
    return Counts(
        np.unique(point).size,
        np.unique(table.rois[rows]).size,
        np.unique(table.files[rows]).size,
        np.unique(animals).size if known else None,
    )
