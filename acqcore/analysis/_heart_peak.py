"""One rate from one or more stretches of velocity, with its error and its credibility.

Stretches are cleared of slow change, their Lomb-Scargle periodograms divided by the
noise around each frequency and averaged. The highest peak of the range is the rate
unless noise alone could have made it (an F test over all frequencies tried), it is an
overtone of a slower peak, or what made it lies outside the range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from acqcore.analysis._heart_lomb import Grid, lomb_power
from acqcore.analysis._windows import Floats

_OVERSAMPLED = 8
_NYQUIST_PART = 0.98
_DRIFT_PART = 1 / 3
"""Changes slower than this part of the range's lower end are not pulse."""
_TRIALS_PER_RESOLUTION = 2.5
"""Independent frequencies in 1/duration: the maximum over a fine grid is a little higher."""
_MEDIAN_FREEDOM = 0.48
"""A median of n powers is as sure as a mean of 0.48 n."""
_OVERTONES = (2, 3)
_CLEAR_OVERTONE, _FAINT_OVERTONE = 0.1, 0.02
_LASTING = 0.01
_ROUNDING = 1e-9
_PLACES = 10
"""How many independent places are looked at for a slower peak, generously counted."""

Stretch = tuple[Floats, Floats]
"""Times in seconds and velocities, finite, equally long."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where a rate may lie, in Hz, and how fast the velocity was sampled.

    Attributes:
        nyquist: Half the sampling rate.
        seen_from, seen_to: The wider range in which the noise is judged.
    """

    low: float
    high: float
    nyquist: float

    @property
    def top(self) -> float:
        """Upper end of the search: `high`, if the samples reach it."""
        return min(self.high, _NYQUIST_PART * self.nyquist)

    @property
    def seen_from(self) -> float:
        return self.low / 2

    @property
    def seen_to(self) -> float:
        return min(2 * self.high - self.low, _NYQUIST_PART * self.nyquist)

    @property
    def is_reached(self) -> bool:
        """Whether any of the range can be seen at this sampling rate."""
        return self.low < self.top


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power over noise: about 1 where there is only noise.

    Attributes:
        hz, ratio: Frequencies and power over noise, averaged over the stretches.
        each: The same ratio for every stretch, (stretch, frequency); NaN without noise.
        stretches: How many independent stretches were averaged.
        resolution: 1 / duration of a stretch, in Hz.
    """

    hz: Floats
    ratio: Floats
    each: Floats
    stretches: float
    resolution: float

    def of(self, stretch: int) -> Spectrum | None:
        """The spectrum of one stretch alone; None where it has no noise."""
        one = self.each[stretch]
        if not np.isfinite(one[0]):
            return None
        return replace(self, ratio=one, each=one[None], stretches=1.0)

    def chance(self, ratio: Floats | float) -> Floats:
        """Probability that noise alone reaches `ratio` at one given frequency."""
        from scipy.special import fdtrc  # heavy: only where it is run

        return np.asarray(fdtrc(*self._freedom, np.maximum(ratio, 0)))

    def threshold(self, band: Band, false_alarm: float) -> float:
        """Ratio that noise exceeds with that probability anywhere in the range."""
        from scipy.special import fdtri  # heavy: only where it is run

        chance = -np.expm1(np.log1p(-false_alarm) / self.trials(band))
        return float(fdtri(*self._freedom, 1 - chance))

    def trials(self, band: Band) -> float:
        """How many independent frequencies the search looks at."""
        return max(_TRIALS_PER_RESOLUTION * (band.top - band.low) / self.resolution, 1.0)

    @property
    def _freedom(self) -> tuple[float, float]:
        """Degrees of freedom of the power and of the noise that divides it."""
        independent = (self.hz[-1] - self.hz[0]) / self.resolution
        power = 2 * self.stretches
        return power, max(power * _MEDIAN_FREEDOM * independent, 2.0)

    def near(self, hz: float) -> slice:
        """Frequencies that belong to a peak at `hz`."""
        return self.within(hz - 0.6 * self.resolution, hz + 0.6 * self.resolution)

    def within(self, low: float, high: float) -> slice:
        """Frequencies from `low` to `high`, both included."""
        first = int(np.searchsorted(self.hz, low - 1e-9))
        return slice(first, int(np.searchsorted(self.hz, high + 1e-9)))


@dataclass(frozen=True, slots=True)
class Peak:
    """The rate that a spectrum shows.

    Attributes:
        hz, se_hz: Rate and one standard error.
        snr: Power over noise at the rate.
        false_alarm: Probability of such a peak in noise alone.
        overtone: Which multiple of the rate had the highest peak; 1 for the rate itself.
        doubt: Why the rate is not to be believed, else empty: `not_significant`,
            `out_of_range` or `ambiguous`.
        why: The doubt as a sentence.
    """

    hz: float
    se_hz: float
    snr: float
    false_alarm: float
    overtone: int = 1
    doubt: str = ""
    why: str = ""


def flattened(t: Floats, x: Floats, band: Band) -> Floats:
    """Samples less all that changes slower than the range (cosines, least squares)."""
    span = t[-1] - t[0]
    if not span > 0:
        return np.zeros(len(x))
    order = int(2 * span * _DRIFT_PART * band.low)
    order = max(min(order, len(t) // 8), 1)
    waves = np.cos(np.pi * np.outer((t - t[0]) / span, np.arange(order + 1)))
    basis = np.linalg.qr(waves)[0]
    rest = x - basis @ (basis.T @ x)
    if np.linalg.norm(rest) < _ROUNDING * np.linalg.norm(x):
        return np.zeros(len(x))
    return np.asarray(rest - rest.mean())


def spectrum_of(
    stretches: Sequence[Stretch], band: Band, repeats: float, tick: Callable[[], None]
) -> Spectrum | None:
    """Mean spectrum of flattened stretches; None when there is nothing to see.

    `repeats` is how often each piece of recording occurs in overlapping stretches.
    """
    longest = max((t[-1] - t[0] for t, _ in stretches), default=0.0)
    if not longest > 0 or not band.is_reached:
        return None
    grid = Grid.between(band.seen_from, band.seen_to, 1 / (_OVERSAMPLED * longest))
    each = np.full((len(stretches), len(grid)), np.nan)
    for row, (t, x) in zip(each, stretches, strict=True):
        power = lomb_power(t, x, grid, tick, exact=False)
        noise = _noise(power, grid, 1 / longest)
        if noise.min() > 0:
            row[:] = power / noise
    clear = each[np.isfinite(each[:, 0])]
    if len(clear) == 0:
        return None
    count = max(len(clear) / repeats, 1.0)
    return Spectrum(grid.hz(), clear.mean(axis=0), each, count, 1 / longest)


def _noise(power: Floats, grid: Grid, resolution: float) -> Floats:
    """Median power around each frequency, as a mean; at least that of the whole range.

    The larger of the two: overlapping windows of the velocity leave dips in its noise,
    in which a trifle would look like a peak.
    """
    reach = max(round(12 * resolution / grid.step), len(grid) // 4, 1)
    centers = np.linspace(0, len(grid) - 1, max(3, 2 * len(grid) // reach)).astype(int)
    local = [np.median(power[max(at - reach, 0) : at + reach + 1]) for at in centers]
    around = np.interp(np.arange(len(grid)), centers, local)
    return np.asarray(np.maximum(around, np.median(power)) / np.log(2))


def lasts(spectrum: Spectrum, hz: float) -> bool:
    """Whether a rhythm is there in every third of the stretches, and not in some alone."""
    near = spectrum.near(hz)
    each = spectrum.each[:, near]
    thirds = np.array_split(each[np.isfinite(each[:, 0])], 3)
    part = replace(spectrum, stretches=max(spectrum.stretches / 3, 1.0))
    if not all(len(third) for third in thirds):
        return False
    means = [float(third.mean(axis=0).max()) for third in thirds]
    return all(part.chance(mean) < _LASTING for mean in means)


def highest_peak(spectrum: Spectrum, band: Band, most_false_alarm: float) -> Peak | None:
    """The rate on the grid of the spectrum, without an error yet; None without a maximum."""
    inside = spectrum.within(band.low, band.top)
    if inside.stop - inside.start < 3:
        return None
    at = inside.start + int(spectrum.ratio[inside].argmax())
    ratio = float(spectrum.ratio[at])
    chance = float(spectrum.chance(ratio))
    trials = spectrum.trials(band)
    false_alarm = float(-np.expm1(trials * np.log1p(-min(chance, 1 - 1e-12))))
    peak = Peak(float(spectrum.hz[at]), np.nan, ratio, false_alarm)
    if not false_alarm <= most_false_alarm:
        return replace(
            peak, doubt="not_significant", why=f"noise gives such a peak with p = {false_alarm:.2g}"
        )
    return _outside(peak, spectrum, band, inside, at) or _fundamental(
        peak, spectrum, band, most_false_alarm
    )


def _outside(peak: Peak, spectrum: Spectrum, band: Band, inside: slice, at: int) -> Peak | None:
    """The peak with its doubt, if its cause may lie outside the range."""
    rising = spectrum.ratio[max(at - 1, 0) : at + 2]
    if at in (inside.start, inside.stop - 1) and rising.max() > spectrum.ratio[at]:
        return replace(peak, doubt="out_of_range", why="the power still rises at the range's end")
    if band.high > band.nyquist and peak.hz > 2 * band.nyquist - band.high:
        return replace(
            peak,
            doubt="out_of_range",
            why="velocities are too sparse to tell it from a faster rate",
        )
    apart = np.abs(spectrum.hz - peak.hz) / spectrum.resolution
    leaked = spectrum.ratio * np.minimum(4 / (np.pi * np.maximum(apart, 1)) ** 2, 1)
    leaked[inside] = 0
    if leaked.max() > peak.snr:
        return replace(
            peak, doubt="out_of_range", why="a stronger rhythm outside the range leaks into it"
        )
    return None


def _fundamental(peak: Peak, spectrum: Spectrum, band: Band, most_false_alarm: float) -> Peak:
    """The peak, or the slower one of which it is an overtone."""
    for multiple in _OVERTONES:
        slower = spectrum.near(peak.hz / multiple)
        if slower.stop - slower.start < 3:
            continue
        at = slower.start + int(spectrum.ratio[slower].argmax())
        ratio, hz = float(spectrum.ratio[at]), float(spectrum.hz[at])
        part = ratio / peak.snr
        chance = spectrum.chance(ratio)
        if chance > most_false_alarm or part < _FAINT_OVERTONE:
            continue
        if hz < band.low:
            why = f"it may be {multiple} times a rhythm below the range ({60 * hz:.0f} bpm)"
            return replace(peak, doubt="ambiguous", why=why)
        if part >= _CLEAR_OVERTONE and chance < most_false_alarm / _PLACES:
            return replace(peak, hz=hz, snr=ratio, overtone=multiple)
        why = f"there is a faint rhythm at a {('half', 'third')[multiple - 2]} of it"
        return replace(peak, doubt="ambiguous", why=why)
    return peak
