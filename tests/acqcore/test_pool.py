"""One table over many records: columns, types, units, nesting, and what is left out."""

from __future__ import annotations

import csv
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acqcore import AcqImage, RectRoiBounds
from acqcore._summaries import column_of, flattened, joined
from acqcore.acq_image_list import AcqImageList
from acqcore.errors import AcqError, CannotPool, SaveFailed, SidecarError
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.state import Review
from acqcore.pool import Pool

STEPS = (0.001, 0.5)


def recording(name: str, *, steps: tuple[float, float] | None = STEPS, **about: Any) -> AcqImage:
    """Without a file; `about` are fields of the experiment."""
    known = {"step_y": steps[0], "step_x": steps[1]} if steps else {}
    pixels = np.zeros((40, 20), np.uint16)
    image = AcqImage.from_array(pixels, axes="YX", source_id=name, **known)
    image.state = image.state.with_experiment(about)
    return image


def measured(
    image: AcqImage,
    summary: Mapping[str, Any],
    *,
    name: str = "radon_velocity",
    table: Mapping[str, Any] | None = None,
    channel: int = 0,
    roi_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> AnalysisRecord:
    """Put a finished record into the image, on a new ROI unless one is named."""
    roi = image.rois.get(roi_id) if roi_id else image.rois.create_rect_roi()
    ran = Provenance(parameters or {}, roi.geometry, image.calibration.steps)
    rows = ResultTable({n: np.asarray(v) for n, v in table.items()}) if table else None
    record = AnalysisRecord(AnalysisKey(name, channel, roi.id), {}, summary, rows, ran)
    image.state = image.state.with_record(record)
    return record


def velocities(*values: float, flag: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "time_s": np.arange(len(values)) / 10,
        "velocity": np.array(values, float),
        "flag": np.array(flag or ("",) * len(values)),
    }


@pytest.fixture
def nested() -> list[AcqImage]:
    """Two control animals, one with two files, one of these with two ROIs; one other animal."""
    a1, a2 = recording("m1_a", condition="Ctrl"), recording("m1_b", condition="Ctrl")
    b, c = recording("m2_a", condition="Ctrl"), recording("m3_a", condition="Drug")
    measured(a1, {"velocity_mean": 1.0}, table=velocities(1, 1, 1, 1))
    measured(a1, {"velocity_mean": 3.0}, table=velocities(2, 4))
    measured(a2, {"velocity_mean": 6.0}, table=velocities(6))
    measured(b, {"velocity_mean": 10.0}, table=velocities(9, 10, 11))
    measured(c, {"velocity_mean": 7.0}, table=velocities(7))
    return [a1, a2, b, c]


MOUSE = re.compile(r"^(m\d+)_")


def test_a_row_per_record_says_what_it_is() -> None:
    image = recording("m1_a.tif", condition="Ctrl", depth=80.0, branch_order=4)
    roi = image.rois.create_rect_roi(RectRoiBounds(10, 30, 4, 14), "Vessel")
    measured(
        image,
        {"num_windows": 5, "num_flagged": 1, "velocity_mean": 2.5, "lomb": {"bpm": 300}},
        roi_id=roi.id,
        parameters={"window_width": 16, "estimator": "classic"},
    )
    frame = Pool([image], animal=MOUSE).records()
    (row,) = frame.to_dict("records")
    assert row["file_id"] == image.file_id
    assert (row["name"], row["animal"], row["condition"]) == ("m1_a.tif", "m1", "Ctrl")
    assert (row["analysis"], row["channel"], row["roi_id"]) == ("radon_velocity", 0, roi.id)
    assert (row["roi_name"], row["roi_kind"]) == ("Vessel", "rect")
    assert [row[f"roi_{n}"] for n in ("line_start", "line_stop", "pixel_start", "pixel_stop")] == [
        10, 30, 4, 14,
    ]  # fmt: skip
    assert (row["roi_start_s"], row["roi_stop_s"]) == pytest.approx((0.01, 0.03))
    assert (row["roi_start_um"], row["roi_stop_um"]) == (2.0, 7.0)
    assert (row["seconds_per_line"], row["um_per_pixel"]) == STEPS
    assert (row["param_window_width"], row["param_estimator"]) == (16, "classic")
    assert (row["velocity_mean"], row["velocity_mean_unit"]) == (2.5, "um/s")
    assert row["lomb_bpm"] == 300
    assert (row["review"], row["stale"]) == ("undecided", "")
    assert frame["depth"].dtype == frame["velocity_mean"].dtype == np.float64
    assert frame["branch_order"].dtype == frame["num_windows"].dtype == np.int64
    assert frame["condition"].dtype == object


def test_order_of_files_and_of_creation() -> None:
    images = [recording("b"), recording("a")]
    for image in images:
        measured(image, {"velocity_mean": 1.0})
        measured(image, {"mean": 1.0}, name="zoo")
    again = [recording("b")]  # the same file once more does not count twice
    frame = Pool([*images, *again]).records()
    found = [(row["name"], row["analysis"], row["roi_id"]) for row in frame.to_dict("records")]
    assert found == [
        ("b", "radon_velocity", 1), ("b", "zoo", 2), ("a", "radon_velocity", 1), ("a", "zoo", 2),
    ]  # fmt: skip


def test_an_unfinished_record_is_not_in_the_pool() -> None:
    image = recording("a")
    roi = image.rois.create_rect_roi()
    image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id)
    assert len(Pool([image])) == len(Pool([image]).records()) == 0
    assert list(Pool([image]).rows("radon_velocity")["velocity"]) == []


def test_a_pool_is_a_snapshot() -> None:
    image = recording("a")
    measured(image, {"velocity_mean": 1.0})
    pool = Pool(iter([image]))
    image.rois.clear()
    assert len(pool) == len(pool.records()) == 1
    assert len(Pool([image])) == 0


def test_out_of_date_and_rejected_are_left_out_unless_asked_for() -> None:
    moved, bad, good = recording("moved"), recording("bad"), recording("good")
    for image in (moved, bad, good):
        measured(image, {"velocity_mean": 1.0})
    moved.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 5, 0, 5))
    bad.state = bad.state.with_review(Review.REJECTED)
    images = [moved, bad, good]
    pool = Pool(images)
    assert list(pool.records()["name"]) == ["good"]
    assert [(Path(one.file_id).name, one.why) for one in pool.left_out] == [
        ("moved", "ROI 1 moved since this run"),
        ("bad", "The recording is rejected"),
    ]
    stale = Pool(images, include_stale=True).records()
    assert list(stale["name"]) == ["moved", "good"]
    assert list(stale["stale"]) == ["ROI 1 moved since this run", ""]
    # The number belongs to the ROI as it was.
    assert list(stale["roi_line_stop"]) == [40, 40]
    both = Pool(images, include_stale=True, include_rejected=True).records()
    assert list(both["review"]) == ["undecided", "rejected", "undecided"]


def test_means_of_means(nested: list[AcqImage]) -> None:
    pool = Pool(nested, animal=MOUSE)
    ctrl, drug = pool.summary("velocity", by="condition").to_dict("records")
    # ROIs 1 and 3 give file 2; files 2 and 6 give animal 4; animals 4 and 10 give 7.
    assert (ctrl["condition"], ctrl["per"], ctrl["value_unit"]) == ("Ctrl", "animal", "um/s")
    assert [ctrl[n] for n in ("n_animals", "n_files", "n_rois", "n_windows")] == [2, 3, 4, 10]
    assert (ctrl["mean"], ctrl["median"], ctrl["min"], ctrl["max"]) == (7, 7, 4, 10)
    assert ctrl["sd"] == pytest.approx(math.sqrt(18))
    assert ctrl["sem"] == pytest.approx(3)
    assert drug["mean"] == 7
    assert math.isnan(drug["sd"])
    assert math.isnan(drug["sem"])


@pytest.mark.parametrize(
    ("unit", "nest", "expected"),
    [
        ("file", ("roi",), [2, 6, 10]),
        ("roi", (), [1, 3, 6, 10]),
        ("window", (), [1, 1, 1, 1, 2, 4, 6, 9, 10, 11]),
        ("animal", ("roi",), [10 / 3, 10]),  # straight from ROIs to animals
        ("animal", (), [16 / 7, 10]),  # every window of an animal alike
    ],
)
def test_the_unit_and_the_way_there(
    nested: list[AcqImage], unit: str, nest: tuple[str, ...], expected: list[float]
) -> None:
    pool = Pool(nested[:3], animal=MOUSE)
    (row,) = pool.summary("velocity", by=(), unit=unit, nest=nest).to_dict("records")
    assert row["mean"] == pytest.approx(np.mean(expected))
    assert row["sd"] == pytest.approx(np.std(expected, ddof=1))
    assert row["sem"] == pytest.approx(np.std(expected, ddof=1) / math.sqrt(len(expected)))
    assert (row["n_animals"], row["n_windows"]) == (2, 10)


def test_summary_numbers_nest_alike_and_count_windows_where_told(nested: list[AcqImage]) -> None:
    (ctrl, _) = Pool(nested, animal=MOUSE).summary("velocity_mean").to_dict("records")
    assert (ctrl["mean"], ctrl["n_rois"]) == (7, 4)
    assert pd.isna(ctrl["n_windows"])
    image = recording("a")
    measured(image, {"velocity_mean": 1.0, "num_windows": 9, "num_flagged": 2})
    (row,) = Pool([image]).summary("velocity_mean", unit="file").to_dict("records")
    assert (row["n_windows"], row["n_files"]) == (7, 1)
    assert pd.isna(row["n_animals"])


def test_an_unknown_animal_is_an_error_not_a_guess(nested: list[AcqImage]) -> None:
    with pytest.raises(CannotPool, match="animal of m1_a is not known"):
        Pool(nested).summary("velocity_mean")
    odd = recording("mouse one")
    measured(odd, {"velocity_mean": 1.0})
    with pytest.raises(CannotPool, match="animal of mouse one is not known"):
        Pool([*nested, odd], animal=MOUSE).summary("velocity_mean")
    assert issubclass(CannotPool, AcqError)


def test_rules_for_animals(nested: list[AcqImage]) -> None:
    nested[0].state = nested[0].state.with_experiment({"note": " m7 "})
    by_field = Pool(nested[:1], animal="note").records()
    assert list(by_field["animal"].unique()) == ["m7"]
    by_function = Pool(nested, animal=lambda image: image.name.upper()).records()
    assert list(by_function["animal"].unique()) == ["M1_A", "M1_B", "M2_A", "M3_A"]
    whole = Pool(nested[:1], animal=re.compile(r"m\d")).records()
    assert list(whole["animal"].unique()) == ["m1"]
    with pytest.raises(CannotPool, match="'mouse' is no column"):
        Pool(nested, animal="mouse")


def test_units_are_never_mixed() -> None:
    known, unknown = recording("a"), recording("b", steps=None)
    for image, value in ((known, 500.0), (unknown, 2.0)):
        measured(image, {"velocity_mean": value, "velocity_cv": 0.1}, table=velocities(value))
    pool = Pool([known, unknown])
    for value in ("velocity_mean", "velocity"):
        with pytest.raises(CannotPool, match=r"in px/line and in um/s.*group by velocity"):
            pool.summary(value, by=(), unit="file")
        apart = pool.summary(value, by=f"{value}_unit", unit="file").to_dict("records")
        assert [(row["value_unit"], row["mean"]) for row in apart] == [
            ("px/line", 2.0), ("um/s", 500.0),
        ]  # fmt: skip
    assert pool.summary("velocity_cv", by=(), unit="file")["n_files"].tolist() == [2]
    frame = pool.records()
    assert math.isnan(frame["um_per_pixel"][1])
    assert math.isnan(frame["roi_stop_s"][1])
    units = {column.name: column.unit for column in pool.columns()}
    assert units["velocity_mean"] == "see velocity_mean_unit"
    assert list(pool.rows("radon_velocity")["time_s_unit"]) == ["s", "lines"]


def test_a_stale_number_keeps_the_unit_it_was_computed_in() -> None:
    image = recording("a", steps=None)
    measured(image, {"velocity_mean": 2.0})
    image.state = image.state.with_calibration(Calibration(0.001, 0.5, "seconds", "um", "user"))
    frame = Pool([image], include_stale=True).records()
    assert list(frame["velocity_mean_unit"]) == ["px/line"]
    assert frame["um_per_pixel"].isna().all()


def test_two_channels_of_one_roi_are_not_two_measurements() -> None:
    image = recording("a")
    for channel, value in ((0, 1.0), (1, 5.0)):
        measured(image, {"velocity_mean": value}, channel=channel, roi_id=1 if channel else None)
    pool = Pool([image])
    with pytest.raises(CannotPool, match="several channels"):
        pool.summary("velocity_mean", by=(), unit="file")
    one = pool.summary("velocity_mean", by=(), unit="file", channel=1)
    assert (one["mean"][0], one["n_rois"][0]) == (5, 1)
    each = pool.summary("velocity_mean", by="channel", unit="roi")
    assert each[["channel", "mean"]].to_numpy().tolist() == [[0, 1], [1, 5]]


def test_windows_that_are_not_trusted() -> None:
    image = recording("a")
    measured(image, {}, table=velocities(1, 2, 90, np.nan, flag=("", "", "low_snr", "blank")))
    pool = Pool([image])
    (used,) = pool.summary("velocity", by=(), unit="window").to_dict("records")
    assert (used["mean"], used["n_windows"]) == (1.5, 2)
    (every,) = pool.summary("velocity", (), "window", flagged=True).to_dict("records")
    assert (every["mean"], every["n_windows"]) == (31, 3)


def test_names_that_are_not_there_or_mean_two_things(nested: list[AcqImage]) -> None:
    pool = Pool(nested, animal=MOUSE)
    measured(nested[0], {"velocity_mean": 1.0, "label": "fast"}, name="other")
    two = Pool(nested, animal=MOUSE)
    for asked, told in (
        ({"value": "speed"}, "has 'speed' of each animal"),
        ({"value": "velocity_mean", "unit": "window"}, "of each window"),
        ({"value": "velocity_mean", "by": "colour"}, "no column 'colour'"),
        ({"value": "velocity_mean", "unit": "cage"}, "no level 'cage'"),
        ({"value": "flag"}, "flag is not a number"),
    ):
        with pytest.raises(CannotPool, match=told):
            pool.summary(**asked)
    with pytest.raises(CannotPool, match="in other and radon_velocity"):
        two.summary("velocity_mean")
    assert len(two.summary("velocity_mean", analysis="radon_velocity")) == 2
    with pytest.raises(CannotPool, match="no record of 'third'"):
        two.rows("third")


def test_blank_and_missing_groups_stay() -> None:
    images = [recording("a", depth=10.0), recording("b"), recording("c", depth=10.0)]
    for image in images:
        measured(image, {"velocity_mean": 1.0})
    table = Pool(images).summary("velocity_mean", by=("depth", "condition"), unit="file")
    assert table["n_files"].tolist() == [2, 1]
    assert math.isnan(table["depth"][1])
    nothing = recording("d")
    measured(nothing, {"velocity_mean": None})
    empty = Pool([nothing]).summary("velocity_mean", unit="file")
    assert (len(empty), "mean" in empty) == (0, True)


def test_rows_of_an_analysis_that_nobody_knows() -> None:
    one, other = recording("a", condition="x"), recording("b")
    first = {"name": ["p", "q"], "ok": [True, False], "count": [1, 2], "size": [1, 2]}
    second = {"size": [0.5], "note two": ["t"], "ok": [np.nan], "name": [np.nan]}
    measured(one, {"name": "n"}, name="custom", table=first)
    measured(other, {}, name="custom", table=second)
    pool = Pool([one, other])
    rows = pool.rows("custom")
    assert list(rows["file_id"]) == [one.file_id, one.file_id, other.file_id]
    assert list(rows["name"]) == ["a", "a", "b"]
    assert rows["custom_name"].tolist()[:2] == ["p", "q"]
    assert rows["custom_name"].isna().tolist() == [False, False, True]
    assert (rows["ok"].dtype, rows["ok"].tolist()) == ("boolean", [True, False, pd.NA])
    assert rows["size"].tolist() == [1, 2, 0.5]
    assert rows["count"].tolist()[:2] == [1, 2]
    assert math.isnan(rows["count"][2])
    assert rows["note two"].isna().tolist() == [True, True, False]
    assert pool.summary("size", by=(), unit="file")["mean"].tolist() == [1.0]
    assert pool.records()["custom_name"][0] == "n"
    slim = pool.rows("custom", beside=("condition",))
    assert list(slim.columns[:2]) == ["condition", "custom_name"]
    with pytest.raises(CannotPool, match="'colour' cannot stand"):
        pool.rows("custom", beside=("colour",))


def test_types_of_columns() -> None:
    for values, dtype in (
        ([1, 2], "int64"), ([1, None], "float64"), ([1, 2.5], "float64"), ([True, False], "bool"),
        ([True, None], "boolean"), ([True, 2], "float64"), (["a", None], "object"),
        (["a", 1], "object"), ([None, None], "float64"), ([], "float64"), ([10**30], "float64"),
    ):  # fmt: skip
        assert column_of(values).dtype == dtype, values
    assert column_of([10**400, -(10**400)]).tolist() == [math.inf, -math.inf]
    whole, text = np.array([1, 2]), np.array(["a", ""])
    assert joined([whole, whole], [2, 2]).dtype == "int64"
    assert joined([whole, None], [2, 1]).dtype == "float64"
    assert joined([text, np.array([1.5, np.nan])], [2, 2]).tolist()[:3] == ["a", "", "1.5"]
    assert joined([], []).dtype == "float64"


def test_nested_summaries_become_flat() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"x": deep}
    flat = flattened({"a": {"b": 1, "c": {"d": "t"}}, "l": [1, 2], "e": [], "ev": [{}], "z": deep})
    assert {k: v for k, v in flat.items() if not k.startswith("z")} == {
        "a_b": 1, "a_c_d": "t", "l_count": 2, "l": "1; 2", "e_count": 0, "ev_count": 1,
    }  # fmt: skip
    assert [v for k, v in flat.items() if k.startswith("z")] == [1]


def test_csv_with_units_and_without_formulas(tmp_path: Path) -> None:
    image = recording("a", condition='=HYPERLINK("x")', note="-5 mV, µm")
    measured(image, {"velocity_mean": -1 / 3, "=evil": 2}, table=velocities(-0.1, np.nan))
    pool, path = Pool([image]), tmp_path / "pool.csv"
    pool.to_csv(path)
    names, units, cells = csv.reader(path.read_text(encoding="utf-8").splitlines())
    row, unit = dict(zip(names, cells, strict=True)), dict(zip(names, units, strict=True))
    assert row["condition"] == '\'=HYPERLINK("x")'
    assert row["note"].startswith("'-5 mV, µm")
    assert float(row["velocity_mean"]) == -1 / 3
    assert (unit["velocity_mean"], unit["um_per_pixel"], unit["roi_line_stop"]) == (
        "um/s", "um", "lines",
    )  # fmt: skip
    assert "'=evil" in names
    with pytest.raises(SaveFailed, match="already"):
        pool.to_csv(path)
    pool.to_csv(path, "radon_velocity", units_row=False, overwrite=True)
    back = pd.read_csv(path)
    assert back["velocity"][0] == -0.1
    assert math.isnan(back["velocity"][1])
    meaning = pd.read_csv(tmp_path / "pool.csv.dictionary.csv").set_index("column")
    assert list(meaning.index) == list(back.columns)
    assert (meaning["unit"]["velocity"], meaning["unit"]["time_s"]) == ("um/s", "s")
    assert "higher columns" in meaning["meaning"]["velocity"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["pool.csv", "pool.csv.dictionary.csv"]


def test_where_it_may_not_be_written(make_tiff, tmp_path: Path) -> None:
    image = AcqImage(make_tiff())
    measured(image, {"velocity_mean": 1.0})
    pool = Pool([image])
    for name, told in (
        ("a.tif", "must end in .csv"),
        ("a.tif.radon_velocity.csv", "results of the recording"),
        ("nowhere/pool.csv", "no longer there"),
    ):
        with pytest.raises(SaveFailed, match=told):
            pool.to_csv(tmp_path / name, overwrite=True)
    before = image.path
    assert Path(before).stat().st_size > 1000


def test_parquet_keeps_types_and_units(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    image = recording("a")
    measured(image, {"velocity_mean": 0.1, "ok": True, "num_windows": 3})
    path = tmp_path / "pool.parquet"
    Pool([image]).to_parquet(path)
    back = pd.read_parquet(path)
    assert back["velocity_mean"].tolist() == [0.1]
    assert (back["ok"].dtype, back["num_windows"].dtype) == (bool, np.int64)
    assert back.attrs["columns"]["velocity_mean"]["unit"] == "um/s"


def test_parquet_without_its_library_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = recording("a")
    measured(image, {"velocity_mean": 0.1})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SaveFailed, match="pyarrow, which is not installed"):
        Pool([image]).to_parquet(tmp_path / "pool.parquet")
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    image = recording("a\udcff", condition="x")
    measured(image, {"velocity_mean": 1.0})
    pool = Pool([image])
    pool.to_csv(tmp_path / "pool.csv")
    assert pool.summary("velocity_mean", by="name", unit="file")["name"].tolist() == ["a\\udcff"]


def test_real_runs_saved_and_opened_again(make_tiff, tmp_path: Path) -> None:
    for seed, name in enumerate(("m1/a.tif", "m2/b.tif")):
        image = AcqImage(make_tiff(name, lines=128, seed=seed))
        roi = image.rois.create_rect_roi()
        found = image.analysis_set.create(
            "radon_velocity", channel=0, roi_id=roi.id, detection_params={"window_width": 32}
        )
        image.analysis_set.run_analysis(found.key)
        image.save()
    pool = Pool(AcqImageList(tmp_path), animal="parent")
    assert pool.analysis_names == ("radon_velocity",)
    rows = pool.rows("radon_velocity")
    assert rows["flag"].dtype == object
    assert rows["velocity"].dtype == rows["time_s"].dtype == np.float64
    assert len(rows) == pool.records()["num_windows"].sum() == 26
    table = pool.summary("velocity", by=())
    assert (table["n_animals"][0], table["n_rois"][0]) == (2, 2)
    means = pool.records()["velocity_mean"]
    assert table["mean"][0] == pytest.approx(means.mean())
    assert [column.name for column in pool.columns()] == list(pool.records().columns)
    assert [c.name for c in pool.columns("radon_velocity")] == list(rows.columns)


def test_a_damaged_table_is_named(make_tiff, tmp_path: Path) -> None:
    image = AcqImage(make_tiff(lines=128))
    roi = image.rois.create_rect_roi()
    image.analysis_set.run_analysis(
        image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id).key
    )
    image.save()
    table = tmp_path / "a.tif.radon_velocity.csv"
    table.write_bytes(table.read_bytes()[::-1])
    pool = Pool([AcqImage(image.path)])
    assert pool.records()["velocity_mean"].notna().all()
    with pytest.raises(SidecarError, match=r"a\.tif\.radon_velocity\.csv"):
        pool.rows("radon_velocity")
    table.unlink()
    pool = Pool([AcqImage(image.path)])
    assert (len(pool), len(pool.rows("radon_velocity"))) == (1, 0)
    assert [one.file_id for one in pool.without_rows] == [image.file_id]
