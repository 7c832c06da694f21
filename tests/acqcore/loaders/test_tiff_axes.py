"""What the declared axes of a TIFF become."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acqcore.loaders._tiff_axes import plan_axes
from acqcore.loaders.base import Refusal


@pytest.mark.parametrize(
    ("axes", "shape", "dims", "sizes"),
    [
        ("YX", (300, 38), "YX", (300, 38)),
        ("TX", (300, 38), "YX", (300, 38)),
        ("TY", (300, 38), "YX", (300, 38)),
        ("XT", (38, 300), "YX", (300, 38)),
        ("QX", (300, 38), "YX", (300, 38)),
        ("YX", (1, 38), "YX", (1, 38)),
        ("TX", (1, 38), "YX", (1, 38)),
        ("TYX", (300, 1, 38), "YX", (300, 38)),
        ("TYX", (300, 38, 1), "YX", (300, 38)),
        ("TCX", (300, 2, 38), "CYX", (2, 300, 38)),
        ("CTX", (2, 300, 38), "CYX", (2, 300, 38)),
        ("TCYX", (300, 2, 1, 38), "CYX", (2, 300, 38)),
        ("TYX", (5, 30, 38), "TYX", (5, 30, 38)),
        ("ZYX", (5, 30, 38), "ZYX", (5, 30, 38)),
        ("QYX", (5, 30, 38), "ZYX", (5, 30, 38)),
        ("QQYX", (2, 5, 30, 38), "CZYX", (2, 5, 30, 38)),
        ("QQQYX", (4, 2, 5, 30, 38), "TCZYX", (4, 2, 5, 30, 38)),
        ("QCYX", (5, 2, 30, 38), "ZCYX", (5, 2, 30, 38)),
        ("TZCYX", (4, 5, 2, 30, 38), "TZCYX", (4, 5, 2, 30, 38)),
        ("YXS", (30, 38, 2), "CYX", (2, 30, 38)),
        ("SYX", (2, 30, 38), "CYX", (2, 30, 38)),
        ("TPYX", (4, 1, 30, 38), "TYX", (4, 30, 38)),
    ],
)
def test_rules(axes, shape, dims, sizes):
    plan = plan_axes(axes, shape)
    assert "".join(plan.dims) == dims
    assert plan.sizes == sizes


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("RYX", (3, 30, 38)), ("CSYX", (2, 3, 30, 38)), ("QQQQYX", (2,) * 6), ("CZX", (2, 3, 9))],
)
def test_axes_without_a_meaning_are_refused(axes, shape):
    with pytest.raises(Refusal):
        plan_axes(axes, shape)


def test_a_guess_is_noted():
    (note,) = plan_axes("IYX", (7, 30, 38)).notes
    assert "7 images" in note
    assert "slices" in note


def test_rows_of_frames_and_slices_are_no_scan_lines():
    assert plan_axes("YX", (300, 38)).rows_are_time
    assert plan_axes("TCX", (300, 2, 38)).rows_are_time
    assert not plan_axes("TYX", (5, 300, 38)).rows_are_time
    assert not plan_axes("ZX", (300, 38)).rows_are_time


@given(st.permutations("TCZYX"), st.lists(st.integers(1, 4), min_size=5, max_size=5))
def test_a_region_picks_the_same_plane_as_numpy(axes, shape):
    plan = plan_axes("".join(axes), tuple(shape))
    stored = np.arange(np.prod(shape)).reshape(shape)
    size = dict(zip(plan.dims, plan.sizes, strict=True))
    last = {axis: size.get(axis, 1) - 1 for axis in "CZT"}
    region = plan.region(slice(0, size["Y"]), slice(0, size["X"]), last["C"], last["Z"], last["T"])
    plane = stored[region].T if plan.is_transposed else stored[region]
    assert plane.shape == (size["Y"], size["X"])
    assert plane.max() == stored.max()
