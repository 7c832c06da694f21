"""One table over all recordings, and means per condition in which every animal counts once.

python pool_by_condition.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from make_recordings import make_recordings

from acqcore import AcqImageList
from acqcore.pool import Pool

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
make_recordings(folder)

images = AcqImageList(folder)
for image in images:
    condition = image.name.partition("_")[0]
    image.apply_metadata_patch("experiment_metadata", {"condition": condition})
    if not len(image.analysis_set):
        roi = image.rois.create_rect_roi()
        velocity = image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id)
        image.analysis_set.run_analysis(velocity.key)

# The folder of a file is its animal here; it can also be a pattern in the name, such as
# re.compile(r"_(m\d+)_"), or the name of a metadata field.
pool = Pool(images, animal="parent")
for one in pool.left_out:
    print(f"left out: {one.file_id}: {one.why}")

pool.to_csv(folder / "velocity.csv", overwrite=True)  # one row per file, channel and ROI
pool.to_csv(folder / "windows.csv", "radon_velocity", overwrite=True)  # one row per window

table = pool.summary("velocity", by="condition", unit="animal")
table.to_csv(folder / "by_condition.csv", index=False)
shown = ["condition", "mean", "sem", "value_unit", "n_animals", "n_files", "n_rois", "n_windows"]
print(table[shown].round(1).to_string(index=False))
