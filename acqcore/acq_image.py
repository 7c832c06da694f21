"""`AcqImage`: one acquisition file, as recorded, with what was added to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from numpy.typing import ArrayLike, NDArray

from acqcore.analysis_set import AcqAnalysisSet
from acqcore.errors import SidecarError
from acqcore.loaders import open_loader, open_stream
from acqcore.loaders.base import Loader
from acqcore.loaders.memory import MemoryLoader, array_calibration
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
from acqcore.stored import Stored, unreadable_tables, write_copy


class AcqImage:
    """Loader, state and saved state of one file.

    Opening reads the header and the sidecar, never a pixel, and runs nothing. Edits
    replace `state`; `save` makes it the saved one. A damaged sidecar does not stop the
    image from opening: see `problems`.

    Attributes:
        path: Resolved path, as text; `memory://...` of an array, the name of a stream.
        images: The loader, which reads pixels on demand.
        state: Everything that the sidecar stores; assigning another one is an edit.
        rois: Regions, shared by all channels.
        analysis_set: Analyses by name, channel and ROI.
    """

    def __init__(self, path: str | Path, *, loader: Loader | None = None) -> None:
        """Open a recording; `loader` is given when it is open already.

        Raises `UnsupportedFormat` (a ValueError) for an unknown kind of file and
        `UnreadableFile` when the header cannot be decoded.
        """
        self.images = loader or open_loader(_full_path(path))
        self._path, in_memory = self.images.path, self.images.in_memory
        self.path = str(path if in_memory else self._path)
        self._seeded: dict[int, ImageContrast] = {}
        self._stored = Stored.nothing() if in_memory else Stored.read(self._path, self.header)
        self.state = self._stored.state
        bounds = ImageBounds(max(self.header.size("X"), 1), max(self.header.size("Y"), 1))
        self.rois = RoiSet(bounds, lambda: self.state, self._replace, lambda: self._stored.state)
        self.analysis_set = AcqAnalysisSet(self.source, self._replace, lambda: self._stored.state)

    @classmethod
    def from_array(
        cls,
        data: ArrayLike,
        *,
        axes: str,
        source_id: str,
        step_y: float | None = None,
        step_x: float | None = None,
        label_y: str = "seconds",
        label_x: str = "um",
        axis_spacing: Mapping[str, float] | None = None,
        axis_units: Mapping[str, str] | None = None,
    ) -> Self:
        """A recording without a file, `memory://<source_id>`; the array is not copied.

        `axes` is YX, CYX, ZYX or CZYX. Steps are given one by one or by axis letter. The
        sidecar methods and `save` raise RuntimeError; ValueError for an impossible array.
        """
        scale = array_calibration((step_y, step_x), (label_y, label_x), axis_spacing, axis_units)
        loader = MemoryLoader(data, axes=axes, source_id=source_id, calibration=scale)
        return cls(loader.header.path, loader=loader)

    @classmethod
    def from_stream(cls, stream: BinaryIO, filename: str) -> Self:
        """A recording that comes as bytes; nothing beside `filename` is read or written.

        Errors as of opening a file, and TypeError for a stream of text.
        """
        return cls(filename, loader=open_stream(stream, filename))

    def _replace(self, state: AcqState) -> None:
        self.state = state

    @property
    def file_id(self) -> str:
        """Identity of the file: its path."""
        return self.path

    @property
    def name(self) -> str:
        """File name for display."""
        return self._path.name

    @property
    def header(self) -> ImageHeader:
        """What the file says about its pixels."""
        return self.images.header

    @property
    def calibration(self) -> Calibration:
        """The user's calibration or, without one, the file's."""
        return self.state.calibration or self.header.calibration

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was not understood in the sidecar."""
        return self._stored.problems

    def source(self) -> Source:
        """A frozen view of pixels and state for a run on another thread."""
        return Source(self.images, self.state)

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
        """`<full file name>.json`; RuntimeError without a file."""
        return str(self._stored.sidecar_of(self._path))

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
        write_copy(folder / self.name, self.header, self.state, self._stored.on_disk)

    def load_sidecar_json(self) -> None:
        """Read the sidecar again and drop unsaved changes; never raises for a bad one."""
        self._stored = self._stored.read_again(self._path, self.header)
        self.state = self._stored.state

    def unreadable_tables(self) -> dict[AnalysisKey, SidecarError]:
        """Read all tables now; gives those that are not what was saved. For a worker."""
        return unreadable_tables(self.state)

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
        return _sections(self)

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
        if self.get_metadata_section(section_id).metadata_section_id == EXPERIMENT:
            return self.state.with_experiment(patch)
        known = self.calibration
        steps = patched_calibration(known, dict(patch))
        same = (steps.steps, steps.labels) == (known.steps, known.labels)
        return self.state if same else self.state.with_calibration(steps)

    def get_schema(self) -> SchemaDefinition:
        """Schema of the file list."""
        return file_list_schema()

    def get_schema_row(self) -> dict[str, Any]:
        """Values of the file list's columns."""
        return _row_values(self)

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

    def get_roi_image(self, channel: int, roi_id: int, *, z: int = 0, t: int = 0) -> NDArray[Any]:
        """Full-resolution crop (row = time, column = distance), clamped.

        ValueError for a missing ROI, TypeError for a line.
        """
        roi = self.source().rect(roi_id)
        lines, pixels = (roi.line_start, roi.line_stop), (roi.pixel_start, roi.pixel_stop)
        return self.images.read_window(channel, lines, pixels, z, t)

    def get_image_physical_units(self) -> tuple[float, float]:
        """`(step_y, step_x)`: seconds per line and micrometres per pixel, 1 if unknown.

        ValueError for a file without a (Y, X) plane.
        """
        if not self.header.has_plane:
            raise ValueError(f"{self.name} has no plane of rows and columns")
        return self.calibration.steps

    def __repr__(self) -> str:
        return f"AcqImage({self.name!r}, {'unsaved' if self.is_dirty else 'saved'})"


def _sections(image: AcqImage) -> tuple[MetadataSection, ...]:
    return (
        experiment_section(
            lambda: image.state.experiment,
            lambda: image.stored.state.experiment,
            image.apply_metadata_patch,
        ),
        header_section(
            image.header,
            lambda: image.state.calibration,
            lambda: image.stored.state.calibration,
            image.apply_metadata_patch,
        ),
    )


def _row_values(image: AcqImage) -> dict[str, Any]:
    parent, grandparent = parent_grandparent_folder_names(
        image.path, loaded_from_stream=image.images.in_memory
    )
    return {
        "name": image.name,
        "saved": not image.is_dirty,
        "path": image.path,
        "parent": parent,
        "grandparent": grandparent,
        "condition": image.state.experiment.condition,
        "genotype": image.state.experiment.genotype,
        "num_channels": image.header.num_channels,
        "num_rois": len(image.state.rois),
        "accept": image.state.accepted,
    }


def parent_grandparent_folder_names(
    path: str, *, loaded_from_stream: bool = False
) -> tuple[str, str]:
    """Names of the two folders above a file; empty where there is none."""
    if loaded_from_stream or not path.strip():
        return "", ""
    parent = Path(path).parent
    return (parent.name, parent.parent.name) if parent.is_dir() else ("", "")


def _full_path(path: str | Path) -> Path:
    # Unlike Path's own methods, these do not stumble over links in a circle or "~a.tif".
    return Path(os.path.realpath(os.path.expanduser(path)))  # noqa: PTH111
