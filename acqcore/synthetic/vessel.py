"""Scans across a vessel whose width is known at every line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from acqcore.synthetic._detector import Counts, recorded


def pulsing_vessel(
    lines: int,
    pixels: int,
    diameter_px: ArrayLike,
    *,
    seed: int = 0,
    edge_px: float = 1.5,
    lumen: float = 1800.0,
    background: float = 250.0,
    snr: float = 8.0,
) -> Counts:
    """A bright band, a scan across a vessel; `diameter_px` is one number or one per line."""
    rng = np.random.default_rng(seed)
    half = np.broadcast_to(np.asarray(diameter_px, float), (lines,))[:, None] / 2
    distance = np.abs(np.arange(pixels) - (pixels - 1) / 2)
    inside = 1 / (1 + np.exp(np.clip((distance - half) / (0.6 * edge_px), -60, 60)))
    clean = (background + (lumen - background) * inside).astype(np.float32)
    return recorded(clean, lumen - background, lumen, snr, True, rng)
