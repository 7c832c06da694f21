"""The list of edits, and the way back to any of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from cloudscope.views.history_panel import HistoryPanel

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def three(user, window, folder: Path) -> None:
    """Edits in two recordings."""
    user.open(folder)
    window.controller.add_roi()
    window.controller.add_roi()
    window.controller.select(str(folder / "b.tif"))
    user.wait()
    window.controller.add_roi()
    window.view.kymograph.setFocus()


def opened(user, window) -> HistoryPanel:
    user.press(Key.Key_Z, Keys.ControlModifier | Keys.AltModifier)
    return window.findChild(HistoryPanel)


def texts(panel: HistoryPanel) -> list[str]:
    model = panel.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_all_edits_are_listed(user, window, three) -> None:
    panel = opened(user, window)
    assert panel.isVisible()
    assert panel.list.hasFocus()
    assert texts(panel) == [
        "As it was opened", "Add ROI 1 in a.tif", "Add ROI 2 in a.tif", "Add ROI 1 in b.tif"
    ]  # fmt: skip


def test_a_click_goes_back_and_forward(user, window, folder: Path, three) -> None:
    panel = opened(user, window)
    row = panel.list.model().index(1, 0)
    user.click(panel.list.viewport(), panel.list.visualRect(row).center())
    first = window.session.image(str(folder / "a.tif"))
    assert [roi.id for roi in first.state.rois] == [1]
    assert not window.session.image(str(folder / "b.tif")).state.rois
    assert user.image is first  # nothing changes unseen
    row = panel.list.model().index(3, 0)
    user.click(panel.list.viewport(), panel.list.visualRect(row).center())
    assert window.session.image(str(folder / "b.tif")).state.rois


def test_arrows_and_escape(user, window, three) -> None:
    panel = opened(user, window)
    user.press(Key.Key_Up)
    assert user.steps == 2
    user.press(Key.Key_Escape)
    assert not panel.isVisible()
    assert window.view.kymograph.hasFocus()
    assert user.steps == 2


def test_right_click_on_undo_opens_it(user, window, three) -> None:
    button = window.tool_bar.widgetForAction(window.actions_by_id["undo"])
    at = button.rect().center()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(button, QContextMenuEvent(reason, at, button.mapToGlobal(at)))
    assert window.findChild(HistoryPanel).isVisible()


def test_before_any_edit(user, window) -> None:
    assert texts(opened(user, window)) == ["As it was opened"]


def test_blinded_names_are_not_told(user, window, three) -> None:
    window.actions_by_id["blind"].trigger()
    assert not any(".tif" in text for text in texts(opened(user, window)))
