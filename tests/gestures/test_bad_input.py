"""Bad input never ends the program: a row or a bar with one sentence, and the rest goes on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

BAD = {
    "empty.tif": lambda path: path.write_bytes(b""),
    "text.tif": lambda path: path.write_text("this is no picture"),
    "cut.tif": lambda path: cut(path),
    "rgb.tif": lambda path: tifffile.imwrite(
        path, np.zeros((9, 9, 3), np.uint8), photometric="rgb"
    ),
    "folder.tif": lambda path: path.mkdir(),
}


def cut(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((64, 64), np.uint16))
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_a_row_with_a_reason(user, window, folder: Path, name: str) -> None:
    BAD[name](folder / name)
    user.open(folder)
    assert len(window.session.images) == 3
    (warning,) = window.session.warnings
    assert name in warning.message
    assert window.tree.model.count == 3
    assert window.view.messages.text == warning.message


def test_four_dimensions_open(user, window, tmp_path: Path) -> None:
    stack = np.zeros((2, 3, 40, 30), np.uint16)
    tifffile.imwrite(tmp_path / "stack.tif", stack, imagej=True, metadata={"axes": "TZYX"})
    user.open(tmp_path / "stack.tif")
    assert user.image.header.sizes["Z"] == 3
    assert window.controller.session.plane(user.image.file_id, 0) is not None


def test_pixels_that_turn_out_unreadable(user, window, folder: Path) -> None:
    user.open(folder)
    (folder / "b.tif").write_bytes(b"gone")
    window.controller.select(str((folder / "b.tif").resolve()))
    user.wait()
    assert "b.tif" in window.panels.scene.failure
    window.controller.select(str((folder / "c.tif").resolve()))
    user.wait()
    assert window.panels.scene.plane is not None


def test_damaged_sidecar_is_shown_and_kept(user, window, folder: Path) -> None:
    sidecar = folder / "a.tif.json"
    sidecar.write_text("{ broken")
    user.open(folder)
    assert user.image.problems
    window.controller.add_roi()
    window.commands.save()
    user.wait()
    assert [path.read_text() for path in folder.glob("a.tif.json.damaged-*")] == ["{ broken"]
    assert "not understood" in window.view.messages.text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_folder(user, window, folder: Path) -> None:
    folder.chmod(0o555)
    user.open(folder)
    window.controller.add_roi()
    window.commands.save()
    user.wait()
    folder.chmod(0o755)
    assert "read-only" in window.view.messages.text
    assert user.image.is_dirty


def test_empty_folder_says_so(user, window, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    user.open(tmp_path / "nothing")
    assert window.view.is_empty
    assert "no recording" in window.session.warnings[0].message
