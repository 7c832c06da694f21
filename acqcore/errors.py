"""Everything that can go wrong for reasons outside the program.

AcqError
├── UnsupportedFormat  no loader knows this kind of file (also a ValueError)
├── UnreadableFile     the pixels or header cannot be decoded
├── SidecarError       the JSON or CSV next to an image is damaged or too new
├── SidecarConflict    another program changed the sidecar since it was loaded
├── SaveFailed         nothing was written; the old files are intact
│   └── NowhereToSave  the recording is in memory only (also a RuntimeError)
├── InvalidROI         a region is empty or lies outside its plane (also a ValueError)
├── InvalidParameter   an analysis parameter is out of range (also a ValueError)
├── CannotRun          the analysis has no answer on this region
│   ├── MissingDependency  it needs another result first (also a ValueError)
│   └── NoSuchChannel  the recording has no channel of that number (also an IndexError)
├── CannotPool         numbers that do not belong into one average (also a ValueError)
└── Cancelled          the user stopped a run

A bug is never an AcqError: let it reach the crash dialog with its traceback.
"""

from __future__ import annotations

from pathlib import Path


class AcqError(Exception):
    """Base class; `str(error)` is one sentence fit for the message bar."""


class UnsupportedFormat(AcqError, ValueError):
    """No loader reads this kind of file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"Cannot open {path.name}: this file format is not supported.")
        self.path = path


class UnreadableFile(AcqError):
    """The file exists but its pixels or header cannot be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"Cannot read {path.name}: {why.rstrip('.')}.")
        self.path = path
        self.why = why


class SidecarError(AcqError):
    """What is stored next to an image is damaged or too new to be understood."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why.rstrip('.')}.")
        self.path = path


class SidecarConflict(AcqError):
    """Another program changed the sidecar since it was loaded; nothing was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} was changed by another program since it was loaded, "
            "so nothing was written."
        )
        self.path = path


class SaveFailed(AcqError):
    """Nothing was written and the files on disk are as they were."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"Could not save {path.name}: {why.rstrip('.')}.")
        self.path = path


class NowhereToSave(SaveFailed, RuntimeError):
    """A recording that came as an array or a stream has no sidecar."""

    def __init__(self, name: Path) -> None:
        super().__init__(name, "it is in memory only; save a copy into a folder instead")


class InvalidROI(AcqError, ValueError):
    """A region encloses no pixels of its plane."""


class InvalidParameter(AcqError, ValueError):
    """A parameter is outside the range that the analysis accepts."""


class CannotRun(AcqError):
    """The analysis has no answer here: too few lines, a missing calibration ..."""


class MissingDependency(CannotRun, ValueError):
    """The analysis needs a result of another one on the same channel and ROI."""


class NoSuchChannel(CannotRun, IndexError):
    """The recording has no channel of that number."""


class CannotPool(AcqError, ValueError):
    """The numbers asked for do not belong into one average, or are not there."""


class Cancelled(AcqError):
    """The user stopped a run; what was there before is untouched."""
