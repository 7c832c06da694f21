"""Everything by keyboard, and every control with a name."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDockWidget,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolButton,
    QWidget,
)

from cloudscope.actions import ACTIONS, WHY_NOT, shortcut_text
from cloudscope.file_actions import EXPORT_ACTIONS

Key, Keys = Qt.Key, Qt.KeyboardModifier

WITHOUT_ICON = {
    *(spec.id for spec in EXPORT_ACTIONS), "metadata_table", "verify", "contrast_selected",
    "contrast_condition", "contrast_all", "change_keys", "show_traces", "hide_panels",
    "reset_layout", "analyse_arrivals",
    "open_demo", "rescan", "save_copy", "reveal", "open_with", "unload", "copy_table", "copy_path",
    "reopen_session", "watch", "follow_newest", "blind", "run_selected", "verdict", "problems",
    "close", "quit", "zoom_out",
    "next_file", "previous_file", "larger", "smaller", "full_screen", "full_contrast", "next_lut",
    "curves", "results", "spectrum", "full_roi", "shortcuts", "logs", "next_pane", "previous_pane",
    "find_events", "hide_events", "next_event", "previous_event", "event_user", "event_rise",
    "event_fall", "event_transient", "event_note", "export_scoring", "history", "paste_roi",
    "apply_rois", "wide_roi", "high_roi", "next_roi_color", "show_rois", "show_roi_names",
    "marker_a", "marker_b", "marker_back", "marker_forward", "marker_up", "marker_down",
    "overlay_streaks", "overlay_edges", "overlay_events", "overlay_sparks",
    "show_brightest", "show_mean", "show_darkest",
    "next_channel", "previous_channel", "next_z", "previous_z", "next_t", "previous_t",
    "plane_contrast",
}  # fmt: skip
WITHOUT_SHORTCUT = {
    *(spec.id for spec in EXPORT_ACTIONS), "contrast_condition", "contrast_all", "change_keys",
    "reset_layout", "analyse_arrivals",
    "show_brightest", "show_mean", "show_darkest", "copy_session_python", "open_with", "unload",
    "copy_table", "follow_newest", "open_demo", "save_copy", "reveal", "problems", "logs", "about",
    "copy_events", "export_scoring", "compare_scorers",
}  # fmt: skip


# --- the table of commands ---------------------------------------


def test_every_action_has_words(window) -> None:
    for spec in ACTIONS:
        action = window.actions_by_id[spec.id]
        assert action.text(), spec.id
        assert action.toolTip().startswith(spec.tip), spec.id
        assert re.match(r"[A-Z]", spec.tip), spec.id
        assert not spec.tip.endswith("."), spec.id


def test_icons_and_shortcuts_are_there_or_left_out_on_purpose(window) -> None:
    for spec in ACTIONS:
        action = window.actions_by_id[spec.id]
        assert action.icon().isNull() == (spec.id in WITHOUT_ICON), spec.id
        assert action.shortcut().isEmpty() == (spec.id in WITHOUT_SHORTCUT), spec.id
        if spec.keys:
            assert f"({shortcut_text(spec)})" in action.toolTip()


def test_no_two_actions_share_a_shortcut(window) -> None:
    """Twice in one action is as bad: Qt then runs none."""
    keys = [
        key.toString() for action in window.actions_by_id.values() for key in action.shortcuts()
    ]
    assert [key for key, number in Counter(keys).items() if number > 1] == []


def test_every_action_is_in_a_menu_once(window) -> None:
    listed = [
        action
        for menu in window.menuBar().findChildren(QMenu)
        for action in menu.actions()
        if action in window.actions_by_id.values()
    ]
    assert len(listed) == len(set(listed)) == len(ACTIONS)


def test_disabled_actions_say_why(user, window, folder: Path) -> None:
    def check() -> None:
        for spec in ACTIONS:
            action = window.actions_by_id[spec.id]
            if not action.isEnabled():
                assert action.toolTip().endswith(f": {WHY_NOT[spec.needs]}"), spec.id
            else:
                assert ": " not in action.toolTip()

    check()
    off = {name for name, action in window.actions_by_id.items() if not action.isEnabled()}
    assert {"save", "save_all", "undo", "redo", "run", "delete_roi", "full_view"} <= off
    user.open(folder)
    check()
    window.controller.add_roi()
    check()
    on = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert {"save", "save_all", "undo", "run", "delete_roi", "full_view"} <= on


def test_undo_names_what_it_undoes(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    assert window.actions_by_id["undo"].text() == "Undo Add ROI 1 in a.tif"
    window.controller.undo_stack.undo()
    assert window.actions_by_id["redo"].text() == "Redo Add ROI 1 in a.tif"


# --- letters ---------------------------------------


LETTERS = "brvzfl"


def text_fields(window) -> list[QWidget]:
    fields = [one for one in window.findChildren(QLineEdit) if one.isEnabled()]
    return [window.panels.metadata._experiment.editor("note"), *fields]


def test_letters_in_a_field_are_letters(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    before, steps = window.view.kymograph.tool, user.steps
    tried = 0
    for dock in window.panels.docks:
        dock.raise_()
        QApplication.processEvents()
        for field in text_fields(window):
            if not field.isVisible() or field.visibleRegion().isEmpty():
                continue
            field.setFocus()
            for letter in LETTERS:
                QTest.keyClick(QApplication.focusWidget(), letter)
            QTest.keyClick(QApplication.focusWidget(), Key.Key_R, Keys.ShiftModifier)
            user.press(Key.Key_Escape)
            tried += 1
    assert tried > 12
    assert window.view.kymograph.tool == before
    assert user.steps == steps


def test_letters_elsewhere_are_commands(user, window, folder: Path) -> None:
    user.open(folder)
    for widget in (window.view.kymograph, window.tree.tree, window.view.overview):
        widget.setFocus()
        user.press(Key.Key_R)
        assert window.view.kymograph.tool == "roi", widget
        user.press(Key.Key_V)
        assert window.view.kymograph.tool == "pan", widget


def test_checked_tool_follows(user, window, folder: Path) -> None:
    user.open(folder)
    window.view.kymograph.setFocus()
    for key, name in ((Key.Key_Z, "tool_zoom"), (Key.Key_R, "tool_roi"), (Key.Key_V, "tool_pan")):
        user.press(key)
        tools = {one: a for one, a in window.actions_by_id.items() if one.startswith("tool_")}
        checked = [one for one, action in tools.items() if action.isChecked()]
        assert checked == [name]


def test_delete_belongs_to_the_text_and_the_list(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    for widget in (window.tree.filter, window.tree.tree, window.panels.contrast._lut):
        widget.setFocus()
        user.press(Key.Key_Delete)
        assert user.image.rois.get_roi_ids() == [1], widget
    window.view.overview.setFocus()
    user.press(Key.Key_Delete)
    assert user.image.rois.get_roi_ids() == []


# --- the way of the focus ---------------------------------------


def room_of(window, widget: QWidget) -> str:
    """Which part of the window a widget is in."""
    parts = {"tree": window.tree, "image": window.view.kymograph, "trace": window.view.trace,
             "overview": window.view.overview, "head": window.view.head}  # fmt: skip
    parts |= {dock.windowTitle(): dock for dock in window.panels.docks[1:]}
    for name, part in parts.items():
        if part is widget or part.isAncestorOf(widget):
            return name
    return type(widget).__name__


def test_f6_goes_round_the_panes(user, window, folder: Path) -> None:
    user.open(folder)
    window.tree.tree.setFocus()
    seen = []
    for _ in range(6):
        seen.append(room_of(window, QApplication.focusWidget()))
        user.press(Key.Key_F6)
    assert seen[:5] == ["tree", "image", "trace", "Contrast", "Analysis"]
    assert seen[5] == "tree"
    user.press(Key.Key_F6, Keys.ShiftModifier)
    assert room_of(window, QApplication.focusWidget()) == "tree"


def test_f6_before_anything_is_open(user, window) -> None:
    for _ in range(4):
        user.press(Key.Key_F6)
        assert QApplication.focusWidget() is not None


def test_tab_reaches_every_part(user, window, folder: Path) -> None:
    user.open(folder)
    window.tree.tree.setFocus()
    rooms = []
    for _ in range(120):
        rooms.append(room_of(window, QApplication.focusWidget()))
        user.press(Key.Key_Tab)
    assert {"tree", "image", "trace", "overview", "Contrast", "Analysis"} <= set(rooms)
    assert len(rooms) > len(set(rooms))


def test_tab_follows_the_reading_order(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    window.tree.filter.setFocus()
    order = []
    for _ in range(120):
        room = room_of(window, QApplication.focusWidget())
        if room not in order:
            order.append(room)
        user.press(Key.Key_Tab)
    wanted = ["tree", "head", "image", "trace", "overview", "Contrast", "Analysis"]
    assert [one for one in order if one in wanted] == wanted


@pytest.mark.parametrize("tab", [1, 2, 3, 4])
def test_tab_goes_down_the_panel(user, window, folder: Path, tab: int) -> None:
    user.open(folder)
    window.controller.add_roi()
    panels = window.panels
    panel = (panels.contrast, panels.analysis, panels.metadata, panels.rois)[tab - 1]
    panels.docks[tab].raise_()
    QApplication.processEvents()
    window.view.overview.setFocus()
    places = []
    for _ in range(60):
        user.press(Key.Key_Tab)
        focus = QApplication.focusWidget()
        if panel.isAncestorOf(focus):
            at = focus.mapTo(panel, focus.rect().center())
            places.append((at.y(), at.x()))
    rounds = places.index(places[0], 1) if places[0] in places[1:] else len(places)
    rows = [y for y, _ in places[:rounds]]
    assert len(rows) > 4
    assert all(after >= before - 4 for before, after in pairwise(rows))


def test_the_focused_pane_shows_it(user, window, folder: Path) -> None:
    user.open(folder)
    window.tree.tree.setFocus()
    user.press(Key.Key_F6)
    plot = window.view.kymograph
    accent = window.theme.color("accent")
    assert plot.grab().toImage().pixelColor(plot.width() // 2, 0) == accent
    user.press(Key.Key_F6)
    assert plot.grab().toImage().pixelColor(plot.width() // 2, 0) != accent


# --- names ---------------------------------------


QUIET = (QScrollArea, QDockWidget)  # frames around what has the name


def name_of(widget: QWidget) -> str:
    """What a screen reader says."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def focusable(window) -> list[QWidget]:
    return [
        one
        for one in window.findChildren(QWidget)
        if one.isVisible()
        and one.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and one.focusProxy() is None
        and not isinstance(one, QUIET)
        and not (isinstance(one.parentWidget(), QAbstractItemView))
    ]


@pytest.mark.parametrize("tab", [0, 2, 3, 4])
def test_all_that_takes_the_focus_has_a_name(user, window, folder: Path, tab: int) -> None:
    user.open(folder)
    window.controller.add_roi()
    window.panels.docks[tab].raise_()
    QApplication.processEvents()
    nameless = []
    for widget in focusable(window):
        inner = isinstance(widget, QLineEdit) and name_of(widget.parentWidget())
        if not name_of(widget) and not inner:
            nameless.append((type(widget).__name__, widget.objectName(), widget.toolTip()))
    assert nameless == []


def test_buttons_without_words_have_a_name_and_a_tip(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    for button in window.findChildren(QToolButton):
        if button.isVisible() and button.objectName() != "qt_menubar_ext_button":
            where = (room_of(window, button), button.objectName())
            assert name_of(button) or button.text(), where
            assert button.toolTip(), where


def test_pictures_of_buttons_say_their_key(window) -> None:
    for name, action in window.actions_by_id.items():
        button = window.tool_bar.widgetForAction(action)
        if button is not None and not action.shortcut().isEmpty():
            key = action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
            assert key in button.toolTip(), name
            assert name_of(button)
