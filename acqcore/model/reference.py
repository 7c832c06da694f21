"""The overview picture that a microscope takes before a line scan, with the scanned line."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.header import UNCALIBRATED

MICROMETRES = "um"


@dataclass(frozen=True, slots=True)
class ReferenceImagePlane:
    """One channel of an overview.

    Attributes:
        array: (row, column), not to be written.
        dx: Per row, in `x_unit`; 1 when unknown. The reference program calls rows x.
        dy: Per column, in `y_unit`; 1 when unknown.
        x_unit, y_unit: `um`, or `Pixels` when the size is unknown.
    """

    array: NDArray[Any]
    dx: float
    dy: float
    x_unit: str
    y_unit: str


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceImage:
    """An overview whose pixels are read when asked for.

    Attributes:
        size: Rows and columns.
        num_channels: Planes in the overview.
        read: Gives the plane (row, column) of a channel; may raise `UnreadableFile`.
        step_y, step_x: Micrometres per row and per column, None when unknown.
        scan_path: (2, N) points of the scanned line in pixels, first row x (column), second
            row y (row); None when the file does not say where it ran.
        line_roi: Ends of a straight scanned line in pixels, `(x0, y0, x1, y1)`, or None.
        channel_names: One text per channel, or empty.
    """

    size: tuple[int, int]
    num_channels: int
    read: Callable[[int], NDArray[Any]]
    step_y: float | None = None
    step_x: float | None = None
    scan_path: NDArray[np.float64] | None = None
    line_roi: tuple[float, float, float, float] | None = None
    channel_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for step in (self.step_y, self.step_x):
            if step is not None and not (math.isfinite(step) and step > 0):
                raise ValueError(f"a step must be a positive number or None, not {step!r}")
        if self.scan_path is not None and (self.scan_path.ndim != 2 or len(self.scan_path) != 2):
            raise ValueError(f"a scan path has two rows, x and y, not {self.scan_path.shape}")

    @property
    def dims(self) -> tuple[str, ...]:
        """Axes of `array`: C only where there are several channels."""
        return ("C", "Y", "X") if self.num_channels > 1 else ("Y", "X")

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of `dims`."""
        return (self.num_channels, *self.size) if self.num_channels > 1 else self.size

    @property
    def array(self) -> NDArray[Any]:
        """All planes, read now, with the axes `dims`; not to be written."""
        planes = np.stack([self.read(channel) for channel in range(self.num_channels)])
        pixels = planes if self.num_channels > 1 else planes[0]
        pixels.flags.writeable = False
        return pixels

    def get_plane(self, channel: int | None = None) -> ReferenceImagePlane:
        """Read one channel, the first unless told; IndexError when there is none such."""
        wanted = 0 if channel is None else channel
        if not 0 <= wanted < self.num_channels:
            raise IndexError(f"the reference image has {self.num_channels} channels, not {wanted}")
        pixels = self.read(wanted)
        pixels.flags.writeable = False
        return ReferenceImagePlane(
            pixels,
            self.step_y or 1.0,
            self.step_x or 1.0,
            MICROMETRES if self.step_y else UNCALIBRATED,
            MICROMETRES if self.step_x else UNCALIBRATED,
        )
