"""The numerics behind the velocity: exactness of the parts, truth and honesty of the whole."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.analysis._directions import Shape, candidate_slopes, directions
from acqcore.analysis._lag_sums import LagSums, pixel_weights
from acqcore.analysis._radon import Projector, radon_angles
from acqcore.analysis._slopes import CLEAR, Slopes, unbiased_slopes
from acqcore.analysis._windows import (
    Windows,
    column_means,
    quarter_step_starts,
    saturation_level,
)
from acqcore.synthetic import heart_beat, red_cells

DATA = Path(__file__).parents[3] / "../shared/data"


def silent(fraction: float) -> None:
    """Report to nobody."""


def windows_of(pixels, lines, stripes=True):
    offset = column_means(pixels, lambda: None) if stripes else None
    return Windows(pixels, quarter_step_starts(len(pixels), lines), lines, offset)


def measured(pixels, lines) -> Slopes:
    return unbiased_slopes(windows_of(pixels, lines), silent)


# The parts


def test_pair_sums_are_those_of_all_pairs():
    rng = np.random.default_rng(1)
    block = rng.normal(size=(1, 6, 10)).astype(np.float32)
    shape = Shape(lines=6, width=5, tiles=2)
    sums = LagSums.of(block, shape)
    for tau in range(1, 6):
        for delta in range(-4, 5):
            pairs = [
                (block[0, t, x + 5 * tile], block[0, t + tau, x + delta + 5 * tile])
                for tile in (0, 1)
                for t in range(6 - tau)
                for x in range(5)
                if 0 <= x + delta < 5
            ]
            one, other = np.array(pairs).T
            place = (0, tau - 1, delta + 4)
            assert shape.pairs[place[1:]] == len(pairs)
            assert sums.products[place] == pytest.approx(np.sum(one * other), abs=1e-4)
            assert sums.squares[place] == pytest.approx(np.sum(one**2 + other**2) / 2, abs=1e-4)


def test_pixel_weights_are_the_adjoint_of_the_sums_of_squares():
    rng = np.random.default_rng(2)
    block = rng.normal(size=(1, 8, 7)).astype(np.float32)
    reader = rng.normal(size=7 * 13)
    direct = reader @ LagSums.of(block, Shape(8, 7)).squares[0].ravel()
    assert np.sum(pixel_weights(reader, Shape(8, 7)) * block[0] ** 2) == pytest.approx(
        direct, abs=1e-3
    )


def test_a_direction_reads_a_mean_and_follows_a_straight_line():
    shape = Shape(lines=16, width=20)
    at = directions(shape, 2.0, lambda: None)
    delta = np.arange(1 - shape.width, shape.width)
    ones = np.broadcast_to(shape.pairs, (1, 15, 39)).astype(np.float32)
    assert np.allclose(at.scores(ones), 1, atol=1e-5)
    ramp = (shape.pairs * delta)[None].astype(np.float32)
    share = shape.pairs_along(at.slopes)
    mean_tau = (share * shape.taus).sum(axis=1) / share.sum(axis=1)
    assert np.allclose(at.scores(ramp)[0], at.slopes * mean_tau, atol=1e-3)


def test_candidates_are_symmetric_and_include_zero():
    slopes = candidate_slopes(Shape(64, 26), 2.0)
    assert np.array_equal(slopes, -slopes[::-1])
    assert 0 in slopes
    assert slopes.max() > 16


def test_the_projection_is_that_of_the_published_arithmetic():
    rng = np.random.default_rng(3)
    window = rng.normal(size=(16, 19)).astype(np.float32)
    projector = Projector(16, 19)
    for quarters in (0, 45, 180, 317, 360, 531, 719):
        fast = projector.variance(window.reshape(1, -1), quarters, lambda: None)[0]
        assert fast == pytest.approx(float(projector.exact_variance(window, quarters)), rel=2e-5)


def test_windows_cover_the_lines_and_advance_by_a_quarter():
    assert quarter_step_starts(64, 64).tolist() == [0]
    assert quarter_step_starts(96, 64).tolist() == [0, 16, 32]
    assert len(quarter_step_starts(63, 64)) == 0


@pytest.mark.parametrize(("brightest", "level"), [(4095, 4095), (4000, np.inf), (65535, 65535)])
def test_saturation_is_the_full_scale_of_a_detector(brightest, level):
    assert saturation_level(np.array([[1, brightest]], np.uint16)) == level


def test_column_means_ignore_missing_pixels():
    pixels = np.array([[1.0, np.nan], [3.0, 5.0]])
    assert column_means(pixels, lambda: None).tolist() == [2, 5]


# The truth


@pytest.mark.parametrize(("lines", "width"), [(16, 64), (32, 26), (64, 26), (64, 64), (128, 26)])
@pytest.mark.parametrize("slope", [0.53, -1.47, 2.73, -8.2])
def test_unbiased_finds_the_slope(lines, width, slope):
    cells = red_cells(lines * 50, width, slope, seed=int(abs(slope) * 10) + lines, snr=3)
    found = measured(cells.pixels, lines)
    good = found.evidence > CLEAR
    error = (found.slope[good] - slope) / slope
    bias, spread = np.median(error), np.median(np.abs(error))
    print(f"{lines}x{width} at {slope}: bias {bias:+.2%}, median error {spread:.2%}")
    assert abs(bias) < max(0.02, 2.5 * spread / np.sqrt(good.sum() / 4))
    assert spread < 0.08


def test_unbiased_beats_classic_where_windows_are_small():
    cells = red_cells(3200, 26, 1.47, seed=5, snr=3)
    windows = windows_of(cells.pixels, 32)
    ours = measured(cells.pixels, 32).slope
    classic = np.tan(np.deg2rad(radon_angles(windows, silent).theta_deg))
    assert np.median(np.abs(ours - 1.47)) < 0.6 * np.median(np.abs(classic - 1.47))


def test_integer_slopes_do_not_attract():
    for slope in (0.9, 1.1, 1.9, 2.1, 2.9, 3.1):
        found = measured(red_cells(1600, 40, slope, seed=9, snr=6).pixels, 64)
        assert np.median(found.slope) == pytest.approx(slope, rel=0.01)


@pytest.mark.parametrize(
    ("lines", "width", "slope"), [(64, 26, 1.47), (32, 64, 2.73), (16, 40, 5.3)]
)
def test_error_bars_hold(lines, width, slope):
    outside = []
    for seed in range(3):
        found = measured(red_cells(lines * 60, width, slope, seed=seed, snr=3).pixels, lines)
        good = found.evidence > CLEAR
        outside.append(np.abs(found.slope[good] - slope) / found.error[good])
    ratio = np.concatenate(outside)
    one, two = np.mean(ratio < 1), np.mean(ratio < 1.96)
    print(f"{lines}x{width} at {slope}: {one:.0%} within one, {two:.0%} within 1.96 errors")
    assert 0.58 < one < 0.85
    assert two > 0.87


def test_detail_finer_than_the_kernel_is_not_taken_for_noise():
    rng = np.random.default_rng(2)
    pattern = np.repeat(rng.normal(1000, 200, 3100), 2)
    lines, columns = np.mgrid[:2000, :40]
    pixels = pattern[columns - 3 * lines + 6000] + rng.normal(0, 50, (2000, 40))
    assert np.abs(measured(pixels, 64).slope - 3).max() < 0.02


def test_error_bars_know_that_the_flow_is_unsteady():
    speed = heart_beat(8000, 3.3, seconds_per_line=0.0005, depth=0.3)
    found = measured(red_cells(8000, 96, speed, seed=4).pixels, 32)
    truth = [speed[start : start + 32].mean() for start in quarter_step_starts(8000, 32)]
    assert np.mean(np.abs(found.slope - truth) < found.error) > 0.55


def test_noise_alone_is_hardly_ever_clear():
    noise = np.random.default_rng(6).normal(100, 10, (6400, 26)).astype(np.float32)
    assert np.mean(measured(noise, 64).evidence > CLEAR) < 0.02


def test_few_windows_and_narrow_or_wide_planes_work():
    for lines, width, window in ((64, 8, 64), (80, 300, 64), (16, 20, 8), (300, 20, 256)):
        found = measured(red_cells(lines, width, 1.3, seed=1, snr=10).pixels, window)
        assert np.isfinite(found.slope).all()
        assert np.isfinite(found.error).all()


# Real recordings


@pytest.mark.skipif(not (DATA / "angii").is_dir(), reason="needs the real recordings")
def test_classic_reproduces_the_lab():
    stem = DATA / "angii/20250722_A89_0002"
    with Path(f"{stem}_kymanalysis.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["roi_id"] == "1"]
    theirs = np.array([float(row["velocity"] or "nan") for row in rows])
    step = float(rows[0]["delx"]) / float(rows[0]["delt"]) / 1000
    pixels = tifffile.imread(f"{stem}.tif")
    theta = radon_angles(windows_of(pixels, 16, stripes=False), silent).theta_deg
    ours = step * np.tan(np.deg2rad(theta))
    known = np.isfinite(theirs)
    same = np.abs(ours - theirs)[known] < 1e-6
    away = np.abs(np.rad2deg(np.arctan(theirs / step)) % 180 - theta)[known]
    print(f"{same.sum()} of {known.sum()} rows equal")
    assert same.mean() > 0.999
    assert (away[~same] < 0.2501).all()


@pytest.mark.skipif(not (DATA / "capillary").is_dir(), reason="needs the real recordings")
def test_stripes_of_a_real_capillary_do_not_hide_its_flow():
    pixels = tifffile.imread(DATA / "capillary/Capillary1_0001.tif")
    slope = measured(pixels, 128).slope
    quartiles = np.quantile(slope, (0.25, 0.75))
    print(f"median {np.median(slope):.3f}, interquartile range {np.ptp(quartiles):.3f}")
    assert abs(np.median(slope)) == pytest.approx(5.03, abs=0.08)
