"""Axes: the title stays in the middle, whatever it says."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QApplication

from cloudscope.views.axes import ScaledAxis


@pytest.mark.parametrize("side", ["left", "bottom"])
def test_another_title_is_centred_as_well(qtbot, side: str) -> None:
    axis = ScaledAxis(side)
    plot = pg.PlotWidget(axisItems={side: axis})
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    for title in ("A very long title (µm/s)", "µm", "Again a long one (bpm)"):
        axis.set_title(title)
        QApplication.processEvents()
        place = axis.label.mapRectToParent(axis.label.boundingRect()).center()
        if side == "left":
            assert place.y() == pytest.approx(axis.size().height() / 2, abs=1.5)
        else:
            assert place.x() == pytest.approx(axis.size().width() / 2, abs=1.5)
