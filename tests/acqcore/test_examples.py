"""The examples run as they stand, alone and without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"

# What each must print and leave in its folder.
EXPECTED = {
    "make_recordings.py": ("drug_cap01.tif", ["m15/ctrl_cap01.tif"]),
    "list_a_folder.py": ("200 lines of 1 ms, 48 pixels of 0.5 um", []),
    "measure_all.py": (" um/s in 22 windows", ["m12/drug_cap01.tif.radon_velocity.csv"]),
    "pool_by_condition.py": ("n_animals", ["velocity.csv", "windows.csv", "by_condition.csv"]),
    "copy_rois.py": ("1 ROI, 0 clipped", ["m15/ctrl_cap01.tif.json"]),
    "export_results.py": ("velocity.csv", ["exported/channel_1.tif", "exported/provenance.json"]),
    "from_array.py": ("median error of a window", []),
}


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_example(name: str, tmp_path: Path) -> None:
    printed, left = EXPECTED[name]
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, tmp_path],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert printed in done.stdout
    for path in left:
        assert (tmp_path / path).stat().st_size > 0
