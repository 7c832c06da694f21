"""Numbers between two places of a recording."""

from __future__ import annotations

import math

import pytest

from acqcore.model.header import Calibration
from cloudscope.views.slope_reading import ANGLE, DT, DX, RATE, SPEED, Slope

KNOWN = Calibration(0.002, 0.25, "seconds", "um", "test")
ONLY_TIME = Calibration(0.002, 1.0, "seconds", "Pixels", "test")


def test_velocity_is_the_one_of_the_analyses() -> None:
    """(um per pixel / seconds per line) * tan(theta), in mm/s."""
    slope = Slope(40, 28, KNOWN)
    tangent = math.tan(math.radians(slope.angle_deg))
    assert slope.speed == pytest.approx(0.25 / 0.002 * tangent / 1000)
    assert (slope.time, slope.distance) == (pytest.approx(0.08), 7.0)


@pytest.mark.parametrize(("lines", "pixels"), [(40, 28), (-40, -28)])
def test_the_order_of_the_places_does_not_matter_for_velocity(lines: int, pixels: int) -> None:
    slope = Slope(lines, pixels, KNOWN)
    assert slope.texts[SPEED] == "0.0875 mm/s"
    assert slope.texts[ANGLE] == "35.0°"
    assert slope.rate == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("slope", "missing"),
    [
        (Slope(0, 5, KNOWN), {RATE, SPEED}),
        (Slope(5, None, KNOWN), {DX, SPEED, ANGLE}),
        (Slope(0, 0, KNOWN), {RATE, SPEED, ANGLE}),
        (Slope(5, 0, KNOWN), set()),
    ],
)
def test_what_is_not_known_is_left_out(slope: Slope, missing: set[str]) -> None:
    assert {name for name, text in slope.texts.items() if text == "–"} == missing


def test_without_calibration_it_is_pixels_per_line() -> None:
    assert Slope(4, 2).texts[SPEED] == "0.500 px/line"
    assert Slope(4, 2, ONLY_TIME).texts[SPEED] == "0.500 px/line"
    assert Slope(4, 2, ONLY_TIME).texts[DT] == "0.008 s"
    assert Slope(4, 2, ONLY_TIME).units[DX] == "px"


def test_a_scan_line_is_a_right_angle() -> None:
    assert Slope(0, 3, KNOWN).angle_deg == pytest.approx(90)
    assert Slope(3, -3, KNOWN).angle_deg == pytest.approx(135)


def test_the_table_has_numbers_alone() -> None:
    names, numbers = Slope(5, None, KNOWN).table.splitlines()
    assert names.split("\t")[0] == "Δt (s)"
    assert numbers.split("\t") == ["0.01", "100", "", "", ""]
