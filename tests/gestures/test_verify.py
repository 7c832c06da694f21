"""Verify: a stored result is computed again and compared, and nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt

from acqcore.model.record import ResultTable

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def analysed(user, window, make_tiff):
    path = make_tiff("a.tif", lines=600)
    user.open(path)
    assert not window.actions_by_id["verify"].isEnabled()
    window.panels.analysis.request_run()
    user.wait()
    return path


def verified(user, window) -> str:
    window.view.messages.clear()
    user.press(Key.Key_V, Keys.ControlModifier | Keys.AltModifier)
    user.wait_until(lambda: bool(window.view.messages.text))
    return window.view.messages.text


def test_the_same_again_unless_it_is_out_of_date(user, window, analysed) -> None:
    steps = user.steps
    assert verified(user, window) == "1 result gives the same numbers again."
    assert user.steps == steps
    (roi,) = user.image.state.rois
    window.controller.edit_roi(replace(roi, line_stop=roi.line_stop - 100))
    assert verified(user, window).endswith("run it again instead.")


def test_a_changed_number_is_found(user, window, analysed) -> None:
    image = user.image
    (record,) = image.state.records
    columns = {name: np.array(record.table[name]) for name in record.table.names}
    columns["velocity"][2] += 1.0
    image.state = image.state.with_record(replace(record, table=ResultTable(columns)))
    text = verified(user, window)
    assert text == "Velocity (Radon) of a.tif: velocity differ."


def test_other_pixels_are_told(user, window, analysed, monkeypatch) -> None:
    pixels = tifffile.imread(analysed)
    loader = user.image.source().loader
    monkeypatch.setattr(
        type(loader), "read_window",
        lambda self, channel, lines, span: pixels[slice(*lines), slice(*span)][:, ::-1].copy(),
    )  # fmt: skip
    assert "not those that it was computed from" in verified(user, window)
