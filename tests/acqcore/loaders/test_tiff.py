"""TIFF files that are as they should be."""

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acqcore.errors import UnreadableFile
from acqcore.loaders import open_loader
from acqcore.model.roi import RectRoiBounds

SCAN = np.arange(300 * 38, dtype="uint16").reshape(300, 38)
STACK = np.arange(2 * 3 * 50 * 40, dtype="uint16").reshape(2, 3, 50, 40)

WAYS = {
    "plain": {},
    "bigtiff": {"bigtiff": True},
    "big-endian": {"byteorder": ">"},
    "bare": {"metadata": None},
    "strips": {"rowsperstrip": 7, "metadata": None},
    "deflate": {"compression": "zlib", "rowsperstrip": 16},
    "deflate, one strip": {"compression": "zlib"},
    "predictor": {"compression": "zlib", "predictor": 2, "rowsperstrip": 33},
    "lzw": {"compression": "lzw", "rowsperstrip": 9},
    "zstd": {"compression": "zstd", "rowsperstrip": 50},
    "tiles": {"tile": (32, 16)},
    "deflate tiles": {"tile": (32, 16), "compression": "zlib"},
    "imagej": {"imagej": True},
    "ome": {"ome": True},
}


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def scan(request, tmp_path_factory):
    """The same line scan, written in every way."""
    path = tmp_path_factory.mktemp("scan") / "scan.tif"
    tifffile.imwrite(path, SCAN, **request.param)
    return open_loader(path)


def test_header_and_pixels(scan):
    header = scan.header
    assert (header.dims, header.shape, header.dtype) == (("Y", "X"), (300, 38), "uint16")
    assert (header.num_scenes, header.notes) == (1, ())
    assert (scan.num_channels, scan.channel_indices, scan.default_channel) == (1, (0,), 0)
    assert scan.files == (scan.path,)
    plane = scan.read_plane(0)
    assert plane.dtype == np.uint16
    assert plane.dtype.isnative
    assert not plane.flags.writeable
    np.testing.assert_array_equal(plane, SCAN)
    np.testing.assert_array_equal(scan.get_slice_data(0), SCAN)


ends = st.tuples(st.integers(-20, 320), st.integers(-20, 320))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=ends, pixels=st.tuples(st.integers(-9, 50), st.integers(-9, 50)))
def test_a_window_is_a_part_of_the_plane(scan, lines, pixels):
    window = scan.read_window(0, lines, pixels)
    rows, columns = (slice(*np.clip(ends, 0, None)) for ends in (lines, pixels))
    np.testing.assert_array_equal(window, SCAN[rows, columns])
    assert window.dtype == np.uint16
    assert not window.flags.writeable


def test_a_roi_is_clamped(scan):
    crop = scan.get_roi_rect_image(0, RectRoiBounds(290, 400, 30, -5))
    np.testing.assert_array_equal(crop, SCAN[290:, :30])


@pytest.mark.parametrize("index", [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, 0, 1), (0, -1, 0)])
def test_an_index_out_of_range(scan, index):
    with pytest.raises(IndexError):
        scan.read_plane(*index)
    with pytest.raises(IndexError):
        scan.read_window(index[0], (0, 1), (0, 1), *index[1:])


@pytest.mark.parametrize(
    "way",
    [
        {"metadata": {"axes": "TCYX"}, "photometric": "minisblack"},
        {"metadata": {"axes": "TCYX"}, "photometric": "minisblack", "compression": "zlib"},
        {"metadata": {"axes": "TCYX"}, "imagej": True},
        {"metadata": {"axes": "TCYX"}, "ome": True},
        {"metadata": {"axes": "TCYX"}, "ome": True, "compression": "zlib", "rowsperstrip": 8},
        {"metadata": {"axes": "TCYX"}, "ome": True, "tile": (16, 16)},
    ],
)
def test_four_axes(tmp_path, way):
    tifffile.imwrite(tmp_path / "a.tif", STACK, **way)
    loader = open_loader(tmp_path / "a.tif")
    assert (loader.header.dims, loader.header.shape) == (tuple("TCYX"), (2, 3, 50, 40))
    for t in range(2):
        for channel in range(3):
            np.testing.assert_array_equal(loader.read_plane(channel, t=t), STACK[t, channel])
    window = loader.read_window(2, (11, 30), (3, 9), t=1)
    np.testing.assert_array_equal(window, STACK[1, 2, 11:30, 3:9])


def test_pages_that_nobody_explains_are_slices(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], metadata=None, photometric="minisblack")
    loader = open_loader(tmp_path / "a.tif")
    assert loader.header.dims == ("Z", "Y", "X")
    assert "slices" in loader.header.notes[0]
    np.testing.assert_array_equal(loader.read_plane(0, z=2), STACK[0, 2])


@pytest.mark.parametrize("way", [{}, {"compression": "zlib"}])
@pytest.mark.parametrize(
    ("axes", "pixels", "expected"),
    [
        ("TX", SCAN, [SCAN]),
        ("XT", SCAN, [SCAN.T]),
        ("TYX", SCAN[:, None, :], [SCAN]),
        ("CTX", STACK[0], list(STACK[0])),
        ("TCX", STACK[0], [STACK[0, :, channel] for channel in range(50)]),
    ],
)
def test_time_by_position_is_a_kymograph(tmp_path, axes, pixels, expected, way):
    options = {"metadata": {"axes": axes}, "photometric": "minisblack", **way}
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    loader = open_loader(tmp_path / "a.tif")
    assert loader.header.dims[-2:] == ("Y", "X")
    assert loader.num_channels == len(expected)
    for channel, plane in enumerate(expected):
        np.testing.assert_array_equal(loader.read_plane(channel), plane)
        np.testing.assert_array_equal(loader.read_window(channel, (1, 9), (2, 5)), plane[1:9, 2:5])


def test_interleaved_samples_are_channels(tmp_path):
    pixels = np.moveaxis(STACK[0, :2], 0, -1)
    for way in ({}, {"compression": "zlib", "rowsperstrip": 8}):
        tifffile.imwrite(
            tmp_path / "a.tif", pixels, photometric="minisblack", planarconfig="contig", **way
        )
        loader = open_loader(tmp_path / "a.tif")
        assert loader.header.dims == ("C", "Y", "X")
        np.testing.assert_array_equal(loader.read_window(1, (9, 30), (0, 40)), STACK[0, 1, 9:30])


@pytest.mark.parametrize("samples", [3, 4])
def test_a_picture_is_refused(tmp_path, samples):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((9, 9, samples), "uint8"), photometric="rgb")
    with pytest.raises(UnreadableFile, match="RGB picture"):
        open_loader(tmp_path / "a.tif")


def test_colour_tables_are_mentioned(tmp_path):
    table = np.zeros((3, 256), "uint16")
    tifffile.imwrite(
        tmp_path / "a.tif", SCAN.astype("uint8"), photometric="palette", colormap=table
    )
    assert "colour table" in open_loader(tmp_path / "a.tif").header.notes[0]


def test_bits_become_bytes(tmp_path):
    bits = SCAN % 2 == 0
    tifffile.imwrite(tmp_path / "a.tif", bits)
    loader = open_loader(tmp_path / "a.tif")
    assert loader.header.dtype == "uint8"
    np.testing.assert_array_equal(loader.read_plane(0), bits.astype("uint8"))


def test_float_and_signed_samples_stay(tmp_path):
    for kind in ("float32", "int8", "uint32", "float16"):
        tifffile.imwrite(tmp_path / "a.tif", SCAN.astype(kind))
        plane = open_loader(tmp_path / "a.tif").read_plane(0)
        assert plane.dtype == kind
        np.testing.assert_array_equal(plane, SCAN.astype(kind))


def test_an_ome_file_never_opens_another_file(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "good.tif", STACK[0, 0])
    entries = "".join(
        f'<TiffData IFD="0" FirstC="{channel}"><UUID FileName="{name}">urn:uuid:{channel}</UUID>'
        "</TiffData>"
        for channel, name in enumerate(["a.ome.tif", "good.tif", "../good.tif"])
    )
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" '
        'SizeX="40" SizeY="50" SizeZ="1" SizeC="3" SizeT="1">'
        f'<Channel ID="Channel:0:0"/>{entries}</Pixels></Image></OME>'
    )
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[0, 0], description=xml, metadata=None)
    opened = []
    known = tifffile.FileHandle.open

    def watched(handle):
        known(handle)
        opened.append(handle.path)

    monkeypatch.setattr(tifffile.FileHandle, "open", watched)
    loader = open_loader(tmp_path / "a.ome.tif")
    assert loader.header.dims == ("Y", "X")
    assert "other files" in loader.header.notes[0]
    np.testing.assert_array_equal(loader.read_plane(0), STACK[0, 0])
    assert opened
    assert all(path.endswith("a.ome.tif") for path in opened)


def test_files_can_be_removed_while_a_loader_lives(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", SCAN, compression="zlib")
    loader = open_loader(tmp_path / "a.tif")
    loader.read_window(0, (0, 5), (0, 5))
    (tmp_path / "a.tif").unlink()
    with pytest.raises(UnreadableFile, match="no such file"):
        loader.read_plane(0)
