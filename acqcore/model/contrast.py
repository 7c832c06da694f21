"""Display limits and colour map of one channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.lut_names import DEFAULT_PERCENTILES as DEFAULT_PERCENTILES
from acqcore.model.lut_names import LUT_NAMES as LUT_NAMES

Pixels = NDArray[Any]

BEYOND = 1e30
"""Pixels beyond this, on either side, are marks of missing data: no detector counts so far."""

_MANY = 1 << 18
"""From so many pixels on counting how often each value occurs is faster than sorting."""

DEFAULT_LUTS = {0: "Green", 1: "Red", 2: "Blue"}
"""What an older program showed for the first channels; ours starts in gray."""


@dataclass(frozen=True, slots=True)
class ImageContrast:
    """How a channel is shown.

    Attributes:
        color_lut: One of `LUT_NAMES`; unknown names are shown as gray.
        value_min, value_max: Raw values shown as the ends of the map. Whole numbers for
            integer pixels, fractions allowed for float pixels.
        img_min, img_max: Smallest and largest raw value of the plane it was made from.
    """

    color_lut: str
    value_min: float
    value_max: float
    img_min: float
    img_max: float

    def __post_init__(self) -> None:
        for limit in (self.value_min, self.value_max, self.img_min, self.img_max):
            if not abs(limit) <= BEYOND:
                raise ValueError("a limit of the contrast is beyond any pixel")

    def copy(self) -> ImageContrast:
        """An equal one; frozen values can be shared, so this is itself."""
        return self

    def with_limits(self, low: float, high: float) -> ImageContrast:
        """Other limits, in ascending order, none beyond what a pixel may be."""
        low, high = (min(max(limit, -BEYOND), BEYOND) for limit in (low, high))
        return replace(self, value_min=min(low, high), value_max=max(low, high))

    def with_lut(self, name: str) -> ImageContrast:
        """Another colour map."""
        return replace(self, color_lut=name)


def known_values(pixels: Pixels) -> Pixels:
    """Pixels that were measured, in one axis: neither NaN nor infinite nor a mark."""
    if pixels.dtype.kind in "iub":
        return pixels.ravel()
    # Of double precision: of a narrower type the limit itself would be infinite.
    return pixels[(pixels >= np.float64(-BEYOND)) & (pixels <= np.float64(BEYOND))]


def contrast_clip_min_max(
    img: Pixels, percentile_low: float = 1.0, percentile_high: float = 99.5
) -> tuple[float, float]:
    """Display limits from percentiles of the pixels that are known.

    Percentiles are limited to 0..100 and sorted. Whole numbers (truncated) for integer
    pixels; float pixels keep their fraction. ValueError for a plane without pixels.
    """
    if img.size == 0:
        raise ValueError("an empty plane has no contrast limits")
    low, high = sorted(min(max(p, 0.0), 100.0) for p in (percentile_low, percentile_high))
    if img.dtype.kind in "iub":
        clip_low, clip_high = _percentiles(img, (low, high))
        return int(clip_low), int(clip_high)
    known = known_values(img)
    if known.size == 0:
        return 0.0, 1.0
    clip_low, clip_high = np.percentile(known, (low, high))
    return float(clip_low), float(clip_high)


def _percentiles(img: Pixels, wanted: tuple[float, float]) -> tuple[float, float]:
    """As `np.percentile` gives them; of many small whole numbers several times as fast."""
    if img.dtype not in (np.uint8, np.uint16) or img.size < _MANY:
        low, high = np.percentile(img, wanted)
        return float(low), float(high)
    counts = np.zeros(1 << (8 * img.dtype.itemsize), np.int64)
    lines = max(_MANY * len(img) // img.size, 1)  # what the processor's cache holds
    for first in range(0, len(img), lines):
        part = img[first : first + lines].ravel()
        counts += np.bincount(part, minlength=len(counts))
    up_to = np.cumsum(counts)
    low, high = (_interpolated(up_to, one / 100 * (img.size - 1)) for one in wanted)
    return low, high


def _interpolated(up_to: NDArray[np.int64], place: float) -> float:
    """The value at a place, from 0, of the sorted pixels; between two of them on a line."""
    first = int(place)
    part = place - first
    places = [first, min(first + 1, int(up_to[-1]) - 1)]
    left, right = map(float, np.searchsorted(up_to, places, side="right"))
    if part < 0.5:  # as numpy rounds it
        return left + (right - left) * part
    return right - (right - left) * (1 - part)


def contrast_from_plane(
    plane: Pixels, color_lut: str, percentile_low: float, percentile_high: float
) -> ImageContrast:
    """Seed limits from a plane; ValueError when it has no pixels."""
    low, high = contrast_clip_min_max(plane, percentile_low, percentile_high)
    if plane.dtype.kind in "iub":
        return ImageContrast(color_lut, low, high, int(plane.min()), int(plane.max()))
    known = known_values(plane)
    smallest, largest = (known.min(), known.max()) if known.size else (0.0, 1.0)
    return ImageContrast(color_lut, low, high, float(smallest), float(largest))
