"""Display levels keep what is short, and cover what was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acqcore.errors import Cancelled
from acqcore.pyramid import BRIGHTEST, COARSEST, DARKEST, MEAN, Pyramid, envelope

RNG = np.random.default_rng(1)


def plane_of(lines: int, pixels: int, dtype: type = np.uint16) -> np.ndarray:
    return RNG.integers(0, 200, (lines, pixels)).astype(dtype)


def test_levels_are_maxima_over_powers_of_two_lines() -> None:
    plane = plane_of(1024, 5)
    pyramid = Pyramid.build(plane)
    assert len(pyramid.levels) == 3
    for k, level in enumerate(pyramid.levels):
        expected = plane.reshape(1024 >> k, 1 << k, 5).max(axis=1).T
        np.testing.assert_array_equal(level, expected)
    assert pyramid.levels[-1].shape[1] <= COARSEST


def test_an_odd_last_line_is_kept() -> None:
    plane = np.zeros((1001, 3), np.uint16)
    plane[1000] = 7
    pyramid = Pyramid.build(plane)
    assert all(level[:, -1].tolist() == [7, 7, 7] for level in pyramid.levels)
    assert pyramid.levels[1].shape == (3, 501)


def test_time_lies_contiguous_in_every_reduced_level() -> None:
    pyramid = Pyramid.build(plane_of(2000, 40))
    assert all(level.flags.c_contiguous for level in pyramid.levels[1:])


def test_a_small_plane_has_one_level_and_no_copy() -> None:
    plane = plane_of(200, 10)
    pyramid = Pyramid.build(plane)
    assert len(pyramid.levels) == 1
    assert np.shares_memory(pyramid.levels[0], plane)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.integers(1, 3000),
    pixels=st.integers(1, 300),
    view=st.tuples(*[st.floats(0, 1)] * 4),
    columns=st.integers(1, 700),
    rows=st.integers(1, 400),
)
def test_region_covers_the_view_with_one_to_two_samples_per_screen_pixel(
    lines: int, pixels: int, view: tuple[float, ...], columns: int, rows: int
) -> None:
    plane = np.arange(lines * pixels, dtype=np.uint32).reshape(lines, pixels)
    time, space = sorted(lines * v for v in view[:2]), sorted(pixels * v for v in view[2:])
    region = Pyramid.build(plane).region((time[0], time[1]), (space[0], space[1]), columns, rows)
    assert region.line_start <= time[0]
    assert region.line_stop >= min(time[1], lines)
    assert region.pixel_start <= space[0]
    assert region.pixel_stop >= min(space[1], pixels)
    for step, length, screen in (
        (region.line_step, time[1] - time[0], columns),
        (region.pixel_step, space[1] - space[0], rows),
    ):
        per_pixel = length / screen / step
        assert per_pixel < 2
        assert per_pixel >= 1 or step == 1
    part = plane[region.line_start : region.line_stop, region.pixel_start : region.pixel_stop]
    assert region.values[-1, -1] == part.max()
    assert region.values.shape == (
        -(-part.shape[1] // region.pixel_step),
        -(-part.shape[0] // region.line_step),
    )


def test_a_bright_line_is_in_the_coarsest_picture() -> None:
    plane = np.zeros((30_001, 64), np.uint16)
    plane[12_345, 20:40] = 900
    region = Pyramid.build(plane).region((0, 30_001), (0, 64), 50, 16)
    assert region.values.max() == 900
    assert region.values.shape[1] <= 100


def test_nan_counts_as_nothing() -> None:
    plane = np.full((600, 4), np.nan, np.float32)
    plane[10, 2] = 3
    pyramid = Pyramid.build(plane)
    assert pyramid.levels[1][2, 5] == 3
    low, mean, high = envelope(plane)
    assert (low[10], mean[10], high[10]) == (3, 3, 3)
    assert np.isnan(mean[11])


def test_foreign_byte_order() -> None:
    plane = plane_of(600, 4)
    swapped = plane.astype(">u2")
    for ours, theirs in zip(
        Pyramid.build(plane).levels, Pyramid.build(swapped).levels, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_envelope_is_smallest_mean_and_largest_per_line() -> None:
    plane = plane_of(5000, 31)
    low, mean, high = envelope(plane)
    np.testing.assert_array_equal(low, plane.min(axis=1))
    np.testing.assert_allclose(mean, plane.mean(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(high, plane.max(axis=1))
    assert low.dtype == np.float32


def test_building_stops_when_it_is_no_longer_wanted() -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(Cancelled):
        Pyramid.build(plane_of(20_000, 64), should_stop)
    assert asked == 4


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_means_and_minima_of_powers_of_two(dtype: type) -> None:
    plane = plane_of(1024, 5, dtype)
    blocks = plane.reshape(256, 4, 5)
    mean, darkest = Pyramid.build(plane, kind=MEAN), Pyramid.build(plane, kind=DARKEST)
    np.testing.assert_allclose(mean.levels[2], blocks.mean(axis=1).T, rtol=1e-6)
    np.testing.assert_array_equal(darkest.levels[2], blocks.min(axis=1).T)
    region = mean.region((0, 1024), (0, 5), 128, 1)
    assert region.values.shape == (2, 128)
    np.testing.assert_allclose(
        region.values[0], plane.reshape(128, 8, 5)[..., :4].mean(axis=(1, 2)), rtol=1e-6
    )


def test_nan_is_left_out_of_means_and_minima() -> None:
    plane = np.full((600, 4), np.nan, np.float32)
    plane[10, 2], plane[12:14, 1] = 3, (1, 2)
    mean, darkest = Pyramid.build(plane, kind=MEAN), Pyramid.build(plane, kind=DARKEST)
    assert mean.levels[1][2, 5] == darkest.levels[1][2, 5] == 3
    assert (mean.levels[1][1, 6], darkest.levels[1][1, 6]) == (1.5, 1)
    assert np.isnan(mean.levels[1][3]).all()


def test_an_unknown_reduction_is_refused() -> None:
    with pytest.raises(KeyError):
        Pyramid.build(plane_of(600, 4), kind="median")


@pytest.mark.parametrize(("line_step", "pixel_step"), [(8, 1), (64, 1), (1, 4), (16, 2)])
def test_excess_is_what_noise_adds_to_an_extreme(line_step: int, pixel_step: int) -> None:
    noise = np.random.default_rng(0).normal(100, 10, (20_480, 64)).astype(np.float32)
    blocks = noise.reshape(-1, line_step, 64 // pixel_step, pixel_step)
    for kind, expected in (
        (BRIGHTEST, np.median(blocks.max(axis=(1, 3))) - 100),
        (DARKEST, np.median(blocks.min(axis=(1, 3))) - 100),
        (MEAN, 0.0),
    ):
        found = Pyramid.build(noise, kind=kind).excess(line_step, pixel_step)
        assert found == pytest.approx(expected, abs=0.6), kind


@pytest.mark.parametrize("lines", [1, 7, 300])
def test_excess_of_planes_smaller_than_the_step(lines: int) -> None:
    for plane in (plane_of(lines, 3), np.full((lines, 3), np.nan, np.float32)):
        assert np.isfinite(Pyramid.build(plane).excess(1024, 4))
