"""Measure blood velocity in every recording of a folder and save the results beside them.

python measure_all.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from make_recordings import make_recordings

from acqcore import AcqImageList
from acqcore.errors import CannotRun

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
make_recordings(folder)

images = AcqImageList(folder)
for image in images:
    roi_id = image.get_default_roi() or image.rois.create_rect_roi().id  # else the whole picture
    velocity = image.analysis_set.get_or_create(
        "radon_velocity", channel=0, roi_id=roi_id, detection_params={"window_width": 32}
    )
    try:
        image.analysis_set.run_analysis(velocity.key)
    except CannotRun as error:  # too few lines, for example
        print(f"{image.name}: {error}")
        continue
    found = velocity.result.summary
    print(
        f"{image.name}: {found['velocity_mean']:.0f} um/s in {found['num_windows']} windows, "
        f"{found['num_flagged']} of them flagged"
    )

for failed in images.save_all().failed:
    print(f"{failed.file_id} was not saved: {failed.message}")
