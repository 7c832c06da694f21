"""Calcium signals with known onsets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from acqcore.synthetic._detector import Counts, recorded


def calcium_line(
    lines: int, pixels: int, *, seconds_per_line: float, onsets_s: ArrayLike, seed: int = 0
) -> Counts:
    """A dim line of which the middle third lights up at each onset and decays in 0.4 s."""
    rng = np.random.default_rng(seed)
    since = np.arange(lines)[:, None] * seconds_per_line - np.asarray(onsets_s, float)
    pulse = np.where(since > 0, np.exp(-since / 0.4) - np.exp(-since / 0.05), 0).sum(axis=1)
    place = (np.arange(pixels) / (pixels - 1) - 0.5) / 0.17
    profile = 200 + 60 * np.cos(3 * place)
    clean = profile + 700 * pulse[:, None] * np.exp(-0.5 * place**2)
    return recorded(clean.astype(np.float32), 700.0, 900.0, 5.0, True, rng)
