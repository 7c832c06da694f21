"""The docks at the right: one width, whatever tab, analysis or result is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from acqcore.analysis import analyses
from cloudscope.docks import TABBED
from cloudscope.views.result_box import ResultBox


def right_edge(window) -> int:
    """Where the picture ends."""
    view = window.panels.view
    return view.mapTo(window, view.rect().topRight()).x()


def test_tabs_and_analyses(user, window, two_channels: Path) -> None:
    user.open(two_channels)
    window.controller.add_roi()
    user.wait()
    wide = right_edge(window)
    docks = {dock.windowTitle(): dock for dock in window.panels.docks}
    for title in (*TABBED, *TABBED[::-1]):
        docks[title].raise_()
        QApplication.processEvents()
        assert right_edge(window) == wide, title
    for name in analyses():
        window.controller.choose_analysis(name)
        QApplication.processEvents()
        assert right_edge(window) == wide, name


def test_long_names_of_numbers_give_way(qtbot) -> None:
    box = ResultBox()
    qtbot.addWidget(box)
    least = box.minimumSizeHint().width()
    box.show_result("22 Nov 2026, 18:56:12", [("A name that is much too long", "−1.31 mm/s")], "")
    QApplication.processEvents()
    value = box.fontMetrics().horizontalAdvance("−1.31 mm/s")
    assert box.minimumSizeHint().width() < max(least, value) + 40
