"""Statistics of the groups of a pool plot, as numbers beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore._summaries import check_animals, check_channels, nested_summary, one_unit
from cloudscope.views.pool_numbers import PlotChoice
from cloudscope.views.pool_rows import TABLE, PoolTable

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def _spread(values: Floats) -> float:
    return float(np.std(values, ddof=1)) if values.size > 1 else float("nan")


STATISTICS: Mapping[str, tuple[str, Callable[[Floats], float]]] = {
    "mean": ("Mean", lambda v: float(np.mean(v))),
    "median": ("Median", lambda v: float(np.median(v))),
    "sum": ("Sum", lambda v: float(np.sum(v))),
    "count": ("Count", lambda v: float(v.size)),
    "sd": ("SD", _spread),
    "sem": ("SEM", lambda v: _spread(v) / v.size**0.5),
    "min": ("Minimum", lambda v: float(np.min(v))),
    "max": ("Maximum", lambda v: float(np.max(v))),
    "cv": ("CV", lambda v: _spread(v) / abs(float(np.mean(v))) if np.mean(v) else float("nan")),
}
"""By name: title, and the statistic of at least one value; SD is the sample's."""


def summarised(table: PoolTable, rows: Codes, choice: PlotChoice) -> pd.DataFrame:
    """Nested statistics per group and colour, stored units; `CannotPool` as `Pool.summary`."""
    frame = table.frame.take(rows)
    keys = [one for one in dict.fromkeys((choice.group, choice.color)) if one]
    value = (
        np.abs(table.values(choice.y)[rows]) if choice.absolute else table.values(choice.y)[rows]
    )
    units = table.units(choice.y)
    animals = table.animals[rows]
    columns = {
        "_value": value,
        "_unit": units if isinstance(units, str) else units.to_numpy()[rows],
        "_windows": _windows(table, rows),
        "_animal": np.where(animals < 0, np.nan, animals),
        "_file": table.files[rows],
        "_roi": table.rois[rows],
        "name": frame["name"],
        "channel": frame["channel"],
    }
    values = frame[keys].assign(**columns)
    unit = one_unit(values, choice.y)
    if "channel" not in keys:
        check_channels(values, choice.y)
    if choice.per == "animal":
        check_animals(values)
    level = "window" if choice.per == "row" else choice.per
    summary = nested_summary(values, keys, level, ("animal", "file", "roi"))
    summary.insert(len(keys), "unit", unit)
    summary.insert(len(keys), "value", choice.y)
    summary.insert(len(keys) + 2, "per", choice.per)
    return summary


def _windows(table: PoolTable, rows: Codes) -> Any:
    """Windows that a row's numbers are from; missing where they are not counted."""
    if table.wish.rows == TABLE:
        return 1
    if "num_windows" not in table.frame:
        return np.nan
    flagged = table.values("num_flagged")[rows] if "num_flagged" in table.frame else 0
    return table.values("num_windows")[rows] - np.nan_to_num(flagged)
