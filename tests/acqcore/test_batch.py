"""A batch: the job, its preview, the outcomes, cancelling, and any executor."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from acqcore._batch_work import WorkItem, work
from acqcore._one_thread import compute_on_one_thread
from acqcore.acq_image import AcqImage
from acqcore.batch import (
    BatchJob,
    FileOutcome,
    Outcome,
    RoiRule,
    preview,
    process_pool,
    run_batch,
)
from acqcore.errors import InvalidParameter
from acqcore.model.roi import LineEndpoints, RectRoiBounds
from cloudscope.cli import main

FAST = {"window_width": 32}
JOB = BatchJob((("radon_velocity", FAST),))


def many(make_tiff: Callable[..., Path], count: int, **size: int) -> list[Path]:
    size = {"lines": 128, "pixels": 16} | size
    return [make_tiff(f"rec/r{k:03}.tif", seed=k, **size) for k in range(count)]


def outcomes(found: list[FileOutcome]) -> list[str]:
    return [one.outcome.value for one in found]


def contents(folder: Path) -> dict[str, str]:
    """Results by file name, with the times of the runs taken out: nothing else may differ."""
    return {
        one.name: re.sub(r'("time_utc": )"[^"]*"', r"\1", one.read_text())
        for one in sorted(folder.iterdir())
        if one.suffix in (".json", ".csv") or one.name.startswith(".")
    }


def remove_results(folder: Path) -> None:
    for one in [*folder.glob("*.json"), *folder.glob("*.csv")]:
        one.unlink()


# --- the job ---------------------------------------------------------------------------------


def test_a_job_is_checked_when_it_is_made() -> None:
    with pytest.raises(KeyError):
        BatchJob((("nonsense", {}),))
    with pytest.raises(KeyError):
        BatchJob((("radon_velocity", {"nonsense": 1}),))
    with pytest.raises(InvalidParameter):
        BatchJob((("radon_velocity", {"window_width": 63}),))
    for steps in ((), (("radon_velocity", {}), ("radon_velocity", {}))):
        with pytest.raises(ValueError, match="at least one analysis"):
            BatchJob(steps)
    with pytest.raises(ValueError, match="from 0"):
        BatchJob((("radon_velocity", {}),), channel=-1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("full", RoiRule.full()),
        ("all", RoiRule.every()),
        ("3", RoiRule.existing(3)),
        ("0:20,1:9", RoiRule.inside(RectRoiBounds(0, 20, 1, 9))),
    ],
)
def test_rules_as_text(text: str, rule: RoiRule) -> None:
    assert RoiRule.parse(text) == rule


def test_bad_rules() -> None:
    for text in ("", "x", "1:2", "1:2,3", "-1"):
        with pytest.raises(ValueError, match="is not full"):
            RoiRule.parse(text)
    with pytest.raises(ValueError, match="by its number"):
        RoiRule(roi_id=1)


def test_children_run_after_their_parents(slow: Path, make_tiff) -> None:
    job = BatchJob((("child", {}), ("slow", {})))
    assert [name for name, _ in job.ordered_steps] == ["slow", "child"]
    (path,) = many(make_tiff, 1)
    (done,) = run_batch(job, [path])
    assert done.outcome is Outcome.OK
    assert [key.analysis_name for key, _ in done.results] == ["slow", "child"]
    assert len(AcqImage(path).analysis_set) == 2


# --- preview and outcomes ----------------------------------------------------------------------


def test_preview_says_what_the_run_then_does(make_tiff, tmp_path: Path) -> None:
    path, other, line = many(make_tiff, 3)
    image = AcqImage(line)
    image.rois.create_line_roi(LineEndpoints(0, 0, 5, 5))
    image.save()
    image = AcqImage(other)
    image.rois.create_rect_roi(RectRoiBounds(0, 128, 2, 14))
    image.save()
    bad = tmp_path / "rec" / "bad.tif"
    bad.write_bytes(b"II*\0")
    files = [path, other, line, bad, tmp_path / "gone.tif"]
    before = contents(tmp_path / "rec")
    job = BatchJob(JOB.steps, roi=RoiRule.existing(1))
    told = list(preview(job, files))
    assert contents(tmp_path / "rec") == before
    assert outcomes(told) == [
        "skipped_missing_roi", "pending", "skipped_missing_roi", "failed", "failed",
    ]  # fmt: skip
    assert told[0].message == "There is no ROI 1."
    assert told[1].message == "Velocity (Radon) on ROI 1 will run."
    assert "is a line" in told[2].message
    done = list(run_batch(job, files))
    assert outcomes(done) == [
        "skipped_missing_roi", "ok", "skipped_missing_roi", "failed", "failed",
    ]  # fmt: skip
    assert "bad.tif" in done[3].message
    assert done[3].message.count(".") >= 2  # why, and what can be done now
    assert done[1].results[0][1]["velocity_median"] is not None


def test_rois_are_added_once(make_tiff) -> None:
    (path,) = many(make_tiff, 1)
    (told,) = preview(JOB, [path])
    assert told.message == "ROI 1 will be added. Velocity (Radon) on ROI 1 will run."
    template = BatchJob(JOB.steps, roi=RoiRule.inside(RectRoiBounds(0, 500, 2, 14)))
    assert outcomes(list(run_batch(JOB, [path]))) == ["ok"]
    (done,) = run_batch(template, [path])
    assert done.roi_ids == (2,)
    assert AcqImage(path).rois.get(2).geometry == (0, 128, 2, 14)
    assert outcomes(list(run_batch(template, [path]))) == ["skipped_done"]
    (done,) = run_batch(BatchJob(JOB.steps, roi=RoiRule.every(), replace=True), [path])
    assert done.roi_ids == (1, 2)
    outside = BatchJob(JOB.steps, roi=RoiRule.inside(RectRoiBounds(900, 950, 0, 9)))
    (missing,) = run_batch(outside, [path])
    assert missing.outcome is Outcome.SKIPPED_MISSING_ROI
    assert len(AcqImage(path).rois) == 2


def test_what_is_there_is_kept_or_replaced(make_tiff) -> None:
    (path,) = many(make_tiff, 1)
    list(run_batch(JOB, [path]))
    wider = (("radon_velocity", {"window_width": 64}),)
    (kept,) = run_batch(BatchJob(wider), [path])
    assert kept.outcome is Outcome.SKIPPED_EXISTING
    assert "other parameters" in kept.message
    (told,) = preview(BatchJob(wider, replace=True), [path])
    assert told.message == "Velocity (Radon) on ROI 1 replaces its result."
    assert outcomes(list(run_batch(BatchJob(wider, replace=True), [path]))) == ["ok"]
    again = BatchJob(wider, replace=True, resume=True)
    assert outcomes(list(run_batch(again, [path]))) == ["skipped_done"]
    assert outcomes(list(run_batch(BatchJob(wider, replace=True), [path]))) == ["ok"]


def test_missing_channel_and_parent(slow: Path, make_tiff) -> None:
    (path,) = many(make_tiff, 1)
    (one,) = run_batch(BatchJob(JOB.steps, channel=1), [path])
    assert one.outcome is Outcome.SKIPPED_MISSING_CHANNEL
    assert one.message == "There is no channel 1: the file has 1 channel."
    (one,) = run_batch(BatchJob((("child", {}),)), [path])
    assert one.outcome is Outcome.SKIPPED_MISSING_PARENT
    assert one.message == "Child of slow on ROI 1 needs Slow mean: add it to the batch."


def test_one_file_is_one_transaction(slow: Path, make_tiff, tmp_path: Path) -> None:
    """The second step fails, so the first one is not saved either; the next file goes on."""
    files = many(make_tiff, 2)
    job = BatchJob((("slow", {}), ("child", {"fail": True})))
    done = list(run_batch(job, files))
    assert outcomes(done) == ["failed", "failed"]
    assert done[0].message.startswith("Child of slow on ROI 1 of r000.tif failed.")
    assert "ZeroDivisionError" in done[0].message
    assert contents(tmp_path / "rec") == {}
    short = many(make_tiff, 1, lines=20)
    (one,) = run_batch(JOB, short)
    assert one.message.endswith("Choose another ROI or other parameters for this file.")


def test_without_saving_nothing_is_written(make_tiff, tmp_path: Path) -> None:
    (done,) = run_batch(BatchJob(JOB.steps, save=False), many(make_tiff, 1))
    assert done.outcome is Outcome.OK
    assert done.results[0][1]["velocity_median"] is not None
    assert contents(tmp_path / "rec") == {}


def test_a_save_by_somebody_else_in_the_middle(make_tiff, monkeypatch) -> None:
    """The file is opened again; what the other one saved is kept."""
    (path,) = many(make_tiff, 1)
    saved = AcqImage.save
    told: list[str] = []

    def save(image: AcqImage) -> None:
        if not told:
            told.append("once")
            other = AcqImage(path)
            other.apply_metadata_patch("experiment_metadata", {"note": "theirs"})
            saved(other)
        saved(image)

    monkeypatch.setattr(AcqImage, "save", save)
    assert outcomes(list(run_batch(JOB, [path]))) == ["ok"]
    image = AcqImage(path)
    assert image.state.experiment.note == "theirs"
    assert len(image.analysis_set) == 1


# --- executors ---------------------------------------------------------------------------------


def test_threads_and_processes_write_the_same_bytes(slow: Path, make_tiff, tmp_path: Path) -> None:
    job = BatchJob((("radon_velocity", FAST), ("child", {}), ("slow", {})))
    files, folder = many(make_tiff, 6), tmp_path / "rec"
    assert outcomes(list(run_batch(job, files))) == ["ok"] * 6
    serial = contents(folder)
    assert len(serial) == 6 * 4
    with ThreadPoolExecutor(3) as threads, process_pool(2) as processes:
        for executor in (threads, processes):
            remove_results(folder)
            done = list(run_batch(job, files, executor, in_flight=4))
            assert sorted(one.path for one in done) == [str(one.resolve()) for one in files]
            assert outcomes(done) == ["ok"] * 6
            assert contents(folder) == serial


def test_dask_workers_write_the_same_bytes(
    slow: Path, make_tiff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two worker processes, as an executor and by the address of their scheduler."""
    distributed = pytest.importorskip("distributed")
    steps = (("radon_velocity", FAST), ("slow", {}))
    files, folder = many(make_tiff, 8), tmp_path / "rec"
    list(run_batch(BatchJob(steps), files))
    serial = contents(folder)
    remove_results(folder)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
        dashboard_address=None, local_directory=str(tmp_path / "dask"),
    )  # fmt: skip
    with cluster:
        with distributed.Client(cluster) as client:
            done = list(run_batch(BatchJob(steps), files, client.get_executor(), in_flight=4))
        assert outcomes(done) == ["ok"] * 8
        assert contents(folder) == serial
        remove_results(folder)
        words = ["--analysis", "radon_velocity", "--analysis", "slow", "--param", "window_width=32"]
        where = ["--cluster", cluster.scheduler_address]
        assert main(["batch", str(folder), *words, *where]) == 0
    assert capsys.readouterr().err.strip() == "8 recordings: 8 ok."
    assert contents(folder) == serial


class CountingExecutor(ThreadPoolExecutor):
    """Remembers how many files it held at most."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.taken: list[Future] = []
        self.most = 0

    def submit(self, fn, /, *words, **names) -> Future:  # type: ignore[no-untyped-def]
        self.taken.append(super().submit(fn, *words, **names))
        self.most = max(self.most, sum(not one.done() for one in self.taken))
        return self.taken[-1]


def test_few_files_are_in_flight(slow: Path, make_tiff) -> None:
    job = BatchJob((("slow", {"wait_s": 0.02}),), save=False)
    with CountingExecutor(2) as pool:
        assert len(list(run_batch(job, many(make_tiff, 12), pool, in_flight=3))) == 12
        assert 2 <= pool.most <= 3


def test_the_same_file_twice_runs_once(make_tiff) -> None:
    (path,) = many(make_tiff, 1)
    assert len(list(run_batch(JOB, [path, str(path)]))) == 1


class LostExecutor(Executor):
    """Its workers die."""

    def submit(self, fn, /, *words, **names) -> Future:  # type: ignore[no-untyped-def]
        future: Future[FileOutcome] = Future()
        future.set_exception(BrokenProcessPool("a worker ended abruptly"))
        return future


def test_a_dead_worker_is_a_sentence(make_tiff) -> None:
    (one,) = run_batch(JOB, many(make_tiff, 1), LostExecutor())
    assert one.outcome is Outcome.FAILED
    assert "Resume with fewer workers" in one.message


def test_plugins_travel_with_the_work(slow: Path, make_tiff, monkeypatch) -> None:
    """Also to workers that were started before the folder was named."""
    files = many(make_tiff, 2)
    folders = str(slow)
    monkeypatch.delenv("CLOUDSCOPE_PLUGINS")
    with process_pool(1) as pool:
        assert outcomes(list(run_batch(JOB, files[:1], pool))) == ["ok"]
        monkeypatch.setenv("CLOUDSCOPE_PLUGINS", folders)
        (done,) = run_batch(BatchJob((("slow", {}),)), files[1:], pool)
    assert done.outcome is Outcome.OK


def thread_limits() -> list[str | None]:
    return [os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]


def test_workers_compute_on_one_thread(monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with process_pool(1) as pool:
        assert pool.submit(thread_limits).result() == ["1", "1"]
    assert thread_limits()[0] == "7"


# --- cancelling --------------------------------------------------------------------------------


@pytest.mark.timed
@pytest.mark.parametrize("kind", ["here", "threads", "processes"])
def test_cancel_within_a_file(slow: Path, make_tiff, tmp_path: Path, kind: str) -> None:
    """Those that run stop within 100 ms, the others never start; nothing is written."""
    job = BatchJob((("slow", {"wait_s": 20.0}),))
    files, asked = many(make_tiff, 8), threading.Event()
    with ThreadPoolExecutor(2) as threads, process_pool(1) as processes:
        executor = {"here": None, "threads": threads, "processes": processes}[kind]
        if kind == "processes":
            processes.submit(os.getpid).result()  # the start takes longer
        moment: list[float] = []

        def ask() -> None:
            moment.append(time.monotonic())
            asked.set()

        timer = threading.Timer(0.3, ask)
        timer.start()
        done = list(run_batch(job, files, executor, is_cancelled=asked.is_set))
        took = time.monotonic() - moment[0]
    assert outcomes(done) == ["cancelled"] * 8
    assert took < 1.0  # 0.1 s for the run, and what a busy computer adds
    assert contents(tmp_path / "rec") == {}


@pytest.mark.timed
def test_closing_the_iterator_stops_the_work(slow: Path, make_tiff) -> None:
    job = BatchJob((("slow", {"wait_s": 0.05}),), save=False)
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        running = run_batch(job, many(make_tiff, 60), pool)
        assert next(running).outcome is Outcome.OK
        running.close()
    assert time.monotonic() - began < 1.0


def test_work_never_raises(tmp_path: Path) -> None:
    done = work(WorkItem(str(tmp_path / "nowhere.tif"), JOB))
    assert done.outcome is Outcome.FAILED
    assert json.dumps(done.message)


@pytest.mark.timed
def test_linear_algebra_stays_on_one_thread() -> None:
    """How many threads share a product changes its last bits."""
    took = compute_on_one_thread()
    if not took:
        pytest.skip("this numpy does not come with OpenBLAS")
    rng = np.random.default_rng(0)
    one, other = rng.random((700, 700), np.float32), rng.random((700, 700), np.float32)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(8):
        one @ other
    # With two threads the processors would work longer than the clock runs.
    assert time.process_time() - cpu < 1.3 * (time.perf_counter() - began) + 0.05
