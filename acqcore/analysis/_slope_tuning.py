"""What the whole recording says about how to read one window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from acqcore.analysis._directions import Directions, Geometry, Shape, directions, kernel_size
from acqcore.analysis._slope_reading import Tuning
from acqcore.analysis._spectra import Spectra, SpectrumMaker
from acqcore.analysis._texture import Texture, Variogram
from acqcore.analysis._windows import Floats, Indices, Windows

_SCALES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_PILOT_WINDOWS = 48
_PILOT_SAMPLES = 400_000
_COARSEST_PILOT = 2.0
_LARGEST_KERNEL = 10_000_000
_CAUTION = 1.0
_WORTH_A_CHANGE = 0.1
"""Gain in predicted log variance for which the pilot's scale is changed."""


def tuned(windows: Windows, shape: Shape, still_here: Callable[[], None]) -> Tuning:
    """Learn from windows spread over the recording: scale first, then trust."""
    block = windows.block(_pilot_windows(windows, shape))
    still_here()
    variogram = Variogram.of(windows)
    texture = variogram.texture()
    corner = np.array([shape.width / shape.lines])
    # Not coarse at first: detail finer than a pixel still looks like noise.
    scale = _best_scale(shape, texture, corner, texture.noise, 0.0)
    scale = max(min(scale, _COARSEST_PILOT), _affordable_scales(shape)[0])
    pilot = _at_scale(shape, texture, texture.noise, scale, still_here)
    spectra = pilot.maker.spectra(block)
    still_here()
    speeds, noise = _pilot_slopes(pilot, spectra)
    texture = variogram.texture(noise)
    better = _best_scale(shape, texture, speeds, noise, scale)
    if better != scale:
        pilot = _at_scale(shape, texture, noise, better, still_here)
        spectra = pilot.maker.spectra(block)
        still_here()
        noise = _pilot_slopes(pilot, spectra)[1]
    still_here()
    scatter = np.square(block / np.sqrt(np.maximum(spectra.variance, 1e-30))[:, None, None])
    scatter = spectra.variance.astype(np.float64) ** 2 * scatter.var(axis=(1, 2))
    return _with_trust(_read_as(pilot.maker, pilot.candidates, texture, noise), spectra, scatter)


def _pilot_windows(windows: Windows, shape: Shape) -> Indices:
    """Spread over the recording; fewer where they are large."""
    count = int(np.clip(_PILOT_SAMPLES // shape.pixels, _PILOT_WINDOWS // 3, _PILOT_WINDOWS))
    return np.unique(np.linspace(0, len(windows) - 1, count).astype(np.intp))


def _at_scale(
    shape: Shape, texture: Texture, noise: float, scale: float, still_here: Callable[[], None]
) -> Tuning:
    return _read_as(
        SpectrumMaker(shape, scale), directions(shape, scale, still_here), texture, noise
    )


def _read_as(
    maker: SpectrumMaker, candidates: Directions, texture: Texture, noise: float
) -> Tuning:
    scale = candidates.scale
    return Tuning(
        maker=maker,
        candidates=candidates,
        texture=texture,
        gradient=texture.gradient(scale),
        passed=texture.seen_through(scale),
        blur=texture.blurred(scale),
        noise=max(noise, 1e-3 * texture.signal),
    )


def _pilot_slopes(pilot: Tuning, spectra: Spectra) -> tuple[Floats, float]:
    """Quartiles of the speed in the clearer half of the windows, and the median noise."""
    found, _, valley = pilot.read(spectra)
    clearer = np.abs(found.slope[found.evidence >= np.median(found.evidence)])
    return np.quantile(clearer, (0.25, 0.5, 0.75)), float(np.median(valley.noise))


def _best_scale(
    shape: Shape, texture: Texture, speeds: Floats, noise: float, present: float
) -> float:
    """The scale with the smallest predicted error at these speeds."""
    at = Geometry.of(shape, np.minimum(speeds, shape.width / 2))

    def predicted(scale: float) -> float:
        gradient, passed = texture.gradient(scale), texture.seen_through(scale)
        pairwise = noise**2 * at.slope_noise / scale**3
        variance = noise * passed * gradient * at.spread + pairwise + 1e-300
        inertia = _WORTH_A_CHANGE * (scale != present)
        return float(np.mean(np.log(variance / (gradient * at.lever) ** 2))) + inertia

    return min(_affordable_scales(shape), key=predicted)


def _affordable_scales(shape: Shape) -> list[float]:
    """Scales with kernels that fit into memory and are not wider than the window."""
    finest = next((s for s in _SCALES if kernel_size(shape, s) <= _LARGEST_KERNEL), _SCALES[-1])
    return [s for s in _SCALES if finest <= s <= max(finest, shape.width / 4)]


def _with_trust(tuning: Tuning, spectra: Spectra, scatter: Floats) -> Tuning:
    """Compare how far the windows' own squares tilt g with what noise alone would do.

    What exceeds the noise is the signal's own unevenness, which the squares mend.
    `scatter` is the variance of the squares of each window's pixels.
    """
    at, squares = tuning.candidates.at, tuning.candidates.squares
    found, peaks, valley = tuning.read(spectra)
    good = found.evidence >= np.median(found.evidence)
    unsteady = 2 * valley.excess / (tuning.gradient * np.maximum(valley.lever, 1e-30))
    middle = np.clip(peaks.best, 1, len(at.slopes) - 2)
    reader = (squares[:, middle + 1] - squares[:, middle - 1]).T
    reader = reader / (at.slopes[middle + 1] - at.slopes[middle - 1])[:, None]
    tilt = np.einsum("ij,ij->i", reader, spectra.energy) * spectra.variance
    # A cell's energy is the mean of the squares of its pixels.
    shape = tuning.candidates.shape
    leverage = reader**2 @ shape.cell_areas / shape.pixels
    expected = leverage * scatter
    seen = float(np.mean(tilt[good] ** 2))
    # By chance alone a mean of so few squares is larger by so much.
    chance = 1 + _CAUTION * np.sqrt(2 / np.count_nonzero(good))
    trust = float(np.clip(1 - chance * np.mean(expected[good]) / max(seen, 1e-300), 0, 1))
    return replace(
        tuning,
        trust=trust,
        wander=trust * (1 - trust) * float(np.mean(tilt**2)),
        unsteadiness=max(float(np.mean(unsteady[good])), 0.0),
    )
