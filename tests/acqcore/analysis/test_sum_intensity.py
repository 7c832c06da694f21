"""Line intensity: the reference's numbers, its defects mended, odd recordings, accessors."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.analysis.sum_intensity import (
    TRACES,
    event_points,
    event_table,
    intensity_trace,
    peak_events,
    percentile_f0_baseline,
    preset_parameters,
    width_trace,
)
from acqcore.errors import Cancelled, CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
from acqcore.run import plain
from acqcore.synthetic import calcium_transients
from acqcore.synthetic.calcium import transient_curve

GOLDEN = Path(__file__).parents[3] / "../shared/spec/golden.json"
INTENSITY = analysis("sum_intensity")
SMALL = np.repeat(np.array([1, 1, 1, 1, 2, 3, 6, 4, 2, 1, 1.0])[:, None], 4, axis=1)
SMALL_PARAMETERS = {
    "window_radius_points": 0,
    "filter_method": "none",
    "detrend_method": "none",
    "baseline_percentile": 0.0,
    "baseline_window_ms": 10.0,
    "derivative_threshold_per_sec": 500.0,
    "refractory_period_ms": 2.0,
    "peak_search_window_ms": 10.0,
    "width_search_window_ms": 20.0,
}


def run(pixels, line_s=0.001, context=None, **parameters):
    steps = Calibration(line_s, 0.25, "seconds", "um", "user") if line_s else Calibration()
    inputs = Inputs(pixels, steps)
    return INTENSITY.run(inputs, INTENSITY.parse(parameters), context or RunContext())


def record(result):
    table = ResultTable(result.table)
    key = AnalysisKey("sum_intensity", 0, 1)
    return AnalysisRecord(key, {}, plain(result.summary), table)


@pytest.fixture(scope="module")
def golden():
    if not GOLDEN.is_file():
        pytest.skip("the golden numbers are not here")
    return json.loads(GOLDEN.read_text())


def same(ours, golden, rtol=1e-6):
    """Every golden number is there; NaN and null are alike."""
    if isinstance(golden, dict):
        for name, value in golden.items():
            same(ours[name], value, rtol)
    elif isinstance(golden, list):
        assert len(ours) == len(golden)
        for one, other in zip(ours, golden, strict=True):
            same(one, other, rtol)
    elif isinstance(golden, float):
        assert ours == pytest.approx(golden, rel=rtol, abs=1e-12)
    elif golden is None:
        assert ours is None or np.isnan(ours)
    else:
        assert ours == golden


def synthetic_of_the_golden_numbers():
    """2500 lines, three events of 350 counts, a little noise; draws in the golden order."""
    rng = np.random.default_rng(2)
    time = np.arange(2500) * 0.00393
    noise, pixel_noise = rng.normal(0, 1, 2500), rng.normal(0, 1, (2500, 281))
    signal = np.zeros(2500)
    for onset in (1.0, 2.4, 3.8):
        curve = transient_curve(time - onset, 0.03, 0.25)
        signal += 350 * curve / curve.max()
    trace = (0.35 + 0.65 * np.exp(-time / 20)) * (1000 + signal) + noise
    return trace[:, None] + pixel_noise


# The reference's numbers


def test_small_golden_trace(golden):
    known = golden["sum_intensity_small"]
    result = run(SMALL, **known["params"])
    same(plain(result.summary), known["summary"])
    same({name: values.tolist() for name, values in result.table.items()}, known["table"])


def test_golden_synthetic_recording_is_rebuilt(golden):
    pixels = synthetic_of_the_golden_numbers()
    assert pixels[0, 0] == golden["synthetic_sum_seed2"]["image_0_0"]
    assert pixels.sum() == pytest.approx(golden["synthetic_sum_seed2"]["image_sum"], rel=1e-12)


@pytest.mark.parametrize("preset", ["fast", "medium", "slow", "schema_defaults"])
def test_golden_presets(golden, preset):
    known = golden[f"sum_intensity_synth_seed2_{preset}"]
    asked = {} if preset == "schema_defaults" else preset_parameters(preset)
    result = run(synthetic_of_the_golden_numbers(), 0.00393, **asked)
    ours = plain(result.summary)
    onsets = [one["onset"]["index"] for one in ours["peak_events"]]
    assert onsets == known["onsets"]
    # An exponential does not fit this decay: the least squares run along a valley in which
    # they end 6e-6 of F0 apart when the pixels change by one part in 10^13.
    same(ours, {k: v for k, v in known["summary"].items() if isinstance(v, float)}, 1e-5)
    exact = {k: v for k, v in known["summary"].items() if not isinstance(v, float)}
    same(ours, exact)
    if "first_event" in known:
        same(ours["peak_events"][0], known["first_event"], 3e-4)
        for name, values in known["df_f_head"].items():
            assert result.table[name][:5] == pytest.approx(
                values, abs=1e-5 * abs(max(values)) + 1e-5
            )


def test_rolling_mean_equals_brute_force():
    values = np.random.default_rng(0).normal(100, 5, 60)
    result = run(np.repeat(values[:, None], 3, axis=1), window_radius_points=4)
    means = [values[max(0, i - 4) : i + 5].mean() for i in range(60)]
    assert result.table["norm_sum_intensity"] == pytest.approx(means)


def test_presets_are_complete_copies():
    fast = preset_parameters("fast")
    assert set(fast) == {one.name for one in INTENSITY.schema().fields}
    fast["polarity"] = "negative"
    assert preset_parameters("fast")["polarity"] == "positive"
    assert preset_parameters("Fast events") == preset_parameters("fast")
    with pytest.raises(KeyError):
        preset_parameters("hasty")


def test_every_parameter_has_a_group():
    groups = {one.group for one in INTENSITY.schema().fields}
    assert groups == {"Preprocessing", "Peak Detection"}


# Defects of the reference


def test_an_unknown_pixel_stays_in_its_own_line():
    clean = run(SMALL, **SMALL_PARAMETERS)
    holed = SMALL.copy()
    holed[2, 1] = np.nan
    result = run(holed, **SMALL_PARAMETERS)
    assert np.array_equal(result.table["df_f_signal"], clean.table["df_f_signal"])
    holed[9] = np.nan
    for parameters in ({}, {"window_radius_points": 1}, {"filter_method": "median"}):
        result = run(holed, **SMALL_PARAMETERS | parameters)
        assert np.flatnonzero(np.isnan(result.table["df_f_signal"])).tolist() == [9]
    assert "1 of 11 lines" in result.summary["warnings"][0]


@pytest.mark.parametrize(
    "pixels",
    [
        np.ones((1, 5)), np.ones((2, 1)), np.ones((3, 4)), np.zeros((50, 4), np.uint8),
        np.full((50, 4), 255, np.uint8), np.full((50, 4), np.nan), np.full((1, 1), np.inf),
    ],
)  # fmt: skip
@pytest.mark.parametrize("preset", ["fast", "adaptive"])
@pytest.mark.parametrize("line_s", [0.002, None])
def test_recordings_that_show_nothing_have_no_events(pixels, preset, line_s):
    result = run(pixels, line_s, **preset_parameters(preset))
    assert list(result.table) == [column.name for column in INTENSITY.columns]
    assert {len(values) for values in result.table.values()} == {len(pixels)}
    assert result.summary["num_peaks"] == 0
    json.dumps(plain(result.summary), allow_nan=False)


def test_zero_brightness_has_no_relative_signal():
    result = run(np.zeros((50, 4)))
    assert np.isnan(result.table["df_f_signal"]).all()
    assert result.summary["status"] == "ok_with_errors"


def test_an_empty_roi_cannot_run():
    with pytest.raises(CannotRun):
        run(np.ones((0, 5)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"baseline_method": "manual", "manual_f0_baseline": 0.0}, {"level_fractions": "0.5,x"},
        {"level_fractions": "1.5"}, {"window_radius_points": -1}, {"baseline_percentile": 101.0},
    ],
)  # fmt: skip
def test_wrong_parameters(wrong):
    with pytest.raises(InvalidParameter):
        run(SMALL, **wrong)


def test_events_that_share_a_line_are_all_named():
    # The second onset is the peak of the first event, since the search goes that far.
    trace = np.array([1, 1, 2, 2, 2, 6, 2, 1, 1.0])
    parameters = SMALL_PARAMETERS | {
        "derivative_threshold_per_sec": 400.0,
        "baseline_percentile": 1.0,
    }
    pixels = np.repeat(trace[:, None], 2, axis=1)
    result = run(pixels, **parameters | {"peak_search_window_ms": 5.0, "refractory_period_ms": 0.0})
    events = result.summary["peak_events"]
    assert len(events) == 2
    assert events[0]["peak"]["index"] == events[1]["peak"]["index"] == 5
    assert result.table["event_ids"][5] == "1;2"
    assert result.table["peak_id"][5] == 1
    assert all("same line" in one["warnings"][-1] for one in events)
    assert result.summary["status"] == "ok_with_warnings"


@pytest.mark.timed
def test_a_stop_is_heard_inside():
    rng = np.random.default_rng(0)
    # A recording on which every step takes its time.
    pixels = rng.normal(100, 20, (30_000, 64))
    for preset in ("medium", "adaptive"):
        calls, last, longest = 0, time.process_time(), 0.0

        def stop():
            nonlocal calls, last, longest
            calls, now = calls + 1, time.process_time()
            longest, last = max(longest, now - last), now
            return calls > 40

        with pytest.raises(Cancelled):
            run(pixels, context=RunContext(is_cancelled=stop), **preset_parameters(preset))
        assert longest < 0.5


# Choices of ours


def test_sliding_f0_follows_a_drift():
    recording = calcium_transients(
        4000, 8, seconds_per_line=0.005, onsets_s=[3, 8, 13, 17], seed=1, bleach_s=8, amplitude=0.3
    )
    sliding = {
        "detrend_method": "none", "baseline_method": "sliding_percentile",
        "sliding_window_sec": 4.0, "baseline_percentile": 50.0, "window_radius_points": 0,
    }  # fmt: skip
    df_f = run(recording.pixels, 0.005, **sliding).table["df_f_signal"]
    whole = run(recording.pixels, 0.005, **sliding | {"baseline_method": "percentile"})
    assert abs(np.median(df_f[:500])) < 0.06
    assert abs(np.median(df_f[-400:])) < 0.06
    assert abs(np.median(whole.table["df_f_signal"][:500])) > 0.1


def test_dark_offset_is_subtracted_before_all_else():
    bright = run(SMALL + 100, dark_offset_method="manual", dark_offset=100.0, **SMALL_PARAMETERS)
    assert bright.table["df_f_signal"] == pytest.approx(
        run(SMALL, **SMALL_PARAMETERS).table["df_f_signal"]
    )
    percentile = run(SMALL + 100, dark_offset_method="percentile", dark_offset_percentile=0.0)
    assert percentile.table["norm_sum_intensity"].min() >= 0


def test_negative_events_mirror_positive_ones():
    up = run(SMALL, **SMALL_PARAMETERS | {"detection_source": "norm_sum_intensity"})
    down = run(
        -SMALL,
        **SMALL_PARAMETERS | {"detection_source": "norm_sum_intensity", "polarity": "negative"},
    )
    one, other = up.summary["peak_events"][0], down.summary["peak_events"][0]
    assert one["peak"]["amplitude"] == other["peak"]["amplitude"] == 5
    assert one["features"]["prominence"]["value"] == other["features"]["prominence"]["value"]
    slopes = [event["features"]["max_rise_slope"]["value"] for event in (one, other)]
    assert slopes[0] == -slopes[1]


def test_a_width_that_is_not_reached_is_said():
    step = np.repeat(np.array([1, 1, 1, 3, 5, 5, 5, 5, 5.0])[:, None], 2, axis=1)
    event = run(step, **SMALL_PARAMETERS).summary["peak_events"][0]
    assert {one["status"] for one in event["level_crossings"]} == {
        "right_not_found_within_width_search_window"
    }
    assert event["features"]["auc"]["status"] == "failed"
    assert event["features"]["auc"]["reason"] == "left_10_or_right_10_unavailable"


def test_without_a_line_time_everything_counts_lines():
    known = run(SMALL, **SMALL_PARAMETERS)
    unknown = run(SMALL, None, **SMALL_PARAMETERS)
    assert unknown.table["time_sec"].tolist() == list(range(11))
    assert unknown.summary["seconds_per_line"] is None
    events = [one.summary["peak_events"][0]["onset"]["index"] for one in (known, unknown)]
    assert events[0] == events[1]
    column = next(one for one in INTENSITY.columns if one.name == "d_df_f_signal")
    assert INTENSITY.unit_of(column, Calibration()) == "1/line"


# Accessors


def test_accessors_read_a_record():
    made = record(run(SMALL, **SMALL_PARAMETERS))
    for name in TRACES:
        x, y = intensity_trace(made, name)
        assert len(x) == len(y) == 11
    with pytest.raises(KeyError):
        intensity_trace(made, "brightness")
    assert [one.tolist() for one in event_points(made, "peaks")] == [[0.006], [5.0]]
    assert [one.tolist() for one in event_points(made, "onsets")] == [[0.003], [0.0]]
    x, y = width_trace(made, "width_50")
    assert x == pytest.approx([0.0051666667, 0.00725])
    assert y.tolist() == [2.5, 2.5]
    assert np.count_nonzero(np.isnan(width_trace(made)[0])) == 4
    assert percentile_f0_baseline(made, 50) == 1
    assert percentile_f0_baseline(made) == 1
    assert event_table(made)["auc"] == pytest.approx([0.01175])


def test_a_feature_that_is_not_stored_says_so():
    made = record(run(SMALL, **SMALL_PARAMETERS))
    del made.summary["peak_events"][0]["features"]["auc"]
    feature = peak_events(made)[0]["features"]["auc"]
    assert feature == {"value": None, "status": "not_available", "reason": "missing_from_json"}
