"""The two published estimates of a heart rate, Lomb-Scargle and Welch, and their agreement.

Blocks, names and statuses are those of the reference program, number for number; whether
to believe them is decided in `_heart_peak`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from acqcore.analysis._heart_lomb import Grid, lomb_power
from acqcore.analysis._heart_parameters import HeartRateParameters
from acqcore.analysis._windows import Floats

_MAD_TO_SD = 1.4826
_MOST_OUTLIERS = 0.08
_SHORTEST_SEGMENT, _LONGEST_SEGMENT = 128, 8192
_MISSING = (
    "bpm", "f_hz", "snr", "edge_flag", "edge_hz_distance", "band_concentration",
)  # fmt: skip

Block = dict[str, Any]


def prepared(velocity: Floats, parameters: HeartRateParameters) -> Floats:
    """Speeds with outliers clipped to the median +- k robust SD, less their mean.

    The absolute values if the parameters say so; NaN stays NaN.
    """
    x, low, high = _limited(velocity, parameters)
    known = np.isfinite(x)
    return np.clip(x, low, high) - np.mean(np.clip(x[known], low, high)) if known.any() else x


def without_outliers(velocity: Floats, parameters: HeartRateParameters) -> Floats:
    """Speeds as in `prepared`, but NaN where that clips.

    A clipped outlier is still noise of four standard deviations. If there are too many to
    be outliers, such as the peaks of a sharp pulse, they are clipped after all.
    """
    x, low, high = _limited(velocity, parameters)
    outside = (x < low) | (x > high)
    if np.count_nonzero(outside) > _MOST_OUTLIERS * np.count_nonzero(np.isfinite(x)):
        return np.clip(x, low, high)
    x[outside] = np.nan
    return x


def _limited(velocity: Floats, parameters: HeartRateParameters) -> tuple[Floats, float, float]:
    """Speeds, a copy, and the limits beyond which they are outliers."""
    x = np.abs(velocity) if parameters.use_abs else velocity.copy()
    known = x[np.isfinite(x)]
    if len(known) == 0:
        return x, -np.inf, np.inf
    middle = float(np.median(known))
    spread = parameters.outlier_k_mad * _MAD_TO_SD * float(np.median(np.abs(known - middle)))
    return (x, middle - spread, middle + spread) if spread > 0 else (x, -np.inf, np.inf)


def lomb_block(
    t: Floats, x: Floats, parameters: HeartRateParameters, tick: Callable[[], None]
) -> Block:
    """Peak of the Lomb-Scargle periodogram on `lomb_n_freq` frequencies of the range."""
    valid = np.isfinite(t) & np.isfinite(x)
    block = _empty("lombscargle", t, valid)
    if np.count_nonzero(valid) < parameters.min_valid:
        return block | _failed("insufficient_valid", "not_enough_valid_samples")
    low, high = parameters.bpm_min / 60, parameters.bpm_max / 60
    count = parameters.lomb_n_freq
    grid = Grid(low, (high - low) / (count - 1), count)
    used = x[valid]
    power = lomb_power(t[valid], used - used.mean(), grid, tick)
    found = _peak(grid.hz(), power, parameters)
    return block | (found or _failed("no_peak_lomb", "no_lomb_peak_in_band"))


def welch_block(t: Floats, x: Floats, parameters: HeartRateParameters) -> Block:
    """Peak of the averaged spectrum of the band-passed samples, short gaps bridged."""
    from scipy import signal  # heavy: only where it is run

    x = _bridged(t, x, parameters.interp_max_gap_sec)
    valid = np.isfinite(t) & np.isfinite(x)
    block = _empty("welch", t, valid)
    if np.count_nonzero(valid) < parameters.min_valid:
        return block | _failed("insufficient_valid", "not_enough_valid_samples_after_interp")
    t, x = t[valid], x[valid]
    step = np.diff(t)
    rate = 1 / np.median(step[step > 0])
    low, high = parameters.bpm_min / 60, parameters.bpm_max / 60
    try:
        filtered = signal.filtfilt(
            *signal.butter(parameters.bandpass_order, [2 * low / rate, 2 * high / rate], "band"), x
        )
    except ValueError as error:  # the range does not fit below half the sampling rate
        return block | _failed("other_error", f"welch_failed: {error}")
    segment = int(
        np.clip(round(rate * parameters.nperseg_sec), _SHORTEST_SEGMENT, _LONGEST_SEGMENT)
    )
    hz, power = signal.welch(
        filtered, rate, nperseg=min(segment, len(filtered)), detrend=False, scaling="density"
    )
    band = (hz >= low) & (hz <= high)
    found = _peak(hz[band], power[band], parameters)
    return block | (found or _failed("no_peak_welch", "no_welch_peak_in_band"))


def agreement(lomb: Block, welch: Block, parameters: HeartRateParameters) -> Block | None:
    """How far the two rates are apart; None unless there are both."""
    if lomb["bpm"] is None or welch["bpm"] is None:
        return None
    delta = welch["bpm"] - lomb["bpm"]
    return {
        "delta_bpm": delta,
        "abs_delta_bpm": abs(delta),
        "delta_hz": delta / 60,
        "agree_ok": abs(delta) <= parameters.agree_tol_bpm,
        "agree_tol_bpm": parameters.agree_tol_bpm,
    }


def rolled_up(lomb: Block, welch: Block, agreed: Block | None) -> tuple[str, str]:
    """Status of the two estimates together, and a note."""
    if agreed is not None:
        if agreed["agree_ok"]:
            return "ok", ""
        apart, tolerance = agreed["abs_delta_bpm"], agreed["agree_tol_bpm"]
        return "method_disagree", f"abs delta bpm {apart:.1f} > tol {tolerance:.1f}"
    statuses = (lomb["status"], welch["status"])
    for status in ("ok", "insufficient_valid", "no_peak_lomb", "no_peak_welch"):
        if status in statuses:
            return status, ""
    return "other_error", ""


def segments_summary(
    t: Floats, x: Floats, parameters: HeartRateParameters, tick: Callable[[], None]
) -> Block:
    """Welch estimates in overlapping windows: counts, median and interquartile range."""
    bpm = []
    known = t[np.isfinite(t)]
    left = known[0] if len(known) else np.inf
    last = known[-1] + 1e-9 if len(known) else -np.inf
    start = left
    while start + parameters.seg_win_sec <= last:
        tick()
        inside = (t >= start) & (t < start + parameters.seg_win_sec)
        part = np.isfinite(x[inside])
        rate = None
        if len(part) and part.mean() >= parameters.seg_min_valid_frac:
            rate = welch_block(t[inside], x[inside], parameters)["bpm"]
        bpm.append(np.nan if rate is None else rate)
        start = left + len(bpm) * parameters.seg_step_sec
    valid = np.array([one for one in bpm if np.isfinite(one)])
    quartiles = np.percentile(valid, [25, 75]) if len(valid) else None
    return {
        "method": "welch",
        "n_windows": len(bpm),
        "n_valid_windows": len(valid),
        "median_bpm": float(np.median(valid)) if len(valid) else None,
        "iqr_bpm": float(quartiles[1] - quartiles[0]) if quartiles is not None else None,
    }


def _bridged(t: Floats, x: Floats, longest: float) -> Floats:
    """Runs of NaN that last at most `longest` filled: straight lines, level at the ends."""
    missing = ~np.isfinite(x)
    if not missing.any() or missing.all():
        return x
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False]))
    filled = x.copy()
    known = ~missing
    for first, stop in edges.reshape(-1, 2):
        if t[stop - 1] - t[first] <= longest:
            filled[first:stop] = np.interp(t[first:stop], t[known], x[known])
    return filled


def _empty(method: str, t: Floats, valid: np.ndarray) -> Block:
    used = t[valid]
    return {"method": method, **dict.fromkeys(_MISSING)} | {
        "n_samples": len(t),
        "n_valid": int(np.count_nonzero(valid)),
        "t_start": float(used[0]) if len(used) else None,
        "t_end": float(used[-1]) if len(used) else None,
        "status": "ok",
        "status_note": "",
        "reason": None,
    }


def _failed(status: str, reason: str) -> Block:
    return {"status": status, "reason": reason}


def _peak(hz: Floats, power: Floats, parameters: HeartRateParameters) -> Block | None:
    """The largest power of the range, None when there is no power at all."""
    if len(power) == 0 or not power.max() > 0:
        return None
    at = int(power.argmax())
    low, high = parameters.bpm_min / 60, parameters.bpm_max / 60
    margin = parameters.edge_margin_hz
    if margin < 0:
        margin = max(0.2, 0.05 * (high - low))
    floor = float(np.median(power))
    near = np.abs(hz - hz[at]) <= parameters.peak_half_width_hz
    return {
        "bpm": float(60 * hz[at]),
        "f_hz": float(hz[at]),
        "snr": float(power[at] / floor) if floor > 0 else float("inf"),
        "edge_flag": bool(hz[at] <= low + margin or hz[at] >= high - margin),
        "edge_hz_distance": float(min(abs(hz[at] - low), abs(high - hz[at]))),
        "band_concentration": float(power[near].sum() / power.sum()),
    }
