"""Display limits against the golden numbers, and floats that keep their fraction."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.model.contrast import ImageContrast, contrast_clip_min_max, contrast_from_plane


@pytest.fixture
def golden(shared: Path) -> dict:
    return json.loads((shared / "spec" / "golden.json").read_text())["contrast"]


def test_golden_numbers(shared: Path, golden: dict) -> None:
    assert list(contrast_clip_min_max(np.arange(100))) == golden["arange100_1_99.5"]
    plane = tifffile.imread(shared / "data" / "angii" / "20250722_A89_0002.tif")
    seeded = contrast_from_plane(plane, "Green", 1.0, 99.5)
    assert [seeded.value_min, seeded.value_max] == golden["A89_0002 plane 1_99.5"]
    assert [seeded.img_min, seeded.img_max] == golden["minmax"]
    limits = (seeded.value_min, seeded.value_max, seeded.img_min, seeded.img_max)
    assert all(type(limit) is int for limit in limits)


def test_percentiles_are_sorted_and_limited() -> None:
    plane = np.arange(101)
    assert contrast_clip_min_max(plane, 99, 1) == (1, 99)
    assert contrast_clip_min_max(plane, -5, 300) == (0, 100)
    with pytest.raises(ValueError, match="empty"):
        contrast_clip_min_max(plane[:0])


def test_whole_numbers_are_cut_towards_zero() -> None:
    assert contrast_clip_min_max(np.array([-10, 0, 0, 10]), 10, 90) == (-7, 7)


def test_floats_keep_their_fraction_and_ignore_what_is_no_number() -> None:
    plane = np.array([[0.0, 0.25], [np.nan, 1.0]])
    assert contrast_clip_min_max(plane, 0, 100) == (0.0, 1.0)
    assert contrast_clip_min_max(plane, 0, 50) == (0.0, 0.25)
    seeded = contrast_from_plane(np.full((2, 2), np.nan), "Gray", 1, 99)
    assert (seeded.value_min, seeded.value_max) == (0.0, 1.0)


def test_edits_give_another_one() -> None:
    contrast = ImageContrast("Gray", 5, 50, 0, 99)
    assert contrast.copy() == contrast
    assert contrast.with_limits(60, 10) == ImageContrast("Gray", 10, 60, 0, 99)
    assert contrast.with_lut("Green").color_lut == "Green"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_percentiles_of_many_pixels_are_those_of_numpy(dtype) -> None:
    rng = np.random.default_rng(0)
    plane = rng.gamma(2, 20, (1201, 333)).astype(dtype)[:, 3:]
    plane[:7] = np.iinfo(dtype).max
    for low, high in ((0, 100), (1, 99.5), (0.013, 63.77), (50, 98.0001)):
        expected = tuple(int(one) for one in np.percentile(plane, (low, high)))
        assert contrast_clip_min_max(plane, low, high) == expected


@pytest.mark.parametrize("limit", [1e31, -1e31, float("inf"), float("nan"), 10**400])
def test_limits_beyond_any_pixel_are_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="beyond any pixel"):
        ImageContrast("Gray", 0, limit, 0, 1)
