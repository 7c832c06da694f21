"""The preview of a run on what is in view."""

from __future__ import annotations

import threading
from time import sleep

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

import cloudscope.features.preview
from acqcore.errors import Cancelled
from acqcore.run import run
from cloudscope.features.preview import Preview
from cloudscope.views.trace_extras import PREVIEW


@pytest.fixture
def feature(window) -> Preview:
    return next(one for one in window.features if isinstance(one, Preview))


@pytest.fixture
def controls(user, window, make_tiff):
    user.open(make_tiff("a.tif", lines=2000))
    window.controller.add_roi()
    window.controller.choose_analysis("radon_velocity")
    window.docks["Analysis"].raise_()
    QApplication.processEvents()
    return window.panels.analysis.controls


def tick(user, controls) -> None:
    user.click(controls.preview, QPoint(8, controls.preview.height() // 2))


def set_width(window, lines: int) -> None:
    editor = window.panels.analysis.form._form.editor("window_width")
    editor.show_value(lines)
    editor.finished.emit()


def drawn(window):
    return window.view.trace.panes[0].plot.extras.samples.get(PREVIEW)


def wait(user, window) -> None:
    user.wait_until(lambda: drawn(window) is not None)


def test_before_the_first_run(user, window, controls) -> None:
    tick(user, controls)
    wait(user, window)
    assert not user.image.state.records
    assert not user.image.is_dirty or user.steps == 1  # the ROI
    low, high = window.view.trace.panes[0].plot.view_box.viewRange()[1]
    y = drawn(window).y
    assert low < y[y == y].mean() < high
    tick(user, controls)
    assert drawn(window) is None


def test_only_what_is_in_view(user, window, controls) -> None:
    window.view.kymograph.set_time_range(500, 1100)
    tick(user, controls)
    wait(user, window)
    assert drawn(window).x.min() >= 490
    assert drawn(window).x.max() <= 1110


def test_follows_the_parameters(user, window, controls) -> None:
    tick(user, controls)
    wait(user, window)
    count = drawn(window).x.size
    set_width(window, 32)
    user.wait_until(lambda: drawn(window) is not None and drawn(window).x.size > count)
    assert not user.image.state.records


def test_follows_the_view(user, window, controls) -> None:
    tick(user, controls)
    wait(user, window)
    window.view.kymograph.set_time_range(200, 900)
    user.wait_until(lambda: drawn(window) is not None and drawn(window).x.max() < 910)


def test_the_next_change_cancels(user, window, controls, feature, monkeypatch) -> None:
    asked, cancelled = [], threading.Event()

    def slow(source, key, parameters, context):
        asked.append(parameters["window_width"])
        while parameters["window_width"] == 32:
            try:
                context.progress(0.5)
            except Cancelled:
                cancelled.set()
                raise
            sleep(0.005)
        return run(source, key, parameters, context)

    monkeypatch.setattr(cloudscope.features.preview, "run", slow)
    set_width(window, 32)
    tick(user, controls)
    user.wait_until(lambda: asked == [32])
    set_width(window, 48)
    assert feature._job is None
    user.wait_until(cancelled.is_set)
    wait(user, window)
    assert asked == [32, 48]


def test_several_changes_are_one_run(user, window, controls, monkeypatch) -> None:
    asked = []

    def counted(source, key, parameters, context):
        asked.append(parameters["window_width"])
        return run(source, key, parameters, context)

    monkeypatch.setattr(cloudscope.features.preview, "run", counted)
    tick(user, controls)
    for lines in (32, 40, 48):
        set_width(window, lines)
    wait(user, window)
    assert asked == [48]


def test_why_there_is_none(user, window, controls) -> None:
    window.controller.choose_analysis("heart_rate")
    QApplication.processEvents()
    tick(user, controls)
    user.wait_until(lambda: controls.preview_words.isVisible())
    assert controls.preview_words.text().startswith("No preview: Heart rate needs a result")


def test_another_analysis_beside_a_result(user, window, controls) -> None:
    window.actions_by_id["run"].trigger()
    user.wait()
    window.controller.choose_analysis("diameter")
    QApplication.processEvents()
    tick(user, controls)

    def there() -> bool:
        return any(
            pane.content.id[0] == "diameter" and pane.plot.extras.samples
            for pane in window.view.trace.panes
        )

    user.wait_until(there)
    tick(user, controls)
    assert [pane.content.id[0] for pane in window.view.trace.panes] == ["radon_velocity"]
