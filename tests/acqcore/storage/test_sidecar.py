"""What is saved comes back; what is not understood is kept; nobody's work is overwritten."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acqcore.errors import SaveFailed, SidecarConflict
from acqcore.model.contrast import LUT_NAMES, ImageContrast
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import LineROI, RectROI
from acqcore.model.state import AcqState, Review
from acqcore.storage import sidecar
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())


def save(image: Path, state: AcqState, on_disk: OnDisk | None = None, **options: bool) -> OnDisk:
    return sidecar.write(image, HEADER, state, on_disk or OnDisk(), writer="test", **options)


def record(name: str = "radon_velocity", roi_id: int = 1, seed: int = 0) -> AnalysisRecord:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=7)
    values[2] = np.nan
    table = {
        "time_s": np.arange(7.0),
        "velocity": values,
        "count": np.arange(7),
        "good": values > 0,
        "flag": np.array(["", "blank", "", "", "=1+1", "", ""]),
    }
    ran = Provenance({"window_width": 64}, (0, 200, 0, 32), (1.0, 1.0), "2026-01-02T03:04:05+00:00")
    key = AnalysisKey(name, 0, roi_id)
    return AnalysisRecord(key, {"window_width": 64}, {"mean": 0.5}, ResultTable(table), ran)


def state_with_everything() -> AcqState:
    return AcqState(
        review=Review.ACCEPTED,
        rois=(RectROI(1, 0, 200, 0, 32, "vessel"), LineROI(4, 0, 0, 9, 9)),
        next_roi_id=9,
        experiment=ExperimentMetadata(species="mouse", depth=120.5, branch_order=2, note="ä\n=1"),
        calibration=Calibration(0.001, 0.25, "seconds", "um", "user"),
        contrasts=MappingProxyType({0: ImageContrast("Viridis", 12, 800, 0, 4095)}),
        records=(record(), record("diameter", 4, 1)),
    )


def test_state_comes_back_equal(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    save(image, state)

    loaded = sidecar.read(image, HEADER)

    assert loaded.problems == ()
    assert loaded.state == state
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "a.tif.diameter.csv", "a.tif.json", "a.tif.radon_velocity.csv",
    ]  # fmt: skip


def test_reopened_table_equals_in_content_not_only_by_name(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    save(image, state)

    table = sidecar.read(image, HEADER).state.records[0].table

    assert table is not None
    assert [table[name].dtype.kind for name in table.names] == ["f", "f", "i", "b", "U"]
    np.testing.assert_array_equal(table["velocity"], state.records[0].table["velocity"])


names = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
contrasts = st.builds(
    ImageContrast,
    st.sampled_from(LUT_NAMES),
    *[st.integers(-5, 70000) | st.floats(-1e30, 1e30)] * 4,
)
rects = st.builds(
    lambda i, a, b, c, d, name: RectROI(i, a, a + b, c, c + d, name),
    st.integers(1, 50), st.integers(0, 99), st.integers(1, 99), st.integers(0, 99),
    st.integers(1, 99), names,
)  # fmt: skip
states = st.builds(
    AcqState,
    review=st.sampled_from(Review),
    rois=st.lists(rects, max_size=4, unique_by=lambda roi: roi.id).map(tuple),
    next_roi_id=st.integers(51, 99),
    experiment=st.builds(
        ExperimentMetadata,
        species=names.map(str.strip),
        note=names.map(str.strip),
        depth=st.none() | numbers,
        branch_order=st.none() | st.integers(-9, 9),
    ),
    calibration=st.none()
    | st.builds(Calibration, st.floats(1e-9, 9.0), st.floats(1e-9, 9.0), names, names, names),
    contrasts=st.dictionaries(st.integers(0, 5), contrasts, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(state=states)
def test_any_state_comes_back_equal(tmp_path: Path, state: AcqState) -> None:
    image = tmp_path / "a.tif"
    sidecar_path(image).unlink(missing_ok=True)
    save(image, state)
    loaded = sidecar.read(image, HEADER)
    assert loaded.problems == ()
    assert loaded.state == state


def test_layout_is_the_reference_programs(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", state_with_everything())
    text = (tmp_path / "a.tif.json").read_text()
    stored = json.loads(text)

    assert stored["version"] == 2
    assert text == json.dumps(stored, indent=2, sort_keys=True)
    assert set(stored["rois"][0]) == {"roi_id", "roi_type", "version", "name", "note", "data"}
    assert [one["analysis_name"] for one in stored["analysis"]] == ["radon_velocity", "diameter"]
    first_line = (tmp_path / "a.tif.radon_velocity.csv").read_text().splitlines()[0]
    assert first_line == "channel,roi_id,time_s,velocity,count,good,flag"


def test_no_nan_in_json(tmp_path: Path) -> None:
    summary = {"cv": float("nan"), "top": float("inf"), "deep": [{"x": float("nan")}]}
    one = replace(record(), summary=summary)
    save(tmp_path / "a.tif", replace(state_with_everything(), records=(one,)))
    text = (tmp_path / "a.tif.json").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text


def test_exclusive_records_are_both_kept(tmp_path: Path) -> None:
    velocity, diameter = record(), record("diameter", 1)
    later = replace(diameter.provenance, time_utc="2026-05-01T00:00:00+00:00")
    state = replace(
        state_with_everything(), records=(velocity, replace(diameter, provenance=later))
    )
    save(tmp_path / "a.tif", state)

    stored = json.loads((tmp_path / "a.tif.json").read_text())
    assert [one["analysis_name"] for one in stored["analysis"]] == ["diameter"]
    assert sidecar.read(tmp_path / "a.tif", HEADER).state == state


def test_parents_come_first_and_order_of_creation_comes_back(tmp_path: Path) -> None:
    state = replace(state_with_everything(), records=(record("event"), record()))
    save(tmp_path / "a.tif", state)
    stored = json.loads((tmp_path / "a.tif.json").read_text())
    assert [one["analysis_name"] for one in stored["analysis"]] == ["radon_velocity", "event"]
    assert sidecar.read(tmp_path / "a.tif", HEADER).state == state


def test_unknown_content_survives(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, state_with_everything())
    path = sidecar_path(image)
    stored = json.loads(path.read_text())
    stored["their_key"] = {"a": [1, 2]}
    stored["experiment_metadata"]["weather"] = "rain"
    stored["cloudscope"]["from_the_future"] = 1
    stored["analysis"].append(
        {"analysis_name": "sparks", "channel": 0, "roi_id": 1, "detection_params": {"k": 3},
         "summary": {"n": 5}, "extra": True}
    )  # fmt: skip
    (tmp_path / "a.tif.sparks.csv").write_text("channel,roi_id,t\n0,1,0.5\n")
    path.write_text(json.dumps(stored))

    loaded = sidecar.read(image, HEADER)
    save(image, loaded.state.with_review(Review.REJECTED), loaded.on_disk)

    again = json.loads(path.read_text())
    assert again["their_key"] == {"a": [1, 2]}
    assert again["experiment_metadata"]["weather"] == "rain"
    assert again["cloudscope"]["from_the_future"] == 1
    sparks = next(one for one in again["analysis"] if one["analysis_name"] == "sparks")
    assert sparks["extra"] is True
    assert sparks["summary"] == {"n": 5}
    assert (tmp_path / "a.tif.sparks.csv").read_text() == "channel,roi_id,t\n0,1,0.5\n"


def test_rows_of_no_record_survive_a_new_run(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, replace(state_with_everything(), records=(record(),)))
    path = sidecar_path(image)
    stored = json.loads(path.read_text())
    del stored["cloudscope"]  # as another program leaves it
    path.write_text(json.dumps(stored))
    csv = tmp_path / "a.tif.radon_velocity.csv"
    csv.write_text(csv.read_text() + "3,77,0.5,1.5,2,True,\n")

    loaded = sidecar.read(image, HEADER)
    save(image, loaded.state.with_record(record(seed=5)), loaded.on_disk)

    assert csv.read_text().splitlines()[-1].startswith("3,77,0.5,1.5")


def test_foreign_csv_is_never_deleted_nor_overwritten(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    notes = tmp_path / "a.tif.my_notes.csv"
    theirs = tmp_path / "a.tif.diameter.csv"
    for one in (notes, theirs):
        one.write_text("not ours")
    on_disk = save(image, AcqState())
    with pytest.raises(SidecarConflict):
        save(image, AcqState(records=(record("diameter"),)), on_disk)
    assert notes.read_text() == theirs.read_text() == "not ours"


def test_save_that_was_killed_before_its_json_can_be_done_again(tmp_path: Path) -> None:
    """The CSV then holds already what it is to hold, unknown to the sidecar."""
    state = AcqState(rois=(RectROI(1, 0, 8, 0, 4),), records=(record(),))
    save(tmp_path / "other.tif", state)
    image, ours = tmp_path / "a.tif", tmp_path / "a.tif.radon_velocity.csv"
    ours.write_bytes((tmp_path / "other.tif.radon_velocity.csv").read_bytes())
    save(image, state)
    assert sidecar_path(image).is_file()
    assert sorted(one.name for one in tmp_path.glob("a.tif*")) == [
        "a.tif.json",
        "a.tif.radon_velocity.csv",
    ]


def test_our_csv_goes_with_its_last_record(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    on_disk = save(image, state)
    save(image, state.without_record(AnalysisKey("diameter", 0, 4)), on_disk)
    assert not (tmp_path / "a.tif.diameter.csv").exists()
    assert (tmp_path / "a.tif.radon_velocity.csv").exists()


def test_unchanged_table_is_not_written_again(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    on_disk = save(image, state)
    csv = tmp_path / "a.tif.radon_velocity.csv"
    os.utime(csv, (1, 1))
    save(image, state.with_review(Review.REJECTED), on_disk)
    assert csv.stat().st_mtime == 1


def test_change_by_another_program_is_a_conflict(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    save(image, state)
    mine, theirs = sidecar.read(image, HEADER), sidecar.read(image, HEADER)
    save(image, theirs.state.with_experiment({"note": "theirs"}), theirs.on_disk)

    with pytest.raises(SidecarConflict):
        save(image, mine.state.with_experiment({"note": "mine"}), mine.on_disk)
    assert sidecar.read(image, HEADER).state.experiment.note == "theirs"

    save(image, mine.state.with_experiment({"note": "mine"}), mine.on_disk, overwrite=True)
    assert sidecar.read(image, HEADER).state.experiment.note == "mine"
    kept = [one for one in tmp_path.iterdir() if ".other-" in one.name]
    assert len(kept) == 1
    assert "theirs" in kept[0].read_text()


def test_touched_but_equal_file_is_no_conflict(tmp_path: Path) -> None:
    image, state = tmp_path / "a.tif", state_with_everything()
    on_disk = save(image, state)
    os.utime(sidecar_path(image), (1, 1))
    save(image, state.with_review(Review.REJECTED), on_disk)


DAMAGED = {
    "empty": b"",
    "cut": b'{"version": 2, "accepted": tr',
    "nul": b"\0" * 50,
    "list": b"[1, 2]",
    "deep": b"[" * 100_000,
    "huge": b'{"version": ' + b"9" * 6000 + b"}",
    "latin": b'{"version": 2, "note": "\xe9"}',
    "trailing": b'{"version": 2} and more',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_unreadable_sidecar_is_kept_by_the_first_save(tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "a.tif"
    sidecar_path(image).write_bytes(content)

    loaded = sidecar.read(image, HEADER)
    assert loaded.state == AcqState()
    assert len(loaded.problems) == 1

    on_disk = save(image, loaded.state.with_review(Review.REJECTED), loaded.on_disk)
    kept = [one for one in tmp_path.iterdir() if ".damaged-" in one.name]
    assert [one.read_bytes() for one in kept] == [content]
    save(image, loaded.state, on_disk)
    assert len([one for one in tmp_path.iterdir() if ".damaged-" in one.name]) == 1


def test_duplicate_keys_keep_the_bytes(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, AcqState())
    path = sidecar_path(image)
    twice = path.read_text().replace('"accepted": true', '"accepted": false, "accepted": true')
    path.write_text(twice)
    loaded = sidecar.read(image, HEADER)
    assert any("more than once" in str(one) for one in loaded.problems)
    save(image, loaded.state, loaded.on_disk)
    assert any(one.read_text() == twice for one in tmp_path.iterdir() if ".damaged-" in one.name)


WRONG = [None, True, 7, -1.5, "text", [], [1], {}, {"a": 1}, [[]], [{}], 10**30]
KEYS = [
    "version", "accepted", "rois", "experiment_metadata", "image_header_metadata", "analysis",
    "image_contrast", "cloudscope",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_wrong_type_anywhere_never_raises_and_is_kept(tmp_path: Path, key: str, value) -> None:
    image = tmp_path / "a.tif"
    save(image, state_with_everything())
    path = sidecar_path(image)
    stored = json.loads(path.read_text())
    stored[key] = value
    path.write_text(json.dumps(stored))

    loaded = sidecar.read(image, HEADER)
    save(image, loaded.state, loaded.on_disk)

    again = json.loads(path.read_text())
    if loaded.problems and value not in (None, [], {}) and not isinstance(value, list | dict):
        assert value in again["cloudscope"].get("kept", {}).values() or again[key] == value
    if key != "rois":
        assert any(roi.id == 1 for roi in sidecar.read(image, HEADER).state.rois)


def every_leaf(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from every_leaf(value, (*path, key))


def test_wrong_type_at_every_leaf_never_raises(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, state_with_everything())
    path = sidecar_path(image)
    text = path.read_text()
    for leaf in every_leaf(json.loads(text)):
        for wrong in (None, "text", -1, [1], {"a": 1}, 1e400):
            stored = json.loads(text)
            node = stored
            for step in leaf[:-1]:
                node = node[step]
            node[leaf[-1]] = wrong
            path.write_text(json.dumps(stored))
            loaded = sidecar.read(image, HEADER)  # must not raise
            for one in loaded.state.records:
                assert one.key.analysis_name


def test_newer_version_is_applied_and_not_downgraded(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, state_with_everything())
    path = sidecar_path(image)
    stored = json.loads(path.read_text())
    stored["version"], stored["future"] = 3, [1]
    path.write_text(json.dumps(stored))
    loaded = sidecar.read(image, HEADER)
    assert "newer" in str(loaded.problems[0])
    assert loaded.state.rois
    save(image, loaded.state, loaded.on_disk)
    again = json.loads(path.read_text())
    assert (again["version"], again["future"]) == (3, [1])


def test_torn_csv_is_noticed_and_left_alone(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    save(image, state_with_everything())
    csv = tmp_path / "a.tif.radon_velocity.csv"
    csv.write_text(csv.read_text() + "0,1,9,9,9,True,\n")
    loaded = sidecar.read(image, HEADER)
    assert "not what was saved" in str(loaded.problems[0])
    assert loaded.state.records[0].table is None
    save(image, loaded.state.with_review(Review.REJECTED), loaded.on_disk)
    assert csv.exists()


def test_ids_are_not_given_again_after_a_reload(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    state = AcqState().with_roi(RectROI(1, 0, 9, 0, 9)).with_roi(RectROI(2, 0, 9, 0, 9))
    save(image, state.without_roi(2))
    assert sidecar.read(image, HEADER).state.next_roi_id == 3


def test_read_only_folder_says_so(tmp_path: Path) -> None:
    """As another user in a child process: the superuser may write anywhere."""
    if os.name == "nt" or os.geteuid() != 0:
        tmp_path.chmod(0o555)
        with pytest.raises(SaveFailed, match="read-only"):
            save(tmp_path / "a.tif", AcqState())
        tmp_path.chmod(0o755)
        return
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and parent != Path("/") and "pytest" in parent.name:
            parent.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        try:
            save(tmp_path / "a.tif", AcqState())
        except SaveFailed as error:
            os._exit(0 if "read-only" in str(error) else 3)
        os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    link = tmp_path / "a.tif.json"
    link.symlink_to(real / "kept.json")
    (real / "kept.json").write_text("{}")
    loaded = sidecar.read(tmp_path / "a.tif", HEADER)
    save(tmp_path / "a.tif", AcqState().with_review(Review.REJECTED), loaded.on_disk)
    assert link.is_symlink()
    assert json.loads((real / "kept.json").read_text())["accepted"] is False


def test_mode_is_kept(tmp_path: Path) -> None:
    on_disk = save(tmp_path / "a.tif", AcqState())
    path = tmp_path / "a.tif.json"
    path.chmod(0o664)
    save(tmp_path / "a.tif", AcqState().with_review(Review.REJECTED), on_disk)
    assert path.stat().st_mode & 0o777 == 0o664


def test_the_reason_of_a_verdict_is_ours_alone(tmp_path):
    image = tmp_path / "a.tif"
    on_disk = save(image, AcqState().with_review(Review.REJECTED, "it moved"))
    stored = json.loads((tmp_path / "a.tif.json").read_text())
    assert stored["accepted"] is False
    assert stored["cloudscope"]["review_reason"] == "it moved"
    assert sidecar.read(image, HEADER).state.review_reason == "it moved"
    save(image, AcqState().with_review(Review.UNDECIDED, "no matter"), on_disk)
    assert "review_reason" not in json.loads((tmp_path / "a.tif.json").read_text())["cloudscope"]


def test_a_verdict_that_another_program_changed_has_no_reason(tmp_path):
    image = tmp_path / "a.tif"
    save(image, AcqState().with_review(Review.ACCEPTED, "sharp"))
    path = tmp_path / "a.tif.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"accepted": False}))
    state = sidecar.read(image, HEADER).state
    assert (state.review, state.review_reason) == (Review.REJECTED, "")


def test_a_reason_that_is_no_text_is_a_problem_and_kept(tmp_path):
    image = tmp_path / "a.tif"
    save(image, AcqState().with_review(Review.ACCEPTED, "sharp"))
    path = tmp_path / "a.tif.json"
    document = json.loads(path.read_text())
    document["cloudscope"]["review_reason"] = ["sharp", 3]
    path.write_text(json.dumps(document))
    loaded = sidecar.read(image, HEADER)
    assert loaded.state.review_reason == ""
    assert any("review_reason" in one.where for one in loaded.problems)
