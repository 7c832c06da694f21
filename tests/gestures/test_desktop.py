"""The desktop's side: its menu entry, and a second start of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent

from cloudscope.desktop_entry import install_desktop_entry
from cloudscope.features.opened_by_desktop import OpenedByDesktop

ROOT = Path(__file__).parents[2]


@pytest.fixture
def listening(window) -> OpenedByDesktop:
    return next(one for one in window.features if isinstance(one, OpenedByDesktop))


def second_start(window, *words: str) -> subprocess.Popen:
    """`cloudscope PATH...` of the same user, with the same settings."""
    code = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication; "
        "from cloudscope.instances import hand_over; app = QCoreApplication([]); "
        "sys.exit(0 if hand_over(Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]]) else 3)"
    )
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", code, str(window.settings.path), *words]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})


def test_a_second_start_hands_its_paths_over(user, window, make_tiff, tmp_path: Path) -> None:
    first, second = make_tiff("a.tif"), make_tiff("other/b.tif", seed=1)
    user.open(first)
    strange = second.with_name(os.fsdecode(b"caf\xe9.tif"))
    second.rename(strange)
    process = second_start(window, str(strange))
    user.wait_until(lambda: process.poll() is not None)
    assert process.returncode == 0
    user.wait_until(lambda: bool(window.session.images) and user.image is not None)
    user.wait()
    assert [Path(image.path) for image in window.session.images] == [strange]


def test_unsaved_edits_are_asked_for_first(user, window, make_tiff, listening, monkeypatch) -> None:
    user.open(make_tiff("a.tif"))
    window.controller.add_roi()
    asked = []

    def answer(parent, theme, words, rows):
        asked.append(words.question)
        from cloudscope.views.save_prompt_dialog import SaveAnswer

        return SaveAnswer("cancel")

    monkeypatch.setattr("cloudscope.leaving.ask_save", answer)
    listening.take([make_tiff("b.tif")])
    assert len(asked) == 1
    assert user.image.name == "a.tif"


def test_file_open_event_of_the_desktop(user, window, make_tiff, listening) -> None:
    event = QFileOpenEvent(QUrl.fromLocalFile(str(make_tiff("a.tif"))))
    assert listening.eventFilter(window, event)
    user.wait()
    assert user.image.name == "a.tif"


def test_desktop_entry(tmp_path: Path) -> None:
    entry, drawn, painted = install_desktop_entry(tmp_path)
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert "image/tiff" in lines["MimeType"].split(";")
    assert lines["Exec"].endswith(" %F")
    assert lines["Icon"] == "cloudscope"
    assert drawn.read_bytes().lstrip().startswith(b"<")
    assert painted.read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        install_desktop_entry(tmp_path / "file")


def test_command_line_installs_it(tmp_path: Path) -> None:
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("QT_QPA_PLATFORM", None)  # no screen is needed for this
    command = [sys.executable, "-m", "cloudscope", "--install-desktop"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "applications" / "cloudscope.desktop").is_file()
