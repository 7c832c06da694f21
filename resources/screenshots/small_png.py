"""PNG with a palette of its own: a third of the size, and the interface keeps its exact colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

COLORS, EXACT = 72, 16
"""Entries of the palette, and how many of them are the most frequent colours as they are."""


def save_small(image: QImage, path: Path) -> None:
    """Write with `COLORS` colours: the frequent ones exactly, the others by median cut."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    width, height = rgb.width(), rgb.height()
    pixels = np.frombuffer(rgb.constBits(), np.uint32).reshape(height, width) & 0xFFFFFF
    found, inverse, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    palette, places = _palette(found, counts)
    indices = np.zeros((height, (width + 3) // 4 * 4), np.uint8)
    indices[:, :width] = places[inverse].reshape(height, width)
    small = QImage(
        indices.tobytes(), width, height, indices.shape[1], QImage.Format.Format_Indexed8
    )
    small.setColorTable([0xFF000000 | int(one) for one in palette])
    if not small.copy().save(str(path), "PNG", 0):  # 0: the strongest compression
        raise OSError(f"cannot write {path}")


def _palette(
    found: NDArray[np.uint32], counts: NDArray[np.intp]
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """The colours to keep, and for each of `found` which of them stands for it."""
    order = np.argsort(-counts, kind="stable")
    places = np.empty(found.size, np.intp)
    exact = order[:EXACT]
    places[exact] = np.arange(exact.size)
    rest = order[EXACT:]
    groups = _cut(_channels(found[rest]), counts[rest], COLORS - EXACT)
    means = []
    for number, group in enumerate(groups):
        weights = counts[rest][group]
        mean = np.average(_channels(found[rest])[group], axis=0, weights=weights)
        red, green, blue = (int(one) for one in np.rint(mean))
        means.append(red << 16 | green << 8 | blue)
        places[rest[group]] = exact.size + number
    return np.concatenate([found[exact], np.array(means, np.uint32)]), places


def _channels(colors: NDArray[np.uint32]) -> NDArray[np.float64]:
    return np.stack([colors >> 16 & 255, colors >> 8 & 255, colors & 255], axis=1).astype(float)


def _cut(
    colors: NDArray[np.float64], counts: NDArray[np.intp], groups: int
) -> list[NDArray[np.intp]]:
    """Split the group with the widest spread of one channel, weighted by how often it is seen."""
    parts = [np.arange(len(colors))] if len(colors) else []

    def loss(part: NDArray[np.intp]) -> float:
        return float(np.ptp(colors[part], axis=0).max() * counts[part].sum() ** 0.2)

    while parts and len(parts) < groups:
        parts.sort(key=loss)
        if loss(parts[-1]) == 0:
            break
        part = parts.pop()
        channel = int(np.ptp(colors[part], axis=0).argmax())
        values = colors[part, channel]
        middle = (values.min() + values.max()) / 2
        parts += [part[values <= middle], part[values > middle]]
    return parts


def no_scale(image: QImage, width: int, height: int) -> QImage:
    """The picture at exactly this size, for screens with another pixel ratio."""
    if (image.width(), image.height()) == (width, height):
        return image
    mode = Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
