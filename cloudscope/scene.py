"""What is on screen, as one frozen value: selection, picture, regions and results.

One coordinate system: whole pixels `(line, pixel)`, half-open. Only axes, tables and
read-outs turn them into seconds and micrometres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import ROI, RectROI
from acqcore.model.state import Review
from acqcore.pyramid import Pyramid, envelope


@dataclass(frozen=True, slots=True)
class Selection:
    """Where the user is; never stored and never undone.

    Attributes:
        z, t: Which plane of a stack or series, from 0; results are always of the first.
    """

    file_id: str = ""
    channel: int = 0
    roi_id: int | None = None
    analysis_name: str = ""
    z: int = 0
    t: int = 0

    @property
    def place(self) -> tuple[str, int, int, int]:
        """Which picture is shown: file id, channel, z and t."""
        return self.file_id, self.channel, self.z, self.t


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One channel ready to be painted; compared by identity.

    Attributes:
        pixels: (line, pixel), dtype of the file, read-only.
        pyramid: Display levels of `pixels`.
        envelope: (3, lines) float32: smallest, mean and largest value of each line.
        limits: What Auto sets for this plane; None where the recording has no other one.
    """

    file_id: str
    channel: int
    pixels: NDArray[Any]
    pyramid: Pyramid
    envelope: NDArray[Any]
    z: int = 0
    t: int = 0
    limits: tuple[float, float] | None = None

    @property
    def place(self) -> tuple[str, int, int, int]:
        """File id, channel, z and t."""
        return self.file_id, self.channel, self.z, self.t


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record with what the screen says about it.

    Attributes:
        title: Of the analysis, such as "Velocity (Radon)".
        stale: Why it is out of date, or empty.
    """

    record: AnalysisRecord
    title: str
    stale: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the window paints.

    Attributes:
        dirty: Whether the recording has unsaved edits.
        calibration: In force: the user's or the file's.
        plane: None while it loads and when it could not be read.
        loading: A picture is on its way; the one on screen is of another recording.
        failure: Why there is no picture, or empty.
        contrast: Of the selected channel; None until the plane is there.
        records: Of the selected recording, all channels and ROIs, in order.
        running: Keys of the records that a job computes now.
        blinded: `name` is a number, and metadata must not be shown.
    """

    selection: Selection = Selection()
    name: str = ""
    dirty: bool = False
    review: Review = Review.UNDECIDED
    header: ImageHeader | None = None
    calibration: Calibration = Calibration()
    plane: Plane | None = None
    loading: bool = False
    failure: str = ""
    contrast: ImageContrast | None = None
    rois: tuple[ROI, ...] = ()
    records: tuple[ShownRecord, ...] = ()
    running: frozenset[AnalysisKey] = frozenset()
    experiment: tuple[tuple[str, Any], ...] = ()
    problems: tuple[str, ...] = ()
    blinded: bool = False

    @property
    def roi(self) -> ROI | None:
        """The selected region, or None."""
        return next((roi for roi in self.rois if roi.id == self.selection.roi_id), None)

    def shown_record(self, analysis_name: str) -> ShownRecord | None:
        """The record of that analysis on the selected channel and ROI, or None."""
        if self.selection.roi_id is None:
            return None
        key = AnalysisKey(analysis_name, self.selection.channel, self.selection.roi_id)
        return next((one for one in self.records if one.record.key == key), None)


def compose(
    image: AcqImage,
    selection: Selection,
    plane: Plane | None,
    *,
    failure: str = "",
    running: frozenset[AnalysisKey] = frozenset(),
    limits_of_plane: bool = False,
) -> Scene:
    """The scene of one recording; pure.

    `limits_of_plane`: each plane of a stack between limits of its own.
    """
    state, contrast = image.state, image.get_image_contrast(selection.channel)
    if limits_of_plane and contrast is not None and plane is not None and plane.limits is not None:
        contrast = contrast.with_limits(*plane.limits)
    records = tuple(
        ShownRecord(
            record,
            analyses()[record.key.analysis_name].title
            if record.key.analysis_name in analyses()
            else record.key.analysis_name,
            state.stale_reason(record, image.header.calibration),
        )
        for record in state.records
    )
    return Scene(
        selection=selection,
        name=image.name,
        dirty=image.is_dirty,
        review=state.review,
        header=image.header,
        calibration=image.calibration,
        plane=plane,
        loading=plane is None and not failure,
        failure=failure,
        contrast=contrast,
        rois=state.rois,
        records=records,
        running=running,
        experiment=tuple(state.experiment.values().items()),
        problems=tuple(str(problem) for problem in image.problems),
    )


def warm_up_scene() -> Scene:
    """The smallest scene in which every view has something to paint; never on screen."""
    pixels = np.zeros((4, 4), np.uint16)
    plane = Plane("warm-up", 0, pixels, Pyramid.build(pixels), envelope(pixels))
    return Scene(
        selection=Selection("warm-up", 0, 1),
        header=ImageHeader("warm-up", (4, 4), ("Y", "X"), "uint16"),
        plane=plane,
        contrast=ImageContrast("Gray", 0, 1, 0, 1),
        rois=(RectROI(1, 0, 4, 0, 4),),
    )
