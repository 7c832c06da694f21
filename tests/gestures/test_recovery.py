"""The program is killed with unsaved edits; the next start offers them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from cloudscope.features.recovery import Recovery
from cloudscope.main_window import MainWindow
from cloudscope.recovery import Journal
from cloudscope.settings import Settings
from cloudscope.views.save_prompt_dialog import SaveAnswer

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from pathlib import Path
from acqcore.acq_image import AcqImage
from cloudscope.recovery import Journal
home, path = map(Path, sys.argv[1:])
image = AcqImage(path)
roi = image.rois.create_rect_roi()
key = image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id).key
image.analysis_set.run_analysis(key)
Journal(home).keep(image, image.state, "ROI 1 added, 1 result")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the window's folders are."""
    return tmp_path / "home"


def killed_with_edits(home: Path, path: Path) -> None:
    """Another run of the program that did not end well."""
    command = [sys.executable, "-c", KILLED, str(home / "recovery"), str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])})  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture
def started(qtbot, theme, home: Path):
    """Starts the window."""
    made = []

    def start() -> MainWindow:
        folders = {"cache": home / "cache", "logs": home / "logs"}
        window = MainWindow(theme, Settings(home / "settings.ini"), folders)
        window.furnish()
        window.show()
        made.append(window)
        qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
        return window

    yield start
    for window in made:
        feature(window)._end()
        window.discard_and_close()
        window.deleteLater()


def feature(window: MainWindow) -> Recovery:
    return next(one for one in window.features if isinstance(one, Recovery))


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_edits_of_a_killed_run_come_back(qtbot, started, make_tiff, home, monkeypatch) -> None:
    path = make_tiff("a.tif")
    killed_with_edits(home, path)
    window = started()
    bar = window.view.messages
    assert bar.text == "CloudScope ended unexpectedly; unsaved changes to a.tif were kept."
    monkeypatch.setattr(
        "cloudscope.features.recovery.ask_save",
        lambda parent, theme, words, rows: SaveAnswer("save", tuple(row.file_id for row in rows)),
    )
    bar._shown_actions[0].click()
    qtbot.waitUntil(lambda: len(window.session.images) == 1, timeout=20_000)
    (image,) = window.session.images
    qtbot.waitUntil(lambda: bool(image.state.records), timeout=20_000)
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    (record,) = image.state.records
    assert len(record.table) == 22
    assert image.is_dirty
    assert not Path(f"{path}.json").exists()  # restoring saves nothing
    window.controller.undo_stack.undo()
    assert not image.is_dirty
    # On a slow computer this run has kept a copy of its own meanwhile, which it forgets.
    qtbot.waitUntil(lambda: not list((home / "recovery").glob("*/*/about.json")), timeout=20_000)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_discarded_edits_are_gone(qtbot, started, make_tiff, home, monkeypatch) -> None:
    killed_with_edits(home, make_tiff("a.tif"))
    window = started()
    monkeypatch.setattr(
        "cloudscope.features.recovery.ask_save",
        lambda parent, theme, words, rows: SaveAnswer("discard"),
    )
    window.view.messages._shown_actions[0].click()
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    assert not list((home / "recovery").glob("*/*/about.json"))


def test_what_is_unsaved_is_kept_and_forgotten_when_saved(
    qtbot, started, make_tiff, home: Path
) -> None:
    window = started()
    window.commands.open_paths([make_tiff("a.tif")])
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    window.controller.add_roi()
    feature(window).keep()
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    (about,) = (home / "recovery").glob("*/*/about.json")
    assert "ROI 1 added" in about.read_text()
    window.commands.save()
    qtbot.waitUntil(lambda: not window.session.dirty(), timeout=20_000)
    feature(window).keep()
    qtbot.waitUntil(lambda: not window.jobs.active, timeout=20_000)
    QApplication.processEvents()
    assert not about.exists()


def test_a_run_that_is_still_there_is_not_recovered(tmp_path: Path) -> None:
    running, other = Journal(tmp_path), Journal(tmp_path)
    assert other.left_behind() == []
    running.close()
    other.close()
    assert list(tmp_path.iterdir()) == []
