"""The picture that a microscope takes before a line scan, and where in it the line runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acqcore.synthetic._detector import Counts, Floats, recorded

_BRANCHES = 7
_BASE, _BRIGHT = 180.0, 2600.0


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """A picture of vessels.

    Attributes:
        pixels: (row, column).
        um_per_pixel: Size of a pixel in both directions.
        line_um: (2, N) points of the scanned line, x and y in micrometres from the middle of
            the picture, at equal distances.
    """

    pixels: Counts
    um_per_pixel: float
    line_um: Floats


def vessel_overview(
    side: int = 384, um_per_pixel: float = 0.4, line_um: float = 64.0, seed: int = 0
) -> Overview:
    """A vein with thinner vessels around it, scanned along its middle."""
    rng = np.random.default_rng(seed)
    half = side * um_per_pixel / 2
    rows, columns = np.mgrid[:side, :side] * um_per_pixel - half + um_per_pixel / 2
    bend, wave, angle = 0.06 * half, 0.55 * half, np.deg2rad(28)
    light = _vessel(rows, columns, angle, 0.0, bend, wave, 0.075 * half)
    for _ in range(_BRANCHES):
        thin = _vessel(
            rows,
            columns,
            rng.uniform(0, np.pi),
            rng.uniform(-0.8, 0.8) * half,
            rng.uniform(0.02, 0.12) * half,
            rng.uniform(0.2, 0.6) * half,
            rng.uniform(0.012, 0.035) * half,
        )
        light = np.maximum(light, rng.uniform(0.35, 0.8) * thin)
    clean = (_BASE + _BRIGHT * light).astype(np.float32)
    pixels = recorded(clean, _BRIGHT, _BRIGHT, 12.0, True, rng)
    return Overview(pixels, um_per_pixel, _line(line_um, angle, bend, wave))


def _vessel(
    rows: Floats, columns: Floats, angle: float, shift: float, bend: float, wave: float,
    radius: float,
) -> Floats:  # fmt: skip
    """1 on the middle of a winding vessel, less beside it; all lengths in micrometres."""
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    away = across - shift - bend * np.sin(along / wave)
    light: Floats = np.exp(-((away / radius) ** 2) / 2)
    return light


def _line(length: float, angle: float, bend: float, wave: float) -> Floats:
    """Along the middle of the vessel; `length` counts along the curve."""
    along = np.linspace(-length / 2, length / 2, 2000)
    across = bend * np.sin(along / wave)
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(along), np.diff(across)))])
    even = np.linspace(0, min(length, gone[-1]), 400)
    along, across = np.interp(even, gone, along), np.interp(even, gone, across)
    x = along * np.cos(angle) - across * np.sin(angle)
    y = along * np.sin(angle) + across * np.cos(angle)
    return np.stack([x, y])
