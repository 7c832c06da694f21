"""Open a folder and say what is in it; a bad file is a sentence, not the end.

python list_a_folder.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from make_recordings import make_recordings

from acqcore import AcqImageList

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
make_recordings(folder)
(folder / "broken.tif").write_bytes(b"no picture")

opened = AcqImageList.load_safe(folder)
for image in opened.acq_image_list:
    line_s, pixel_um = image.get_image_physical_units()
    print(
        f"{image.name}: {image.header.size('Y')} lines of {line_s * 1000:g} ms, "
        f"{image.header.size('X')} pixels of {pixel_um:g} um "
        f"(from {image.calibration.source}), {image.header.num_channels} channel"
    )
for warning in opened.warnings:
    print(f"left out: {warning.message}")
