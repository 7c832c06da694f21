"""Red cells in single file: streaks whose speed is known at every line.

Cells sit on one line that slides along the scan line; their position is continuous, so
any speed, whole pixels per line or not, is rendered alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.synthetic._detector import Counts, Floats, recorded

_FINE = 8  # samples per pixel of the line of cells


@dataclass(frozen=True, slots=True)
class RedCells:
    """A kymograph and its truth.

    Attributes:
        pixels: (line, pixel), 12 bits in uint16; cells dark on bright plasma.
        velocity: Pixels per line for every line, positive towards higher columns.
        clean: The same picture in counts, without noise.
    """

    pixels: Counts
    velocity: Floats
    clean: NDArray[np.float32]


def red_cells(
    lines: int,
    pixels: int,
    velocity: ArrayLike,
    *,
    seed: int = 0,
    cell_px: tuple[float, float] = (15.0, 35.0),
    density: float = 0.4,
    edge_px: float = 1.5,
    plasma: float = 2000.0,
    contrast: float = 600.0,
    snr: float = 3.0,
    shot_noise: bool = False,
    stripes: float = 0.0,
    shading: float = 0.0,
    scan_px_per_line: float = np.inf,
) -> RedCells:
    """Red cells in single file.

    Args:
        velocity: Pixels per line, one number or one per line; 0 is a stall.
        cell_px: Shortest and longest cell.
        density: Part of the line that is covered by cells.
        edge_px: Standard deviation of the optics' blur.
        plasma, contrast: Brightness between cells, and how much darker the darkest are.
        snr: Contrast over the standard deviation of the noise at plasma brightness; 0
            for no noise.
        shot_noise: Noise that grows with the root of the brightness, else the same everywhere.
        stripes: Standard deviation, in counts, of a constant offset per column.
        shading: Part of the brightness that is missing at both ends of the line.
        scan_px_per_line: Pixels that the beam would cover in one line time; the cells
            move on while it sweeps. Infinite for a line taken at one instant.
    """
    rng = np.random.default_rng(seed)
    speed = np.array(np.broadcast_to(np.asarray(velocity, float), (lines,)))
    travelled = np.concatenate([[0.0], np.cumsum(speed[:-1])])
    column = np.arange(pixels)
    place = column - travelled[:, None] - speed[:, None] * (column / scan_px_per_line)
    first, last = float(place.min()) - 1, float(place.max()) + 2
    covered = _line_of_cells(first, last, cell_px, density, edge_px, rng)
    clean = plasma - contrast * _between_samples(covered, (place - first) * _FINE)
    clean *= 1 - shading * (2 * column / max(pixels - 1, 1) - 1) ** 2
    clean += stripes * rng.standard_normal(pixels)
    clean = clean.astype(np.float32)
    return RedCells(recorded(clean, contrast, plasma, snr, shot_noise, rng), speed, clean)


def _line_of_cells(
    first: float,
    last: float,
    cell_px: tuple[float, float],
    density: float,
    edge_px: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """How much of each fine sample from `first` to `last` a cell covers, 0..1."""
    longest, mean = cell_px[1], (cell_px[0] + cell_px[1]) / 2
    gap = mean * (1 - density) / density
    count = int(1.3 * (last - first + 2 * longest) / (mean + gap)) + 20
    lengths, gaps = rng.uniform(*cell_px, count), rng.exponential(gap, count)
    depths = rng.uniform(0.75, 1.0, count)
    starts = first - longest + np.cumsum(lengths + gaps) - lengths - gaps[0]
    samples = int((last - first) * _FINE) + 2
    # The edges as impulses shared by two samples, blurred, then summed to a profile.
    margin = int(np.ceil(longest + 6 * edge_px + 2)) * _FINE
    slope = np.zeros(samples + 2 * margin)
    for edge, step in ((starts, depths), (starts + lengths, -depths)):
        at = (edge - first) * _FINE + margin
        used = (at >= 0) & (at < len(slope) - 1)
        low = np.floor(at[used]).astype(np.intp)
        part = at[used] - low
        np.add.at(slope, low, step[used] * (1 - part))
        np.add.at(slope, low + 1, step[used] * part)
    reach = int(np.ceil(5 * edge_px * _FINE))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (edge_px * _FINE)) ** 2)
    covered = np.cumsum(np.convolve(slope, bell / bell.sum(), mode="same"))
    return covered[margin : margin + samples].astype(np.float32)


def _between_samples(values: NDArray[np.float32], at: Floats) -> NDArray[np.float32]:
    low = at.astype(np.intp)
    part = (at - low).astype(np.float32)
    between: NDArray[np.float32] = values[low] * (1 - part) + values[low + 1] * part
    return between
