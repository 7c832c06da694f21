"""The rate over a recording: window by window, and one number for the whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._heart_fit import refined
from acqcore.analysis._heart_parameters import HeartRateParameters
from acqcore.analysis._heart_peak import (
    Band,
    Peak,
    Spectrum,
    Stretch,
    flattened,
    highest_peak,
    lasts,
    spectrum_of,
)
from acqcore.analysis._windows import Floats

_FEWEST = 32
_SAME_RATE = 0.1
_FOLDED_PART = 0.05
_STIFF = 0.01

Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Track:
    """One entry per window.

    Attributes:
        time_s: Middle of the window.
        flag: Why a rate is not to be believed: `few_samples`, `low_snr`, `out_of_range`,
            `ambiguous`; empty if it is.
    """

    time_s: Floats
    bpm: Floats
    bpm_se: Floats
    snr: Floats
    flag: NDArray[np.str_]

    @property
    def good(self) -> NDArray[np.bool_]:
        """Windows whose rate is believed."""
        return np.asarray((self.flag == "") & np.isfinite(self.bpm))


@dataclass(frozen=True, slots=True)
class Whole:
    """The rate of the recording, and what it was read from."""

    band: Band
    peak: Peak | None
    track: Track
    spectrum: Spectrum | None


def whole_rate(t: Floats, x: Floats, parameters: HeartRateParameters, tick: Tick) -> Whole:
    """Rate of samples `x` (NaN where unusable) at regular or irregular times `t`.

    A recording of at most two windows is one stretch. A longer one gives the mean of its
    believed windows, if these are at least half; else the highest peak of the windows'
    mean spectrum.
    """
    band = band_of(t, parameters)
    starts, length = _window_starts(t, parameters)
    known = np.isfinite(x)
    windows: list[Stretch | None] = [None] * len(starts)
    if np.count_nonzero(known) >= parameters.min_valid:
        for at, start in enumerate(starts):
            tick(0.1 * at / len(starts))
            windows[at] = _stretch(t, x, start, length, parameters, band)
    pieces = [one for one in windows if one is not None]
    span = float(np.ptp(t[known])) if known.any() else 0.0
    repeats = max(len(pieces) * length / span, 1.0) if span else 1.0
    spectrum = spectrum_of(pieces, band, repeats, lambda: tick(0.2))
    track = _tracked(starts + length / 2, windows, spectrum, band, parameters, tick)
    if span <= 2 * length and np.count_nonzero(known) >= parameters.min_valid:
        pieces = [(t[known], flattened(t[known], x[known], band))]
        spectrum = spectrum_of(pieces, band, 1.0, lambda: tick(0.9))
    peak = spectrum and highest_peak(spectrum, band, parameters.max_false_alarm)
    if not peak or not spectrum:
        return Whole(band, None, track, spectrum)
    if len(pieces) > 1:
        peak, track = _over_windows(peak, track, length, spectrum)
    if not np.isfinite(peak.se_hz):
        peak = refined(peak, pieces, spectrum, band)
    return Whole(band, _checked_error(peak), track, spectrum)


def band_of(t: Floats, parameters: HeartRateParameters) -> Band:
    """The range of the parameters in Hz, and what the sampling can reach."""
    step = np.diff(t)
    step = step[step > 0]
    nyquist = 0.5 / float(np.median(step)) if len(step) else 0.0
    return Band(parameters.bpm_min / 60, parameters.bpm_max / 60, nyquist)


def is_folded(velocity: Floats) -> bool:
    """Whether the flow turns round so often that its absolute value beats twice a pulse."""
    signs = np.sign(velocity[np.isfinite(velocity)])
    if len(signs) == 0:
        return False
    return bool(min(np.mean(signs > 0), np.mean(signs < 0)) > _FOLDED_PART)


def _window_starts(t: Floats, parameters: HeartRateParameters) -> tuple[Floats, float]:
    """Where windows begin, and how long they are: one window if the recording is short."""
    first, last = float(t[0]), float(t[-1])
    length = parameters.seg_win_sec
    if last - first < length:
        return np.array([first]), max(last - first, 0.0)
    # Evenly, at most a step apart, so that the last one ends with the recording.
    count = int(np.ceil((last - first - length) / parameters.seg_step_sec - 1e-3)) + 1
    return np.linspace(first, last - length, count), length


def _stretch(
    t: Floats,
    x: Floats,
    start: float,
    length: float,
    parameters: HeartRateParameters,
    band: Band,
) -> Stretch | None:
    """The usable samples of a window, or None if they are too few or bunched together."""
    first, stop = np.searchsorted(t, [start - 1e-9, start + length + 1e-9])
    known = first + np.flatnonzero(np.isfinite(x[first:stop]))
    enough = max(parameters.seg_min_valid_frac * (stop - first), _FEWEST)
    if len(known) < enough or np.ptp(t[known]) < length / 2:
        return None
    return t[known], flattened(t[known], x[known], band)


def _tracked(
    middles: Floats,
    windows: list[Stretch | None],
    spectrum: Spectrum | None,
    band: Band,
    parameters: HeartRateParameters,
    tick: Tick,
) -> Track:
    """The rate in every window; `spectrum` is that of all windows that can be used."""
    count = len(windows)
    bpm, error, snr = np.full((3, count), np.nan)
    flag = np.full(count, "few_samples", "U12")
    usable = [at for at, window in enumerate(windows) if window is not None]
    flag[usable] = "low_snr"
    for place, at in enumerate(usable):
        tick(0.3 + 0.6 * at / count)
        window, one = windows[at], spectrum and spectrum.of(place)
        peak = one and highest_peak(one, band, parameters.max_false_alarm)
        if not one or not peak or window is None:
            continue
        snr[at] = peak.snr
        if peak.doubt == "not_significant":
            continue
        peak = _checked_error(refined(peak, [window], one, band))
        bpm[at], error[at], flag[at] = 60 * peak.hz, 60 * peak.se_hz, peak.doubt
    return Track(middles, bpm, error, snr, flag)


def _over_windows(
    peak: Peak, track: Track, length: float, spectrum: Spectrum
) -> tuple[Peak, Track]:
    """The mean over the believed windows, if these are most.

    Else the peak itself, if it lasts. Windows that show an overtone of it are flagged.
    """
    track = _without_overtones(track, peak)
    count = np.count_nonzero(track.good)
    if count < max(np.count_nonzero(track.flag != "few_samples") / 2, 2):
        if not peak.doubt and not lasts(spectrum, peak.hz):
            why = "the rate changes, and is not clear enough to be followed"
            peak = replace(peak, doubt="ambiguous", why=why)
        return peak, track
    rate, error = _time_mean(track, length)
    doubt, why = peak.doubt, peak.why
    if doubt == "not_significant":  # a rate that wandered is clear in its windows alone
        doubt = why = ""
    return replace(peak, hz=rate, se_hz=error, doubt=doubt, why=why), track


def _time_mean(track: Track, length: float) -> tuple[float, float]:
    """Mean rate in Hz of the time that the believed windows cover, and its error.

    Overlapping windows are weighed so that all of that time counts alike (least squares,
    a little stiff); the plain mean of windows would count both ends less. Errors of
    windows that overlap go together as far as they do.
    """
    good = track.good
    middle, rate, error = (one[good] for one in (track.time_s, track.bpm / 60, track.bpm_se / 60))
    bins = np.arange(middle[0] - length / 2, middle[-1] + length / 2, length / 12) + length / 24
    inside = (np.abs(bins - middle[:, None]) < length / 2).astype(float)
    inside = inside[:, inside.any(axis=0)]
    share = inside / inside.sum(axis=1, keepdims=True)
    wanted = np.full(share.shape[1], 1 / share.shape[1])
    stiff = _STIFF * np.trace(share @ share.T) / len(share) * np.eye(len(share))
    weight = np.linalg.solve(share @ share.T + stiff, share @ wanted)
    weight /= weight.sum()
    together = np.clip(1 - np.abs(middle - middle[:, None]) / length, 0, 1)
    spread = weight * error
    return float(weight @ rate), float(np.sqrt(max(float(spread @ together @ spread), 0.0)))


def _without_overtones(track: Track, peak: Peak) -> Track:
    """Flag windows that show a multiple of the recording's own rate."""
    if peak.doubt == "not_significant":
        return track
    flag = track.flag.copy()
    times = track.bpm / (60 * peak.hz)
    for multiple in (1 / 3, 1 / 2, 2.0, 3.0):
        flag[(flag == "") & (np.abs(times / multiple - 1) < _SAME_RATE)] = "ambiguous"
    return replace(track, flag=flag)


def _checked_error(peak: Peak) -> Peak:
    """A rate without an error is no rate."""
    if peak.doubt or np.isfinite(peak.se_hz):
        return peak
    return replace(peak, doubt="ambiguous", why="the peak has no clear top")
