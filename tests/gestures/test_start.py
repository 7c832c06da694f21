"""The program as a process: started, photographed, told to end, and used for a long time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from acqcore import __version__
from acqcore.model.roi import RectRoiBounds

ROOT = Path(__file__).parents[2]
Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A user who has never started the program."""
    home = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    home |= {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    return os.environ | home | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": python_path()}


def python_path() -> str:
    """The same packages as in this process."""
    return os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT)]).strip(os.pathsep)


def start(environment: dict[str, str], *words: str, timeout: float = 60):
    command = [sys.executable, "-m", "cloudscope", *words]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )


# --- as a process ---------------------------------------


def test_version(environment) -> None:
    done = start(environment, "--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"CloudScope {__version__}")


def test_demo_screenshot(environment, tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    done = start(
        environment, "--demo", "--screenshot", str(picture), "--size", "1300x820",
        "--quit-after", "500",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1300, 820)
    colors = {image.pixel(x, y) for x in range(300, 900, 7) for y in range(120, 500, 7)}
    assert len(colors) > 30  # the picture of a recording


def test_files_from_the_command_line(environment, make_tiff, tmp_path: Path) -> None:
    good, bad = make_tiff("good.tif"), tmp_path / "bad.tif"
    bad.write_bytes(b"no picture")
    picture = tmp_path / "shot.png"
    words = (str(good), str(bad), str(tmp_path / "not there.tif"))
    done = start(environment, *words, "--screenshot", str(picture), "--quit-after", "300")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert picture.is_file()


def test_a_picture_that_cannot_be_written(environment, tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "demo.png"
    done = start(environment, "--screenshot", str(place), "--quit-after", "100")
    assert done.returncode == 1
    assert "could not write" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window(environment, make_tiff, number: int) -> None:
    command = [sys.executable, "-m", "cloudscope", str(make_tiff())]
    log = Path(environment["XDG_STATE_HOME"])
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for_window(process, log)
            process.send_signal(number)
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said


def wait_for_window(process: subprocess.Popen, state: Path) -> None:
    """The log begins when the window is made; a moment later its event loop runs."""
    for _ in range(300):
        assert process.poll() is None, process.stderr.read()
        if list(state.rglob("cloudscope.log")):
            sleep(0.2)
            return
        sleep(0.05)
    pytest.fail("the window did not come")


# --- PySide and the interpreter ---------------------------------------


class Teller(QObject):
    told = Signal(object)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal there")
def test_calls_into_qt_keep_the_reference_counts(qapp) -> None:
    """One version of PySide gives references away with every call, until the process dies."""
    spare = [None] * 10**6 + [True] * 10**6  # so that even a broken one survives this test
    before = sys.getrefcount(None), sys.getrefcount(True)
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter, pen, teller = QPainter(image), QPen(Qt.GlobalColor.red), Teller()
    teller.told.connect(lambda word: None)
    for _ in range(1000):
        painter.setPen(pen)
        teller.told.emit(True)
    painter.end()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert len(spare) == 2 * 10**6
    assert abs(after[0] - before[0]) < 100
    assert abs(after[1] - before[1]) < 100


# --- for a long time ---------------------------------------


def test_hundreds_of_gestures(user, window, folder: Path) -> None:
    """Nothing breaks, nothing piles up, and undo leads all the way back."""
    user.open(folder)
    window.controller.add_roi(RectRoiBounds(50, 300, 4, 28))
    window.view.kymograph.setFocus()
    dice = random.Random(0)
    rooms = len(QApplication.allWidgets())
    picture, plot = user.picture, window.view.kymograph
    for number in range(400):
        at = user.point(dice.uniform(0, 400), dice.uniform(0, 32))
        what = number % 10
        if what < 3:
            plot.zoom(dice.choice((0.6, 1.5)), dice.choice((0.8, 1.2)))
            plot.page(dice.uniform(-0.5, 0.5))
        elif what < 6:
            window.panels.contrast.levelsPreviewed.emit(
                dice.uniform(0, 400), dice.uniform(500, 900)
            )
        elif what == 6:
            user.hover(picture, at)
        elif what == 7:
            user.wheel(picture, at, dice.choice((-1, 1)), dice.choice(list(MODIFIERS)))
        elif what == 8:
            user.press(dice.choice((Key.Key_Down, Key.Key_Up)), Keys.ShiftModifier)
        else:
            window.controller.add_roi(RectRoiBounds(10, 100, 2, 20))
        if number % 100 == 0:
            window.grab()
    user.wait()
    assert user.steps == 41
    while window.controller.undo_stack.canUndo():
        window.controller.undo_stack.undo()
    user.wait()
    assert not window.session.dirty()
    assert len(QApplication.allWidgets()) < rooms + 60
    assert window.view.messages.text == ""


MODIFIERS = (Keys.NoModifier, Keys.ShiftModifier, Keys.ControlModifier)


def test_dozens_of_drags(user, window, folder: Path) -> None:
    user.open(folder)
    dice = random.Random(1)
    for tool in (Key.Key_V, Key.Key_Z, Key.Key_R):
        window.view.kymograph.setFocus()
        user.press(tool)
        for _ in range(12):
            start, stop = (QPoint(dice.randint(60, 700), dice.randint(0, 380)) for _ in range(2))
            user.drag(user.picture, start, stop, steps=3)
        user.press(Key.Key_Return)
    assert [item.roi for item in window.view.kymograph._layer.items] == list(user.image.rois)
    assert all(roi.line_stop <= 400 and roi.pixel_stop <= 32 for roi in user.image.rois)
