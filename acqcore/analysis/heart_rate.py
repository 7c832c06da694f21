"""Heart rate from the pulse in the velocity of red blood cells.

Two published estimates, Lomb-Scargle and Welch, stand beside each other as blocks of the
summary. The rate itself, `bpm` with its error, is the peak between their frequencies
(fundamental and overtones together, Lomb-Scargle: Scargle 1982, Laguna 1998), tracked in
windows along the recording. It is None unless it can be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from acqcore.analysis._heart_methods import (
    Block,
    agreement,
    lomb_block,
    prepared,
    rolled_up,
    segments_summary,
    welch_block,
    without_outliers,
)
from acqcore.analysis._heart_parameters import HeartRateParameters
from acqcore.analysis._heart_peak import Peak
from acqcore.analysis._heart_tracking import Tick, Track, Whole, is_folded, whole_rate
from acqcore.analysis._windows import Floats
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord

_PARENT = "radon_velocity"
_SURE = 1e-3
"""With a false alarm this much rarer than asked for, the rate needs no second witness."""
_SAME_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Periodogram:
    """What to plot: power over noise at each rate, and where noise alone would stop.

    Attributes:
        bpm, ratio: The spectrum; a ratio of 1 is noise.
        threshold: Ratio that noise exceeds with the probability `max_false_alarm`
            anywhere in the range; NaN without a spectrum.
        low_bpm, high_bpm: The range that was searched.
    """

    bpm: Floats
    ratio: Floats
    threshold: float
    low_bpm: float
    high_bpm: float


class HeartRate(Analysis[HeartRateParameters]):
    """The rate of the heart, over time and for the whole ROI."""

    name = "heart_rate"
    title = "Heart rate"
    place = 50
    Parameters = HeartRateParameters
    depends_on = (_PARENT,)
    columns = (
        Column("time_s", "s", "Time", "Middle of the window, from the first line of the ROI."),
        Column("bpm", "bpm", "Heart rate", "Rate in the window; flagged where not believed."),
        Column("bpm_se", "bpm", "Standard error", "One standard error of the rate."),
        Column("snr", "", "SNR", "Power of the peak over the noise around it."),
        Column("flag", "", "Flag", "Why a rate is not to be trusted; empty if it is."),
    )
    curves = (
        Curve(
            "time_s", "bpm", error="bpm_se", flag="flag",
            quantity="rate", title="Heart rate",
        ),
    )  # fmt: skip
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Mouse": {},
        "Rat": {"bpm_min": 200.0, "bpm_max": 500.0},
        "Human": {
            "bpm_min": 40.0, "bpm_max": 180.0, "interp_max_gap_sec": 0.2, "nperseg_sec": 8.0,
            "edge_margin_hz": 0.05, "peak_half_width_hz": 0.15, "agree_tol_bpm": 10.0,
            "seg_win_sec": 20.0, "seg_step_sec": 4.0, "min_valid": 64,
        },
    }  # fmt: skip

    def run(self, inputs: Inputs, parameters: HeartRateParameters, context: RunContext) -> Result:
        """One row per window; `CannotRun` without a line time or any velocity."""
        _check(parameters)
        parent = inputs.parents[_PARENT]
        t, velocity = _trace(parent, inputs.calibration)
        x = prepared(velocity, parameters)

        def tick(fraction: float) -> None:
            context.progress(0.6 * fraction, "Following the rate")

        def still() -> None:
            context.progress(0.8, "Lomb-Scargle and Welch")

        whole = whole_rate(t, without_outliers(velocity, parameters), parameters, tick)
        still()
        lomb, welch = lomb_block(t, x, parameters, still), welch_block(t, x, parameters)
        summary = _counts(t, x) | {"lomb": lomb, "welch": welch}
        summary |= _verdict(
            whole, lomb, welch, parameters,
            lambda peak: _why_folded(peak, t, velocity, parameters, lambda fraction: still()),
        )  # fmt: skip
        summary |= _over_time(whole.track)
        summary["window_gain"] = _window_gain(parent, whole, inputs.calibration)
        if parameters.do_segments:
            summary["segments_summary"] = segments_summary(t, x, parameters, still)
        track = whole.track
        table = {
            "time_s": track.time_s,
            "bpm": track.bpm,
            "bpm_se": track.bpm_se,
            "snr": track.snr,
            "flag": track.flag,
        }
        return Result(table, summary)


def periodogram(
    parent: AnalysisRecord, parameters: HeartRateParameters, calibration: Calibration
) -> Periodogram:
    """The spectrum behind the rate, recomputed in milliseconds; for a plot.

    `parent` is the finished velocity, `calibration` the recording's. A recording without
    enough velocities gives empty arrays. Raises as `HeartRate.run` does.
    """
    _check(parameters)
    t, velocity = _trace(parent, calibration)
    whole = whole_rate(t, without_outliers(velocity, parameters), parameters, lambda fraction: None)
    spectrum = whole.spectrum
    if spectrum is None:
        bpm, ratio, threshold = np.zeros(0), np.zeros(0), float("nan")
    else:
        bpm, ratio = 60 * spectrum.hz, spectrum.ratio
        threshold = spectrum.threshold(whole.band, parameters.max_false_alarm)
    return Periodogram(bpm, ratio, threshold, parameters.bpm_min, parameters.bpm_max)


def _check(parameters: HeartRateParameters) -> None:
    if not parameters.bpm_min < parameters.bpm_max:
        raise InvalidParameter("The lowest heart rate must be below the highest.")


def _trace(parent: AnalysisRecord, calibration: Calibration) -> tuple[Floats, Floats]:
    """Times in seconds, rising, and velocities, NaN where the parent flags them."""
    if not calibration.time_known:
        raise CannotRun("The heart rate needs a recording with a known line time.")
    columns = parent.table.columns if parent.table is not None else {}
    if "velocity" not in columns or len(columns["velocity"]) < 2:
        raise CannotRun("There are too few velocities for a heart rate.")
    velocity = np.array(columns["velocity"], np.float64)
    if "flag" in columns:
        velocity[columns["flag"] != ""] = np.nan
    velocity[~np.isfinite(velocity)] = np.nan
    # Lines times the step in force: the calibration may have changed since the parent ran.
    in_lines = "time_index" in columns
    t = np.array(columns["time_index" if in_lines else "time_s"], np.float64)
    t = t * calibration.step_y if in_lines else t
    order = np.argsort(t, kind="stable")
    order = order[np.isfinite(t[order])]
    if len(order) < 2 or t[order[0]] == t[order[-1]]:
        raise CannotRun("There are too few velocities for a heart rate.")
    return t[order], velocity[order]


def _counts(t: Floats, x: Floats) -> dict[str, Any]:
    valid = np.isfinite(x)
    used = t[valid]
    return {
        "version": 1,
        "n_total": len(x),
        "n_valid": int(np.count_nonzero(valid)),
        "valid_frac": float(valid.mean()),
        "t_min": float(used[0]) if len(used) else None,
        "t_max": float(used[-1]) if len(used) else None,
    }


def _verdict(
    whole: Whole,
    lomb: Block,
    welch: Block,
    parameters: HeartRateParameters,
    folded: Callable[[Peak], str],
) -> dict[str, Any]:
    """The rate if it is trusted, and the status: the first thing that speaks against it.

    `folded` tells why a peak is made by the flow's turning round, or gives an empty text.
    """
    agreed = agreement(lomb, welch, parameters)
    status, note = rolled_up(lomb, welch, agreed)
    peak = whole.peak
    if status in ("ok", "method_disagree"):
        status, note = _first_doubt(whole, welch, parameters, folded)
    trusted = status == "ok" and peak is not None
    return {
        "bpm": 60 * peak.hz if trusted and peak else None,
        "bpm_se": 60 * peak.se_hz if trusted and peak else None,
        "trusted": trusted,
        "status": status,
        "status_note": note,
        "agreement": agreed,
        "peak": _peak_block(peak),
    }


def _first_doubt(
    whole: Whole,
    welch: Block,
    parameters: HeartRateParameters,
    folded: Callable[[Peak], str],
) -> tuple[str, str]:
    """Status and note of a recording with enough velocities."""
    peak = whole.peak
    if not whole.band.is_reached:
        return "out_of_range", "velocities are too sparse for the slowest rate of the range"
    if peak is None:
        return "not_significant", "there is no rhythm in the range"
    if peak.doubt:
        return peak.doubt, peak.why
    if why := folded(peak):
        return "ambiguous", why
    if peak.false_alarm > _SURE * parameters.max_false_alarm:
        # Welch joins what lies on both sides of a gap, so a sure peak does without it.
        rates = {1, peak.overtone}
        second = welch["bpm"]
        if second is not None and all(
            abs(second - 60 * one * peak.hz) > parameters.agree_tol_bpm for one in rates
        ):
            return "method_disagree", f"the peak is at {60 * peak.hz:.0f} bpm, Welch's elsewhere"
    return "ok", ""


def _why_folded(
    peak: Peak, t: Floats, velocity: Floats, parameters: HeartRateParameters, tick: Tick
) -> str:
    """Why the peak may come from the absolute value of a flow that turns round, or empty."""
    if not parameters.use_abs or not is_folded(velocity):
        return ""
    as_is = replace(parameters, use_abs=False)
    other = whole_rate(t, without_outliers(velocity, as_is), as_is, tick).peak
    if other and not other.doubt and abs(other.hz / peak.hz - 1) < _SAME_RATE:
        return ""
    return "the flow turns round, and its absolute value beats otherwise than itself"


def _peak_block(peak: Peak | None) -> Block:
    """The peak as found, also if it is not to be believed."""
    if peak is None:
        return dict.fromkeys(("bpm", "bpm_se", "snr", "false_alarm", "overtone"))
    return {
        "bpm": 60 * peak.hz,
        "bpm_se": 60 * peak.se_hz,
        "snr": peak.snr,
        "false_alarm": peak.false_alarm,
        "overtone": peak.overtone,
    }


def _over_time(track: Track) -> dict[str, Any]:
    """How many windows there are and are believed, and how far the rate wandered."""
    rates = track.bpm[track.good]
    return {
        "num_windows": len(track.bpm),
        "num_flagged": int(np.count_nonzero(~track.good)),
        "bpm_sd": float(rates.std()) if len(rates) > 1 else None,
    }


def _window_gain(parent: AnalysisRecord, whole: Whole, calibration: Calibration) -> float | None:
    """Part of the pulse's amplitude that is left after averaging over a velocity window."""
    ran = parent.provenance
    lines = None if ran is None else ran.parameters.get("window_width")
    if lines is None or whole.peak is None:
        return None
    return float(abs(np.sinc(whole.peak.hz * lines * calibration.step_y)))
