"""A result that was computed from another one is out of date when that one changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from acqcore.model.record import AnalysisKey

VELOCITY, EVENT = (AnalysisKey(name, 0, 1) for name in ("radon_velocity", "event"))


@pytest.fixture
def image(make_tiff) -> AcqImage:
    opened = AcqImage(make_tiff(lines=2000))
    opened.rois.create_rect_roi()
    for key in (VELOCITY, EVENT):
        opened.analysis_set.create(key.analysis_name, channel=0, roi_id=1)
        opened.analysis_set.run_analysis(key)
    return opened


def test_an_equal_run_of_the_parent_changes_nothing(image: AcqImage) -> None:
    image.analysis_set.run_analysis(VELOCITY)
    assert image.analysis_set.stale_reason(EVENT) == ""


def test_another_run_of_the_parent_makes_it_out_of_date(image: AcqImage) -> None:
    before = image.state
    image.analysis_set.set_parameters(VELOCITY, {"window_width": 32})
    image.analysis_set.run_analysis(VELOCITY)
    reason = image.analysis_set.stale_reason(EVENT)
    assert reason == "The radon velocity result changed since this run"
    image.analysis_set.run_analysis(EVENT)
    assert image.analysis_set.stale_reason(EVENT) == ""
    image.state = before  # undone
    assert image.analysis_set.stale_reason(EVENT) == ""


def test_it_is_known_after_saving_and_loading(image: AcqImage) -> None:
    image.save()
    again = AcqImage(Path(image.path))
    assert again.analysis_set.stale_reason(EVENT) == ""
    again.analysis_set.set_parameters(VELOCITY, {"window_width": 32})
    again.analysis_set.run_analysis(VELOCITY)
    assert again.analysis_set.stale_reason(EVENT)


def test_a_deleted_parent_is_said(image: AcqImage) -> None:
    image.state = image.state.without_record(VELOCITY)
    assert "deleted" in image.analysis_set.stale_reason(EVENT)
