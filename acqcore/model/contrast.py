"""Display limits and colour map of one channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.lut_names import DEFAULT_PERCENTILES as DEFAULT_PERCENTILES
from acqcore.model.lut_names import LUT_NAMES as LUT_NAMES

Pixels = NDArray[Any]

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

    def copy(self) -> ImageContrast:
        """An equal one; frozen values can be shared, so this is itself."""
        return self

    def with_limits(self, low: float, high: float) -> ImageContrast:
        """Other limits, in ascending order."""
        return replace(self, value_min=min(low, high), value_max=max(low, high))

    def with_lut(self, name: str) -> ImageContrast:
        """Another colour map."""
        return replace(self, color_lut=name)


def contrast_clip_min_max(
    img: Pixels, percentile_low: float = 1.0, percentile_high: float = 99.5
) -> tuple[float, float]:
    """Display limits from percentiles of the finite pixels.

    Percentiles are limited to 0..100 and sorted. Whole numbers (truncated) for integer
    pixels; float pixels keep their fraction. ValueError for a plane without pixels.
    """
    if img.size == 0:
        raise ValueError("an empty plane has no contrast limits")
    low, high = sorted(min(max(p, 0.0), 100.0) for p in (percentile_low, percentile_high))
    if img.dtype.kind in "iub":
        clip_low, clip_high = np.percentile(img, (low, high))
        return int(clip_low), int(clip_high)
    finite = img[np.isfinite(img)]
    if finite.size == 0:
        return 0.0, 1.0
    clip_low, clip_high = np.percentile(finite, (low, high))
    return float(clip_low), float(clip_high)


def contrast_from_plane(
    plane: Pixels, color_lut: str, percentile_low: float, percentile_high: float
) -> ImageContrast:
    """Seed limits from a plane; ValueError when it has no pixels."""
    low, high = contrast_clip_min_max(plane, percentile_low, percentile_high)
    if plane.dtype.kind in "iub":
        return ImageContrast(color_lut, low, high, int(plane.min()), int(plane.max()))
    finite = plane[np.isfinite(plane)]
    smallest, largest = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    return ImageContrast(color_lut, low, high, float(smallest), float(largest))
