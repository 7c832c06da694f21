"""A job on a recording that is open, with edits that nobody has saved."""

from __future__ import annotations

import pytest

from acqcore.acq_image import AcqImage
from acqcore.batch import BatchJob, Outcome, RoiRule, measure_open, preview_open
from acqcore.model.metadata import EXPERIMENT

JOB = BatchJob((("radon_velocity", {"window_width": 32}),))


@pytest.fixture
def image(make_tiff) -> AcqImage:
    opened = AcqImage(make_tiff(lines=200, pixels=16))
    opened.apply_metadata_patch(EXPERIMENT, {"note": "unsaved"})
    return opened


def never() -> bool:
    return False


def test_the_state_comes_back_and_nothing_changes(image: AcqImage, tmp_path) -> None:
    before = image.state
    assert preview_open(JOB, image).outcome is Outcome.PENDING
    outcome, after = measure_open(image, JOB, never)
    assert outcome.outcome is Outcome.OK
    assert image.state is before
    assert not list(tmp_path.glob("*.json"))
    assert after.experiment.note == "unsaved"
    assert [one.key.analysis_name for one in after.records] == ["radon_velocity"]
    image.state = after
    assert preview_open(JOB, image).outcome is Outcome.SKIPPED_DONE


def test_replacing_is_told(image: AcqImage) -> None:
    image.state = measure_open(image, JOB, never)[1]
    again = BatchJob(JOB.steps, roi=RoiRule.every(), replace=True)
    assert preview_open(again, image).replaces == 1
    assert preview_open(JOB, image).replaces == 0


def test_cancelled_and_skipped_leave_the_state(image: AcqImage) -> None:
    before = image.state
    outcome, after = measure_open(image, JOB, lambda: True)
    assert (outcome.outcome, after) == (Outcome.CANCELLED, before)
    outcome, after = measure_open(image, BatchJob(JOB.steps, channel=3), never)
    assert (outcome.outcome, after) == (Outcome.SKIPPED_MISSING_CHANNEL, before)


def test_a_recording_in_memory(image: AcqImage) -> None:
    pixels = image.images.read_plane(0)
    made = AcqImage.from_array(pixels, axes="YX", source_id="made", step_y=0.002, step_x=0.25)
    outcome, after = measure_open(made, JOB, never)
    assert outcome.outcome is Outcome.OK
    assert len(after.records) == 1
