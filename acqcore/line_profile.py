"""Intensity along a line ROI."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.roi import ImageBounds, LineROI

Profile = tuple[NDArray[np.float64], NDArray[np.float64]]


def line_profile(plane: NDArray[Any], roi: LineROI, width: int = 1) -> Profile:
    """Read a plane (line, pixel) along a line: `(distance_px, values)`, about one per pixel.

    Both ends are sampled, after they were moved onto the plane; between pixels the values
    are bilinear. `width` averages that many parallel lines, one pixel apart and centred;
    parts of them that leave the plane do not count. Distances are in pixels along the line,
    because rows and columns of a kymograph have different units. ValueError for a width
    below 1 or a plane that has not two axes.
    """
    from scipy.ndimage import map_coordinates  # heavy: not needed to open and look

    if width < 1:
        raise ValueError("a profile is at least one line wide")
    ends = roi.clipped(ImageBounds.of_plane(plane))
    start = np.array([ends.line0, ends.pixel0], dtype=float)
    along = np.array([ends.line1, ends.pixel1], dtype=float) - start
    length = float(np.hypot(*along))
    distance = np.linspace(0.0, length, max(round(length), 0) + 1)
    step = along / length if length else np.array([0.0, 1.0])
    across = np.array([-step[1], step[0]])
    offsets = np.arange(width) - (width - 1) / 2
    # (axis, line, place)
    places = start[:, None, None] + across[:, None, None] * offsets[None, :, None]
    places = places + step[:, None, None] * distance[None, None, :]
    limits = np.array(plane.shape)[:, None, None]
    inside = np.all((places > -0.5) & (places < limits - 0.5), axis=0)
    # Only the part around the line becomes floating point: a plane may be very large.
    corner = np.maximum(np.floor(places.min(axis=(1, 2))).astype(int), 0)
    end = np.ceil(places.max(axis=(1, 2))).astype(int) + 1
    part = plane[corner[0] : end[0], corner[1] : end[1]].astype(float)
    values = map_coordinates(part, places - corner[:, None, None], order=1, mode="nearest")
    counted = np.where(inside, values, 0.0).sum(axis=0)
    return distance, counted / inside.sum(axis=0)
