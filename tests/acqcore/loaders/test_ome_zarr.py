"""OME-Zarr: folders that tests write, and the published examples."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList, PathKind, find_recordings
from acqcore.errors import UnreadableFile
from acqcore.loaders import is_recording_name, loader_class, open_loader
from acqcore.loaders.ome_zarr import OmeZarrLoader, OmeZarrZipLoader

zarr = pytest.importorskip("zarr")

EXAMPLES = Path(__file__).parents[3] / "../shared/data/formats/ome_zarr"
FORMATS = {"0.4": 2, "0.5": 3}
TYPES = {"t": "time", "c": "channel"}
LINES = np.arange(400 * 24, dtype="uint16").reshape(400, 24)


def write(
    folder, pixels, names, *, version="0.5", units=None, scale=None, chunks=None, change=None, **how
):
    """A hierarchy of one level, with `change` applied to its metadata."""
    fmt = FORMATS[version]
    group = zarr.open_group(folder, mode="w", zarr_format=fmt)
    key = {"name": "default" if fmt == 3 else "v2", "separator": "/"}
    array = group.create_array(
        "0",
        shape=pixels.shape,
        dtype=pixels.dtype,
        chunks=chunks or pixels.shape,
        chunk_key_encoding=key,
        **how,
    )
    array[...] = pixels
    axes = [{"name": name, "type": TYPES.get(name, "space")} for name in names]
    for axis in axes:
        if unit := (units or {}).get(axis["name"]):
            axis["unit"] = unit
    steps = [float((scale or {}).get(name, 1)) for name in names]
    level = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": steps}]}
    ngff = {"multiscales": [{"axes": axes, "datasets": [level], "version": version}]}
    if change:
        change(ngff)
    group.update_attributes({"ome": ngff} if fmt == 3 else ngff)
    return Path(folder)


def scan(folder, pixels=LINES, **how):
    """A line scan as the format wants it: (t, y = 1, x)."""
    units = {"t": "millisecond", "x": "nanometer"}
    scale = {"t": 2.5, "x": 250}
    how = {"units": units, "scale": scale} | how
    return write(folder, pixels[:, None, :], "tyx", **how)


@pytest.mark.parametrize("version", FORMATS)
def test_a_line_scan(tmp_path, version):
    loader = open_loader(scan(tmp_path / "a.ome.zarr", version=version))
    header = loader.header
    assert (header.dims, header.shape, header.dtype) == (("Y", "X"), (400, 24), "uint16")
    assert header.calibration.steps == pytest.approx((0.0025, 0.25))
    assert header.calibration.labels == ("seconds", "um")
    assert header.calibration.source == "OME-Zarr metadata"
    assert (header.num_scenes, header.notes) == (1, ())
    plane = loader.read_plane(0)
    np.testing.assert_array_equal(plane, LINES)
    assert not plane.flags.writeable
    np.testing.assert_array_equal(loader.read_window(0, (9, 50), (-2, 7)), LINES[9:50, :7])
    assert loader.read_window(0, (5, 5), (0, 3)).shape == (0, 3)


@pytest.mark.parametrize("version", FORMATS)
def test_five_axes(tmp_path, version):
    pixels = np.random.default_rng(1).integers(0, 255, (2, 3, 4, 20, 30)).astype("uint8")

    def names(ngff):
        ngff["omero"] = {"channels": [{"label": name} for name in ("red", "", "blue")]}

    loader = open_loader(
        write(
            tmp_path / "a.ome.zarr",
            pixels,
            "tczyx",
            version=version,
            units={"y": "micrometer", "x": "micrometer", "t": "second"},
            scale={"t": 3, "y": 0.5, "x": 0.25},
            chunks=(1, 1, 1, 16, 16),
            change=names,
        )
    )
    assert loader.header.dims == ("T", "C", "Z", "Y", "X")
    assert loader.header.calibration.steps == (0.5, 0.25)
    assert loader.header.calibration.labels == ("um", "um")
    assert loader.header.channel_names == ("red", "", "blue")
    for t, c, z in np.ndindex(2, 3, 4):
        np.testing.assert_array_equal(loader.read_plane(c, z, t), pixels[t, c, z])


def test_a_window_touches_only_its_chunks(tmp_path):
    folder = scan(tmp_path / "a.ome.zarr", chunks=(100, 1, 24))
    for number in (0, 1, 3):
        (folder / f"0/c/{number}/0/0").write_bytes(b"broken")
    loader = open_loader(folder)
    np.testing.assert_array_equal(loader.read_window(0, (200, 300), (0, 24)), LINES[200:300])
    with pytest.raises(UnreadableFile):
        loader.read_window(0, (200, 301), (0, 24))


@pytest.mark.parametrize("shape", [(1, 1, 24), (50, 1, 1), (1, 1, 1), (50, 3, 1)])
def test_thin_recordings(tmp_path, shape):
    pixels = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    loader = open_loader(write(tmp_path / "a.zarr", pixels, "tyx"))
    height = shape[0]
    plane = loader.read_plane(0)
    assert plane.shape == (height, shape[1] * shape[2])
    np.testing.assert_array_equal(plane.ravel(), pixels.ravel())


@pytest.mark.parametrize("version", FORMATS)
def test_steps_of_one_line(tmp_path, version):
    loader = open_loader(scan(tmp_path / "a.zarr", LINES[:1], version=version))
    assert loader.header.calibration.labels == ("seconds", "um")


def test_units_that_are_missing_or_strange_are_unknown(tmp_path):
    for number, units in enumerate(({}, {"t": "furlong", "x": "second"})):
        loader = open_loader(scan(tmp_path / f"{number}.zarr", units=units))
        assert loader.header.calibration.labels == ("Pixels", "Pixels")
        assert loader.header.calibration.steps == (1, 1)


def test_scales_of_all_levels_multiply(tmp_path):
    def twice(ngff):
        ngff["multiscales"][0]["coordinateTransformations"] = [
            {"type": "scale", "scale": [2, 1, 3]},
            {"type": "translation", "translation": [5, 5, 5]},
        ]

    steps = open_loader(scan(tmp_path / "a.zarr", change=twice)).header.calibration.steps
    assert steps == pytest.approx((0.005, 0.75))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint32", "int64", "float32", "float64", ">u2"])
@pytest.mark.parametrize("version", FORMATS)
def test_sample_types(tmp_path, dtype, version):
    pixels = (LINES % 2).astype(dtype)
    loader = open_loader(scan(tmp_path / "a.zarr", pixels, version=version))
    assert loader.header.dtype == ("uint8" if dtype == "bool" else np.dtype(dtype).name)
    np.testing.assert_array_equal(loader.read_plane(0), LINES % 2)


def test_shards(tmp_path):
    folder = scan(tmp_path / "a.zarr", chunks=(50, 1, 24), shards=(200, 1, 24))
    np.testing.assert_array_equal(open_loader(folder).read_window(0, (30, 260), (1, 9)),
                                  LINES[30:260, 1:9])  # fmt: skip


@pytest.mark.parametrize("inside", ["", "a.ome.zarr"])
def test_zipped(tmp_path, inside):
    folder = scan(tmp_path / "a.ome.zarr", chunks=(100, 1, 24))
    packed = tmp_path / "b.ome.zarr.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, Path(inside) / file.relative_to(folder))
    loader = open_loader(packed)
    assert isinstance(loader, OmeZarrZipLoader)
    assert loader.header.shape == (400, 24)
    np.testing.assert_array_equal(loader.read_window(0, (90, 110), (0, 24)), LINES[90:110])
    packed.write_bytes(packed.read_bytes()[:-30])
    for use in (lambda: open_loader(packed), lambda: loader.read_plane(0)):
        with pytest.raises(UnreadableFile):
            use()


def test_a_plate_shows_its_first_field(tmp_path):
    plate = tmp_path / "plate.zarr"
    group = zarr.open_group(plate, mode="w", zarr_format=2)
    wells = [{"path": "A/1"}, {"path": "B/2"}]
    group.update_attributes({"plate": {"wells": wells}})
    group.create_group("A/1").update_attributes({"well": {"images": [{"path": "0"}]}})
    scan(plate / "A/1/0", version="0.4")
    loader = open_loader(plate)
    assert loader.header.num_scenes == 2
    assert loader.header.notes == (
        "It is a plate of 2 wells; only its first field (A/1/0) is shown.",
    )
    np.testing.assert_array_equal(loader.read_plane(0), LINES)


def test_numbered_series(tmp_path):
    whole = tmp_path / "a.zarr"
    group = zarr.open_group(whole, mode="w", zarr_format=2)
    group.update_attributes({"bioformats2raw.layout": 3})
    for number in range(3):
        scan(whole / str(number), LINES + number, version="0.4")
    loader = open_loader(whole)
    assert loader.header.num_scenes == 3
    np.testing.assert_array_equal(loader.read_plane(0), LINES)


def spoil(name, value):
    def change(ngff):
        ngff["multiscales"][0][name] = value

    return change


def dataset(**value):
    return spoil("datasets", [value])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda ngff: ngff.clear(), "multiscales are missing"),
        (lambda ngff: ngff.update(multiscales=[]), "multiscales are empty"),
        (lambda ngff: ngff.update(multiscales={"a": 1}), "multiscales are empty"),
        (spoil("datasets", []), "datasets are empty"),
        (spoil("datasets", None), "datasets are empty"),
        (dataset(path="1"), "array 1 is missing"),
        (dataset(path=3), "a path is missing"),
        (dataset(path="../../b.zarr/0"), "outside of it"),
        (dataset(path="/etc"), "outside of it"),
        (dataset(path="C:/b"), "outside of it"),
        (spoil("axes", None), "does not name each of its 3 axes"),
        (spoil("axes", ["y", "x"]), "does not name each of its 3 axes"),
        (spoil("axes", ["t", "y", "lifetime"]), "'lifetime' is not understood"),
        (spoil("axes", ["x", "y", "x"]), "'x' is not understood"),
        (spoil("coordinateTransformations", [{"type": "scale", "scale": [1]}]), "1 numbers"),
        (
            spoil("coordinateTransformations", [{"type": "scale", "scale": [1, "a", 1]}]),
            "not a number",
        ),
    ],
)
@pytest.mark.parametrize("version", FORMATS)
def test_metadata_that_is_wrong_is_said_in_one_sentence(tmp_path, change, why, version):
    folder = scan(tmp_path / "a.ome.zarr", LINES[:4], version=version, change=change)
    with pytest.raises(UnreadableFile, match=why) as caught:
        open_loader(folder)
    assert str(caught.value).startswith("Cannot read a.ome.zarr: ")


def test_axes_of_old_versions_are_plain_names(tmp_path):
    folder = scan(tmp_path / "a.zarr", change=spoil("axes", ["t", "y", "x"]))
    assert open_loader(folder).header.shape == (400, 24)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"a":' * 100_000, b"\xff\xfe", b"9" * 5000, b"{}", b"null"]
)
def test_damaged_documents(tmp_path, content):
    for name in ("zarr.json", "0/zarr.json"):
        folder = scan(tmp_path / f"{name[0]}.zarr", LINES[:4])
        (folder / name).write_bytes(content)
        with pytest.raises(UnreadableFile):
            open_loader(folder)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("shape", [0, 1, 24], "no pixels"),
        ("shape", [-4, 1, 24], "no pixels"),
        ("shape", "abc", "no pixels"),
        ("chunks", [4, 1], "do not match"),
        ("dtype", "|O", "of a kind"),
        ("dtype", [["a", "<u2"]], "of a kind"),
        ("dtype", "<M8[s]", "of a kind"),
        ("compressor", {"id": "mystery"}, "mystery"),
        ("filters", [{"id": "pickle"}], "pickle"),
    ],
)
def test_arrays_that_are_no_recording(tmp_path, key, value, why):
    folder = scan(tmp_path / "a.zarr", LINES[:4], version="0.4")
    stored = json.loads((folder / "0/.zarray").read_text())
    (folder / "0/.zarray").write_text(json.dumps(stored | {key: value}))
    with pytest.raises(UnreadableFile, match=why):
        open_loader(folder)


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trapped",)


def test_code_in_the_file_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = scan(tmp_path / "a.zarr", LINES[:4], version="0.4")
    stored = json.loads((folder / "0/.zarray").read_text())
    stored |= {"compressor": None, "filters": [{"id": "pickle", "protocol": 2}]}
    (folder / "0/.zarray").write_text(json.dumps(stored))
    (folder / "0/0/0/0").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(UnreadableFile):
        open_loader(folder).read_plane(0)
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("lengths", [{"shape": [10**6, 1, 10**6]}, {"chunks": [10**7, 1, 10**6]}])
def test_pixels_out_of_nothing_are_refused(tmp_path, lengths):
    folder = scan(tmp_path / "a.zarr", LINES[:4], version="0.4")
    stored = json.loads((folder / "0/.zarray").read_text())
    (folder / "0/.zarray").write_text(json.dumps(stored | lengths))
    loader = open_loader(folder)
    with pytest.raises(UnreadableFile, match="would grow"):
        loader.read_plane(0)


def test_a_recording_that_goes_away_or_changes(tmp_path):
    folder = scan(tmp_path / "a.zarr")
    loader = open_loader(folder)
    scan(folder, LINES[:9])
    with pytest.raises(UnreadableFile, match="another program"):
        loader.read_plane(0)
    shutil.rmtree(folder)
    with pytest.raises(UnreadableFile):
        loader.read_plane(0)


def test_what_is_no_hierarchy(tmp_path):
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(UnreadableFile, match="not a Zarr folder"):
        open_loader(tmp_path / "empty.zarr")
    (tmp_path / "file.zarr").write_text("hello")
    with pytest.raises(UnreadableFile, match="not a folder"):
        open_loader(tmp_path / "file.zarr")
    (tmp_path / "a.zarr.zip").write_text("hello")
    with pytest.raises(UnreadableFile, match="not a zip file"):
        open_loader(tmp_path / "a.zarr.zip")
    zarr.open_array(tmp_path / "bare.zarr", mode="w", shape=(3,), dtype="u1")
    with pytest.raises(UnreadableFile, match="no OME-NGFF image"):
        open_loader(tmp_path / "bare.zarr")


def test_a_folder_is_one_recording(tmp_path, make_tiff):
    day = tmp_path / "day"
    folder = scan(day / "b.ome.zarr")
    make_tiff("day/a.tif")
    make_tiff("day/b.ome.zarr/hidden.tif")  # never looked at
    assert is_recording_name("b.ome.zarr")
    assert loader_class(folder) is OmeZarrLoader
    assert PathKind.of(folder) is PathKind.FILE
    assert list(find_recordings([day])) == [day / "a.tif", folder]
    assert list(find_recordings([folder])) == [folder]
    opened = AcqImageList.load_safe(day)
    assert [image.name for image in opened.acq_image_list] == ["a.tif", "b.ome.zarr"]
    assert opened.warnings == ()
    assert len(AcqImageList.load_safe(folder).acq_image_list) == 1


def test_the_sidecar_lies_beside_the_folder(tmp_path):
    folder = scan(tmp_path / "a.ome.zarr")
    inside = sorted(folder.rglob("*"))
    image = AcqImage(folder)
    image.rois.create_rect_roi()
    image.save()
    assert image.get_sidecar_json_path() == str(tmp_path / "a.ome.zarr.json")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.ome.zarr", "a.ome.zarr.json"]
    assert sorted(folder.rglob("*")) == inside
    assert len(AcqImage(folder).state.rois) == 1


def test_headers_need_no_zarr(tmp_path):
    folder = scan(tmp_path / "a.ome.zarr")
    code = (
        "import sys; from pathlib import Path; from acqcore.loaders import open_loader;"
        f"open_loader(Path({str(folder)!r})); sys.exit('zarr' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def published():
    file = EXAMPLES.parent / "expected.json"
    entries = json.loads(file.read_text()) if file.is_file() else {}
    return {
        name.partition("/")[2]: entry
        for name, entry in entries.items()
        if name.startswith("ome_zarr/") and "/invalid/" not in name
    }


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no real recordings here")
@pytest.mark.parametrize("name", published())
def test_published_examples(name):
    expected = published()[name]["levels"][0]
    loader = OmeZarrLoader(EXAMPLES / name)
    size = loader.header.size
    planes = [
        loader.read_plane(c, z, t)
        for t, c, z in np.ndindex(size("T"), size("C"), size("Z"))  # their axes are in this order
    ]
    content = np.ascontiguousarray(planes).astype(loader.header.dtype).tobytes()
    assert hashlib.sha256(content).hexdigest()[:32] == expected["sha256_pixels"]
    assert loader.header.dtype == expected["dtype"]
    lengths = [length for length in expected["shape"] if length > 1]
    assert [length for length in loader.header.shape if length > 1] == lengths


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no real recordings here")
def test_what_published_examples_say():
    simple = open_loader(EXAMPLES / "neuroglancer_simple_0.5.ome.zarr").header.calibration
    assert simple.steps == pytest.approx((0.004, 0.03))
    heart = open_loader(EXAMPLES / "cardiomyocyte_mip_v04_trimmed.ome.zarr").header
    assert heart.calibration.steps == (1.3, 1.3)
    assert heart.channel_names == ("DAPI", "nanog", "Lamin B1")
    assert open_loader(EXAMPLES / "bioformats2raw_layout/data.zarr").header.num_scenes == 1
    assert open_loader(EXAMPLES / "ome-zarr-examples/valid/plate-01.zarr").header.num_scenes == 4
    odd = open_loader(EXAMPLES / "ome-zarr-examples/warning/image-01.zarr")
    assert "another sample type" in odd.header.notes[0]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no real recordings here")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("01", "multiscales are missing"),
        ("02", "multiscales are empty"),
        ("03", "array 0 is missing"),
        ("04", "different numbers of axes"),
    ],
)
def test_published_mistakes(name, why):
    with pytest.raises(UnreadableFile, match=why):
        open_loader(EXAMPLES / f"ome-zarr-examples/invalid/image-{name}.zarr")
