"""How far each event can be trusted, beside what the reference program says of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_events import Record
from acqcore.analysis._intensity_kinetics import Transient

_LEAST_SNR = 3.0


def event_quality(
    record: Record,
    fit: Transient | None,
    noise: float,
    step: float,
    saturated: NDArray[np.bool_],
) -> Record:
    """How clear an event is and how well its onset and height are known.

    `noise` is the SD of a sample, `step` the duration of a line; NaN where nothing is known.
    """
    one = _no_fit(noise) if fit is None else _fit_numbers(fit, step)
    height = record["peak"]["amplitude"] if fit is None else fit.amplitude
    one["snr"] = height / noise if noise > 0 else math.nan
    one["peak_id"] = record["peak_id"]
    one["flag"] = _flag(record, one["snr"], saturated)
    return one


def _fit_numbers(fit: Transient, step: float) -> Record:
    return {
        "onset_refined_sec": fit.onset * step,
        "onset_se_sec": fit.onset_se * step,
        "fit_amplitude": fit.amplitude,
        "amplitude_se": fit.amplitude_se,
        "fit_rise_sec": fit.kinetics.rise * step,
        "fit_decay_sec": fit.kinetics.decay * step,
    }


def _no_fit(noise: float) -> Record:
    nothing = ("onset_refined_sec", "onset_se_sec", "fit_amplitude", "fit_rise_sec")
    # The height is the difference of two samples.
    height_se = {"amplitude_se": math.sqrt(2) * noise}
    return dict.fromkeys((*nothing, "fit_decay_sec"), math.nan) | height_se


def _flag(record: Record, snr: float, saturated: NDArray[np.bool_]) -> str:
    """Why an event is not to be trusted; empty if it is."""
    onset, peak = record["onset"]["index"], record["peak"]["index"]
    if record["status"] != "ok":
        return "no_amplitude"
    if saturated[onset : peak + 1].any():
        return "saturated"
    if onset == 0 or peak == len(saturated) - 1:
        return "cut_off"
    return "low_snr" if snr < _LEAST_SNR else ""
