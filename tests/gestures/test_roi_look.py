"""How ROIs look: their colours, shown or hidden, and the picture as a copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from acqcore.model.roi import RectRoiBounds

Key, Keys = Qt.Key, Qt.KeyboardModifier
CTRL = Keys.ControlModifier
VIOLET = "#9D92FF"


@pytest.fixture(autouse=True)
def drawn(user, window, folder: Path) -> None:
    """Two ROIs in a.tif, the first one selected."""
    user.open(folder)
    window.controller.add_roi(RectRoiBounds(100, 200, 8, 20))
    window.controller.add_roi(RectRoiBounds(250, 300, 8, 20))
    window.controller.choose_roi(1)
    window.view.kymograph.setFocus()
    QApplication.processEvents()


def colors(window) -> list[str]:
    """What is on the picture, in the table and in the list over the picture."""
    items = window.view.kymograph.regions.items
    on_picture = [item._color.name().upper() for item in items]
    head = window.view.head._roi
    in_head = [middle(head.itemIcon(place)) for place in range(head.count())]
    table = window.panels.rois._model
    in_table = [
        middle(table.index(row, 0).data(Qt.ItemDataRole.DecorationRole))
        for row in range(len(items))
    ]
    assert on_picture == in_head == in_table
    return on_picture


def middle(icon) -> str:
    image = icon.pixmap(12, 12).toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).name().upper()


def test_the_menu_of_the_panel_or_a_key_chooses_a_colour(user, window, theme) -> None:
    assert colors(window) == list(theme.roi_colors[:2])  # by their order
    window.panels.docks[4].raise_()
    QApplication.processEvents()
    button = window.panels.rois._editor._color
    user.click(button)
    violet = next(one for one in button._menu.actions() if one.text() == "Violet")
    button._menu.setActiveAction(violet)
    user.key(button._menu, Key.Key_Return)
    assert user.image.state.rois[0].color == VIOLET
    assert colors(window) == [VIOLET, theme.roi_colors[1]]
    assert window.controller.undo_stack.undoText() == "Colour of ROI 1 in a.tif"
    assert user.image.is_dirty
    window.controller.undo_stack.undo()
    assert colors(window) == list(theme.roi_colors[:2])
    window.view.kymograph.setFocus()
    steps, seen = user.steps, []
    for _ in range(len(theme.roi_colors) + 1):
        user.press(Key.Key_O)
        seen.append(user.image.state.rois[0].color)
    assert seen == [*theme.roi_colors, ""]
    assert user.steps == steps + len(seen)
    assert colors(window) == list(theme.roi_colors[:2])


def test_a_colour_is_saved_copied_and_makes_no_result_out_of_date(user, window, folder) -> None:
    window.panels.analysis.request_run()
    user.wait()
    window.controller.edit_roi(replace(user.image.state.rois[0], color=VIOLET))
    assert not any(one.stale for one in window.panels.scene.records)
    user.press(Key.Key_C, CTRL)
    user.press(Key.Key_V, CTRL)
    assert user.image.state.rois[-1].color == VIOLET
    user.press(Key.Key_S, CTRL)
    user.wait()
    user.open(folder)
    assert [roi.color for roi in user.image.state.rois] == [VIOLET, "", VIOLET]


def test_hidden_rois_are_not_drawn_and_cannot_be_taken(user, window) -> None:
    shown = window.actions_by_id["show_rois"]
    assert shown.isChecked()
    user.press(Key.Key_5, CTRL)
    assert not shown.isChecked()
    assert not any(item.isVisible() for item in window.view.kymograph.regions.items)
    before = [roi.geometry for roi in user.image.rois]
    user.drag(user.picture, user.point(200, 14), user.point(220, 14))
    user.press(Key.Key_Right)
    assert [roi.geometry for roi in user.image.rois] == before
    window.view.kymograph.fit()
    user.press(Key.Key_R)
    user.drag(user.picture, user.point(320, 4), user.point(380, 12))  # a new one brings all back
    assert shown.isChecked()
    assert all(item.isVisible() for item in window.view.kymograph.regions.items)
    regions = window.view.kymograph.regions
    window.view.kymograph.setFocus()
    user.press(Key.Key_6, CTRL)
    assert (regions.is_shown, regions.names_shown) == (True, False)
    assert not any(item._named for item in regions.items)
    assert window.settings.block("roi_look") == {"show_rois": True, "show_roi_names": False}
    user.press(Key.Key_6, CTRL)
    assert regions.names_shown
    QGuiApplication.clipboard().clear()
    window.actions_by_id["copy_picture"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.size() == window.view.splitter.size() * window.devicePixelRatioF()
