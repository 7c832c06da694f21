"""Panels and traces put away and brought back; a sidecar dropped."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.features.layout import Layout

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def feature(window) -> Layout:
    return next(one for one in window.features if isinstance(one, Layout))


def test_traces_and_panels_are_put_away_and_come_back(user, window, folder) -> None:
    user.open(folder)
    before = window.view.kymograph.height()
    user.press(Key.Key_J, Keys.ControlModifier)
    assert not window.view.trace.isVisible()
    assert window.view.kymograph.height() > before
    assert window.view.kymograph.getPlotItem().getAxis("bottom").isVisible()
    user.press(Key.Key_J, Keys.ControlModifier)
    assert window.view.trace.isVisible()
    assert not window.view.kymograph.getPlotItem().getAxis("bottom").isVisible()

    window.docks["Contrast"].hide()
    user.press(Key.Key_F11, Keys.ShiftModifier)
    assert not any(dock.isVisible() for dock in window.docks.values())
    user.press(Key.Key_F11, Keys.ShiftModifier)
    assert window.docks["Files"].isVisible()
    assert not window.docks["Contrast"].isVisible()


def test_reset_puts_everything_back(user, window, folder) -> None:
    user.open(folder)
    usual = window.docks["Files"].width()
    window.docks["Contrast"].hide()
    window.docks["Files"].setFloating(True)
    window.actions_by_id["show_traces"].trigger()
    window.actions_by_id["reset_layout"].trigger()
    QApplication.processEvents()
    assert window.docks["Contrast"].isVisible()
    assert not window.docks["Files"].isFloating()
    assert abs(window.docks["Files"].width() - usual) < 20
    assert window.view.trace.isVisible()
    assert window.actions_by_id["show_traces"].isChecked()


def test_shares_come_back_with_the_next_start(user, window, folder, feature) -> None:
    user.open(folder)
    window.view.splitter.setSizes([300, 200])
    QApplication.processEvents()
    sizes = window.view.splitter.sizes()
    feature.closing()
    assert window.settings.block("layout") == {"traces": True, "shares": sizes}
    window.settings.set_block("layout", {"traces": False, "shares": [1, "x"]})
    Layout(feature.bench)
    assert not window.actions_by_id["show_traces"].isChecked()
    assert window.view.trace.isHidden()


def test_a_sidecar_stands_for_its_recording(user, window, folder: Path) -> None:
    (folder / "b.tif.json").write_text("{}")
    user.drop([folder / "b.tif.json"])
    user.wait()
    assert [image.name for image in window.session.images] == ["b.tif"]
    (folder / "alone.json").write_text("{}")
    user.drop([folder / "alone.json"])
    user.wait()
    assert len(window.session.warnings) == 1
