"""Which curves are drawn: ticked in a menu, stacked, remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.features.curves import Curves

Key = Qt.Key


@pytest.fixture
def trace(user, window, make_tiff):
    """Intensity and velocity of one ROI."""
    user.open(make_tiff("a.tif", lines=1000))
    window.controller.add_roi()
    for name in ("radon_velocity", "sum_intensity"):
        window.controller.choose_analysis(name)
        QApplication.processEvents()
        window.actions_by_id["run"].trigger()
        user.wait()
    return window.view.trace


def drawn(trace) -> list[str]:
    return [pane.content.id[1] for pane in trace.panes]


def tick(trace, title: str) -> None:
    trace.curve_menu.aboutToShow.emit()
    next(one for one in trace.curve_menu.actions() if one.text() == title).toggle()
    QApplication.processEvents()


def test_the_first_curve_of_each_result(trace) -> None:
    assert drawn(trace) == ["velocity", "df_f_signal"]


def test_more_and_fewer_curves(user, window, trace) -> None:
    tick(trace, "F0")
    tick(trace, "Intensity")
    assert drawn(trace) == ["velocity", "df_f_signal", "norm_sum_intensity", "f0_baseline"]
    tick(trace, "Velocity")
    tick(trace, "dF/F0")
    assert drawn(trace) == ["norm_sum_intensity", "f0_baseline"]
    assert window.settings.block("curves") == {
        "sum_intensity": ["norm_sum_intensity", "f0_baseline"],
        "radon_velocity": [],
    }
    assert window.height() <= 800


def test_one_plot_stays(trace) -> None:
    tick(trace, "Velocity")
    tick(trace, "dF/F0")
    assert drawn(trace) == ["velocity"]


def test_remembered_for_the_next_start(window, trace) -> None:
    tick(trace, "F0")
    kept = next(one for one in window.features if isinstance(one, Curves))
    again = Curves(kept.bench)
    assert again._choice == {"sum_intensity": ("df_f_signal", "f0_baseline")}


def test_by_keyboard(user, window, trace) -> None:
    window.view.trace.setFocus()
    window.actions_by_id["curves"].trigger()
    menu = trace.curve_menu
    assert menu.isVisible()
    user.key(menu, Key.Key_Down)
    user.key(menu, Key.Key_Space)
    assert drawn(trace) == ["df_f_signal"]
    assert menu.isVisible()
    user.key(menu, Key.Key_Escape)


def test_two_velocities_are_told_apart(user, window, trace) -> None:
    window.controller.choose_analysis("lspiv_velocity")
    QApplication.processEvents()
    window.actions_by_id["run"].trigger()
    user.wait()
    captions = [pane.content.caption for pane in trace.panes]
    assert captions[:2] == ["Velocity (Radon), ROI 1", "Velocity (line-scan PIV), ROI 1"]
