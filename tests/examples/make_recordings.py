"""Make calibrated TIFFs of known velocity: two animals, two conditions.

python make_recordings.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import tifffile

from acqcore.synthetic import red_cells

SECONDS_PER_LINE, UM_PER_PIXEL = 0.001, 0.5
RECORDINGS = {  # folder of the animal, name, velocity in um/s
    ("m12", "ctrl_cap01.tif"): 600.0,
    ("m12", "drug_cap01.tif"): 900.0,
    ("m15", "ctrl_cap01.tif"): 500.0,
}


def write_kymograph(path: Path, pixels: np.ndarray) -> None:
    """A TIFF of (line, pixel) with the line time and pixel size where ImageJ keeps them."""
    tifffile.imwrite(
        path,
        pixels,
        imagej=True,
        resolution=(1 / UM_PER_PIXEL, 1 / SECONDS_PER_LINE),
        metadata={"axes": "YX", "unit": "um", "yunit": "s"},
    )


def make_recordings(folder: Path) -> list[Path]:
    """Write the recordings that are not there yet; gives their paths."""
    paths = []
    for seed, ((animal, name), velocity) in enumerate(RECORDINGS.items()):
        path = folder / animal / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            slope = velocity * SECONDS_PER_LINE / UM_PER_PIXEL  # pixels per line
            write_kymograph(path, red_cells(200, 48, slope, seed=seed).pixels)
        paths.append(path)
    return paths


if __name__ == "__main__":
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    for made in make_recordings(chosen):
        print(made)
