"""How the pattern of a recording changes along a scan line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from acqcore.analysis._directions import cubic_bspline
from acqcore.analysis._windows import Floats, Indices, Windows

_PIXELS_AT_MOST = 600_000
_FARTHEST = 10
_ROUNDNESSES = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Texture:
    """The variogram of same-line pairs: edges of cells, rounded by the optics.

    At distance d it is noise + steepness * (sqrt(d**2 + roundness**2) - roundness);
    motion between lines does not touch it.
    """

    noise: float
    steepness: float
    roundness: float
    signal: float

    @classmethod
    def of(cls, windows: Windows) -> Texture:
        """Fit evenly spaced lines of the plane."""
        stride = max(1, windows.pixels.size // _PIXELS_AT_MOST)
        lines = np.asarray(windows.pixels[::stride], np.float32)
        if windows.offset is not None:
            lines = lines - windows.offset.astype(np.float32)
        distance = np.arange(1, min(max(windows.width // 3, 3), _FARTHEST) + 1)
        values = [np.nanmean((lines[:, d:] - lines[:, :-d]) ** 2) / 2 for d in distance]
        fits = [cls._fitted(distance, np.array(values), round_) for round_ in _ROUNDNESSES]
        best = min(fits, key=lambda fit: fit[0])[1]
        return replace(best, signal=max(float(np.nanvar(lines)) - best.noise, 1e-12))

    @classmethod
    def _fitted(cls, distance: Indices, values: Floats, roundness: float) -> tuple[float, Texture]:
        rise = np.sqrt(distance**2 + roundness**2) - roundness
        design = np.stack([np.ones(len(rise)), rise], axis=1)
        noise, steepness = np.linalg.lstsq(design, values)[0]
        misfit = float(np.sum((design @ (noise, steepness) - values) ** 2))
        return misfit, cls(max(noise, 0.0), max(steepness, 1e-12), roundness, 1.0)

    @property
    def cells(self) -> float:
        """Cells per pixel, if the pattern is as often dark as bright.

        A random telegraph with e edges of step h per pixel has a variogram that starts
        with e * h**2 / 2 per pixel and ends at its variance, h**2 / 4; a cell has two edges.
        """
        return self.steepness / (4 * self.signal)

    def gradient(self, scale: float) -> float:
        """Mean squared gradient as seen through a kernel of that scale, per pixel squared."""
        distance = np.linspace(-2.2 * scale, 2.2 * scale, 201)
        rise = np.sqrt(distance**2 + self.roundness**2) - self.roundness
        step = 0.05 * scale
        near, far = cubic_bspline(distance / scale), cubic_bspline((distance + step) / scale)
        bend = far + cubic_bspline((distance - step) / scale) - 2 * near
        area = float(np.sum(rise * bend)) * (distance[1] - distance[0])
        return max(float(self.steepness * area / (step**2 * scale)), 1e-12)

    def seen_through(self, scale: float) -> float:
        """Part of the gradient's power that the kernel lets pass: 0..1."""
        return min(1.0, self.gradient(np.sqrt(2) * scale) / self.gradient(scale))
