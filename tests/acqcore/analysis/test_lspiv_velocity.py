"""Line-scan PIV: truth, honest errors, flags, and the published ramp."""

from __future__ import annotations

import time

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis._lspiv_pairs import (
    Pairs,
    line_covariance,
    weighted_pairs,
    window_differences,
)
from acqcore.analysis._lspiv_windows import window_faults
from acqcore.analysis._windows import Windows, quarter_step_starts
from acqcore.analysis.base import Inputs, RunContext
from acqcore.errors import Cancelled, CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.synthetic import heart_beat, kim_ramp, red_cells

LSPIV = analysis("lspiv_velocity")
RADON = analysis("radon_velocity")


def known(line_s, pixel_um):
    return Calibration(line_s, pixel_um, "seconds", "um", "user")


def run(pixels, calibration=None, context=None, line_start=0, **parameters):
    inputs = Inputs(pixels, calibration or Calibration(), line_start=line_start)
    return LSPIV.run(inputs, LSPIV.parse(parameters), context or RunContext())


def window_truth(velocity, starts, lines):
    """Mean over the steps from line to line of each window."""
    travelled = np.concatenate([[0.0], np.cumsum(velocity)])
    return (travelled[starts + lines - 1] - travelled[starts]) / (lines - 1)


def starts_of(result, lines):
    return (result.table["time_index"] - lines / 2).astype(int)


# The parts


def silent(fraction: float) -> None:
    """Report to nobody."""


@pytest.mark.parametrize("shift", [1, 3])
def test_gamma_is_half_the_mean_squared_difference_of_what_both_lines_show(shift):
    pixels = np.random.default_rng(1).normal(size=(60, 21))
    windows = Windows(pixels, quarter_step_starts(60, 16), 16)
    pairs = Pairs(16, 21, shift)
    gamma = np.concatenate([d.gamma(1.0) for d in window_differences(windows, pairs, silent)])
    for number, start in enumerate(windows.starts):
        window = pixels[start : start + 16]
        earlier, later = window[:-shift], window[shift:]
        for column, lag in enumerate(pairs.lags):
            one = earlier[:, max(-lag, 0) : 21 - max(lag, 0)]
            other = later[:, max(lag, 0) : 21 + min(lag, 0)]
            expected = np.mean((one - other) ** 2) / 2
            assert gamma[number, column] == pytest.approx(expected, rel=1e-5)


def test_full_weighting_makes_the_spectrum_flat():
    cells = red_cells(400, 90, 3.3, snr=0)
    plain = Pairs(16, 90, 1)
    mean = cells.pixels.mean(axis=0)
    windows = Windows(cells.pixels, quarter_step_starts(400, 16), 16, mean)
    before = line_covariance(windows, plain)
    after = line_covariance(windows, weighted_pairs(windows, plain, 1.0))
    assert before[3] > 0.8 * before[0]
    assert after[3] < 0.5 * after[0]
    assert weighted_pairs(windows, plain, 0.0) is plain


# Numbers


@pytest.mark.parametrize(("line_s", "pixel_um"), [(0.001, 0.25), (0.0004, 0.5), (0.0021, 0.113)])
@pytest.mark.parametrize("slope", [1.37, -2.53, 7.71, -19.3])
def test_velocity_is_true_in_micrometres_per_second(line_s, pixel_um, slope):
    truth = slope * pixel_um / line_s
    cells = red_cells(2400, 64, slope, seed=11, snr=3)
    result = run(cells.pixels, known(line_s, pixel_um))
    error = (result.table["velocity"] - truth) / truth
    print(f"{truth:.1f} um/s: bias {np.median(error):+.2%}, spread {np.std(error):.2%}")
    assert result.summary["velocity_median"] == pytest.approx(truth, rel=0.02)
    assert result.summary["velocity_se_median"] < abs(truth) * 0.08


def test_no_fraction_of_a_pixel_is_preferred():
    for slope in (4.0, 4.125, 4.25, 4.375, 4.5, 4.625, 4.75, 4.875):
        cells = red_cells(1200, 100, slope, seed=4, snr=20)
        for weighting, within in (("none", 0.01), ("symmetric", 0.02), ("full", 0.03)):
            found = run(cells.pixels, phase_weighting=weighting, window_width=32)
            assert found.summary["velocity_mean"] == pytest.approx(slope, abs=within)


def test_it_agrees_with_the_slope_of_the_streaks():
    speed = heart_beat(3000, 2.8, seconds_per_line=0.001, rate_hz=7)
    cells = red_cells(3000, 60, speed, seed=6)
    radon = RADON.run(Inputs(cells.pixels, Calibration()), RADON.parse({}), RunContext()).table
    ours = run(cells.pixels).table
    assert tuple(radon) == tuple(ours)
    assert ours["time_index"].tolist() == radon["time_index"].tolist()
    spread = np.hypot(ours["velocity_se"], radon["velocity_se"])
    assert np.mean(np.abs(ours["velocity"] - radon["velocity"]) < 3 * spread) > 0.95


def test_without_calibration_velocity_is_in_pixels_per_line():
    result = run(red_cells(1200, 40, 2.3, seed=1).pixels)
    table = result.table
    assert list(table) == [column.name for column in LSPIV.columns]
    assert np.median(table["velocity"]) == pytest.approx(2.3, rel=0.02)
    assert np.allclose(table["velocity"], np.tan(np.deg2rad(table["theta_deg"])))
    assert table["time_s"].tolist() == table["time_index"].tolist()
    column = next(column for column in LSPIV.columns if column.name == "velocity")
    assert LSPIV.unit_of(column, Calibration()) == "px/line"


def test_a_stall_reads_zero_and_a_reversal_negative():
    speed = np.full(3000, 5.6)
    speed[800:1200] = 0
    speed[2000:2400] = -3.2
    table = run(red_cells(3000, 80, speed, seed=3).pixels).table
    middle, velocity = table["time_index"], table["velocity"]
    stalled = (middle > 840) & (middle < 1160) & (table["flag"] == "")
    assert stalled.sum() > 15
    assert np.abs(velocity[stalled]).max() < 0.3
    assert np.median(velocity[(middle > 2040) & (middle < 2360)]) == pytest.approx(-3.2, rel=0.03)


def test_a_longer_line_shift_measures_slow_flow_better():
    cells = red_cells(2400, 60, 0.43, seed=5)
    one, chosen = run(cells.pixels), run(cells.pixels, line_shift=0)
    assert chosen.summary["line_shift"] == 16
    error = [np.median(np.abs(found.table["velocity"] - 0.43)) for found in (one, chosen)]
    assert error[1] < 0.3 * error[0]
    assert run(red_cells(2400, 60, 16.3).pixels, line_shift=0).summary["line_shift"] == 1


def test_scan_speed_is_taken_out():
    cells = red_cells(2400, 60, 2.4, seed=2, scan_px_per_line=30)
    assert run(cells.pixels, known(0.001, 0.25)).summary["velocity_median"] > 640
    true = run(cells.pixels, known(0.001, 0.25), scan_speed_correction=7500.0)
    assert true.summary["velocity_median"] == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize("line_start", [0, 7])
def test_bidirectional_lines_are_paired_by_direction(line_start):
    cells = red_cells(2401, 70, 2.0, seed=3, scan_px_per_line=100, bidirectional=True, phase_px=2.7)
    pixels = cells.pixels[line_start % 2 :]
    found = run(
        pixels, known(0.001, 0.25), line_start=line_start, odd_even_lines=True,
        scan_speed_correction=25_000.0,
    )  # fmt: skip
    assert found.summary["velocity_median"] == pytest.approx(500, rel=0.01)


# The published ramp


def test_the_published_ramp_is_followed_to_160_mm_per_second():
    ramp = kim_ramp(8, seconds=2.15)
    found = run(
        ramp.pixels, known(ramp.seconds_per_line, ramp.um_per_pixel), window_width=8
    )  # fmt: skip
    starts = starts_of(found, 8)
    truth = window_truth(ramp.velocity, starts, 8) * ramp.um_per_pixel / ramp.seconds_per_line
    fast = found.table["time_s"] > 0.4
    assert truth.max() > 160_000
    error = ((found.table["velocity"] - truth) / truth)[fast]
    inside = np.abs(found.table["velocity"] - truth)[fast] / found.table["velocity_se"][fast]
    print(f"bias {np.mean(error):+.3%}, median error {np.median(np.abs(error)):.3%}")
    assert np.median(np.abs(error)) < 0.001
    assert abs(np.median(error)) < 0.0005
    assert abs(np.mean(error)) < 0.0005
    assert np.mean(inside < 1) == pytest.approx(0.68, abs=0.08)
    assert (found.table["flag"] == "").mean() > 0.98


def test_noise_as_strong_as_the_cells_is_survived_better_than_by_the_published_method():
    ramp = kim_ramp(0.5)
    found = run(ramp.pixels, window_width=32)
    starts = starts_of(found, 32)
    truth = window_truth(ramp.velocity, starts, 32)
    fast = starts > 1040
    ours = np.abs(found.table["velocity"] - truth) / truth
    theirs = np.abs(published(ramp.pixels, starts, 32) - truth) / truth
    assert np.median(ours[fast]) < 0.5 * np.median(theirs[fast])
    unflagged = fast & (found.table["flag"] == "")
    assert unflagged.sum() > 0.8 * fast.sum()
    assert np.mean(ours[unflagged] > 0.2) < 0.02


def published(pixels, starts, lines):
    """Kim et al.: circular correlation, symmetric phase weights, Gaussian peak."""
    spectrum = np.fft.fft(pixels - pixels.mean(axis=0), axis=1)
    cross = spectrum[:-1].conj() * spectrum[1:]
    cross /= np.sqrt(np.abs(spectrum[:-1]) * np.abs(spectrum[1:]))
    total = np.concatenate([np.zeros((1, cross.shape[1])), np.cumsum(cross, axis=0)])
    score = np.fft.ifft(total[starts + lines - 1] - total[starts], axis=1).real
    width, best, row = pixels.shape[1], score.argmax(axis=1), np.arange(len(starts))
    peak = [np.log(np.maximum(score[row, (best + k) % width], 1e-9)) for k in (-1, 0, 1)]
    bend = np.minimum(peak[0] - 2 * peak[1] + peak[2], -1e-9)
    found = best + np.clip((peak[0] - peak[2]) / bend / 2, -1, 1)
    return np.where(found > width / 2, found - width, found)


# Honest errors


@pytest.mark.parametrize("weighting", ["none", "symmetric"])
def test_intervals_cover_the_truth_as_often_as_they_say(weighting):
    inside = []
    for width, slope, seed in ((26, 2.7, 1), (64, 1.47, 2), (64, -8.3, 3), (128, 5.3, 4)):
        for lines in (16, 64):
            cells = red_cells(lines * 75, width, slope, seed=seed)
            table = run(cells.pixels, window_width=lines, phase_weighting=weighting).table
            good = table["flag"] == ""
            inside.append(np.abs(table["velocity"] - slope)[good] / table["velocity_se"][good])
    ratio = np.concatenate(inside)
    print(f"{np.mean(ratio < 1):.1%} and {np.mean(ratio < 1.96):.1%} of {len(ratio)}")
    assert np.mean(ratio < 1) == pytest.approx(0.68, abs=0.05)
    assert np.mean(ratio < 1.96) == pytest.approx(0.95, abs=0.03)


def test_a_pulse_within_the_window_is_in_the_error_bar():
    inside = []
    for seed in range(4):
        speed = heart_beat(6000, 4.1, seconds_per_line=0.001, rate_hz=8)
        table = run(red_cells(6000, 100, speed, seed=seed).pixels, window_width=64)
        truth = window_truth(speed, starts_of(table, 64), 64)
        inside.append(np.abs(table.table["velocity"] - truth) / table.table["velocity_se"])
    ratio = np.concatenate(inside)
    print(f"{np.mean(ratio < 1):.1%} and {np.mean(ratio < 1.96):.1%}")
    assert 0.6 < np.mean(ratio < 1) < 0.8
    assert np.mean(ratio < 1.96) > 0.9


# Flags


def test_windows_that_show_nothing_are_flagged():
    pixels = red_cells(1200, 30, 1.8, seed=4).pixels
    pixels[300:400] = 0
    pixels[600:700] = 4095
    table = run(pixels, window_width=32).table
    rejected = np.isin(table["flag"], ["blank", "saturated"])
    assert {"blank", "saturated"} <= set(table["flag"].tolist())
    assert np.isnan(table["velocity"][rejected]).all()
    assert np.isnan(table["theta_deg"][rejected]).all()
    for wrong in (np.nan, np.inf, -np.inf):
        spoilt = pixels.astype(float)
        spoilt[900, 3] = wrong
        table = run(spoilt, window_width=32).table
        near = (table["time_index"] > 885) & (table["time_index"] < 915)
        assert (table["flag"][near] == "blank").all()


def test_nothing_at_all_gives_no_number():
    for pixels in (
        np.zeros((200, 30)),
        np.full((200, 30), np.nan),
        np.full((200, 30), 7, np.uint8),
    ):
        result = run(pixels)
        assert np.isnan(result.table["velocity"]).all()
        assert set(result.table["flag"].tolist()) == {"blank"}
        assert result.summary["velocity_mean"] is None


def test_noise_is_flagged():
    noise = np.random.default_rng(1).normal(500, 50, (3000, 60))
    flag = run(noise).table["flag"]
    assert np.mean(flag == "low_snr") > 0.97


@pytest.mark.parametrize("noise", [0, 50])
def test_what_never_moves_is_static(noise):
    rng = np.random.default_rng(2)
    pixels = rng.normal(1000, 200, 40) + rng.normal(0, max(noise, 1e-9), (800, 40))
    result = run(pixels)
    assert set(result.table["flag"].tolist()) == {"static"}
    assert np.isnan(result.table["velocity"]).all()
    still = run(pixels, remove_stripes=False)
    assert np.median(still.table["velocity"]) == pytest.approx(0, abs=0.01)


def test_what_moves_by_more_than_half_the_line_is_out_of_range():
    fast = run(red_cells(2000, 100, 61.0, seed=1, snr=8, cell_px=(4, 12), edge_px=1).pixels)
    assert np.mean(fast.table["flag"] == "out_of_range") > 0.9


def test_a_periodic_pattern_is_aliased():
    line, column = np.mgrid[:400, :120]
    grating = 1000 + 300 * np.sin(2 * np.pi * (column - 5.3 * line) / 20)
    flag = run(grating + np.random.default_rng(1).normal(0, 30, grating.shape)).table["flag"]
    assert (flag == "aliased").all()


def test_faults_are_found_whatever_the_blocks():
    pixels = np.random.default_rng(1).normal(size=(64, 9))
    pixels[20:30] = 5
    windows = Windows(pixels, quarter_step_starts(64, 8), 8)
    flagged = window_faults(windows, silent) == "blank"
    assert windows.starts[flagged].tolist() == [20, 22]


# Doors


def test_wrong_regions_and_parameters_are_refused_in_a_sentence():
    with pytest.raises(CannotRun, match="63 lines"):
        run(np.zeros((63, 30)))
    with pytest.raises(CannotRun, match="7 pixels wide"):
        run(np.zeros((100, 7)))
    with pytest.raises(CannotRun, match="scan-speed"):
        run(np.zeros((100, 30)), scan_speed_correction=1000.0)
    with pytest.raises(InvalidParameter, match="half a window, 32"):
        run(np.zeros((100, 30)), line_shift=33)
    with pytest.raises(InvalidParameter, match="half a window, 16"):
        run(np.zeros((100, 30)), line_shift=17, odd_even_lines=True)
    with pytest.raises(InvalidParameter, match="multiple of 4"):
        LSPIV.parse({"window_width": 30})
    for preset in LSPIV.presets.values():
        LSPIV.parse(preset)


@pytest.mark.parametrize("width", [8, 9, 15, 700])
def test_every_width_and_height_works(width):
    cells = red_cells(70, width, 1.3, snr=9)
    for lines in (8, 64, 68):
        for weighting in ("none", "full"):
            result = run(cells.pixels, window_width=lines, phase_weighting=weighting)
            assert len(result.table["flag"]) == len(quarter_step_starts(70, lines))


@pytest.mark.timed
def test_cancel_takes_effect_at_once():
    pixels = np.tile(red_cells(12000, 128, 2.3, seed=1).pixels, (8, 1))
    run(pixels[:300])  # imports what it needs

    def lateness(after):
        pressed = time.perf_counter() + after
        context = RunContext(is_cancelled=lambda: time.perf_counter() > pressed)
        with pytest.raises(Cancelled):
            run(pixels, context=context)
        return time.perf_counter() - pressed

    assert min(lateness(after) for after in (0.02, 0.05, 0.08)) < 0.1


def test_progress_counts_windows():
    told = []
    context = RunContext(on_progress=lambda fraction, text: told.append((fraction, text)))
    run(red_cells(6000, 60, 1.0).pixels, context=context, odd_even_lines=True)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert 0.4 < fractions[-1] <= 1
    assert told[-1][1].endswith("of 372")
