"""The file of a scorer, and two scorings of the same recordings."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis.event import add_events, review_event
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import RectRoiBounds
from acqcore.scorers import compared
from acqcore.scoring import (
    ScoredEvent,
    ScoredPlace,
    Scoring,
    UnreadableScoring,
    read_scoring,
    scoring_of,
    write_scoring,
)

STEP = 0.002
EVENT = AnalysisKey("event", 0, 1)


@pytest.fixture
def image(make_tiff) -> AcqImage:
    """400 lines with a velocity from line 100 on, and three events."""
    found = AcqImage(make_tiff("a.tif"))
    found.rois.create_rect_roi(RectRoiBounds(100, 400, 0, 32))
    found.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    found.analysis_set.run_analysis(AnalysisKey("radon_velocity", 0, 1))
    return scored(found, [(0.1, 0.2, "rise"), (0.3, 0.4), (0.5, 0.52, "transient")])


def scored(image: AcqImage, spans) -> AcqImage:
    parent = image.state.record(AnalysisKey("radon_velocity", 0, 1))
    assert parent is not None
    image._replace(image.state.with_record(add_events(AnalysisRecord(EVENT), parent, spans)))
    return image


def place(*events, **more) -> ScoredPlace:
    made = tuple(ScoredEvent(low, high, kind, n) for n, (low, high, kind) in enumerate(events, 1))
    return replace(ScoredPlace("a.tif", "same", 0, 1, (0, 1000), (0, 50), 0.01, made), **more)


def scoring(*places: ScoredPlace, scorer: str = "AB") -> Scoring:
    return Scoring(scorer, "", places)


def test_what_was_scored_in_lines_of_the_recording(image: AcqImage) -> None:
    (found,) = scoring_of([image], "AB").places
    assert (found.recording, found.channel, found.roi_id) == ("a.tif", 0, 1)
    assert (found.lines, found.pixels, found.step_s) == ((100, 400), (0, 32), STEP)
    assert (found.events[0].line0, found.events[0].line1) == pytest.approx((150, 200), rel=1e-9)
    assert [one.kind for one in found.events] == ["rise", "user", "transient"]


def test_rejected_ones_are_none_and_unjudged_ones_do_not_count(image: AcqImage) -> None:
    record = review_event(image.state.record(EVENT), 1, False)
    image._replace(image.state.with_record(review_event(record, 2, None)))
    (found,) = scoring_of([image], "AB").places
    assert [one.kind for one in found.events] == ["transient"]
    assert found.unreviewed == 1


def test_the_file_comes_back(image: AcqImage, tmp_path: Path) -> None:
    made = scoring_of([image], "Å. B.")
    write_scoring(tmp_path / "ab.events.json", made)
    read = read_scoring(tmp_path / "ab.events.json")
    assert read == replace(made, places=tuple(replace(one, file_id="") for one in made.places))


def test_a_blinded_file_tells_no_name_and_compares_all_the_same(
    image: AcqImage, tmp_path: Path, make_tiff
) -> None:
    path = tmp_path / "ab.json"
    write_scoring(path, scoring_of([image], "AB", names=False))
    assert "a.tif" not in path.read_text()
    renamed = Path(image.path).with_name("other name.tif")
    renamed.write_bytes(Path(image.path).read_bytes())
    copy = AcqImage(renamed)
    copy._replace(image.state)
    other = AcqImage(make_tiff("b.tif", seed=9))
    other._replace(image.state)
    found = compared(scoring_of([other, copy], "CD"), read_scoring(path))
    assert [one.first.recording for one in found.places] == ["other name.tif"]
    assert [one.recording for one in found.only_first] == ["b.tif"]
    assert found.over_time.value == pytest.approx(1)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"cloudscope_scoring": 2}', '{"cloudscope_scoring": 1}',
        '{"cloudscope_scoring": 1, "scorer": "", "written_utc": "", "places": [{}]}',
        '{"cloudscope_scoring": 1, "scorer": "", "written_utc": "", "places": 3}',
    ],
)  # fmt: skip
def test_another_file_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UnreadableScoring, match=r"x\.json .*\.$"):
        read_scoring(path)


def test_events_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_scoring(path, scoring(place((10, 20, "rise"))))
    for name, value in (("line1", 5), ("kind", "burst"), ("line0", "x"), ("line1", None)):
        stored = json.loads(path.read_text())
        stored["places"][0]["events"][0][name] = value
        (tmp_path / "y.json").write_text(json.dumps(stored))
        with pytest.raises(UnreadableScoring):
            read_scoring(tmp_path / "y.json")
    with pytest.raises(UnreadableScoring):
        read_scoring(tmp_path / "gone.json")


# --- two scorings --------------------------------------------


def test_by_hand() -> None:
    """10 s: the same rise, one that is a fall to the other, one that one alone has."""
    mine = scoring(place((100, 200, "rise"), (400, 500, "rise"), (800, 850, "user")))
    theirs = scoring(place((100, 200, "rise"), (400, 500, "fall")), scorer="CD")
    found = compared(mine, theirs)
    assert (found.found.first, found.found.second, found.found.both) == (3, 2, 2)
    assert found.found.agreement == pytest.approx(4 / 5)
    assert found.unit == "s"
    assert found.time.sum() == pytest.approx(10)
    assert found.over_time.observed == pytest.approx(8.5 / 10)
    # none 0.75 * 0.8, rise 0.2 * 0.1; what only one of them uses cannot agree by chance
    assert found.over_time.expected == pytest.approx(0.62)
    assert found.over_time.value == pytest.approx((0.85 - 0.62) / 0.38)
    assert found.kinds.sum() == 2
    assert found.of_kinds.observed == 0.5
    assert [pair.agrees for pair in found.places[0].pairs] == [True, False, False]
    assert found.places[0].pairs[2].second is None


def test_only_where_both_have_looked() -> None:
    mine = scoring(place((10, 20, "rise"), (600, 620, "rise")))
    theirs = scoring(place((605, 620, "rise"), lines=(500, 1000), roi_id=4, pixels=(10, 60)))
    found = compared(mine, theirs)
    assert (found.found.first, found.found.both) == (1, 1)
    assert found.time.sum() == pytest.approx(5)


def test_places_pair_by_what_they_share() -> None:
    low, high = place(pixels=(0, 25)), place((1, 2, "rise"), roi_id=2, pixels=(25, 50))
    other_channel = place(channel=1, roi_id=3)
    theirs = (place(roi_id=9, pixels=(24, 50)), place(roi_id=8, pixels=(0, 20)))
    found = compared(scoring(low, high, other_channel), scoring(*theirs))
    assert {(one.first.roi_id, one.second.roi_id) for one in found.places} == {(1, 8), (2, 9)}
    assert found.only_first == (other_channel,)
    assert found.only_second == ()


def test_nothing_in_common_is_no_number() -> None:
    found = compared(scoring(place()), scoring(place(identity="else")))
    assert found.places == ()
    assert math.isnan(found.over_time.value)
    assert math.isnan(found.found.agreement)
    assert len(found.only_first) == len(found.only_second) == 1
    silent = compared(scoring(place()), scoring(place()))
    assert math.isnan(silent.over_time.value)
    assert silent.over_time.observed == 1


def test_without_a_line_time_the_unit_is_lines() -> None:
    one = place((100, 200, "rise"), step_s=0.0)
    assert compared(scoring(one), scoring(one)).unit == "lines"
    assert compared(scoring(one), scoring(one)).time.sum() == 1000
