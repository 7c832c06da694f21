"""CZI: line scans, calibration, overviews, compression and damage, on files made here."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from acqcore.errors import UnreadableFile
from acqcore.loaders import _czi_pixels, loader_class, open_loader, supported_suffixes
from acqcore.loaders.czi import CziLoader

FORMATS = Path(__file__).parents[3] / "../shared/data/formats"
needs_writer = pytest.mark.skipif(find_spec("pylibCZIrw") is None, reason="pylibCZIrw is not here")
needs_czifile = pytest.mark.skipif(find_spec("czifile") is None, reason="czifile is not here")


def noise(*shape, dtype="uint16"):
    return np.random.default_rng(3).integers(0, 250, shape).astype(dtype)


def stamps(seconds):
    return struct.pack("<ii", 8 + 8 * len(seconds), len(seconds)) + np.asarray(seconds).tobytes()


def by_czifile(path):
    from czifile import CziFile

    with CziFile(path) as czi:
        return czi.scenes[next(iter(czi.scenes))].asarray()


def test_a_frame(write_czi, czi_block):
    data = noise(30, 40)
    path = write_czi(czi_block(data, start={"C": 0}), xml={"names": ["Ch1"]})
    loader = open_loader(path)
    header = loader.header
    assert (header.dims, header.shape, header.dtype) == (("Y", "X"), (30, 40), "uint16")
    assert header.calibration.steps == pytest.approx((0.5, 0.25))
    assert (header.calibration.labels, header.calibration.source) == (("um", "um"), "CZI scaling")
    assert (header.date, header.time) == ("20250304", "05:06:07")
    assert header.channel_names == ("Ch1",)
    np.testing.assert_array_equal(loader.read_plane(0), data)
    np.testing.assert_array_equal(loader.read_window(0, (7, 12), (3, 9)), data[7:12, 3:9])


@pytest.mark.parametrize("lines_per_block", [1, 7, 100])
def test_time_becomes_the_rows_of_a_line_scan(write_czi, czi_block, lines_per_block):
    """Real line scans keep many lines in one block."""
    data = noise(100, 2, 24)
    blocks = [
        czi_block(
            data[first : first + lines_per_block, channel, np.newaxis, :],
            "TYX",
            {"T": first, "C": channel},
        )
        for first in range(0, 100, lines_per_block)
        for channel in range(2)
    ]
    path = write_czi(*blocks)
    loader = open_loader(path)
    assert (loader.header.dims, loader.header.shape) == (("C", "Y", "X"), (2, 100, 24))
    for channel in range(2):
        np.testing.assert_array_equal(loader.read_plane(channel), data[:, channel])
        window = loader.read_window(channel, (33, 58), (4, 20))
        np.testing.assert_array_equal(window, data[33:58, channel, 4:20])
    assert loader.header.calibration.labels == ("Pixels", "um")


@needs_czifile
def test_a_line_scan_as_czifile_reads_it(write_czi, czi_block):
    data = noise(60, 24)
    path = write_czi(*(czi_block(data[n : n + 20, None], "TYX", {"T": n}) for n in (0, 20, 40)))
    np.testing.assert_array_equal(by_czifile(path), data)
    np.testing.assert_array_equal(open_loader(path).read_plane(0), data)


def test_a_line_scan_without_a_y_axis(write_czi, czi_block):
    data = noise(50, 24)
    loader = open_loader(write_czi(czi_block(data, "TX")))
    assert (loader.header.dims, loader.header.shape) == (("Y", "X"), (50, 24))
    np.testing.assert_array_equal(loader.read_plane(0), data)


INTERVAL = "<T><Positions><Interval><Increment>{}</Increment></Interval></Positions></T>"
OFFSETS = "<T><Positions><List><Offsets>0 0.002 0.004</Offsets></List></Positions></T>"
SPAN = "<T/><Interval><TimeSpan><Value>60</Value></TimeSpan></Interval>"
EVEN = 5657.0 + 0.0015 * np.arange(50)
PAUSE = np.where(np.arange(50) < 25, EVEN, EVEN + 3)


@pytest.mark.parametrize(
    ("time", "seconds", "period", "source"),
    [
        ("", EVEN, 0.0015, "CZI time stamps and CZI scaling"),
        (INTERVAL.format(0.00123), EVEN, 0.0015, "CZI time stamps and CZI scaling"),
        (INTERVAL.format(0.00123), None, 0.00123, "CZI time interval and CZI scaling"),
        (INTERVAL.format(0.00123), EVEN[:20], 0.00123, "CZI time interval and CZI scaling"),
        (INTERVAL.format(0.00123), PAUSE, 0.00123, "CZI time interval and CZI scaling"),
        (OFFSETS, None, 0.002, "CZI time interval and CZI scaling"),
        (SPAN, None, None, "CZI scaling"),
        ("", PAUSE, None, "CZI scaling"),
        ("", 42000 + EVEN / 86400, None, "CZI scaling"),  # days
        ("", np.full(50, np.nan), None, "CZI scaling"),
        ("", np.zeros(50), None, "CZI scaling"),
        ("", EVEN[::-1], None, "CZI scaling"),
        (INTERVAL.format(0), None, None, "CZI scaling"),
        (INTERVAL.format("x"), None, None, "CZI scaling"),
    ],
)
def test_line_period(write_czi, czi_block, time, seconds, period, source):
    attached = {} if seconds is None else {("TimeStamps", "CZTIMS"): stamps(seconds)}
    path = write_czi(czi_block(noise(50, 1, 8), "TYX"), xml={"time": time}, attachments=attached)
    found = open_loader(path).header.calibration
    assert found.step_y == pytest.approx(period or 1)
    assert found.label_y == ("seconds" if period else "Pixels")
    assert found.source == source


@pytest.mark.parametrize("value", [0, "", "nan", "-1e-7", "x", "inf"])
def test_a_missing_scaling_is_unknown(write_czi, czi_block, value):
    path = write_czi(czi_block(noise(8, 9)), xml={"x": value, "y": value})
    calibration = open_loader(path).header.calibration
    assert (calibration.steps, calibration.labels) == ((1, 1), ("Pixels", "Pixels"))
    assert calibration.source == "none"


def test_all_axes(write_czi, czi_block):
    data = noise(3, 2, 4, 6, 7)
    blocks = [
        czi_block(data[t, c, z], start={"T": t + 2, "C": c, "Z": z + 1, "S": 0, "B": 0})
        for z in range(4)
        for c in range(2)
        for t in range(3)
    ]
    other = czi_block(noise(9, 9), start={"T": 0, "C": 0, "Z": 0, "S": 1, "B": 0})
    loader = open_loader(write_czi(*blocks, other))
    assert (loader.header.dims, loader.header.shape) == (tuple("TCZYX"), data.shape)
    assert loader.header.num_scenes == 2
    found = [
        [[loader.read_plane(c, z, t) for z in range(4)] for c in range(2)] for t in range(3)
    ]  # fmt: skip
    np.testing.assert_array_equal(found, data)


def test_tiles_and_pyramid(write_czi, czi_block):
    data = noise(20, 30)
    path = write_czi(
        czi_block(data[:, 15:], start={"X": -5, "Y": 100, "M": 1}),
        czi_block(noise(20, 17), start={"X": -20, "Y": 100, "M": 0}),
        czi_block(data[:, :15], start={"X": -20, "Y": 100, "M": 2}),
        czi_block(noise(10, 15), start={"X": -20, "Y": 100}, shape=(20, 30)),
        czi_block(noise(5, 8), start={"X": -20, "Y": 100}, shape=(20, 30), pyramid=1),
    )
    loader = open_loader(path)
    np.testing.assert_array_equal(loader.read_plane(0), data)
    np.testing.assert_array_equal(loader.read_window(0, (4, 9), (10, 20)), data[4:9, 10:20])


def test_further_axes_and_colours_are_channels(write_czi, czi_block):
    data = noise(2, 3, 6, 7)
    blocks = [
        czi_block(data[c, h], start={"C": c, "H": h}) for h in range(3) for c in range(2)
    ]  # fmt: skip
    loader = open_loader(write_czi(*blocks, xml={"names": ["A", ""]}))
    assert (loader.header.dims, loader.header.shape) == (("C", "Y", "X"), (6, 6, 7))
    assert loader.header.channel_names[1:4] == ("A H 2", "A H 3", "Channel 2 H 1")
    assert loader.header.notes == ("Its 3 places along H are channels.",)
    np.testing.assert_array_equal(loader.read_plane(5), data[1, 2])
    colours = noise(6, 7, 3, dtype="uint8")
    loader = open_loader(write_czi(czi_block(colours, colour=True), name="b.czi"))
    assert loader.header.channel_names == ("Channel 1 Red", "Channel 1 Green", "Channel 1 Blue")
    for sample, stored in enumerate((2, 1, 0)):
        np.testing.assert_array_equal(loader.read_plane(sample), colours[..., stored])


def test_planes_that_were_never_recorded(write_czi, czi_block):
    path = write_czi(*(czi_block(noise(6, 7) + 1, start={"T": t, "Z": 0}) for t in (0, 2)))
    loader = open_loader(path)
    assert loader.header.notes == (
        "Some planes are missing from the file and are shown as zero.",
    )  # fmt: skip
    assert not loader.read_plane(0, t=1).any()


def test_sample_types(write_czi, czi_block):
    for name in ("uint8", "uint16", "int32", "float32", "float64"):
        data = noise(5, 6, dtype=name)
        loader = open_loader(write_czi(czi_block(data), name=f"{name}.czi"))
        assert loader.header.dtype == name
        np.testing.assert_array_equal(loader.read_plane(0), data)
    with pytest.raises(UnreadableFile, match="of a kind no recording has"):
        open_loader(write_czi(czi_block(noise(5, 6, dtype="complex64"))))


@needs_writer
@pytest.mark.parametrize("compression", ["uncompressed:", "zstd0:", "zstd1:ExplicitLevel=2"])
def test_what_the_microscope_maker_writes(tmp_path, compression):
    from pylibCZIrw.czi import create_czi

    data = noise(3, 40, 30)
    path = tmp_path / "a.czi"
    with create_czi(str(path), compression_options=compression) as czi:
        for t, frame in enumerate(data):
            czi.write(frame[..., None], plane={"T": t})
        czi.write_metadata(channel_names={0: "Ch7"}, scale_x=3e-7, scale_y=4e-7)
    loader = open_loader(path)
    assert (loader.header.dims, loader.header.channel_names) == (("T", "Y", "X"), ("Ch7",))
    assert loader.header.calibration.steps == pytest.approx((0.4, 0.3))
    for t, frame in enumerate(data):
        np.testing.assert_array_equal(loader.read_plane(0, t=t), frame)
    stream = CziLoader.from_stream(io.BytesIO(path.read_bytes()), "b.czi")
    np.testing.assert_array_equal(stream.read_window(0, (3, 9), (1, 8), t=2), data[2, 3:9, 1:8])


@needs_writer
def test_compressed_lines(tmp_path):
    from pylibCZIrw.czi import create_czi

    data = noise(40, 30)
    path = tmp_path / "a.czi"
    with create_czi(str(path), compression_options="zstd1:ExplicitLevel=1") as czi:
        for t, line in enumerate(data):
            czi.write(line[None, :, None], plane={"T": t})
    loader = open_loader(path)
    assert loader.header.dims == ("Y", "X")
    np.testing.assert_array_equal(loader.read_window(0, (5, 35), (2, 28)), data[5:35, 2:28])


@needs_writer
def test_compressed_colours_and_odd_places(tmp_path):
    from pylibCZIrw.czi import create_czi

    path, data = tmp_path / "a.czi", noise(20, 30, 3, dtype="uint8")
    with create_czi(str(path), compression_options="zstd0:") as czi:
        czi.write(data, location=(-7, 1000), plane={"T": 2, "C": 1}, scene=3)
    loader = open_loader(path)
    for sample, stored in enumerate((2, 1, 0)):
        np.testing.assert_array_equal(loader.read_plane(sample), data[..., stored])


@needs_czifile
def test_compressed_blocks_of_several_lines(write_czi, czi_block):
    from imagecodecs import zstd_encode

    data = noise(60, 24)
    parts = [data[first : first + 20, np.newaxis] for first in (0, 20, 40)]
    path = write_czi(
        *(
            czi_block(part, "TYX", {"T": 20 * n}, packed=zstd_encode(part.tobytes()))
            for n, part in enumerate(parts)
        )
    )
    loader = open_loader(path)
    np.testing.assert_array_equal(loader.read_plane(0), data)
    np.testing.assert_array_equal(loader.read_window(0, (15, 45), (3, 9)), data[15:45, 3:9])


@pytest.mark.parametrize(
    ("here", "why"),
    [
        ((), "its Zstd compression needs the package czifile .* or pylibCZIrw"),
        (("pylibCZIrw",), "several lines need the package czifile and Python 3.12"),
    ],
)
def test_a_missing_package_is_a_sentence(write_czi, czi_block, monkeypatch, here, why):
    path = write_czi(czi_block(noise(50, 1, 8), "TYX", packed=b"packed"))
    monkeypatch.setattr(_czi_pixels, "find_spec", lambda name: name in here or None)
    with pytest.raises(UnreadableFile, match=why):
        open_loader(path)


def test_damaged_compression(write_czi, czi_block):
    block = czi_block(noise(20, 30), start={"C": 0}, packed=b"no Zstd at all" * 9)
    loader = open_loader(write_czi(block))
    with pytest.raises(UnreadableFile):
        loader.read_plane(0)


def test_overview_with_the_scan_path(write_czi, czi_block, czi_content, czi_text):
    overview = noise(2, 50, 60)
    x, y = np.linspace(-2e-6, 3e-6, 200), np.linspace(1e-6, -1e-6, 200)
    attached = {
        ("Thumbnail", "JPG"): b"no picture",
        ("Image", "ZISRAW"): czi_content(
            [czi_block(overview[c], start={"C": c}) for c in range(2)], czi_text(x="1e-7", y="2e-7")
        ),
        ("Line", "ZISRAW"): czi_content([czi_block(np.stack([x, y]))]),
    }
    path = write_czi(czi_block(noise(50, 1, 8), "TYX"), attachments=attached)
    loader = open_loader(path)
    assert loader.has_reference_image
    found = loader.reference_image
    assert (found.dims, found.shape) == (("C", "Y", "X"), (2, 50, 60))
    assert (found.step_y, found.step_x) == pytest.approx((0.2, 0.1))
    np.testing.assert_array_equal(found.get_plane(1).array, overview[1])
    np.testing.assert_allclose(found.scan_path[:, [0, -1]], [[10, 60], [30, 20]])
    assert found.line_roi is None
    again = CziLoader.from_stream(io.BytesIO(path.read_bytes()), "b.czi").reference_image
    np.testing.assert_array_equal(again.array, overview)


def test_the_size_of_the_overview_may_stand_in_the_settings(
    write_czi, czi_block, czi_content
):  # fmt: skip
    attached = {("Image", "ZISRAW"): czi_content([czi_block(noise(50, 60))])}
    scanner = "<ScalingX>3e-7</ScalingX><ScalingY>4e-7</ScalingY>"
    path = write_czi(czi_block(noise(9, 9)), xml={"scanner": scanner}, attachments=attached)
    found = open_loader(path).reference_image
    assert (found.step_y, found.step_x) == pytest.approx((0.4, 0.3))
    assert (found.dims, found.scan_path) == (("Y", "X"), None)
    path = write_czi(czi_block(noise(9, 9)), attachments=attached)
    plane = open_loader(path).reference_image.get_plane()
    assert (plane.dx, plane.dy, plane.x_unit, plane.y_unit) == (1, 1, "Pixels", "Pixels")


@pytest.mark.parametrize("size", [(32, 60), (0, 0)])
def test_what_is_no_overview(write_czi, czi_block, czi_content, size):
    content = czi_content([czi_block(noise(*size))]) if size[0] else b"damaged"
    path = write_czi(czi_block(noise(9, 9)), attachments={("Image", "ZISRAW"): content})
    loader = open_loader(path)
    assert not loader.has_reference_image
    assert loader.reference_image is None


def test_magic(write_czi, czi_block):
    assert ".czi" in supported_suffixes()
    assert loader_class(write_czi(czi_block(noise(4, 5)), name="a.dat")) is CziLoader


def test_damaged_description(write_czi, czi_block):
    for xml in ("<ImageDocument><Meta", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "\0\0"):
        loader = open_loader(write_czi(czi_block(noise(4, 5)), xml=xml))
        assert loader.header.calibration.source == "none"
        assert loader.read_plane(0).shape == (4, 5)


@pytest.mark.parametrize("kept", [0, 5, 30, 100, 600, 900, 2000, -3000, -100, -1])
def test_cut_short(write_czi, czi_block, kept):
    path = write_czi(*(czi_block(noise(20, 30), start={"T": t}) for t in range(4)))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnreadableFile) as caught:
        open_loader(path)
    assert "\n" not in str(caught.value)


def test_zeros_instead_of_content(write_czi, czi_block):
    path = write_czi(*(czi_block(noise(20, 30), start={"T": t}) for t in range(4)))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:600] + bytes(size - 600))
    with pytest.raises(UnreadableFile, match="not where it should be"):
        open_loader(path)
    path.write_bytes(bytes(size))
    with pytest.raises(UnreadableFile, match="not a CZI file"):
        open_loader(path)


def test_a_file_that_shrinks_while_open(write_czi, czi_block):
    path = write_czi(czi_block(noise(200, 300)))
    loader = open_loader(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnreadableFile):
        loader.read_plane(0)


@pytest.mark.parametrize("start", [{"X": 2**30}, {"T": 2**30}, {"Y": -(2**31), "X": 2**30}])
def test_absurd_places_take_no_memory(write_czi, czi_block, start):
    path = write_czi(czi_block(noise(20, 30)), czi_block(noise(20, 30), start=start))
    with pytest.raises(UnreadableFile):
        open_loader(path)


@pytest.mark.timeout(60)
def test_damage_is_an_error_or_a_picture(write_czi, czi_block, czi_content, caplog):
    inner = czi_content([czi_block(noise(50, 60))])
    path = write_czi(
        *(czi_block(noise(20, 30), start={"T": t}) for t in range(3)),
        attachments={("Image", "ZISRAW"): inner, ("TimeStamps", "CZTIMS"): stamps(np.arange(3.0))},
    )
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    caplog.set_level(logging.CRITICAL)
    marks = [at for name in (b"ZISRAW", b"DV", b"A1") for at in _places(whole, name)]
    for _ in range(300):
        raw = bytearray(whole)
        for at in rng.choice(marks, 2) + rng.integers(0, 64, 2):
            value = [0, -1, 7, 2**31 - 1][rng.integers(4)]
            struct.pack_into("<i", raw, min(int(at), len(raw) - 4), value)
        path.write_bytes(bytes(raw))
        try:
            loader = CziLoader(path)
            for channel in loader.channel_indices[:4]:
                assert loader.read_plane(channel).nbytes < 1 << 24
            if loader.reference_image is not None:
                loader.reference_image.get_plane()
        except UnreadableFile:
            continue


def _places(raw, name):
    at = raw.find(name)
    while at >= 0:
        yield at
        at = raw.find(name, at + 1)


def expected():
    file = FORMATS / "expected.json"
    entries = json.loads(file.read_text()) if file.is_file() else {}
    return {name: entry["scenes"][0] for name, entry in entries.items() if name.startswith("czi/")}


@pytest.mark.parametrize("name", expected())
def test_real_files(name):
    entry = expected()[name]
    loader = open_loader(FORMATS / name)
    sizes = dict(zip(entry["axes"], entry["shape"], strict=True))
    own = {axis: size for axis, size in sizes.items() if axis in "TCZYX"}
    own["C"] = own.get("C", 1) * sizes.get("H", 1) * sizes.get("S", 1)
    ordered = {axis: own[axis] for axis in "TCZYX" if axis in "YX" or own.get(axis, 1) > 1}
    assert (loader.header.sizes, loader.header.dtype) == (ordered, entry["dtype"])
    assert hashlib.sha256(_as_stored(loader, sizes)).hexdigest()[:32] == entry["sha256_pixels"]
    steps = [entry["coords_first_step_or_names"].get(axis, (0, 0))[1] * 1e6 for axis in "YX"]
    assert loader.header.calibration.steps == pytest.approx([step or 1 for step in steps])


def _as_stored(loader, sizes):
    frames, channels, slices = (loader.header.size(axis) for axis in "TCZ")
    planes = np.array(
        [
            [[loader.read_plane(c, z, t) for z in range(slices)] for c in range(channels)]
            for t in range(frames)
        ]
    )
    if "S" in sizes:
        planes = planes.reshape(-1, 3, *planes.shape[-2:]).transpose(0, 2, 3, 1)
    if "H" in sizes:
        planes = planes.reshape(-1, sizes["H"], *planes.shape[-2:]).swapaxes(0, 1)
    return np.ascontiguousarray(planes)


@pytest.mark.skipif(not FORMATS.is_dir(), reason="no real recordings here")
def test_names_of_real_files():
    names = {
        name: open_loader(FORMATS / "czi" / name).header.channel_names
        for name in ("DAPI_GFP.czi", "Airyscan.czi", "newCZI_compressed.czi", "tiles.czi")
    }
    assert names["DAPI_GFP.czi"] == ("DAPI", "GFP")
    assert names["Airyscan.czi"] == ("ChA-T1", "ChA-T2")
    assert names["newCZI_compressed.czi"] == ()
    assert names["tiles.czi"] == ("Ch1", "T PMT")
