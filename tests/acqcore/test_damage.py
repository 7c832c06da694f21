"""Damaged files beside a recording: it opens, says what is wrong, and a save destroys nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList
from acqcore.errors import SaveFailed, SidecarConflict
from acqcore.model.contrast import ImageContrast
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.storage.parsing import Problem

KEY = AnalysisKey("radon_velocity", 0, 1)


@pytest.fixture
def path(make_tiff) -> Path:
    """A recording whose sidecar and CSV hold something of everything."""
    image = AcqImage(make_tiff(lines=64))
    image.rois.create_rect_roi(name="vessel")
    image.apply_metadata_patch("experiment_metadata", {"species": "mouse", "depth": 12.5})
    image.set_image_contrast(0, ImageContrast("Gray", 3, 90, 0, 4095))
    table = {"time_s": np.arange(9.0), "velocity": np.arange(9.0) - 4, "flag": np.array(["x"] * 9)}
    ran = Provenance({"window_width": 16}, (0, 64, 0, 32), image.calibration.steps, "2026-01-01")
    image.state = image.state.with_record(
        AnalysisRecord(KEY, {"window_width": 16}, {"mean": 1.5}, ResultTable(table), ran)
    )
    image.save()
    return Path(image.path)


def json_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def csv_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.radon_velocity.csv")


def opened(path: Path) -> AcqImage:
    """Everything that a window asks of an image; none of it may raise."""
    image = AcqImage(path)
    assert all(isinstance(one, Problem) and str(one).endswith(".") for one in image.problems)
    assert not image.is_dirty
    image.get_tree_rows()
    image.get_metadata_sections()
    image.drop_tables(image.unreadable_tables())
    assert not image.is_dirty
    return image


def saved_after_an_edit(image: AcqImage) -> set[bytes]:
    """Contents of all files beside the image after a save of an edit."""
    image.apply_metadata_patch("experiment_metadata", {"note": "edited"})
    image.save()
    assert AcqImage(image.path).state.experiment.note == "edited"
    return {one.read_bytes() for one in Path(image.path).parent.iterdir()}


def test_cut_anywhere(path: Path) -> None:
    """A document that was cut is unreadable as a whole: its bytes are kept aside."""
    whole = json_of(path).read_bytes()
    for length in range(0, len(whole), 37):
        json_of(path).write_bytes(whole[:length])
        image = opened(path)
        assert image.problems
        if length % (37 * 8) == 0:
            assert whole[:length] in saved_after_an_edit(image)
            assert [one.read_bytes() for one in image.stored.on_disk.kept] == [whole[:length]]


UNREADABLE = {
    "empty": b"",
    "nul bytes": bytes(500),
    "a list": b"[1, 2]",
    "deep lists": b"[" * 100_000,
    "deep blocks": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "deep but readable": b'{"a":' * 300 + b"1" + b"}" * 300,
    "huge number": b'{"version": ' + b"9" * 6000 + b"}",
    "invalid UTF-8": b'{"version": 2, "note": "caf\xe9"}',
    "utf-16": '{"version": 2}'.encode("utf-16"),
    "trailing text": b'{"version": 2} and more',
    "nul inside": b'{"version": 2, \x00 "accepted": true}',
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_as_a_whole(path: Path, content: bytes) -> None:
    json_of(path).write_bytes(content)
    csv = csv_of(path).read_bytes()
    image = opened(path)
    assert len(image.problems) == 1
    assert len(image.rois) == 0
    after = saved_after_an_edit(image)
    assert content in after
    assert csv in after


def test_a_byte_order_mark_is_no_damage(path: Path) -> None:
    json_of(path).write_bytes(b"\xef\xbb\xbf" + json_of(path).read_bytes())
    image = opened(path)
    assert image.problems == ()
    assert len(image.rois) == 1


def test_lone_surrogates(path: Path) -> None:
    stored = json.loads(json_of(path).read_text())
    stored["rois"][0]["name"] = stored["experiment_metadata"]["region"] = "\udce9\ud800"
    stored["x\ud800"] = ["\udfff"]
    json_of(path).write_text(json.dumps(stored))
    image = opened(path)
    assert image.problems == ()
    saved_after_an_edit(image)
    again = AcqImage(path)
    assert again.rois.as_list()[0].name == "\udce9\ud800"
    assert json.loads(json_of(path).read_text())["x\ud800"] == ["\udfff"]


def test_keys_given_twice(path: Path) -> None:
    twice = (
        json_of(path).read_text().replace('"accepted": true', '"accepted": false, "accepted": true')
    )
    json_of(path).write_text(twice)
    image = opened(path)
    assert "more than once" in str(image.problems[0])
    assert twice.encode() in saved_after_an_edit(image)


def test_a_newer_version_is_applied_and_not_turned_back(path: Path) -> None:
    stored = json.loads(json_of(path).read_text())
    stored["version"], stored["rois_of_later"] = 3, [{"polygon": [1, 2]}]
    json_of(path).write_text(json.dumps(stored))
    image = opened(path)
    assert "newer" in str(image.problems[0])
    assert len(image.rois) == 1
    saved_after_an_edit(image)
    again = json.loads(json_of(path).read_text())
    assert (again["version"], again["rois_of_later"]) == (3, [{"polygon": [1, 2]}])


def every_place(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in members:
        found.append((*place, key))
        if isinstance(value, dict | list):
            found += every_place(value, (*place, key))
    return found


WRONG: list[Any] = [
    None, True, -7, 1.5, 1e308, 10**400, float("nan"), "text", [], [[1]], {}, {"a": 1}, "x" * 5000,
]  # fmt: skip


def put(stored: Any, place: tuple[Any, ...], value: Any) -> Any:
    node = stored
    for key in place[:-1]:
        node = node[key]
    before, node[place[-1]] = node[place[-1]], value
    return before


@pytest.mark.parametrize("foreign", [False, True], ids=["ours", "the reference program's"])
def test_wrong_type_at_every_key(path: Path, foreign: bool) -> None:
    """Every value in turn replaced by wrong ones; every fifth of these is saved, too."""
    stored = json.loads(json_of(path).read_text())
    if foreign:
        del stored["cloudscope"]
    for number, place in enumerate(every_place(stored)):
        for kind, wrong in list(enumerate(WRONG))[number % 4 :: 4]:
            before = put(stored, place, wrong)
            json_of(path).write_text(json.dumps(stored))
            put(stored, place, before)
            image = AcqImage(path)
            assert not image.is_dirty, (place, wrong)
            if (number + kind) % 5 == 0:
                image = opened(path)
                image.accepted = not image.accepted
                image.save(overwrite=True)
                assert AcqImage(path).accepted == image.accepted


STRUCTURE = ["version", "accepted", "rois", "experiment_metadata", "image_header_metadata",
             "analysis", "image_contrast", "cloudscope"]  # fmt: skip


@pytest.mark.parametrize("key", STRUCTURE)
@pytest.mark.parametrize("wrong", ["text", 7.25, [3]], ids=repr)
def test_a_wrong_block_is_told_and_written_back(path: Path, key: str, wrong: Any) -> None:
    if key in ("rois", "analysis") and wrong == [3]:
        kept_as = f"{key}[0]"
        kept: Any = 3
    else:
        kept_as, kept = key, wrong
    stored = json.loads(json_of(path).read_text())
    stored[key] = wrong
    json_of(path).write_text(json.dumps(stored))
    image = opened(path)
    assert any(key in one.where for one in image.problems)
    saved_after_an_edit(image)
    assert json.loads(json_of(path).read_text())["cloudscope"]["kept"][kept_as] == kept
    assert AcqImage(path).problems == () or key == "cloudscope"


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("rois", 0, "data", "row_stop"), "9"),
        (("rois", 0, "name"), 5),
        (("rois", 0, "roi_id"), None),
        (("experiment_metadata", "depth"), "deep"),
        (("experiment_metadata", "depth"), True),
        (("experiment_metadata", "species"), ["mouse"]),
        (("image_contrast", "0", "value_min"), "dark"),
        (("image_contrast", "0"), 5),
        (("analysis", 0, "channel"), "one"),
        (("analysis", 0, "summary"), [1]),
        (("cloudscope", "review"), "maybe"),
        (("cloudscope", "next_roi_id"), "many"),
        (("cloudscope", "records", 0, "provenance", "steps"), [1]),
        (("cloudscope", "csv_files", "radon_velocity", "size"), "big"),
        (("cloudscope", "csv_files", "radon_velocity", "tables", 0, "columns"), 7),
        (("cloudscope", "csv_files"), "none"),
    ],
    ids=str,
)
def test_one_wrong_value_is_told_and_kept(path: Path, place: tuple[Any, ...], wrong: Any) -> None:
    stored = json.loads(json_of(path).read_text())
    put(stored, place, wrong)
    json_of(path).write_text(json.dumps(stored))
    image = opened(path)
    assert len(image.problems) >= 1
    saved_after_an_edit(image)
    kept = json.dumps(json.loads(json_of(path).read_text())["cloudscope"]["kept"])
    assert json.dumps(wrong) in kept
    assert image.accepted


def test_what_was_kept_once_is_not_replaced_by_the_next(path: Path) -> None:
    for wrong in ("one", "two"):
        stored = json.loads(json_of(path).read_text())
        stored["experiment_metadata"]["depth"] = wrong
        json_of(path).write_text(json.dumps(stored))
        saved_after_an_edit(opened(path))
    kept = json.loads(json_of(path).read_text())["cloudscope"]["kept"]
    assert list(kept.values()) == ["one", "two"]


HEAD = b"channel,roi_id,time_s,velocity,flag\n"
CSV_DAMAGE = {
    "empty": b"",
    "nul bytes": bytes(300),
    "cut in a cell": HEAD + b'0,1,0.0,-4.0,x\n0,1,1.0,-3.0,"x',
    "cut in a row": HEAD + b"0,1,0.0,-4.0,x\n0,1,1",
    "too many cells": HEAD + b"0,1,0.0,-4.0,x,9,9\n",
    "no key columns": b"time_s,velocity\n0,1\n",
    "columns twice": b"channel,roi_id,velocity,velocity\n0,1,2,3\n",
    "text for a key": HEAD + b"zero,1,0.0,-4.0,x\n",
    "text for numbers": HEAD + b"0,1,soon,fast,x\n",
    "invalid UTF-8": HEAD + b"0,1,0.0,-4.0,caf\xe9\n",
    "a picture": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("column", ["velocity_se", "velocity", "time_s"])
def test_texts_where_a_curve_is_drawn_from(path: Path, column: str) -> None:
    """In a table of another program: of ours the content is known."""
    stored = json.loads(json_of(path).read_text())
    del stored["cloudscope"]
    json_of(path).write_text(json.dumps(stored))
    names = ["channel", "roi_id", "time_s", "theta_deg", "velocity", "velocity_se"]
    row = dict(zip(names, ["0", "1", "0.5", "45", "1e308", "1"], strict=True)) | {column: "fast"}
    content = ",".join(names) + "\n" + ",".join(row.values()) + "\n"
    csv_of(path).write_text(content)
    image = opened(path)
    assert f"the column {column} holds texts" in str(image.problems[0])
    assert image.state.record(KEY).table is None
    assert content.encode() in saved_after_an_edit(image)


@pytest.mark.parametrize("foreign", [False, True], ids=["ours", "the reference program's"])
@pytest.mark.parametrize("content", CSV_DAMAGE.values(), ids=CSV_DAMAGE)
def test_a_damaged_csv(path: Path, content: bytes, foreign: bool) -> None:
    if foreign:
        stored = json.loads(json_of(path).read_text())
        del stored["cloudscope"]
        json_of(path).write_text(json.dumps(stored))
    csv_of(path).write_bytes(content)
    image = opened(path)
    assert [one.where for one in image.problems] == [csv_of(path).name]
    record = image.state.record(KEY)
    assert record is not None
    assert record.table is None
    assert record.summary == {"mean": 1.5}
    assert content in saved_after_an_edit(image)

    table = ResultTable({"time_s": np.arange(2.0), "velocity": np.ones(2)})
    again = opened(path)
    again.state = again.state.with_record(AnalysisRecord(KEY, {}, {}, table, record.provenance))
    with pytest.raises(SidecarConflict):
        again.save()
    again.save(overwrite=True)
    assert content in {one.read_bytes() for one in path.parent.iterdir()}
    assert opened(path).state == again.state


def test_a_csv_of_the_same_size_with_other_numbers(path: Path) -> None:
    content = csv_of(path).read_bytes().replace(b"-4.0", b"-5.0")
    csv_of(path).write_bytes(content)
    image = AcqImage(path)
    assert list(image.unreadable_tables()) == [KEY]
    assert not image.is_dirty
    image.drop_tables(image.unreadable_tables())
    assert [one.where for one in image.problems] == [csv_of(path).name]
    assert content in saved_after_an_edit(image)


def test_a_csv_that_is_gone_is_told_until_it_is_back(path: Path) -> None:
    content = csv_of(path).read_bytes()
    csv_of(path).unlink()
    image = opened(path)
    assert "missing" in str(image.problems[0])
    saved_after_an_edit(image)
    assert "missing" in str(opened(path).problems[0])
    csv_of(path).write_bytes(content)
    back = opened(path)
    assert back.problems == ()
    assert back.state.record(KEY).table["velocity"][0] == -4


def test_a_csv_that_vanishes_while_it_is_open(path: Path) -> None:
    image = AcqImage(path)
    csv_of(path).unlink()
    record = image.state.record(KEY)
    image.state = image.state.with_record(
        AnalysisRecord(KEY, {}, {}, ResultTable({"velocity": np.ones(2)}), record.provenance)
    )
    assert image.is_dirty
    image.save()
    assert opened(path).state == image.state


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_something_else_under_the_name_of_a_csv(path: Path, kind: str) -> None:
    csv_of(path).unlink()
    os.mkfifo(csv_of(path)) if kind == "pipe" else csv_of(path).mkdir()
    image = opened(path)
    assert image.problems
    image.accepted = False
    image.save()
    assert not AcqImage(path).accepted


def test_rows_that_occur_twice_and_huge_cells_stay(path: Path) -> None:
    stored = json.loads(json_of(path).read_text())
    del stored["cloudscope"]
    json_of(path).write_text(json.dumps(stored))
    row = b"0,1,0.0,1.5," + b"y" * 300_000 + b"\n"
    content = HEAD + row + row + b"5,9,0.5,2.5,nobody's\n"
    csv_of(path).write_bytes(content)
    image = opened(path)
    assert image.problems == ()
    assert len(image.state.record(KEY).table) == 2
    assert content in saved_after_an_edit(image)


@pytest.mark.parametrize("name", ["x" * 300, "a\x00b", "\ud800", "..", "new\nline", " "], ids=ascii)
def test_names_of_analyses_that_are_no_file_names(path: Path, name: str) -> None:
    stored = json.loads(json_of(path).read_text())
    stored["analysis"].append(
        {"analysis_name": name, "channel": 0, "roi_id": 1, "summary": {"n": 1}}
    )
    json_of(path).write_text(json.dumps(stored))
    saved_after_an_edit(opened(path))
    assert any(one.key.analysis_name == name for one in AcqImage(path).state.records)


NAMES = [
    b"caf\xe9.tif", "cafe\u0301.tif".encode(), "caf\u00e9.tif".encode(), "\u202egnp.tif".encode(),
    b"b[1].tif", b"new\nline.tif", b"~user.tif", b"-flag.tif", b"a b.tif", b"%41.tif", b"*.tif",
    b"=1+1.tif",
]  # fmt: skip


def test_odd_names_in_one_folder(make_tiff, tmp_path: Path) -> None:
    """Each is listed once; its sidecar comes back; nobody's is taken for another's."""
    template = make_tiff("template.tif", lines=64)
    template.with_suffix(".txt").unlink()
    content = template.read_bytes()
    template.unlink()
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in NAMES:
        (folder / os.fsdecode(name)).write_bytes(content)
    for name in (b".hidden.tif", b"._a.tif"):
        (folder / os.fsdecode(name)).write_bytes(content)
    images = AcqImageList.load_safe(folder).acq_image_list
    assert {os.fsencode(Path(one.path).name) for one in images} == set(NAMES)
    for count, image in enumerate(images):
        image.rois.create_rect_roi(name=f"{count}")
    assert not images.save_all().failed
    again = AcqImageList.load_safe(folder).acq_image_list
    assert [one.rois.as_list()[0].name for one in again] == [f"{n}" for n in range(len(NAMES))]
    assert len(list(folder.iterdir())) == 2 * len(NAMES) + 2


def test_what_is_no_file_is_reported_and_never_waited_for(make_tiff, tmp_path: Path) -> None:
    make_tiff("good.tif", lines=64)
    os.mkfifo(tmp_path / "pipe.tif")
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")
    (tmp_path / "nowhere.tif").symlink_to(tmp_path / "gone.tif")
    (tmp_path / "device.tif").symlink_to("/dev/zero")
    (tmp_path / "up").symlink_to(tmp_path)
    result = AcqImageList.load_safe(tmp_path)
    assert [one.name for one in result.acq_image_list] == ["good.tif"]
    assert len(result.warnings) == 5


def test_a_copy_takes_along_what_nobody_understood(path: Path, tmp_path: Path) -> None:
    stored = json.loads(json_of(path).read_text())
    stored["theirs"] = {"a": 1}
    json_of(path).write_text(json.dumps(stored))
    image = opened(path)
    other = tmp_path / "other"
    other.mkdir()
    image.save_copy(other)
    copied = json.loads((other / json_of(path).name).read_text())
    assert copied["theirs"] == {"a": 1}
    with pytest.raises((SidecarConflict, SaveFailed)):
        image.save_copy(other)
