"""The pixels of an image panel: a part of one channel, or of several as one composite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.model.contrast import ImageContrast, contrast_clip_min_max
from acqcore.model.roi import RectROI
from cloudscope.figures.content import Outline, Picture, Shade
from cloudscope.figures.paper import channel_color, roi_color
from cloudscope.figures.recipe import FigureRecipe, ImagePanel
from cloudscope.scene import Scene
from cloudscope.views.figure_overlays import drawn_results
from cloudscope.views.figure_source import FigureSource
from cloudscope.views.luts import ADDITIVE, Table, lut, tint

_MM_PER_INCH = 25.4
_TINTS = ("green", "magenta", "cyan", "yellow")
"""What the colours of the channels are called."""


def picture(source: FigureSource, recipe: FigureRecipe, panel: ImagePanel, columns: int) -> Picture:
    """Fill an image panel with what `columns` across the page can show."""
    scene, shape = source.scene, (0, 0)
    shades, indices = list[Shade](), list[NDArray[np.uint8]]()
    colors = _colors(source, panel)
    factors = kept = (1, 1)
    for channel, (table, words) in zip((panel.channel, *panel.also), colors, strict=True):
        plane = source.read_plane(channel)
        own = panel.limits if channel == panel.channel else None
        limits = own or _limits(plane, source.contrast(channel))
        part, shape = plane[slice(*recipe.lines)], plane.shape
        factors = _factors(part, recipe, columns)
        kept = _factors(part, recipe, columns_at(recipe, recipe.dpi))
        index = _indices(_mean(part, *factors), *limits)
        indices.append(np.ascontiguousarray(index.T[::-1]))
        told = scene.header.channel_name(channel) if scene.header is not None else ""
        shades.append(Shade(table, limits, told, words))
    first, *added = shades
    results = drawn_results(scene, panel, recipe.lines, columns)
    return Picture(
        indices[0], first.table, recipe.lines, shape[1], first.limits, first.channel, first.lut,
        kept, tuple(_outlines(scene)) if panel.outlines else (),
        results.edges, results.streaks, results.marks,
        _blend(indices, shades) if added else None, tuple(added), results.stale,
    )  # fmt: skip


def columns_at(recipe: FigureRecipe, dpi: float) -> int:
    """What a resolution can show across the page."""
    return max(int(recipe.width_mm / _MM_PER_INCH * dpi), 16)


def _colors(source: FigureSource, panel: ImagePanel) -> list[tuple[Table, str]]:
    """Colours of each channel with their name; of a composite as the main window adds them."""
    found = []
    for place, channel in enumerate((panel.channel, *panel.also)):
        contrast = source.contrast(channel)
        name = contrast.color_lut if contrast is not None else "Gray"
        name = (panel.lut or name) if place == 0 else name
        chosen = place == 0 and panel.lut  # for this figure: it stays as it is
        if panel.also and not chosen and name not in ADDITIVE:
            found.append((tint(channel_color(channel)), _TINTS[channel % len(_TINTS)]))
        else:
            found.append((lut(name), "Gray inverted" if name == "inverted_grays" else name))
    return found


def _blend(indices: Sequence[NDArray[np.uint8]], shades: Sequence[Shade]) -> NDArray[np.uint8]:
    """The colours of all channels added up, as light is."""
    total = np.zeros((*indices[0].shape, 3), np.uint16)
    for index, shade in zip(indices, shades, strict=True):
        total += shade.table[index]
    return np.minimum(total, 255).astype(np.uint8)


def _factors(part: NDArray[Any], recipe: FigureRecipe, columns: int) -> tuple[int, int]:
    """How many lines and pixels become one: at least the resolution is left."""
    rows = max(int(recipe.height_mm / recipe.width_mm * columns), 16)
    return max(part.shape[0] // columns, 1), max(part.shape[1] // rows, 1)


def _limits(plane: NDArray[Any], contrast: ImageContrast | None) -> tuple[float, float]:
    if contrast is not None:
        return contrast.value_min, contrast.value_max
    return contrast_clip_min_max(plane)


def _mean(part: NDArray[Any], lines: int, pixels: int) -> NDArray[Any]:
    """Means of blocks; those at the far ends may be smaller."""
    if (lines, pixels) == (1, 1):
        return part
    starts = np.arange(0, part.shape[0], lines), np.arange(0, part.shape[1], pixels)
    sums = np.add.reduceat(part, starts[0], axis=0, dtype=np.float64)
    sums = np.add.reduceat(sums, starts[1], axis=1)
    sizes = (np.diff(np.append(one, size)) for one, size in zip(starts, part.shape, strict=True))
    heights, widths = sizes
    mean: NDArray[Any] = sums / np.outer(heights, widths)
    return mean


def _indices(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Places in the LUT; NaN counts as lowest, as on screen."""
    scaled = (values.astype(np.float32) - low) * (255.0 / (high - low) if high > low else 1e30)
    clipped = np.clip(np.nan_to_num(scaled), 0, 255).round()
    index: NDArray[np.uint8] = clipped.astype(np.uint8)
    return index


def _outlines(scene: Scene) -> Iterator[Outline]:
    for order, roi in enumerate(scene.rois):
        is_line = not isinstance(roi, RectROI)
        yield Outline(roi.geometry, is_line, roi.label, roi_color(order, roi.color))
