"""Recordings of known truth: they must be true, repeatable and readable."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.synthetic import (
    drew_picture,
    heart_beat,
    kim_ramp,
    pulsing_vessel,
    red_cells,
    speed_course,
)
from acqcore.synthetic.published import kim_speed_mm_per_s


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


# Red cells, richer


def test_a_speed_course_accelerates_stalls_and_turns_back():
    speed = speed_course(100, 2.0, acceleration=0.02, stalls=[(20, 30)], reversals=[(50, 60)])
    assert speed[0] == 2
    assert speed[99] == pytest.approx(3.98)
    assert not speed[20:30].any()
    assert speed[50] == pytest.approx(-3)
    assert np.array_equal(red_cells(100, 40, speed).velocity, speed)


def test_bright_cells_are_dark_ones_turned_over():
    dark, bright = (red_cells(80, 50, 1.7, snr=0, polarity=p).clean for p in ("dark", "bright"))
    assert np.allclose(dark + bright, 2 * 2000, atol=0.01)
    with pytest.raises(ValueError, match="polarity"):
        red_cells(80, 50, 1.7, polarity="red")


def test_the_way_back_sees_each_pixel_at_its_own_time():
    cells = red_cells(99, 100, 3.0, seed=4, snr=0, scan_px_per_line=200.0, bidirectional=True)
    part = 3.0 / 200
    x = np.arange(100)
    # A cell seen at x on the way there is met again by the beam coming back from pixel 99.
    met = (x * (1 - part) + 3.0 + 99 * part) / (1 + part)
    for line in (40, 60, 80):
        there, back = cells.clean[line], cells.clean[line + 1]
        assert np.abs(np.interp(met, x, back) - there)[met < 99].max() < 12
    assert cells.slope == pytest.approx(3 / (1 - part))


def test_mirror_lag_shows_odd_lines_to_the_right():
    alone = red_cells(40, 80, 1.0, seed=2, snr=0, cell_px=(20, 20), density=0.5)
    assert alone.slope == pytest.approx(1.0)
    lagging = red_cells(40, 80, 1.0, seed=2, snr=0, phase_px=2.0).clean
    # One line on, cells are one pixel further, or three if the line lags.
    assert np.abs(lagging[1, 3:] - lagging[0, :-3]).max() < 2
    assert np.abs(lagging[2, :-1] - lagging[1, 1:]).max() < 2


def test_drift_moves_cells_and_stripes():
    drifting = red_cells(40, 80, 0.0, seed=2, snr=0, stripes=100, drift=np.arange(40.0))
    assert np.abs(drifting.clean[10, 20:] - drifting.clean[0, 10:-10]).max() < 2
    assert drifting.slope == pytest.approx(1.0)
    assert drifting.drift[-1] == 39
    assert red_cells(40, 80, 1.0, drift=7.8).slope == pytest.approx(1.2)
    assert not red_cells(40, 80, 1.0).drift.any()


def test_bleaching_takes_what_it_says():
    whole = red_cells(50, 60, 2.0, snr=0).clean
    bleached = red_cells(50, 60, 2.0, snr=0, bleaching=0.4).clean
    assert bleached[0] == pytest.approx(whole[0])
    assert bleached[-1] == pytest.approx(0.6 * whole[-1], rel=1e-5)


@pytest.mark.parametrize("noise", ["gaussian", "poisson", "exponential"])
def test_noise_of_every_kind_is_as_strong_as_asked(noise):
    cells = red_cells(2000, 60, 5.3, snr=4, noise=noise, density=0.02)
    error = cells.pixels - cells.clean
    assert np.std(error) == pytest.approx(150, rel=0.06)
    assert np.mean(error) == pytest.approx(150 if noise == "exponential" else 0, abs=5)
    skewness = np.mean((error - error.mean()) ** 3) / np.std(error) ** 3
    assert skewness == pytest.approx(2 if noise == "exponential" else 0, abs=0.2)
    with pytest.raises(ValueError, match="noise"):
        red_cells(20, 20, 1.0, noise="pink")


# The published pictures


def test_the_grating_of_drew_moves_as_its_formula_says():
    picture = drew_picture(0)
    assert picture.pixels.shape == (1536, 96)
    t, x = 700, 41
    w = 30 + np.sin(0.0132 * t)
    expected = 0.5 * (1 + np.sin(2 * np.pi / 1000 * w * t + 2 * np.pi * x / 50))
    assert picture.clean[t - 1, x - 1] == pytest.approx(expected, abs=1e-5)
    # From line to line the phase of the grating is shifted by the truth.
    wave = np.exp(-2j * np.pi * np.arange(50) / 50)
    phase = np.unwrap(np.angle((picture.clean[:, :50] - 0.5) @ wave))
    assert -np.diff(phase) * 50 / (2 * np.pi) == pytest.approx(picture.velocity[:-1], abs=1e-4)
    noise = drew_picture(2).pixels - picture.clean
    assert noise.min() >= 0
    assert np.mean(noise) == pytest.approx(0.5, rel=0.02)
    assert np.std(noise) == pytest.approx(0.5, rel=0.02)


def test_the_ramp_of_kim_has_its_speed_and_its_noise():
    ramp = kim_ramp(8, seconds=1.0)
    assert ramp.pixels.shape == (2600, 280)
    time_s = (np.arange(2600) + 0.5) * ramp.seconds_per_line
    speed = ramp.velocity * ramp.um_per_pixel / ramp.seconds_per_line / 1000
    assert speed == pytest.approx(kim_speed_mm_per_s(time_s), abs=0.01)
    assert np.std(ramp.pixels - ramp.clean) == pytest.approx(1 / 8, rel=0.01)
    assert ramp.clean.min() == 0
    assert ramp.clean.max() == pytest.approx(1)
    assert ramp.clean.mean() == pytest.approx(0.35, abs=0.02)
    # The same particles under every noise; a whole-pixel step shifts the picture.
    assert np.array_equal(kim_ramp(1, seconds=0.2).clean, kim_ramp(8, seconds=0.2).clean)
