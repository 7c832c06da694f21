"""Which samples of a plane each pixel of the screen stands for, and what it shows of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.pyramid import Join, Pyramid, joining

Indices = NDArray[np.intp]

ROUNDING = 1e-6
"""A sample edge on a screen edge must not fall to the wrong side."""


@dataclass(frozen=True, slots=True)
class Raster:
    """How device pixels lie on the plane.

    Attributes:
        left, top: First device pixel that is painted.
        columns, rows: Number of device pixels that are painted.
        line_left, line_right: Lines at the left and right edge.
        pixel_top, pixel_bottom: Pixels along the line at the upper and lower edge.
    """

    left: int
    top: int
    columns: int
    rows: int
    line_left: float
    line_right: float
    pixel_top: float
    pixel_bottom: float


def sampled(pyramid: Pyramid, raster: Raster) -> NDArray[Any]:
    """Raw values, one per device pixel, upper row first."""
    lines = sorted((raster.line_left, raster.line_right))
    pixels = sorted((raster.pixel_bottom, raster.pixel_top))
    region = pyramid.region(
        (lines[0], lines[1]), (pixels[0], pixels[1]), raster.columns, raster.rows
    )
    values = region.values
    upward = (raster.pixel_top - region.pixel_start, raster.pixel_bottom - region.pixel_start)
    across = (raster.line_left - region.line_start, raster.line_right - region.line_start)
    rows = _samples(upward, raster.rows, region.pixel_step, values.shape[0])
    columns = _samples(across, raster.columns, region.line_step, values.shape[1])
    # First along the axis whose elements lie far apart: runs of memory are copied whole.
    join = joining(pyramid.kind, values.dtype)
    if abs(values.strides[0]) < abs(values.strides[1]):
        return _joined(_joined(values.T, columns, 0, join), rows, 1, join).T
    return _joined(_joined(values, rows, 0, join), columns, 1, join)


def _joined(values: NDArray[Any], picks: Sequence[Indices], axis: int, join: Join) -> NDArray[Any]:
    """Several selections along an axis, element by element reduced to one."""
    return reduce(join, (values.take(pick, axis=axis) for pick in picks))


class ExcessAt:
    """`Pyramid.excess` between its steps, so that zooming is smooth; looked up once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], float] = {}

    def of(self, pyramid: Pyramid, raster: Raster) -> float:
        """For the samples that share a device pixel, in time and space."""
        time = max(abs(raster.line_right - raster.line_left) / raster.columns, 1.0)
        space = max(abs(raster.pixel_top - raster.pixel_bottom) / raster.rows, 1.0)
        (i, t), (j, s) = (divmod(math.log2(many), 1.0) for many in (time, space))
        corners = (
            (0, 0, (1 - t) * (1 - s)),
            (1, 0, t * (1 - s)),
            (0, 1, (1 - t) * s),
            (1, 1, t * s),
        )
        return sum(
            weight * self._at(pyramid, int(i) + di, int(j) + dj)
            for di, dj, weight in corners
            if weight > 0
        )

    def _at(self, pyramid: Pyramid, time: int, space: int) -> float:
        if (time, space) not in self._known:
            self._known[time, space] = pyramid.excess(1 << time, 1 << space)
        return self._known[time, space]


def _samples(span: tuple[float, float], count: int, step: int, size: int) -> Sequence[Indices]:
    """Which decimated samples each of `count` device pixels along a span stands for.

    Each sample belongs to the device pixel in which it begins, the last one to the last:
    none is left out. That makes one or two per device pixel, three in the last one.
    Magnified, a device pixel shows the sample under its centre.
    """
    edges = np.linspace(*span, count + 1) / step
    if abs(span[1] - span[0]) < count * step:
        return [np.floor((edges[:-1] + edges[1:]) / 2).astype(np.intp).clip(0, size - 1)]
    whole = np.floor(edges + ROUNDING).astype(np.intp)
    end = 0 if span[0] > span[1] else count
    whole[end] = math.ceil(edges[end] - ROUNDING)
    first = np.minimum(whole[:-1], whole[1:]).clip(0, size - 1)
    last = (np.maximum(whole[:-1], whole[1:]) - 1).clip(first, size - 1)
    between = [] if (last - first).max() < 2 else [(first + last) // 2]
    return [first, last, *between]
