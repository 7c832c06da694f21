"""The load report: what was left out or is not calibrated, and how it is mended from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtWidgets import QApplication, QFileDialog

from cloudscope.features.load_report import LoadReporting

OLYMPUS = """[General]
"Image Size"\t"32 * 400 [pixel]"
"Primary Dimensions"\t"X * T"
"X Dimension"\t"32, 0.0 - 16.000 [um], 0.500 [um/pixel]"
"T Dimension"\t"400, 0.000 - 0.800 [s], Interval FreeRun"
"""


@pytest.fixture
def report(user, window, make_tiff, tmp_path: Path):
    """A good recording, one without calibration, and one that is cut off."""
    make_tiff("good.tif")
    for name in ("bare.tif", "other.tif"):
        tifffile.imwrite(tmp_path / name, np.zeros((400, 32), np.uint16))
    (tmp_path / "cut.tif").write_bytes(b"II*\0")
    user.open(tmp_path)
    action = window.actions_by_id["problems"]
    assert action.isEnabled()
    action.trigger()
    feature = next(one for one in window.features if isinstance(one, LoadReporting))
    return feature.dialog


def texts(report) -> list[tuple[str, str]]:
    items = [report.list.topLevelItem(row) for row in range(report.list.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def choose(report, *names: str) -> None:
    report.list.clearSelection()
    for row in range(report.list.topLevelItemCount()):
        item = report.list.topLevelItem(row)
        item.setSelected(item.text(0) in names)


def test_everything_that_needs_care_is_listed_and_tried_again(
    user, window, report, make_tiff
) -> None:
    assert texts(report) == [
        ("cut.tif", "Could not be opened"),
        ("bare.tif", "Not calibrated"),
        ("other.tif", "Not calibrated"),
    ]
    assert report.retry.isEnabled()
    assert not report.calibrate.isEnabled()
    assert report.as_text().startswith("cut.tif\tCould not be opened\t")

    make_tiff("cut.tif")
    choose(report, "cut.tif")
    user.click(report.retry)
    user.wait()
    assert "cut.tif" in [image.name for image in window.session.images]
    assert ("cut.tif", "Could not be opened") not in texts(report)
    assert not window.session.warnings


def test_set_calibration_of_several(user, window, report) -> None:
    choose(report, "bare.tif", "other.tif")
    user.click(report.calibrate)
    user.wait()
    window.panels.show_docks()
    focus = QApplication.focusWidget()
    assert focus is None or window.panels.metadata.isAncestorOf(focus)
    window.panels.metadata.go_to_calibration()
    user.type("0.002")
    window.panels.commit()
    steps = [i.calibration.step_y for i in window.session.images if i.name != "good.tif"]
    assert steps == [0.002, 0.002]


def test_locate_a_side_file(user, window, report, tmp_path, monkeypatch) -> None:
    side = tmp_path / "elsewhere.txt"
    side.write_text(OLYMPUS)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(side), ""))
    choose(report, "bare.tif")
    user.click(report.locate)
    user.wait_until(lambda: ("bare.tif", "Not calibrated") not in texts(report))
    bare = next(one for one in window.session.images if one.name == "bare.tif")
    assert bare.calibration.steps == pytest.approx((0.002, 0.5))
    window.actions_by_id["undo"].trigger()
    assert ("bare.tif", "Not calibrated") in texts(report)
    side.write_text("milk")
    window.view.messages.clear()
    choose(report, "bare.tif")
    user.click(report.locate)
    user.wait_until(lambda: "no text of an Olympus" in window.view.messages.text)


def test_nothing_to_report(user, window, make_tiff) -> None:
    user.open(make_tiff("good.tif"))
    assert not window.actions_by_id["problems"].isEnabled()


def test_names_are_hidden_there_too(user, window, report, tmp_path) -> None:
    window.actions_by_id["blind"].trigger()
    user.wait_until(lambda: "cut.tif" not in report.as_text())
    items = [report.list.topLevelItem(row) for row in range(report.list.topLevelItemCount())]
    told = " ".join(f"{one.text(place)} {one.toolTip(place)}" for one in items for place in (0, 2))
    assert not any(name in told for name in ("cut.tif", "bare.tif", "other.tif", tmp_path.name))
