"""The numerics behind the velocity: exactness of the parts, truth and honesty of the whole."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.analysis import _directions
from acqcore.analysis._directions import Shape, candidate_slopes, directions, kernel_rows
from acqcore.analysis._radon import radon_angles
from acqcore.analysis._radon_projection import Projector
from acqcore.analysis._slope_reading import Slopes
from acqcore.analysis._slopes import CLEAR, DOUBT, unbiased_slopes
from acqcore.analysis._spectra import SpectrumMaker
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


def trusted(found):
    return (found.evidence > CLEAR) & (found.elsewhere < DOUBT) & ~found.at_edge


# The parts


def sums_of_products(block, shape):
    """(window, tau, delta), by looking at every pair."""
    sums = np.zeros((len(block), shape.lines - 1, 2 * shape.width - 1))
    for tile in range(shape.tiles):
        cut = block[:, :, tile * shape.width : (tile + 1) * shape.width]
        for tau in shape.taus:
            for delta in range(1 - shape.width, shape.width):
                first, last = max(0, -delta), min(shape.width, shape.width - delta)
                ahead = cut[:, tau:, first + delta : last + delta]
                product = cut[:, :-tau, first:last] * ahead
                sums[:, tau - 1, delta + shape.width - 1] += product.sum(axis=(1, 2))
    return sums


@pytest.mark.parametrize(("lines", "width", "tiles"), [(8, 9, 1), (12, 10, 2)])
def test_scores_are_means_over_all_pairs(lines, width, tiles, monkeypatch):
    monkeypatch.setattr(_directions, "_HIGHEST", np.inf)
    rng = np.random.default_rng(1)
    shape = Shape(lines, width, tiles)
    block = rng.normal(size=(3, lines, width * tiles)).astype(np.float32)
    at = directions(shape, 1.5, lambda: None)
    spectra = SpectrumMaker(shape, 1.5).spectra(block)
    even, odd = spectra.even @ at.even.T, spectra.odd @ at.odd.T
    scores = np.concatenate([(even - odd)[:, :0:-1], even + odd], axis=1)
    rows = kernel_rows(shape, at.at.slopes, 1.5, np.ones_like(at.at.near))
    direct = sums_of_products(block, shape).reshape(3, -1) @ rows.reshape(len(rows), -1).T
    assert np.allclose(scores, direct, atol=1e-6)
    assert np.allclose(spectra.variance, np.mean(block**2, axis=(1, 2)))


def test_a_direction_reads_a_mean_and_follows_a_straight_line():
    shape = Shape(lines=16, width=20)
    slopes = candidate_slopes(shape, 2.0)
    rows = kernel_rows(shape, slopes, 2.0, np.ones((len(slopes), 15), bool))
    delta = np.arange(1 - shape.width, shape.width)
    pairs = np.outer(shape.lines - shape.taus, shape.width - np.abs(delta))
    assert np.allclose(np.sum(rows * pairs, axis=(1, 2)), 1, atol=1e-5)
    share = shape.pairs_along(slopes)
    mean_tau = (share * shape.taus).sum(axis=1) / share.sum(axis=1)
    assert np.allclose(np.sum(rows * pairs * delta, axis=(1, 2)), slopes * mean_tau, atol=1e-3)


def test_energy_is_told_by_place():
    shape = Shape(lines=16, width=20)
    block = np.zeros((1, 16, 20), np.float32)
    block[0, 3, 17] = 2
    energy = SpectrumMaker(shape, 2.0).spectra(block).energy.reshape(8, 8)
    assert energy.sum() == pytest.approx(1)
    assert energy[1].sum() == pytest.approx(1)
    assert energy[1, 6:].tolist() == pytest.approx([0.5, 0.5], abs=0.4)


def test_candidates_are_symmetric_and_include_zero():
    slopes = candidate_slopes(Shape(64, 26), 2.0)
    assert np.array_equal(slopes, -slopes[::-1])
    assert 0 in slopes
    assert slopes.max() > 16


def test_windows_cover_the_lines_and_advance_by_a_quarter():
    assert quarter_step_starts(64, 64).tolist() == [0]
    assert quarter_step_starts(96, 64).tolist() == [0, 16, 32]
    assert len(quarter_step_starts(63, 64)) == 0


@pytest.mark.parametrize("shape", [(16, 19), (64, 5), (9, 64), (30, 600)])
def test_the_projection_is_that_of_the_published_arithmetic(shape):
    window = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    window -= window.mean()
    projector = Projector(*shape)
    for quarters in (-8, -3, 0, 45, 180, 317, 360, 531, 719, 724):
        matrix = projector.matrix(quarters, lambda: None)
        fast = projector.variance(matrix, window.reshape(-1, 1))[0]
        exact = projector.exact_variance(window.astype(float), quarters, lambda: None)
        assert fast == pytest.approx(exact, rel=2e-5)


def streaks(rng, lines, width, slope=None):
    slope = rng.normal(0, 3) if slope is None else slope
    snr = rng.choice([0.3, 1.0, 5.0])
    return red_cells(lines, width, slope, seed=int(rng.integers(1 << 30)), snr=snr).pixels


def stripes(rng, lines, width):
    return rng.normal(100, 10, width) + rng.normal(0, 3, (lines, width))


def noise(rng, lines, width):
    return rng.normal(100, 10, (lines, width))


def low_contrast(rng, lines, width):
    return 500 + rng.integers(0, 2, (lines, width)).astype(np.uint16)


def spots(rng, lines, width):
    return rng.poisson(rng.choice([0.001, 0.01, 0.1]), (lines, width)) * 100 + 7


def finest_waves(rng, lines, width):
    """Detail as fine as the rays, towards any direction."""
    line, column = np.mgrid[:lines, :width]
    angle, frequency = np.deg2rad(rng.uniform(0, 180)), rng.choice([0.35, 0.45, 0.5])
    along = np.cos(angle) * column - np.sin(angle) * line
    return 100 + 10 * np.cos(2 * np.pi * frequency * along) + rng.normal(0, 1, (lines, width))


def one_line(rng, lines, width):
    line, column = np.mgrid[:lines, :width]
    angle = np.deg2rad(rng.uniform(0, 180))
    away = np.cos(angle) * (column - width / 2) - np.sin(angle) * (line % 64 - 32)
    return np.maximum(0, 1 - np.abs(away) / 0.7) + rng.normal(0, 0.01, (lines, width))


@pytest.mark.parametrize(
    "picture",
    [streaks, stripes, noise, low_contrast, spots, finest_waves, one_line],
    ids=lambda picture: picture.__name__,
)
@pytest.mark.parametrize(
    ("lines", "width"),
    [(8, 8), (16, 8), (16, 26), (16, 64), (32, 26), (64, 16), (64, 26), (64, 64), (16, 128)],
)
def test_skipped_angles_are_never_the_best(picture, lines, width):
    rng = np.random.default_rng(lines * 1000 + width)
    for _ in range(2):
        windows = windows_of(picture(rng, lines * 5, width), lines, stripes=False)
        windows = windows.only(np.flatnonzero(np.ptp(windows.cut(slice(None)), axis=(1, 2))))
        quick, full = radon_angles(windows, silent), radon_angles(windows, silent, full=True)
        assert quick.theta_deg.tolist() == full.theta_deg.tolist()
        assert quick.snr == pytest.approx(full.snr, rel=0.02)


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
    good = trusted(found)
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
        good = trusted(found)
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
@pytest.mark.parametrize("recording", ["0002", "0003", "0004"])
def test_classic_reproduces_the_lab(recording):
    stem = DATA / f"angii/20250722_A89_{recording}"
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
