"""Copy as Python: the pasted script gives the numbers that are on screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from acqcore.acq_image import AcqImage
from acqcore.model.roi import RectRoiBounds
from cloudscope.script_text import python_script

Key, Keys = Qt.Key, Qt.KeyboardModifier
STEPS = {"physical_unit_y": 0.002, "physical_unit_x": 0.4}


@pytest.fixture
def streaks(tmp_path: Path) -> Path:
    """A recording with streaks, without calibration in the file."""
    path = tmp_path / "it's a flow.tif"
    rng = np.random.default_rng(0)
    lines, pixels = np.mgrid[:512, :48]
    picture = 500 + 300 * np.sin((pixels - 1.7 * lines) / 3) + rng.normal(0, 40, lines.shape)
    tifffile.imwrite(path, picture.astype(np.uint16))
    return path


def pasted(text: str, capsys) -> list[AcqImage]:
    """Run a script as another program would; gives its recordings."""
    space: dict[str, Any] = {}
    exec(compile(text, "pasted", "exec"), space)
    assert "radon_velocity" in capsys.readouterr().out
    return space["images"]


def assert_same(image: AcqImage, again: AcqImage) -> None:
    assert again.state.rois == image.state.rois
    assert again.calibration.steps == image.calibration.steps
    assert len(again.state.records) == len(image.state.records)
    for record in image.state.records:
        other = again.state.record(record.key)
        assert other.summary == record.summary
        assert other.table == record.table
        assert other.provenance.parameters == record.provenance.parameters


def test_pasted_script_gives_the_same_numbers(user, window, streaks: Path, capsys) -> None:
    user.open(streaks)
    controller = window.controller
    controller.patch_metadata("acq_image_header", STEPS)
    controller.add_roi(RectRoiBounds(20, 500, 4, 44))
    for name in ("radon_velocity", "event", "diameter"):
        controller.choose_analysis(name)
        window.panels.analysis.request_run()
        user.wait()
    user.image.analysis_set.get_required(user.image.state.records[1].key).add_event(0.2, 0.4)
    window.view.kymograph.setFocus()
    user.press(Key.Key_C, Keys.ControlModifier | Keys.ShiftModifier)
    text = QGuiApplication.clipboard().text()
    assert str(streaks)[:-8] in text
    (again,) = pasted(text, capsys)
    assert len(again.state.records) == 3
    assert_same(user.image, again)
    assert not again.get_sidecar_json_path() or not Path(again.get_sidecar_json_path()).exists()


def test_whole_session(user, window, streaks: Path, tmp_path: Path, capsys) -> None:
    other = tmp_path / "other.tif"
    other.write_bytes(streaks.read_bytes())
    user.open(streaks, other)
    for image in window.session.images:
        window.controller.select(image.file_id)
        user.wait()
        window.controller.add_roi()
        window.controller.choose_analysis("radon_velocity")
        window.panels.analysis.request_run()
        user.wait()
    window.actions_by_id["copy_session_python"].trigger()
    again = pasted(QGuiApplication.clipboard().text(), capsys)
    for image, other_image in zip(window.session.images, again, strict=True):
        assert_same(image, other_image)


def test_a_result_that_is_out_of_date_is_named(user, window, streaks: Path) -> None:
    user.open(streaks)
    window.controller.add_roi()
    window.controller.choose_analysis("radon_velocity")
    window.panels.analysis.request_run()
    user.wait()
    roi = user.image.state.rois[0]
    window.controller.edit_roi(
        roi.with_bounds(RectRoiBounds(0, 300, 0, 40), user.image.rois.image_bounds)
    )
    assert "Other numbers than in the window" in python_script([user.image])


def test_names_stay_hidden_in_blinded_mode(user, window, streaks: Path) -> None:
    user.open(streaks)
    window.actions_by_id["blind"].trigger()
    assert not window.actions_by_id["copy_python"].isEnabled()
    assert not window.actions_by_id["copy_session_python"].isEnabled()


def test_an_array_has_no_path() -> None:
    image = AcqImage.from_array(np.zeros((8, 8), np.uint16), axes="YX", source_id="x")
    assert "left out" in python_script([image])
