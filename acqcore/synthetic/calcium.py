"""Calcium signals with known onsets: a glowing line, transients, sparks and waves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.synthetic._detector import Counts, Floats, recorded

_BRIGHTEST = 65535


def calcium_line(
    lines: int, pixels: int, *, seconds_per_line: float, onsets_s: ArrayLike, seed: int = 0
) -> Counts:
    """A dim line of which the middle third lights up at each onset and decays in 0.4 s."""
    rng = np.random.default_rng(seed)
    since = np.arange(lines)[:, None] * seconds_per_line - np.asarray(onsets_s, float)
    since = np.maximum(since, 0.0)  # before its onset a pulse is 0, and exp must not overflow
    pulse = np.where(since > 0, np.exp(-since / 0.4) - np.exp(-since / 0.05), 0).sum(axis=1)
    place = (np.arange(pixels) / (pixels - 1) - 0.5) / 0.17
    profile = 200 + 60 * np.cos(3 * place)
    clean = profile + 700 * pulse[:, None] * np.exp(-0.5 * place**2)
    return recorded(clean.astype(np.float32), 700.0, 900.0, 5.0, True, rng)


def transient_curve(since_s: ArrayLike, rise_s: float, decay_s: float) -> Floats:
    """(1 - exp(-t / rise)) exp(-t / decay) after the onset, 1 at its highest."""
    passed = np.maximum(np.asarray(since_s, float), 0.0)
    top = rise_s * math.log1p(decay_s / rise_s)
    highest = -math.expm1(-top / rise_s) * math.exp(-top / decay_s)
    return np.asarray(-np.expm1(-passed / rise_s) * np.exp(-passed / decay_s) / highest)


@dataclass(frozen=True, slots=True)
class CalciumTransients:
    """A line whose whole brightness follows transients, and its truth, one entry per event.

    Attributes:
        pixels: (line, pixel).
        trace: Mean of every line without noise, in counts.
        onsets_s: When each event begins to rise.
        amplitudes: Height of each event as dF/F0, before bleaching.
        rise_s, decay_s: Time constants of each event.
        noise: SD of the mean of a line at the brightness F0, in counts.
    """

    pixels: Counts
    trace: Floats
    onsets_s: Floats
    amplitudes: Floats
    rise_s: Floats
    decay_s: Floats
    noise: float


def calcium_transients(
    lines: int,
    pixels: int,
    *,
    seconds_per_line: float,
    onsets_s: ArrayLike,
    seed: int = 0,
    amplitude: ArrayLike = 0.4,
    rise_s: ArrayLike = 0.01,
    decay_s: ArrayLike = 0.2,
    f0: float = 1000.0,
    bleach_s: float = math.inf,
    bleach_floor: float = 0.35,
    peak_to_noise: float = 5.0,
    noise: str = "gaussian",
) -> CalciumTransients:
    """Transients on a line.

    Args:
        amplitude: Peak dF/F0, one number or one per event; negative for dips.
        rise_s, decay_s: Time constants, one number or one per event.
        bleach_s: Time constant of the bleaching, infinite for none.
        bleach_floor: Part of the brightness that does not bleach.
        peak_to_noise: Median height over the SD of a line's mean; 0 for no noise.
        noise: `gaussian` (the same everywhere), `poisson` (variance grows with the
            brightness) or `exponential` (skewed, the same everywhere).
    """
    if noise not in ("gaussian", "poisson", "exponential"):
        raise ValueError(f"noise is gaussian, poisson or exponential, not {noise!r}")
    rng = np.random.default_rng(seed)
    onsets = np.sort(np.atleast_1d(np.asarray(onsets_s, float)))
    heights, rises, decays = (
        np.array(np.broadcast_to(np.asarray(one, float), onsets.shape))
        for one in (amplitude, rise_s, decay_s)
    )
    time = np.arange(lines) * seconds_per_line
    relative = np.zeros(lines)
    for onset, height, rise, decay in zip(onsets, heights, rises, decays, strict=True):
        relative += height * transient_curve(time - onset, rise, decay)
    light = bleach_floor + (1 - bleach_floor) * np.exp(-time / bleach_s)
    trace = f0 * light * (1 + relative)
    typical = float(np.median(np.abs(heights))) if len(onsets) else 0.4
    spread = f0 * typical / peak_to_noise if peak_to_noise else 0.0
    profile = 1 + 0.3 * np.cos(np.linspace(-2, 2, pixels))
    clean = trace[:, None] * (profile / profile.mean())
    seen = _with_noise(clean, spread * math.sqrt(pixels), f0, noise, rng)
    return CalciumTransients(_whole(seen), trace, onsets, heights, rises, decays, spread)


def _with_noise(
    clean: Floats, spread: float, at_brightness: float, kind: str, rng: np.random.Generator
) -> Floats:
    """Noise of that SD per pixel at that brightness."""
    if spread == 0:
        return clean
    if kind == "poisson":
        counts_per_photon = spread**2 / at_brightness
        photons = rng.poisson(np.maximum(clean, 0) / counts_per_photon)
        return np.asarray(counts_per_photon * photons)
    if kind == "exponential":
        return clean + spread * (rng.exponential(1.0, clean.shape) - 1.0)
    return clean + spread * rng.standard_normal(clean.shape)


def _whole(seen: Floats) -> Counts:
    """Whole counts of a 16-bit detector; what noise would take below zero reads 0."""
    return np.clip(np.rint(seen), 0, _BRIGHTEST).astype(np.uint16)


# --- sparks and waves ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spark:
    """A local release: a bell in space that rises and decays.

    Attributes:
        time_s: Onset.
        place_um: Centre, from the first pixel.
        amplitude: Peak dF/F0.
        fwhm_um: Full width at half maximum.
        rise_s, decay_s: Time constants.
    """

    time_s: float
    place_um: float
    amplitude: float = 1.0
    fwhm_um: float = 2.0
    rise_s: float = 0.006
    decay_s: float = 0.03

    @property
    def peak_s(self) -> float:
        """When it is brightest."""
        return self.time_s + self.rise_s * math.log1p(self.decay_s / self.rise_s)

    @property
    def fdhm_s(self) -> float:
        """Full duration at half maximum."""
        time = np.linspace(0, self.rise_s * 5 + self.decay_s * 5, 20_001)
        above = transient_curve(time, self.rise_s, self.decay_s) >= 0.5
        return float(np.count_nonzero(above) * time[1])


@dataclass(frozen=True, slots=True)
class Wave:
    """A front that starts at one place and runs both ways at `speed_um_per_s`."""

    time_s: float
    place_um: float
    speed_um_per_s: float = 100.0
    amplitude: float = 1.5
    rise_s: float = 0.02
    decay_s: float = 0.15


@dataclass(frozen=True, slots=True)
class CalciumSparks:
    """A resting line with sparks and waves, and its truth.

    Attributes:
        pixels: (line, pixel).
        relative: dF/F0 without noise, (line, pixel).
    """

    pixels: Counts
    relative: NDArray[np.float32]
    sparks: tuple[Spark, ...]
    waves: tuple[Wave, ...]


def calcium_sparks(
    lines: int,
    pixels: int,
    *,
    seconds_per_line: float,
    um_per_pixel: float,
    sparks: Sequence[Spark] = (),
    waves: Sequence[Wave] = (),
    seed: int = 0,
    f0: float = 200.0,
    noise: float = 0.5,
    shot_noise: bool = False,
) -> CalciumSparks:
    """Sparks and waves on a line.

    Args:
        f0: Mean resting brightness; it varies by a quarter along the line.
        noise: SD of one pixel as dF/F0: a spark of amplitude 1 has SNR 1 / noise.
        shot_noise: Noise whose variance grows with the brightness.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(lines)[:, None] * seconds_per_line
    place = np.arange(pixels) * um_per_pixel
    relative = np.zeros((lines, pixels))
    for spark in sparks:
        sigma = spark.fwhm_um / math.sqrt(8 * math.log(2))
        bell = np.exp(-0.5 * ((place - spark.place_um) / sigma) ** 2)
        course = transient_curve(time[:, 0] - spark.time_s, spark.rise_s, spark.decay_s)
        relative += spark.amplitude * course[:, None] * bell
    for wave in waves:
        arrival = wave.time_s + np.abs(place - wave.place_um) / wave.speed_um_per_s
        relative += wave.amplitude * transient_curve(time - arrival, wave.rise_s, wave.decay_s)
    resting = f0 * (1 + 0.25 * np.sin(np.arange(pixels) / max(pixels, 1) * 9))
    clean = resting * (1 + relative)
    seen = _with_noise(clean, noise * f0, f0, "poisson" if shot_noise else "gaussian", rng)
    return CalciumSparks(_whole(seen), relative.astype(np.float32), tuple(sparks), tuple(waves))
