"""Numbers read off the picture: under the mouse, and inside a region while it is dragged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.roi import ROI, RectROI, RectRoiBounds

GOOD = "Good"
"""What is said of a row that can be trusted."""

MOST_SAMPLES = 2_000_000
"""Pixels looked at per step of a drag; about 3 ms."""


@dataclass(frozen=True, slots=True)
class Hover:
    """The pixel under the mouse and its raw value."""

    line: int
    pixel: int
    value: float


@dataclass(frozen=True, slots=True)
class RoiStats:
    """Raw values inside a rectangle; NaN where it holds no number.

    Attributes:
        count: Pixels of the rectangle.
        exact: False when only evenly spaced lines of a large rectangle were looked at.
    """

    bounds: RectRoiBounds
    mean: float
    minimum: float
    maximum: float
    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class ResultReading:
    """The row of a result that is nearest to a moment.

    Attributes:
        key: Short name of the quantity, such as `v`.
        token: Its colour in the theme.
        text: Value with its error and unit.
        quality: Whether the row can be trusted, in words; empty where that is not known.
    """

    key: str
    token: str
    text: str
    quality: str = ""


def hover_at(pixels: NDArray[Any], line: float, pixel: float) -> Hover | None:
    """What lies there in a (line, pixel) plane; None outside of it."""
    row, column = math.floor(line), math.floor(pixel)
    if not (0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]):
        return None
    return Hover(row, column, pixels[row, column].item())


def roi_at(rois: Sequence[ROI], place: Hover) -> RectROI | None:
    """The smallest rectangle around a pixel; None beside all of them."""
    inside = [
        roi
        for roi in rois
        if isinstance(roi, RectROI)
        and roi.line_start <= place.line < roi.line_stop
        and roi.pixel_start <= place.pixel < roi.pixel_stop
    ]
    return min(inside, key=_area, default=None)


def _area(roi: RectROI) -> int:
    return (roi.line_stop - roi.line_start) * (roi.pixel_stop - roi.pixel_start)


def roi_stats(pixels: NDArray[Any], bounds: RectRoiBounds) -> RoiStats:
    """Statistics of a rectangle of a (line, pixel) plane, fast enough for every mouse move."""
    crop = pixels[bounds.dim0_start : bounds.dim0_stop, bounds.dim1_start : bounds.dim1_stop]
    step = max(math.ceil(crop.size / MOST_SAMPLES), 1)
    values = crop[::step]
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if values.size == 0:
        return RoiStats(bounds, math.nan, math.nan, math.nan, crop.size, step == 1)
    mean, low, high = values.mean(dtype=np.float64), values.min(), values.max()
    return RoiStats(bounds, float(mean), low.item(), high.item(), crop.size, step == 1)
