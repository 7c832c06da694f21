"""The whole window, as a user has it, with settings and caches of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

import pyqtgraph as pg
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

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
        self.qtbot.waitUntil(lambda: not self.window.jobs.active, timeout=20_000)
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

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, steps: int = 6, **keys) -> None:
        """Press, move in steps, release."""
        left = Qt.MouseButton.LeftButton
        QTest.mouseMove(widget, start)
        QTest.mousePress(widget, left, pos=start, **keys)
        for step in range(1, steps + 1):
            at = start + (end - start) * (step / steps)
            QTest.mouseMove(widget, at)
            QApplication.processEvents()
        QTest.mouseRelease(widget, left, pos=end, **keys)
        QApplication.processEvents()

    def key(self, widget: QWidget, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(widget, key, modifiers)
        QApplication.processEvents()

    def point(self, line: float, pixel: float) -> QPoint:
        """Where a place of the picture is in the kymograph's viewport."""
        plot = self.window.view.kymograph
        scene = plot.view_box.mapViewToScene(QPointF(line, pixel))
        return plot.mapFromScene(scene)


def quoted(path: Path) -> bytes:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(os.fsencode(path)).encode()


@pytest.fixture
def user(qtbot, window: MainWindow) -> User:
    return User(qtbot, window)
