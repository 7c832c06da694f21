"""What a detector makes of a clean picture: noise and whole counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint16]
Floats = NDArray[np.float64]

_FULL_SCALE = 4095  # of a 12-bit detector


def recorded(
    clean: NDArray[np.float32],
    contrast: float,
    plasma: float,
    snr: float,
    shot_noise: bool,
    rng: np.random.Generator,
) -> Counts:
    """What a 12-bit detector makes of the counts."""
    seen = clean
    if snr:
        noise = rng.standard_normal(clean.shape, np.float32) * np.float32(contrast / snr)
        if shot_noise:
            noise *= np.sqrt(np.maximum(clean, 0) / np.float32(plasma))
        seen = clean + noise
    return np.clip(np.rint(seen), 0, _FULL_SCALE).astype(np.uint16)
