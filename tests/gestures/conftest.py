"""The whole window, as a user has it, with settings and caches of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

import numpy as np
import pyqtgraph as pg
import tifffile
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from cloudscope.main_window import MainWindow
from cloudscope.settings import Settings
from cloudscope.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp, tmp_path_factory) -> Theme:
    pg.setConfigOption("mouseRateLimit", -1)  # else most of a synthetic drag is swallowed
    look = Theme(qapp, tmp_path_factory.mktemp("style"))
    look.set_appearance("light")
    return look


@pytest.fixture
def window(qtbot, theme: Theme, tmp_path_factory) -> Iterator[MainWindow]:
    home = tmp_path_factory.mktemp("window")
    folders = {"cache": home / "cache", "logs": home / "logs"}
    shown = MainWindow(theme, Settings(home / "settings.ini"), folders)
    shown.furnish()
    shown.resize(1280, 800)
    shown.show()
    qtbot.waitExposed(shown)
    QApplication.processEvents()  # warm-up
    yield shown
    shown.discard_and_close()
    shown.deleteLater()


@pytest.fixture
def folder(make_tiff) -> Path:
    """Three recordings: a.tif, b.tif, c.tif."""
    for seed, name in enumerate("abc"):
        path = make_tiff(f"{name}.tif", seed=seed)
    return path.parent


class User:
    """What a person does: waits, drags, types, drops."""

    def __init__(self, qtbot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window

    def wait(self) -> None:
        """Until no job runs."""
        self.qtbot.waitUntil(lambda: not self.window.jobs.active, timeout=60_000)
        QApplication.processEvents()

    def open(self, *paths: Path) -> None:
        self.window.commands.open_paths(list(paths))
        self.wait()

    @property
    def image(self):
        return self.window.controller.image

    def drop(self, paths: list[Path], *, ctrl: bool = False) -> None:
        """A drag from another program, down to the drop."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromEncoded(b"file://" + quoted(path)) for path in paths])
        keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        buttons, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
        enter = QDragEnterEvent(QPoint(50, 50), copy, mime, buttons, keys)
        QApplication.sendEvent(self.window, enter)
        drop = QDropEvent(QPointF(50, 50), copy, mime, buttons, keys)
        QApplication.sendEvent(self.window, drop)

    def drag(
        self, widget: QWidget, start: QPoint, end: QPoint, steps: int = 6, during=None, **keys
    ) -> None:
        """Press, move in steps (`during` is called after each), release.

        The widget itself may follow the mouse.
        """
        left = Qt.MouseButton.LeftButton
        first, last = widget.mapToGlobal(start), widget.mapToGlobal(end)
        QTest.mouseMove(widget, start)
        QTest.mousePress(widget, left, pos=start, **keys)
        for step in range(1, steps + 1):
            at = first + (last - first) * (step / steps)
            QTest.mouseMove(widget, widget.mapFromGlobal(at))
            QApplication.processEvents()
            if during is not None:
                during()
        QTest.mouseRelease(widget, left, pos=widget.mapFromGlobal(last), **keys)
        QApplication.processEvents()

    def key(self, widget: QWidget, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(widget, key, modifiers)
        QApplication.processEvents()

    def press(self, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        """A key, wherever the focus is."""
        self.key(QApplication.focusWidget() or self.window, key, modifiers)

    def type(self, text: str, *, instead: bool = True) -> None:
        """Letters into the field with the focus, in the place of what is there."""
        if instead:
            self.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            self.press(Qt.Key.Key_Delete)
        QTest.keyClicks(QApplication.focusWidget(), text)
        QApplication.processEvents()

    def click(self, widget: QWidget, at: QPoint | None = None, **keys) -> None:
        middle = widget.rect().center()
        if isinstance(widget, QCheckBox):  # reacts on its box and words, not beside them
            middle.setX(8)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or middle, **keys)
        QApplication.processEvents()

    def hover(self, widget: QWidget, at: QPoint) -> None:
        QTest.mouseMove(widget, at)
        QApplication.processEvents()

    def wheel(
        self, widget: QWidget, at: QPoint, notches: int = 1, keys=Qt.KeyboardModifier.NoModifier
    ) -> None:
        place = QPointF(widget.mapToGlobal(at))
        turned, none = QPoint(0, 120 * notches), Qt.MouseButton.NoButton
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(QPointF(at), place, QPoint(), turned, none, keys, phase, False)
        QApplication.sendEvent(widget, event)
        QApplication.processEvents()

    def wait_until(self, condition, timeout: int = 30_000) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout)
        QApplication.processEvents()

    @property
    def steps(self) -> int:
        """How many edits can be undone."""
        return self.window.controller.undo_stack.index()

    @property
    def picture(self) -> QWidget:
        """What gets the mouse events of the kymograph."""
        return self.window.view.kymograph.viewport()

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """Lines and pixels in view."""
        return self.window.view.kymograph.visible

    def pixel_color(self, line: float, pixel: float):
        """What the screen shows at a place of the picture."""
        plot = self.window.view.kymograph
        return plot.grab().toImage().pixelColor(self.point(line, pixel))

    def point(self, line: float, pixel: float) -> QPoint:
        """Where a place of the picture is in the kymograph's viewport."""
        plot = self.window.view.kymograph
        scene = plot.view_box.mapViewToScene(QPointF(line, pixel))
        return plot.mapFromScene(scene)


def quoted(path: Path) -> bytes:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(os.fsencode(path)).encode()


@pytest.fixture
def two_channels(tmp_path: Path) -> Path:
    """A recording of two channels, 400 lines by 32 pixels."""
    rng = np.random.default_rng(0)
    path = tmp_path / "two.tif"
    pixels = rng.integers(100, 900, (2, 400, 32)).astype(np.uint16)
    pixels[1] *= 3
    tifffile.imwrite(path, pixels, imagej=True, metadata={"axes": "CYX"})
    return path


@pytest.fixture
def user(qtbot, window: MainWindow) -> User:
    return User(qtbot, window)


@pytest.fixture(autouse=True)
def bury(qapp: QApplication) -> Iterator[None]:
    """Delete the widgets of a test now: an event loop that never returns would keep them."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
