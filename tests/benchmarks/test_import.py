"""Importing the core is cheap: a script or a worker process starts at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
HEAVY = (
    "PySide6", "PyQt6", "pyqtgraph", "pandas", "scipy", "pyarrow", "tifffile", "imagecodecs",
    "czifile", "pylibCZIrw", "oirfile", "nd2", "zarr",
)  # fmt: skip
IMPORT = (
    "from time import perf_counter, process_time; wall, cpu = perf_counter(), process_time(); "
    "import acqcore; wall, cpu = perf_counter() - wall, process_time() - cpu; import sys; "
    f"print(wall, cpu, *sorted(set({HEAVY!r}) & sys.modules.keys()))"
)


def test_import_is_light_and_fast() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", IMPORT], capture_output=True, text=True, cwd=ROOT, check=True
        ).stdout.split()
        for _ in range(5)
    ]
    wall, cpu = (median(float(run[place]) for run in runs) for place in (0, 1))
    print(f"import acqcore: {wall * 1e3:.0f} ms, {cpu * 1e3:.0f} ms of processor, medians of 5")
    assert [run[2:] for run in runs] == [[]] * 5
    # On a computer that is busy with something else, only the processor time is ours.
    assert min(wall, cpu) < 0.3
