"""The recordings that a command names, and what to say when one is not well."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from acqcore import AcqImage
from acqcore.acq_image_list import DEFAULT_DEPTH, LoadWarning, find_recordings
from acqcore.errors import AcqError


def open_recordings(paths: Sequence[Path]) -> Iterator[AcqImage | LoadWarning]:
    """Recordings in and below the paths, one open at a time, and those that do not open."""
    for found in find_recordings(paths, DEFAULT_DEPTH):
        if isinstance(found, LoadWarning):
            yield found
            continue
        try:
            yield AcqImage(found)
        except (AcqError, OSError) as error:
            yield LoadWarning(str(error), str(found))


def tell_failure(path: str, message: str, as_json: bool) -> None:
    """One failure, for people or for programs."""
    if as_json:
        print(json.dumps({"path": path, "error": message}))
    else:
        print(message, file=sys.stderr)
