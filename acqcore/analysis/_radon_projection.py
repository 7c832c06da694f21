"""Projections of windows of one shape along straight lines, as `skimage.transform.radon` does.

Geometry and interpolation are those of `radon(circle=False)`: zero padding to a square
whose side is the diagonal, which turns around its centre and is sampled bilinearly. A
projection is linear in the pixels, so an angle is one sparse matrix that all windows share.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._windows import Block, Floats, Indices

_PIXELS_AT_ONCE = 8_192
"""Of the window: small enough for the processor's own memory."""

_SAMPLED_AT_ONCE = 250_000


class Projector:
    """Projections of one window shape; angles are in quarters of a degree."""

    def __init__(self, lines: int, width: int) -> None:
        self.shape = (lines, width)
        longest = max(lines, width)
        self.side = math.ceil(math.sqrt(2) * longest)
        self.before = (self.side // 2 - lines // 2, self.side // 2 - width // 2)

    def matrix(self, quarters: int, still_here: Callable[[], None]) -> Any:
        """(ray, pixel of the window): bilinear weights of one angle, sparse."""
        from scipy.sparse import csc_matrix  # heavy: not needed to list the analyses

        lines, width = self.shape
        step = max(1, _PIXELS_AT_ONCE // width)
        parts = []
        for first in range(0, lines, step):
            still_here()
            parts.append(self._weights(quarters, np.arange(first, min(first + step, lines))))
        weights, rays, counts = (np.concatenate(some) for some in zip(*parts, strict=True))
        ends = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
        return csc_matrix((weights, rays, ends), shape=(self.side, lines * width))

    def _weights(
        self, quarters: int, lines: Indices
    ) -> tuple[Block, NDArray[np.int32], NDArray[np.uint8]]:
        """Weights and rays of the pixels of these lines, pixel by pixel, and how many each has."""
        ray, place = self._seen_from(quarters, lines)
        angle = np.deg2rad(quarters / 4)
        cos, sin = np.cos(angle), np.sin(angle)
        reach = abs(cos) + abs(sin)
        # A pixel's bilinear square covers at most three rays, and three places of each.
        first_ray, first_place = np.ceil(ray - reach), np.ceil(place - reach)
        past_ray, past_place = first_ray - ray, first_place - place
        along, across = np.arange(3)[:, None, None], np.arange(3)[:, None]
        x = (cos * past_ray + sin * past_place).astype(np.float32)
        y = (cos * past_place - sin * past_ray).astype(np.float32)
        weight = _tent(x + (cos * across + sin * along).astype(np.float32))
        weight *= _tent(y + (cos * along - sin * across).astype(np.float32))
        if first_place.min() < 0 or first_place.max() + 3 > self.side:
            places = first_place + along
            weight *= (places >= 0) & (places < self.side)
        weights = weight.sum(axis=0)
        by_pixel = weights.T.copy()
        kept = by_pixel > 0
        rays = first_ray.astype(np.int32)[:, None] + np.arange(3, dtype=np.int32)
        if first_ray.min() < 0 or first_ray.max() + 3 > self.side:
            kept &= (rays >= 0) & (rays < self.side)
        counts = kept.view(np.uint8) @ np.ones(3, np.uint8)
        return by_pixel[kept], rays[kept], counts

    def _seen_from(self, quarters: int, lines: Indices) -> tuple[Floats, Floats]:
        """Ray, and place along it, of every pixel of these lines: the inverse of `_sampled`."""
        angle = np.deg2rad(quarters / 4)
        cos, sin = np.cos(angle), np.sin(angle)
        top, left = self.before
        centre = self.side // 2
        x = np.arange(self.shape[1]) + left + centre * (cos + sin - 1)
        y = (lines + top + centre * (cos - sin - 1))[:, None]
        return (cos * x - sin * y).ravel(), (sin * x + cos * y).ravel()

    def variance(self, matrix: Any, pixels: Block) -> Block:
        """Variance over the rays of one angle, per window; `pixels` is (pixel, window)."""
        rays = matrix @ pixels
        mean = np.add.reduce(rays) / np.float32(self.side)
        # Harmless in float32: the windows have no mean, so that the rays hardly have one.
        return np.asarray(np.einsum("rw,rw->w", rays, rays) / np.float32(self.side) - mean * mean)

    def exact_variance(
        self, window: Floats, quarters: int, still_here: Callable[[], None]
    ) -> float:
        """The score with every rounding of the published order of operations."""
        padded = np.zeros((self.side + 1, self.side + 1))
        top, left = self.before
        padded[top : top + self.shape[0], left : left + self.shape[1]] = window
        # At least two rays at once: numpy adds up a single column in another order.
        pieces = max(1, min(self.side // 2, self.side**2 // _SAMPLED_AT_ONCE))
        rays = []
        for some in np.array_split(np.arange(self.side, dtype=np.float64), pieces):
            still_here()
            rays.append(self._exact_rays(padded, quarters, some))
        both = np.concatenate(rays)
        return float(np.stack([both, both], axis=1).var(axis=0)[0])

    def _exact_rays(self, padded: Floats, quarters: int, rays: Floats) -> Floats:
        y, x = self._sampled(quarters, rays)
        low_y, low_x = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
        high_y, high_x = np.ceil(y).astype(np.intp), np.ceil(x).astype(np.intp)
        y_part, x_part = y - low_y, x - low_x

        def at(row: Indices, column: Indices) -> Floats:
            inside = (row >= 0) & (row < self.side) & (column >= 0) & (column < self.side)
            # The last row and column of `padded` are the zeros outside.
            return np.asarray(padded[np.where(inside, row, -1), np.where(inside, column, -1)])

        above = (1 - x_part) * at(low_y, low_x) + x_part * at(low_y, high_x)
        below = (1 - x_part) * at(high_y, low_x) + x_part * at(high_y, high_x)
        return np.asarray(((1 - y_part) * above + y_part * below).sum(axis=0))

    def _sampled(self, quarters: int, rays: Floats) -> tuple[Floats, Floats]:
        """Row and column of the padded window that each place of its rotation shows."""
        angle = np.deg2rad(quarters / 4)
        cos, sin = np.cos(angle), np.sin(angle)
        centre = self.side // 2
        places = np.arange(self.side, dtype=np.float64)
        x = cos * rays[None, :] + sin * places[:, None] - centre * (cos + sin - 1)
        y = -sin * rays[None, :] + cos * places[:, None] - centre * (cos - sin - 1)
        return y, x


def _tent(distance: Block) -> Block:
    """1 at 0, down to 0 at 1 and beyond; overwrites its argument."""
    np.abs(distance, out=distance)
    np.subtract(np.float32(1), distance, out=distance)
    return np.maximum(distance, np.float32(0), out=distance)
