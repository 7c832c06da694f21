"""A folder of 10,000 recordings, without a window: listing, headers, memory, cancel.

Each figure is printed; run with `-s` to see them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pytest
import tifffile

from acqcore.acq_image_list import AcqImageList, find_recordings
from acqcore.errors import Cancelled
from acqcore.loaders import open_loader

ROOT = Path(__file__).parents[2]
FILES = 10_000
CHUNK = 200

MEMORY = """
import json, sys
from time import perf_counter
from acqcore.acq_image_list import AcqImageList

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

AcqImageList.load_safe(sys.argv[1])  # imports
before, start = resident_mb(), perf_counter()
images = AcqImageList.load_safe(sys.argv[2]).acq_image_list
print(json.dumps([len(images), perf_counter() - start, resident_mb() - before]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("many")
    tifffile.imwrite(made / "f00000.tif", np.zeros((100, 32), "uint16"))
    content = (made / "f00000.tif").read_bytes()
    for number in range(1, FILES):
        (made / f"f{number:05d}.tif").write_bytes(content)
    return made


def header_by_the_library(path: Path) -> tuple[object, ...]:
    with tifffile.TiffFile(path) as tif:
        series = tif.series[0]
        return series.axes, series.shape, series.dtype


def test_listing(folder: Path) -> None:
    start = perf_counter()
    found = list(find_recordings([folder]))
    took = perf_counter() - start
    print(f"{len(found):,} files listed in {took:.2f} s")
    assert len(found) == FILES
    assert took < 2


def test_headers_take_less_than_twice_what_the_library_needs(folder: Path) -> None:
    files = sorted(folder.iterdir())
    ratios, ours, theirs = [], 0.0, 0.0
    for path in files[:CHUNK]:
        header_by_the_library(path)
        open_loader(path)
    # In turns and in processor time: other programs on the computer slow both alike.
    for first in range(0, FILES, CHUNK):
        chunk = files[first : first + CHUNK]
        start = process_time()
        for path in chunk:
            header_by_the_library(path)
        between = process_time()
        for path in chunk:
            open_loader(path)
        end = process_time()
        theirs, ours = theirs + between - start, ours + end - between
        ratios.append((end - between) / (between - start))
    print(
        f"headers: tifffile {theirs / FILES * 1e3:.3f} ms, acqcore {ours / FILES * 1e3:.3f} ms "
        f"per file, {median(ratios):.2f} times as long"
    )
    assert median(ratios) < 2


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_whole_list_stays_small(folder: Path, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((10, 10), "uint16"))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path), str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    number, took, growth_mb = json.loads(done.stdout)
    print(f"{number:,} recordings opened, sidecars looked for, in {took:.2f} s: {growth_mb:.0f} MB")
    assert number == FILES
    assert growth_mb < 200


@pytest.mark.parametrize("after", [0, 50])
def test_cancel_at_once(folder: Path, after: int) -> None:
    asked: list[float] = []

    def should_cancel() -> bool:
        asked.append(perf_counter())
        return len(asked) > after

    with pytest.raises(Cancelled):
        AcqImageList.load_safe(folder, should_cancel=should_cancel)
    took = perf_counter() - asked[-1]
    print(f"cancelled {took * 1e3:.2f} ms after the wish")
    assert took < 0.1


def test_listing_stops_at_once(folder: Path) -> None:
    asked: list[float] = []

    def should_cancel() -> bool:
        asked.append(perf_counter())
        return len(asked) > 10

    with pytest.raises(Cancelled):
        list(find_recordings([folder], should_cancel=should_cancel))
    assert perf_counter() - asked[-1] < 0.1
