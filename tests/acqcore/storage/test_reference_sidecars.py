"""Sidecars of the reference program: wrong calibration not believed, velocities put right."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage

NAMES = {"20251030_A106_0002.oir": 1, "20251030_A106_0003.oir": 2}


@pytest.fixture(params=NAMES)
def opened(request, shared: Path, tmp_path: Path) -> AcqImage:
    name = request.param
    for file in (shared / "data" / "reference_sidecars").glob(f"{name}*"):
        shutil.copy(file, tmp_path)
    rows, columns = 30000, 22 if name.endswith("3.oir") else 24
    # A TIFF under the recording's name: content decides, not the suffix.
    tifffile.imwrite(tmp_path / name, np.zeros((rows, columns), np.uint16))
    (tmp_path / name).with_suffix(".txt").write_text(
        f'"X Dimension"\t"{columns}, 0.0 - {columns * 0.274:.3f} [um], 0.274 [um/pixel]"\r\n'
        '"T Dimension"\t"1, 0.000 - 34.260 [s], Interval FreeRun"\r\n'
        f'"Image Size"\t"{columns} * {rows} [pixel]"\r\n'
    )
    return AcqImage(tmp_path / name)


def test_everything_known_is_loaded_clean(opened: AcqImage) -> None:
    assert not opened.is_dirty
    assert len(opened.rois) >= 1
    names = [one.key.analysis_name for one in opened.analysis_set]
    assert "radon_velocity" in names
    # Tables of diameter are named but absent in that folder.
    for one in opened.analysis_set:
        assert one.has_table == (one.key.analysis_name == "radon_velocity")


def test_calibration_under_bare_axis_letters_is_not_believed(opened: AcqImage) -> None:
    assert opened.calibration.source == "Olympus text file"
    assert opened.calibration.step_x == pytest.approx(0.274)


def test_inverted_velocities_are_recomputed_and_said_so(opened: AcqImage) -> None:
    radon = next(one for one in opened.analysis_set if one.key.analysis_name == "radon_velocity")
    theta, velocity = radon.get_column("theta_deg"), radon.get_column("velocity")
    good = np.isfinite(velocity)
    expected = 0.274 / (34.26 / 30000) * np.tan(np.deg2rad(theta[good]))
    np.testing.assert_allclose(velocity[good], expected, rtol=1e-9)
    assert "recomputed" in radon.record.provenance.note
    assert radon.record.parameters["estimator"] == "classic"
    median = radon.result.summary["velocity_median"]
    assert median == pytest.approx(np.nanmedian(velocity), rel=0.05)
    assert not radon.is_stale


def test_file_changes_only_with_a_save_which_keeps_everything(opened: AcqImage) -> None:
    csv = Path(f"{opened.path}.radon_velocity.csv")
    before = csv.read_bytes()
    opened.accepted = False
    assert csv.read_bytes() == before
    opened.save()
    assert csv.read_bytes() != before
    again = AcqImage(opened.path)
    assert again.problems == ()
    assert again.state == opened.state
