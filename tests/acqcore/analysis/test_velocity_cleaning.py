"""Faults of a velocity set aside, by rules that say so; the measured velocity stays."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.errors import CannotRun
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable

CLEANING = analysis("velocity_cleaning")


def record_of(velocity, error=0.1, flag=None):
    count = len(velocity)
    table = {
        "time_s": 0.016 * np.arange(count),
        "time_index": 16.0 * np.arange(count),
        "velocity": np.asarray(velocity, float),
        "velocity_se": np.full(count, error),
        "flag": np.full(count, "", "U12") if flag is None else np.asarray(flag, "U12"),
    }
    return AnalysisRecord(AnalysisKey("radon_velocity", 0, 1), table=ResultTable(table))


def clean(velocity_record, **parameters):
    inputs = Inputs(np.zeros((8, 8)), Calibration(), parents={"radon_velocity": velocity_record})
    return CLEANING.run(inputs, CLEANING.parse(parameters), RunContext())


def pulsing(count=300):
    rng = np.random.default_rng(1)
    return 3 + np.sin(np.arange(count) / 9) + rng.normal(0, 0.1, count)


def test_a_good_velocity_is_left_alone():
    velocity = pulsing()
    result = clean(record_of(velocity))
    assert result.table["velocity"].tolist() == velocity.tolist()
    assert set(result.table["rule"].tolist()) == {""}
    assert not result.table["filled"].any()
    assert list(result.table) == [column.name for column in CLEANING.columns]


def test_every_rule_is_told_and_the_measured_velocity_stays():
    velocity = pulsing()
    truth = velocity.copy()
    velocity[50] = 30
    velocity[120:123] = np.nan
    flag = np.full(300, "", "U12")
    flag[200:204] = "low_snr"
    velocity[200:204] = -9
    parent = record_of(velocity, flag=flag)
    result = clean(parent)
    rule = result.table["rule"]
    assert rule[50] == "outlier"
    assert (rule[120:123] == "missing").all()
    assert (rule[200:204] == "flagged").all()
    assert np.count_nonzero(rule != "") == result.table["filled"].sum() == 8
    assert np.abs(result.table["velocity"] - truth).max() < 0.6
    assert np.isnan(result.table["velocity_se"][rule != ""]).all()
    assert parent.table["velocity"][50] == 30
    expected = {"num_missing": 3, "num_flagged": 4, "num_outliers": 1, "num_filled": 8}
    assert expected.items() <= result.summary.items()


def test_each_rule_can_be_turned_off():
    velocity = pulsing()
    velocity[50] = 30
    flag = np.full(300, "", "U12")
    flag[200:204] = "low_snr"
    off = {"drop_flagged": False, "outlier_deviations": 0.0, "longest_gap": 0}
    result = clean(record_of(velocity, flag=flag), **off)
    assert result.table["velocity"].tolist() == velocity.tolist()
    kept = clean(record_of(velocity, flag=flag), longest_gap=0).table["velocity"]
    assert np.flatnonzero(np.isnan(kept)).tolist() == [50, 200, 201, 202, 203]


def test_long_gaps_and_ends_stay_open():
    velocity = pulsing()
    velocity[:3] = velocity[100:109] = np.nan
    velocity[200:208] = np.nan
    left = clean(record_of(velocity)).table["velocity"]
    assert np.flatnonzero(np.isnan(left)).tolist() == [0, 1, 2, *range(100, 109)]


def test_steps_of_the_flow_and_equal_velocities_are_no_outliers():
    stalled = np.where((np.arange(200) > 80) & (np.arange(200) < 120), 0.0, 3.0)
    assert clean(record_of(stalled)).summary["num_outliers"] == 0
    almost = np.full(200, 3.0)
    almost[90] = 3.2
    assert clean(record_of(almost)).summary["num_outliers"] == 0


def test_nothing_to_clean_is_a_sentence_or_empty():
    assert clean(record_of(np.full(20, np.nan))).summary["velocity_mean"] is None
    with pytest.raises(CannotRun, match="not there"):
        clean(AnalysisRecord(AnalysisKey("radon_velocity", 0, 1)))
