"""The best that can be done with the pictures of the velocity grid where little is seen.

An estimator that is told what none can know: how the cells' brightness varies together
along the vessel, how strong the noise is, and the speed to within a third. It takes the
most probable speed of a Gaussian pattern, from all pixels of the window at once. Where it
misses a limit, no estimator without a preferred speed is expected to hold it. One with a
preferred speed may, near that speed, as a stopped clock is right twice a day.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from acqcore.bench.measuring import Floats
from acqcore.synthetic import RedCells, red_cells

CONTRAST = 600.0
"""Of the pictures; what `red_cells` draws unless told otherwise."""

_MOST_PIXELS = 1100
_SPEEDS = np.linspace(0.65, 1.35, 57)
_UNKNOWN_LEVEL = 100.0


def best_velocities(
    picture: RedCells, lines: int, speed: float, snr: float, windows: int
) -> Floats | None:
    """Of every window, over `speed`; None where a window has too many pixels to solve for."""
    from scipy.linalg import solve_triangular  # heavy, and only for this

    width = picture.pixels.shape[1]
    if lines * width > _MOST_PIXELS:
        return None
    starts = np.arange(windows) * (lines // 4)
    seen = np.stack([picture.pixels[at : at + lines].ravel() for at in starts]).astype(np.float64)
    seen -= seen.mean(axis=1, keepdims=True)
    line, column = np.divmod(np.arange(lines * width), width)
    covariance = _covariance()
    likelihood = np.empty((windows, len(_SPEEDS)))
    for number, factor in enumerate(_SPEEDS):
        place = column - factor * speed * line
        apart = np.abs(np.subtract.outer(place, place))
        together = np.interp(apart, np.arange(len(covariance)), covariance, right=0.0)
        together += _UNKNOWN_LEVEL * covariance[0]
        together[np.diag_indices_from(together)] += (CONTRAST / snr) ** 2
        root = np.linalg.cholesky(together)
        white = solve_triangular(root, seen.T, lower=True, check_finite=False)
        likelihood[:, number] = -np.sum(white**2, axis=0) / 2 - np.log(np.diag(root)).sum()
    return _vertices(likelihood)


@lru_cache(maxsize=1)
def _covariance() -> Floats:
    """Of two places of the line of cells, by their distance in pixels."""
    cells = red_cells(2000, 320, 310.0, snr=0, seed=5, contrast=CONTRAST).clean.astype(np.float64)
    cells -= cells.mean()
    width = cells.shape[1]
    return np.array([np.mean(cells[:, : width - d] * cells[:, d:]) for d in range(240)])


def _vertices(likelihood: Floats) -> Floats:
    """Where the parabola through the three highest points of each row is highest."""
    row = np.arange(len(likelihood))
    best = np.clip(likelihood.argmax(axis=1), 1, len(_SPEEDS) - 2)
    before, at, after = (likelihood[row, best + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend < 0, (before - after) / np.where(bend < 0, 2 * bend, -1), 0)
    step = _SPEEDS[1] - _SPEEDS[0]
    return np.asarray(_SPEEDS[best] + step * np.clip(shift, -1, 1))
