"""The threshold of events as a line on the trace."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from acqcore.samples import DEMO, write_demo


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_demo(folder)
    return folder


@pytest.fixture
def form(user, window, samples):
    user.open(samples / DEMO[4].filename)
    window.controller.choose_channel(1)
    user.wait()
    window.controller.add_roi()
    window.controller.choose_analysis("sum_intensity")
    QApplication.processEvents()
    window.actions_by_id["run"].trigger()
    user.wait()
    return window.panels.analysis.form


def choose_method(form, name: str) -> None:
    box = form._form.editor("detection_method")
    box.setCurrentIndex(box.findData(name))
    box.finished.emit()
    QApplication.processEvents()


def pane(window, column: str):
    return next(one for one in window.view.trace.panes if one.content.id[1] == column)


def drag(user, plot, value: float) -> None:
    box, viewport = plot.view_box, plot.viewport()

    def at(y: float):
        middle = sum(box.viewRange()[0]) / 2
        return plot.mapFromScene(box.mapViewToScene(QPointF(middle, y)))

    user.drag(viewport, at(plot.threshold.value()), at(value))


def test_drag_sets_the_parameter(user, window, form) -> None:
    choose_method(form, "absolute_threshold")
    plot = pane(window, "df_f_signal").plot
    assert plot.threshold.value() == 0
    steps = user.steps
    drag(user, plot, 0.4)
    assert form.values()["absolute_threshold"] == pytest.approx(0.4, abs=0.1)
    assert plot.threshold.value() == pytest.approx(form.values()["absolute_threshold"])
    assert user.steps == steps  # a parameter of the next run; nothing is stored


def test_typing_moves_the_line(user, window, form) -> None:
    choose_method(form, "absolute_threshold")
    editor = form._form.editor("absolute_threshold")
    editor.setFocus()
    user.type("0.25")
    user.press(Qt.Key.Key_Return)
    assert pane(window, "df_f_signal").plot.threshold.value() == 0.25


def test_the_slope_has_its_own(user, window, form) -> None:
    assert pane(window, "df_f_signal").plot.threshold is None
    window.view.trace.curvesChosen.emit("sum_intensity", ("df_f_signal", "d_df_f_signal"))
    QApplication.processEvents()
    plot = pane(window, "d_df_f_signal").plot
    assert plot.threshold.value() == 3
    drag(user, plot, 20.0)
    assert form.values()["derivative_threshold_per_sec"] == pytest.approx(20, abs=4)


def test_gone_with_another_analysis(user, window, form) -> None:
    choose_method(form, "absolute_threshold")
    assert pane(window, "df_f_signal").plot.threshold is not None
    window.controller.choose_analysis("radon_velocity")
    QApplication.processEvents()
    assert pane(window, "df_f_signal").plot.threshold is None
