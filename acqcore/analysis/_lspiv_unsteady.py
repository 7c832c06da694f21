"""What a speed that changes within a window adds to the standard error of its mean.

A window holds few cells, and they come and go: the estimate is the mean over what was in
view, not over time. If the number in view fluctuates by one over its root and forgets
itself when the line has moved on by its width, the mean over n lines of a speed of
variance V is off by a variance of V / cells * q / (q**2 + 5), q widths travelled in a window
(exact for few and for many). Cells are more regular than that; how much, is found in the
scatter from window to window.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from acqcore.analysis._lspiv_pairs import Pairs
from acqcore.analysis._lspiv_peaks import CLEAR, Displacements
from acqcore.analysis._windows import Floats

_FEWEST_FOR_SCATTER = 30
_LARGEST_FACTOR = 1.0
_USUAL_FACTOR = 0.5
_NORMAL_MEDIAN = 0.6745
_WINDOW = 4  # windows further: the next one that shares no line


def with_unsteady_flow(found: Displacements, pairs: Pairs, cell_px: float) -> Displacements:
    """The same with errors that cover a changing speed; `cell_px` from a cell to the next.

    One entry per window of the recording, NaN where there is no measurement.
    """
    clear = np.where(found.evidence >= CLEAR, found.pixels, np.nan)
    added = _sampled_unevenly(clear, found, pairs, cell_px)
    factor = _factor(clear, found.error**2, added)
    return replace(found, error=np.sqrt(found.error**2 + factor * added))


def _sampled_unevenly(clear: Floats, found: Displacements, pairs: Pairs, cell_px: float) -> Floats:
    """Variance of the mean if cells came at random."""
    beside = np.pad(clear, 2, constant_values=np.nan)
    near = np.lib.stride_tricks.sliding_window_view(beside, 5)
    complete = np.isfinite(near).all(axis=1)
    # Five windows a quarter apart: half again the variance within the middle one.
    within = np.full(len(clear), np.nan)
    within[complete] = np.var(near[complete], axis=1) / 1.5 - found.error[complete] ** 2 / 2
    within = np.maximum(within, 0)
    within[~complete] = np.median(within[complete]) if complete.any() else 0.0
    widths = np.abs(found.pixels) * pairs.count / pairs.shift / pairs.width
    cells = max(pairs.width / cell_px, 1)
    return np.asarray(within / cells * widths / (widths**2 + 5))


def _factor(clear: Floats, steady: Floats, added: Floats) -> float:
    """How much of `added` makes the scatter what it is.

    Third differences of windows that follow each other without overlap: twenty times the
    variance of one, wherever the speed is a parabola in time.
    """
    if len(clear) <= 3 * _WINDOW:
        return _USUAL_FACTOR
    stop = len(clear) - 3 * _WINDOW
    follow = np.arange(stop)[:, None] + _WINDOW * np.arange(4)
    third = clear[follow] @ np.array([1.0, -3.0, 3.0, -1.0])
    weights = np.array([1.0, 9.0, 9.0, 1.0])
    noise, uneven = steady[follow] @ weights, added[follow] @ weights
    known = np.isfinite(third)
    if np.count_nonzero(known) < _FEWEST_FOR_SCATTER:
        return _USUAL_FACTOR
    third, noise, uneven = np.abs(third[known]), noise[known], uneven[known]
    low, high = 0.0, _LARGEST_FACTOR
    for _ in range(24):
        middle = (low + high) / 2
        if np.median(third / np.sqrt(noise + middle * uneven + 1e-300)) > _NORMAL_MEDIAN:
            low = middle
        else:
            high = middle
    return (low + high) / 2
