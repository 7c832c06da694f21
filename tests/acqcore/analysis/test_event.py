"""Events: the reference program's format and numbers, edits, re-runs, and the sidecar."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.analysis.event import (
    Event,
    add_event,
    add_events,
    delete_event,
    event_table,
    events,
    forget_deleted,
    review_event,
    set_event_type,
    update_event,
)
from acqcore.errors import Cancelled, CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectRoiBounds

GOLDEN = Path(__file__).parents[3] / "../shared/spec/golden.json"
EVENTS = analysis("event")
CALIBRATION = Calibration(0.001, 0.25, "seconds", "um", "user")
RAN = Provenance({}, (0, 10_000, 0, 30), (0.001, 0.25))
EMPTY = AnalysisRecord(AnalysisKey("event", 0, 1))


def parent(velocity, error=None, flag=None, x=None):
    velocity = np.asarray(velocity, float)
    columns = {"time_s": np.arange(len(velocity)) * 0.5 if x is None else np.asarray(x, float)}
    columns["velocity"] = velocity
    if error is not None:
        columns["velocity_se"] = np.broadcast_to(error, velocity.shape)
    if flag is not None:
        columns["flag"] = np.asarray(flag, str)
    key = AnalysisKey("radon_velocity", 0, 1)
    return AnalysisRecord(key, table=ResultTable(columns), provenance=RAN)


SAW = parent((np.arange(20) % 7) * 1.5)


def run(velocity, previous=EMPTY, context=None, **parameters):
    inputs = Inputs(
        np.zeros((4, 4)), CALIBRATION, parents={"radon_velocity": velocity}, previous=previous
    )
    result = EVENTS.run(inputs, EVENTS.parse(parameters), context or RunContext())
    assert result.table == {}
    json.dumps(result.summary, allow_nan=False)
    return replace(EMPTY, summary=result.summary, provenance=replace(RAN, parameters=parameters))


def stalled(*, seconds=20.0, stalls=((4.0, 5.0), (12.0, 12.6)), step=0.02):
    """A noisy velocity of 500 that stands still now and then."""
    x = np.arange(0, seconds, step)
    y = 500 + 10 * np.random.default_rng(1).standard_normal(len(x))
    for begin, end in stalls:
        y[(x >= begin) & (x < end)] -= 500
    return parent(y, 10.0, x=x)


# The reference program's format


@pytest.fixture
def golden():
    if not GOLDEN.is_file():
        pytest.skip("golden numbers are not here")
    return json.loads(GOLDEN.read_text())["event"]["record"]


def same(ours, theirs):
    """Equal, numbers to rounding."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for name in theirs:
            same(ours[name], theirs[name])
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-12)
    else:
        assert ours == theirs


@pytest.mark.parametrize("by", ["edit", "run"])
def test_golden_record_but_for_windows_of_events_drawn_backwards(golden, by):
    record = add_events(EMPTY, SAW, [(2.0, 4.0), (6.0, 5.0)])
    if by == "run":
        record = run(SAW, record, pre_post_win_sec=1.0)
    summary = record.summary
    assert {name: summary[name] for name in ("version", "parent_analysis_name")} == {
        name: golden["summary"][name] for name in ("version", "parent_analysis_name")
    }
    first, second = summary["events"]
    expected, backwards = golden["summary"]["events"]
    same(first, expected)
    # The reference takes these windows from the ends as drawn, so they lie within the event.
    backwards = copy.deepcopy(backwards)
    assert second["pre_win_stats"]["mean"] == (1.5 + 3.0) / 2  # rows at 4 and 4.5
    assert second["post_win_stats"]["mean"] == (9.0 + 0.0) / 2  # rows at 6.5 and 7
    backwards["pre_win_stats"], backwards["post_win_stats"] = (
        second["pre_win_stats"], second["post_win_stats"],
    )  # fmt: skip
    same(second, backwards)


def test_a_record_of_the_reference_program_is_read(golden):
    record = AnalysisRecord.from_dict(golden)
    assert events(record) == (Event(1, 2.0, 4.0), Event(2, 6.0, 5.0))
    assert event_table(record)["event_mean"].tolist() == [4.8, 6.0]
    # Nothing of ours is needed, and nothing is added before there is something to say.
    assert "cloudscope" not in delete_event(record, 1).summary


def test_counts_stand_beside_the_events_under_the_reference_names():
    record = add_events(EMPTY, SAW, [(1, 2, "rise"), (3, 5, "rise"), (6, 7, "fall")])
    assert record.summary["num_events"] == 3
    assert record.summary["rise_events"] == 2
    assert record.summary["user_events"] == record.summary["transient_events"] == 0
    assert record.summary["mean_duration"] == pytest.approx(4 / 3)


def test_statistics_equal_a_plain_loop():
    rng = np.random.default_rng(7)
    x = np.cumsum(rng.uniform(0.01, 0.05, 400))
    y, flag = rng.normal(300, 50, 400), np.where(rng.random(400) < 0.1, "low_snr", "")
    y[rng.random(400) < 0.1] = np.nan
    ends = [tuple(pair) for pair in rng.uniform(-0.5, x[-1] + 0.5, (200, 2))]
    record = add_events(EMPTY, parent(y, flag=flag, x=x), ends)
    used = np.isfinite(y) & (flag == "")
    for block in record.summary["events"]:
        low, high = sorted((block["x0"], block["x1"]))
        windows = {
            "event_stats": (x >= low) & (x <= high),
            "pre_win_stats": (x >= low - 1) & (x < low),
            "post_win_stats": (x > high) & (x <= high + 1),
        }
        for name, inside in windows.items():
            values, stats = y[inside & used], block[name]
            assert stats["n"] == len(values)
            if len(values) == 0:
                assert [stats[one] for one in stats if one != "n"] == [None] * 6
                continue
            std = np.std(values, ddof=1) if len(values) > 1 else 0.0
            assert stats["mean"] == pytest.approx(values.mean())
            assert (stats["min"], stats["max"]) == (values.min(), values.max())
            assert stats["std"] == pytest.approx(std, abs=1e-9)
            assert stats["se"] == pytest.approx(std / np.sqrt(len(values)), abs=1e-9)
            assert stats["cv"] == pytest.approx(std / abs(values.mean()), abs=1e-9)


def test_no_coefficient_of_variation_about_zero():
    flat = parent([0.0, 0.0, 0.0, 0.0])
    stats = add_event(EMPTY, flat, 0, 1).summary["events"][0]["event_stats"]
    assert (stats["mean"], stats["std"], stats["cv"]) == (0.0, 0.0, None)


# Edits


def test_numbers_follow_the_largest_and_may_be_given():
    record = add_event(EMPTY, SAW, 1, 2, event_id=7)
    record = add_event(record, SAW, 3, 4)
    assert [event.id for event in events(record)] == [7, 8]
    with pytest.raises(ValueError, match="already"):
        add_event(record, SAW, 5, 6, event_id=7)


@pytest.mark.parametrize(
    ("x0", "x1", "kind"),
    [(1, 1, "user"), (1, np.nan, "user"), (np.inf, 2, "user"), (1, 2, "stall"), (1, 2, "")],
)
def test_a_bad_event_is_refused(x0, x1, kind):
    with pytest.raises(InvalidParameter):
        add_event(EMPTY, SAW, x0, x1, event_type=kind)


def test_an_edit_leaves_the_record_as_it_was_and_measures_anew():
    record = add_event(EMPTY, SAW, 2, 4)
    before = copy.deepcopy(dict(record.summary))
    moved = update_event(record, SAW, 1, x0=5.0, x1=6.0, note="seen twice")
    assert record.summary == before
    (event,) = events(moved)
    assert (event.x0, event.x1, event.note, event.event_type) == (5.0, 6.0, "seen twice", "user")
    assert moved.summary["events"][0]["event_stats"]["mean"] == 6.0
    assert moved.summary["events"][0]["duration"] == 1.0


def test_type_verdict_and_deletion_need_no_parent():
    record = add_events(EMPTY, SAW, [(2, 4), (5, 6)])
    record = review_event(set_event_type(record, 1, "fall"), 1, False)
    assert (events(record)[0].event_type, events(record)[0].accepted) == ("fall", False)
    assert record.summary["events"][0]["event_stats"]["mean"] == 4.8
    assert [event.id for event in events(delete_event(record, 1))] == [2]
    for edit in (lambda: delete_event(record, 9), lambda: set_event_type(record, 9, "rise")):
        with pytest.raises(KeyError):
            edit()


def test_drawing_gives_a_record_that_never_ran_the_geometry_of_its_parent():
    record = add_event(replace(EMPTY, parameters={"pre_post_win_sec": 2.0}), SAW, 4, 6)
    assert record.has_result
    assert record.provenance.geometry == RAN.geometry
    assert record.provenance.parameters["pre_post_win_sec"] == 2.0
    assert record.summary["events"][0]["pre_win_stats"]["n"] == 4


def test_no_edit_on_velocities_of_another_geometry():
    record = add_event(EMPTY, SAW, 4, 6)
    moved = replace(SAW, provenance=replace(RAN, geometry=(500, 10_000, 0, 30)))
    with pytest.raises(CannotRun, match="out of date"):
        add_event(record, moved, 1, 2)


def test_no_velocities_no_events():
    for bare in (replace(SAW, table=None), replace(SAW, table=ResultTable({"a": np.ones(3)}))):
        with pytest.raises(CannotRun, match="velocities"):
            add_event(EMPTY, bare, 1, 2)
        with pytest.raises(CannotRun, match="velocities"):
            run(bare)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 1},
        {"events": [{"id": 1}]},
        {"events": None},
        {"events": [5]},
        {"cloudscope": 3},
    ],
)
def test_what_cannot_be_read_is_said_and_not_overwritten(damage):
    good = add_event(EMPTY, SAW, 2, 4)
    bad = replace(good, summary=dict(good.summary) | damage)
    for attempt in (lambda: events(bad), lambda: run(SAW, bad), lambda: delete_event(bad, 1)):
        with pytest.raises(CannotRun, match="cannot be read"):
            attempt()


def test_a_mark_is_not_believed_once_another_program_moved_its_event():
    record = run(stalled(), detect_stalls=True)
    blocks = copy.deepcopy(record.summary["events"])
    blocks[0]["x0"] += 0.5
    moved = replace(record, summary=dict(record.summary) | {"events": blocks})
    assert [event.detector for event in events(moved)] == ["", "stall"]


# Runs


def test_a_run_twice_gives_the_same():
    record = run(stalled(), detect_stalls=True)
    assert len(events(record)) == 2
    assert run(stalled(), record, detect_stalls=True).summary == record.summary


def test_automatic_events_wait_for_a_verdict_and_are_found_anew():
    record = run(stalled(), add_event(EMPTY, stalled(), 1, 2), detect_stalls=True)
    drawn, *found = events(record)
    assert (drawn.id, drawn.accepted, drawn.detector) == (1, True, "")
    assert [(event.id, event.accepted, event.detector) for event in found] == [
        (2, None, "stall"), (3, None, "stall"),
    ]  # fmt: skip
    assert {event.event_type for event in found} == {"transient"}
    assert [event.id for event in events(run(stalled(), record))] == [1]


@pytest.mark.parametrize("touch", ["move", "type", "accept", "reject", "note"])
def test_what_a_person_touched_stays(touch):
    trace = stalled()
    record = run(trace, detect_stalls=True)
    if touch == "move":
        record = update_event(record, trace, 1, x0=3.0, x1=5.5)
    elif touch == "note":
        record = update_event(record, trace, 1, note="the capillary was plugged")
    elif touch == "type":
        record = set_event_type(record, 1, "fall")
    else:
        record = review_event(record, 1, touch == "accept")
    kept = events(record)[0]
    again = run(trace, record, detect_stalls=True)
    assert [event.id for event in events(again)] == [1, 2]
    assert events(again)[0] == kept
    # Also when the detector is off, or sees it a little differently.
    assert events(run(trace, record)) == (kept,)
    other = run(stalled(stalls=((4.1, 5.1), (12.0, 12.6))), record, detect_stalls=True)
    assert events(other)[0] == kept
    assert len(events(other)) == 2


def test_what_a_person_deleted_stays_away_until_it_is_forgotten():
    trace = stalled()
    record = delete_event(run(trace, detect_stalls=True), 1)
    for _ in range(2):
        record = run(trace, record, detect_stalls=True)
        assert [event.id for event in events(record)] == [2]
    moved = delete_event(update_event(record, trace, 2, x0=1.0, x1=2.0), 2)
    assert events(run(trace, moved, detect_stalls=True)) == ()
    assert len(events(run(trace, forget_deleted(moved), detect_stalls=True))) == 2


def test_events_that_lost_their_marks_are_not_found_twice():
    record = run(stalled(), detect_stalls=True)
    plain = {name: record.summary[name] for name in ("version", "parent_analysis_name", "events")}
    again = run(stalled(), replace(record, summary=plain), detect_stalls=True)
    assert [event.detector for event in events(again)] == ["", ""]


def test_events_stay_on_their_lines_when_the_region_or_the_line_time_changes():
    record = add_event(EMPTY, SAW, 4, 6)
    inputs = Inputs(
        np.zeros((4, 4)),
        Calibration(0.002, 0.25, "seconds", "um", "user"),
        line_start=1000,
        parents={"radon_velocity": SAW},
        previous=record,
    )
    (block,) = EVENTS.run(inputs, EVENTS.parse({}), RunContext()).summary["events"]
    # Lines 4000 and 6000 of the recording, 3000 and 5000 of the region.
    assert (block["x0"], block["x1"]) == (6.0, 10.0)


def test_a_run_can_be_stopped_and_reports():
    told = []
    run(stalled(), context=RunContext(lambda fraction, text: told.append(fraction)))
    assert told == sorted(told)
    with pytest.raises(Cancelled):
        run(stalled(), context=RunContext(is_cancelled=lambda: True))


@pytest.mark.timed
def test_a_thousand_events_on_a_long_trace_in_a_moment():
    rng = np.random.default_rng(0)
    trace = parent(rng.normal(500, 50, 100_000), 20.0, x=np.arange(100_000) * 0.016)
    ends = rng.uniform(0, 1600, (1000, 2))
    begun = time.process_time()
    record = add_events(EMPTY, trace, [tuple(pair) for pair in ends[:, :1] + [0.0, 1.0]])
    run(trace, record)
    assert time.process_time() - begun < 1.5


# The image


def calibrated(make_tiff, lines=1200):
    image = AcqImage(make_tiff(lines=lines))
    roi = image.rois.create_rect_roi(RectRoiBounds(0, lines, 0, 32))
    velocity = image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.roi_id)
    image.analysis_set.run_analysis(velocity.key)
    return image, velocity, roi.roi_id


def test_scripts_draw_change_and_delete(make_tiff):
    image, velocity, roi_id = calibrated(make_tiff)
    one = image.analysis_set.create("event", channel=0, roi_id=roi_id)
    drawn = one.add_event(0.4, 0.9, plot_data=velocity.get_plot_data(), event_type="rise")
    one.add_events([(1.0, 1.2), (1.9, 1.5, "fall")])
    one.update_event(drawn.id, x1=1.0, note="from the script")
    one.delete_event(2)
    assert [(event.id, event.x0, event.x1) for event in one.get_events()] == [
        (1, 0.4, 1.0), (3, 1.9, 1.5),
    ]  # fmt: skip
    assert one.is_dirty
    assert not one.has_table
    assert one.get_plot_data() is None
    stats = one.result.summary["events"][0]["event_stats"]
    inside = [y for x, y in zip(*xy(velocity), strict=True) if 0.4 <= x <= 1.0]
    assert stats["n"] == len(inside)
    assert stats["mean"] == pytest.approx(np.mean(inside))


def xy(one):
    plot = one.get_plot_data()
    return plot.x, plot.y


def test_a_script_may_bring_its_own_trace(make_tiff):
    image, velocity, roi_id = calibrated(make_tiff)
    one = image.analysis_set.create("event", channel=0, roi_id=roi_id)
    plot = replace(velocity.get_plot_data(), y=tuple(7.0 for _ in velocity.get_plot_data().y))
    one.add_event(0.4, 0.9, plot_data=plot)
    assert one.result.summary["events"][0]["event_stats"]["mean"] == 7.0


def test_events_need_a_velocity_first(make_tiff):
    image = AcqImage(make_tiff())
    roi = image.rois.create_rect_roi(RectRoiBounds(0, 400, 0, 32))
    with pytest.raises(ValueError, match="needs"):
        image.analysis_set.create("event", channel=0, roi_id=roi.roi_id)


def test_everything_comes_back_from_the_sidecar(make_tiff):
    image, _, roi_id = calibrated(make_tiff)
    asked = {"detect_gaps": True, "gap_min_sec": 0.0, "pre_post_win_sec": 0.25}
    one = image.analysis_set.create("event", channel=0, roi_id=roi_id, detection_params=asked)
    image.analysis_set.run_analysis(one.key)
    one.add_event(0.4, 0.9, event_type="rise")
    rejected = review_event(one.record, one.get_events()[-1].id, False)
    image.state = image.state.with_record(rejected)
    image.save()
    stored = json.loads(Path(f"{image.path}.json").read_text())
    (block,) = (found for found in stored["analysis"] if found["analysis_name"] == "event")
    assert block["detection_params"] == {"pre_post_win_sec": 0.25}
    for event in block["summary"]["events"]:
        assert set(event) == {
            "id", "x0", "x1", "event_type", "duration", "event_stats", "pre_win_stats",
            "post_win_stats",
        }  # fmt: skip
    assert not Path(f"{image.path}.event.csv").exists()
    again = AcqImage(image.path)
    assert again.problems == ()
    assert again.state == image.state
    assert again.analysis_set.verify(one.key)


def test_a_sidecar_of_the_reference_program_opens_and_can_be_edited(make_tiff):
    image, _, roi_id = calibrated(make_tiff)
    one = image.analysis_set.create("event", channel=0, roi_id=roi_id)
    one.add_events([(0.4, 0.9, "rise"), (1.9, 1.5)])
    image.save()
    path = Path(f"{image.path}.json")
    stored = json.loads(path.read_text())
    del stored["cloudscope"]
    for block in stored["analysis"]:
        if block["analysis_name"] == "event":
            names = ("version", "parent_analysis_name", "events")
            block["summary"] = {name: block["summary"][name] for name in names}
    path.write_text(json.dumps(stored))
    again = AcqImage(image.path)
    assert again.problems == ()
    (read,) = (found for found in again.analysis_set if found.key == one.key)
    assert read.get_events() == one.get_events()
    read.add_event(1.0, 1.2)
    read.update_event(1, event_type="fall")
    assert [event.event_type for event in read.get_events()] == ["fall", "user", "user"]
    assert again.analysis_set.run_analysis(read.key).get_events() == read.get_events()
