"""Intensity along the scan line at a moment, with what the diameter made of it: pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisRecord
from cloudscope.scene import Scene, ShownRecord

Floats = NDArray[np.float64]

DIAMETER = "diameter"
AUTO = 0
"""As many lines as the diameter joins, or `USUAL`."""
USUAL = 5


@dataclass(frozen=True, slots=True)
class FittedEdges:
    """The row of the diameter that is nearest.

    Attributes:
        left, right: Where the edges are, in pixels from where pixel 0 begins; NaN if missing.
        level: The threshold that they were read at; NaN for methods that have none.
        diameter: In the unit of the table; NaN if missing.
        box: Pixels of the ROI, from and to.
        flag: Why the row was rejected, or empty.
        stale: Why the result is out of date, or empty.
    """

    left: float
    right: float
    level: float
    diameter: float
    box: tuple[float, float]
    flag: str
    stale: str


@dataclass(frozen=True, slots=True, eq=False)
class LineProfile:
    """What is plotted.

    Attributes:
        values: Mean of the lines, one number per pixel.
        line0, line1: Lines that were averaged, half-open.
        edges: None where no diameter was measured.
    """

    values: Floats
    line0: int
    line1: int
    edges: FittedEdges | None


def profile_at(scene: Scene, line: float, count: int = AUTO) -> LineProfile | None:
    """The profile around a line; None without a picture. `count` lines, fewer at the ends."""
    if scene.plane is None or scene.loading:
        return None
    pixels = scene.plane.pixels
    at = min(max(int(line), 0), len(pixels) - 1)
    found = scene.shown_record(DIAMETER)
    parameters = _parameters(found)
    if count == AUTO:
        count = int(parameters.get("window_rows_odd", USUAL))
    line0, line1 = _around(at, count, 0, len(pixels))
    values = _joined(pixels[line0:line1], median=False)
    return LineProfile(values, line0, line1, _edges(found, parameters, pixels, at))


def _parameters(found: ShownRecord | None) -> Mapping[str, Any]:
    ran = found.record.provenance if found is not None else None
    return ran.parameters if ran is not None else {}


def _around(at: int, count: int, low: int, high: int) -> tuple[int, int]:
    first = at - count // 2
    return max(first, low), min(first + count, high)


def _joined(lines: NDArray[Any], *, median: bool) -> Floats:
    values = lines.astype(np.float64)
    known = np.isfinite(values)
    number = known.sum(axis=0)
    if median:
        values[~known] = np.nan
        joined = np.full(values.shape[1], np.nan)
        joined[number > 0] = np.nanmedian(values[:, number > 0], axis=0)
        return joined
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))


def _edges(
    found: ShownRecord | None, parameters: Mapping[str, Any], pixels: NDArray[Any], at: int
) -> FittedEdges | None:
    if found is None or found.record.provenance is None or found.record.table is None:
        return None
    geometry = found.record.provenance.geometry
    if len(geometry) != 4 or not geometry[0] <= at < geometry[1]:
        return None
    try:
        names = set(found.record.table.names)
    except SidecarError:  # the trace says so
        return None
    if not {"center_row", "left_edge_px", "right_edge_px", "diameter_um"} <= names:
        return None
    centers = np.asarray(found.record.table["center_row"], np.float64)
    if centers.size == 0:
        return None
    row = int(np.argmin(np.abs(centers - (at - geometry[0]))))
    first = max(geometry[2], 0)
    return FittedEdges(
        _number(found.record, "left_edge_px", row) + first + 0.5,
        _number(found.record, "right_edge_px", row) + first + 0.5,
        _level(found.record, parameters, pixels, row, geometry),
        _number(found.record, "diameter_um", row),
        (float(first), float(geometry[3])),
        str(found.record.table["flag"][row]) if "flag" in names else "",
        found.stale,
    )


def _number(record: AnalysisRecord, name: str, row: int) -> float:
    table = record.table
    return float(table[name][row]) if table is not None and name in table.names else math.nan


def _level(
    record: AnalysisRecord,
    parameters: Mapping[str, Any],
    pixels: NDArray[Any],
    row: int,
    geometry: tuple[int, ...],
) -> float:
    """In counts of the picture; only one method reads its edges at one level.

    Of a dark lumen the table counts down from the brightest pixel of the row's profile.
    """
    if parameters.get("diameter_method") != "threshold_width":
        return math.nan
    if parameters.get("threshold_mode") == "absolute":
        level = float(parameters.get("threshold_value", math.nan))
    else:
        level = (_number(record, "baseline", row) + _number(record, "peak", row)) / 2
    if parameters.get("polarity") != "dark_on_bright":
        return level
    center = geometry[0] + int(_number(record, "center_row", row))
    count = int(parameters.get("window_rows_odd", USUAL))
    line0, line1 = _around(center, count, max(geometry[0], 0), min(geometry[1], len(pixels)))
    seen = pixels[line0:line1, max(geometry[2], 0) : geometry[3]]
    profile = _joined(seen, median=parameters.get("binning_method") == "median")
    known = profile[np.isfinite(profile)]
    return float(known.max()) - level if known.size else math.nan
