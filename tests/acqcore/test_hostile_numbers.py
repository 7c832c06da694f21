"""Numbers that JSON allows and no recording has: told, kept, and never the end of saving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.errors import CannotRun, InvalidParameter, NoSuchChannel, SaveFailed
from acqcore.model.contrast import (
    BEYOND,
    ImageContrast,
    contrast_clip_min_max,
    contrast_from_plane,
)
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.run import run

KEY = AnalysisKey("radon_velocity", 0, 1)
DIGITS = 10**4299  # the longest whole number that Python reads from JSON


@pytest.fixture
def path(make_tiff) -> Path:
    image = AcqImage(make_tiff(lines=64))
    image.rois.create_rect_roi()
    image.set_image_contrast(0, ImageContrast("Gray", 1, 2, 0, 3))
    table = ResultTable({"time_s": np.arange(3.0), "velocity": np.ones(3)})
    ran = Provenance({"window_width": 64}, (0, 64, 0, 32), (0.002, 0.25))
    record = AnalysisRecord(KEY, {"window_width": 64}, {"velocity_mean": 1.0}, table, ran)
    image.state = image.state.with_record(record)
    image.save()
    return Path(image.path)


def stored_with(path: Path, place: tuple[Any, ...], value: Any) -> AcqImage:
    """Reopen with one value of the sidecar replaced."""
    sidecar = path.with_name(f"{path.name}.json")
    document = json.loads(sidecar.read_text())
    node = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    sidecar.write_text(json.dumps(document))
    return AcqImage(path)


RUN = ("cloudscope", "records", 0, "provenance")
FAULTS: list[tuple[tuple[Any, ...], Any]] = [
    (("rois", 0, "roi_id"), DIGITS),
    (("rois", 0, "roi_id"), 2**31),
    (("rois", 0, "data", "row_stop"), DIGITS),
    (("rois", 0, "data", "col_start"), -(10**30)),
    (("analysis", 0, "channel"), 2**40),
    (("analysis", 0, "channel"), -1),
    (("analysis", 0, "roi_id"), DIGITS),
    (("cloudscope", "next_roi_id"), DIGITS),
    (("image_contrast", "0", "value_max"), 10**300),
    (("image_contrast", "0", "img_min"), -DIGITS),
    (("cloudscope", "calibration"), {"step_y": 5e-324, "step_x": 1, "label_y": "s", "label_x": ""}),
    (("cloudscope", "calibration"), {"step_y": 1, "step_x": 1e300, "label_y": "s", "label_x": ""}),
    ((*RUN, "steps"), [0, 1]),
    ((*RUN, "geometry"), [DIGITS] * 4),
    ((*RUN, "parameters", "window_width"), "wide"),
    (("analysis", 0, "detection_params", "window_width"), "64"),
    (("analysis", 0, "detection_params", "window_width"), DIGITS),
    (("analysis", 0, "detection_params", "window_width"), [1]),
    (("analysis", 0, "detection_params", "estimator"), "of the future"),
]


@pytest.mark.parametrize(("place", "value"), FAULTS, ids=lambda one: str(one)[:60])
def test_told_kept_and_saved(path: Path, place: tuple[Any, ...], value: Any) -> None:
    image = stored_with(path, place, value)
    assert image.problems
    assert not image.is_dirty
    assert all(len(str(one)) < 400 for one in image.problems)
    image.rois.create_rect_roi()
    image.apply_metadata_patch("experiment_metadata", {"note": "edited"})
    image.save()
    document = json.loads(Path(image.get_sidecar_json_path()).read_text())
    kept = json.dumps(document["cloudscope"]["kept"], sort_keys=True)
    assert json.dumps(value, sort_keys=True) in kept
    again = AcqImage(path)
    assert again.state == image.state
    # A contrast that was not understood stays where it was, too.
    assert again.problems == () or place[0] == "image_contrast"


def test_a_faulty_parameter_makes_room_for_the_default(path: Path) -> None:
    image = stored_with(path, ("analysis", 0, "detection_params", "window_width"), "64")
    assert image.analysis_set.get_required(KEY).detection_params["window_width"] == 64
    assert "radon_velocity (channel 0, ROI 1), window_width" in str(image.problems[0])


def test_what_a_newer_version_asks_for_is_a_sentence(path: Path) -> None:
    image = stored_with(path, ("analysis", 0, "detection_params", "later"), 3)
    assert image.problems == ()
    with pytest.raises(InvalidParameter, match="later"):
        run(image.source(), KEY, image.analysis_set.get_required(KEY).record.parameters)


def test_a_record_of_a_channel_that_is_not_there(path: Path) -> None:
    image = stored_with(path, ("analysis", 0, "channel"), 7)
    with pytest.raises(NoSuchChannel, match="no channel 7") as told:
        run(image.source(), AnalysisKey("radon_velocity", 7, 1), {})
    assert isinstance(told.value, CannotRun)
    assert isinstance(told.value, IndexError)


def test_many_keys_given_twice_are_read_at_once(path: Path) -> None:
    pairs = ", ".join(f'"{number}": 0' for number in range(40_000))
    text = f'{{"version": 2, "theirs": {{{pairs}, "7": 1}}}}'
    path.with_name(f"{path.name}.json").write_text(text)
    assert any("more than once" in str(one) for one in AcqImage(path).problems)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", 10 * DIGITS], ids=["set", "bytes", "digits"])
def test_a_summary_that_json_cannot_hold_fails_the_save(path: Path, value: Any) -> None:
    image, before = AcqImage(path), path.with_name(f"{path.name}.json").read_bytes()
    record = AnalysisRecord(KEY, {}, {"odd": value})
    image.state = image.state.with_record(record)
    with pytest.raises(SaveFailed, match="cannot be stored"):
        image.save()
    assert image.is_dirty
    assert path.with_name(f"{path.name}.json").read_bytes() == before


def test_parameters_and_metadata_refuse_what_no_float_holds(path: Path) -> None:
    with pytest.raises(InvalidParameter, match="Enter a number"):
        analysis("radon_velocity").parse({"window_width": 10**400})
    image = AcqImage(path)
    for section, patch in (
        ("experiment_metadata", {"depth": 10**400}),
        ("acq_image_header", {"physical_unit_x": 1e-320}),
        ("acq_image_header", {"physical_unit_y": 1e300}),
    ):
        with pytest.raises(ValueError, match="must be"):
            image.apply_metadata_patch(section, patch)
    assert not image.is_dirty


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_marks_of_missing_data_do_not_set_the_contrast(dtype: type) -> None:
    plane = np.linspace(1, 2, 1000, dtype=dtype).reshape(100, 10)
    plane[::7, 0], plane[3::7, 0], plane[5::7, 0] = np.finfo(dtype).max, -np.inf, np.nan
    low, high = contrast_clip_min_max(plane, 0, 100)
    assert 1 <= low < high <= 2
    seeded = contrast_from_plane(plane, "Gray", 1, 99)
    assert 1 <= seeded.img_min < seeded.img_max <= 2
    assert contrast_clip_min_max(np.full((3, 3), np.inf)) == (0.0, 1.0)
    assert seeded.with_limits(-1e300, 1e300).value_max == BEYOND
