"""The sample folder: synthetic recordings of known velocity, some of them analysed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from acqcore import AcqImage, RectRoiBounds, __version__
from acqcore.model.metadata import EXPERIMENT
from acqcore.samples import DEMO, DemoRecording, write_demo

VELOCITY = "radon_velocity"
ANALYSED = 4
"""The first ones have results; the others wait for the user."""
OUT_OF_DATE = DEMO[1].filename
"""Its ROI was moved after the run."""


def sample_folder(
    cache: Path, progress: Callable[[float, str], None] = lambda fraction, text: None
) -> Path:
    """The folder with the samples, made the first time; what the user saved there stays."""
    folder = cache / f"sample recordings {__version__}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=cache))
    try:
        progress(0.05, "Making recordings")
        write_demo(making)
        for done, recording in enumerate(DEMO, start=1):
            progress(0.3 + 0.7 * done / len(DEMO), f"Recording {done} of {len(DEMO)}")
            _annotate(making, recording, recording.speed_um_per_s != 0 and done <= ANALYSED)
        making.rename(folder)
    except OSError:
        if not folder.is_dir():  # another instance may have been faster
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder


def _annotate(folder: Path, recording: DemoRecording, analyse: bool) -> None:
    """Metadata for all; ROIs and results as somebody half-way through the work has them."""
    image = AcqImage(folder / recording.filename)
    image.apply_metadata_patch(EXPERIMENT, dict(recording.metadata))
    for bounds in recording.rois:
        roi = image.rois.create_rect_roi(RectRoiBounds(*bounds))
        if analyse:
            one = image.analysis_set.create(VELOCITY, channel=0, roi_id=roi.id)
            image.analysis_set.run_analysis(one.key)
    if recording.filename == OUT_OF_DATE:
        line_start, line_stop, pixel_start, pixel_stop = recording.rois[0]
        moved = RectRoiBounds(line_start, line_stop, pixel_start + 10, pixel_stop)
        image.rois.edit_rect_roi(image.rois.get_roi_ids()[0], bounds=moved)
    if analyse:
        image.accepted = True
    image.save()
