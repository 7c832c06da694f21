"""Measure one recording and export numbers, picture and where the numbers are from.

python export_results.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from make_recordings import make_recordings

from acqcore import AcqImage
from acqcore.export import export_csv, export_provenance, export_tiff

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
image = AcqImage(make_recordings(folder)[0])
roi = image.rois.create_rect_roi(name="Vessel")
velocity = image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id)
image.analysis_set.run_analysis(velocity.key)

target = folder / "exported"
target.mkdir(exist_ok=True)
export_csv(image, target / "velocity.csv", analysis_name="radon_velocity", overwrite=True)
export_tiff(image, target / "channel_1.tif", channel=0, overwrite=True)
export_provenance(image, target / "provenance.json", overwrite=True)
for path in sorted(target.iterdir()):
    print(f"{path.name}: {path.stat().st_size} bytes")
