"""Windows of huge files, each in a process of its own: time, memory, and survival."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage

ROOT = Path(__file__).parents[2]

WINDOW = """
import json, sys
from time import perf_counter
import tifffile  # imports are not what is measured
from acqcore.acq_image import AcqImage

def peak_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))

AcqImage(sys.argv[1])  # imports of the loaders
path, line, pixel = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak starts again at what is used now
before, opening, reading = peak_mb(), [], []
for _ in range(3):
    start = perf_counter()
    image = AcqImage(path)
    opened = perf_counter()
    window = image.images.read_window(0, (line, line + 1000), (pixel, pixel + 1000))
    reading.append((perf_counter() - opened) * 1e3)
    opening.append((opened - start) * 1e3)
print(json.dumps({
    "open_ms": min(opening),
    "read_ms": min(reading),
    "mb": peak_mb() - before,
    "shape": window.shape,
    "sum": int(window.sum()),
}))
"""

SHRINK = """
import os, sys
from acqcore.acq_image import AcqImage
from acqcore.errors import UnreadableFile

for path in sys.argv[1:]:
    image = AcqImage(path)
    image.images.read_window(0, (0, 10), (0, 10))
    os.truncate(path, os.path.getsize(path) // 4)
    for lines in (0, 1000), (900, 1000):
        try:
            image.images.read_window(0, lines, (0, 10))
        except UnreadableFile as error:
            print(error)
"""


def run(code: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sparse_bigtiff(path: Path, lines: int, pixels: int) -> tuple[int, int]:
    """A file of zeros that takes no room, with one pixel set; gives where."""
    start, size = 4096, lines * pixels * 2
    tags = {
        256: pixels,
        257: lines,
        258: 16,
        259: 1,
        262: 1,
        273: start,
        277: 1,
        278: lines,
        279: size,
    }
    head = b"II" + struct.pack("<HHHQQ", 43, 8, 0, 16, len(tags))
    head += b"".join(struct.pack("<HHQQ", tag, 16, 1, value) for tag, value in tags.items())
    where = lines // 2, pixels // 2
    with path.open("wb") as file:
        file.write(head + bytes(8))
        file.truncate(start + size)
        file.seek(start + (where[0] * pixels + where[1]) * 2)
        file.write(np.uint16(777).tobytes())
    if path.stat().st_blocks * 512 > 1 << 30:
        path.unlink()
        pytest.skip("this file system cannot leave holes in a file")
    return where


@pytest.fixture
def small(tmp_path):
    tifffile.imwrite(tmp_path / "small.tif", np.zeros((10, 10), "uint16"))
    return tmp_path / "small.tif"


@pytest.mark.timed
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("lines", "pixels"),
    [(5_000_000, 1_000), (50_000, 100_000), (1_500, 3_500_000)],
    ids=["long", "square", "wide"],
)
def test_a_window_of_ten_gigabytes(tmp_path, small, lines, pixels):
    line, pixel = sparse_bigtiff(tmp_path / "huge.tif", lines, pixels)
    corner = min(line, lines - 1000), min(pixel, pixels - 1000)
    best = json.loads(run(WINDOW, small, tmp_path / "huge.tif", *corner))
    print(f"{lines} x {pixels}: {best}")
    assert best["shape"] == [1000, 1000]
    assert best["sum"] == 777
    assert best["open_ms"] < 50
    assert best["read_ms"] < 50
    assert best["mb"] < 100


def test_a_file_that_shrinks_is_an_error(tmp_path):
    noise = np.random.default_rng(1).integers(0, 60_000, (1000, 200)).astype("uint16")
    layouts = {
        "run": {},
        "tiles": {"tile": (64, 64)},
        "strips": {"compression": "zlib", "rowsperstrip": 10},
    }
    paths = [tmp_path / f"{name}.tif" for name in layouts]
    for path, options in zip(paths, layouts.values(), strict=True):
        tifffile.imwrite(path, noise, **options)
    said = run(SHRINK, *paths).splitlines()
    assert [line.split(": ")[0] for line in said] == [
        f"Cannot read {path.name}" for path in paths for _ in range(2)
    ]


LAYOUTS = [
    {},
    {"bigtiff": True},
    {"byteorder": ">"},
    {"rowsperstrip": 7},
    {"tile": (32, 48)},
    {"tile": (32, 48), "bigtiff": True, "byteorder": ">"},
    {"compression": "zlib", "rowsperstrip": 7},
    {"compression": "zlib", "tile": (32, 48)},
    {"compression": "zlib", "tile": (32, 48), "predictor": True},
    {"compression": "zlib", "rowsperstrip": 7, "predictor": True, "byteorder": ">"},
]


@pytest.mark.parametrize("options", LAYOUTS, ids=str)
@pytest.mark.parametrize(
    ("shape", "axes"), [((101, 150), "YX"), ((3, 101, 150), "CYX"), ((2, 3, 101, 150), "ZCYX")]
)
def test_every_layout_gives_the_same_windows(tmp_path, options, shape, axes):
    pixels = np.random.default_rng(2).integers(0, 60_000, shape).astype("uint16")
    options = {"metadata": {"axes": axes}, "photometric": "minisblack"} | options
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, **options)
    loader = AcqImage(tmp_path / "a.ome.tif").images
    z, channel = (1 if "Z" in axes else 0), (2 if "C" in axes else 0)
    plane = pixels.reshape(-1, 3 if "C" in axes else 1, 101, 150)[z, channel]
    for lines, columns in (
        ((0, 101), (0, 150)),
        ((0, 101), (47, 49)),
        ((30, 34), (0, 150)),
        ((99, 101), (149, 150)),
        ((5, 70), (50, 97)),
    ):
        np.testing.assert_array_equal(
            loader.read_window(channel, lines, columns, z=z),
            plane[slice(*lines), slice(*columns)],
        )


@pytest.mark.parametrize("options", [{}, {"compression": "zlib", "tile": (64, 64)}], ids=str)
def test_a_window_reads_only_what_it_needs(tmp_path, options, monkeypatch):
    """Bytes elsewhere may be unreadable: only what is asked for is looked at."""
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(3).integers(0, 60_000, (512, 512)).astype("uint16")
    tifffile.imwrite(path, pixels, **options)
    with tifffile.TiffFile(path) as tif:
        page = tif.pages.first
        start = page.dataoffsets[-1] + page.databytecounts[-1] // 2
    loader = AcqImage(path).images
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * 64)
    np.testing.assert_array_equal(loader.read_window(0, (0, 60), (0, 60)), pixels[:60, :60])


def test_positions_in_z_and_time(tmp_path):
    pixels = np.arange(2 * 3 * 10 * 12, dtype="uint16").reshape(2, 3, 10, 12)
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata={"axes": "TZYX"})
    image = AcqImage(tmp_path / "a.ome.tif")
    image.rois.create_rect_roi()
    np.testing.assert_array_equal(image.get_roi_image(0, 1), pixels[0, 0])
    np.testing.assert_array_equal(image.get_roi_image(0, 1, z=2, t=1), pixels[1, 2])
    np.testing.assert_array_equal(image.images.read_plane(0, z=2, t=1), pixels[1, 2])
    for place in ({"z": 3}, {"t": 2}, {"z": -1}):
        with pytest.raises(IndexError):
            image.get_roi_image(0, 1, **place)
