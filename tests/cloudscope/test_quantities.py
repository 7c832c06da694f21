"""Numbers in words."""

from __future__ import annotations

import math

import pytest

from acqcore.analysis import analyses
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from cloudscope.views.quantities import (
    interval,
    measured,
    number,
    ran_calibration,
    shown_curve,
)

STEPS = Calibration(0.001, 0.25, "seconds", "um", "Olympus text file")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(-0.5, 1, "−0.5"), (-0.04, 1, "0.0"), (12345, 0, "12\u2009345"), (math.nan, 2, "–")],
)
def test_number(value, decimals, text):
    assert number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.4312, 0.048, "0.43 ± 0.05 mm/s"),
        (0.46214, 0.0042, "0.462 ± 0.004 mm/s"),
        (-1.1432, 0.112, "−1.14 ± 0.11 mm/s"),
        (0.4312, math.nan, "0.431 mm/s"),
        (462.0, 12.3, "462 ± 12 mm/s"),
        (math.nan, 0.1, "–"),
    ],
)
def test_measured(value, error, text):
    assert measured(value, error, "mm/s") == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.0901, 0.7123, "0.09 to 0.71"),
        (-1.62, -0.094, "−1.62 to −0.09"),
        (12.3, 160.2, "12 to 160"),
        (0.01, 0.052, "0.010 to 0.052"),
    ],
)
def test_interval(low, high, text):
    assert interval(low, high, "") == text


def test_velocity_is_shown_in_millimetres_per_second():
    radon = analyses()["radon_velocity"]
    shown = shown_curve(radon, radon.curves[0], STEPS)
    assert (shown.axis_title, shown.factor) == ("Velocity (mm/s)", 1e-3)
    shown = shown_curve(radon, radon.curves[0], Calibration())
    assert (shown.axis_title, shown.factor) == ("Velocity (px/line)", 1.0)


def test_a_run_keeps_the_calibration_it_had():
    record = AnalysisRecord(AnalysisKey("a", 0, 1), provenance=Provenance({}, (), (1.0, 0.5)))
    then = ran_calibration(record, STEPS)
    assert not then.time_known
    assert then.distance_known
    assert ran_calibration(AnalysisRecord(record.key), STEPS) is STEPS
