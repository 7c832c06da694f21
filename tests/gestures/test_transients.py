"""Transients of an intensity: marked on the trace that they were found on."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt

Key, Keys = Qt.Key, Qt.KeyboardModifier
STARTS_S = (1.0, 2.5, 4.3)


@pytest.fixture
def analysed(user, window, tmp_path):
    rng = np.random.default_rng(0)
    time = np.arange(3000) * 0.002
    light = np.full(3000, 200.0)
    for start in STARTS_S:
        after = np.clip(time - start, 0, None)
        light += 150 * (np.exp(-after / 0.3) - np.exp(-after / 0.02))
    pixels = rng.poisson(np.repeat(light[:, None], 32, axis=1)).astype(np.uint16)
    metadata = {"axes": "YX", "unit": "um", "yunit": "s"}
    tifffile.imwrite(
        tmp_path / "calcium.tif", pixels, imagej=True, resolution=(2, 500), metadata=metadata
    )
    user.open(tmp_path / "calcium.tif")
    window.controller.choose_analysis("sum_intensity")
    window.panels.analysis.request_run()
    user.wait()


def test_onset_peak_and_width_stand_on_the_trace(user, window, analysed) -> None:
    (pane,) = window.view.trace.panes
    marks = pane.transients.transients
    step = user.image.calibration.step_y
    assert [one.onset[0] * step for one in marks] == pytest.approx(STARTS_S, abs=0.03)
    for one in marks:
        assert one.onset[0] < one.peak[0] < one.width[1]
        index = pane.content.samples.nearest(one.peak[0])
        assert pane.content.samples.y[index] == pytest.approx(one.peak[1], rel=0.05)
    painted = pane.plot.grab().toImage()
    user.key(window.view.kymograph, Key.Key_E, Keys.ControlModifier)
    assert not pane.transients.isVisible()
    assert painted != pane.plot.grab().toImage()


def test_not_on_other_traces(user, window, analysed) -> None:
    window.view.trace.set_curves({"sum_intensity": ("df_f_signal", "f0_baseline")})
    first, second = window.view.trace.panes
    assert len(first.transients.transients) == len(STARTS_S)
    assert second.transients.transients == ()
