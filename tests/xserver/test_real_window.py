"""What only a real window system shows: a drag from another program, keys, resizing."""

from __future__ import annotations

import json
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("drag_source.py")


def test_drag_and_drop_of_a_folder_from_another_program(screen, wait, make_tiff) -> None:
    folder = make_tiff("vessel/a.tif").parent
    screen.start("-m", "cloudscope")
    window = screen.window("CloudScope")
    screen.tool("windowmove", "--sync", window, 0, 0)
    screen.start(str(SOURCE), str(folder))
    screen.window("drag source")
    time.sleep(1.5)  # until the window takes drops
    screen.tool("mousemove", 1600, 1000, "mousedown", 1)
    for step in range(30):
        screen.tool("mousemove", 1600 - step * 33, 1000 - step * 20)
        time.sleep(0.03)
    time.sleep(0.3)
    screen.tool("mouseup", 1)
    screen.window("a.tif")


def test_save_prompt_answered_by_keyboard(screen, wait, make_tiff) -> None:
    path = make_tiff("a.tif")
    process = screen.start("-m", "cloudscope", str(path))
    window = screen.window("a.tif")
    time.sleep(1.5)
    screen.press(window, "shift+r")  # a ROI over everything
    screen.press(window, "ctrl+w")
    prompt = screen.window("Unsaved Changes")
    screen.press(prompt, "Escape")
    time.sleep(0.5)
    assert process.poll() is None
    assert not Path(f"{path}.json").exists()
    screen.press(window, "ctrl+w")
    screen.press(screen.window("Unsaved Changes"), "Return")
    wait(lambda: process.poll() is not None, "the end of the program")
    assert process.returncode == 0
    stored = json.loads(Path(f"{path}.json").read_text())
    assert len(stored["rois"]) == 1


def test_resizing(screen, wait, make_tiff) -> None:
    process = screen.start("-m", "cloudscope", str(make_tiff("a.tif")))
    window = screen.window("a.tif")
    for wanted in ((1600, 1000), (1100, 720), (1280, 800)):
        screen.tool("windowsize", "--sync", window, *wanted)
        wait(lambda wanted=wanted: screen.size(window) == wanted, f"a size of {wanted}", 10)
        time.sleep(0.3)
        assert process.poll() is None
    screen.tool("windowsize", window, 300, 200)
    time.sleep(0.5)
    screen.press(window, "Home", "ctrl+w")
    wait(lambda: process.poll() is not None, "the end of the program")
    assert process.returncode == 0


def test_second_start_brings_its_file_to_the_first_window(screen, wait, make_tiff) -> None:
    first = screen.start("-m", "cloudscope", str(make_tiff("a.tif")))
    screen.window("a.tif")
    time.sleep(1.5)
    second = screen.start("-m", "cloudscope", str(make_tiff("b.tif", seed=1)))
    wait(lambda: second.poll() is not None, "the second one to end")
    assert second.returncode == 0
    screen.window("b.tif")
    assert first.poll() is None
