"""Arrays that are nowhere but in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.loaders.base import Loader
from acqcore.model.header import STEP_RANGE, Calibration, ImageHeader, is_step
from acqcore.model.header import calibration as calibration_of

AXES = ("YX", "CYX", "ZYX", "CZYX")


class MemoryLoader(Loader):
    """Give planes of an array; the array is neither copied nor changed."""

    suffixes = ()
    in_memory = True

    def __init__(
        self,
        data: ArrayLike,
        *,
        axes: str,
        source_id: str,
        calibration: Calibration = Calibration(),
    ) -> None:
        """`axes` is one of `AXES`; ValueError for an array that cannot be a recording."""
        self._pixels = _checked(np.asarray(data), axes)
        if not source_id.strip():
            raise ValueError("an array needs a source_id, which names it")
        self.path = Path(source_id)
        self._axes, self._source_id = axes, source_id
        self._calibration = calibration
        self._header = self._read_header()

    def _read_header(self) -> ImageHeader:
        dtype = self._pixels.dtype
        return ImageHeader(
            path=f"memory://{self._source_id}",
            shape=self._pixels.shape,
            dims=tuple(self._axes),
            # Bits become bytes of 0 and 1, which every analysis can compute with.
            dtype="uint8" if dtype.kind == "b" else dtype.name,
            calibration=self._calibration,
        )

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        place = {"C": channel, "Z": z}
        # A view, so that making it read-only leaves the caller's array as it is.
        return self._pixels[tuple(place.get(axis, slice(None)) for axis in self._axes)].view()

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        return self._read_plane(channel, z, t)[lines, pixels]


def array_calibration(
    steps: tuple[float | None, float | None],
    labels: tuple[str, str],
    axis_spacing: Mapping[str, float] | None = None,
    axis_units: Mapping[str, str] | None = None,
) -> Calibration:
    """Steps of Y and X, given one by one or by axis letter; ValueError for an impossible one.

    An axis without a step stays uncalibrated.
    """
    spacing, units = axis_spacing or {}, axis_units or {}
    step_y, step_x = (
        _positive(spacing.get(axis) if step is None else step)
        for axis, step in zip("YX", steps, strict=True)
    )
    label_y, label_x = (units.get(axis, label) for axis, label in zip("YX", labels, strict=True))
    return calibration_of(step_y, label_y, step_x, label_x, "array")


def _positive(step: float | None) -> float | None:
    if step is None:
        return None
    if isinstance(step, bool) or not is_step(step):
        raise ValueError(f"a calibration step must be a {STEP_RANGE}, not {step!r}")
    return float(step)


def _checked(pixels: NDArray[Any], axes: str) -> NDArray[Any]:
    if axes not in AXES:
        raise ValueError(f"the axes of an array are one of {', '.join(AXES)}, not {axes!r}")
    if pixels.ndim != len(axes):
        raise ValueError(f"an array with the axes {axes} has {len(axes)} axes, not {pixels.ndim}")
    if not pixels.size:
        raise ValueError("the array has no pixels")
    if pixels.dtype.kind not in "buif":
        raise ValueError(f"samples of type {pixels.dtype} are of a kind no recording has")
    return pixels
