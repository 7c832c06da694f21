"""Velocity where little is seen: fast flow in narrow windows, slow flow in wide ones, noise."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.analysis._directions import cell_edges
from acqcore.analysis._fast_flow import Pattern
from acqcore.analysis._slope_reading import Slopes
from acqcore.analysis._slopes import _held_to_scatter
from acqcore.bench.measuring import measure
from acqcore.synthetic import drew_picture, red_cells


def relative(lines, width, speed, *, windows=240, window=None, **picture):
    """Velocity over truth, reported error over truth, and which windows have no flag."""
    window = window or lines
    height = (windows + 3) * window // 4
    pixels = red_cells(height, width, speed, **picture).pixels
    run = measure("radon_velocity", pixels, window_width=window)
    good = (run["flag"] == "") & np.isfinite(run["velocity"])
    return run["velocity"] / speed, run["velocity_se"] / abs(speed), good


def covered(ours, error, good, sigmas):
    return np.mean(np.abs(ours - 1)[good] <= sigmas * error[good])


@pytest.mark.parametrize(
    ("lines", "width", "speed", "snr", "typical"),
    [
        (16, 16, 11.3, 4.0, 0.065),
        (16, 16, -6.4, 8.0, 0.028),
        (64, 16, -11.3, 2.0, 0.065),
        (16, 26, 11.3, 4.0, 0.03),
        (32, 26, -9.1, 2.0, 0.04),
        (16, 40, 21.7, 2.0, 0.04),
    ],
)
def test_streaks_that_cross_the_window_in_three_lines_are_measured(
    lines, width, speed, snr, typical
):
    ours, error, good = relative(lines, width, speed, snr=snr, seed=901)
    assert good.mean() > 0.9
    assert abs(np.median(ours[good]) - 1) < 0.025
    assert np.median(np.abs(ours[good] - 1)) < typical
    assert 0.55 < covered(ours, error, good, 1) < 0.85
    assert covered(ours, error, good, 1.96) > 0.9


@pytest.mark.parametrize(
    "cells",
    [
        {"cell_px": (6.0, 14.0), "density": 0.3, "edge_px": 1.0},
        {"cell_px": (20.0, 30.0), "density": 0.5, "noise": "poisson"},
        {"polarity": "bright", "noise": "exponential", "edge_px": 2.5},
    ],
)
def test_whatever_the_cells_and_the_noise_look_like(cells):
    ours, error, good = relative(32, 16, 8.3, snr=4.0, seed=77, **cells)
    assert good.mean() > 0.9
    assert abs(np.median(ours[good]) - 1) < 0.025
    assert covered(ours, error, good, 1.96) > 0.87


def test_without_noise_fast_flow_is_all_but_exact():
    ours, error, good = relative(16, 26, 11.3, snr=0, seed=5)
    assert good.mean() > 0.9
    assert np.median(np.abs(ours[good] - 1)) < 0.003
    assert covered(ours, error, good, 1.96) > 0.8


def test_streaks_too_fast_to_share_a_pixel_are_flagged():
    _, _, good = relative(16, 16, 18.4, snr=8.0, seed=3)
    assert good.mean() < 0.1
    _, _, good = relative(16, 16, -25.4, snr=2.0, seed=3)
    assert good.mean() < 0.1


def test_left_and_right_are_alike():
    pixels = red_cells(400, 16, 7.7, snr=4.0, seed=2).pixels
    there = measure("radon_velocity", pixels, window_width=16)["velocity"]
    back = measure("radon_velocity", pixels[:, ::-1].copy(), window_width=16)["velocity"]
    assert np.allclose(there, -back, rtol=1e-3, atol=0.02)


def test_brightness_and_its_offset_do_not_matter():
    pixels = red_cells(400, 16, 7.7, snr=4.0, seed=2).pixels.astype(np.float64)
    plain = measure("radon_velocity", pixels, window_width=16)["velocity"]
    other = measure("radon_velocity", 0.003 * pixels + 70, window_width=16)["velocity"]
    assert np.allclose(plain, other, rtol=1e-3, atol=0.02)


def test_a_blank_stretch_does_not_spoil_the_rest():
    pixels = red_cells(400, 16, 7.7, snr=4.0, seed=2).pixels.astype(np.float64)
    whole = measure("radon_velocity", pixels, window_width=16)
    pixels[100:104] = np.nan
    holed = measure("radon_velocity", pixels, window_width=16)
    far = whole["time_index"] > 130
    assert np.isfinite(holed["velocity"][far]).all()
    assert np.median(np.abs(holed["velocity"] - whole["velocity"])[far]) < 0.2


def test_noise_and_variogram_are_recovered_from_single_lines():
    picture = red_cells(3000, 24, 9.7, snr=3.0, seed=8)
    lines = picture.pixels.astype(np.float64)
    pattern = Pattern.of(lines - lines.mean(axis=1, keepdims=True), 40.0)
    assert pattern.noise == pytest.approx((600 / 3) ** 2, rel=0.05)
    clean = picture.clean.astype(np.float64)
    for distance in (4, 10):
        true = np.mean((clean[:, distance:] - clean[:, :-distance]) ** 2) / 2
        assert pattern.at(np.array([float(distance)]))[0] == pytest.approx(true, rel=0.25)


def test_cells_of_the_window_are_finest_at_its_ends():
    for size in (8, 16, 26, 64, 128, 192, 1024):
        edges = cell_edges(size)
        assert edges[0] == 0
        assert edges[-1] == size
        assert (np.diff(edges) > 0).all()
        assert np.allclose(edges, size - edges[::-1])
    assert np.diff(cell_edges(128))[0] == 2


@pytest.mark.parametrize(("lines", "width", "speed"), [(16, 128, 0.31), (16, 128, -0.53)])
def test_slow_cells_at_the_ends_of_a_wide_line_do_not_pull(lines, width, speed):
    ours, error, good = relative(lines, width, speed, windows=120, snr=8.0, seed=4)
    assert np.median(np.abs(ours[good] - 1)) < 0.035
    assert covered(ours, error, good, 1.96) > 0.9


def test_much_noise_does_not_pass_for_uneven_brightness():
    for seed in (2, 6):
        picture = drew_picture(0.33, seed=seed)
        run = measure("radon_velocity", picture.pixels, window_width=96)
        middle = run["time_index"].astype(int)
        off = np.rad2deg(np.arctan(run["velocity"]) - np.arctan(picture.velocity[middle]))
        assert np.abs(off).max() < 20


def steady(rng, error, reported, count=400):
    """Overlapping windows of a steady flow with that scatter and that reported error."""
    by_quarter = rng.normal(0, 2 * error, count + 3)
    slope = 2 + np.convolve(by_quarter, np.ones(4) / 4, mode="valid")
    fine = np.ones(count)
    return Slopes(
        slope=slope, error=reported * fine, unsteady=0 * fine, snr=9 * fine,
        evidence=40 * fine, elsewhere=0 * fine, at_edge=fine < 0,
    )  # fmt: skip


def test_errors_are_held_to_the_scatter_and_never_raised_to_it():
    rng = np.random.default_rng(1)
    right = steady(rng, 0.1, 0.1)
    assert _held_to_scatter(right, right.error) > 0.8
    large = steady(rng, 0.1, 0.25)
    assert 0.4 < _held_to_scatter(large, large.error) < 0.8
    pulsing = steady(rng, 0.5, 0.1)
    assert _held_to_scatter(pulsing, pulsing.error) == 1
    few = steady(rng, 0.01, 0.1, count=24)
    assert _held_to_scatter(few, few.error) == 1
