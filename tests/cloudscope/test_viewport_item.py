"""What the picture shows, pixel by pixel of the screen."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from acqcore.pyramid import Pyramid
from cloudscope.views import picture_layer
from cloudscope.views.luts import lut, tint
from cloudscope.views.viewport_item import Added, ViewportItem


class Picture:
    """An item that fills a widget of one screen pixel per unit."""

    def __init__(self, qtbot: QtBot, plane: NDArray, width: int, height: int) -> None:
        self.view = pg.GraphicsView(background=QColor(1, 2, 3))
        qtbot.addWidget(self.view)
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0)
        self.view.setCentralItem(self.box)
        self.item = ViewportItem()
        self.item.set_levels(0, 255)
        self.item.set_plane(Pyramid.build(plane))
        self.box.addItem(self.item, ignoreBounds=True)
        self.view.resize(width, height)
        self.show(0, plane.shape[0], 0, plane.shape[1])

    def show(self, line0: float, line1: float, pixel0: float, pixel1: float) -> None:
        self.box.setRange(xRange=(line0, line1), yRange=(pixel0, pixel1), padding=0)

    def grab(self) -> NDArray:
        """Red channel, upper row first."""
        image = self.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        words = np.frombuffer(image.constBits(), np.uint32)
        return (words.reshape(image.height(), image.width()) >> 16 & 0xFF).astype(int)


def test_origin_is_bottom_left_and_time_runs_to_the_right(qtbot: QtBot) -> None:
    plane = np.zeros((4, 3), np.uint8)
    plane[0, 0], plane[3, 0], plane[0, 2] = 200, 100, 50
    shown = Picture(qtbot, plane, 40, 30).grab()
    assert (shown[29, 0], shown[29, 39], shown[0, 0]) == (200, 100, 50)


def test_magnified_samples_are_sharp_rectangles(qtbot: QtBot) -> None:
    plane = np.arange(12, dtype=np.uint8).reshape(4, 3) * 20
    shown = Picture(qtbot, plane, 40, 30).grab()
    expected = np.kron(plane.T[::-1], np.ones((10, 10), int))
    np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize(("width", "height"), [(300, 100), (299, 101), (61, 7), (37, 50)])
def test_every_bright_line_is_visible_in_the_full_view(
    qtbot: QtBot, width: int, height: int
) -> None:
    picture = Picture(qtbot, np.zeros((5000, 90), np.uint16), width, height)
    for line in (0, 1, 777, 2500, 2501, 4998, 4999):
        plane = np.zeros((5000, 90), np.uint16)
        plane[line, 45] = 255
        picture.item.set_plane(Pyramid.build(plane))
        shown = picture.grab()
        assert shown.max() == 255, line
        column = int(np.argmax(shown.max(axis=0)))
        assert abs(column - line * width / 5000) <= 1


def test_each_screen_pixel_is_the_maximum_of_its_samples(qtbot: QtBot) -> None:
    plane = np.random.default_rng(0).integers(0, 255, (1200, 90)).astype(np.uint8)
    shown = Picture(qtbot, plane, 100, 30).grab()
    expected = plane.reshape(100, 12, 30, 3).max(axis=(1, 3)).T[::-1]
    # Samples of 8 lines do not fit columns of 12 exactly: each belongs to one column.
    assert shown.max() == expected.max()
    assert np.abs(shown - expected).mean() < 12
    assert set(np.unique(shown)) <= set(np.unique(plane))


def test_powers_of_two_are_exact(qtbot: QtBot) -> None:
    plane = np.random.default_rng(0).integers(0, 255, (1600, 120)).astype(np.uint8)
    shown = Picture(qtbot, plane, 100, 30).grab()
    expected = plane.reshape(100, 16, 30, 4).max(axis=(1, 3)).T[::-1]
    np.testing.assert_array_equal(shown, expected)


def test_only_the_plane_is_painted(qtbot: QtBot) -> None:
    picture = Picture(qtbot, np.full((10, 10), 200, np.uint8), 100, 100)
    picture.show(-10, 10, -10, 10)
    shown = picture.grab()
    assert (shown[:50, 50:] == 200).all()
    assert (shown[50:] == 1).all()
    assert (shown[:, :50] == 1).all()


def test_nothing_is_computed_again_for_a_repaint(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled = []
    original = picture_layer.sampled
    monkeypatch.setattr(
        picture_layer, "sampled", lambda *args: sampled.append(1) or original(*args)
    )
    picture = Picture(qtbot, np.full((1000, 10), 100, np.uint16), 100, 40)
    assert picture.grab().max() == 100
    picture.item.update()
    picture.grab()
    assert len(sampled) == 1
    picture.item.set_levels(0, 127.5)
    assert picture.grab().max() == 200
    picture.item.set_lut(lut("inverted_grays"))
    assert picture.grab().max() == 55
    assert len(sampled) == 1
    picture.show(100, 300, 0, 10)
    picture.grab()
    assert len(sampled) == 2


def test_no_plane_paints_nothing(qtbot: QtBot) -> None:
    picture = Picture(qtbot, np.full((10, 10), 200, np.uint8), 50, 50)
    picture.item.set_plane(None)
    assert (picture.grab() == 1).all()
    assert picture.item.boundingRect().isEmpty()


def test_a_screen_with_more_pixels_is_used_fully(qtbot: QtBot) -> None:
    plane = np.random.default_rng(0).integers(0, 255, (200, 80)).astype(np.uint8)
    picture = Picture(qtbot, plane, 100, 40)
    sharp = QImage(200, 80, QImage.Format.Format_RGB32)
    sharp.setDevicePixelRatio(2)
    picture.grab()  # lays the widget out
    painter = QPainter(sharp)
    picture.view.render(painter, QRectF(0, 0, 100, 40), QRect(0, 0, 100, 40))
    painter.end()
    words = np.frombuffer(sharp.constBits(), np.uint32).reshape(80, 200)
    np.testing.assert_array_equal(words >> 16 & 0xFF, plane.T[::-1])


def test_channels_are_added_and_end_at_full_brightness(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = np.tile(np.arange(0, 250, 10, np.uint8)[:, None], (1, 8))
    picture = Picture(qtbot, plane, 50, 16)
    other = Pyramid.build(np.full_like(plane, 100))
    picture.item.set_composite(tint("#ffffff"), [Added(other, (0, 255), tint("#ff0000"))])
    expected = np.minimum(np.repeat(plane[:, 0], 2).astype(int) + 100, 255)
    np.testing.assert_array_equal(picture.grab(), np.tile(expected, (16, 1)))
    # Other limits of one channel look at no pixel again, and blend once.
    sampled = []
    original = picture_layer.sampled
    monkeypatch.setattr(
        picture_layer, "sampled", lambda *args: sampled.append(1) or original(*args)
    )
    picture.item.set_composite(tint("#ffffff"), [Added(other, (0, 127.5), tint("#ff0000"))])
    assert picture.grab()[0, 0] == 200
    picture.item.set_levels(0, 127.5)
    assert picture.grab()[0, 4] == 240
    assert sampled == []
    picture.item.set_composite(None)
    assert picture.grab()[0, 4] == 40
    assert picture.item.added == 0


def test_channels_of_another_plane_do_not_stay(qtbot: QtBot) -> None:
    plane = np.full((20, 8), 100, np.uint8)
    picture = Picture(qtbot, plane, 40, 16)
    light = Added(Pyramid.build(plane), (0, 255), tint("#ff0000"))
    picture.item.set_composite(tint("#ffffff"), [light, light])
    assert picture.grab().max() == 255
    picture.item.set_composite(tint("#ffffff"), [])
    assert picture.grab().max() == 100
    picture.item.set_plane(None)
    assert (picture.grab() == 1).all()
