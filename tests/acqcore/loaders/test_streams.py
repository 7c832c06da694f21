"""Recordings that come as bytes."""

import io

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage
from acqcore.errors import UnreadableFile, UnsupportedFormat
from acqcore.loaders.tiff import TiffLoader

PIXELS = np.random.default_rng(1).integers(0, 4000, (2, 50, 30)).astype("uint16")


def stream_of(pixels=PIXELS, **options) -> io.BytesIO:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, photometric="minisblack", **options)
    return stream  # at its end, as the writer left it


@pytest.mark.parametrize(
    "options",
    [
        {"imagej": True, "metadata": {"axes": "CYX"}},
        {"ome": True, "metadata": {"axes": "CYX"}},
        {"bigtiff": True, "ome": True, "metadata": {"axes": "CYX"}, "compression": "zlib"},
        {"ome": True, "metadata": {"axes": "CYX"}, "tile": (16, 16)},
    ],
    ids=str,
)
def test_a_stream_is_read_like_a_file(options):
    stream = stream_of(**options)
    image = AcqImage.from_stream(stream, "a.tif")
    stream.close()
    assert (image.header.dims, image.header.shape) == (("C", "Y", "X"), (2, 50, 30))
    np.testing.assert_array_equal(image.images.read_plane(1), PIXELS[1])
    np.testing.assert_array_equal(
        image.images.read_window(1, (10, 20), (3, 9)), PIXELS[1, 10:20, 3:9]
    )


def test_an_open_file_stays_open(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", PIXELS[0])
    with (tmp_path / "a.tif").open("rb") as file:
        loader = TiffLoader.from_stream(file, "b.tif")
        assert not file.closed
    np.testing.assert_array_equal(loader.read_plane(0), PIXELS[0])


def test_nothing_beside_the_name_is_read_or_written(make_tiff):
    path = make_tiff("a_C001T001.tif")
    (path.parent / "a_C002T001.tif").write_bytes(path.read_bytes())
    there = AcqImage(path)
    there.rois.create_rect_roi()
    there.save()
    files = sorted(path.parent.iterdir())

    image = AcqImage.from_stream(io.BytesIO(path.read_bytes()), str(path))
    assert image.path == image.file_id == str(path)
    assert image.calibration.source == "none"
    assert image.get_schema_row()["num_rois"] == 0
    assert image.header.dims == ("Y", "X")
    assert (image.get_schema_row()["parent"], image.get_schema_row()["grandparent"]) == ("", "")
    image.rois.create_rect_roi()
    for call in (image.save, image.get_sidecar_json_path):
        with pytest.raises(RuntimeError, match="in memory only"):
            call()
    assert sorted(path.parent.iterdir()) == files


def test_content_wins_over_the_name():
    assert AcqImage.from_stream(stream_of(), "upload.dat").header.shape[-2:] == (50, 30)


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "a.tif", UnreadableFile),
        (b"hello", "a.tif", UnreadableFile),
        (stream_of().getvalue()[:1000], "a.tif", UnreadableFile),
        (b"hello", "a.txt", UnsupportedFormat),
    ],
)
def test_bad_streams(content, name, error):
    with pytest.raises(error):
        AcqImage.from_stream(io.BytesIO(content), name)


def test_a_stream_of_text_is_a_mistake():
    with pytest.raises(TypeError, match="binary"):
        AcqImage.from_stream(io.StringIO("hello"), "a.tif")


def test_a_stream_that_cannot_seek():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    image = AcqImage.from_stream(Pipe(stream_of().getvalue()), "a.tif")
    np.testing.assert_array_equal(image.images.read_plane(0), PIXELS[0])


def test_formats_that_need_a_file_say_so():
    with pytest.raises(UnreadableFile, match="not from a stream"):
        AcqImage.from_stream(io.BytesIO(bytes(100)), "a.ome.zarr")
