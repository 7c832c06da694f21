"""Two programs with the same recording: nothing is overwritten silently, nothing is mixed."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.errors import SaveFailed, SidecarConflict
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectROI
from acqcore.model.state import AcqState
from acqcore.storage import sidecar
from acqcore.storage.folder_lock import folder_lock
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())


def state(author: str, count: int) -> AcqState:
    """A version that can be told from all others in the JSON and in the CSV."""
    value = count + (0.25 if author == "left" else 0.75)
    table = ResultTable({"velocity": np.full(30, value)})
    ran = Provenance({}, (0, 9, 0, 9), (1.0, 1.0))
    record = AnalysisRecord(AnalysisKey("diameter", 0, 1), {}, {"value": value}, table, ran)
    return AcqState(rois=(RectROI(1, 0, 9, 0, 9),), next_roi_id=2, records=(record,))


def value_on_disk(image: Path) -> float:
    """The version that the folder holds; it must be whole."""
    loaded = sidecar.read(image, HEADER)
    assert loaded.problems == ()
    record = loaded.state.records[0]
    assert record.table is not None
    assert set(record.table["velocity"]) == {record.summary["value"]}
    value: float = record.summary["value"]
    return value


def edit_elsewhere(path: str, note: str) -> None:
    image = AcqImage(path)
    image.apply_metadata_patch("experiment_metadata", {"note": note})
    image.save()


def test_the_second_save_is_a_conflict_and_both_versions_stay(make_tiff) -> None:
    image = AcqImage(make_tiff(lines=64))
    image.apply_metadata_patch("experiment_metadata", {"note": "mine"})
    other = multiprocessing.get_context("spawn").Process(
        target=edit_elsewhere, args=(image.path, "theirs")
    )
    other.start()
    other.join()
    assert other.exitcode == 0

    with pytest.raises(SidecarConflict):
        image.save()
    assert image.is_dirty
    assert AcqImage(image.path).state.experiment.note == "theirs"

    image.save(overwrite=True)
    assert not image.is_dirty
    assert AcqImage(image.path).state.experiment.note == "mine"
    kept = image.stored.on_disk.kept
    assert json.loads(kept[0].read_text())["experiment_metadata"]["note"] == "theirs"


def save_at(image: Path, author: str, channel: Connection) -> None:
    while True:
        count, moment = channel.recv()
        if count < 0:
            return
        on_disk = sidecar.read(image, HEADER).on_disk
        channel.send("ready")
        channel.recv()
        while time.monotonic() < moment:
            pass
        try:
            sidecar.write(image, HEADER, state(author, count), on_disk, writer=author)
            channel.send("saved")
        except SidecarConflict:
            channel.send("conflict")


def test_both_save_at_the_same_moment(tmp_path: Path) -> None:
    """Fifty times: one of them wins as a whole, the other is told."""
    image = tmp_path / "a.tif"
    sidecar.write(image, HEADER, state("left", 0), OnDisk(), writer="test")
    fork, ends, workers = multiprocessing.get_context("fork"), {}, []
    for author in ("left", "right"):
        ends[author], theirs = fork.Pipe()
        workers.append(fork.Process(target=save_at, args=(image, author, theirs), daemon=True))
        workers[-1].start()
    for count in range(1, 51):
        moment = time.monotonic() + 0.004
        for end in ends.values():
            end.send((count, moment))
        assert [end.recv() for end in ends.values()] == ["ready", "ready"]
        for end in ends.values():
            end.send("go")
        said = {author: end.recv() for author, end in ends.items()}
        assert sorted(said.values()) == ["conflict", "saved"]
        winner = next(author for author, word in said.items() if word == "saved")
        assert value_on_disk(image) == count + (0.25 if winner == "left" else 0.75)
    for end in ends.values():
        end.send((-1, 0))
        end.close()
    for worker in workers:
        worker.join()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.tif.diameter.csv", "a.tif.json"]


def save_many(image: Path, go_on: int) -> None:
    on_disk = sidecar.read(image, HEADER).on_disk
    for count in range(go_on):
        on_disk = sidecar.write(image, HEADER, state("left", count), on_disk, writer="test")


def test_loading_while_another_saves_never_sees_a_mixture(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    sidecar.write(image, HEADER, state("left", 0), OnDisk(), writer="test")
    writer = multiprocessing.get_context("fork").Process(target=save_many, args=(image, 100))
    writer.start()
    seen = set()
    while writer.is_alive():
        loaded = sidecar.read(image, HEADER)
        for record in loaded.state.records:
            seen.add(record.summary["value"])
            if not loaded.problems:
                assert record.table is not None
    writer.join()
    assert writer.exitcode == 0
    assert value_on_disk(image) == 99.25
    assert len(seen) > 2


def test_a_csv_that_another_program_changed_is_a_conflict_too(tmp_path: Path) -> None:
    """Also when this save would not have written it."""
    image, csv = tmp_path / "a.tif", tmp_path / "a.tif.diameter.csv"
    sidecar.write(image, HEADER, state("left", 0), OnDisk(), writer="test")
    opened = sidecar.read(image, HEADER)
    assert opened.state.records[0].table is not None
    assert len(opened.state.records[0].table) == 30
    csv.write_text("channel,roi_id,velocity\n0,1,7\n")
    edited = opened.state.with_experiment({"note": "mine"})

    with pytest.raises(SidecarConflict):
        sidecar.write(image, HEADER, edited, opened.on_disk, writer="test")

    after = sidecar.write(image, HEADER, edited, opened.on_disk, writer="test", overwrite=True)
    assert value_on_disk(image) == 0.25
    assert [one.read_text() for one in after.kept] == ["channel,roi_id,velocity\n0,1,7\n"]


def test_a_csv_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    image, csv = tmp_path / "a.tif", tmp_path / "a.tif.diameter.csv"
    on_disk = sidecar.write(image, HEADER, state("left", 0), OnDisk(), writer="test")
    opened = sidecar.read(image, HEADER).state
    assert opened.records[0].table is not None
    csv.unlink()
    rows_in_memory = state("left", 0).records
    edited = AcqState(opened.review, opened.rois, records=rows_in_memory)
    sidecar.write(image, HEADER, edited, on_disk, writer="test")
    assert value_on_disk(image) == 0.25


def test_a_folder_that_another_keeps_is_a_sentence(tmp_path: Path) -> None:
    with folder_lock(tmp_path), pytest.raises(TimeoutError), folder_lock(tmp_path, wait_s=0.05):
        pass


def test_the_lock_ends_with_its_holder_and_leaves_no_file(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with folder_lock(tmp_path):
            os._exit(0)
    os.waitpid(child, 0)
    with folder_lock(tmp_path, wait_s=0.05):
        assert list(tmp_path.iterdir()) == []


def test_waiting_in_vain_fails_the_save(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sidecar, "folder_lock", lambda folder: folder_lock(folder, wait_s=0.02))
    with folder_lock(tmp_path), pytest.raises(SaveFailed, match="another program is saving"):
        sidecar.write(tmp_path / "a.tif", HEADER, state("left", 0), OnDisk(), writer="test")
    assert not sidecar_path(tmp_path / "a.tif").exists()
