"""Shared by all tests; nothing here needs Qt."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import tifffile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real recordings and golden numbers, where the checkout has them beside it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder with real recordings is not here")
    return SHARED


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, caches and logs of a test never touch the user's."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


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


UNDISTURBED_S = 0.0070


@pytest.fixture(scope="session")
def slowness() -> Callable[[], float]:
    """How long fixed work takes now, in units of the machine on which time limits were set.

    At least 1: a limit grows on a machine that is slower, or slowed down by other programs.
    """

    def measure() -> float:
        times = []
        for _ in range(3):
            start = perf_counter()
            sum(len(str(number)) for number in range(50_000))
            times.append(perf_counter() - start)
        return max(1.0, round(min(times) / UNDISTURBED_S, 2))

    return measure
