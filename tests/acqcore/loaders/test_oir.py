"""OIR files that the tests write byte by byte; there is no real one to ship."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from acqcore.errors import UnreadableFile
from acqcore.loaders import loader_class, open_loader, supported_suffixes
from acqcore.loaders.oir import OirLoader

needs_oirfile = pytest.mark.skipif(find_spec("oirfile") is None, reason="oirfile is not here")


def pixels(frames=1, channels=1, rows=40, columns=24):
    shape = frames, channels, rows, columns
    return np.random.default_rng(5).integers(0, 4096, shape, dtype=np.uint16)


@needs_oirfile
@pytest.mark.parametrize("pieces", [1, 7])
def test_line_scan(write_oir, pieces):
    data = pixels(rows=3000)
    loader = open_loader(write_oir(data, line_scan=True, pieces=pieces))
    header = loader.header
    assert (header.dims, header.shape, header.dtype) == (("Y", "X"), (3000, 24), "uint16")
    assert header.calibration.steps == pytest.approx((0.001142, 0.274))
    assert header.calibration.labels == ("seconds", "um")
    assert (header.date, header.time) == ("20251030", "11:12:13")
    assert header.notes == ()
    np.testing.assert_array_equal(loader.read_plane(0), data[0, 0])
    window = loader.read_window(0, (1200, 1300), (3, 9))
    np.testing.assert_array_equal(window, data[0, 0, 1200:1300, 3:9])
    assert loader.reference_image is None
    assert not loader.has_reference_image


@needs_oirfile
def test_channels_of_a_line_scan_come_first(write_oir):
    data = pixels(channels=2, rows=500)
    loader = open_loader(write_oir(data, line_scan=True, pieces=3))
    assert (loader.header.dims, loader.header.shape) == (("C", "Y", "X"), (2, 500, 24))
    assert loader.header.channel_names == ("CH1", "CH2")
    for channel in range(2):
        np.testing.assert_array_equal(loader.read_plane(channel), data[0, channel])


@needs_oirfile
@pytest.mark.parametrize(
    ("frames", "channels", "stack", "dims"),
    [(1, 1, "T", "YX"), (4, 1, "T", "TYX"), (3, 2, "Z", "CZYX"), (3, 2, "T", "TCYX")],
)
def test_frames_and_stacks(write_oir, frames, channels, stack, dims):
    data = pixels(frames, channels)
    loader = open_loader(write_oir(data, stack=stack, um=0.5))
    assert "".join(loader.header.dims) == dims
    assert loader.header.calibration.labels == ("um", "um")
    assert loader.header.calibration.steps == (0.5, 0.5)
    for frame in range(frames):
        for channel in range(channels):
            place = {stack.lower(): frame}
            np.testing.assert_array_equal(loader.read_plane(channel, **place), data[frame, channel])


@needs_oirfile
def test_unknown_calibration_is_not_invented(write_oir):
    header = open_loader(write_oir(pixels(), line_scan=True, um=0, interval_ms=0)).header
    assert header.calibration.labels == ("Pixels", "Pixels")
    assert header.calibration.source == "none"


@needs_oirfile
def test_overview_with_the_scanned_line(write_oir):
    overview = pixels(channels=2, rows=64, columns=64)[0]
    ends = (50.0, 36.0, 44.0, 14.0)
    path = write_oir(pixels(channels=2), line_scan=True, reference=overview, line_roi=ends)
    loader = open_loader(path)
    assert loader.has_reference_image
    found = loader.reference_image
    assert (found.shape, found.dims, found.num_channels) == ((2, 64, 64), ("C", "Y", "X"), 2)
    np.testing.assert_array_equal(found.array, overview)
    plane = found.get_plane(1)
    np.testing.assert_array_equal(plane.array, overview[1])
    assert (plane.dx, plane.dy, plane.x_unit, plane.y_unit) == (0.274, 0.274, "um", "um")
    assert not plane.array.flags.writeable
    assert found.line_roi == ends
    np.testing.assert_array_equal(found.scan_path, [[50, 44], [36, 14]])
    with pytest.raises(IndexError):
        found.get_plane(2)


@needs_oirfile
def test_agrees_with_the_library(write_oir):
    from oirfile import OirFile

    path = write_oir(pixels(3, 2), stack="Z", reference=pixels(channels=2)[0])
    loader = open_loader(path)
    with OirFile(path) as oir:
        assert oir.dims == ("Z", "C", "Y", "X")
        for z in range(3):
            for channel in range(2):
                np.testing.assert_array_equal(
                    loader.read_plane(channel, z=z), oir.asarray()[z, channel]
                )


@needs_oirfile
def test_long_recordings_go_on_in_other_files(write_oir, tmp_path):
    data = pixels(frames=3)
    first = write_oir(data[:2])
    write_oir(data[2:], name="a_00001", first_frame=3)
    loader = open_loader(first)
    assert loader.files == (first, tmp_path / "a_00001")
    assert loader.header.size("T") == 3
    np.testing.assert_array_equal(loader.read_plane(0, t=2), data[2, 0])


@needs_oirfile
def test_a_stream(write_oir):
    data = pixels()
    path = write_oir(data, line_scan=True)
    loader = OirLoader.from_stream(io.BytesIO(path.read_bytes()), "b.oir")
    path.unlink()
    np.testing.assert_array_equal(loader.read_plane(0), data[0, 0])


def test_magic(write_oir):
    assert ".oir" in supported_suffixes()
    path = write_oir(pixels(), name="a.dat")
    assert loader_class(path) is OirLoader


def test_without_the_library_it_is_a_sentence(write_oir):
    code = (
        "import sys, importlib.util as u; find = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'oirfile' else find(name, *a);"
        "from acqcore.loaders.oir import OirLoader;"
        "from pathlib import Path; OirLoader(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(write_oir(pixels()))],
        cwd=Path(__file__).parents[3], capture_output=True, text=True,
    )  # fmt: skip
    assert "OIR files need the package oirfile and Python 3.12 or newer." in done.stderr


@pytest.mark.parametrize("share", [0, 10, 40, 95, 200, 1000, 3000, -100, -8, -1])
def test_cut_short(write_oir, share):
    path = write_oir(pixels(), line_scan=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:share])
    with pytest.raises(UnreadableFile) as caught:
        open_loader(path)
    assert str(caught.value).count(".") <= 3


@pytest.mark.timeout(60)
def test_damage_is_an_error_or_a_picture(write_oir):
    path = write_oir(pixels(channels=2), line_scan=True, reference=pixels(channels=2)[0])
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for round_ in range(150):
        raw = bytearray(whole)
        for place in rng.integers(0, len(raw), 4) if round_ % 2 else rng.integers(16, 2000, 4):
            raw[place : place + 4] = struct.pack("<I", [0, 0xFFFFFFFF, 7][round_ % 3])
        path.write_bytes(bytes(raw[: len(whole)]))
        try:
            loader = OirLoader(path)
            for channel in loader.channel_indices:
                assert loader.read_plane(channel).nbytes < 1 << 24
            if loader.reference_image is not None:
                assert math.prod(loader.reference_image.array.shape) < 1 << 24
        except UnreadableFile:
            continue


@needs_oirfile
def test_a_file_that_shrinks_while_open(write_oir):
    path = write_oir(pixels(rows=3000), line_scan=True)
    loader = open_loader(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableFile):
        loader.read_plane(0)
