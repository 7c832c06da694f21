"""Shared by all tests; nothing here needs Qt."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import tifffile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).parents[2] / "shared"
BENCHMARKS = Path(__file__).parent / "benchmarks"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Another program may have the processor once: what looks at the clock has four attempts."""
    for item in items:
        if BENCHMARKS in item.path.parents:
            item.add_marker("timed")
        if item.get_closest_marker("timed") and config.pluginmanager.hasplugin("rerunfailures"):
            item.add_marker(pytest.mark.flaky(reruns=3, reruns_delay=1))


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


@pytest.fixture(scope="session")
def make_tiff_in() -> MakeTiff:
    """Write a calibrated kymograph with streaks into a folder; gives its path."""

    def make(
        folder: Path, name: str = "a.tif", lines: int = 400, pixels: int = 32, seed: int = 0
    ) -> Path:
        rng = np.random.default_rng(seed)
        line, pixel = np.mgrid[:lines, :pixels]
        wave = 500 + 300 * np.sin((pixel - 0.7 * line) / 2.5) + rng.normal(0, 30, (lines, pixels))
        path = folder / name
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


@pytest.fixture
def make_tiff(make_tiff_in: MakeTiff, tmp_path: Path) -> MakeTiff:
    """The same into the folder of the test."""
    return partial(make_tiff_in, tmp_path)


COUNTED_S, COPIED_S = 0.0027, 0.0047
"""What the two parts of `slowness` take undisturbed: the least of many runs on two cores."""


@pytest.fixture(scope="session")
def slowness() -> Callable[[], float]:
    """How long fixed work takes now, in units of the machine on which time limits were set.

    At least 1: a limit grows on a machine that is slower, or slowed down by other programs.
    One part is for the interpreter and one for memory, which is what painting needs and what
    another program can take while the interpreter goes on undisturbed; the slower part counts.
    """
    picture = np.arange(4_000_000, dtype=np.uint16).reshape(2000, 2000)
    colors = np.arange(65_536, dtype=np.uint32)
    painted = np.empty(picture.shape, np.uint32)

    def count() -> None:
        sum(len(str(number)) for number in range(50_000))

    def paint() -> None:
        np.take(colors, picture, out=painted)

    def least(work: Callable[[], None]) -> float:
        times = []
        for _ in range(3):
            start = perf_counter()
            work()
            times.append(perf_counter() - start)
        return min(times)

    def measure() -> float:
        return max(1.0, round(max(least(count) / COUNTED_S, least(paint) / COPIED_S), 2))

    paint()
    return measure
