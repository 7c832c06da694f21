"""Colours of ROIs: ours alone, beside the blocks that the reference program reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.roi import ImageBounds, LineEndpoints, LineROI, RectROI, line_roi
from acqcore.model.state import AcqState
from acqcore.roi_set import RoiSet
from acqcore.storage import sidecar
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())
STATE = AcqState(
    rois=(RectROI(1, 0, 9, 0, 9, color="#9D92FF"), LineROI(2, 0, 0, 5, 5, color="#00e0b8"),
          RectROI(3, 0, 9, 0, 9)),
    next_roi_id=4,
)  # fmt: skip


def written(image: Path, state: AcqState, on_disk: OnDisk | None = None) -> dict:
    sidecar.write(image, HEADER, state, on_disk or OnDisk(), writer="test")
    return json.loads(sidecar_path(image).read_text())


def test_colours_come_back(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    document = written(image, STATE)
    assert document["cloudscope"]["roi_colors"] == {"1": "#9D92FF", "2": "#00e0b8"}
    assert all("color" not in block for block in document["rois"])
    assert sidecar.read(image, HEADER).state == STATE


def test_without_colours_there_is_no_block(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    written(image, STATE)
    plain = replace(STATE, rois=tuple(replace(roi, color="") for roi in STATE.rois))
    loaded = sidecar.read(image, HEADER)
    document = written(image, plain, loaded.on_disk)
    assert "roi_colors" not in document["cloudscope"]


@pytest.mark.parametrize("damaged", ["red", "#12345", 7, None, ["#123456"]])
def test_a_damaged_colour_is_a_problem_and_no_more(tmp_path: Path, damaged: object) -> None:
    image = tmp_path / "a.tif"
    document = written(image, STATE)
    document["cloudscope"]["roi_colors"]["1"] = damaged
    sidecar_path(image).write_text(json.dumps(document))
    loaded = sidecar.read(image, HEADER)
    assert [roi.color for roi in loaded.state.rois] == ["", "#00e0b8", ""]
    assert "roi_colors.1" in str(loaded.problems[0])


def test_a_block_of_another_kind_is_a_problem_and_a_stranger_is_none(tmp_path: Path) -> None:
    image = tmp_path / "a.tif"
    document = written(image, STATE)
    document["cloudscope"]["roi_colors"] = ["#123456"]
    sidecar_path(image).write_text(json.dumps(document))
    assert len(sidecar.read(image, HEADER).problems) == 1
    document["cloudscope"]["roi_colors"] = {"77": "#123456"}
    sidecar_path(image).write_text(json.dumps(document))
    assert not sidecar.read(image, HEADER).problems


def test_a_colour_is_checked_at_birth() -> None:
    with pytest.raises(ValueError, match="#RRGGBB"):
        RectROI(1, 0, 9, 0, 9, color="red")
    with pytest.raises(ValueError, match="#RRGGBB"):
        LineROI(1, 0, 9, 0, 9, color="#12")


def test_scripts_can_choose_one() -> None:
    rois = RoiSet(ImageBounds(32, 200))
    rect, line = rois.create_rect_roi(), rois.create_line_roi(LineEndpoints(0, 0, 500, 9), "a", "b")
    ends = LineEndpoints(0, 0, 199, 9)
    assert line == replace(line_roi(2, ends, rois.image_bounds, "a"), note="b")
    assert line.bounds.dim0_stop == 200
    assert rois.edit_rect_roi(rect.id, color="#123456").color == "#123456"
    assert rois.edit_line_roi(line.id, color="#123456").color == "#123456"
    assert rois.edit_rect_roi(rect.id, name="x").color == "#123456"
    with pytest.raises(ValueError, match="colour"):
        rois.edit_rect_roi(rect.id, color="blue")
