"""A folder, files, or a mixture is dropped on the window."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import QTimer


def test_folder(user, window, folder: Path) -> None:
    user.drop([folder])
    user.wait()
    assert [image.name for image in window.session.images] == ["a.tif", "b.tif", "c.tif"]
    assert window.tree.model.visible_file_ids() == [i.file_id for i in window.session.images]
    assert user.image.name == "a.tif"
    assert not window.view.is_empty


def test_mixture_with_unusable_items(user, window, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "notes.md").write_text("hello")
    os.mkfifo(tmp_path / "pipe.tif")
    user.drop([folder / "b.tif", folder, tmp_path / "notes.md"])
    user.wait()
    assert len(window.session.images) == 3
    assert len(window.session.warnings) == 3
    assert "3 files could not be opened" in window.view.messages.text
    for warning in window.session.warnings:
        assert Path(warning.path).name in warning.message


def test_ctrl_adds(user, window, folder: Path) -> None:
    user.drop([folder / "a.tif"])
    user.wait()
    user.drop([folder / "b.tif"], ctrl=True)
    user.wait()
    assert len(window.session.images) == 2
    user.drop([folder / "c.tif"])
    user.wait()
    assert [image.name for image in window.session.images] == ["c.tif"]


def test_name_that_is_not_utf8(user, window, folder: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"caf\xe9.tif")
    (folder / "a.tif").rename(strange)
    user.drop([strange])
    user.wait()
    assert user.image.path == str(strange)
    window.controller.add_roi()
    window.commands.save()
    user.wait()
    assert Path(os.fsdecode(os.fsencode(strange) + b".json")).is_file()


@pytest.mark.timed
def test_500_files_never_hold_up_the_window(
    user, window, make_tiff, slowness, tmp_path: Path
) -> None:
    """Rows appear while headers are read; the event loop turns at least every 50 ms.

    The best of several runs counts, and time in which other programs had the processor does
    not; on a machine that is slower, or slowed down, the limit grows as much.
    """
    gc.collect()
    gc.freeze()  # what earlier tests left in memory is not the application's to sweep
    for number in range(500):
        make_tiff(f"many/{number:03}.tif", lines=64, pixels=16)
    runs: list[tuple[float, list[float]]] = []
    while not runs or (len(runs) < 8 and best(runs) >= 50):
        before = slowness()
        stalls = longest_stalls(user, window, tmp_path / "many")
        runs.append((max(before, slowness()), stalls))
    print(f"\nslowness, and the five longest stalls of the event loop in ms, of each run: {runs}")
    gc.unfreeze()
    assert best(runs) < 50


def best(runs: list[tuple[float, list[float]]]) -> float:
    """The smallest of the runs' longest stalls, in milliseconds of an undisturbed machine."""
    return min(stalls[-1] / slow for slow, stalls in runs)


def longest_stalls(user, window, folder: Path) -> list[float]:
    """Open a folder; gives the five longest times between two turns, in milliseconds."""
    gaps, rows_while_loading, last = [], set(), [turning_s()]

    def tick() -> None:
        now = turning_s()
        gaps.append(1e3 * (now - last[0]))
        last[0] = now
        if window.opening.busy:
            rows_while_loading.add(window.tree.model.count)

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(2)
    user.drop([folder])
    user.wait()
    timer.stop()
    assert window.tree.model.count == 500
    assert len(rows_while_loading) > 10
    return [round(gap, 1) for gap in sorted(gaps)[-5:]]


def turning_s() -> float:
    """Time less what this thread spent waiting for a processor, in seconds."""
    waited = Path("/proc/thread-self/schedstat")
    return perf_counter() - (int(waited.read_text().split()[1]) / 1e9 if waited.exists() else 0.0)
