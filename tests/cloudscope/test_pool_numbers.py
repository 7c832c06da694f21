"""What the pool window computes: rows, points, averages, shapes; no window."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acqcore import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.base import RunContext
from acqcore.errors import Cancelled, CannotPool, SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.state import Review
from acqcore.pool import Pool
from cloudscope.item_models.data_frame import frame_column, matching
from cloudscope.views.pool_gathering import gather
from cloudscope.views.pool_numbers import Counts, Keep, PlotChoice, kept, plot_numbers
from cloudscope.views.pool_rows import EVENTS, TABLE, PoolTable, Wish, kinds_for
from cloudscope.views.pool_shapes import box_of, cumulative_of, histogram_of, swarm_of, violin_of
from cloudscope.views.pool_statistics import STATISTICS, summarised
from cloudscope.views.pool_words import left_out, nothing_there

VELOCITY = "radon_velocity"
BY_NAME = {"animal": "pattern", "pattern": r"^(m\d+)"}


def recording(name: str, *, calibrated: bool = True, **about: Any) -> AcqImage:
    known = {"step_y": 0.001, "step_x": 0.5} if calibrated else {}
    image = AcqImage.from_array(np.zeros((40, 20), np.uint16), axes="YX", source_id=name, **known)
    image.state = image.state.with_experiment(about)
    return image


def measure(image: AcqImage, summary: dict[str, Any], name: str = VELOCITY, **table: Any) -> None:
    roi = image.rois.create_rect_roi()
    ran = Provenance({"window_width": 64}, roi.geometry, image.calibration.steps)
    rows = ResultTable({one: np.asarray(values) for one, values in table.items()}) or None
    key = AnalysisKey(name, 0, roi.id)
    image.state = image.state.with_record(
        AnalysisRecord(key, {}, summary, rows if table else None, ran)
    )


@pytest.fixture
def images() -> list[AcqImage]:
    """Three recordings of two animals, 2 + 1 + 1 ROIs, the third one with the drug."""
    rows = {"time_s": [0.1, 0.2], "velocity": [100.0, 300.0], "flag": ["", "low_snr"]}
    made = [
        recording(name, condition=condition)
        for name, condition in (
            ("m1_a.tif", "control"),
            ("m1_b.tif", "control"),
            ("m2_c.tif", "drug"),
        )
    ]
    for image, value in zip([made[0], *made], (100.0, 300.0, -400.0, 600.0), strict=True):
        measure(image, {"velocity_mean": value}, **rows)
    return made


def table_of(images: list[AcqImage], rows: str = "results", **wish: Any) -> PoolTable:
    return gather(images, Wish(VELOCITY, rows, **wish), RunContext())


def numbers_of(table: PoolTable, keep: Keep = Keep(), **choice: Any):  # noqa: B008  frozen
    rows = np.flatnonzero(kept(table, keep))
    return plot_numbers(table, rows, PlotChoice(**{"y": "velocity_mean", **choice}))


# --- rows ----------------------------------------------------------------------------------


def test_a_row_per_result(images) -> None:
    table = table_of(images)
    assert len(table) == 4
    assert table.number_names[0] == "velocity_mean"
    assert {"name", "condition", "roi_id"} <= set(table.group_names)
    assert [key.roi_id for _, key in table.keys] == [1, 2, 1, 1]
    assert len(set(table.files)) == 3
    assert len(set(table.rois)) == 4
    assert set(table.animals) == {-1}


def test_a_row_per_table_row(images) -> None:
    table = table_of(images, TABLE)
    assert len(table) == 8
    assert table.record.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert table.place.tolist() == [0, 1] * 4
    assert table.flagged.tolist() == [False, True] * 4
    assert table.title("velocity") == "Velocity"


def test_a_row_per_event() -> None:
    image = recording("a.tif")
    stats = dict.fromkeys(("n", "mean", "min", "max", "std", "se", "cv"), 1.0)
    block = {"event_stats": stats, "pre_win_stats": stats, "post_win_stats": stats}
    events = [
        {"id": 1, "x0": 0.1, "x1": 0.3, "event_type": "rise", "duration": 0.2, **block},
        {"id": 2, "x0": 0.5, "x1": 0.6, "event_type": "fall", "duration": 0.1, **block},
    ]
    measure(image, {"version": 2, "events": events}, "event")
    table = gather([image], Wish("event", EVENTS), RunContext())
    assert table.frame["event_type"].tolist() == ["rise", "fall"]
    assert table.values("duration") == pytest.approx([0.2, 0.1])
    assert table.column("event_mean").unit == "um/s"
    assert table.record.tolist() == [0, 0]


def test_a_row_per_calcium_peak() -> None:
    image = recording("a.tif", calibrated=False)
    feature = {"value": 0.4, "status": "ok", "reason": ""}
    peak = {
        "peak_id": 1, "status": "ok", "warnings": [], "onset": {"index": 3, "time_sec": 0.3},
        "peak": {"amplitude": 2.0}, "features": {"rise_10_90_sec": feature},
    }  # fmt: skip
    quality = [{"peak_id": 1, "snr": 9.0, "flag": "low_snr"}]
    measure(image, {"peak_events": [peak], "event_quality": quality}, "sum_intensity")
    table = gather([image], Wish("sum_intensity", EVENTS), RunContext())
    assert table.values("peak_amplitude").tolist() == [2.0]
    assert table.values("rise_10_90_sec").tolist() == [0.4]
    assert table.values("snr").tolist() == [9.0]
    assert table.column("onset_time_sec").unit == "lines"
    assert table.flagged.all()


def test_events_that_cannot_be_read_are_none() -> None:
    image = recording("a.tif")
    measure(image, {"version": 2, "events": [{"id": "x"}]}, "event")
    assert len(gather([image], Wish("event", EVENTS), RunContext())) == 0


@pytest.mark.parametrize("rows", ["results", TABLE, EVENTS])
@pytest.mark.parametrize("name", ["", *analyses()])
def test_nothing_is_there(name: str, rows: str) -> None:
    if rows not in kinds_for(name):
        return
    for images in ([], [recording("a.tif")]):
        table = gather(images, Wish(name, rows), RunContext())
        assert len(table) == 0
        assert not kept(table, Keep()).size
        assert nothing_there(table, np.empty(0, np.intp), Keep(), len(images), "")


def test_gathering_stops_at_once(images) -> None:
    with pytest.raises(Cancelled):
        gather(images, Wish(), RunContext(is_cancelled=lambda: True))


def test_a_damaged_table_is_left_out_and_told(images, monkeypatch) -> None:
    def broken() -> dict[str, Any]:
        raise SidecarError(Path("m1_b.tif.csv"), "it ends early")

    record = images[1].state.records[0]
    table = ResultTable.deferred(broken, "damaged")
    images[1].state = images[1].state.with_record(
        AnalysisRecord(record.key, {}, record.summary, table, record.provenance)
    )
    table = table_of(images, TABLE)
    assert len(table) == 6
    assert "it ends early" in left_out(table, Keep(flagged=True))


def test_names_are_hidden(images) -> None:
    hidden = gather(images, Wish(VELOCITY, **BY_NAME), RunContext(), lambda file_id: "File 7")
    assert set(hidden.frame["name"]) == set(hidden.frame["file_id"]) == {"File 7"}
    assert set(hidden.frame["condition"]) == {"Blinded"}
    assert len(set(hidden.animals)) == 2
    assert not any("m1" in str(cell) for cell in hidden.frame.to_numpy().ravel())
    assert {file_id for file_id, _ in hidden.keys} == {image.file_id for image in images}


# --- who takes part --------------------------------------------------------------------------


def test_rejected_and_out_of_date_results_stay_out_unless_asked_for(images) -> None:
    images[1].state = images[1].state.with_review(Review.REJECTED)
    record = images[2].state.records[0]
    images[2].state = images[2].state.with_record(record.with_parameters({"window_width": 9}))
    table = table_of(images)
    assert kept(table, Keep()).sum() == 2
    assert kept(table, Keep(rejected=True)).sum() == 3
    assert kept(table, Keep(rejected=True, stale=True)).sum() == 4
    assert kept(table, Keep(accepted_only=True)).sum() == 0
    assert left_out(table, Keep()) == "2 rows left out: 1 rejected, 1 out of date"
    nothing = np.empty(0, np.intp)
    assert "4 not accepted" in nothing_there(table, nothing, Keep(True), 3, "")


def test_flagged_rows_stay_out_unless_asked_for(images) -> None:
    table = table_of(images, TABLE)
    assert kept(table, Keep()).sum() == 4
    assert kept(table, Keep(flagged=True)).sum() == 8


# --- points ----------------------------------------------------------------------------------


def test_values_are_in_the_unit_of_the_screen(images) -> None:
    numbers = numbers_of(table_of(images))
    assert numbers.y.tolist() == [0.1, 0.3, -0.4, 0.6]
    assert numbers.y_title == "Velocity mean (mm/s)"
    assert numbers.total == Counts(4, 4, 3, None)
    assert numbers.total.text == "n = 4 · 3 recordings"


def test_absolute_values(images) -> None:
    numbers = numbers_of(table_of(images), absolute=True)
    assert numbers.y.min() == 0.1
    assert numbers.y_title == "|Velocity mean| (mm/s)"


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("row", [0.1, 0.3, -0.4, 0.6]),
        ("roi", [0.1, 0.3, -0.4, 0.6]),
        ("file", [0.2, -0.4, 0.6]),
        ("animal", [-0.1, 0.6]),
    ],
)
def test_averages_go_upwards(images, per: str, expected: list[float]) -> None:
    numbers = numbers_of(table_of(images, **BY_NAME), per=per, group="condition")
    assert numbers.y == pytest.approx(expected)
    assert numbers.counts[0].animals == 1
    assert [one.points for one in numbers.counts] == [len(expected) - 1, 1]


def test_points_and_their_rows(images) -> None:
    numbers = numbers_of(table_of(images), per="file")
    assert numbers.rows_of(np.array([0])).tolist() == [0, 1]
    assert numbers.points_of(np.array([1, 3])).tolist() == [0, 2]
    assert numbers.points_of(np.empty(0, np.intp)).size == 0


def test_an_animal_must_be_known(images) -> None:
    with pytest.raises(CannotPool, match="animal"):
        numbers_of(table_of(images), per="animal")


def test_units_are_never_mixed(images) -> None:
    other = recording("px.tif", calibrated=False, condition="none")
    measure(other, {"velocity_mean": 2.0})
    table = table_of([*images, other])
    with pytest.raises(CannotPool, match=r"px/line and in um/s"):
        numbers_of(table)
    rows = np.flatnonzero(table.frame["condition"] == "none")
    assert plot_numbers(table, rows, PlotChoice(y="velocity_mean")).y_title.endswith("(px/line)")


def test_what_cannot_be_plotted_says_so(images) -> None:
    table = table_of(images)
    with pytest.raises(CannotPool, match="Choose"):
        numbers_of(table, y="nothing")
    with pytest.raises(CannotPool, match="x axis"):
        numbers_of(table, kind="scatter", x="")
    with pytest.raises(CannotPool, match="No row"):
        numbers_of(table, y="depth")
    many = [recording(f"{at}.tif") for at in range(41)]
    for image in many:
        measure(image, {"velocity_mean": 1.0})
    with pytest.raises(CannotPool, match="41 different"):
        numbers_of(table_of(many), group="name")


def test_missing_groups_have_a_name(images) -> None:
    other = recording("m3.tif")
    measure(other, {"velocity_mean": 5.0})
    numbers = numbers_of(table_of([other, *images]), group="condition")
    assert numbers.groups == ("control", "drug", "–")


@pytest.mark.parametrize("per", ["roi", "file", "animal"])
def test_the_summary_is_that_of_the_pool(images, per: str) -> None:
    table = table_of(images, **BY_NAME)
    choice = PlotChoice(y="velocity_mean", group="condition", per=per)
    ours = summarised(table, np.arange(len(table)), choice)
    theirs = Pool(images, animal=re.compile(r"^(m\d+)")).summary(
        "velocity_mean", by=("condition",), unit=per
    )
    for name in ("n_animals", "n_files", "n_rois", "mean", "sd", "sem", "median"):
        assert ours[name].tolist() == pytest.approx(theirs[name].tolist(), nan_ok=True), name
    points = plot_numbers(table, np.arange(len(table)), choice)
    assert points.values_of(0).mean() * 1000 == pytest.approx(ours["mean"][0])


def test_the_summary_counts_windows(images) -> None:
    table = table_of(images, TABLE)
    choice = PlotChoice(y="velocity", group="condition")
    summary = summarised(table, np.flatnonzero(kept(table, Keep())), choice)
    assert summary["n_windows"].tolist() == [3, 1]


def test_rows_keep_their_names_in_another_table(images) -> None:
    table = table_of(images, TABLE)
    names = table.names_of(np.array([3, 5]))
    fewer = table_of(images[:1], TABLE)
    assert table.rows_named(names).tolist() == [3, 5]
    assert fewer.rows_named(names).tolist() == [3]
    assert fewer.rows_named({}).size == 0


def test_rows_of_a_recording(images) -> None:
    table = table_of(images)
    first = images[0].file_id
    assert table.rows_of([first], None).tolist() == [0, 1]
    assert table.rows_of([first], AnalysisKey("diameter", 0, 2)).tolist() == [1]
    assert table.rows_of(["gone"], None).size == 0


# --- shapes ----------------------------------------------------------------------------------


def test_box() -> None:
    box = box_of(np.array([1.0, 2, 3, 4, 5, 100]))
    assert (box.low, box.median, box.high) == (1, 3.5, 5)
    assert (box.q1, box.q3) == (2.25, 4.75)


def test_violin_stays_within_its_values() -> None:
    values = np.random.default_rng(0).normal(0, 1, 500)
    places, density = violin_of(values)
    assert (places[0], places[-1]) == (values.min(), values.max())
    assert density.max() == 1
    assert abs(places[density.argmax()]) < 0.5
    for few in ([3.0], [3.0, 3.0]):
        assert np.isfinite(violin_of(np.array(few))[0]).all()


@pytest.mark.parametrize("count", [1, 2, 3, 50, 5000])
def test_swarm_stays_in_its_lane(count: int) -> None:
    values = np.random.default_rng(0).normal(0, 1, count)
    offsets = swarm_of(values, float(np.ptp(values)))
    assert offsets.shape == values.shape
    assert np.abs(offsets).max() <= 1
    same = swarm_of(np.ones(count), 0.0)
    assert np.unique(same).size == count


def test_histogram_and_cumulative() -> None:
    x, y = histogram_of(np.array([0.1, 0.2, 0.9]), np.array([0.0, 0.5, 1.0]))
    assert y.tolist() == [0, 2, 2, 1, 1, 0]
    assert x.tolist() == [0, 0, 0.5, 0.5, 1, 1]
    x, y = cumulative_of(np.array([2.0, 1.0]))
    assert x.tolist() == [1, 1, 2, 2]
    assert y.tolist() == [0, 0.5, 0.5, 1]


def test_statistics() -> None:
    values = np.array([1.0, 2.0, 6.0])
    found = {name: number(values) for name, (_, number) in STATISTICS.items()}
    assert (found["mean"], found["median"], found["sum"], found["count"]) == (3, 2, 9, 3)
    assert found["sd"] == pytest.approx(np.std(values, ddof=1))
    assert found["sem"] == pytest.approx(found["sd"] / 3**0.5)
    assert found["cv"] == pytest.approx(found["sd"] / 3)
    assert np.isnan(STATISTICS["sd"][1](np.array([1.0])))


# --- filter ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("control", [0, 1, 2]),
        ("condition=drug", [3]),
        ("velocity_mean>0.2", [1, 3]),
        ("velocity_mean<=-0.4", [2]),
        ("velocity_mean=0.3", [1]),
        ("control velocity_mean<0.2", [0, 2]),
        ("velocity_mean>", [0, 1, 2, 3]),
        ("nonsense", []),
    ],
)
def test_filter(images, text: str, expected: list[int] | None) -> None:
    frame = table_of(images).frame
    columns = [
        frame_column(frame["condition"], "Condition"),
        frame_column(frame["velocity_mean"], "Velocity", "mm/s", "", 1e-3),
    ]
    found = matching(columns, text)
    assert (None if found is None else np.flatnonzero(found).tolist()) == expected
