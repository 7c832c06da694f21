"""Sparks and waves whose place, time, size and speed are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.errors import Cancelled, CannotRun
from acqcore.model.header import Calibration
from acqcore.run import plain
from acqcore.synthetic import Spark, Wave, calcium_sparks

SPARKS = analysis("calcium_sparks")
LINE_S, PIXEL_UM = 0.002, 0.2


def run(pixels, calibrated=True, context=None, **parameters):
    steps = Calibration(LINE_S, PIXEL_UM, "seconds", "um", "user") if calibrated else Calibration()
    return SPARKS.run(Inputs(pixels, steps), SPARKS.parse(parameters), context or RunContext())


def scattered(count, seconds, length_um, seed):
    """Sparks of various sizes that do not touch."""
    rng = np.random.default_rng(seed)
    sparks: list[Spark] = []
    while len(sparks) < count:
        at, place = rng.uniform(0.1, seconds - 0.2), rng.uniform(2, length_um - 2)
        if all(abs(at - one.time_s) > 0.12 or abs(place - one.place_um) > 5 for one in sparks):
            width, decay = 2 * np.exp(rng.normal(0, 0.2)), 0.03 * np.exp(rng.normal(0, 0.2))
            sparks.append(Spark(at, place, 1.0, width, 0.006, decay))
    return sparks


def recording(sparks=(), waves=(), lines=1500, pixels=160, noise=0.5, seed=1):
    return calcium_sparks(
        lines, pixels, seconds_per_line=LINE_S, um_per_pixel=PIXEL_UM, sparks=sparks, waves=waves,
        noise=noise, shot_noise=True, seed=seed,
    )  # fmt: skip


def pairs(sparks, table):
    """Row of each spark that was found."""
    rows = set(np.flatnonzero(table["kind"] == "spark").tolist())
    found = []
    for spark in sparks:
        for row in sorted(rows):
            late = abs(table["time_sec"][row] - spark.peak_s)
            if late < 0.03 and abs(table["position_um"][row] - spark.place_um) < 1.5:
                rows.remove(row)
                found.append((spark, row))
                break
    return found


@pytest.mark.parametrize(("snr", "least"), [(3.0, 0.95), (2.0, 0.95), (1.33, 0.85)])
def test_sparks_are_found_and_measured(snr, least):
    sparks = scattered(16, 3.0, 32.0, 3)
    result = run(recording(sparks, noise=1 / snr).pixels)
    table, found = result.table, pairs(sparks, result.table)
    print(f"SNR {snr}: {len(found)} of {len(sparks)}, {len(table['flag'])} rows")
    assert len(found) / len(sparks) >= least
    assert len(found) / len(table["flag"]) >= 0.95
    ratios = {
        "amplitude": [table["amplitude"][row] / spark.amplitude for spark, row in found],
        "fwhm_um": [table["fwhm_um"][row] / spark.fwhm_um for spark, row in found],
        "fdhm_sec": [table["fdhm_sec"][row] / spark.fdhm_s for spark, row in found],
    }
    for values in ratios.values():
        assert np.median(values) == pytest.approx(1, abs=0.15)


def test_noise_has_no_sparks():
    result = run(recording(noise=0.5, seed=9).pixels)
    assert result.summary["num_sparks"] <= 1
    assert result.summary["num_waves"] == 0


def test_frequency_is_per_length_and_time():
    sparks = scattered(12, 3.0, 32.0, 5)
    summary = run(recording(sparks, noise=0.33).pixels).summary
    assert summary["sparks_per_100um_per_s"] == pytest.approx(12 / 0.32 / 3.0, rel=0.1)


@pytest.mark.parametrize("speed", [60.0, 130.0])
def test_a_wave_is_one_event_with_its_speed(speed):
    result = run(recording(waves=[Wave(0.8, 12.0, speed)], noise=0.33).pixels)
    rows = np.flatnonzero(result.table["kind"] == "wave")
    assert len(rows) == 1
    assert result.table["speed_um_per_s"][rows[0]] == pytest.approx(speed, rel=0.1)
    assert result.table["position_um"][rows[0]] == pytest.approx(12, abs=2)
    assert result.summary["num_sparks"] <= 1


def test_without_calibration_units_are_lines_and_pixels():
    sparks = scattered(6, 3.0, 32.0, 7)
    pixels = recording(sparks, noise=0.33).pixels
    known = run(pixels).table
    asked = {"spark_width_um": 10.0, "spark_duration_ms": 15.0, "wave_length_um": 60.0}
    result = run(pixels, calibrated=False, drift_window_sec=1.0, **asked)
    assert result.table["time_sec"] == pytest.approx(known["time_sec"] / LINE_S, abs=1)
    assert result.table["position_um"] == pytest.approx(known["position_um"] / PIXEL_UM, abs=1)
    assert result.summary["sparks_per_100um_per_s"] is None
    assert "not calibrated" in result.summary["warnings"][0]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((60, 10), np.uint16), np.full((60, 10), 7.0), np.full((60, 10), np.nan),
        np.full((60, 10), 65535, np.uint16), np.full((8, 4), -3.0),
    ],
)  # fmt: skip
def test_recordings_that_show_nothing_have_no_rows(pixels):
    result = run(pixels)
    assert list(result.table) == [column.name for column in SPARKS.columns]
    assert len(result.table["flag"]) == 0
    json.dumps(plain(result.summary), allow_nan=False)


def test_unknown_pixels_do_not_hide_sparks():
    sparks = scattered(6, 3.0, 32.0, 11)
    pixels = recording(sparks, noise=0.33).pixels.astype(float)
    pixels[400] = np.nan
    pixels[:, 80] = np.nan
    table = run(pixels).table
    assert len(pairs(sparks, table)) >= 5


def test_small_rois_cannot_run():
    with pytest.raises(CannotRun):
        run(np.ones((1, 50)))


def test_a_stop_is_heard():
    calls = iter(range(10_000))
    context = RunContext(is_cancelled=lambda: next(calls) > 60)
    with pytest.raises(Cancelled):
        run(recording(noise=0.5).pixels, context=context)
