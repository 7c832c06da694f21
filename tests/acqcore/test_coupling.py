"""Coupling of two results: the reference's numbers, known lags, limits that hold, responses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acqcore.analysis.event import add_events, review_event
from acqcore.coupling import (
    Filter,
    Response,
    Signal,
    lagged_correlation,
    onset_times,
    triggered_average,
    triggered_events,
)
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable

GOLDEN = Path(__file__).parents[2] / "../shared/spec/golden.json"
PLAIN = Filter("none")
RAN = Provenance({}, (0, 10_000, 0, 30), (0.001, 0.25))


@pytest.fixture
def golden():
    if not GOLDEN.is_file():
        pytest.skip("golden numbers are not here")
    return json.loads(GOLDEN.read_text())["coupling"]


def golden_signals():
    rng = np.random.default_rng(5)
    leader = np.zeros(1500)
    for seed in (200, 600, 1000):
        leader[seed:] += np.exp(-np.arange(1500 - seed) / 60)
    leader += 0.02 * rng.normal(size=1500)
    slow = np.roll(np.convolve(leader, np.ones(40) / 40, "same"), 30)
    follower = 20 - 3 * slow + 0.05 * rng.normal(size=1500)
    time_s = np.arange(1500) * 0.004
    return Signal.of_arrays(time_s, leader), Signal.of_arrays(time_s, follower)


def similar(count, alike, rng):
    """Noise whose neighbours resemble each other: a first-order autoregressive process."""
    fresh = rng.standard_normal(count + 300) * np.sqrt(1 - alike**2)
    for at in range(1, len(fresh)):
        fresh[at] += alike * fresh[at - 1]
    return fresh[300:]


def record(name, time_s, roi_id=1, ran=RAN, **columns):
    x = {"radon_velocity": "time_s"}[name]
    table = ResultTable({x: np.asarray(time_s, float)} | columns)
    return AnalysisRecord(AnalysisKey(name, 0, roi_id), table=table, provenance=ran)


# Lagged correlation


def test_golden_correlation(golden):
    leader, follower = golden_signals()
    found = lagged_correlation(leader, follower, strict=True).summary()
    assert set(found) == set(golden["lag"])
    for name, expected in golden["lag"].items():
        assert found[name] == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize("lag", [-37, -1, 0, 5, 60])
def test_positive_lag_means_the_first_leads(lag):
    z = similar(2200, 0.9, np.random.default_rng(3))
    time_s = np.arange(2000) * 0.01
    leader = Signal.of_arrays(time_s, z[100:2100])
    follower = Signal.of_arrays(time_s, z[100 - lag : 2100 - lag])
    found = lagged_correlation(
        leader, follower, max_lag=80, leader_filter=PLAIN, follower_filter=PLAIN
    )
    assert found.summary()["strongest_absolute_lag_points"] == lag
    assert found.summary()["strongest_positive_correlation"] == pytest.approx(1)
    assert found.lag_s[0] == pytest.approx(-0.8)
    assert np.argmax(found.correlation) == lag + 80


@pytest.mark.parametrize("alike", [0.0, 0.9])
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_limits_hold_the_true_correlation(alike, rho):
    held, surprising = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        z, own = similar(2020, alike, rng), similar(2000, alike, rng)
        time_s = np.arange(2000) * 0.01
        leader = Signal.of_arrays(time_s, z[20:])
        follower = Signal.of_arrays(time_s, rho * z[:2000] + np.sqrt(1 - rho**2) * own)
        found = lagged_correlation(
            leader, follower, max_lag=30, leader_filter=PLAIN, follower_filter=PLAIN
        )
        held += int(found.low[50] <= rho <= found.high[50])
        surprising += int(found.p_value <= 0.05)
    print(f"{held} of 40 limits hold, {surprising} of 40 surprising")
    assert held >= 35
    assert surprising == 40 if rho else surprising <= 6


def test_neighbours_that_are_alike_widen_the_limits():
    rng, time_s = np.random.default_rng(1), np.arange(3000) * 0.01

    def width(alike):
        one, other = (Signal.of_arrays(time_s, similar(3000, alike, rng)) for _ in range(2))
        found = lagged_correlation(one, other, max_lag=10, leader_filter=PLAIN)
        return found.high[10] - found.low[10]

    assert width(0.98) > 3 * width(0.0)


def test_gaps_are_left_out_pair_by_pair():
    leader, follower = golden_signals()
    values = follower.values.copy()
    values[300:420] = np.nan
    found = lagged_correlation(leader, replace(follower, values=values))
    assert found.summary()["strongest_absolute_lag_points"] == pytest.approx(30, abs=2)
    assert found.num_pairs[250] == 1500 - 120


@pytest.mark.parametrize("values", [np.full(500, 3.0), np.full(500, np.nan)])
def test_nothing_to_correlate_is_said(values):
    time_s = np.arange(500) * 0.01
    flat = Signal.of_arrays(time_s, values)
    found = lagged_correlation(flat, Signal.of_arrays(time_s, np.sin(time_s)))
    assert found.summary()["warnings"] == ["no_valid_lag_correlations"]
    assert found.summary()["strongest_absolute_correlation"] is None
    assert found.p_value is None
    assert np.isnan(found.low).all()


def test_too_little_overlap_gives_no_number():
    leader, follower = golden_signals()
    found = lagged_correlation(leader, follower, max_lag=1450)
    assert np.isnan(found.correlation[:50]).all()
    assert np.isfinite(found.correlation[50])
    assert found.p_value is None  # no room to shift


def test_other_sampling_is_brought_onto_the_larger_step():
    rng = np.random.default_rng(2)
    fine = np.arange(20_000) * 0.001
    smooth = np.convolve(rng.standard_normal(20_400), np.ones(401) / 20, "valid")
    coarse = 0.05 + np.arange(1200) * 0.016
    follower = np.interp(coarse - 0.32, fine, smooth) + 0.05 * rng.standard_normal(1200)
    leader = Signal.of_arrays(fine, smooth + rng.standard_normal(20_000))
    other = Signal.of_arrays(coarse, follower)
    found = lagged_correlation(leader, other, max_lag=60, follower_filter=PLAIN)
    assert found.seconds_per_point == pytest.approx(0.016)
    assert found.summary()["strongest_absolute_lag_sec"] == pytest.approx(0.32, abs=0.017)
    with pytest.raises(CannotRun, match="same even times"):
        lagged_correlation(leader, other, strict=True)


def test_a_straight_line_can_be_taken_out():
    rng, time_s = np.random.default_rng(0), np.arange(1000) * 0.01
    one, other = (Signal.of_arrays(time_s, time_s * 5 + rng.normal(size=1000)) for _ in range(2))
    assert lagged_correlation(one, other).correlation[250] > 0.9
    assert abs(lagged_correlation(one, other, detrend=True).correlation[250]) < 0.2


# Records


def test_results_of_two_regions_share_the_clock_of_the_recording():
    z = similar(3000, 0.9, np.random.default_rng(0))
    later = replace(RAN, geometry=(200, 9_000, 0, 30))
    first = record("radon_velocity", np.arange(2000) * 0.01, velocity=z[:2000])
    second = record("radon_velocity", np.arange(1500) * 0.01, 2, later, velocity=z[20:1520])
    found = lagged_correlation(first, second, leader_filter=PLAIN, follower_filter=PLAIN)
    assert found.summary()["strongest_absolute_lag_points"] == 0
    with pytest.raises(CannotRun, match="same channel and ROI"):
        lagged_correlation(first, second, strict=True)
    old = replace(second, provenance=replace(later, steps=(0.002, 0.25)))
    with pytest.raises(CannotRun, match="line times"):
        lagged_correlation(first, old)


def test_flagged_rows_do_not_count():
    time_s, flag = np.arange(400) * 0.01, np.full(400, "", "U8")
    flag[:100] = "low_snr"
    one = record("radon_velocity", time_s, velocity=np.sin(time_s), flag=flag)
    assert np.isnan(Signal.of(one).values).sum() == 100
    with pytest.raises(CannotRun, match="no column"):
        Signal.of(one, "diameter")
    with pytest.raises(CannotRun, match="no trace"):
        Signal.of(replace(one, table=None))


def test_bad_requests_are_refused():
    leader, follower = golden_signals()
    for bad in ({"max_lag": -1}, {"min_overlap": 1}, {"confidence": 1.0}):
        with pytest.raises(InvalidParameter):
            lagged_correlation(leader, follower, **bad)
    for bad in (("mean", 3), ("median", 4), ("savgol", 3, 3)):
        with pytest.raises(InvalidParameter):
            Filter(*bad)
    with pytest.raises(InvalidParameter):
        Signal.of_arrays([0, 2, 1], [1, 1, 1])
    with pytest.raises(InvalidParameter):
        triggered_events([0.8], follower, response=Response("down"))
    with pytest.raises(CannotRun, match="no time in common"):
        lagged_correlation(leader, replace(follower, time_s=follower.time_s + 99))


# Responses


def test_golden_responses(golden):
    _, follower = golden_signals()
    found = triggered_events([0.8, 2.4, 4.0], follower)
    for one, expected in zip(found, golden["triggered"], strict=True):
        plain = one.to_dict()
        assert list(plain) == list(expected)
        json.dumps(plain, allow_nan=False)
        for name, value in expected.items():
            expected_value = pytest.approx(value, rel=1e-9) if type(value) is float else value
            assert plain[name] == expected_value, name


def test_a_known_dip_is_measured():
    time_s = np.arange(4000) * 0.005
    values = np.full(4000, 20.0)
    values[1100:1300] -= 4.0 * np.hanning(200)
    values[2100:2300] -= 2.0 * np.hanning(200)
    found = triggered_events([5.0, 10.0], Signal.of_arrays(time_s, values))
    assert [one.status for one in found] == ["ok", "ok"]
    assert [round(one.signed_amplitude, 3) for one in found] == [-4.0, -2.0]
    assert found[0].percent_amplitude == pytest.approx(-20, abs=0.01)
    assert found[0].time_to_extremum_from_seed_sec == pytest.approx(1.0, abs=0.01)
    assert found[0].baseline_value == 20.0
    assert found[0].recovery_detected
    up = triggered_events(
        [5.0], Signal.of_arrays(time_s, 40 - values), response=Response("positive")
    )
    assert up[0].amplitude == pytest.approx(4.0, abs=1e-3)


def test_statuses_and_warnings():
    time_s = np.arange(1000) * 0.01
    signal = Signal.of_arrays(time_s, np.concatenate([np.full(500, 5.0), np.linspace(5, 0, 500)]))
    first, last = triggered_events([0.0, 6.0], signal)
    assert (first.status, first.baseline_value, first.warnings) == ("failed", None, ())
    assert last.status == "partial"
    assert last.warnings == (
        "recovery_not_detected_before_event_stop", "event_truncated_by_signal_end",
    )  # fmt: skip
    assert triggered_events([99.0, -4.0], signal) == []
    missing = replace(signal, values=np.full(1000, np.nan))
    assert [one.status for one in triggered_events([4.0], missing)] == ["failed"]


def test_onsets_of_events_and_of_transients():
    time_s = np.arange(1000) * 0.01
    velocity = record("radon_velocity", time_s, velocity=np.sin(time_s))
    empty = AnalysisRecord(AnalysisKey("event", 0, 1))
    drawn = add_events(empty, velocity, [(5.0, 4.0), (2.0, 3.0), (7.0, 8.0)])
    assert onset_times(drawn).tolist() == [2.0, 4.0, 7.0]
    assert onset_times(review_event(drawn, 2, False)).tolist() == [4.0, 7.0]
    peaks = {"peak_events": [{"onset": {"time_sec": 0.5}}]}
    calcium = AnalysisRecord(AnalysisKey("sum_intensity", 0, 1), summary=peaks)
    later = replace(RAN, geometry=(100, 900, 0, 5))
    assert onset_times(replace(calcium, provenance=later)).tolist() == [0.6]
    assert len(triggered_events(drawn, velocity)) == 3
    with pytest.raises(CannotRun, match="no onsets"):
        onset_times(velocity)


def test_an_average_shows_what_single_onsets_hide():
    rng = np.random.default_rng(4)
    time_s, values = np.arange(30_000) * 0.005, rng.standard_normal(30_000)
    onsets = np.arange(1000, 28_000, 700)
    for at in onsets:
        values[at + 20 : at + 120] -= 0.8
    signal = Signal.of_arrays(time_s, values)
    found = triggered_average(onsets * 0.005, signal, post=200)
    assert found.offset_s[[0, 50, -1]].tolist() == pytest.approx([-0.25, 0, 1.0])
    assert found.count.tolist() == [len(onsets)] * 251
    dip = slice(50 + 20, 50 + 120)
    assert found.mean[dip].mean() == pytest.approx(-0.8, abs=0.05)
    assert np.median(found.error) == pytest.approx(1 / np.sqrt(len(onsets)), rel=0.2)
    outside = (found.mean < found.chance_low) | (found.mean > found.chance_high)
    assert outside[dip].mean() > 0.8
    assert outside[190:].mean() < 0.2
    with pytest.raises(CannotRun, match="onset"):
        triggered_average([], signal)
