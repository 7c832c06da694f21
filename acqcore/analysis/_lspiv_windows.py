"""Which windows show nothing, and what a slope in pixels per line is in um/s."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Floats, Tick, Windows, saturation_level
from acqcore.model.header import Calibration

_SATURATED_PART = 0.5
_PIXELS_AT_ONCE = 1_000_000
_LINES_SAMPLED = 20_000

Flags = NDArray[np.str_]


def window_faults(windows: Windows, tick: Tick) -> Flags:
    """`blank` (constant, or not a number) or `saturated` for windows that show nothing.

    Every line is looked at once, however many windows it is in.
    """
    lines, width = windows.pixels.shape
    level = saturation_level(windows.pixels)
    low, high, full = np.empty((3, lines))
    step = max(1, _PIXELS_AT_ONCE // width)
    for first in range(0, lines, step):
        tick(0.0)
        part = slice(first, first + step)
        block = windows.pixels[part]
        low[part], high[part] = block.min(axis=1), block.max(axis=1)
        full[part] = (block >= level).mean(axis=1) if np.isfinite(level) else 0
    flag = np.full(len(windows), "", "U12")
    if len(windows) == 0:
        return flag
    ends = np.ravel([windows.starts, windows.starts + windows.lines], order="F")
    # A NaN or infinite pixel shows in the difference too.
    darkest = np.minimum.reduceat(np.append(low, np.inf), ends)[::2]
    brightest = np.maximum.reduceat(np.append(high, -np.inf), ends)[::2]
    with np.errstate(invalid="ignore"):
        span = brightest - darkest
    flag[~(span > 0) | ~np.isfinite(span)] = "blank"
    saturated = np.add.reduceat(np.append(full, 0.0), ends)[::2] / windows.lines
    flag[(saturated >= _SATURATED_PART)] = "saturated"
    return flag


def is_static(windows: Windows) -> bool:
    """Whether the columns' means, which were subtracted, were most of the picture."""
    if windows.offset is None:
        return False
    stride = max(1, len(windows.pixels) // _LINES_SAMPLED)
    rest = windows.pixels[::stride] - windows.offset
    return bool(np.var(windows.offset) > np.nanvar(rest))


def velocities(
    slope: Floats, error: Floats, calibration: Calibration, scan_um_per_s: float
) -> tuple[Floats, Floats]:
    """Velocity and error in um/s, or in px/line without calibration.

    `scan_um_per_s` is the speed of the beam, negative on its way back, 0 for no
    correction; a cell that seems to outrun the beam backwards has no true velocity.
    """
    known = calibration.time_known and calibration.distance_known
    per_slope = calibration.step_x / calibration.step_y if known else 1.0
    velocity, error = per_slope * slope, per_slope * error
    if not scan_um_per_s:
        return velocity, error
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = scan_um_per_s / (scan_um_per_s + velocity)
    factor[~(factor > 0)] = np.nan
    return velocity * factor, error * factor**2
