"""What the many kinds of TIFF say about seconds per line and micrometres per pixel.

Each source is one function; the first one in the list that knows an axis decides that axis.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acqcore.loaders._ome_xml import OmeFacts
from acqcore.loaders._prairie_xml import PrairieFrame
from acqcore.loaders._tiff_axes import AxisPlan
from acqcore.loaders._units import micrometres, seconds
from acqcore.model.header import Calibration, calibration

if TYPE_CHECKING:
    from tifffile import TiffFile

# Outside these a resolution tag is about paper, not about a microscope.
_SMALLEST_UM, _LARGEST_UM = 0.005, 20.0
_X_RESOLUTION, _Y_RESOLUTION = 282, 283  # numbers of the tags: found faster than names
_UNITS_OF_TAG = {2: "inch", 3: "cm"}
_NUMBERED = re.compile(r"[czt]:\d")
_FLUOVIEW_AXES = {"CH": "C", "WAVELENGTH": "C", "TIME": "T"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says about a plane; None for an axis that it leaves open.

    Attributes:
        step_y: Per row, in `label_y`: `seconds` or `um`.
        step_x: Per column, in um.
    """

    source: str
    step_y: float | None = None
    label_y: str = "seconds"
    step_x: float | None = None


_NO_CLAIM = Claim("")


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a source may look at."""

    tif: TiffFile
    plan: AxisPlan
    ome: OmeFacts
    frame: PrairieFrame | None = None


def settle(claims: Iterable[Claim]) -> Calibration:
    """Take each axis from the first claim that knows it."""
    ordered = list(claims)
    by_y = next((claim for claim in ordered if claim.step_y is not None), _NO_CLAIM)
    by_x = next((claim for claim in ordered if claim.step_x is not None), _NO_CLAIM)
    names = dict.fromkeys(claim.source for claim in (by_y, by_x) if claim.source)
    return calibration(by_y.step_y, by_y.label_y, by_x.step_x, "um", " and ".join(names))


def claims_of(evidence: Evidence) -> list[Claim]:
    """What the sources inside the file say, most trusted first."""
    return [source(evidence) for source in _SOURCES]


def imagej_channel_names(tif: TiffFile) -> tuple[str, ...]:
    """Slice labels that somebody wrote; not the numbers that ImageJ makes up."""
    labels = (tif.imagej_metadata or {}).get("Labels", ())
    return tuple("" if _NUMBERED.match(str(label)) else str(label) for label in labels)


def _fluoview(evidence: Evidence) -> Claim:
    name = "FluoView tag"
    tag = evidence.tif.fluoview_metadata
    if tag is None:
        return _NO_CLAIM
    steps = {
        _FLUOVIEW_AXES.get(axis.upper(), axis.upper()): (float(step), unit)
        for axis, _, _, step, unit in tag.get("Dimensions", ())
    }
    nothing = (0.0, "")
    plan = evidence.plan
    step_x = micrometres(*steps.get(plan.column_axis, nothing))
    if plan.row_axis == "T":
        return Claim(name, seconds(*steps.get("T", nothing)), "seconds", step_x)
    return Claim(name, micrometres(*steps.get("Y", nothing)), "um", step_x)


def _ome(evidence: Evidence) -> Claim:
    ome, plan = evidence.ome, evidence.plan
    if plan.rows_are_time:
        # PhysicalSizeY is no help: writers repeat PhysicalSizeX there for line scans.
        return Claim("OME-XML", ome.seconds_per_step, "seconds", ome.um_per_column)
    return Claim("OME-XML", ome.um_per_row, "um", ome.um_per_column)


def _prairie(evidence: Evidence) -> Claim:
    name, frame = "Prairie View XML", evidence.frame
    if frame is None:
        return _NO_CLAIM
    if frame.is_line_scan:
        return Claim(name, frame.line_period_s, "seconds", frame.um_per_column)
    return Claim(name, frame.um_per_row, "um", frame.um_per_column)


def _lsm(evidence: Evidence) -> Claim:
    if not evidence.tif.is_lsm:
        return _NO_CLAIM
    voxel = evidence.tif.lsm_metadata or {}
    step_x = micrometres(voxel.get("VoxelSizeX"), "m")
    if evidence.plan.rows_are_time:
        return Claim("LSM header", step_x=step_x)
    return Claim("LSM header", micrometres(voxel.get("VoxelSizeY"), "m"), "um", step_x)


def _imagej(evidence: Evidence) -> Claim:
    name = "ImageJ metadata"
    tags: Mapping[str, Any] = evidence.tif.imagej_metadata or {}
    if not tags:
        return _NO_CLAIM
    unit = str(tags.get("unit", ""))
    step_x = _length(_per_sample(evidence, _X_RESOLUTION), unit)
    row = _per_sample(evidence, _Y_RESOLUTION)
    if not evidence.plan.rows_are_time:
        return Claim(name, _length(row, str(tags.get("yunit", unit))), "um", step_x)
    line_time = seconds(row, str(tags.get("yunit", "")))
    if line_time is None:
        # ImageJ has no word for line time; its frame interval is the nearest.
        line_time = seconds(tags.get("finterval"), str(tags.get("tunit", "s")))
    return Claim(name, line_time, "seconds", step_x)


def _resolution_tags(evidence: Evidence) -> Claim:
    step = _per_sample(evidence, _X_RESOLUTION)
    if step is None or step == 1:
        return _NO_CLAIM
    unit = _UNITS_OF_TAG.get(int(evidence.tif.pages.first.resolutionunit), "")
    return Claim("resolution tags", step_x=_plausible(micrometres(step, unit)))


# Most trusted first. The Olympus text file, which may stand for several files, goes before all.
_SOURCES: tuple[Callable[[Evidence], Claim], ...] = (
    _fluoview,
    _ome,
    _prairie,
    _lsm,
    _imagej,
    _resolution_tags,
)


def _per_sample(evidence: Evidence, tag: int) -> float | None:
    """Units per sample; None for a missing tag and for x/0 or 0/x."""
    value = evidence.tif.pages.first.tags.valueof(tag)
    if not isinstance(value, tuple) or len(value) != 2 or not all(value):
        return None
    return float(value[1]) / float(value[0])


def _length(step: float | None, unit: str) -> float | None:
    # ImageJ writes inches only for the placeholder of 72 per inch.
    return None if unit in ("inch", "in") else micrometres(step, unit)


def _plausible(step: float | None) -> float | None:
    """A pixel size that a microscope can have; exactly 1 um is a placeholder."""
    if step is None or not _SMALLEST_UM <= step <= _LARGEST_UM:
        return None
    return None if math.isclose(step, 1.0, rel_tol=1e-6) else step
