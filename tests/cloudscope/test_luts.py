"""Colour maps by their stored names."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from acqcore.model.contrast import LUT_NAMES
from cloudscope.views.luts import lut, lut_icon
from cloudscope.views.pixel_colors import PixelColors, color_words


@pytest.mark.parametrize("name", LUT_NAMES)
def test_every_stored_name_has_a_map_of_its_own(name: str) -> None:
    table = lut(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert sum(np.array_equal(table, lut(other)) for other in LUT_NAMES) == 1


def test_ends_of_some_maps() -> None:
    assert lut("Gray")[[0, 255]].tolist() == [[0, 0, 0], [255, 255, 255]]
    assert lut("inverted_grays")[[0, 255]].tolist() == [[255, 255, 255], [0, 0, 0]]
    assert lut("Green")[255].tolist() == [0, 255, 0]
    assert lut("Viridis")[0].tolist() == [68, 1, 84]


@pytest.mark.parametrize("name", ["Gray", "Viridis", "Cividis", "Magma", "Inferno", "Plasma"])
def test_the_even_maps_grow_brighter_all_the_way(name: str) -> None:
    brightness = lut(name) @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(brightness) > -0.6).all()


def test_an_unknown_name_is_gray() -> None:
    assert np.array_equal(lut("no such map"), lut("Gray"))


def test_a_map_cannot_be_spoiled() -> None:
    with pytest.raises(ValueError, match="read-only"):
        lut("Jet")[0, 0] = 1


def test_icon_runs_from_the_dark_to_the_bright_end(qtbot: QtBot) -> None:
    picture = lut_icon("Gray", 56, 12).pixmap(56, 12).toImage()
    assert picture.pixelColor(4, 6).red() < 40 < 200 < picture.pixelColor(52, 6).red()


@pytest.mark.parametrize("dtype", ["bool", "u1", "i1", "u2", "i2", ">u2", "u4", "i4", "f4", "f8"])
def test_values_between_the_limits_use_the_whole_map(dtype: str) -> None:
    low, high = (0, 1) if dtype == "bool" else (10, 110)
    values = np.array([[low, high], [low, high]], dtype)
    words = PixelColors(low, high, lut("Gray")).of(values)
    assert words.tolist() == [[0xFF000000, 0xFFFFFFFF]] * 2


def test_values_beyond_the_limits_are_clipped_and_negative_ones_are_low() -> None:
    values = np.array([[-32768, -1, 0, 50, 100, 32767]], np.int16)
    words = PixelColors(0, 100, lut("Gray")).of(values)
    assert [word & 0xFF for word in words[0].tolist()] == [0, 0, 0, 128, 255, 255]


def test_nan_is_lowest_and_equal_limits_are_a_step() -> None:
    values = np.array([[np.nan, 5.0, 5.1]], np.float32)
    words = PixelColors(5, 5, lut("Gray")).of(values)
    assert [word & 0xFF for word in words[0].tolist()] == [0, 0, 255]


def test_words_are_opaque_red_green_blue() -> None:
    assert hex(color_words(lut("Red"))[255]) == "0xffff0000"
