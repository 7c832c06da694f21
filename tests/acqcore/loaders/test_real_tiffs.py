"""Real recordings, where the development folder has them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from acqcore.errors import UnreadableFile
from acqcore.loaders import open_loader

DATA = Path(__file__).parents[3] / "../shared/data"
FORMATS = DATA / "formats"

pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason="no real recordings here")


def tiff_entries():
    file = FORMATS / "expected.json"
    entries = json.loads(file.read_text()) if file.is_file() else {}
    return {name: entry for name, entry in entries.items() if "series" in entry and "kind" in entry}


def is_picture(entry):
    return entry["series"][0]["axes"] == "YXS"


@pytest.mark.parametrize(
    ("name", "shape", "um", "duration", "date"),
    [
        ("angii/20250722_A89_0002", (30000, 19), 0.450, 34.019, "20250722"),
        ("angii/20250722_A89_0003", (30000, 10), 0.450, 33.419, "20250722"),
        ("angii/20250722_A89_0004", (30000, 14), 0.450, 33.659, "20250722"),
        ("capillary/Capillary1_0001", (30000, 38), 0.284, 35.099, "20221102"),
    ],
)
def test_line_scans(name, shape, um, duration, date):
    loader = open_loader(DATA / f"{name}.tif")
    header = loader.header
    assert (header.dims, header.shape, header.dtype) == (("Y", "X"), shape, "uint16")
    assert loader.get_image_physical_units() == (duration / 30000, um)
    assert header.calibration.labels == ("seconds", "um")
    assert header.calibration.source == "Olympus text file"
    assert header.date == date
    assert header.notes == ()
    plane = loader.read_plane(0)
    np.testing.assert_array_equal(
        loader.read_window(0, (12_000, 12_100), (3, 8)), plane[12_000:12_100, 3:8]
    )


def test_the_tag_serves_where_the_text_is_missing(tmp_path):
    copy = tmp_path / "a.tif"
    copy.write_bytes((DATA / "capillary/Capillary1_0001.tif").read_bytes())
    header = open_loader(copy).header
    assert header.dims == ("Y", "X")
    assert header.calibration.source == "FluoView tag"
    assert header.calibration.steps == pytest.approx((0.00117004, 0.284), rel=1e-6)


def test_resolution_tags_of_real_exports_are_placeholders(tmp_path):
    copy = tmp_path / "a.tif"
    copy.write_bytes((DATA / "angii/20250722_A89_0003.tif").read_bytes())
    assert open_loader(copy).header.calibration.source == "none"


@pytest.mark.parametrize("name", tiff_entries())
def test_every_tiff_as_expected(name):
    entry = tiff_entries()[name]
    expected = entry["series"][0]
    if is_picture(entry):
        with pytest.raises(UnreadableFile, match="RGB picture"):
            open_loader(FORMATS / name)
        return
    if "prairie" in name and name.endswith(".ome.tif"):
        return  # one of two files of a recording; see test_prairie.py
    loader = open_loader(FORMATS / name)
    assert "".join(loader.header.dims) == expected["axes"]
    assert list(loader.header.shape) == expected["shape"]
    assert loader.header.dtype == expected["dtype"]
    assert loader.header.num_scenes == 1
    assert digest(loader) == expected["sha256_pixels"]


def digest(*loaders):
    planes = [
        loader.read_plane(channel) for loader in loaders for channel in loader.channel_indices
    ]
    little = [np.ascontiguousarray(plane, plane.dtype.newbyteorder("<")) for plane in planes]
    return hashlib.sha256(b"".join(plane.tobytes() for plane in little)).hexdigest()[:32]
