"""A save that fails leaves the old files, whichever system call fails and however often."""

from __future__ import annotations

import errno
import itertools
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.errors import SaveFailed, SidecarError
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import RectROI
from acqcore.model.state import AcqState
from acqcore.storage import atomic, sidecar
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())


def save(image: Path, state: AcqState, on_disk: OnDisk | None = None) -> OnDisk:
    return sidecar.write(image, HEADER, state, on_disk or OnDisk(), writer="test")


def record(name: str, seed: int) -> AnalysisRecord:
    table = ResultTable({"velocity": np.random.default_rng(seed).normal(size=50)})
    ran = Provenance({}, (0, 9, 0, 9), (1.0, 1.0))
    return AnalysisRecord(AnalysisKey(name, 0, 1), {}, {"seed": seed}, table, ran)


def state(seed: int, *names: str) -> AcqState:
    rois = (RectROI(1, 0, 9, 0, 9, name=f"version {seed}"),)
    return AcqState(rois=rois, next_roi_id=2, records=tuple(record(one, seed) for one in names))


OLD = state(1, "radon_velocity", "sum_intensity", "event")
# One CSV is changed, one is deleted, one is added.
NEW = state(2, "radon_velocity", "event", "heart_rate")
CALLS = ["open", "write", "fsync", "chmod", "link", "replace", "unlink", "stat"]


def failing(
    patch: pytest.MonkeyPatch, folder: Path, number: int, forever: bool, code: int
) -> Callable[[], int]:
    """Make the `number`-th system call in the folder fail; gives how many were made."""
    made = 0

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal made
            if isinstance(args[0], int) or os.fspath(args[0]).startswith(str(folder)):
                made += 1
                if made == number or (forever and made > number):
                    raise OSError(code, os.strerror(code))
            return real(*args, **options)

        return call

    for name in CALLS:
        patch.setattr(os, name, guarded(getattr(os, name)))
    return lambda: made


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES], ids=os.strerror)
@pytest.mark.parametrize("forever", [False, True], ids=["once", "from then on"])
def test_every_system_call(tmp_path: Path, monkeypatch, forever: bool, code: int) -> None:
    start = tmp_path / "start"
    start.mkdir()
    save(start / "a.tif", OLD)
    failures, sentences = 0, set()
    for number in range(1, 400):
        folder = tmp_path / f"{number}"
        shutil.copytree(start, folder)
        image, before = folder / "a.tif", contents(folder)
        opened = sidecar.read(image, HEADER)
        atomic._sweep.cache_clear()
        with monkeypatch.context() as patch:
            made = failing(patch, folder, number, forever, code)
            try:
                save(image, NEW, opened.on_disk)
            except (SaveFailed, SidecarError) as error:
                failed, failures = True, failures + 1
                sentences.add(str(error)[-1])
            else:
                failed = False
            done = made() < number
        check(folder, before, failed, forever)
        if done:
            break
    assert failures > 20
    assert sentences == {"."}
    assert done
    assert not failed


def check(folder: Path, before: dict[str, bytes], failed: bool, forever: bool) -> None:
    after = contents(folder)
    loaded = sidecar.read(folder / "a.tif", HEADER)
    strays = {name for name in after if name.startswith(".cs-")}
    if not failed:
        assert loaded.state == NEW
        assert not loaded.problems
        assert forever or not strays
    elif not forever:
        assert after == before
    else:
        # Old or new as a whole; where even putting back failed, the old is found and said.
        assert loaded.state in (OLD, NEW)
        torn = {name: one for name, one in after.items() if name in before} != before
        assert loaded.problems or not torn or loaded.state == NEW
        # Nothing that was there is gone: under its name, or as a spare.
        for content in before.values():
            assert content in after.values() or loaded.state == NEW


def test_the_image_is_still_unsaved_after_a_failure(make_tiff, monkeypatch) -> None:
    image = AcqImage(make_tiff(lines=64))
    image.rois.create_rect_roi()
    with monkeypatch.context() as patch:
        failing(patch, Path(image.path).parent, 1, True, errno.ENOSPC)
        with pytest.raises(SaveFailed, match="disk is full"):
            image.save()
    assert image.is_dirty
    image.save()
    assert not image.is_dirty


def test_an_interrupted_save_puts_the_old_files_back(tmp_path: Path, monkeypatch) -> None:
    on_disk = save(tmp_path / "a.tif", OLD)
    before, real = contents(tmp_path), os.replace

    def interrupt(source: Any, target: Any) -> None:
        real(source, target)
        if str(target).endswith(".json"):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "a.tif", NEW, on_disk)
    monkeypatch.undo()
    assert contents(tmp_path) == before


def test_short_writes_are_continued(tmp_path: Path, monkeypatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, bytes(content)[:7]))
    save(tmp_path / "a.tif", OLD)
    monkeypatch.undo()
    assert sidecar.read(tmp_path / "a.tif", HEADER).state == OLD


@pytest.mark.parametrize("code", [errno.EPERM, errno.EXDEV, errno.EBUSY], ids=os.strerror)
@pytest.mark.parametrize("full", [False, True], ids=["fits", "disk full in place"])
def test_written_in_place_where_replacing_is_refused(
    tmp_path: Path, monkeypatch, code: int, full: bool
) -> None:
    on_disk = save(tmp_path / "a.tif", OLD)
    before, real_replace, real_open, tried = contents(tmp_path), os.replace, os.open, []

    def refuse(source: Any, target: Any) -> None:
        if Path(target).name in before:
            raise OSError(code, os.strerror(code))
        real_replace(source, target)

    def full_disk(path: Any, flags: int, *more: Any) -> int:
        name = Path(path).name if not isinstance(path, int) else ""
        if full and name == "a.tif.json" and flags & os.O_WRONLY and not tried:
            tried.append(name)
            os.truncate(path, 0)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_open(path, flags, *more)

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "open", full_disk)
    if full:
        with pytest.raises(SaveFailed, match="disk is full"):
            save(tmp_path / "a.tif", NEW, on_disk)
        assert contents(tmp_path) == before
    else:
        save(tmp_path / "a.tif", NEW, on_disk)
        assert sidecar.read(tmp_path / "a.tif", HEADER).state == NEW
        assert not list(tmp_path.glob(".cs-*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only the superuser may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    on_disk = save(small_disk / "a.tif", OLD)
    before = contents(small_disk)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(2**21))
    with pytest.raises(SaveFailed, match="disk is full"):
        save(small_disk / "a.tif", NEW, on_disk)
    filler.unlink()
    assert contents(small_disk) == before
    save(small_disk / "a.tif", NEW, on_disk)


def in_a_child(task: Callable[[], bool]) -> None:
    """Run where limits and rights of this process must not change."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if task() else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_limit_of_file_size(tmp_path: Path) -> None:
    on_disk = save(tmp_path / "a.tif", OLD)
    before = contents(tmp_path)

    def limited() -> bool:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
        try:
            save(tmp_path / "a.tif", NEW, on_disk)
        except SaveFailed as error:
            return "larger than" in str(error)
        return False

    in_a_child(limited)
    assert contents(tmp_path) == before


def test_a_read_only_folder(tmp_path: Path) -> None:
    """As another user: the superuser may write anywhere."""
    on_disk = save(tmp_path / "a.tif", OLD)
    before = contents(tmp_path)
    for parent in tmp_path.parents:
        if "pytest" in parent.name and parent.stat().st_uid == os.geteuid():
            parent.chmod(0o755)
    tmp_path.chmod(0o555)

    def as_nobody() -> bool:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            save(tmp_path / "a.tif", NEW, on_disk)
        except SaveFailed as error:
            return "is read-only" in str(error) and str(tmp_path) in str(error)
        return False

    in_a_child(as_nobody)
    tmp_path.chmod(0o755)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("length", range(245, 256))
def test_names_of_almost_255_bytes(make_tiff, length: int) -> None:
    path = make_tiff("x.tif", lines=64)
    path = path.rename(path.with_name("x" * (length - 4) + ".tif"))
    image = AcqImage(path)
    assert image.problems == ()
    image.rois.create_rect_roi()
    before = contents(path.parent)
    if length + len(".json") <= 255:
        sidecar_path(path).write_text("not ours")  # and what is kept needs a name, too
        image.load_sidecar_json()
        image.rois.create_rect_roi()
        image.save()
        assert len(list(path.parent.glob("*.damaged-*"))) == 1
        assert len(AcqImage(path).rois) == 1
    else:
        with pytest.raises(SaveFailed, match="name is too long"):
            image.save()
        assert image.is_dirty
        assert contents(path.parent) == before


def test_a_folder_that_was_deleted(make_tiff) -> None:
    image = AcqImage(make_tiff("deep/a.tif", lines=64))
    image.rois.create_rect_roi()
    shutil.rmtree(Path(image.path).parent)
    with pytest.raises(SaveFailed, match="no longer there"):
        image.save()
    assert image.is_dirty


def test_sidecars_behind_links(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    image = tmp_path / "a.tif"
    sidecar_path(image).symlink_to(elsewhere / "stored.json")
    on_disk = save(image, OLD)  # the link led to nothing yet
    save(image, NEW, on_disk)
    assert sidecar_path(image).is_symlink()
    assert sidecar.read(image, HEADER).state == NEW
    assert not [*tmp_path.glob(".cs-*"), *elsewhere.glob(".cs-*")]


@pytest.mark.parametrize("kind", ["pipe", "folder", "loop"])
def test_something_else_under_the_name_of_the_sidecar(tmp_path: Path, kind: str) -> None:
    path = sidecar_path(tmp_path / "a.tif")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    loaded = sidecar.read(tmp_path / "a.tif", HEADER)
    assert "cannot be read" in str(loaded.problems[0])
    with pytest.raises((SidecarError, SaveFailed)):
        save(tmp_path / "a.tif", OLD, loaded.on_disk)
    assert [one.name for one in tmp_path.iterdir()] == ["a.tif.json"]


def test_strays_are_swept_after_an_hour(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".cs-killed.tmp", tmp_path / ".cs-running.tmp"
    others = [tmp_path / name for name in ("x.tmp", ".cs-notes.txt", "a.cs-1.tmp")]
    for one in (old, fresh, *others):
        one.write_text("half a file")
        os.utime(one, (time.time() - 7200,) * 2)
    os.utime(fresh)
    (tmp_path / ".cs-folder.tmp").mkdir()
    atomic._sweep.cache_clear()
    save(tmp_path / "a.tif", OLD)
    assert not old.exists()
    assert all(one.exists() for one in (fresh, *others, tmp_path / ".cs-folder.tmp"))


def save_until_killed(image: Path, ready: int) -> None:
    names = ["radon_velocity", "event", "sum_intensity", "diameter"]
    on_disk = sidecar.read(image, HEADER).on_disk
    os.write(ready, b".")
    for count in itertools.count(100):
        chosen = [one for place, one in enumerate(names) if place == 0 or count >> place & 1]
        # A CSV that a killed save left is a stranger's: kept aside when its name is needed.
        on_disk = sidecar.write(
            image, HEADER, state(count, *chosen), on_disk, writer="test", overwrite=True
        )


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Whatever was on its way, the folder holds one version, as a whole, 40 times."""
    image, rng = tmp_path / "a.tif", np.random.default_rng(0)
    save(image, OLD)
    for _ in range(40):
        heard, ready = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                save_until_killed(image, ready)
            finally:
                os._exit(1)
        os.close(ready)
        assert os.read(heard, 1) == b"."
        os.close(heard)
        time.sleep(rng.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        is_torn(image)
        for stray in tmp_path.glob(".cs-*.tmp"):
            stray.unlink()


@pytest.mark.parametrize("number", range(1, 5))
def test_killed_between_two_replacements(tmp_path: Path, number: int) -> None:
    image, real = tmp_path / "a.tif", os.replace
    on_disk = save(image, OLD)
    child = os.fork()
    if child == 0:
        made = itertools.count(1)

        def replace_and_die(source: Any, target: Any) -> None:
            real(source, target)
            if next(made) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = replace_and_die  # type: ignore[assignment]
        save(image, NEW, on_disk)
        os._exit(1)
    os.waitpid(child, 0)
    assert sidecar.read(image, HEADER).state == (OLD if number < 4 else NEW)
    assert is_torn(image) == (number < 4)
    assert bool(list(tmp_path.glob(".cs-*.old"))) == (number == 4)  # until the next save


def is_torn(image: Path) -> bool:
    """Check what a killed save left; put a torn pair right as a user would."""
    loaded = sidecar.read(image, HEADER)
    seed = int(loaded.state.rois[0].name.removeprefix("version "))
    for one in loaded.state.records:
        assert one.summary == {"seed": seed}
        assert one.table == record("any", seed).table  # from the spare, if torn
    if not loaded.problems:
        return False
    assert "a save did not end" in str(loaded.problems[0])
    sidecar.write(image, HEADER, loaded.state, loaded.on_disk, writer="test", overwrite=True)
    again = sidecar.read(image, HEADER)
    assert (again.problems, again.state) == ((), loaded.state)
    return True
