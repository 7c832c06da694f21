"""Rules that the reference program's reader makes for a sidecar that we write, one by one."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import LineROI, RectROI
from acqcore.model.state import AcqState, Review
from acqcore.storage import sidecar
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())
KNOWN = ["radon_velocity", "diameter", "event", "heart_rate", "sum_intensity"]


def record(name: str, roi_id: int = 1, time: str = "", **parameters: Any) -> AnalysisRecord:
    ran = Provenance(parameters, (0, 9, 0, 9), (1.0, 1.0), time)
    table = ResultTable({"t": np.arange(3.0)}) if name not in ("event", "heart_rate") else None
    return AnalysisRecord(AnalysisKey(name, 0, roi_id), parameters, {"n": 1}, table, ran)


STATE = AcqState(
    review=Review.REJECTED,
    rois=(RectROI(1, 0, 9, 0, 9, "one", "a note"), LineROI(2, 0, 0, 5, 5)),
    next_roi_id=4,
    experiment=ExperimentMetadata(species="mouse"),
    contrasts=MappingProxyType({0: ImageContrast("Gray", 0.5, 2.5, 0, 9)}),
    records=(
        record("event", pre_post_win_sec=1.0, ours=2),
        record("heart_rate", bpm_min=240.0, species_preset="mouse"),
        record("radon_velocity", time="2026-02", estimator="unbiased"),
        record("diameter", time="2026-01"),
        record("diameter", 2, "2026-03"),
        record("radon_velocity", 2, "2026-02"),
        record("event", 2),
        record("event", 3),
        record("pulse wave"),
    ),
)


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Any]:
    """The document of a state with a case for every rule; checked to come back equal."""
    sidecar.write(tmp_path / "a.tif", HEADER, STATE, OnDisk(), writer="test")
    loaded = sidecar.read(tmp_path / "a.tif", HEADER)
    assert (loaded.problems, loaded.state) == ((), STATE)
    stored: dict[str, Any] = json.loads(sidecar_path(tmp_path / "a.tif").read_text())
    return stored


def listed(written: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(one["analysis_name"], one["channel"], one["roi_id"]) for one in written["analysis"]]


def test_required_keys_and_the_version_are_there(written) -> None:
    assert written["version"] == 2
    assert {"accepted", "rois", "experiment_metadata", "image_header_metadata"} <= set(written)
    assert written["accepted"] is False
    assert set(written) - {"cloudscope", "image_contrast", "analysis"} == {
        "version", "accepted", "rois", "experiment_metadata", "image_header_metadata",
    }  # fmt: skip


def test_text_is_sorted_ascii_without_a_last_newline(tmp_path: Path, written) -> None:
    text = sidecar_path(tmp_path / "a.tif").read_bytes()
    assert text == json.dumps(written, indent=2, sort_keys=True).encode("ascii")


def test_rule_1_regions_have_exactly_these_keys(written) -> None:
    assert [roi["roi_type"] for roi in written["rois"]] == ["rectroi", "linesegmentroi"]
    for roi in written["rois"]:
        assert set(roi) == {"roi_id", "roi_type", "version", "name", "note", "data"}
        assert roi["version"] == "1.0"
        assert all(type(value) is int for value in roi["data"].values())
    rect, line = (set(roi["data"]) for roi in written["rois"])
    assert rect == {"row_start", "row_stop", "col_start", "col_stop"}
    assert line == {"row0", "col0", "row1", "col1"}


def test_rule_2_children_have_no_unknown_parameters(written) -> None:
    of = {one["analysis_name"]: one["detection_params"] for one in written["analysis"]}
    assert of["event"] == {"pre_post_win_sec": 1.0}
    assert of["heart_rate"] == {"bpm_min": 240.0}
    assert of["radon_velocity"] == {"estimator": "unbiased"}
    assert all("summary" in one for one in written["analysis"])


def test_rule_3_only_known_names(written) -> None:
    assert {name for name, _, _ in listed(written)} <= set(KNOWN)


def test_rule_4_parents_first_no_duplicates_no_exclusive_pair(written) -> None:
    places = listed(written)
    assert len(set(places)) == len(places)
    for name, channel, roi_id in places:
        if name in ("event", "heart_rate"):
            parent = ("radon_velocity", channel, roi_id)
            assert parent in places
            assert places.index(parent) < places.index((name, channel, roi_id))
        if name == "diameter":
            assert ("radon_velocity", channel, roi_id) not in places
    assert ("radon_velocity", 0, 1) in places  # each place has the one that ran last
    assert ("diameter", 0, 2) in places


def test_rule_5_ours_alone_stands_in_one_block(written) -> None:
    apart = written["cloudscope"]["analysis"]
    assert {(one["analysis_name"], one["roi_id"]) for one in apart} == {
        ("diameter", 1), ("radon_velocity", 2), ("event", 2), ("event", 3), ("pulse wave", 1),
    }  # fmt: skip


def test_rule_6_tables_have_the_two_key_columns(tmp_path: Path, written) -> None:
    for csv in tmp_path.glob("*.csv"):
        assert csv.read_text().startswith("channel,roi_id,t\n")


def test_contrast_limits_are_whole_numbers_under_the_shared_names(written) -> None:
    entry = written["image_contrast"]["0"]
    for name in ("value_min", "value_max", "img_min", "img_max"):
        assert type(entry[name]) is int


def test_keys_that_a_region_must_not_have_move_to_our_block(tmp_path: Path, written) -> None:
    path = sidecar_path(tmp_path / "a.tif")
    written["rois"][0]["colour"] = "red"
    path.write_text(json.dumps(written))
    loaded = sidecar.read(tmp_path / "a.tif", HEADER)
    assert "colour" in str(loaded.problems[0])
    sidecar.write(tmp_path / "a.tif", HEADER, loaded.state, loaded.on_disk, writer="test")
    again = json.loads(path.read_text())
    assert "colour" not in again["rois"][0]
    assert again["cloudscope"]["kept"] == {"rois[0]": {"colour": "red"}}
