"""Draw a ROI in one recording and copy it to the others.

python copy_rois.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from make_recordings import make_recordings

from acqcore import AcqImageList, RectRoiBounds
from acqcore.roi_templates import apply_template

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
make_recordings(folder)

first, *others = AcqImageList(folder)
first.rois.clear()
first.rois.create_rect_roi(RectRoiBounds(20, 180, 8, 40), "Vessel")  # lines, then pixels

for result in apply_template(first, others, replace=True):
    print(f"{Path(result.file_id).name}: {len(result.created)} ROI, {len(result.clipped)} clipped")
    for fault in result.faults:
        print(f"  {fault}")
for image in (first, *others):
    image.save()
