"""Exports: what is written is read back as it was, and nothing else is touched."""

import csv
import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acqcore import _export_target, export
from acqcore.acq_image import AcqImage
from acqcore.errors import SaveFailed, UnreadableFile
from acqcore.export import (
    export_csv,
    export_ome_zarr,
    export_provenance,
    export_tiff,
    guarded,
    provenance,
)
from acqcore.loaders import open_loader
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable

zarr = pytest.importorskip("zarr")

STEPS = Calibration(0.00113396, 0.274, "seconds", "um", "user")
UNKNOWN = Calibration()
KEY = AnalysisKey("radon_velocity", 0, 1)


def recording(folder, pixels, axes="YX", steps=None, names=None):
    """A recording on disk, opened, with the calibration of a user."""
    path = folder / "source.tif"
    metadata = {"axes": axes} | ({"Channel": {"Name": names}} if names else {})
    tifffile.imwrite(path, pixels, ome=True, photometric="minisblack", metadata=metadata)
    image = AcqImage(path)
    image.state = image.state.with_calibration(steps)
    return image


def analysed(image):
    """The image with a ROI and a finished record."""
    image.rois.create_rect_roi()
    roi = image.state.rois[0]
    table = ResultTable(
        {
            "time_s": np.array([0.1, 0.2, 1 / 3]),
            "velocity": np.array([-12.5, np.nan, 1e-300]),
            "flag": np.array(["", "=cmd|'/C calc'!A0", "-low"]),
        }
    )
    ran = Provenance(
        {"window": 16},
        roi.geometry,
        image.calibration.steps,
        "2026-01-02T03:04:05+00:00",
        {"numpy": "2"},
        {"sha256": "ab", "shape": [3, 4]},
        "a note",
    )
    record = AnalysisRecord(
        AnalysisKey(KEY.analysis_name, 0, roi.id), {}, {"mean": 1.5}, table, ran
    )
    image.state = image.state.with_record(record)
    return image


@pytest.fixture
def image(make_tiff):
    return analysed(AcqImage(make_tiff()))


def same_pixels(one, other):
    size = one.header.size
    assert one.header.sizes == other.header.sizes
    assert one.header.dtype == other.header.dtype
    for c, z, t in np.ndindex(size("C"), size("Z"), size("T")):
        np.testing.assert_array_equal(one.read_plane(c, z, t), other.read_plane(c, z, t))


DTYPES = ["uint8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
scans = st.tuples(st.integers(1, 3), st.integers(2, 40), st.integers(2, 20))
steps = st.builds(
    Calibration,
    st.floats(1e-5, 0.1),
    st.floats(0.01, 10),
    st.just("seconds"),
    st.just("um"),
)
cheap = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def random_scan(shape, dtype):
    pixels = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    return (pixels[0], "YX") if shape[0] == 1 else (pixels, "CYX")


@cheap
@given(shape=scans, dtype=st.sampled_from(DTYPES), steps=st.one_of(steps, st.just(UNKNOWN)))
def test_tiff_round_trip(tmp_path_factory, shape, dtype, steps):
    folder = tmp_path_factory.mktemp("tiff")
    image = recording(folder, *random_scan(shape, dtype), steps)
    export_tiff(image, folder / "b.tif")
    again = open_loader(folder / "b.tif")
    same_pixels(image.images, again)
    assert again.header.calibration.labels == steps.labels
    assert again.header.calibration.steps == pytest.approx(steps.steps, rel=1e-6)


@cheap
@given(
    shape=scans,
    dtype=st.sampled_from(DTYPES),
    steps=st.one_of(steps, st.just(UNKNOWN)),
    version=st.sampled_from(["0.4", "0.5"]),
)
def test_ome_zarr_round_trip(tmp_path_factory, shape, dtype, steps, version):
    folder = tmp_path_factory.mktemp("zarr")
    image = recording(folder, *random_scan(shape, dtype), steps)
    export_ome_zarr(image, folder / "b.ome.zarr", version=version)
    again = open_loader(folder / "b.ome.zarr")
    same_pixels(image.images, again)
    assert again.header.calibration.steps == steps.steps
    assert again.header.calibration.labels == steps.labels


@pytest.mark.parametrize("known", ["seconds", "um"])
def test_one_known_axis(tmp_path, known):
    half = Calibration(0.002, 1.0, "seconds", "Pixels", "user")
    if known == "um":
        half = Calibration(1.0, 0.5, "Pixels", "um", "user")
    image = recording(tmp_path, np.ones((9, 5), "uint16"), steps=half)
    export_tiff(image, tmp_path / "b.tif")
    export_ome_zarr(image, tmp_path / "b.zarr")
    for name in ("b.tif", "b.zarr"):
        again = open_loader(tmp_path / name).header.calibration
        assert again.labels == half.labels
        assert again.steps == pytest.approx(half.steps)


@pytest.mark.parametrize("dtype", ["uint16", "int16"])
def test_stacks_and_channel_names(tmp_path, dtype):
    pixels = np.arange(3 * 2 * 2 * 8 * 9, dtype=dtype).reshape(3, 2, 2, 8, 9)
    square = Calibration(0.5, 0.25, "um", "um", "user")
    image = recording(tmp_path, pixels, "TZCYX", square, ["red", "green"])
    export_tiff(image, tmp_path / "b.tif")
    export_ome_zarr(image, tmp_path / "b.zarr")
    for name in ("b.tif", "b.zarr"):
        again = open_loader(tmp_path / name)
        for t, z, c in np.ndindex(3, 2, 2):
            np.testing.assert_array_equal(again.read_plane(c, z, t), pixels[t, z, c])
        assert again.header.calibration.steps == pytest.approx((0.5, 0.25))
        assert again.header.calibration.labels == ("um", "um")
    assert open_loader(tmp_path / "b.zarr").header.channel_names == ("red", "green")


@pytest.mark.parametrize("dtype", ["uint16", "int16"])
def test_one_channel_of_two(tmp_path, dtype):
    pixels = np.arange(2 * 8 * 9, dtype=dtype).reshape(2, 8, 9)
    image = recording(tmp_path, pixels, "CYX", STEPS, ["red", "green"])
    export_tiff(image, tmp_path / "b.tif", channel=1)
    again = open_loader(tmp_path / "b.tif")
    assert again.header.dims == ("Y", "X")
    np.testing.assert_array_equal(again.read_plane(0), pixels[1])
    with pytest.raises(IndexError):
        export_tiff(image, tmp_path / "c.tif", channel=2)


def test_a_tiff_tells_imagej_its_units_and_origin(image, tmp_path):
    image.apply_metadata_patch("experiment_metadata", {"genotype": "Tek-Cre\x07é"})
    export_tiff(image, tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as tif:
        told = tif.imagej_metadata
    assert (told["unit"], told["yunit"]) == ("um", "s")
    assert "Source = a.tif" in told["Info"]
    assert "genotype = Tek-Cre\\x07é" in told["Info"]


def test_types_that_tiff_does_not_have(tmp_path):
    export_ome_zarr(recording(tmp_path, np.ones((9, 5), "int32"), steps=STEPS), tmp_path / "a.zarr")
    folder = zarr.open_group(tmp_path / "b.zarr", mode="w")
    array = folder.create_array("0", shape=(9, 1, 5), dtype="int64", chunks=(9, 1, 5))
    array[...] = 2**40
    source = zarr.open_group(tmp_path / "a.zarr", mode="r")
    folder.update_attributes(dict(source.attrs))
    image = AcqImage(tmp_path / "b.zarr")
    with pytest.raises(SaveFailed, match="int64; use OME-Zarr"):
        export_tiff(image, tmp_path / "c.tif")
    export_ome_zarr(image, tmp_path / "d.zarr", version="0.4")
    same_pixels(image.images, open_loader(tmp_path / "d.zarr"))


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_the_hierarchy_is_valid(tmp_path, version):
    """The rules of the specification that a kymograph is likely to break."""
    image = recording(tmp_path, np.ones((2, 9, 5), "uint16"), "CYX", STEPS, ["a", "b"])
    export_ome_zarr(image, tmp_path / "b.ome.zarr", version=version)
    group = zarr.open_group(tmp_path / "b.ome.zarr", mode="r")
    assert group.metadata.zarr_format == {"0.4": 2, "0.5": 3}[version]
    ngff = group.attrs["ome"] if version == "0.5" else group.attrs
    one = ngff["multiscales"][0]
    assert version == (ngff if version == "0.5" else one)["version"]
    assert one["axes"] == [
        {"name": "t", "type": "time", "unit": "second"},
        {"name": "c", "type": "channel"},
        {"name": "y", "type": "space"},
        {"name": "x", "type": "space", "unit": "micrometer"},
    ]
    transforms = one["datasets"][0]["coordinateTransformations"]
    assert transforms == [{"type": "scale", "scale": [STEPS.step_y, 1.0, 1.0, STEPS.step_x]}]
    array = group["0"]
    assert array.shape == (9, 2, 1, 5)
    assert [one["label"] for one in ngff["omero"]["channels"]] == ["a", "b"]
    if version == "0.5":
        assert array.metadata.dimension_names == ("t", "c", "y", "x")
    else:
        assert array.metadata.dimension_separator == "/"
    assert group.attrs["cloudscope"]["source"] == "source.tif"


def test_long_recordings_are_written_in_pieces(tmp_path):
    lines = np.arange(60_000 * 32, dtype="uint16").reshape(60_000, 32)
    image = recording(tmp_path, lines, steps=STEPS)
    export_ome_zarr(image, tmp_path / "b.zarr")
    assert zarr.open_array(tmp_path / "b.zarr/0").chunks == (16_384, 1, 32)
    same_pixels(image.images, open_loader(tmp_path / "b.zarr"))


def cells(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_csv_with_a_row_of_units(image, tmp_path):
    export_csv(image, tmp_path / "b.csv", analysis_name="radon_velocity")
    rows = cells(tmp_path / "b.csv")
    assert rows[0] == ["file", "channel", "roi_id", "out_of_date", "time_s", "velocity", "flag"]
    assert rows[1] == ["", "", "", "", "s", "um/s", ""]
    assert rows[2] == ["a.tif", "0", "1", "False", "0.1", "-12.5", ""]
    assert rows[3] == ["a.tif", "0", "1", "False", "0.2", "", "'=cmd|'/C calc'!A0"]
    assert rows[4][4:] == [repr(1 / 3), "1e-300", "'-low"]
    assert len(rows) == 5


def test_csv_with_a_dictionary(image, tmp_path):
    export_csv(image, tmp_path / "b.csv", analysis_name="radon_velocity", units_row=False)
    assert len(cells(tmp_path / "b.csv")) == 4
    told = cells(tmp_path / "b.csv.dictionary.csv")
    assert told[0] == ["column", "unit", "title", "meaning"]
    assert [row[0] for row in told[1:]] == cells(tmp_path / "b.csv")[0]
    assert ["velocity", "um/s", "Velocity", "Positive towards higher columns."] in told


def test_units_follow_the_calibration(tmp_path):
    image = analysed(recording(tmp_path, np.ones((9, 5), "uint16"), steps=None))
    export_csv(image, tmp_path / "b.csv", analysis_name="radon_velocity")
    assert cells(tmp_path / "b.csv")[1][4:] == ["lines", "px/line", ""]


def test_out_of_date_results_say_so(image, tmp_path):
    image.state = image.state.with_calibration(STEPS)
    export_csv(image, tmp_path / "b.csv", analysis_name="radon_velocity")
    assert {row[3] for row in cells(tmp_path / "b.csv")[2:]} == {"True"}
    assert "calibration changed" in provenance(image)[0]["out_of_date"]


def test_csv_without_a_result(image, tmp_path):
    with pytest.raises(SaveFailed, match=r"no result of diameter in a\.tif"):
        export_csv(image, tmp_path / "b.csv", analysis_name="diameter")
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.skipif(os.name == "nt", reason="the system refuses the name")
def test_a_file_name_is_no_formula(make_tiff, tmp_path):
    image = analysed(AcqImage(make_tiff("=cmd|'C calc'!A0.tif")))
    export_csv(image, tmp_path / "b.csv", analysis_name="radon_velocity")
    assert cells(tmp_path / "b.csv")[2][0] == "'=cmd|'C calc'!A0.tif"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formula_starts_are_guarded(start):
    assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded(f"a{start}") == f"a{start}"


def test_provenance(image, tmp_path):
    key = AnalysisKey("diameter", 0, 1)
    image.state = image.state.with_record(AnalysisRecord(key, {"threshold": float("nan")}))
    ran, asked = provenance(image)
    source = Path(image.path)
    assert ran["source"] == {"name": "a.tif", "size_bytes": source.stat().st_size}
    assert (ran["analysis"], ran["channel"], ran["roi_id"]) == ("radon_velocity", 0, 1)
    assert ran["parameters"] == {"window": 16}
    assert ran["geometry"] == list(image.state.rois[0].geometry)
    assert ran["calibration"] == {
        "step_y": image.calibration.step_y,
        "step_x": 0.25,
        "unit_y": "seconds",
        "unit_x": "um",
        "source": "Olympus text file",
    }
    assert ran["versions"] == {"numpy": "2"}
    assert ran["pixels"]["sha256"] == "ab"
    assert (ran["note"], ran["out_of_date"]) == ("a note", "")
    assert ran["time_utc"].startswith("2026")
    assert asked["parameters"] == {"threshold": None}
    assert "pixels" not in asked
    export_provenance(image, tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text()) == provenance(image)


def test_the_size_of_a_folder(image, tmp_path):
    export_ome_zarr(image, tmp_path / "b.zarr")
    folder = analysed(AcqImage(tmp_path / "b.zarr"))
    files = [one for one in (tmp_path / "b.zarr").rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files)
    assert provenance(folder)[0]["source"]["size_bytes"] == size


WAYS = {
    "tif": export_tiff,
    "ome.zarr": export_ome_zarr,
    "json": export_provenance,
    "csv": lambda image, path, **how: export_csv(
        image, path, analysis_name="radon_velocity", **how
    ),
}
every_way = pytest.mark.parametrize(("suffix", "write"), WAYS.items(), ids=WAYS)


def content(path):
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    return {one.relative_to(path): one.read_bytes() for one in files}


def listed(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


@every_way
def test_what_exists_is_replaced_only_when_asked_for(image, tmp_path, suffix, write):
    target = tmp_path / f"b.{suffix}"
    write(image, target)
    before = content(target)
    with pytest.raises(SaveFailed, match="already"):
        write(image, target)
    assert content(target) == before
    image.state = image.state.with_calibration(STEPS)
    write(image, target, overwrite=True)
    assert content(target).keys() >= {next(iter(before))}
    assert content(target) != before
    assert not [name for name in listed(tmp_path) if ".cs-" in name]


@every_way
def test_the_recording_is_never_written_over(image, suffix, write):
    source = Path(image.path)
    before = source.read_bytes()
    link = source.with_name(f"link.{suffix}")
    link.symlink_to(source)
    with pytest.raises(SaveFailed, match="is being exported"):
        write(image, link, overwrite=True)
    assert source.read_bytes() == before


def test_nor_its_sidecar_nor_its_folder(image, tmp_path):
    image.save()
    with pytest.raises(SaveFailed, match="is being exported"):
        export_provenance(image, image.get_sidecar_json_path(), overwrite=True)
    for name in ("radon_velocity", "unsaved"):
        image.state = image.state.with_record(AnalysisRecord(AnalysisKey(name, 0, 1)))
        with pytest.raises(SaveFailed, match="is being exported"):
            WAYS["csv"](image, f"{image.path}.{name}.csv", overwrite=True)
    export_ome_zarr(image, tmp_path / "b.zarr")
    folder = AcqImage(tmp_path / "b.zarr")
    for path in (tmp_path / "b.zarr", tmp_path / "b.zarr/inner.zarr"):
        with pytest.raises(SaveFailed, match="is being exported"):
            export_ome_zarr(folder, path, overwrite=True)
    (tmp_path / "c.zarr").mkdir()
    (tmp_path / "c.zarr/thesis.txt").write_text("precious")
    with pytest.raises(SaveFailed, match="holds other things"):
        export_ome_zarr(folder, tmp_path / "c.zarr", overwrite=True)
    assert (tmp_path / "c.zarr/thesis.txt").read_text() == "precious"


@every_way
def test_names_have_the_right_ending(image, tmp_path, suffix, write):
    with pytest.raises(SaveFailed, match="must end in"):
        write(image, tmp_path / "b.png")
    with pytest.raises(SaveFailed, match="no longer there"):
        write(image, tmp_path / f"missing/b.{suffix}")
    del suffix


@pytest.mark.parametrize("suffix", ["tif", "ome.zarr"])
@pytest.mark.parametrize("there", [False, True])
def test_a_failure_leaves_what_was_there(image, tmp_path, monkeypatch, suffix, there):
    target, write = tmp_path / f"b.{suffix}", WAYS[suffix]
    if there:
        write(image, target)
    names = listed(tmp_path)
    before = content(target) if there else {}

    def full(part):
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(_export_target, "_sync", full)
        with pytest.raises(SaveFailed, match="the disk is full"):
            write(image, target, overwrite=there)
    assert listed(tmp_path) == names
    assert (content(target) if there else {}) == before


@pytest.mark.parametrize("name", ["rename", "replace", "mkdir"])
@pytest.mark.parametrize("suffix", ["tif", "ome.zarr"])
def test_the_nth_failure(image, tmp_path, monkeypatch, suffix, name):
    """Whichever step fails, the old export is there whole, or the new one."""
    target, write = tmp_path / f"b.{suffix}", WAYS[suffix]
    write(image, target)
    before, names = content(target), listed(tmp_path)
    image.state = image.state.with_calibration(STEPS)
    real, left = vars(Path)[name], [0]

    def failing(self, *given, **how):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.EIO, "a broken disk")
        return real(self, *given, **how)

    for number in range(1, 20):
        left[0] = number
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, failing)
            try:
                write(image, target, overwrite=True)
            except SaveFailed:
                assert content(target) == before
                assert listed(tmp_path) == names
        if left[0] > 0:
            break
    assert left[0] > 0
    assert content(target) != before


def test_a_recording_that_cannot_be_read_any_more(image, tmp_path):
    Path(image.path).write_bytes(Path(image.path).read_bytes()[:3000])
    for suffix in ("tif", "ome.zarr"):
        with pytest.raises(UnreadableFile):
            WAYS[suffix](image, tmp_path / f"b.{suffix}")
    assert not [name for name in listed(tmp_path) if name.startswith(("b.", ".cs-"))]


def test_versions_that_do_not_exist(image, tmp_path):
    with pytest.raises(ValueError, match=r"0\.4, 0\.5"):
        export_ome_zarr(image, tmp_path / "b.zarr", version="0.6")


def test_public_names():
    assert set(export.__all__) == {
        "export_csv", "export_ome_zarr", "export_provenance", "export_tiff", "guarded",
        "provenance",
    }  # fmt: skip


def test_a_recording_without_a_file(tmp_path, monkeypatch):
    """Of an array there is nothing beside it that could be overwritten."""
    monkeypatch.chdir(tmp_path)
    pixels = np.arange(1920, dtype=np.uint16).reshape(60, 32)
    image = AcqImage.from_array(pixels, axes="YX", source_id="a", step_y=0.001, step_x=0.25)
    analysed(image)
    export_tiff(image, tmp_path / "a.tif")
    export_ome_zarr(image, tmp_path / "a.ome.zarr")
    export_provenance(image, tmp_path / "a.json")
    export_csv(image, tmp_path / "a.csv", analysis_name="radon_velocity")
    for name in ("a.tif", "a.ome.zarr"):
        again = AcqImage(tmp_path / name)
        np.testing.assert_array_equal(again.images.read_plane(0), pixels)
        assert again.calibration.steps == (0.001, 0.25)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "a.csv", "a.json", "a.ome.zarr", "a.tif",
    ]  # fmt: skip
