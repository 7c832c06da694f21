"""Arrays in memory are recordings without a file."""

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList
from acqcore.errors import AcqError
from acqcore.loaders import supported_suffixes

SHAPES = {"YX": (30, 20), "CYX": (2, 30, 20), "ZYX": (4, 30, 20), "CZYX": (2, 4, 30, 20)}


def array(axes: str, dtype: str = "uint16") -> np.ndarray:
    return np.random.default_rng(1).integers(0, 200, SHAPES[axes]).astype(dtype)


@pytest.mark.parametrize("axes", SHAPES)
def test_planes_and_windows(axes):
    pixels = array(axes)
    image = AcqImage.from_array(pixels, axes=axes, source_id="a")
    assert (image.header.dims, image.header.shape) == (tuple(axes), pixels.shape)
    whole = pixels.reshape(*(pixels.shape[axes.index(a)] if a in axes else 1 for a in "CZ"), 30, 20)
    for channel, z in np.ndindex(whole.shape[:2]):
        plane = image.images.read_plane(channel, z)
        np.testing.assert_array_equal(plane, whole[channel, z])
        assert np.shares_memory(plane, pixels)
        assert not plane.flags.writeable
        window = image.images.read_window(channel, (3, 9), (4, 99), z)
        np.testing.assert_array_equal(window, whole[channel, z, 3:9, 4:])
    assert pixels.flags.writeable
    with pytest.raises(IndexError):
        image.images.read_plane(0, t=1)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", ">u2", "bool"])
def test_sample_types(dtype):
    pixels = array("YX").astype(dtype)
    image = AcqImage.from_array(pixels, axes="YX", source_id="a")
    plane = image.images.read_plane(0)
    np.testing.assert_array_equal(plane, pixels)
    assert str(plane.dtype) == image.header.dtype


def test_strided_arrays_and_lists():
    pixels = array("YX")[::2, ::-1]
    image = AcqImage.from_array(pixels, axes="YX", source_id="a")
    np.testing.assert_array_equal(image.images.read_plane(0), pixels)
    assert AcqImage.from_array([[1, 2], [3, 4]], axes="YX", source_id="b").header.shape == (2, 2)


def test_identity_and_rows():
    image = AcqImage.from_array(array("YX"), axes="YX", source_id="set 3/cell 7")
    assert image.path == image.file_id == image.header.path == "memory://set 3/cell 7"
    assert image.name == "cell 7"
    row = image.get_schema_row()
    assert (row["parent"], row["grandparent"], row["saved"]) == ("", "", True)
    assert image.get_tree_rows()[0]["path"] == image.path
    images = AcqImageList()
    assert images.add(image)
    assert images.get_file_by_id("memory://set 3/cell 7") is image
    assert all(suffix for suffix in supported_suffixes())


def test_calibration_by_step_or_by_axis():
    def calibrated(**options):
        image = AcqImage.from_array(array("ZYX"), axes="ZYX", source_id="a", **options)
        return image.calibration.steps, image.calibration.labels

    both = ((0.002, 0.3), ("seconds", "um"))
    assert calibrated() == ((1.0, 1.0), ("Pixels", "Pixels"))
    assert calibrated(step_y=0.002, step_x=0.3) == both
    assert calibrated(axis_spacing={"Y": 0.002, "X": 0.3, "Z": 1.0}) == both
    units = {"Y": "micrometer", "X": "µm"}
    assert calibrated(axis_spacing={"Y": 0.2, "X": 0.3}, axis_units=units)[1] == ("um", "um")
    assert calibrated(step_y=0.2, label_y="um") == ((0.2, 1.0), ("um", "Pixels"))


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (array("YX"), {"axes": "XY"}),
        (array("YX"), {"axes": "CYX"}),
        (array("YX"), {"axes": "YX", "source_id": " "}),
        (array("YX"), {"axes": "YX", "step_y": 0}),
        (array("YX"), {"axes": "YX", "step_x": float("nan")}),
        (np.zeros((0, 4)), {"axes": "YX"}),
        (np.zeros((3, 4), complex), {"axes": "YX"}),
        (np.array([["a", "b"]]), {"axes": "YX"}),
    ],
)
def test_impossible_arrays(pixels, options):
    with pytest.raises(ValueError, match=r"\w"):
        AcqImage.from_array(pixels, **({"source_id": "a"} | options))


def test_there_is_nothing_to_save_to(tmp_path):
    image = AcqImage.from_array(array("YX"), axes="YX", source_id="a")
    image.rois.create_rect_roi()
    assert image.is_dirty
    for call in (
        image.get_sidecar_json_path,
        image.save,
        image.save_sidecar_json,
        image.load_sidecar_json,
    ):
        with pytest.raises(RuntimeError, match="in memory only") as caught:
            call()
        assert isinstance(caught.value, AcqError)
    assert image.is_dirty
    images = AcqImageList()
    images.add(image)
    assert [step.file_id for step in images.save_all().failed] == [image.file_id]
    image.save_copy(tmp_path)
    assert (tmp_path / "a.json").is_file()


def test_everything_else_works():
    pixels = array("YX")
    image = AcqImage.from_array(pixels, axes="YX", source_id="a", step_y=0.002, step_x=0.3)
    roi = image.rois.create_rect_roi()
    np.testing.assert_array_equal(image.get_roi_image(0, roi.id), pixels)
    assert image.get_image_physical_units() == (0.002, 0.3)
    contrast = image.ensure_image_contrast_from_plane(
        0, pixels, default_color_lut="gray", percentile_low=1, percentile_high=99
    )
    image.set_image_contrast(0, contrast)
    image.apply_metadata_patch("experiment_metadata", {"genotype": "WT"})
    assert image.get_schema_row()["genotype"] == "WT"
    assert image.is_dirty
