"""Geometry and stored form of ROIs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acqcore.errors import InvalidROI
from acqcore.model.roi import (
    ImageBounds,
    LineEndpoints,
    LineROI,
    RectROI,
    RectRoiBounds,
    RoiType,
    roi_from_dict,
)

PLANE = ImageBounds(width=20, height=100)
STORED = {
    "roi_id": 3,
    "roi_type": "rectroi",
    "version": "1.0",
    "name": "cap",
    "note": "left",
    "data": {"row_start": 1, "row_stop": 5, "col_start": 2, "col_stop": 9},
}
anywhere = st.integers(-300, 300)


@given(anywhere, anywhere, anywhere, anywhere)
def test_clamped_bounds_lie_inside_in_order(a: int, b: int, c: int, d: int) -> None:
    inside = RectRoiBounds(a, b, c, d).clamped_to(PLANE)
    assert 0 <= inside.dim0_start <= inside.dim0_stop <= PLANE.height
    assert 0 <= inside.dim1_start <= inside.dim1_stop <= PLANE.width
    assert inside.clamped_to(PLANE) == inside


@given(anywhere, anywhere, anywhere, anywhere)
def test_clamped_ends_lie_on_pixels_and_keep_their_order(a: int, b: int, c: int, d: int) -> None:
    ends = LineEndpoints(a, b, c, d).clamped_to(PLANE)
    assert 0 <= ends.row0 < PLANE.height
    assert 0 <= ends.col1 < PLANE.width
    assert (a <= c) <= (ends.row0 <= ends.row1)


@given(st.integers(-5, 99), anywhere, anywhere, anywhere, anywhere, st.text(), st.text())
def test_stored_form_comes_back(
    number: int, a: int, b: int, c: int, d: int, name: str, note: str
) -> None:
    rois = [LineROI(number, a, b, c, d, name, note)]
    if a < b and c < d:
        rois.append(RectROI(number, a, b, c, d, name, note))
    assert [roi_from_dict(roi.to_dict()) for roi in rois] == rois


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"version": "1.1"},
        {"roi_type": "linesegmentroi"},
        {"roi_type": "circle"},
        {"roi_type": None},
        {"data": 5},
        {"data": STORED["data"] | {"row_start": 1.5}},
        {"data": STORED["data"] | {"row_start": "1"}},
        {"data": STORED["data"] | {"row_start": True}},
        {"data": STORED["data"] | {"depth": 1}},
        {"data": STORED["data"] | {"row_stop": 1}},
    ],
    ids=str,
)
def test_anything_but_the_exact_keys_is_refused(change: dict) -> None:
    assert roi_from_dict(STORED) == RectROI(3, 1, 5, 2, 9, "cap", "left")
    with pytest.raises(ValueError):  # noqa: PT011
        roi_from_dict(STORED | change)


def test_kinds_are_read_in_any_case() -> None:
    assert RoiType("RectROI") is RoiType.RECTROI
    assert RoiType("LINESEGMENTROI") is RoiType.LINESEGMENTROI
    with pytest.raises(ValueError, match="not a linesegmentroi"):
        LineROI.from_dict(STORED)


def test_clipping_to_a_picture() -> None:
    roi = RectROI(1, -5, 50, 3, 99)
    assert roi.clamp_to_image(np.zeros((10, 8))).geometry == (0, 10, 3, 8)
    assert roi.clamp_to_bounds(PLANE) == roi.clipped(PLANE)
    with pytest.raises(InvalidROI):
        roi.clamp_to_image(np.zeros((10, 3)))
    with pytest.raises(ValueError, match="two axes"):
        roi.clamp_to_image(np.zeros((10, 3, 2)))


def test_time_bounds() -> None:
    roi = RectROI(1, 10, 30, 0, 5)
    assert roi.get_time_bounds((0.5, 0.25)) == (5.0, 15.0)
    assert roi.get_time_bounds(None) is None
