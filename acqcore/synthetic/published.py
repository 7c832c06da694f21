"""The test pictures of two papers, with the truth that their formulas imply.

Intensities run from 0 to 1 in float32, as in the papers; velocities are in pixels per
line, how far the pattern moves until the next line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.synthetic._detector import Floats, noisy

_DREW_PERIOD_PX = 50.0
_DREW_BASE = 30.0
_DREW_RADIANS_PER_LINE = 0.0132

_KIM_LINES_PER_S = 2600.0
_KIM_WIDTH_UM = 140.0
_KIM_PARTICLE_UM = (1.0, 7.0)
_FINE_STEPS = 16  # per line time, to integrate the speed


@dataclass(frozen=True, slots=True)
class PublishedPicture:
    """A picture and its truth.

    Attributes:
        pixels: (line, pixel), float32, noise included.
        clean: The same without noise, 0..1.
        velocity: Pixels per line for every line, positive towards higher columns.
        seconds_per_line, um_per_pixel: Steps of the axes; 1 where the paper gives none.
    """

    pixels: NDArray[np.float32]
    clean: NDArray[np.float32]
    velocity: Floats
    seconds_per_line: float = 1.0
    um_per_pixel: float = 1.0


def drew_picture(
    snr: float, *, seed: int = 0, lines: int = 1536, pixels: int = 96, noise: str = "exponential"
) -> PublishedPicture:
    """Equation 7 of Drew et al. 2010 (J Comput Neurosci 29:5), a grating of varying speed.

    F = (1 + sin(2 pi / 1000 w(t) t + 2 pi x / 50)) / 2 with w(t) = 30 + sin(0.0132 t), for
    x and t from 1. The paper prints it without the factor t, with which alone the pattern
    moves. Noise has mean and standard deviation 1 / `snr`; 0 for none.
    """
    t = np.arange(1, lines + 1, dtype=np.float64)
    x = np.arange(1, pixels + 1)
    turned = _drew_turns(t)
    phase = 2 * np.pi * (turned[:, None] + x / _DREW_PERIOD_PX)
    clean = (0.5 * (1 + np.sin(phase))).astype(np.float32)
    velocity = -_DREW_PERIOD_PX * (_drew_turns(t + 1) - turned)
    return PublishedPicture(_noised(clean, snr, noise, seed), clean, velocity)


def _drew_turns(t: Floats) -> Floats:
    return (_DREW_BASE + np.sin(_DREW_RADIANS_PER_LINE * t)) * t / 1000


def kim_ramp(
    snr: float,
    *,
    seed: int = 0,
    seconds: float = 2.0,
    um_per_pixel: float = 0.5,
    density: float = 0.35,
    noise: str = "gaussian",
) -> PublishedPicture:
    """The speed ramp of Kim et al. 2012 (PLoS ONE 7:e38590), up to about 160 mm/s.

    Particles of 1 to 7 um pass 140 um at 2,600 lines per second, with a speed that rises
    and beats at 10 Hz (`kim_speed_mm_per_s`). Contrast is 1, noise 1 / `snr`; 0 for none.
    Pixel size and density are not in the paper. Edges are sharp, pixels are areas.
    """
    rng = np.random.default_rng(seed)
    lines = round(seconds * _KIM_LINES_PER_S)
    pixels = round(_KIM_WIDTH_UM / um_per_pixel)
    place = _kim_places_um(lines + 1) / um_per_pixel
    borders = np.arange(pixels + 1) - place[:-1, None]
    ends, covered = _particles(borders.min(), borders.max(), um_per_pixel, density, rng)
    clean = np.diff(np.interp(borders, ends, covered), axis=1).astype(np.float32)
    return PublishedPicture(
        _noised(clean, snr, noise, seed), clean, np.diff(place), 1 / _KIM_LINES_PER_S, um_per_pixel
    )


def kim_speed_mm_per_s(time_s: Floats) -> Floats:
    """The speed over time, digitised from figure 4 of the paper."""
    beat = np.sin(2 * np.pi * 10 * time_s - 1.63)
    return np.asarray(41.3 * time_s**1.61 + 13.6 * time_s**0.75 * beat)


def _kim_places_um(lines: int) -> Floats:
    """How far the particles have come at every line."""
    fine_s = np.arange((lines - 1) * _FINE_STEPS + 1) / (_KIM_LINES_PER_S * _FINE_STEPS)
    speed = 1000 * kim_speed_mm_per_s(fine_s)
    steps = (speed[1:] + speed[:-1]) / 2 / (_KIM_LINES_PER_S * _FINE_STEPS)
    return np.asarray(np.concatenate([[0.0], np.cumsum(steps)])[::_FINE_STEPS])


def _particles(
    first: float, last: float, um_per_pixel: float, density: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Ends of all particles in order, and the length that is covered up to each."""
    shortest, longest = (um / um_per_pixel for um in _KIM_PARTICLE_UM)
    mean = (shortest + longest) / 2
    gap = mean * (1 - density) / density
    count = int(1.2 * (last - first) / (mean + gap)) + 50
    lengths, gaps = rng.uniform(shortest, longest, count), rng.exponential(gap, count)
    steps = np.ravel([gaps, lengths], order="F")
    covering = np.ravel([np.zeros(count), lengths], order="F")
    return first - longest + np.cumsum(steps), np.cumsum(covering)


def _noised(clean: NDArray[np.float32], snr: float, noise: str, seed: int) -> NDArray[np.float32]:
    if not snr:
        return clean
    # Its own stream, so that the same particles are seen at every noise.
    return noisy(clean, 1 / snr, 1.0, noise, np.random.default_rng([seed, 1]))
