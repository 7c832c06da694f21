"""The exact rate at a peak, between the frequencies of the grid, with its standard error.

A heart does not keep time: over ten seconds its rate wanders by a percent, and the
frequency of the highest power is then not the mean rate. The phase of the pulse is
therefore a polynomial of time whose higher terms are small unless the recording says
otherwise (Gaussian prior); the mean rate is the phase at the end less that at the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from acqcore.analysis._heart_lomb import Grid, lomb_power
from acqcore.analysis._heart_peak import Band, Peak, Spectrum, Stretch
from acqcore.analysis._windows import Floats

_POINTS = 17
_MULTIPLES = (1, 2, 3)
_CLEAR = 7.0
"""Power over noise from which an overtone helps to find the rate."""
_DEGREE = 5
_WANDER = 0.01
"""Standard deviation of the rate's slow change within a stretch, as part of the rate."""
_STEPS = 8
_LEAKAGE = 0.01
"""Error, in resolutions, that the ends of a stretch leave however strong the pulse is."""


@dataclass(frozen=True, slots=True)
class _Wave:
    """The rate or an overtone: samples over the root of the noise's power and their number."""

    multiple: int
    samples: Floats


def refined(peak: Peak, stretches: Sequence[Stretch], spectrum: Spectrum, band: Band) -> Peak:
    """The peak at its exact rate: the mean over the stretches, each weighed by its error.

    `peak` comes from the grid of `spectrum`. An error that cannot be told is NaN.
    """
    rates, errors = [], []
    for stretch in stretches:
        rate, error = _fitted(peak, *stretch, spectrum.resolution, band)
        if np.isfinite(error) and abs(rate - peak.hz) < spectrum.resolution:
            rates.append(rate)
            errors.append(error)
    if not rates:
        return peak
    weights = 1 / np.array(errors) ** 2
    rate = float(np.average(rates, weights=weights))
    independent = max(spectrum.stretches / len(stretches) * len(rates), 1.0)
    error = float(np.sqrt(1 / (weights.mean() * independent)))
    error = float(np.hypot(error, _LEAKAGE * spectrum.resolution))
    return replace(peak, hz=rate, se_hz=error)


def _fitted(peak: Peak, t: Floats, x: Floats, resolution: float, band: Band) -> tuple[float, float]:
    """Rate and error of one stretch, in Hz."""
    waves, start = _waves(peak, t, x, resolution, band)
    if not waves:
        return peak.hz, np.nan
    middle, half = (t[0] + t[-1]) / 2, (t[-1] - t[0]) / 2
    terms = legendre.legvander((t - middle) / half, _DEGREE)[:, 1:]
    order = np.arange(1, _DEGREE + 1)
    # The rms slope of a Legendre polynomial of order k is sqrt(k (k + 1) / 2).
    spread = 2 * np.pi * half * _WANDER * start / np.sqrt(order * (order + 1) / 2) / order
    stiff = np.diag(np.where(order == 1, 0.0, 1 / spread**2))
    phase, curvature = _climbed(waves, start * 2 * np.pi * (t - middle), terms, stiff)
    # An odd polynomial goes from -1 to 1, an even one comes back to where it began.
    ends = (order % 2) / (2 * np.pi * half)
    try:
        variance = float(ends @ np.linalg.solve(curvature, ends))
    except np.linalg.LinAlgError:
        return peak.hz, np.nan
    return start + float(ends @ phase), float(np.sqrt(variance)) if variance > 0 else np.nan


def _waves(
    peak: Peak, t: Floats, x: Floats, resolution: float, band: Band
) -> tuple[list[_Wave], float]:
    """The clear ones of rate and overtones, and the rate at which their sum is highest."""
    offsets = np.linspace(-0.6, 0.6, _POINTS) * resolution
    rest = _without(t, x, peak.hz, band)
    total, waves = np.zeros(_POINTS), []
    for multiple in _multiples(peak, band):
        noise = _left_over(t, rest, multiple * peak.hz, resolution, band)
        if not noise > 0:
            continue
        first, step = peak.hz + float(offsets[0]), float(offsets[1] - offsets[0])
        grid = Grid(multiple * first, multiple * step, _POINTS)
        ratio = lomb_power(t, x, grid, exact=False) / noise
        if multiple == 1 or ratio.max() > _CLEAR:
            total += ratio
            waves.append(_Wave(multiple, x / np.sqrt(noise * len(t))))
    return waves, peak.hz + float(offsets[total.argmax()])


def _climbed(
    waves: Sequence[_Wave], turned: Floats, terms: Floats, stiff: Floats
) -> tuple[Floats, Floats]:
    """Phase terms of the highest posterior, and minus its second derivatives there."""
    phase = np.zeros(terms.shape[1])
    curvature = stiff
    for _ in range(_STEPS):
        slope, curvature = -stiff @ phase, stiff.copy()
        for wave in waves:
            gained, bent = _derivatives(wave, turned + terms @ phase, terms)
            slope += gained
            curvature -= bent
        values, vectors = np.linalg.eigh(curvature)
        # Uphill also where the posterior is not yet bent downwards.
        step = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-3))
        step *= min(1.0, 0.7 / max(float(np.abs(step).max()), 1e-12))
        phase += step
        if np.abs(step).max() < 1e-3:
            break
    return phase, curvature


def _derivatives(wave: _Wave, turn: Floats, terms: Floats) -> tuple[Floats, Floats]:
    """First and second derivatives of a wave's power over noise in the phase terms."""
    one = wave.multiple
    parts = wave.samples * np.exp(-1j * one * turn)
    whole = parts.sum()
    first = -1j * one * (parts @ terms)
    second = -(one**2) * ((terms.T * parts) @ terms)
    slope = 2 * np.real(np.conj(whole) * first)
    bent = 2 * np.real(np.outer(np.conj(first), first) + np.conj(whole) * second)
    return np.asarray(slope), np.asarray(bent)


def _multiples(peak: Peak, band: Band) -> list[int]:
    return [one for one in _MULTIPLES if one == 1 or one * peak.hz < 0.9 * band.nyquist]


def _without(t: Floats, x: Floats, hz: float, band: Band) -> Floats:
    """Samples less a pulse of that rate whose depth and phase may change along the way."""
    slow = np.linspace(-1, 1, len(t))
    columns: list[NDArray[np.float64]] = []
    for multiple in _MULTIPLES:
        if multiple == 1 or multiple * hz < 0.9 * band.nyquist:
            turn = 2 * np.pi * multiple * hz * t
            wave = np.stack([np.cos(turn), np.sin(turn)])
            columns += [*wave, *(wave * slow), *(wave * slow**2)]
    basis = np.linalg.qr(np.stack(columns, axis=1))[0]
    return np.asarray(x - basis @ (basis.T @ x))


def _left_over(t: Floats, rest: Floats, hz: float, resolution: float, band: Band) -> float:
    """Mean power of what is no pulse, beside `hz`, where the pulse was not taken out."""
    reach = 12 * resolution
    low, high = max(hz - reach, band.seen_from / 2), min(hz + reach, band.nyquist)
    grid = Grid.between(low, high, resolution)
    beside = np.abs(grid.hz() - hz) > 2 * resolution
    power = lomb_power(t, rest, grid, exact=False)[beside]
    return float(np.median(power) / np.log(2)) if len(power) else 0.0
