"""Scans across a vessel whose walls are known at every line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.synthetic._detector import Counts, Floats, recorded


@dataclass(frozen=True, slots=True)
class Vessel:
    """A scan across a vessel and its truth.

    Attributes:
        pixels: (line, pixel), 12 bits in uint16.
        left_px, right_px: Walls at every line; 0 is the middle of the first pixel.
        clean: The same picture in counts, without noise.
    """

    pixels: Counts
    left_px: Floats
    right_px: Floats
    clean: NDArray[np.float32]

    @property
    def diameter_px(self) -> Floats:
        """True width at every line."""
        return self.right_px - self.left_px


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


def vessel(
    lines: int,
    pixels: int,
    diameter_px: ArrayLike,
    *,
    seed: int = 0,
    center_px: ArrayLike | None = None,
    edge_px: float = 1.5,
    lumen: float = 1800.0,
    background: float = 250.0,
    gradient: float = 0.0,
    speckle: float = 0.0,
    wall_jitter_px: float = 0.0,
    dark: bool = False,
    noise: str = "gaussian",
    noise_to_signal: float = 0.07,
    neighbor: tuple[float, float, float] | None = None,
) -> Vessel:
    """A scan across a vessel, every pixel the mean over its area.

    Args:
        diameter_px, center_px: One number or one per line; the centre is the ROI's middle
            unless given, so a drift is a series of numbers.
        edge_px: Standard deviation of the optics' blur; 0 for walls that cut pixels in two.
        gradient: Brightness of the lumen at its right wall less that at its left, as a
            part of the mean.
        speckle: Relative standard deviation of the lumen's brightness, other in each pixel
            and line, before the blur of the optics.
        wall_jitter_px: Standard deviation of each wall's own movement from line to line;
            it is part of the truth.
        dark: Whether the lumen is darker than the tissue, as with a label outside.
        noise: `gaussian` (same everywhere), `poisson` (of photons, the ratio holds for the
            lumen) or `exponential` (only adds).
        noise_to_signal: Standard deviation over the contrast of lumen and background.
        neighbor: Centre, width and relative contrast of a second vessel that stands still.
    """
    rng = np.random.default_rng(seed)
    middle = (pixels - 1) / 2 if center_px is None else center_px
    center = np.broadcast_to(np.asarray(middle, float), (lines,))
    half = np.broadcast_to(np.asarray(diameter_px, float), (lines,)) / 2
    jitter = wall_jitter_px * rng.standard_normal((2, lines))
    left, right = center - half + jitter[0], center + half + jitter[1]
    inside = _between(left, right, pixels, edge_px)
    place = (np.arange(pixels) - center[:, None]) / np.maximum(2 * half, 1e-9)[:, None]
    inside *= 1 + gradient * np.clip(place, -0.5, 0.5)
    if speckle:
        inside *= 1 + speckle * _blurred(rng.standard_normal((lines, pixels)), edge_px)
    if neighbor is not None:
        at, wide, relative = neighbor
        wall = np.full(lines, at)
        inside += relative * _between(wall - wide / 2, wall + wide / 2, pixels, edge_px)
    if dark:
        inside = 1 - inside
    clean = (background + (lumen - background) * inside).astype(np.float32)
    snr = 1 / noise_to_signal if noise_to_signal else 0.0
    counts = recorded(clean, lumen - background, lumen, snr, False, rng, noise)
    return Vessel(counts, left, right, clean)


def _between(left: Floats, right: Floats, pixels: int, edge_px: float) -> Floats:
    """Part of every pixel that lies between two walls, (line, pixel), blurred."""
    borders = np.arange(pixels + 1) - 0.5
    covered = _filled(borders - left[:, None], edge_px) - _filled(borders - right[:, None], edge_px)
    return np.diff(covered, axis=1)


def _filled(distance: Floats, edge_px: float) -> Floats:
    """Integral of a blurred step from far left up to so many pixels past it."""
    if edge_px == 0:
        return np.maximum(distance, 0.0)
    from scipy.special import ndtr  # heavy: only where a picture is made

    z = distance / edge_px
    bell = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(distance * ndtr(z) + edge_px * bell)


def _blurred(values: Floats, edge_px: float) -> Floats:
    """Along the line, by the optics."""
    if edge_px == 0:
        return values
    reach = int(np.ceil(4 * edge_px))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / edge_px) ** 2)
    bell /= bell.sum()
    wide = np.pad(values, ((0, 0), (reach, reach)), mode="reflect")
    return np.asarray(np.apply_along_axis(np.convolve, 1, wide, bell, "valid"))
