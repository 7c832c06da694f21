"""What the disk holds of one image: the saved state, its files and their problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from acqcore._version import __version__
from acqcore.errors import NowhereToSave, SidecarError
from acqcore.foreign import mended, without_faulty_parameters
from acqcore.model.header import ImageHeader
from acqcore.model.record import AnalysisKey
from acqcore.model.state import AcqState
from acqcore.storage import sidecar
from acqcore.storage.parsing import Problem
from acqcore.storage.reading import keeping

WRITER = f"CloudScope {__version__}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A frozen account of the sidecar, replaced by each load and save.

    Attributes:
        state: What reading the files again would give.
        on_disk: The files, for conflict checks and to keep what nobody understood.
        problems: What was not understood.
        has_place: False for a recording in memory: there is no sidecar and never will be.
    """

    state: AcqState
    on_disk: sidecar.OnDisk
    problems: tuple[Problem, ...] = ()
    has_place: bool = True

    @classmethod
    def nothing(cls) -> Stored:
        """Of a recording in memory."""
        return cls(AcqState(), sidecar.OnDisk(), has_place=False)

    def sidecar_of(self, image: Path) -> Path:
        """Where the sidecar of the image is or will be; `NowhereToSave`."""
        if not self.has_place:
            raise NowhereToSave(image)
        return sidecar.sidecar_path(image)

    def read_again(self, image: Path, header: ImageHeader) -> Stored:
        """What the files hold by now; `NowhereToSave`."""
        self.sidecar_of(image)
        return self.read(image, header)

    @classmethod
    def read(cls, image: Path, header: ImageHeader) -> Stored:
        """Load the sidecar; never raises for a bad one."""
        loaded = sidecar.read(image, header)
        state, faults = loaded.state, {}
        for key in sorted(loaded.foreign):
            try:
                state = mended(state, key, state.calibration or header.calibration)
            except (ValueError, TypeError) as error:
                path = sidecar.csv_path(image, key.analysis_name)
                faults[key] = SidecarError(path, str(error))
        stored = cls(state, loaded.on_disk, loaded.problems)._without_faulty_parameters(image)
        return stored.without_tables(faults) if faults else stored

    def _without_faulty_parameters(self, image: Path) -> Stored:
        """Go on without values that no run could use; they are told and kept."""
        state = self.state
        kept: dict[str, Any] = {}
        for record in self.state.records:
            sound, faulty = without_faulty_parameters(record)
            if faulty:
                state = state.with_record(sound)
                key = record.key
                where = f"{key.analysis_name} (channel {key.channel}, ROI {key.roi_id})"
                kept |= {f"{where}, {name}": value for name, value in faulty.items()}
        if not kept:
            return self
        name = sidecar.sidecar_path(image).name
        why = "not a value of this parameter; the default stands in its place"
        told = tuple(Problem(f"{name}, {place}", why) for place in kept)
        on_disk = replace(self.on_disk, document=keeping(self.on_disk.document, kept))
        return Stored(state, on_disk, self.problems + told)

    def write(
        self, image: Path, header: ImageHeader, state: AcqState, *, overwrite: bool
    ) -> Stored:
        """Write a state; gives the new account. `SaveFailed`, `SidecarConflict`."""
        self.sidecar_of(image)
        on_disk = sidecar.write(
            image, header, state, self.on_disk, writer=WRITER, overwrite=overwrite
        )
        return Stored(state, on_disk)

    def without_tables(self, faults: Mapping[AnalysisKey, SidecarError]) -> Stored:
        """Go on without tables that cannot be read; their files are left alone."""
        names = {key.analysis_name for key in faults}
        on_disk = replace(
            self.on_disk,
            tables={k: v for k, v in self.on_disk.tables.items() if k not in faults},
            csv_files={k: v for k, v in self.on_disk.csv_files.items() if k not in names},
        )
        told = {str(one): one for one in faults.values()}.values()
        added = (Problem(one.path.name, str(one).partition(": ")[2].rstrip(".")) for one in told)
        fresh = tuple(one for one in added if one not in self.problems)
        return Stored(self.state.without_tables(faults), on_disk, self.problems + fresh)


def unreadable_tables(state: AcqState) -> dict[AnalysisKey, SidecarError]:
    """Read all tables now; gives those that are not what was saved."""
    faults = {}
    for record in state.records:
        try:
            _ = record.table and record.table.columns
        except SidecarError as error:
            faults[record.key] = error
    return faults


def write_copy(image: Path, header: ImageHeader, state: AcqState, known: sidecar.OnDisk) -> None:
    """Write a state where nothing of this image is yet, with what `known` keeps of others."""
    records = tuple(one.detached() for one in state.records)
    nothing = sidecar.OnDisk(document=known.document)
    sidecar.write(image, header, replace(state, records=records), nothing, writer=WRITER)
