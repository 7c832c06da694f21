"""A rerun beside the run before it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.views.run_comparison import comparison
from cloudscope.views.trace_extras import BEFORE
from cloudscope.views.trace_samples import TraceSamples

Key = Qt.Key


@pytest.fixture
def ran(user, window, make_tiff):
    user.open(make_tiff("a.tif", lines=2000))
    window.controller.add_roi()
    window.controller.choose_analysis("radon_velocity")
    QApplication.processEvents()
    rerun(user, window)
    return window.view.trace


def rerun(user, window, width: int | None = None) -> None:
    if width is not None:
        editor = window.panels.analysis.form._form.editor("window_width")
        editor.show_value(width)
        editor.finished.emit()
    window.actions_by_id["run"].trigger()
    user.wait()


def earlier(trace):
    return trace.panes[0].plot.extras.samples.get(BEFORE)


def test_the_first_run_has_nothing_beside_it(ran) -> None:
    assert earlier(ran) is None
    assert "median" not in ran.panes[0].caption.words


def test_the_run_before_stays_until_it_is_dismissed(user, window, ran) -> None:
    before = ran.panes[0].content.samples
    rerun(user, window, 32)
    assert earlier(ran).y == pytest.approx(before.y, nan_ok=True)
    caption = ran.panes[0].caption
    assert "median" in caption.words
    assert f"{before.x.size} → {ran.panes[0].content.samples.x.size} windows" in caption.words
    user.click(caption.dismiss)
    assert earlier(ran) is None
    assert "median" not in caption.words


def test_the_same_again(user, window, ran, qtbot) -> None:
    qtbot.wait(1100)  # a record of the same second would be the same
    rerun(user, window)
    assert "no window differs" in ran.panes[0].caption.words


def test_undo_takes_it_away(user, window, ran) -> None:
    rerun(user, window, 32)
    window.actions_by_id["undo"].trigger()
    assert earlier(ran) is None
    window.actions_by_id["redo"].trigger()
    assert earlier(ran) is not None


def test_another_roi_has_nothing_beside_it(user, window, ran) -> None:
    rerun(user, window, 32)
    window.controller.add_roi()
    assert earlier(ran) is None
    window.controller.choose_roi(1)
    assert earlier(ran) is not None


def samples(y) -> TraceSamples:
    y = np.asarray(y, float)
    nothing = np.full(y.shape, np.nan)
    return TraceSamples(np.arange(y.size, dtype=float), y, nothing, nothing)


def test_words() -> None:
    old, fresh = samples([0.5, 0.51, 0.52, np.nan]), samples([0.5, 0.53, 0.54, 0.55])
    assert comparison(old, fresh, "mm/s") == "median 0.510 → 0.535 mm/s, 3 windows differ"
    assert comparison(old, old, "mm/s") == "median 0.510 → 0.510 mm/s, no window differs"
    empty = samples([np.nan] * 4)
    assert comparison(empty, old, "") == "median – → 0.510, 3 windows differ"
