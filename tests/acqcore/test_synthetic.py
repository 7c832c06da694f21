"""Recordings of known truth: they must be true, repeatable and readable."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.synthetic import heart_beat, pulsing_vessel, red_cells


def test_a_seed_gives_the_same_pixels():
    one, same, other = (red_cells(50, 40, 1.3, seed=seed).pixels for seed in (7, 7, 8))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("slope", "lines", "pixels"), [(0.5, 2, 1), (2.5, 2, 5), (-0.25, 4, -1)])
def test_cells_move_by_parts_of_a_pixel(slope, lines, pixels):
    clean = red_cells(60, 80, slope, seed=1).clean
    earlier, later = clean[:-lines], clean[lines:]
    moved = later[:, max(pixels, 0) : 80 + min(pixels, 0)]
    stood = earlier[:, max(-pixels, 0) : 80 - max(pixels, 0)]
    assert np.abs(moved - stood).max() < 2
    # Half a pixel is drawn as such: every step changes the picture about as much.
    change = np.abs(np.diff(clean, axis=0)).sum(axis=1)
    assert change[0::2].sum() == pytest.approx(change[1::2].sum(), rel=0.1)


def test_speed_may_change_and_stop():
    speed = np.r_[np.full(30, 1.5), np.zeros(30)]
    cells = red_cells(60, 50, speed, seed=2)
    assert np.array_equal(cells.velocity, speed)
    assert np.ptp(cells.clean[31:], axis=0).max() == 0


def test_density_contrast_and_noise_are_as_asked():
    cells = red_cells(4000, 60, 5.3, seed=3, density=0.4, plasma=1500, contrast=800, snr=4)
    covered = (cells.clean < 1200).mean()
    assert 0.3 < covered < 0.5
    assert np.std(cells.pixels - cells.clean) == pytest.approx(200, rel=0.05)


def test_heart_beat_keeps_its_mean_and_rate():
    speed = heart_beat(4000, 3.0, seconds_per_line=0.001, rate_hz=8)
    assert speed.mean() == pytest.approx(3, rel=0.01)
    assert np.abs(np.fft.rfft(speed - speed.mean())).argmax() == 32


def test_a_vessel_has_the_diameter_asked_for():
    bright = pulsing_vessel(50, 100, 42.0, snr=0).astype(float)
    half = (bright.max() + bright.min()) / 2
    assert (bright > half).sum(axis=1).mean() == pytest.approx(42, abs=1)
