"""Light and dark, larger and smaller, and the smallest window: all live, nothing clipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)

from acqcore.model.roi import RectRoiBounds
from cloudscope.views.labels import ElidedLabel

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def opened(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi(RectRoiBounds(20, 380, 2, 30))
    window.panels.analysis.request_run()
    user.wait()
    window.controller.edit_roi(
        user.image.rois.get(1).with_bounds(RectRoiBounds(30, 390, 2, 30), bounds(user))
    )
    QApplication.processEvents()


def bounds(user):
    return user.image.rois.image_bounds


@pytest.fixture
def as_before(theme):
    """The theme is shared by all tests."""
    yield
    theme.set_text_scale(1.0)
    theme.set_appearance("light")


def share(window, token: str) -> float:
    """How much of the window has exactly that colour."""
    image = window.grab().toImage()
    wanted = window.theme.color(token).rgb()
    places = [
        image.pixel(x, y) == wanted
        for x in range(0, image.width(), 5)
        for y in range(0, image.height(), 5)
    ]
    return sum(places) / len(places)


# --- light and dark ---------------------------------------


def choose(window, name: str) -> None:
    """From the menu, as the user does."""
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "View")
    sub = next(a.menu() for a in menu.actions() if a.text() == "Appearance")
    next(a for a in sub.actions() if a.text() == name).trigger()
    QApplication.processEvents()


def test_switching_recolours_everything(window, as_before) -> None:
    light = {token: window.theme.color(token).name() for token in ("panel", "window", "line")}
    assert share(window, "panel") > 0.03
    before = window.grab().toImage()
    choose(window, "Dark")
    assert window.theme.is_dark
    assert window.settings.appearance == "dark"
    after = window.grab().toImage()
    kept = sum(
        after.pixelColor(x, y).name() in light.values()
        for x in range(0, after.width(), 4)
        for y in range(0, after.height(), 4)
    )
    assert kept < 40  # a letter or a tick here and there
    assert share(window, "panel") > 0.03
    choose(window, "Light")
    assert window.grab().toImage() == before


def test_switching_moves_nothing(user, window, as_before) -> None:
    user.wheel(user.picture, user.point(100, 10), 5)
    before, steps = user.visible, user.steps
    for name in ("Dark", "Light", "System", "Dark"):
        choose(window, name)
    assert user.visible == before
    assert user.steps == steps


def test_switching_during_a_run_and_a_drag(user, window, as_before) -> None:
    user.drag(
        user.picture,
        user.point(200, 16),
        user.point(250, 16),
        during=lambda: window.theme.set_appearance("dark" if not window.theme.is_dark else "light"),
    )
    window.panels.analysis.request_run()
    choose(window, "Dark")
    user.wait()


# --- text size ---------------------------------------


def test_larger_and_smaller_text(user, window, as_before) -> None:
    base = window.font().pixelSize()
    for _ in range(3):
        user.press(Key.Key_Plus, Keys.ControlModifier | Keys.ShiftModifier)
    assert QApplication.font().pixelSize() > base
    assert window.settings.text_scale == pytest.approx(1.331)
    window.theme.set_text_scale(0.8)
    assert QApplication.font().pixelSize() < base
    for _ in range(4):
        user.press(Key.Key_Minus, Keys.ControlModifier | Keys.ShiftModifier)
    assert window.settings.text_scale == 0.75
    window.theme.set_text_scale(1.9)
    for _ in range(4):
        user.press(Key.Key_Plus, Keys.ControlModifier | Keys.ShiftModifier)
    assert window.settings.text_scale == 2.0
    window.grab()


# --- nothing is clipped ---------------------------------------


def text_of(widget: QWidget) -> str:
    if isinstance(widget, QToolButton) and not widget.icon().isNull():
        return ""
    if isinstance(widget, QComboBox):
        return widget.currentText() if not widget.isEditable() else ""
    return widget.text().replace("&", "") if isinstance(widget, QLabel | QAbstractButton) else ""


def is_in_sight(window, widget: QWidget) -> bool:
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    return widget.isVisible() and window.rect().intersects(place)


def clipped(window) -> list[str]:
    """Controls that stand beyond their parent, and words that do not fit."""
    found = []
    for widget in window.findChildren(QWidget):
        if not is_in_sight(window, widget) or widget.isWindow():
            continue
        parent = widget.parentWidget()
        scrolls = isinstance(parent.parentWidget(), QAbstractScrollArea) or isinstance(
            parent, QAbstractScrollArea
        )
        is_control = isinstance(widget, QLabel | QAbstractButton | QComboBox)
        if is_control and not scrolls and not parent.rect().contains(widget.geometry()):
            found.append(f"{describe(widget)} stands beyond {type(parent).__name__}")
        words = text_of(widget)
        shortens = isinstance(widget, ElidedLabel | QTabBar)
        wraps = shortens or (isinstance(widget, QLabel) and widget.wordWrap())
        needed = widget.fontMetrics().horizontalAdvance(words)
        if words and not wraps and needed > widget.width() + 1:
            found.append(f"{describe(widget)} is too narrow")
    for scroll in window.findChildren(QScrollArea):
        if is_in_sight(window, scroll) and scroll.widget().width() > scroll.viewport().width():
            found.append(f"{scroll.widget()} is wider than its dock")
    return found


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {text_of(widget)!r} {widget.geometry().getRect()}"


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
def test_nothing_is_clipped(window, size: tuple[int, int]) -> None:
    window.resize(*size)
    for dock in window.panels.docks[2:]:
        dock.raise_()
        QApplication.processEvents()
        assert window.size() == QSize(*size)
        assert "\n".join(clipped(window)) == "", dock.windowTitle()


@pytest.mark.parametrize("scale", [0.8, 1.2, 1.5])
def test_nothing_is_clipped_in_another_text_size(window, theme, as_before, scale: float) -> None:
    window.resize(1280, 800)
    theme.set_text_scale(scale)
    QApplication.processEvents()
    for dock in window.panels.docks[2:]:
        dock.raise_()
        QApplication.processEvents()
        assert "\n".join(clipped(window)) == "", dock.windowTitle()


def test_picture_keeps_most_of_the_smallest_window(window) -> None:
    window.resize(1024, 700)
    QApplication.processEvents()
    assert window.view.kymograph.width() >= 400
    assert window.view.kymograph.height() >= 200
    assert window.view.trace.panes[0].plot.height() >= 80


def test_docks_can_be_closed_and_come_back(user, window) -> None:
    window.resize(1024, 700)
    before = window.view.kymograph.width()
    for dock in window.panels.docks:
        dock.toggleViewAction().trigger()
    QApplication.processEvents()
    assert window.view.kymograph.width() > before + 300
    user.press(Key.Key_F6)
    for dock in window.panels.docks:
        dock.toggleViewAction().trigger()
    QApplication.processEvents()
    assert all(dock.isVisible() for dock in window.panels.docks)


def test_full_screen_and_back(user, window) -> None:
    size = window.size()
    user.press(Key.Key_F11)
    assert window.isFullScreen()
    assert window.actions_by_id["full_screen"].isChecked()
    user.press(Key.Key_F11)
    assert not window.isFullScreen()
    assert window.size() == size
