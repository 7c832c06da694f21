"""The unbiased estimator: the slope along which a window resembles itself most.

For every lag of tau lines and delta pixels the mean squared difference

    gamma(tau, delta) = mean over pairs of (I(t, x) - I(t + tau, x + delta))**2 / 2

is the variogram of geostatistics (Matheron 1963) on a time-space window. Along the
streaks it falls to the noise. The slope v minimises its average over delta = v tau,

    g(v) = sum of n(tau, v tau) gamma(tau, v tau) / sum of n(tau, v tau),

n pairs per lag. A mean over pairs has the same expectation however many there are, so
neither the window's shape nor the axes pull; same-line pairs (tau = 0) and each column's
mean never enter, so detector flicker and static stripes do not either. All candidates
are read at once from the power spectrum of the zero-padded window. Without noise
the minimum is exact; with noise three numbers are learned from the whole recording:

- the scale of the cubic B-spline that smooths gamma over delta: the one with the
  smallest predicted error, given the noise and the texture of the cells;
- how far to trust the window's own sums of I**2 against their average (James-Stein
  shrinkage): at high noise their fluctuation costs more than it mends;
- the mean squared gradient of the texture, towards which a noisy curvature of g is drawn.

Fast flow in a narrow window, which leaves few pairs, is read again in `_fast_flow`.

The standard error has three parts. White noise gives sqrt(var g') / g''. The depth of g
below the variance, in units in which its curvature is one over that error squared, is
the logarithm of a likelihood (a composite one, adjusted in magnitude as by Ribatet,
Cooley and Davison 2012); other slopes that it does not rule out add their distance.
Unsteady flow adds the rest: pairs far apart in time that differ more than pairs close in
time tell how much the slope varies within the window, which the few cells in it sample
unevenly; this part is kept within the scatter from window to window, because cells that
change on their way look the same.

All errors are at last held to the scatter of windows that do not overlap: what narrow
windows predict of each other is mostly too large, because the texture is known from few
cells, and changes of flow can only add to the scatter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from acqcore.analysis._directions import Shape
from acqcore.analysis._fast_flow import read_again
from acqcore.analysis._slope_reading import Slopes
from acqcore.analysis._slope_tuning import tuned
from acqcore.analysis._windows import Floats, Tick, Windows

MIN_WIDTH = 8
MIN_LINES = 4
CLEAR = 5.0
"""Evidence above which a window shows streaks: in pure noise one in a hundred does."""
EVIDENT = 20.0
"""Evidence above which another slope is not noise but an alias: both fit what is seen."""
DOUBT = 0.1
"""Probability of slopes elsewhere above which the slope of a window is ambiguous."""

_WIDEST_TILE = 192
_FEWEST_FOR_SCATTER = 30
_ONE_SIGMA = 0.6827
_SCATTER_DOUBT = 7.2
"""Variance of the logarithm of that quantile, 0.92 per independent triple, times the eight
overlapping triples that count as one."""
_USUAL_MISS = 0.04
_LEAST_RATIO = 0.5
_MULTIPLICATIONS_AT_ONCE = 3e8
_MOST_WINDOWS_AT_ONCE = 256


def unbiased_slopes(windows: Windows, tick: Tick) -> Slopes:
    """The slope of every window; at least `MIN_WIDTH` pixels and `MIN_LINES` lines."""
    tiles = -(-windows.width // _WIDEST_TILE)
    shape = Shape(windows.lines, windows.width // tiles, tiles)
    tuning = tuned(windows, shape, lambda: tick(0.0))
    parts = []
    for batch in _batches(len(windows), tuning.candidates.multiplications):
        tick(batch.start / len(windows))
        parts.append(tuning.slopes(tuning.maker.spectra(windows.block(batch))))
    found = read_again(windows, _joined(parts), lambda: tick(1.0))
    tick(1.0)
    allowed = _unsteady_part_allowed(found)
    error = np.hypot(found.error, np.sqrt(allowed) * found.unsteady)
    return replace(found, error=error * _held_to_scatter(found, error))


def _batches(count: int, multiplications: int) -> list[slice]:
    size = int(np.clip(_MULTIPLICATIONS_AT_ONCE / multiplications, 8, _MOST_WINDOWS_AT_ONCE))
    return [slice(first, min(first + size, count)) for first in range(0, count, size)]


def _joined(parts: list[Slopes]) -> Slopes:
    return Slopes(
        slope=np.concatenate([part.slope for part in parts]),
        error=np.concatenate([part.error for part in parts]),
        unsteady=np.concatenate([part.unsteady for part in parts]),
        snr=np.concatenate([part.snr for part in parts]),
        evidence=np.concatenate([part.evidence for part in parts]),
        elsewhere=np.concatenate([part.elsewhere for part in parts]),
        at_edge=np.concatenate([part.at_edge for part in parts]),
    )


def _unsteady_part_allowed(found: Slopes) -> float:
    """Part of the variance from unsteady flow that the scatter leaves room for, 0..1.

    Second differences of three windows that follow each other without overlap: six times
    the variance of one, if the flow did not change at all.
    """
    clear = np.where(found.evidence >= CLEAR, found.slope, np.nan)
    second = clear[:-8] - 2 * clear[4:-4] + clear[8:]
    second = second[np.isfinite(second)]
    if len(second) < _FEWEST_FOR_SCATTER:
        return 1.0
    quartiles = np.quantile(second, (0.25, 0.75))
    scatter = float((quartiles[1] - quartiles[0]) / 1.349) ** 2 / 6
    steady, unsteady = np.median(found.error**2), np.median(found.unsteady**2)
    room = float(np.clip(scatter - steady, 0, unsteady))
    return room / float(unsteady) if room > 0 else 0.0


def _held_to_scatter(found: Slopes, error: Floats) -> float:
    """Factor, at most 1, on errors that exceed the scatter of windows without overlap.

    Changes of flow only add to the scatter, so that it bounds the error from above. Its
    own uncertainty is weighed against how far the errors usually miss: the factor's
    logarithm is shrunk by that ratio of variances.
    """
    sure = (found.evidence >= CLEAR) & (found.elsewhere <= DOUBT) & ~found.at_edge
    slope = np.where(sure, found.slope, np.nan)
    second = slope[:-8] - 2 * slope[4:-4] + slope[8:]
    expected = np.sqrt(error[:-8] ** 2 + 4 * error[4:-4] ** 2 + error[8:] ** 2)
    known = np.isfinite(second)
    count = int(np.count_nonzero(known))
    if count < _FEWEST_FOR_SCATTER:
        return 1.0
    ratio = np.quantile(np.abs(second[known]) / np.maximum(expected[known], 1e-30), _ONE_SIGMA)
    doubt = _SCATTER_DOUBT / count
    weight = _USUAL_MISS / (_USUAL_MISS + doubt)
    return float(np.clip(max(ratio, _LEAST_RATIO) ** weight, 0.0, 1.0))
