"""What runs that were killed left in the journal, at whatever moment, and damaged since."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from cloudscope.recovery import Journal, discard


@pytest.fixture
def image(make_tiff) -> AcqImage:
    return AcqImage(make_tiff(lines=200))


def kept(home: Path, image: AcqImage, *names: str) -> Path:
    """The folder of a killed run that kept an edit per name."""
    journal = Journal(home)
    for name in names:
        image.rois.create_rect_roi(name=name)
        journal.keep(image, image.state, name)
    journal._lock.unlock()  # as the system does for a process that is gone
    return journal._folder


def names_in(journal: Journal, image: AcqImage) -> list[list[str]]:
    """Names of the ROIs of each copy that is offered."""
    states = [one.state(image.header) for one in journal.left_behind()]
    return [[roi.name for roi in state.rois] for state in states]


def test_the_newest_copy_alone_is_offered(qapp, tmp_path, image) -> None:
    """Killed while the copy before it was being deleted."""
    run = kept(tmp_path / "home", image, "first")
    shutil.copytree(run / "0", tmp_path / "first")
    shutil.rmtree(run)
    run = kept(tmp_path / "home", image, "second")
    shutil.copytree(tmp_path / "first", run / "0.old")
    journal = Journal(tmp_path / "home")
    assert names_in(journal, image) == [["first", "second"]]
    discard(journal.left_behind())
    assert journal.left_behind() == []
    assert not run.exists()


def test_between_two_renames_the_copy_before_is_offered(qapp, tmp_path, image) -> None:
    run = kept(tmp_path / "home", image, "first")
    shutil.copytree(run / "0", run / "0.new")
    (run / "0").rename(run / "0.old")
    assert names_in(Journal(tmp_path / "home"), image) == [["first"]]


def test_a_leftover_does_not_stop_keeping(qapp, tmp_path, image) -> None:
    journal = Journal(tmp_path / "home")
    image.rois.create_rect_roi(name="first")
    journal.keep(image, image.state, "first")
    shutil.copytree(journal._folder / "0", journal._folder / "0.old")
    image.rois.create_rect_roi(name="second")
    journal.keep(image, image.state, "second")
    assert sorted(one.name for one in journal._folder.glob("0*")) == ["0"]


def test_a_damaged_table_is_left_out(qapp, tmp_path, image) -> None:
    image.rois.create_rect_roi()
    image.analysis_set.create_and_run("radon_velocity", channel=0, roi_id=1)
    run = kept(tmp_path / "home", image, "again")
    (table,) = run.glob("0/*.csv")
    content = table.read_bytes()
    table.write_bytes(content[:-9] + b"000000000")
    (one,) = Journal(tmp_path / "home").left_behind()
    state = one.state(image.header)
    assert len(state.rois) == 2
    assert [record.table for record in state.records] == [None]


@pytest.mark.parametrize(
    "about",
    [b"", b"{", b"[]", b"[" * 100_000, b'{"path": 5}', b'{"path": "zz"}', b"\xff\xfe",
     json.dumps({"path": os.fsencode("/a\0b.tif").hex(), "when": "1", "changes": ""}).encode(),
     b'{"path": "", "when": "1", "changes": ""}'],
    ids=lambda one: ascii(one[:20]),
)  # fmt: skip
def test_a_damaged_entry_is_passed_over(qapp, tmp_path, image, about: bytes) -> None:
    kept(tmp_path / "home", image, "sound")
    run = kept(tmp_path / "home", image, "damaged")
    (run / "0" / "about.json").write_bytes(about)
    (tmp_path / "home" / "file").write_text("not a run")
    assert names_in(Journal(tmp_path / "home"), image) == [["sound"]]
