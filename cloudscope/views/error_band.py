"""The error band of a trace as a picture of the screen's own pixels.

Qt takes 50 to 150 ms to fill the outline of a dense, noisy band; one column of a picture is
two numbers.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage

from cloudscope.views.trace_samples import Floats


def band_image(
    x: Floats, low: Floats, high: Floats, view: QRectF, size: tuple[int, int], color: QColor
) -> QImage:
    """Picture of what lies between `low` and `high`, which break where they are NaN.

    `view` is what the picture shows, its top edge being `view.bottom()`; `size` is
    (width, height) in device pixels. The alpha of `color` is the strength of the band.
    """
    width, height = size
    columns = view.left() + (np.arange(width) + 0.5) * view.width() / width
    top = _rows(high, columns, x, view, height)
    bottom = _rows(low, columns, x, view, height)
    rows = np.arange(height, dtype=np.float32)[:, None]
    # Covered share of each pixel: smooth upper and lower edges.
    covered = np.minimum(rows + 1 - top, bottom - rows)
    shares = np.nan_to_num(np.clip(covered, 0, 1) * 255).astype(np.uint8)
    stride = (width + 3) // 4 * 4
    padded = np.zeros((height, stride), np.uint8)
    padded[:, :width] = shares
    picture = QImage(padded.tobytes(), width, height, stride, QImage.Format.Format_Indexed8)
    picture.setColorTable(_shades(color))
    return picture.copy()  # owns its pixels, which the bytes above do not outlive


def _rows(values: Floats, columns: Floats, x: Floats, view: QRectF, height: int) -> Floats:
    """Where the values cross the columns, in rows from the top."""
    if x.size == 0:
        return np.full(columns.shape, np.nan, dtype=np.float32)
    between = np.interp(columns, x, values, left=np.nan, right=np.nan)
    rows: Floats = ((view.bottom() - between) / view.height() * height).astype(np.float32)
    return rows


def _shades(color: QColor) -> list[int]:
    shades = []
    for share in range(256):
        shade = QColor(color)
        shade.setAlphaF(color.alphaF() * share / 255)
        shades.append(shade.rgba())
    return shades
