"""The spectrum behind the heart rate."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from acqcore.samples import DEMO, write_demo
from cloudscope.features.spectrum import Spectrum


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_demo(folder)
    return folder


@pytest.fixture
def feature(window) -> Spectrum:
    return next(one for one in window.features if isinstance(one, Spectrum))


def ran(user, window, path) -> None:
    user.open(path)
    window.controller.add_roi()
    window.controller.choose_analysis("heart_rate")
    QApplication.processEvents()
    window.actions_by_id["run"].trigger()
    user.wait_until(lambda: len(user.image.state.records) == 2, 30_000)


def test_nothing_is_made_before_it_is_wanted(window, feature) -> None:
    assert feature.panel is None
    window.actions_by_id["spectrum"].trigger()
    assert feature.dock.isVisible()
    assert feature.panel.sentence == "No heart rate yet: run it in the Analysis panel"
    window.actions_by_id["spectrum"].trigger()
    assert not feature.dock.isVisible()


def test_peak_range_and_threshold(user, window, feature, samples) -> None:
    ran(user, window, samples / DEMO[6].filename)
    window.actions_by_id["spectrum"].trigger()
    user.wait_until(lambda: feature.panel.shown is not None)
    panel, found = feature.panel, feature.panel.shown
    rate = user.image.state.records[1].summary["bpm"]
    assert panel.peak.value() == pytest.approx(rate)
    assert panel.band.getRegion() == (found.low_bpm, found.high_bpm)
    assert panel.threshold.value() == found.threshold
    assert found.ratio.max() > found.threshold
    assert "peak at 342 bpm" in panel.caption.text()
    low, high = panel.plot.getPlotItem().viewRange()[1]
    assert low == 0
    inside = (found.bpm > found.low_bpm) & (found.bpm < found.high_bpm)
    assert high > np.max(found.ratio[inside])


def test_follows_the_selection(user, window, feature, samples) -> None:
    ran(user, window, samples / DEMO[6].filename)
    window.actions_by_id["spectrum"].trigger()
    user.wait_until(lambda: feature.panel.shown is not None)
    window.controller.add_roi()
    assert feature.panel.shown is None
    window.controller.choose_roi(1)
    user.wait_until(lambda: feature.panel.shown is not None)
