"""The other side: published algorithms, run on the same pixels in the same process.

The Radon search is scikit-image's own transform, called angle list by angle list as the
published programs do. The line correlation and the per-line diameter are written down
here plainly, from the papers.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.bench.measuring import Floats

NO_SCIKIT_IMAGE = (
    "scikit-image is not installed, so its columns are empty; "
    "`pip install 'cloudscope[bench]'` brings it."
)

Radon = Callable[..., NDArray[Any]]

_GAUSS_REACH = 5  # pixels to either side of the raw peak that the fit may see


@cache
def scikit_image_radon() -> Radon | None:
    """`skimage.transform.radon`, or None where scikit-image is not installed."""
    try:
        from skimage.transform import radon  # optional: only this benchmark compares with it
    except ImportError:
        return None
    found: Radon = radon
    return found


def scikit_image_slopes(pixels: NDArray[Any], starts: NDArray[np.intp], lines: int) -> Floats:
    """Slope in pixels per line of each window by the published search; needs scikit-image.

    Variance of the projection over its rays, best of 0..179 degrees by 1, then of 2 degrees
    to either side by 0.25 (Drew et al. 2010; the window's mean is subtracted).
    """
    radon = scikit_image_radon()
    if radon is None:
        raise RuntimeError(NO_SCIKIT_IMAGE)
    coarse = np.arange(180.0)
    fine = np.arange(-2, 2.25, 0.25)
    angles = np.empty(len(starts))
    for number, start in enumerate(starts):
        window = pixels[start : start + lines].astype(np.float32)
        window -= float(window.mean())
        best = coarse[radon(window, coarse, circle=False).var(axis=0).argmax()]
        near = best + fine
        angles[number] = near[radon(window, near, circle=False).var(axis=0).argmax()]
    return np.asarray(np.tan(np.deg2rad(angles)))


@dataclass(frozen=True, slots=True)
class Correlated:
    """Speeds of the published line correlation.

    Attributes:
        line: Middle of the averaged lines.
        velocity: Pixels per line; NaN where the fit fails.
    """

    line: Floats
    velocity: Floats


def published_lspiv(pixels: NDArray[Any], average: int, hop: int, shift: int = 1) -> Correlated:
    """Line-scanning particle image velocimetry of Kim et al. 2012 (PLoS ONE 7:e38590).

    Time mean subtracted, lines `shift` apart correlated with the phase weighting
    1 / sqrt(|S1| |S2|), `average` correlations averaged, peak by a least-squares Gaussian.
    """
    lines = pixels.astype(np.float64)
    spectrum = np.fft.fft(lines - lines.mean(axis=0), axis=1)
    first, second = spectrum[:-shift], spectrum[shift:]
    weight = np.sqrt(np.abs(first)) * np.sqrt(np.abs(second))
    cross = first.conj() * second / np.maximum(weight, 1e-12)
    starts = np.arange(0, len(cross) - average + 1, hop)
    velocity = np.array([_peak(cross[at : at + average].mean(axis=0)) for at in starts])
    return Correlated((starts + average / 2).astype(np.float64), velocity / shift)


def _peak(cross: NDArray[np.complex128]) -> float:
    correlation = np.fft.fftshift(np.fft.ifft(cross).real)
    raw = int(correlation.argmax())
    low, high = max(raw - _GAUSS_REACH, 0), min(raw + _GAUSS_REACH + 1, len(correlation))
    at = np.arange(low, high, dtype=np.float64)
    return _fitted(at, correlation[low:high], raw) - len(correlation) // 2


def _fitted(at: Floats, height: Floats, raw: int) -> float:
    from scipy.optimize import OptimizeWarning, curve_fit  # heavy: only where a peak is fitted

    def bell(x: Floats, middle: float, width: float, tall: float, floor: float) -> Floats:
        return np.asarray(floor + tall * np.exp(-0.5 * ((x - middle) / width) ** 2))

    guess = (float(raw), 2.0, float(np.ptp(height)), float(height.min()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        try:
            middle = float(curve_fit(bell, at, height, guess, maxfev=400)[0][0])
        except RuntimeError:  # the fit did not converge: no velocity, as in the paper
            return math.nan
    return middle if at[0] <= middle <= at[-1] else math.nan


def diameters_line_by_line(pixels: NDArray[Any], window: int = 5) -> Floats:
    """Whole-pixel width at half maximum of every line, one line at a time, as a script would.

    Mean of `window` lines, 10th and 90th percentile as baseline and peak, first and last
    pixel at or above their middle.
    """
    half = window // 2
    widths = np.full(len(pixels), np.nan)
    for line in range(len(pixels)):
        rows = pixels[max(line - half, 0) : line + half + 1].astype(np.float64)
        profile = np.nanmean(rows, axis=0)
        baseline, peak = np.nanpercentile(profile, 10), np.nanpercentile(profile, 90)
        above = np.flatnonzero(profile >= baseline + 0.5 * (peak - baseline))
        if len(above) and above[0] > 0 and above[-1] < len(profile) - 1:
            widths[line] = above[-1] - above[0]
    return widths
