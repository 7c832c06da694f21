"""A recording that another program replaces or writes again while it is open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage
from acqcore.errors import UnreadableFile
from acqcore.loaders import open_loader

RNG = np.random.default_rng(0)


def put(path: Path, shape: tuple[int, int], **options: Any) -> np.ndarray:
    """Put a file in the place of `path`, as programs do that write safely; gives its pixels."""
    pixels = RNG.integers(0, 4000, shape).astype(np.uint16)
    fresh = path.with_suffix(".writing")
    tifffile.imwrite(fresh, pixels, **options)
    os.replace(fresh, path)
    return pixels


LAYOUTS: dict[str, dict[str, Any]] = {
    "same": {},
    "compressed": {"compression": "zlib"},
    "other byte order": {"byteorder": ">"},
    "pixels elsewhere": {"description": "x" * 999},
    "tiles": {"tile": (32, 32)},
}


@pytest.mark.parametrize("options", LAYOUTS.values(), ids=LAYOUTS)
def test_the_same_recording_in_another_layout_is_read_from_there(tmp_path, options) -> None:
    path = tmp_path / "a.tif"
    put(path, (400, 32))
    loader = open_loader(path)
    pixels = put(path, (400, 32), **options)
    np.testing.assert_array_equal(loader.read_window(0, (7, 90), (3, 20)), pixels[7:90, 3:20])
    np.testing.assert_array_equal(loader.read_plane(0), pixels)


@pytest.mark.parametrize("shape", [(300, 64), (4000, 64), (32, 400)])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}], ids=["plain", "compressed"])
def test_another_recording_is_never_read_as_the_first(tmp_path, shape, options) -> None:
    """Neither by a picture nor by a run; opened again, it is itself."""
    path = tmp_path / "a.tif"
    put(path, (400, 32))
    image = AcqImage(path)
    image.rois.create_rect_roi()
    pixels = put(path, shape, **options)
    for _ in range(2):
        with pytest.raises(UnreadableFile, match="another recording was put in its place"):
            image.images.read_plane(0)
        with pytest.raises(UnreadableFile, match="another recording"):
            image.get_roi_image(0, 1)
    np.testing.assert_array_equal(open_loader(path).read_plane(0), pixels)


def test_a_recording_that_grew(tmp_path) -> None:
    """A half-written series: what was there at opening is not taken for all there is."""
    path = tmp_path / "a.tif"
    put(path, (100, 32))
    loader = open_loader(path)
    put(path, (200, 32))
    with pytest.raises(UnreadableFile, match="another recording"):
        loader.read_plane(0)


def test_touched_or_gone(tmp_path) -> None:
    path = tmp_path / "a.tif"
    pixels = put(path, (100, 32))
    loader = open_loader(path)
    os.utime(path, (1, 1))
    np.testing.assert_array_equal(loader.read_plane(0), pixels)
    path.unlink()
    with pytest.raises(UnreadableFile, match="there is no such file"):
        loader.read_plane(0)
