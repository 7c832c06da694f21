"""The sample recordings read back, calibrated, with the truth they were made from."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.loaders import open_loader
from acqcore.model.header import Calibration
from acqcore.model.metadata import ExperimentMetadata
from acqcore.samples import DEMO, write_demo


def test_the_demo_reads_back_with_its_truth(tmp_path):
    paths = write_demo(tmp_path)
    assert [path.name for path in paths] == [recording.filename for recording in DEMO]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 30e6
    for path, recording in zip(paths, DEMO, strict=True):
        header = open_loader(path).header
        assert header.size("Y") == recording.lines
        assert header.num_channels == len(recording.channel_names)
        assert header.channel_names == recording.channel_names
        assert header.calibration.steps == pytest.approx(
            (recording.seconds_per_line, recording.um_per_pixel)
        )
        assert header.calibration.labels == ("seconds", "um")
        ExperimentMetadata().patched(recording.metadata)
        for line_start, line_stop, pixel_start, pixel_stop in recording.rois:
            assert 0 <= line_start < line_stop <= recording.lines
            assert 0 <= pixel_start < pixel_stop <= recording.pixels


def test_one_sample_has_a_reference_image_with_the_line(tmp_path):
    paths = write_demo(tmp_path)
    loaders = [open_loader(path) for path in paths]
    assert [loader.has_reference_image for loader in loaders] == [False] * 7 + [True]
    found, recording = loaders[-1].reference_image, DEMO[-1]
    np.testing.assert_array_equal(loaders[-1].read_plane(0), recording.planes(7)[0])
    x, y = np.diff(found.scan_path) * found.step_x
    assert np.hypot(x, y).sum() == pytest.approx(recording.pixels * recording.um_per_pixel, 1e-3)
    # It runs along the middle of the brightest vessel.
    columns, rows = found.scan_path.astype(int)
    picture = found.get_plane().array
    assert np.median(picture[rows, columns]) > np.percentile(picture, 95)


@pytest.mark.parametrize(
    "number", [n for n, recording in enumerate(DEMO) if recording.speed_um_per_s]
)
def test_the_demo_moves_as_it_says(number):
    recording = DEMO[number]
    pixels = recording.planes(number)[0]
    steps = Calibration(recording.seconds_per_line, recording.um_per_pixel, "seconds", "um", "user")
    velocity = analysis("radon_velocity")
    result = velocity.run(Inputs(pixels, steps), velocity.parse({"window_width": 32}), RunContext())
    truth = recording.velocity_um_per_s()
    lines = result.table["time_index"].astype(int)
    means = np.array([truth[line - 16 : line + 16].mean() for line in lines])
    good = result.table["flag"] == ""
    assert good.mean() > 0.95
    error = np.abs(result.table["velocity"] - means)[good]
    assert np.median(error) < 0.03 * abs(recording.speed_um_per_s)
