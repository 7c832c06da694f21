"""What a detector makes of a clean picture: noise and whole counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint16]
Floats = NDArray[np.float64]

NOISE_KINDS = ("gaussian", "poisson", "exponential")

_FULL_SCALE = 4095  # of a 12-bit detector


def recorded(
    clean: NDArray[np.float32],
    contrast: float,
    plasma: float,
    snr: float,
    shot_noise: bool,
    rng: np.random.Generator,
    noise: str = "gaussian",
) -> Counts:
    """What a 12-bit detector makes of the counts; no noise where `snr` is 0.

    `shot_noise` lets Gaussian noise grow with the root of the brightness; the kinds of
    noise are those of `noisy`.
    """
    seen = clean
    if snr and noise == "gaussian":
        spread = rng.standard_normal(clean.shape, np.float32) * np.float32(contrast / snr)
        if shot_noise:
            spread *= np.sqrt(np.maximum(clean, 0) / np.float32(plasma))
        seen = clean + spread
    elif snr:
        seen = noisy(clean, contrast / snr, plasma, noise, rng)
    return np.clip(np.rint(seen), 0, _FULL_SCALE).astype(np.uint16)


def noisy(
    clean: NDArray[np.float32], sd: float, at: float, noise: str, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The picture with noise of standard deviation `sd` where it is as bright as `at`.

    `gaussian` is the same everywhere; `poisson` counts photons; `exponential` (Drew et al.
    2010) only adds, so it also brightens by `sd`. ValueError for another kind.
    """
    if noise == "gaussian":
        return clean + rng.standard_normal(clean.shape, np.float32) * np.float32(sd)
    if noise == "exponential":
        return clean + rng.standard_exponential(clean.shape, np.float32) * np.float32(sd)
    if noise == "poisson":
        counts_per_photon = sd**2 / at
        photons = rng.poisson(np.maximum(clean, 0) / counts_per_photon)
        return (photons * counts_per_photon).astype(np.float32)
    raise ValueError(f"noise must be one of {', '.join(NOISE_KINDS)}, not {noise!r}")
