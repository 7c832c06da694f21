"""A real X server and real windows, driven from outside like a person would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Screen:
    """An X server of its own, and the programs started on it."""

    def __init__(self, display: str, home: Path) -> None:
        self.home = home
        folders = {
            f"XDG_{name}_HOME": str(home / name.lower())
            for name in ("CONFIG", "CACHE", "STATE", "DATA")
        }
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.environment = os.environ | folders | {
            "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": path, "HOME": str(home),
        }  # fmt: skip
        self.running: list[subprocess.Popen] = []

    def start(self, *words: str) -> subprocess.Popen:
        """Run Python with these arguments."""
        process = subprocess.Popen([sys.executable, *words], env=self.environment, cwd=ROOT)
        self.running.append(process)
        return process

    def tool(self, *words: object) -> str:
        """`xdotool`; fails the test when it fails."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def window(self, title: str, timeout_s: float = 60) -> str:
        """Number of the window whose title has this in it."""
        command = ["xdotool", "search", "--onlyvisible", "--name", title]

        def found() -> str:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
            return done.stdout.split()[-1] if done.stdout.split() else ""

        return wait_for(found, f"a window called {title!r}", timeout_s)

    def size(self, window: str) -> tuple[int, int]:
        """Width and height in pixels."""
        told = dict(
            line.split("=") for line in self.tool("getwindowgeometry", "--shell", window).split()
        )
        return int(told["WIDTH"]), int(told["HEIGHT"])

    def press(self, window: str, *keys: str) -> None:
        """Keys, into one window."""
        self.tool("windowfocus", "--sync", window)
        for key in keys:
            self.tool("key", key)
            time.sleep(0.15)


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = 30):
    """What the condition gives once it gives something."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    return pytest.fail(f"waited {timeout_s:.0f} s for {what}")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    made = Screen(display, tmp_path / "home")
    yield made
    for process in made.running:
        process.kill()
        process.wait()
    server.terminate()
    server.wait()


@pytest.fixture(name="wait")
def waiting() -> Callable[..., object]:
    return wait_for
