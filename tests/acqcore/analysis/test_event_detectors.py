"""Detectors of events against known truth: what is found, what is invented, and where it begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.analysis.event import Event, events
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
from acqcore.synthetic import flow_trace, red_cells

EVENTS, VELOCITY = analysis("event"), analysis("radon_velocity")
KEY = AnalysisKey("radon_velocity", 0, 1)
ALL = {f"detect_{name}": True for name in ("stalls", "reversals", "baseline_changes", "gaps")}


def found_in(table, **parameters) -> tuple[Event, ...]:
    parent = AnalysisRecord(KEY, table=ResultTable(table))
    inputs = Inputs(np.zeros((4, 4)), Calibration(), parents={"radon_velocity": parent})
    result = EVENTS.run(inputs, EVENTS.parse(parameters), RunContext())
    return events(AnalysisRecord(AnalysisKey("event", 0, 1), summary=result.summary))


def table_of(flow, error=True):
    table = {"time_s": flow.time_s, "velocity": flow.velocity, "flag": flow.flag}
    return table | {"velocity_se": flow.error} if error else table


@dataclass
class Score:
    """Hits against truth over many traces."""

    true: int = 0
    found: int = 0
    hits: int = 0
    begins: tuple[float, ...] = ()

    def add(self, listed, spans):
        self.true, self.found = self.true + len(spans), self.found + len(listed)
        free = list(listed)
        for begin, end in spans:
            for event in free:
                shared = min(event.x1, end) - max(event.x0, begin)
                if shared > 0.5 * min(end - begin, event.duration):
                    self.hits += 1
                    self.begins += (event.x0 - begin,)
                    free.remove(event)
                    break

    def check(self, sensitivity, precision, begin):
        median, worst = np.median(self.begins), np.percentile(np.abs(self.begins), 95)
        print(
            f"sensitivity {self.hits / self.true:.3f}, PPV {self.hits / self.found:.3f}, "
            f"begin {1e3 * median:+.0f} ms, 95 % within {1e3 * worst:.0f} ms of {self.true}"
        )
        assert self.hits >= sensitivity * self.true
        assert self.hits >= precision * self.found
        assert worst <= begin


def spans_of(rng, seconds, shortest, longest):
    spans, at = [], rng.uniform(1, 2)
    while at + longest < seconds - 1:
        length = rng.uniform(shortest, longest)
        spans.append((at, at + length))
        at += length + rng.uniform(1, 3)
    return spans


# Stalls, reversals and gaps


@pytest.mark.parametrize(
    ("noise", "outliers", "precision", "begin"),
    [(0.02, 0.0, 1.0, 0.02), (0.1, 0.02, 0.97, 0.05), (0.2, 0.02, 0.97, 0.06), (0.3, 0, 0.88, 0.1)],
)
def test_stalls(noise, outliers, precision, begin):
    score = Score()
    for seed in range(6):
        spans = spans_of(np.random.default_rng(seed), 30, 0.25, 1.0)
        flow = flow_trace(30, seed=seed, noise=noise, outliers=outliers, flagged=0.03, stalls=spans)
        score.add(found_in(table_of(flow), detect_stalls=True), spans)
    score.check(0.98, precision, begin)


@pytest.mark.parametrize(
    ("noise", "outliers", "sensitivity", "begin"),
    [(0.02, 0.0, 1.0, 0.02), (0.1, 0.02, 1.0, 0.07), (0.2, 0.02, 0.93, 0.15)],
)
@pytest.mark.parametrize("mean", [500.0, -80.0])
def test_reversals(noise, outliers, sensitivity, begin, mean):
    score = Score()
    for seed in range(5):
        spans = spans_of(np.random.default_rng(seed), 30, 0.25, 1.0)
        flow = flow_trace(
            30, seed=seed, mean=mean, noise=noise, outliers=outliers, flagged=0.03, reversals=spans
        )
        score.add(found_in(table_of(flow), detect_reversals=True), spans)
    score.check(sensitivity, 0.97, begin)


def test_stalls_by_the_scatter_of_velocities_without_error_bars():
    score = Score()
    for seed in range(6):
        spans = spans_of(np.random.default_rng(seed), 30, 0.25, 1.0)
        flow = flow_trace(30, seed=seed, noise=0.05, pulse=0.1, stalls=spans)
        score.add(found_in(table_of(flow, error=False), detect_stalls=True), spans)
    score.check(0.98, 0.97, 0.03)


def test_a_stall_is_no_reversal_and_a_reversal_no_stall():
    stall = flow_trace(10, stalls=[(4, 5)])
    # Nor is either a change of the level, as it would be without the other detectors.
    assert {one.detector for one in found_in(table_of(stall), **ALL)} == {"stall"}
    back = flow_trace(10, reversals=[(4, 5)])
    assert {one.detector for one in found_in(table_of(back), **ALL)} == {"reversal"}


def test_error_bars_too_wide_to_tell_give_nothing():
    flow = flow_trace(10, noise=0.6, stalls=[(4, 5)])
    assert found_in(table_of(flow), detect_stalls=True, detect_reversals=True) == ()


def test_a_trace_that_never_surely_moves_has_no_usual_speed_and_no_stall():
    rng = np.random.default_rng(0)
    y = rng.normal(0, 5, 500)
    table = {"time_s": np.arange(500) * 0.016, "velocity": y, "velocity_se": np.full(500, 5.0)}
    assert [one for one in found_in(table, **ALL) if one.detector == "stall"] == []


def still_in_two_pieces(between, flag, rows):
    """Stalls of 40 and 30 rows with so many others between them."""
    speed = np.concatenate(
        [np.full(80, 2.0), np.zeros(40), np.full(rows, between), np.zeros(30), np.full(80, 2.0)]
    )
    row = np.arange(len(speed))
    flags = np.where((row >= 120) & (row < 120 + rows), flag, "")
    return {
        "time_s": row * 0.016,
        "velocity": speed + np.random.default_rng(2).normal(0, 0.03, len(speed)),
        "velocity_se": np.full(len(speed), 0.05),
        "flag": flags,
    }


def test_a_stretch_without_cells_does_not_cut_a_stall():
    listed = found_in(still_in_two_pieces(9.0, "low_snr", 20), detect_stalls=True)
    assert len(listed) == 1
    assert listed[0].duration == pytest.approx(90 * 0.016, abs=0.05)


def test_stalls_stay_apart_when_flow_or_too_much_silence_lies_between():
    assert len(found_in(still_in_two_pieces(2.0, "", 20), detect_stalls=True)) == 2
    assert len(found_in(still_in_two_pieces(9.0, "low_snr", 45), detect_stalls=True)) == 2


def test_slow_flow_that_lasts_is_no_stall_that_lasts():
    flow = flow_trace(20, noise=0.1, pulse=0.0, levels=[(8.0, 0.2), (12.0, 5.0)], stalls=[(16, 17)])
    found = found_in(table_of(flow), detect_stalls=True)
    assert [round(one.x0) for one in found if one.duration > 0.6] == [16]


def test_shorter_than_asked_for_is_left_out():
    flow = flow_trace(20, noise=0.05, stalls=[(4, 4.3), (9, 10)], reversals=[(13, 13.3), (16, 17)])
    found = found_in(table_of(flow), detect_stalls=True, stall_min_sec=0.5)
    assert [round(one.x0) for one in found] == [9]
    found = found_in(table_of(flow), detect_reversals=True, reversal_min_sec=0.5)
    assert [round(one.x0) for one in found] == [16]


def test_reversed_to_the_end_of_the_recording():
    (one,) = found_in(table_of(flow_trace(10, reversals=[(7, 11)])), detect_reversals=True)
    assert one.x0 == pytest.approx(7, abs=0.03)
    assert one.x1 == pytest.approx(10, abs=0.06)


def test_gaps_are_exact():
    flow = flow_trace(20, gaps=[(3.0, 3.5), (7.0, 7.05), (12.0, 14.0)])
    flag = flow.flag.copy()
    flag[(flow.time_s >= 16) & (flow.time_s < 17)] = "saturated"
    found = found_in(table_of(flow) | {"flag": flag}, detect_gaps=True)
    assert [(round(one.x0, 1), round(one.x1, 1)) for one in found] == [
        (3.0, 3.5), (12.0, 14.0), (16.0, 17.0),
    ]  # fmt: skip
    for one, (begin, end) in zip(found, [(3.0, 3.5), (12.0, 14.0), (16.0, 17.0)], strict=True):
        assert abs(one.x0 - begin) <= 0.016
        assert abs(one.x1 - end) <= 0.016
        assert one.note.endswith("rows")


# Changes of the baseline


@pytest.mark.parametrize(
    ("noise", "factor", "outliers", "sensitivity", "within"),
    [(0.05, 1.3, 0.0, 1.0, 0.05), (0.1, 1.5, 0.02, 0.97, 0.15), (0.2, 2.0, 0.02, 0.97, 0.1)],
)
def test_changes(noise, factor, outliers, sensitivity, within):
    errors, held, found, true = [], [], 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        times = rng.uniform([3, 11, 20], [8, 17, 26])
        steps = list(zip(times, [factor, 1 / factor, factor], strict=True))
        flow = flow_trace(30, seed=seed, noise=noise, outliers=outliers, levels=steps)
        listed = found_in(table_of(flow), detect_baseline_changes=True)
        found, true = found + len(listed), true + 3
        for at, by in steps:
            kind = "rise" if by > 1 else "fall"
            near = [one for one in listed if abs(one.x0 + one.x1 - 2 * at) < 0.6]
            near = [one for one in near if one.event_type == kind]
            errors += [(one.x0 + one.x1) / 2 - at for one in near[:1]]
            held += [one.x0 <= at <= one.x1 for one in near[:1]]
    worst = np.percentile(np.abs(errors), 95)
    print(
        f"sensitivity {len(errors) / true:.3f}, PPV {len(errors) / found:.3f}, 95 % within "
        f"{1e3 * worst:.0f} ms, inside the stretch {np.mean(held):.2f}"
    )
    assert len(errors) >= sensitivity * true
    assert len(errors) >= 0.97 * found
    assert worst <= within
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize("noise", [0.05, 0.3])
@pytest.mark.parametrize("pulse", [0.0, 0.4])
def test_no_change_is_invented(noise, pulse):
    traces = [flow_trace(30, seed=seed, noise=noise, pulse=pulse) for seed in range(40)]
    knobs = {"detect_baseline_changes": True, "baseline_min_percent": 0.0}
    false = sum(bool(found_in(table_of(flow), **knobs)) for flow in traces)
    print(f"{false} of 40 traces with an invented change")
    assert false <= 5  # 0.05 expected, 6 or more has a probability of 1 in 70


def test_a_change_says_how_large_and_how_sure():
    flow = flow_trace(20, noise=0.05, levels=[(9.0, 1.5)])
    (one,) = found_in(table_of(flow), detect_baseline_changes=True)
    assert one.event_type == "rise"
    assert one.note.startswith(("speed +4", "speed +5"))
    assert "p = " in one.note


def test_faster_in_the_negative_direction_is_a_rise():
    flow = flow_trace(20, mean=-300.0, noise=0.05, levels=[(9.0, 1.5)])
    (one,) = found_in(table_of(flow), detect_baseline_changes=True)
    assert one.event_type == "rise"


# Odd traces


ODD = {
    "empty": [],
    "one": [1.0],
    "one_missing": [np.nan],
    "two": [1.0, 2.0],
    "missing": np.full(300, np.nan),
    "zero": np.zeros(300),
    "constant": np.full(300, 7.0),
    "alternating": np.where(np.arange(300) % 2, 5.0, -5.0),
    "half_missing": np.where(np.arange(300) % 2, np.nan, 5.0),
    "infinite": np.full(300, np.inf),
}


@pytest.mark.parametrize("y", ODD.values(), ids=ODD)
@pytest.mark.parametrize("error", [None, 0.0, np.nan, 1.0])
def test_odd_traces_give_no_nonsense(y, error):
    y = np.asarray(y, float)
    table = {"time_s": np.arange(len(y)) * 0.02, "velocity": y}
    if error is not None:
        table["velocity_se"] = np.full(len(y), error)
    found = found_in(table, **ALL)
    assert {one.detector for one in found} <= {"gap", "reversal"}
    if np.isfinite(y).all() and len(np.unique(y)) <= 1:
        assert found == ()


# The whole way from pixels


def test_a_stall_and_a_reversal_from_pixels_to_events():
    speed = np.full(9000, 2.6)
    speed[2000:2600] = 0.0
    speed[5000:5800] = -1.7
    cells = red_cells(9000, 50, speed, seed=3)
    calibration = Calibration(0.001, 0.25, "seconds", "um", "user")
    inputs = Inputs(cells.pixels, calibration)
    velocity = VELOCITY.run(inputs, VELOCITY.parse({}), RunContext())
    found = found_in(velocity.table, detect_stalls=True, detect_reversals=True)
    spans = [(one.detector, one.x0, one.x1) for one in found]
    print(spans)
    assert [name for name, _, _ in spans] == ["stall", "reversal"]
    for (_, x0, x1), (begin, end) in zip(spans, [(2.0, 2.6), (5.0, 5.8)], strict=True):
        assert x0 == pytest.approx(begin, abs=0.035)
        assert x1 == pytest.approx(end, abs=0.035)
