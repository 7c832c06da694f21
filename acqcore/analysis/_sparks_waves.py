"""Waves: connected bright regions that run along the line, and how fast they do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_traces import Floats, Tick
from acqcore.analysis._sparks_plane import Plane, RestingPlane

_FRONT = 0.5  # of a column's height
_PART_OF_BRIGHTEST = 0.4


@dataclass(frozen=True, slots=True)
class FoundWave:
    """A wave, in lines and pixels.

    Attributes:
        start, place: Line and column at which its front is earliest.
        speed: Pixels per line along the front, median of both directions; NaN if it
            arrives everywhere at once.
        amplitude: Median over its columns of the highest smoothed dF/F0.
        length: Columns that it covers.
        duration: Median lines above half of its height.
    """

    start: float
    place: float
    speed: float
    amplitude: float
    length: int
    duration: float


def waves(
    plane: RestingPlane,
    score: Plane,
    threshold: float,
    least_columns: float,
    smooth_lines: int,
    tick: Tick,
) -> tuple[list[FoundWave], NDArray[np.bool_]]:
    """Waves in time order, and the pixels that belong to them."""
    from scipy.ndimage import find_objects, label  # heavy: only where regions are sought

    tick()
    regions, _ = label(score >= threshold, structure=np.ones((3, 3)))
    taken = np.zeros(score.shape, bool)
    found = []
    for number, (in_time, along) in enumerate(find_objects(regions), start=1):
        box = in_time, along
        if along.stop - along.start < least_columns:
            continue
        tick()
        inside = regions[box] == number
        # The flanks of a bright spark are long too, but dim beside its middle.
        inside &= score[box] >= _PART_OF_BRIGHTEST * score[box][inside].max()
        if np.count_nonzero(inside.any(axis=0)) < least_columns:
            continue
        wave = _measured(plane, box, inside, smooth_lines)
        if wave is None:
            continue
        found.append(wave)
        _take(taken, box, inside, smooth_lines, math.ceil(5 * wave.duration))
    return sorted(found, key=lambda one: one.start), taken


def _take(
    taken: NDArray[np.bool_],
    box: tuple[slice, slice],
    inside: NDArray[np.bool_],
    before: int,
    after: int,
) -> None:
    """Mark each column from shortly before its front until the wave has faded."""
    for number in np.flatnonzero(inside.any(axis=0)).tolist():
        lines = np.flatnonzero(inside[:, number]) + box[0].start
        low, high = max(0, int(lines[0]) - before), int(lines[-1]) + after
        taken[low:high, box[1].start + number] = True


def _measured(
    plane: RestingPlane, box: tuple[slice, slice], inside: NDArray[np.bool_], smooth: int
) -> FoundWave | None:
    """Arrival of the front at every column, then the V that fits these best."""
    places, fronts, heights, durations = [], [], [], []
    kernel = np.full(2 * smooth + 1, 1.0 / (2 * smooth + 1))
    for number in np.flatnonzero(inside.any(axis=0)).tolist():
        column = box[1].start + number
        lines = np.flatnonzero(inside[:, number]) + box[0].start
        low = max(0, int(lines[0]) - 3 * smooth)
        high = min(len(plane.relative), int(lines[-1]) + 6 * smooth)
        near = plane.relative[low:high, max(0, column - 1) : column + 2].mean(axis=1)
        course = np.convolve(near, kernel, mode="same") if len(near) >= len(kernel) else near
        top = int(np.argmax(course))
        height = float(course[top])
        below = np.flatnonzero(course[: top + 1] < _FRONT * height)
        if height <= 0 or len(below) == 0:
            continue
        last = int(below[-1])
        rise = float(course[last + 1] - course[last])
        fronts.append(low + last + (_FRONT * height - float(course[last])) / rise)
        places.append(float(column))
        heights.append(height)
        durations.append(float(np.count_nonzero(course >= _FRONT * height)))
    if len(places) < 4:
        return None
    start, place, slowness = _fitted_front(np.array(places), np.array(fronts))
    speed = 1 / slowness if slowness > 0 else math.nan
    height, duration = float(np.median(heights)), float(np.median(durations))
    return FoundWave(start, place, speed, height, len(places), duration)


def _fitted_front(places: Floats, fronts: Floats) -> tuple[float, float, float]:
    """Time and place of origin, and lines per pixel, of arrivals t0 + |x - x0| * slowness."""
    best = (math.inf, 0.0, 0.0, 0.0)
    for origin in places[:: max(1, len(places) // 200)]:
        away = np.abs(places - origin)
        kept = np.ones(len(away), bool)
        slowness = offset = 0.0
        for _ in range(3):
            slowness, offset = np.polyfit(away[kept], fronts[kept], 1)
            misfit = np.abs(fronts - offset - slowness * away)
            kept = misfit <= max(3 * float(np.median(misfit)), 1.0)
        cost = float(np.sum(np.minimum(misfit, 3 * np.median(misfit) + 1.0)))
        if cost < best[0]:
            best = (cost, float(offset), float(origin), float(slowness))
    return best[1:]
