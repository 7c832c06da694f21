"""Small recordings of our own making."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

MakeTiff = Callable[..., Path]


@pytest.fixture
def make_tiff(tmp_path: Path) -> MakeTiff:
    """Write a calibrated kymograph with streaks; gives its path."""

    def make(name: str = "a.tif", lines: int = 400, pixels: int = 32, seed: int = 0) -> Path:
        rng = np.random.default_rng(seed)
        line, pixel = np.mgrid[:lines, :pixels]
        wave = 500 + 300 * np.sin((pixel - 0.7 * line) / 2.5) + rng.normal(0, 30, (lines, pixels))
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, wave.astype(np.uint16))
        companion = [
            f'"X Dimension"\t"{pixels}, 0.0 - {pixels * 0.25:.3f} [um], 0.250 [um/pixel]"',
            f'"T Dimension"\t"1, 0.000 - {lines * 0.002:.3f} [s], Interval FreeRun"',
            f'"Image Size"\t"{pixels} * {lines} [pixel]"',
            '"Date"\t"07/22/2025 12:13:14.620 PM"',
        ]
        path.with_suffix(".txt").write_text("\r\n".join(companion) + "\r\n")
        return path

    return make
