"""`AcqImage`: one acquisition file, as recorded, with what was added to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from acqcore.analysis_set import AcqAnalysisSet
from acqcore.errors import SidecarError
from acqcore.loaders import open_loader
from acqcore.loaders.base import Loader
from acqcore.model.contrast import ImageContrast, contrast_from_plane
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import (
    EXPERIMENT,
    MetadataSection,
    experiment_section,
    header_section,
    patched_calibration,
)
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import ImageBounds
from acqcore.model.schema import SchemaDefinition
from acqcore.model.state import AcqState, Review
from acqcore.model.tree_rows import analysis_row, file_list_schema, file_row
from acqcore.roi_set import RoiSet
from acqcore.run import Source
from acqcore.storage.parsing import Problem
from acqcore.storage.sidecar import sidecar_path
from acqcore.stored import Stored, write_copy


class AcqImage:
    """Loader, state and saved state of one file.

    Opening reads the header and the sidecar, never a pixel, and runs nothing. Edits
    replace `state`; `save` makes it the saved one. A damaged sidecar does not stop the
    image from opening: see `problems`.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a recording.

        Raises `UnsupportedFormat` (a ValueError) for an unknown kind of file and
        `UnreadableFile` when the header cannot be decoded.
        """
        self._path = Path(path).expanduser().resolve()
        self._loader = open_loader(self._path)
        self._seeded: dict[int, ImageContrast] = {}
        self.load_sidecar_json()
        bounds = ImageBounds(max(self.header.size("X"), 1), max(self.header.size("Y"), 1))
        self._rois = RoiSet(bounds, lambda: self.state, self._replace, self._saved_state)
        self._analysis_set = AcqAnalysisSet(self.source, self._replace, self._saved_state)

    def _replace(self, state: AcqState) -> None:
        self.state = state

    def _saved_state(self) -> AcqState:
        return self._stored.state

    @property
    def path(self) -> str:
        """Resolved path, as text."""
        return str(self._path)

    @property
    def file_id(self) -> str:
        """Identity of the file: its resolved path."""
        return self.path

    @property
    def name(self) -> str:
        """File name for display."""
        return self._path.name

    @property
    def images(self) -> Loader:
        """The loader, which reads pixels on demand."""
        return self._loader

    @property
    def header(self) -> ImageHeader:
        """What the file says about its pixels."""
        return self._loader.header

    @property
    def calibration(self) -> Calibration:
        """The user's calibration or, without one, the file's."""
        return self.state.calibration or self.header.calibration

    @property
    def rois(self) -> RoiSet:
        """Regions, shared by all channels."""
        return self._rois

    @property
    def analysis_set(self) -> AcqAnalysisSet:
        """Analyses by name, channel and ROI."""
        return self._analysis_set

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was not understood in the sidecar."""
        return self._stored.problems

    def source(self) -> Source:
        """A frozen view of pixels and state for a run on another thread."""
        return Source(self._loader, self.state)

    @property
    def is_dirty(self) -> bool:
        """Whether there are unsaved changes."""
        return self.state != self._stored.state

    @property
    def stored(self) -> Stored:
        """What the sidecar on disk holds."""
        return self._stored

    @property
    def accepted(self) -> bool:
        """False for a rejected recording; setting it marks the file unsaved."""
        return self.state.accepted

    @accepted.setter
    def accepted(self, accepted: bool) -> None:
        if not isinstance(accepted, bool):
            raise TypeError(f"accepted must be true or false, not {accepted!r}")
        self.state = self.state.with_review(Review.ACCEPTED if accepted else Review.REJECTED)

    def get_sidecar_json_path(self) -> str:
        """`<full file name>.json`."""
        return str(sidecar_path(self._path))

    def save(self, *, overwrite: bool = False) -> None:
        """Write the sidecar and the CSVs, all or nothing; the pixels are never touched.

        Raises `SaveFailed`, or `SidecarConflict` when another program changed the files;
        `overwrite` then writes all the same and keeps the other version beside it.
        """
        self.finish_save(self.write(self.state, overwrite=overwrite))

    def save_sidecar_json(self) -> None:
        """Same as `save`: a JSON without its CSVs would be torn."""
        self.save()

    def write(self, state: AcqState, *, overwrite: bool = False) -> Stored:
        """Write a state without touching this object: for a worker thread."""
        return self._stored.write(self._path, self.header, state, overwrite=overwrite)

    def finish_save(self, stored: Stored) -> None:
        """Take over a finished `write`; edits made since then stay unsaved."""
        self._stored = stored

    def save_copy(self, folder: Path) -> None:
        """Write sidecar and CSVs of the state as it is now into another folder."""
        write_copy(folder / self.name, self.header, self.state)

    def load_sidecar_json(self) -> None:
        """Read the sidecar again and drop unsaved changes; never raises for a bad one."""
        self._stored = Stored.read(self._path, self.header)
        self.state = self._stored.state

    def unreadable_tables(self) -> dict[AnalysisKey, SidecarError]:
        """Read all tables now; gives those that are not what was saved. For a worker."""
        faults = {}
        for record in self.state.records:
            try:
                _ = record.table and record.table.columns
            except SidecarError as error:
                faults[record.key] = error
        return faults

    def drop_tables(self, faults: Mapping[AnalysisKey, SidecarError]) -> None:
        """Go on without tables that cannot be read; their files are left alone."""
        self.state = self.state.without_tables(faults)
        self._stored = self._stored.without_tables(faults)

    def get_image_contrast(self, channel: int) -> ImageContrast | None:
        """What the user chose or what was seeded, or None."""
        return self.state.contrasts.get(channel) or self._seeded.get(channel)

    def set_image_contrast(self, channel: int, contrast: ImageContrast) -> None:
        """Store a contrast; marks the file unsaved."""
        self.state = self.state.with_contrast(channel, contrast.copy())

    def ensure_image_contrast_from_plane(
        self,
        channel: int,
        plane: NDArray[Any],
        *,
        default_color_lut: str,
        percentile_low: float,
        percentile_high: float,
    ) -> ImageContrast:
        """The contrast that is there, or one made from the plane's percentiles.

        Seeding is not an edit. ValueError for a plane without pixels.
        """
        known = self.get_image_contrast(channel)
        if known is None:
            known = contrast_from_plane(plane, default_color_lut, percentile_low, percentile_high)
            self._seeded[channel] = known
        return known

    def get_metadata_sections(self) -> tuple[MetadataSection, ...]:
        """Experiment and header sections."""
        return (
            experiment_section(
                lambda: self.state.experiment,
                lambda: self._stored.state.experiment,
                self.apply_metadata_patch,
            ),
            header_section(
                self.header,
                lambda: self.state.calibration,
                lambda: self._stored.state.calibration,
                self.apply_metadata_patch,
            ),
        )

    def get_metadata_section(self, section_id: str) -> MetadataSection:
        """The section of that id; ValueError when there is none."""
        for section in self.get_metadata_sections():
            if section.metadata_section_id == section_id:
                return section
        raise ValueError(f"there is no metadata section {section_id!r}")

    def apply_metadata_patch(self, section_id: str, patch: Mapping[str, Any]) -> None:
        """Change values of a section, all or none; ValueError for an unknown id."""
        self.state = self.patched(section_id, patch)

    def patched(self, section_id: str, patch: Mapping[str, Any]) -> AcqState:
        """The state that a metadata patch would give; see `apply_metadata_patch`."""
        section = self.get_metadata_section(section_id)
        if section.metadata_section_id == EXPERIMENT:
            return self.state.with_experiment(patch)
        steps = patched_calibration(self.calibration, dict(patch))
        same = (steps.steps, steps.labels) == (self.calibration.steps, self.calibration.labels)
        return self.state if same else self.state.with_calibration(steps)

    def get_schema(self) -> SchemaDefinition:
        """Schema of the file list."""
        return file_list_schema()

    def get_schema_row(self) -> dict[str, Any]:
        """Values of the file list's columns."""
        parent, grandparent = parent_grandparent_folder_names(self.path)
        return {
            "name": self.name,
            "saved": not self.is_dirty,
            "path": self.path,
            "parent": parent,
            "grandparent": grandparent,
            "condition": self.state.experiment.condition,
            "genotype": self.state.experiment.genotype,
            "num_channels": self.header.num_channels,
            "num_rois": len(self.state.rois),
            "accept": self.state.accepted,
        }

    def get_tree_rows(self) -> list[dict[str, Any]]:
        """The file's row, then one per analysis in the order of creation."""
        rows = [file_row(self.file_id, self.get_schema_row())]
        return rows + [analysis_row(self.file_id, record.key) for record in self.state.records]

    def get_default_channel(self) -> int | None:
        """0, or None for a file without channels."""
        return 0 if self.header.num_channels else None

    def get_default_roi(self) -> int | None:
        """The first ROI in the order of creation, or None."""
        return self.state.rois[0].id if self.state.rois else None

    def get_roi_image(self, channel: int, roi_id: int) -> NDArray[Any]:
        """Full-resolution crop (row = time, column = distance) at z = 0, t = 0, clamped.

        ValueError for a missing ROI, TypeError for a line.
        """
        source = self.source()
        return source.crop(channel, source.rect(roi_id))

    def get_image_physical_units(self) -> tuple[float, float]:
        """`(step_y, step_x)`: seconds per line and micrometres per pixel, 1 if unknown.

        ValueError for a file without a (Y, X) plane.
        """
        if not self.header.has_plane:
            raise ValueError(f"{self.name} has no plane of rows and columns")
        return self.calibration.steps

    def __repr__(self) -> str:
        return f"AcqImage({self.name!r}, {'unsaved' if self.is_dirty else 'saved'})"


def parent_grandparent_folder_names(
    path: str, *, loaded_from_stream: bool = False
) -> tuple[str, str]:
    """Names of the two folders above a file; empty where there is none."""
    if loaded_from_stream or not path.strip():
        return "", ""
    parent = Path(path).parent
    return (parent.name, parent.parent.name) if parent.is_dir() else ("", "")
