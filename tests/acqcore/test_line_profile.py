"""Intensity along a line."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.line_profile import line_profile
from acqcore.model.roi import LineROI

LINE, PIXEL = np.mgrid[:40, :30]


def test_a_slanted_plane_is_read_exactly() -> None:
    distance, values = line_profile(3 * LINE + 2 * PIXEL, LineROI(1, 4, 2, 34, 26))
    assert distance[0] == 0
    assert distance[-1] == pytest.approx(np.hypot(30, 24))
    share = distance / distance[-1]
    np.testing.assert_allclose(values, 3 * (4 + 30 * share) + 2 * (2 + 24 * share))


def test_along_a_row_the_pixels_themselves() -> None:
    plane = np.random.default_rng(0).integers(0, 4096, (40, 30)).astype(np.uint16)
    distance, values = line_profile(plane, LineROI(1, 0, 0, 0, 29))
    np.testing.assert_array_equal(distance, np.arange(30))
    np.testing.assert_array_equal(values, plane[0])
    backwards = line_profile(plane, LineROI(1, 39, 29, 39, 0))[1]
    np.testing.assert_allclose(backwards, plane[39, ::-1])


def test_width_averages_and_what_leaves_the_plane_does_not_count() -> None:
    plane = np.random.default_rng(0).normal(size=(40, 30))
    wide = line_profile(plane, LineROI(1, 5, 0, 5, 29), width=3)[1]
    np.testing.assert_allclose(wide, plane[4:7].mean(axis=0))
    at_the_edge = line_profile(plane, LineROI(1, 0, 0, 0, 29), width=3)[1]
    np.testing.assert_allclose(at_the_edge, plane[:2].mean(axis=0))


def test_a_point_and_ends_outside() -> None:
    assert line_profile(LINE, LineROI(1, 7, 7, 7, 7))[1].tolist() == [7.0]
    assert line_profile(LINE, LineROI(1, -9, 0, 99, 0))[1][-1] == 39


def test_refusals() -> None:
    with pytest.raises(ValueError, match="one line wide"):
        line_profile(LINE, LineROI(1, 0, 0, 1, 1), width=0)
    with pytest.raises(ValueError, match="two axes"):
        line_profile(np.zeros((2, 2, 2)), LineROI(1, 0, 0, 1, 1))
