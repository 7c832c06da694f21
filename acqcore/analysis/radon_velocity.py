"""Velocity of red blood cells from the slope of their streaks in a kymograph.

Rows are scan lines, columns positions: a cell at speed v leaves a streak of slope
tan(theta) = v * seconds per line / micrometres per pixel, positive towards higher columns.
Each window of lines gives one velocity; windows advance by a quarter of their height.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._radon import radon_angles
from acqcore.analysis._slopes import CLEAR, DOUBT, EVIDENT, MIN_WIDTH, unbiased_slopes
from acqcore.analysis._velocity_tables import mended_velocities, velocity_summary
from acqcore.analysis._windows import (
    Floats,
    Indices,
    Tick,
    Windows,
    column_means,
    quarter_step_starts,
    saturation_level,
)
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.errors import CannotRun
from acqcore.model.header import Calibration
from acqcore.model.record import Columns
from acqcore.model.schema import described

_SATURATED_PART = 0.5
_SAMPLES_AT_ONCE = 1_000_000
_LINES_SAMPLED = 20_000
_STILL_PART = 0.95
"""Of the windows of a still recording; noise alone makes some look clear by chance."""

Flags = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class RadonParameters:
    """Knobs of `RadonVelocity`.

    Stored parameters without `estimator` come from a program that knew only `classic`.
    """

    estimator: str = described(
        "unbiased",
        choices=("unbiased", "classic"),
        help="Unbiased: no preferred angle, finer than the angle grid, with error bars. "
        "Classic: the published variance of the Radon transform, to reproduce old numbers.",
    )
    window_width: int = described(
        64,
        title="Window width",
        unit="lines",
        minimum=8,
        maximum=1024,
        multiple_of=4,
        suggestions=(16, 32, 64, 128),
        help="Lines per velocity; windows advance by a quarter of this.",
    )
    remove_stripes: bool = described(
        True,
        title="Subtract static stripes",
        applies_when=("estimator", ("unbiased",)),
        help="Subtract each column's mean over the whole ROI, so that what never moves "
        "is not measured. A stall inside a moving recording survives.",
    )
    odd_even_lines: bool = described(
        False,
        title="Odd and even lines apart",
        help="For bidirectional scans: measure the two directions apart, then average.",
    )
    scan_speed_correction: float = described(
        0.0,
        title="Scan speed",
        unit="um/s",
        minimum=0.0,
        help="Speed of the beam along the line, towards higher columns (even lines, if the "
        "scan is bidirectional). Cells that move with the beam look too fast: "
        "true = apparent * scan / (scan + apparent). 0 turns the correction off.",
    )


@dataclass(frozen=True, slots=True)
class _Track:
    """One entry per window, as in the table: slope and error in pixels per line."""

    theta_deg: Floats
    slope: Floats
    error: Floats
    snr: Floats
    flag: Flags


class RadonVelocity(Analysis[RadonParameters]):
    """Slope of the streaks in overlapping windows, as a velocity."""

    name = "radon_velocity"
    title = "Velocity (Radon)"
    place = 10
    Parameters = RadonParameters
    columns = (
        Column("time_s", "s", "Time", "Middle of the window, from the first line of the ROI."),
        Column("time_index", "lines", "Line", "Middle of the window, from the ROI's first line."),
        Column("theta_deg", "deg", "Angle", "Streak angle; its tangent is pixels per line."),
        Column("velocity", "um/s", "Velocity", "Positive towards higher columns."),
        Column("velocity_se", "um/s", "Standard error", "One standard error of the velocity."),
        Column("snr", "", "SNR", "Best score over the mean score of all directions."),
        Column("flag", "", "Flag", "Why a window is not to be trusted; empty if it is."),
    )
    curves = (
        Curve(
            "time_s", "velocity", error="velocity_se", flag="flag",
            quantity="velocity", title="Velocity",
        ),
    )  # fmt: skip
    unstated_parameters: ClassVar[Mapping[str, Any]] = {"estimator": "classic"}
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Capillary": {"window_width": 128},
        "Artery or vein": {"window_width": 32},
        "Published algorithm": {"estimator": "classic", "window_width": 64},
    }

    def run(self, inputs: Inputs, parameters: RadonParameters, context: RunContext) -> Result:
        """One row per window; `CannotRun` when the ROI holds none."""
        _check(inputs, parameters)
        starts = quarter_step_starts(len(inputs.pixels), parameters.window_width)
        windows = Windows(inputs.pixels, starts, parameters.window_width)
        flag = _recording_faults(windows, context)
        if parameters.odd_even_lines:
            velocity, error, track = _odd_and_even(inputs, windows, flag, parameters, context)
        else:
            track = _tracked(windows, flag, parameters, context, (0.0, 1.0))
            velocity, error = _velocities(track, inputs.calibration, parameters, 1)
        flag = track.flag.copy()
        flag[(flag == "") & ~np.isfinite(velocity)] = "out_of_range"
        time_index = starts + parameters.window_width / 2
        table = {
            "time_s": time_index * inputs.calibration.step_y,
            "time_index": time_index,
            "theta_deg": track.theta_deg,
            "velocity": velocity,
            "velocity_se": error,
            "snr": track.snr,
            "flag": flag,
        }
        extra = {
            "velocity_se_median": _median(error[flag == ""]),
            "num_flagged": int(np.count_nonzero(flag != "")),
            "estimator": parameters.estimator,
        }
        return Result(table, velocity_summary(velocity, flag) | extra)

    @classmethod
    def mended(
        cls, table: Columns, summary: Mapping[str, Any], calibration: Calibration
    ) -> tuple[Columns, Mapping[str, Any], str]:
        """Recompute velocities of a program that divided by the tangent of the angle."""
        return mended_velocities(table, summary, calibration)


def _check(inputs: Inputs, parameters: RadonParameters) -> None:
    lines, width = inputs.pixels.shape
    needed = MIN_WIDTH if parameters.estimator == "unbiased" else 2
    if width < needed:
        raise CannotRun(f"The ROI is {width} pixels wide; the velocity needs at least {needed}.")
    if lines < parameters.window_width:
        raise CannotRun(
            f"The ROI has {lines} lines, fewer than one window of {parameters.window_width}."
        )
    known = inputs.calibration.time_known and inputs.calibration.distance_known
    if parameters.scan_speed_correction and not known:
        raise CannotRun(
            "The scan-speed correction needs a recording with known line time and pixel size."
        )


def _recording_faults(windows: Windows, context: RunContext) -> Flags:
    """Windows that show nothing: `blank` (constant, or not a number) or `saturated`."""
    flag = np.full(len(windows), "", "U12")
    level = saturation_level(windows.pixels)
    for batch in windows.batches(_SAMPLES_AT_ONCE):
        context.progress(0.0, "Looking at the windows")
        cut = windows.cut(batch)
        low, high = cut.min(axis=(1, 2)), cut.max(axis=(1, 2))
        # A NaN or infinite pixel shows in the difference too.
        flag[batch][~(high.astype(np.float64) - low > 0) | ~np.isfinite(high)] = "blank"
        if high.max() >= level:
            full = (cut >= level).mean(axis=(1, 2)) >= _SATURATED_PART
            flag[batch][full] = "saturated"
    return flag


def _tracked(
    windows: Windows,
    fault: Flags,
    parameters: RadonParameters,
    context: RunContext,
    share: tuple[float, float],
) -> _Track:
    """Measure the windows without fault; `share` is this part of the whole progress."""
    good = np.flatnonzero(fault == "")
    count = len(windows)
    theta, slope, error, snr = np.full((4, count), np.nan)
    track = _Track(theta, slope, error, snr, fault.copy())
    if len(good) == 0:
        return track

    def tick(fraction: float) -> None:
        whole = share[0] + (share[1] - share[0]) * fraction
        context.progress(whole, f"Window {int(whole * count)} of {count}")

    measure = _unbiased if parameters.estimator == "unbiased" else _classic
    measure(windows.only(good), good, track, parameters, tick)
    return track


def _classic(
    windows: Windows, good: Indices, track: _Track, parameters: RadonParameters, tick: Tick
) -> None:
    found = radon_angles(windows, tick)
    track.theta_deg[good], track.snr[good] = found.theta_deg, found.snr
    slope = np.tan(np.deg2rad(found.theta_deg))
    # A streak along the scan line has no velocity: tan(90 degrees) is a rounding error.
    slope[found.theta_deg == 90] = np.nan
    track.slope[good] = slope


def _unbiased(
    windows: Windows, good: Indices, track: _Track, parameters: RadonParameters, tick: Tick
) -> None:
    if parameters.remove_stripes:
        windows = replace(windows, offset=column_means(windows.pixels, lambda: tick(0.0)))
    found = unbiased_slopes(windows, tick)
    track.slope[good], track.error[good], track.snr[good] = found.slope, found.error, found.snr
    unclear = found.evidence < CLEAR
    doubtful = found.elsewhere > DOUBT
    track.flag[good[doubtful]] = "ambiguous"
    track.flag[good[doubtful & (found.evidence > EVIDENT)]] = "aliased"
    track.flag[good[found.at_edge]] = "out_of_range"
    track.flag[good[unclear]] = "low_snr"
    if len(unclear) and unclear.mean() >= _STILL_PART and _is_static(windows):
        track.flag[good] = "static"
        track.slope[good] = track.error[good] = np.nan
    track.theta_deg[:] = np.rad2deg(np.arctan(track.slope)) % 180


def _is_static(windows: Windows) -> bool:
    """Whether the columns' means, which were subtracted, were most of the picture."""
    if windows.offset is None:
        return False
    stride = max(1, len(windows.pixels) // _LINES_SAMPLED)
    rest = windows.pixels[::stride] - windows.offset
    return bool(np.var(windows.offset) > np.nanvar(rest))


def _odd_and_even(
    inputs: Inputs,
    windows: Windows,
    fault: Flags,
    parameters: RadonParameters,
    context: RunContext,
) -> tuple[Floats, Floats, _Track]:
    """Mean of the two scan directions: velocity, its error, and the track."""
    tracks, velocities, errors = [], [], []
    for parity in (0, 1):
        first = (parity - inputs.line_start) % 2
        starts = (windows.starts - first + 1) // 2
        half = Windows(windows.pixels[first::2], starts, windows.lines // 2)
        track = _tracked(half, fault, parameters, context, (parity / 2, (parity + 1) / 2))
        # Two recorded lines lie between two lines of one direction.
        track = replace(track, slope=track.slope / 2, error=track.error / 2)
        velocity, error = _velocities(track, inputs.calibration, parameters, 1 - 2 * parity)
        tracks.append(track)
        velocities.append(velocity)
        errors.append(error)
    even, odd = tracks
    slope = (even.slope + odd.slope) / 2
    joined = _Track(
        theta_deg=np.rad2deg(np.arctan(slope)) % 180,
        slope=slope,
        error=np.hypot(even.error, odd.error) / 2,
        snr=(even.snr + odd.snr) / 2,
        flag=np.where(even.flag != "", even.flag, odd.flag),
    )
    return (velocities[0] + velocities[1]) / 2, np.hypot(*errors) / 2, joined


def _velocities(
    track: _Track, calibration: Calibration, parameters: RadonParameters, direction: int
) -> tuple[Floats, Floats]:
    """Velocity and error in um/s, or in px/line without calibration.

    `direction` is that of the beam: 1 towards higher columns, -1 on its way back.
    """
    known = calibration.time_known and calibration.distance_known
    per_slope = calibration.step_x / calibration.step_y if known else 1.0
    velocity, error = per_slope * track.slope, per_slope * track.error
    if not parameters.scan_speed_correction:
        return velocity, error
    scan = direction * parameters.scan_speed_correction
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = scan / (scan + velocity)
    # A cell that seems to outrun the beam backwards has no true velocity.
    factor[~(factor > 0)] = np.nan
    return velocity * factor, error * factor**2


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
