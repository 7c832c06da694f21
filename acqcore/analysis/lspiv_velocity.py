"""Velocity of red blood cells by comparing pairs of scan lines: line-scan PIV.

How far has the pattern moved between a line and the next? Unlike the slope of streaks,
this needs no streaks: a cell may cross half the line between two scans. So it is the
second opinion for fast flow (Kim et al. 2012, PLoS ONE 7:e38590). Windows, columns, signs
and units are those of `radon_velocity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from acqcore.analysis._lspiv_pairs import PHASE_WEIGHTS, Pairs, weighted_pairs
from acqcore.analysis._lspiv_peaks import CLEAR, Displacements, Reader, displacements, tuned
from acqcore.analysis._lspiv_unsteady import with_unsteady_flow
from acqcore.analysis._lspiv_windows import Flags, is_static, velocities, window_faults
from acqcore.analysis._velocity_tables import velocity_summary
from acqcore.analysis._windows import (
    Floats,
    Tick,
    Windows,
    column_means,
    quarter_step_starts,
)
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.schema import described

MIN_WIDTH = 8
_RIVAL = 0.9
_APART = 2.0
_PILOT_WINDOWS = 64


@dataclass(frozen=True, slots=True)
class LspivParameters:
    """Knobs of `LspivVelocity`."""

    window_width: int = described(
        64,
        title="Window width",
        unit="lines",
        minimum=8,
        maximum=1024,
        multiple_of=4,
        suggestions=(8, 16, 32, 64, 128),
        help="Lines per velocity; windows advance by a quarter of this. Fast pulsing flow "
        "needs few.",
    )
    line_shift: int = described(
        1,
        title="Line shift",
        unit="lines",
        minimum=0,
        maximum=256,
        help="Lines from one line of a pair to the other: 1 for fast flow, more for slow. "
        "0 chooses the largest with which the fastest cells still cross a quarter of the line.",
    )
    phase_weighting: str = described(
        "none",
        title="Phase weighting",
        choices=tuple(PHASE_WEIGHTS),
        help="None: least squares, the most precise in noise. Symmetric (as published) or "
        "full: weigh edges more than the bulk of the cells, against slow changes of brightness.",
    )
    remove_stripes: bool = described(
        True,
        title="Subtract static stripes",
        help="Subtract each column's mean over the whole ROI, so that what never moves "
        "is not measured. A stall inside a moving recording survives.",
    )
    odd_even_lines: bool = described(
        False,
        title="Odd and even lines apart",
        help="For bidirectional scans: pair lines of one direction only, then average. The "
        "line shift counts lines of one direction.",
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
    """One entry per window: slope and error in pixels per line."""

    slope: Floats
    error: Floats
    snr: Floats
    flag: Flags
    line_shift: int


class LspivVelocity(Analysis[LspivParameters]):
    """Displacement between lines, averaged over overlapping windows, as a velocity."""

    name = "lspiv_velocity"
    title = "Velocity (line-scan PIV)"
    place = 20
    Parameters = LspivParameters
    columns = (
        Column("time_s", "s", "Time", "Middle of the window, from the first line of the ROI."),
        Column("time_index", "lines", "Line", "Middle of the window, from the ROI's first line."),
        Column("theta_deg", "deg", "Angle", "Streak angle; its tangent is pixels per line."),
        Column("velocity", "um/s", "Velocity", "Positive towards higher columns."),
        Column("velocity_se", "um/s", "Standard error", "One standard error of the velocity."),
        Column("snr", "", "SNR", "Best score over the mean score of all displacements."),
        Column("flag", "", "Flag", "Why a window is not to be trusted; empty if it is."),
    )
    curves = (
        Curve(
            "time_s", "velocity", error="velocity_se", flag="flag",
            quantity="velocity", title="Velocity",
        ),
    )  # fmt: skip
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Capillary": {"window_width": 128, "line_shift": 0},
        "Artery or vein": {"window_width": 32},
        "Very fast, pulsing": {"window_width": 8},
        "Published weighting": {"window_width": 48, "phase_weighting": "symmetric"},
    }

    def run(self, inputs: Inputs, parameters: LspivParameters, context: RunContext) -> Result:
        """One row per window; `CannotRun` when the ROI holds none."""
        _check(inputs, parameters)
        starts = quarter_step_starts(len(inputs.pixels), parameters.window_width)
        windows = Windows(inputs.pixels, starts, parameters.window_width)
        fault = window_faults(windows, lambda _: context.progress(0.0, "Looking at the windows"))
        if parameters.odd_even_lines:
            velocity, error, track = _odd_and_even(inputs, windows, fault, parameters, context)
        else:
            track = _tracked(windows, fault, parameters, context, (0.0, 1.0))
            scan = parameters.scan_speed_correction
            velocity, error = velocities(track.slope, track.error, inputs.calibration, scan)
        flag = track.flag.copy()
        flag[(flag == "") & ~np.isfinite(velocity)] = "out_of_range"
        time_index = starts + parameters.window_width / 2
        table = {
            "time_s": time_index * inputs.calibration.step_y,
            "time_index": time_index,
            "theta_deg": np.rad2deg(np.arctan(track.slope)) % 180,
            "velocity": velocity,
            "velocity_se": error,
            "snr": track.snr,
            "flag": flag,
        }
        used = error[(flag == "") & np.isfinite(error)]
        extra = {
            "velocity_se_median": float(np.median(used)) if len(used) else None,
            "num_flagged": int(np.count_nonzero(flag != "")),
            "line_shift": track.line_shift,
        }
        return Result(table, velocity_summary(velocity, flag) | extra)


def _check(inputs: Inputs, parameters: LspivParameters) -> None:
    lines, width = inputs.pixels.shape
    if width < MIN_WIDTH:
        raise CannotRun(f"The ROI is {width} pixels wide; the velocity needs at least {MIN_WIDTH}.")
    if lines < parameters.window_width:
        raise CannotRun(
            f"The ROI has {lines} lines, fewer than one window of {parameters.window_width}."
        )
    paired = parameters.window_width // (2 if parameters.odd_even_lines else 1)
    if 2 * parameters.line_shift > paired:
        raise InvalidParameter(f"Line shift: Enter at most half a window, {paired // 2} lines.")
    known = inputs.calibration.time_known and inputs.calibration.distance_known
    if parameters.scan_speed_correction and not known:
        raise CannotRun(
            "The scan-speed correction needs a recording with known line time and pixel size."
        )


def _tracked(
    windows: Windows,
    fault: Flags,
    parameters: LspivParameters,
    context: RunContext,
    share: tuple[float, float],
) -> _Track:
    """Measure the windows without fault; `share` is this part of the whole progress."""
    good = np.flatnonzero(fault == "")
    count = len(windows)
    if len(good) == 0:
        unknown = np.full(count, np.nan)
        return _Track(unknown, unknown, unknown, fault, max(parameters.line_shift, 1))

    def tick(fraction: float) -> None:
        whole = share[0] + (share[1] - share[0]) * fraction
        context.progress(whole, f"Window {int(whole * count)} of {count}")

    if parameters.remove_stripes:
        windows = replace(windows, offset=column_means(windows.pixels, lambda: tick(0.0)))
    usable = windows.only(good)
    shift = parameters.line_shift or _automatic_shift(usable, lambda: tick(0.0))
    reader = _reader(usable, shift, PHASE_WEIGHTS[parameters.phase_weighting], tick)
    found = displacements(usable, reader, tick).among(good, count)
    found = with_unsteady_flow(found, reader.pairs, reader.cell_px)
    flag = _flags(found, fault, windows)
    if np.all(flag[good] == "static"):
        found = replace(found, pixels=np.full(count, np.nan), error=np.full(count, np.nan))
    return _Track(found.pixels / shift, found.error / shift, found.snr, flag, shift)


def _reader(windows: Windows, shift: int, weights: float, tick: Tick) -> Reader:
    plain = Pairs(windows.lines, windows.width, shift)
    tick(0.0)
    return tuned(windows, weighted_pairs(windows, plain, weights), lambda: tick(0.0))


def _automatic_shift(windows: Windows, still_here: Any) -> int:
    """The largest power of two with which the fastest cells cross a quarter of the line."""
    spread = np.unique(np.linspace(0, len(windows) - 1, _PILOT_WINDOWS).astype(np.intp))
    some = windows.only(spread)
    reader = tuned(some, Pairs(windows.lines, windows.width, 1), still_here)
    found = displacements(some, reader, lambda _: still_here())
    clear = np.abs(found.pixels[found.evidence >= CLEAR])
    if len(clear) == 0:
        return 1
    fastest = max(float(np.quantile(clear, 0.95)), 1e-3)
    most = min(windows.width / 4 / fastest, windows.lines / 4)
    return int(2 ** np.floor(np.log2(max(most, 1))))


def _flags(found: Displacements, fault: Flags, windows: Windows) -> Flags:
    """What is wrong with each window, the gravest last."""
    flag = fault.copy()
    good = fault == ""
    doubt = found.evidence * (1 - found.rival) < _APART
    flag[good & ((found.rival > _RIVAL) | doubt)] = "aliased"
    flag[good & (np.abs(found.pixels) > windows.width / 2)] = "out_of_range"
    unclear = good & ~(found.evidence >= CLEAR)
    flag[unclear] = "low_snr"
    if unclear[good].all() and is_static(windows):
        flag[good] = "static"
    return flag


def _odd_and_even(
    inputs: Inputs,
    windows: Windows,
    fault: Flags,
    parameters: LspivParameters,
    context: RunContext,
) -> tuple[Floats, Floats, _Track]:
    """Mean of the two scan directions: velocity, its error, and the track."""
    tracks, moved, errors = [], [], []
    for parity in (0, 1):
        first = (parity - inputs.line_start) % 2
        starts = (windows.starts - first + 1) // 2
        half = Windows(windows.pixels[first::2], starts, windows.lines // 2)
        track = _tracked(half, fault, parameters, context, (parity / 2, (parity + 1) / 2))
        # Two recorded lines lie between two lines of one direction.
        track = replace(track, slope=track.slope / 2, error=track.error / 2)
        scan = (1 - 2 * parity) * parameters.scan_speed_correction
        velocity, error = velocities(track.slope, track.error, inputs.calibration, scan)
        tracks.append(track)
        moved.append(velocity)
        errors.append(error)
    even, odd = tracks
    joined = _Track(
        slope=(even.slope + odd.slope) / 2,
        error=np.hypot(even.error, odd.error) / 2,
        snr=(even.snr + odd.snr) / 2,
        flag=np.where(even.flag != "", even.flag, odd.flag),
        line_shift=even.line_shift,
    )
    return (moved[0] + moved[1]) / 2, np.hypot(*errors) / 2, joined
