"""The Export menu: every file that other programs can be given."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu

from acqcore.acq_image import AcqImage

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def choose(user, window, monkeypatch):
    """Choose an entry of the submenu by its text, and answer the dialog that follows."""

    def export(text: str, target: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(target), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(target))
        menu = next(one for one in window.menuBar().findChildren(QMenu) if one.title() == "Export")
        action = next(one for one in menu.actions() if one.text() == text)
        assert action.isEnabled(), action.toolTip()
        window.view.messages.clear()
        action.trigger()
        user.wait()

    return export


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def analysed(user, window) -> None:
    window.panels.analysis.request_run()
    user.wait()


def test_pixels_as_tiff_but_never_over_the_recording(
    user, window, folder, choose, tmp_path
) -> None:
    user.open(folder)
    choose("Pixels as TIFF…", tmp_path / "out")
    written = tmp_path / "out.tif"
    assert np.array_equal(tifffile.imread(written), tifffile.imread(folder / "a.tif"))
    assert AcqImage(written).calibration.steps == user.image.calibration.steps
    assert window.view.messages.text == "Written: out.tif"
    before = (folder / "a.tif").read_bytes()
    choose("Pixels as TIFF…", folder / "a.tif")
    assert (folder / "a.tif").read_bytes() == before
    assert "belongs to the recording" in window.view.messages.text


def test_several_go_into_a_folder(user, window, folder, choose, tmp_path) -> None:
    user.open(folder)
    user.key(window.tree.tree, Key.Key_A, Keys.ControlModifier)
    target = tmp_path / "many"
    target.mkdir()
    choose("Pixels as OME-Zarr…", target)
    names = sorted(path.name for path in target.iterdir())
    assert names == [f"{name}.export.ome.zarr" for name in "abc"]
    assert window.view.messages.text == "3 files written to many"


def test_rows_provenance_and_pool(user, window, make_tiff, choose, tmp_path) -> None:
    user.open(make_tiff("a.tif", lines=600))
    assert not window.actions_by_id["export_rows"].isEnabled()
    analysed(user, window)
    (record,) = user.image.state.records
    choose("Results as CSV…", tmp_path / "rows.csv")
    assert len(rows_of(tmp_path / "rows.csv")) == 2 + len(record.table)
    choose("Provenance as JSON…", tmp_path / "from.json")
    assert json.loads((tmp_path / "from.json").read_text())[0]["analysis"] == "radon_velocity"
    choose("Pool as CSV…", tmp_path / "pool.csv")
    assert len(rows_of(tmp_path / "pool.csv")) == 3


def test_lists_open_again(user, window, folder, choose, tmp_path) -> None:
    user.open(folder)
    window.tree.filter.setText("b.tif")
    choose("List of Recordings…", folder / "some.csv")
    assert rows_of(folder / "some.csv") == [["_rel_path"], ["b.tif"]]
    window.tree.filter.setText("")
    choose("Randomised List…", folder / "random.csv")
    assert sorted(row[0] for row in rows_of(folder / "random.csv")[1:]) == [
        "a.tif", "b.tif", "c.tif",
    ]  # fmt: skip
    user.open(folder / "random.csv")
    assert len(window.session.images) == 3
    (tmp_path / "elsewhere").mkdir()
    choose("List of Recordings…", tmp_path / "elsewhere/list.csv")
    assert "folder of the recordings" in window.view.messages.text


def test_a_collection_opens_with_its_results(user, window, make_tiff, choose, tmp_path) -> None:
    user.open(make_tiff("a.tif", lines=600))
    analysed(user, window)
    numbers = user.image.state.records[0].table["velocity"]
    choose("Collection…", tmp_path / "shared")
    assert not (tmp_path / "a.tif.json").exists()
    window.commands.open_paths([tmp_path / "shared/recordings.csv"], add=True)
    user.wait_until(lambda: len(window.session.images) == 2)
    _, copy = window.session.images
    (record,) = copy.state.records
    assert np.array_equal(record.table["velocity"], numbers, equal_nan=True)
    assert not copy.state.stale_reason(record, copy.header.calibration)
    window.actions_by_id["blind"].trigger()
    for name in ("export_tiff", "export_list", "export_random", "export_collection"):
        assert not window.actions_by_id[name].isEnabled()
