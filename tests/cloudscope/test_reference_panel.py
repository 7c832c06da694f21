"""Channels, pixels that are not square, and sizes that are not known."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from acqcore.model.contrast import ImageContrast
from acqcore.pyramid import MEAN, Pyramid
from cloudscope.theme import Theme
from cloudscope.views.reference_panel import ReferencePanel
from cloudscope.views.reference_picture import Overview

CONTRAST = ImageContrast("Gray", 0, 255, 0, 255)


@pytest.fixture
def panel(qtbot, qapp, tmp_path) -> ReferencePanel:
    made = ReferencePanel(Theme(qapp, tmp_path), (1.0, 99.5))
    qtbot.addWidget(made)
    made.resize(300, 420)
    made.show()
    return made


def overview(pixels: np.ndarray, channel: int = 0, names=("",), **further) -> Overview:
    pyramid = Pyramid.build(pixels.T, kind=MEAN)
    return Overview("a", pixels, pyramid, channel, names, **further)


def test_rows_run_down_and_columns_to_the_right(panel: ReferencePanel) -> None:
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:20, :30] = 200
    panel.show_overview(overview(pixels), CONTRAST)
    picture, plot = panel.plot.grab().toImage(), panel.plot
    colors = []
    for column, row in ((10, 5), (50, 5), (10, 35), (50, 35)):
        place = plot.mapFromScene(plot.box.mapViewToScene(QPointF(column, row)))
        colors.append(picture.pixelColor(place).red())
    assert colors == [200, 0, 0, 0]


def test_pixels_are_as_wide_and_high_as_in_the_tissue(panel: ReferencePanel) -> None:
    panel.show_overview(overview(np.ones((50, 50), np.uint8), step_y=2.0, step_x=1.0), CONTRAST)
    across, down = panel.plot.box.viewPixelSize()
    assert across * 1.0 == pytest.approx(down * 2.0, rel=0.02)
    assert panel.caption.text() == "50 × 50 px · 50.0 × 100 µm"


def test_without_a_size_there_is_no_scale_bar(panel: ReferencePanel) -> None:
    panel.show_overview(overview(np.ones((50, 50), np.uint8)), CONTRAST)
    assert panel.plot.bar.length_um is None
    assert panel.caption.text() == "50 × 50 px"
    assert not panel.line.isVisible()  # and no line that could be switched
    panel.plot.grab()


def test_channels(panel: ReferencePanel, qtbot) -> None:
    pixels = np.ones((50, 50), np.uint8)
    panel.show_overview(overview(pixels), CONTRAST)
    assert not panel.channel.isVisible()
    panel.show_overview(overview(pixels, 1, ("Red", "")), CONTRAST)
    assert panel.channel.isVisible()
    assert [panel.channel.itemText(n) for n in (0, 1)] == ["1 Red", "2"]
    assert panel.channel.currentIndex() == 1
    with qtbot.waitSignal(panel.channelChosen) as chosen:
        QTest.keyClick(panel.channel, Qt.Key.Key_Up)
    assert chosen.args == [0]


def test_what_is_in_view_stays_with_another_channel(panel: ReferencePanel) -> None:
    panel.show_overview(overview(np.ones((50, 50), np.uint8), 0, ("", "")), CONTRAST)
    QTest.keyClick(panel.plot, Qt.Key.Key_Plus)
    seen = panel.plot.box.viewRect()
    panel.show_overview(overview(np.zeros((50, 50), np.uint8), 1, ("", "")), CONTRAST)
    assert panel.plot.box.viewRect() == seen
