"""ROIs of one recording, copied to others."""

from __future__ import annotations

import pytest

from acqcore.acq_image import AcqImage
from acqcore.model.roi import LineEndpoints, RectRoiBounds
from acqcore.roi_templates import apply_template


@pytest.fixture
def source(make_tiff) -> AcqImage:
    image = AcqImage(make_tiff("source.tif", lines=100, pixels=32))
    image.rois.create_rect_roi(RectRoiBounds(0, 50, 0, 10), name="cap", note="left")
    image.rois.create_rect_roi(RectRoiBounds(70, 90, 4, 32), name="late")
    image.rois.create_line_roi(LineEndpoints(0, 0, 99, 31))
    return image


def geometries(image: AcqImage) -> list[tuple[int, ...]]:
    return [roi.geometry for roi in image.rois]


def test_same_size_gives_the_same_rois(source: AcqImage, make_tiff) -> None:
    target = AcqImage(make_tiff("b.tif", lines=100, pixels=32))
    (result,) = apply_template(source, [target, source])
    assert geometries(target) == geometries(source)
    assert [roi.name for roi in target.rois] == ["cap", "late", ""]
    assert target.rois.get(1).note == "left"
    assert result.file_id == target.file_id
    assert (result.created, result.clipped, result.faults) == ((1, 2, 3), (), ())
    assert target.is_dirty


def test_a_smaller_image_clips_and_reports(source: AcqImage, make_tiff) -> None:
    short = AcqImage(make_tiff("short.tif", lines=60, pixels=8))
    (result,) = apply_template(source, [short])
    assert geometries(short) == [(0, 50, 0, 8), (0, 0, 59, 7)]
    assert result.clipped == (1, 2)
    assert result.faults == ("ROI late lies outside the image.",)


def test_added_to_what_is_there_or_in_its_place(source: AcqImage, make_tiff) -> None:
    target = AcqImage(make_tiff("b.tif", lines=100))
    target.rois.create_rect_roi()
    target.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    apply_template(source, [target])
    assert target.rois.get_roi_ids() == [1, 2, 3, 4]
    assert len(target.analysis_set) == 1
    apply_template(source, [target], replace=True)
    assert target.rois.get_roi_ids() == [5, 6, 7]  # numbers are never given again
    assert len(target.analysis_set) == 0


def test_replacing_with_nothing_that_fits_deletes_nothing(make_tiff) -> None:
    source = AcqImage(make_tiff("source.tif", lines=100))
    source.rois.create_rect_roi(RectRoiBounds(80, 100, 0, 5))
    target = AcqImage(make_tiff("b.tif", lines=64))
    target.rois.create_rect_roi()
    (result,) = apply_template(source, [target], replace=True)
    assert result.faults
    assert target.rois.get_roi_ids() == [1]
