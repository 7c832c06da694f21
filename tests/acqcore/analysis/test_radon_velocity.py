"""The velocity analysis as the program runs it: units, signs, flags, cancel, old tables."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.errors import Cancelled, CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.synthetic import red_cells

SHARED = Path(__file__).parents[3] / "../shared"
GOLDEN = SHARED / "spec/golden.json"
SIDECARS = SHARED / "data/reference_sidecars"
VELOCITY = analysis("radon_velocity")


def known(line_s, pixel_um):
    return Calibration(line_s, pixel_um, "seconds", "um", "user")


def run(pixels, calibration=None, context=None, line_start=0, **parameters):
    inputs = Inputs(pixels, calibration or known(0.001, 0.25), line_start=line_start)
    return VELOCITY.run(inputs, VELOCITY.parse(parameters), context or RunContext())


def flags(result):
    return set(result.table["flag"].tolist())


# Numbers


@pytest.mark.parametrize(("line_s", "pixel_um"), [(0.001, 0.25), (0.0005, 0.5), (0.0021, 0.113)])
@pytest.mark.parametrize("slope", [0.37, -1.53, 3.71, -7.9])
def test_velocity_is_true_in_micrometres_per_second(line_s, pixel_um, slope):
    truth = slope * pixel_um / line_s
    cells = red_cells(2400, 48, slope, seed=11, snr=3)
    result = run(cells.pixels, known(line_s, pixel_um))
    error = (result.table["velocity"] - truth) / truth
    print(f"{truth:.1f} um/s: bias {np.median(error):+.2%}, spread {np.std(error):.2%}")
    assert np.median(result.table["velocity"]) == pytest.approx(truth, rel=0.02)
    assert result.summary["velocity_median"] == pytest.approx(truth, rel=0.02)


@pytest.mark.parametrize("estimator", ["unbiased", "classic"])
def test_positive_is_towards_higher_columns(estimator):
    lines, columns = np.mgrid[:256, :40]
    moving = 1000 + 500 * np.sin((columns - 1.3 * lines) / 4)
    assert run(moving, estimator=estimator).summary["velocity_median"] > 0
    assert run(moving[:, ::-1], estimator=estimator).summary["velocity_median"] < 0


def test_without_calibration_velocity_is_in_pixels_per_line():
    cells = red_cells(1200, 40, 2.3, seed=1)
    result = run(cells.pixels, Calibration())
    velocity = result.table["velocity"]
    assert np.median(velocity) == pytest.approx(2.3, rel=0.02)
    assert np.allclose(velocity, np.tan(np.deg2rad(result.table["theta_deg"])))
    assert result.table["time_s"].tolist() == result.table["time_index"].tolist()
    column = next(column for column in VELOCITY.columns if column.name == "velocity")
    assert VELOCITY.unit_of(column, Calibration()) == "px/line"


def test_the_table_has_the_declared_columns_and_times():
    result = run(red_cells(200, 30, 1.2).pixels, window_width=32)
    assert list(result.table) == [column.name for column in VELOCITY.columns]
    assert result.table["time_index"].tolist()[:3] == [16, 24, 32]
    assert result.table["time_s"][1] == pytest.approx(0.024)
    assert result.summary["num_windows"] == len(result.table["flag"]) == 22
    assert all(type(value) in (int, float, str) for value in result.summary.values())


def test_a_stall_reads_zero():
    speed = np.full(3000, 2.6)
    speed[1200:1700] = 0
    result = run(red_cells(3000, 50, speed, seed=3).pixels, Calibration())
    middle = result.table["time_index"]
    stalled = (middle > 1240) & (middle < 1660)
    clear = stalled & (result.table["flag"] == "")
    assert clear.sum() > 0.9 * stalled.sum()
    assert np.abs(result.table["velocity"][clear]).max() < 0.1


def test_scan_speed_is_taken_out():
    cells = red_cells(2400, 60, 2.4, seed=2, scan_px_per_line=30)
    apparent = run(cells.pixels, known(0.001, 0.25)).summary["velocity_median"]
    true = run(cells.pixels, known(0.001, 0.25), scan_speed_correction=7500.0)
    assert apparent > 640
    assert true.summary["velocity_median"] == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize("line_start", [0, 7])
def test_odd_and_even_lines_are_measured_apart(line_start):
    cells = red_cells(2400, 60, 1.7, seed=8)
    bidirectional = cells.pixels.copy()
    # The way back shows everything three pixels late, which together looks like a zigzag.
    bidirectional[1::2] = np.roll(bidirectional[1::2], 3, axis=1)
    apart = run(bidirectional, Calibration(), line_start=line_start, odd_even_lines=True)
    assert apart.summary["velocity_median"] == pytest.approx(1.7, rel=0.02)
    assert np.nanmedian(apart.table["velocity_se"]) < 0.1


def test_the_way_back_of_the_beam_is_corrected_the_other_way():
    there = red_cells(2000, 60, 2.0, seed=3, scan_px_per_line=40).pixels
    back = red_cells(2000, 60, 2.0, seed=3, scan_px_per_line=-40).pixels
    pixels = there.copy()
    pixels[1::2] = back[1::2]
    options = {"odd_even_lines": True, "scan_speed_correction": 10000.0}
    result = run(pixels, known(0.001, 0.25), **options)
    assert result.summary["velocity_median"] == pytest.approx(500, rel=0.01)
    # A crop that starts on a way back.
    result = run(pixels[1:], known(0.001, 0.25), line_start=1, **options)
    assert result.summary["velocity_median"] == pytest.approx(500, rel=0.01)


# Flags


@pytest.mark.parametrize("estimator", ["unbiased", "classic"])
def test_windows_that_show_nothing_are_flagged(estimator):
    pixels = red_cells(1200, 30, 1.8, seed=4).pixels
    pixels[300:400] = 0
    pixels[600:700] = 4095
    result = run(pixels, estimator=estimator, window_width=32)
    assert {"blank", "saturated"} <= flags(result)
    rejected = np.isin(result.table["flag"], ["blank", "saturated"])
    assert np.isnan(result.table["velocity"][rejected]).all()
    assert np.isnan(result.table["theta_deg"][rejected]).all()
    assert result.summary["num_flagged"] >= rejected.sum()
    pixels = pixels.astype(float)
    pixels[900, 3] = np.nan
    nan = run(pixels, estimator=estimator, window_width=32).table
    assert (nan["flag"][(nan["time_index"] > 885) & (nan["time_index"] < 915)] == "blank").all()


def test_a_pattern_that_fits_two_speeds_is_aliased():
    rng = np.random.default_rng(4)
    line, column = np.mgrid[:2000, :60]
    # Half a period per line: there or back looks the same.
    comb = 1000 + 300 * np.sign(np.sin(2 * np.pi * (column - 5.0 * line + 0.3) / 10))
    result = run(comb + rng.normal(0, 60, comb.shape), window_width=32)
    assert np.mean(result.table["flag"] == "aliased") > 0.5
    assert np.median(result.table["velocity_se"]) > 0.5 * 5 * 250


def test_where_nothing_can_be_known_the_error_says_so():
    cells = red_cells(1600, 16, 0.31, seed=2, snr=0.67)
    result = run(cells.pixels, Calibration(), window_width=16)
    clear = result.table["flag"] == ""
    assert clear.mean() < 0.25
    assert np.isfinite(result.table["velocity_se"]).all()
    assert np.median(result.table["velocity_se"]) > 1


def test_noise_is_flagged_and_kept_out_of_the_summary():
    noise = np.random.default_rng(1).normal(500, 50, (3000, 30))
    result = run(noise)
    assert np.mean(result.table["flag"] == "low_snr") > 0.98
    if result.summary["num_flagged"] == result.summary["num_windows"]:
        assert result.summary["velocity_mean"] is None


@pytest.mark.parametrize("noise", [0, 50])
def test_what_never_moves_is_static_by_default_and_zero_in_classic(noise):
    rng = np.random.default_rng(2)
    pixels = rng.normal(1000, 200, 40) + rng.normal(0, max(noise, 1e-9), (800, 40))
    result = run(pixels)
    assert flags(result) == {"static"}
    assert np.isnan(result.table["velocity"]).all()
    assert result.summary["velocity_cv"] is None
    assert run(pixels, estimator="classic").summary["velocity_median"] == 0
    assert run(pixels, remove_stripes=False).summary["velocity_median"] == pytest.approx(
        0, abs=0.01
    )


def test_a_streak_along_the_line_has_no_velocity_in_classic():
    lines = np.repeat(1000 + 300 * np.sin(np.arange(256) / 3)[:, None], 30, axis=1)
    result = run(lines, estimator="classic")
    assert flags(result) == {"out_of_range"}
    assert np.isnan(result.table["velocity"]).all()


# Doors


def test_too_small_regions_are_refused_in_a_sentence():
    with pytest.raises(CannotRun, match="63 lines"):
        run(np.zeros((63, 30)))
    with pytest.raises(CannotRun, match="7 pixels wide"):
        run(np.zeros((100, 7)))
    with pytest.raises(CannotRun, match="scan-speed"):
        run(np.zeros((100, 30)), Calibration(), scan_speed_correction=1000.0)
    assert len(run(np.zeros((64, 30))).table["flag"]) == 1


def test_parameters_are_checked():
    with pytest.raises(InvalidParameter, match="multiple of 4"):
        VELOCITY.parse({"window_width": 30})
    with pytest.raises(ValueError, match="estimator"):
        VELOCITY.parse({"estimator": "best"})
    for preset in VELOCITY.presets.values():
        VELOCITY.parse(preset)
    assert VELOCITY.parse({}).estimator == "unbiased"


@pytest.mark.timed
@pytest.mark.parametrize("estimator", ["unbiased", "classic"])
def test_cancel_takes_effect_at_once(estimator):
    pixels = np.tile(red_cells(12000, 64, 2.3, seed=1).pixels, (8, 1))
    run(pixels[:300], estimator=estimator)  # imports what it needs
    late = min(_lateness_of_cancel(pixels, estimator, after) for after in (0.02, 0.05, 0.08))
    assert late < 0.1


def _lateness_of_cancel(pixels, estimator, after):
    pressed = time.perf_counter() + after
    context = RunContext(is_cancelled=lambda: time.perf_counter() > pressed)
    with pytest.raises(Cancelled):
        run(pixels, context=context, estimator=estimator)
    return time.perf_counter() - pressed


def test_progress_counts_windows():
    told = []
    context = RunContext(on_progress=lambda fraction, text: told.append((fraction, text)))
    run(red_cells(3000, 30, 1.0).pixels, context=context, odd_even_lines=True)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert 0.5 < fractions[-1] <= 1
    assert told[-1][1].endswith("of 184")


# Other programs


@pytest.mark.skipif(not GOLDEN.is_file(), reason="needs the golden numbers")
def test_classic_angles_are_the_golden_ones():
    golden = json.loads(GOLDEN.read_text())
    line, column = np.mgrid[:96, :32]
    sine = (np.sin((column + line) / 8) * 100 + 200).astype(np.float32)
    result = run(sine, known(0.001, 0.2), estimator="classic", window_width=16)
    expected = golden["radon_sine_96x32"]["table"]
    for name in ("time_s", "time_index", "theta_deg"):
        assert result.table[name].tolist() == expected[name]
    assert result.table["velocity"] == pytest.approx(
        200 * np.tan(np.deg2rad(expected["theta_deg"]))
    )
    recording = SHARED / "data/angii/20250722_A89_0002.tif"
    pixels = tifffile.imread(recording)
    for lines, width in ((1024, 64), (400, 16)):
        theta = golden[f"radon_real_A89_0002_first{lines}rows_w{width}"]["table_head20"]
        result = run(pixels[:lines], estimator="classic", window_width=width)
        assert result.table["theta_deg"][:20].tolist() == theta["theta_deg"]


def inverted(step, theta):
    velocity = step / np.tan(np.deg2rad(theta))
    index = 32.0 + 16 * np.arange(len(theta))
    return {
        "time_s": index * 0.5, "time_index": index, "theta_deg": theta, "velocity": velocity,
    }  # fmt: skip


def test_inverted_velocities_are_put_right():
    theta = np.array([30.0, 60.0, 120.25, -2.0, 90.0])
    table, summary, note = VELOCITY.mended(inverted(20.0, theta), {"x": 1}, Calibration())
    assert "inverted" in note
    assert table["velocity"][:3] == pytest.approx(20 * np.tan(np.deg2rad(theta[:3])))
    assert table["flag"].tolist() == ["", "", "", "blank", "out_of_range"]
    assert list(table) == [column.name for column in VELOCITY.columns]
    assert summary["x"] == 1
    assert summary["velocity_median"] == pytest.approx(20 * np.tan(np.deg2rad(30)))
    table, _, _ = VELOCITY.mended(inverted(20.0, theta), {}, known(0.001, 0.3))
    assert table["velocity"][0] == pytest.approx(300 * np.tan(np.deg2rad(30)))
    assert table["time_s"][0] == pytest.approx(0.032)


def test_stationary_streaks_come_back_as_zero():
    theta = np.array([0.0, 45.0, 10.0])
    with np.errstate(divide="ignore"):
        table = inverted(20.0, theta)
    table["velocity"][0] = np.nan
    assert VELOCITY.mended(table, {}, Calibration())[0]["velocity"][0] == 0


def test_right_tables_are_left_alone():
    result = run(red_cells(400, 30, 1.2).pixels)
    assert VELOCITY.mended(result.table, result.summary, Calibration())[2] == ""
    older = {name: result.table[name] for name in ("theta_deg", "velocity")}
    table, summary, note = VELOCITY.mended(older, result.summary, Calibration())
    assert (table, summary, note) == (older, result.summary, "")


@pytest.mark.skipif(not SIDECARS.is_dir(), reason="needs the sidecars of the reference")
@pytest.mark.parametrize(
    "path", sorted(SIDECARS.glob("*.radon_velocity.csv")), ids=lambda p: p.name
)
def test_tables_of_the_reference_are_mended(path):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("time_s", "time_index", "theta_deg", "velocity")
    table = {name: np.array([float(row[name] or "nan") for row in rows]) for name in names}
    mended, summary, note = VELOCITY.mended(table, {}, known(0.001, 0.3))
    assert note
    usable = mended["flag"] == ""
    assert usable.mean() > 0.95
    expected = 300 * np.tan(np.deg2rad(table["theta_deg"][usable]))
    assert mended["velocity"][usable] == pytest.approx(expected)
    assert summary["num_windows"] == len(rows)
