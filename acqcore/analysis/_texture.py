"""How the pattern of a recording changes along a scan line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from acqcore.analysis._directions import cubic_bspline
from acqcore.analysis._windows import Floats, Windows

_PIXELS_AT_MOST = 300_000
_FARTHEST = 10
_ROUNDNESSES = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_RANGES = (1e6, 8.0, 4.0, 2.0, 1.0)


@dataclass(frozen=True, slots=True)
class Variogram:
    """Half the mean squared difference of pixels of one line, by their distance.

    Motion between lines does not touch it.

    Attributes:
        values: At 1, 2, 3 ... pixels.
        variance: Of all pixels.
    """

    values: Floats
    variance: float

    @classmethod
    def of(cls, windows: Windows) -> Variogram:
        """From evenly spaced lines of the plane."""
        stride = max(1, windows.pixels.size // _PIXELS_AT_MOST)
        lines = np.asarray(windows.pixels[::stride], np.float32)
        lines = np.where(np.isfinite(lines), lines, np.nan)
        if windows.offset is not None:
            lines = lines - windows.offset.astype(np.float32)
        farthest = min(max(windows.width // 3, 3), _FARTHEST)
        values = [
            np.nanmean((lines[:, d:] - lines[:, :-d]) ** 2) / 2 for d in range(1, farthest + 1)
        ]
        return cls(np.array(values, np.float64), float(np.nanvar(lines)))

    def texture(self, noise: float = np.inf) -> Texture:
        """The texture that fits best.

        A fit takes detail finer than a pixel for noise. If a measured `noise` is much
        lower, that detail is real and levels off within a few pixels.
        """
        coarse = self._best(None, _RANGES[:1])
        hidden = coarse.noise - noise
        if hidden > 0.3 * noise and hidden > 0.25 * (self.variance - noise):
            return self._best(noise, _RANGES)
        return coarse

    def _best(self, noise: float | None, ranges: Iterable[float]) -> Texture:
        fits = [self._fitted(noise, *shape) for shape in product(_ROUNDNESSES, ranges)]
        return min(fits, key=lambda fit: fit[0])[1]

    def _fitted(self, noise: float | None, roundness: float, reach: float) -> tuple[float, Texture]:
        shape = Texture(0.0, 1.0, roundness, reach, 1.0)
        rise = shape.rise(np.arange(1.0, len(self.values) + 1))
        if noise is None:
            design = np.stack([np.ones(len(rise)), rise], axis=1)
            noise, steepness = np.linalg.lstsq(design, self.values)[0].tolist()
        else:
            steepness = float(rise @ (self.values - noise) / (rise @ rise))
        misfit = float(np.sum((noise + steepness * rise - self.values) ** 2))
        noise, steepness = max(noise, 0.0), max(steepness, 1e-12)
        signal = max(self.variance - noise, 1e-12)
        return misfit, Texture(noise, steepness, roundness, reach, signal)


@dataclass(frozen=True, slots=True)
class Texture:
    """A model of the variogram: edges of cells, rounded by the optics.

    Attributes:
        noise: Variance of the noise.
        steepness: Rise per pixel.
        roundness: Distance, in pixels, below which it rises like a square.
        reach: Distance beyond which it levels off.
        signal: Variance of the pattern.
    """

    noise: float
    steepness: float
    roundness: float
    reach: float
    signal: float

    def rise(self, distance: Floats) -> Floats:
        """The variogram over the noise, for a steepness of one."""
        edge = np.sqrt(distance**2 + self.roundness**2) - self.roundness
        return np.asarray(self.reach * -np.expm1(-edge / self.reach))

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
        step = 0.05 * scale
        near, far = cubic_bspline(distance / scale), cubic_bspline((distance + step) / scale)
        bend = far + cubic_bspline((distance - step) / scale) - 2 * near
        area = float(np.sum(self.rise(distance) * bend)) * (distance[1] - distance[0])
        return max(float(self.steepness * area / (step**2 * scale)), 1e-12)

    def blurred(self, scale: float) -> float:
        """The variogram, over the noise, at no distance as seen through a kernel."""
        distance = np.linspace(-2, 2, 81) * scale
        weight = cubic_bspline(distance / scale)
        return float(self.steepness * np.sum(weight * self.rise(distance)) / np.sum(weight))

    def seen_through(self, scale: float) -> float:
        """Part of the gradient's power that the kernel lets pass: 0..1."""
        return min(1.0, self.gradient(np.sqrt(2) * scale) / self.gradient(scale))
