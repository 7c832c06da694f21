"""Speeds that follow the heart."""

from __future__ import annotations

import numpy as np

from acqcore.synthetic._detector import Floats


def heart_beat(
    lines: int, mean: float, *, seconds_per_line: float, rate_hz: float = 8.0, depth: float = 0.2
) -> Floats:
    """A speed for every line that beats about its mean, faster to rise than to fall."""
    phase = 2 * np.pi * rate_hz * np.arange(lines) * seconds_per_line
    return np.asarray(mean * (1 + depth * (np.sin(phase) + 0.3 * np.sin(2 * phase))))
