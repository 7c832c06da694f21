"""What a batch that was killed left behind, removed by the batch that resumes it.

Every save is all or nothing, but a process that dies in the middle of one leaves parts: a
CSV whose sidecar was not written any more, the spare of a replaced file, a temporary file.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.storage.atomic import read_if_there, real_path, spares
from acqcore.storage.folder_lock import folder_lock
from acqcore.storage.on_disk import csv_path, sidecar_path
from acqcore.storage.tables import by_analysis, csv_content

_TEMPORARY = ".cs-*.tmp"
"""Names of the files that `acqcore.storage.atomic` writes before it replaces."""


def drop_same_csvs(image: AcqImage) -> None:
    """Remove CSVs that hold, byte for byte, what is about to be saved, unknown to the sidecar.

    The save that wrote them did not get as far as the sidecar; to the next one they would
    look like another program's.
    """
    if not image.images.in_memory:
        known = image.stored.on_disk.csv_files
        for name, records in by_analysis(image.state.records).items():
            path = csv_path(Path(image.path), name)
            csv = known.get(name)
            content = read_if_there(path) if csv is None or csv.fault else None
            if content is not None and content == csv_content(records, []):
                path.unlink()


def drop_spares(image: AcqImage) -> None:
    """Remove old versions beside a recording whose files are whole: nobody will want them."""
    path = Path(image.path)
    files = [sidecar_path(path), *(csv.path for csv in image.stored.on_disk.csv_files.values())]
    left = [spare for file in files for spare in spares(file)]
    if left and not image.problems:
        with suppress(OSError), folder_lock(real_path(files[0]).parent):
            for spare in left:
                spare.unlink(missing_ok=True)


def sweep(folders: Iterable[Path], began: float) -> None:
    """Remove temporary files older than this batch; nobody saves while the folder is held."""
    for folder in set(folders):
        with suppress(OSError):
            left = [one for one in folder.glob(_TEMPORARY) if one.stat().st_mtime < began]
            if left:
                with folder_lock(folder):
                    for one in left:
                        one.unlink(missing_ok=True)
