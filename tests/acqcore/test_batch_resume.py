"""A batch that was killed resumes and ends as if nothing had happened."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from acqcore.batch import BatchJob, FileOutcome, Outcome, run_batch
from acqcore.model.header import Calibration
from acqcore.model.roi import RectRoiBounds

FAST = {"window_width": 32}
JOB = BatchJob((("radon_velocity", FAST),), resume=True)

CLI = "import sys; from cloudscope.cli import main; sys.exit(main(sys.argv[1:]))"
WORDS = ["--analysis", "slow"]


def die_at(path: str, step: int) -> None:
    """Run a batch that kills its own process before the nth change of the folder."""
    left = step

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def call(*words: object, **names: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*words, **names)

        return call

    # Every step of a save goes through one of these.
    for name in ("replace", "unlink", "hardlink_to", "chmod"):
        setattr(Path, name, dying(getattr(Path, name)))
    done = list(run_batch(slow_job(replace=True), [path]))
    os._exit(0 if done[0].outcome is Outcome.OK else 1)


def slow_job(**how: bool) -> BatchJob:
    return BatchJob((("slow", {"wait_s": 0.001}),), **how)


def folder_of(make_tiff: Callable[..., Path], count: int, name: str = "rec") -> Path:
    for k in range(count):
        make_tiff(f"{name}/r{k:03}.tif", lines=128, pixels=16, seed=k)
    return make_tiff(f"{name}/r000.tif", lines=128, pixels=16, seed=0).parent


def contents(folder: Path) -> dict[str, str | bytes]:
    """All files; only the times of the runs are taken out of the sidecars."""
    return {
        one.name: re.sub(r'("time_utc": )"[^"]*"', r"\1", one.read_text())
        if one.suffix == ".json"
        else one.read_bytes()
        for one in sorted(folder.iterdir())
    }


def outcome(job: BatchJob, path: Path) -> FileOutcome:
    (done,) = run_batch(job, [path])
    return done


@pytest.mark.parametrize(("workers", "count"), [(1, 60), (2, 200)])
def test_killed_half_way_and_resumed(
    slow: Path, make_tiff, tmp_path: Path, workers: int, count: int
) -> None:
    """SIGKILL when about half of the recordings are done; the workers end with their parent."""
    job = BatchJob((("slow", {}),))
    folder = folder_of(make_tiff, count)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(folder, undisturbed)
    assert {one.outcome for one in run_batch(job, sorted(undisturbed.glob("*.tif")))} == {
        Outcome.OK
    }

    command = [sys.executable, "-c", CLI, "batch", str(folder), *WORDS, "--workers", str(workers)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*.json"))) < 0.4 * count and time.monotonic() < deadline:
        time.sleep(0.002)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    half = len(list(folder.glob("*.json")))
    assert 0.4 * count <= half < count

    resumed = subprocess.run(
        [*command, "--resume"], capture_output=True, text=True, timeout=120, check=False
    )
    assert resumed.returncode == 0, resumed.stderr
    told = [line.split()[0] for line in resumed.stdout.splitlines()]
    assert len(told) == count
    assert set(told) == {"ok", "skipped_done"}
    assert told.count("skipped_done") >= half - 2 * workers
    assert contents(folder) == contents(undisturbed)


@pytest.mark.parametrize("first_run", [True, False])
def test_killed_at_any_step_of_a_save(
    slow: Path, make_tiff, tmp_path: Path, first_run: bool
) -> None:
    """Whatever the killed save had written: the resumed batch ends with the same files."""
    clean = folder_of(make_tiff, 1, "clean")
    if not first_run:
        outcome(BatchJob((("slow", {}),)), clean / "r000.tif")
    wanted = tmp_path / "wanted"
    shutil.copytree(clean, wanted)
    job = slow_job(replace=True, resume=True)
    assert outcome(job, wanted / "r000.tif").outcome is Outcome.OK
    kills = 0
    fork = multiprocessing.get_context("fork")
    for step in range(1, 40):
        folder = tmp_path / f"killed{step}"
        shutil.copytree(clean, folder)
        dying = fork.Process(target=die_at, args=(str(folder / "r000.tif"), step))
        dying.start()
        dying.join()
        if dying.exitcode == 0:
            break
        assert dying.exitcode == -signal.SIGKILL
        kills += 1
        done = outcome(job, folder / "r000.tif")
        assert done.outcome in (Outcome.OK, Outcome.SKIPPED_DONE), done.message
        assert contents(folder) == contents(wanted), f"killed before step {step}"
    assert kills >= 2


def test_nothing_is_done_twice(make_tiff) -> None:
    path = folder_of(make_tiff, 1) / "r000.tif"
    assert outcome(JOB, path).outcome is Outcome.OK
    before = path.with_name("r000.tif.json").read_bytes()
    assert outcome(JOB, path).outcome is Outcome.SKIPPED_DONE
    # Defaults that are spelt out change nothing.
    spelt = BatchJob((("radon_velocity", FAST | {"estimator": "unbiased"}),), resume=True)
    assert outcome(spelt, path).outcome is Outcome.SKIPPED_DONE
    assert path.with_name("r000.tif.json").read_bytes() == before


def test_a_copy_is_recognised_by_its_pixels(make_tiff) -> None:
    """A newer file date alone does not ask for a run; other pixels do."""
    path = folder_of(make_tiff, 1) / "r000.tif"
    outcome(JOB, path)
    later = time.time() + 100
    os.utime(path, (later, later))
    assert outcome(JOB, path).outcome is Outcome.SKIPPED_DONE
    make_tiff("rec/r000.tif", lines=128, pixels=16, seed=99)
    os.utime(path, (later, later))
    changed = outcome(JOB, path)
    assert changed.outcome is Outcome.SKIPPED_EXISTING
    assert "the pixels changed" in changed.message
    again = BatchJob(JOB.steps, replace=True, resume=True)
    assert outcome(again, path).outcome is Outcome.OK


def test_what_makes_a_result_another_one(make_tiff) -> None:
    path = folder_of(make_tiff, 1) / "r000.tif"
    job = BatchJob((("radon_velocity", FAST),), resume=True)
    outcome(job, path)
    image = AcqImage(path)
    image.state = image.state.with_calibration(Calibration(0.001, 0.5, "seconds", "um", "user"))
    image.save()
    assert "calibration changed" in outcome(job, path).message
    image.state = image.state.with_calibration(None)
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 100, 0, 16))
    image.save()
    by_number = BatchJob(job.steps, roi=job.roi.existing(1))
    assert "ROI 1 moved" in outcome(by_number, path).message


def test_a_result_without_its_rows_is_not_done(make_tiff) -> None:
    path = folder_of(make_tiff, 1) / "r000.tif"
    outcome(JOB, path)
    path.with_name("r000.tif.radon_velocity.csv").unlink()
    lost = outcome(JOB, path)
    assert lost.outcome is Outcome.SKIPPED_EXISTING
    assert "its rows are gone" in lost.message


def test_a_strangers_csv_is_not_removed(make_tiff) -> None:
    """One that is not what this batch would write stays, and the file is reported."""
    path = folder_of(make_tiff, 1) / "r000.tif"
    csv = path.with_name("r000.tif.radon_velocity.csv")
    csv.write_text("channel,roi_id,velocity\n0,1,7\n")
    done = outcome(JOB, path)
    assert done.outcome is Outcome.FAILED
    assert "another program" in done.message
    assert csv.read_text() == "channel,roi_id,velocity\n0,1,7\n"


def test_temporary_files_of_others_stay(make_tiff) -> None:
    """Only those that are older than the batch were left by somebody who is gone."""
    folder = folder_of(make_tiff, 1)
    fresh, stale = folder / ".cs-fresh.tmp", folder / ".cs-stale.tmp"
    for one in (fresh, stale):
        one.write_text("")
    os.utime(fresh, (time.time() + 60,) * 2)
    os.utime(stale, (time.time() - 60,) * 2)
    outcome(JOB, folder / "r000.tif")
    assert fresh.exists()
    assert not stale.exists()
