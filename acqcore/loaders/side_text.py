"""The calibration in an Olympus text file, wherever it lies."""

from __future__ import annotations

from pathlib import Path

from acqcore.errors import UnreadableFile
from acqcore.loaders._olympus_txt import IncompleteText, read_text
from acqcore.model.header import Calibration, calibration


def calibration_in(path: Path) -> Calibration:
    """What the text says of line time and pixel size; `UnreadableFile` when it says nothing."""
    try:
        found = read_text(path)
    except IncompleteText as error:
        raise UnreadableFile(path, str(error)) from error
    if found is None:
        raise UnreadableFile(path, "it is no text of an Olympus microscope")
    return calibration(found.step_y, found.label_y, found.um_per_pixel, "um", path.name)
