"""Red cells in single file: streaks whose speed is known at every line.

Cells sit on one line that slides along the scan line; their position is continuous, so
any speed, whole pixels per line or not, is rendered alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.synthetic._detector import Counts, Floats, recorded

_FINE = 8  # samples per pixel of the line of cells


@dataclass(frozen=True, slots=True)
class RedCells:
    """A kymograph and its truth.

    Attributes:
        pixels: (line, pixel), 12 bits in uint16.
        velocity: Pixels per line for every line, positive towards higher columns: how far
            the cells move along the vessel until the next line.
        clean: The same picture in counts, without noise.
        drift: How far the whole picture stands to the right, in pixels, for every line.
        slope: Slope of the streaks in the picture, for every line: the velocity with what
            drift and a finite scan speed make of it (even lines of a bidirectional scan).
    """

    pixels: Counts
    velocity: Floats
    clean: NDArray[np.float32]
    drift: Floats
    slope: Floats


def speed_course(
    lines: int,
    velocity: float,
    *,
    acceleration: float = 0.0,
    stalls: Iterable[tuple[int, int]] = (),
    reversals: Iterable[tuple[int, int]] = (),
) -> Floats:
    """A speed per line for `red_cells`, in pixels per line.

    Args:
        velocity: At the first line.
        acceleration: Change per line.
        stalls, reversals: Half-open ranges of lines that stand still or flow back.
    """
    speed = velocity + acceleration * np.arange(lines, dtype=np.float64)
    for start, stop in stalls:
        speed[start:stop] = 0
    for start, stop in reversals:
        speed[start:stop] *= -1
    return speed


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
    polarity: str = "dark",
    bidirectional: bool = False,
    phase_px: float = 0.0,
    drift: ArrayLike = 0.0,
    bleaching: float = 0.0,
    noise: str = "gaussian",
) -> RedCells:
    """Red cells in single file.

    Args:
        velocity: Pixels per line, one number or one per line; 0 is a stall. See `speed_course`.
        cell_px: Shortest and longest cell.
        density: Part of the line that is covered by cells.
        edge_px: Standard deviation of the optics' blur.
        plasma, contrast: Brightness between cells, and by how much the strongest differ.
        snr: Contrast over the standard deviation of the noise at plasma brightness; 0
            for no noise.
        shot_noise: Gaussian noise that grows with the root of the brightness.
        stripes: Standard deviation, in counts, of a constant offset per column.
        shading: Part of the brightness that is missing at both ends of the line.
        scan_px_per_line: Pixels that the beam would cover in one line time; the cells
            move on while it sweeps. Infinite for a line taken at one instant.
        polarity: `dark` cells in labelled plasma, or `bright` cells.
        bidirectional: Odd lines are swept from the last pixel to the first.
        phase_px: How far odd lines show everything to the right (mirror lag).
        drift: Sideways position of the whole picture in pixels, one per line; one number
            is how far it drifts evenly from the first line to the last.
        bleaching: Part of the brightness that is lost by the last line, exponentially.
        noise: `gaussian`, `poisson`, or `exponential` as in Drew et al. 2010.
    """
    rng = np.random.default_rng(seed)
    speed = np.array(np.broadcast_to(np.asarray(velocity, float), (lines,)))
    shift = _drift(drift, lines)
    delay = _delays(lines, pixels, scan_px_per_line, bidirectional)
    moved = shift + phase_px * (np.arange(lines) % 2)
    place = _places(speed, delay, moved)
    first, last = float(place.min()) - 1, float(place.max()) + 2
    covered = _line_of_cells(first, last, cell_px, density, edge_px, rng)
    depth = contrast * _sign_of(polarity)
    clean = plasma - depth * _between_samples(covered, (place - first) * _FINE)
    clean *= 1 - shading * (2 * np.arange(pixels) / max(pixels - 1, 1) - 1) ** 2
    clean += _moved(stripes * rng.standard_normal(pixels), moved)
    clean = (clean * _bleached(bleaching, lines)).astype(np.float32)
    slope = speed / (1 - speed / scan_px_per_line) + np.gradient(shift)
    seen = recorded(clean, contrast, plasma, snr, shot_noise, rng, noise)
    return RedCells(seen, speed, clean, shift, slope)


def _sign_of(polarity: str) -> int:
    if polarity not in ("dark", "bright"):
        raise ValueError(f"polarity must be dark or bright, not {polarity!r}")
    return 1 if polarity == "dark" else -1


def _places(speed: Floats, delay: Floats, moved: Floats) -> Floats:
    """Where on the line of cells every pixel looks: (line, pixel)."""
    travelled = np.concatenate([[0.0], np.cumsum(speed[:-1])])
    place = np.arange(delay.shape[1]) - travelled[:, None] - speed[:, None] * delay
    return np.asarray(place - moved[:, None] if moved.any() else place)


def _bleached(bleaching: float, lines: int) -> Floats:
    """What is left of the brightness at every line, (line, 1)."""
    left: Floats = (1 - bleaching) ** np.linspace(0, 1, lines)
    return left[:, None]


def _drift(drift: ArrayLike, lines: int) -> Floats:
    asked = np.asarray(drift, np.float64)
    return np.linspace(0, float(asked), lines) if asked.ndim == 0 else asked


def _delays(lines: int, pixels: int, scan_px_per_line: float, bidirectional: bool) -> Floats:
    """Line times from the start of its line until a pixel is seen: (1 or line, pixel)."""
    column = np.arange(pixels)
    there = column / scan_px_per_line
    if not bidirectional:
        return np.asarray(there[None, :])
    back = (pixels - 1 - column) / scan_px_per_line
    odd = np.arange(lines)[:, None] % 2 == 1
    return np.where(odd, back, there)


def _moved(stripes: Floats, shift: Floats) -> Floats:
    """Stripes (1 or line, pixel): what stands still in the tissue moves with the picture."""
    if not shift.any():
        return stripes[None, :]
    column = np.arange(len(stripes))
    return np.stack([np.interp(column - one, column, stripes) for one in shift])


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
