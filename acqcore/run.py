"""Run one analysis on one channel and ROI: pixels and parameters in, a record out.

Nothing is changed here: the caller puts the record into the state once it is there.
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore._one_thread import compute_on_one_thread
from acqcore._version import __version__
from acqcore.analysis import analysis
from acqcore.analysis.base import Analysis, Inputs, Result, RunContext
from acqcore.errors import CannotRun, InvalidParameter, NoSuchChannel
from acqcore.loaders.base import Loader
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Columns, Provenance, ResultTable
from acqcore.model.roi import ImageBounds, RectROI
from acqcore.model.state import AcqState

_HASHED_LINES = 4096
_HEAVY = tuple(
    f"scipy.{part}" for part in ("fft", "sparse", "special", "signal", "ndimage", "optimize")
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a run reads: frozen, so that edits made meanwhile do not reach it."""

    loader: Loader
    state: AcqState

    @property
    def calibration(self) -> Calibration:
        """The user's calibration or the file's."""
        return self.state.calibration or self.loader.header.calibration

    def rect(self, roi_id: int) -> RectROI:
        """The rectangle of that number, clipped to the plane.

        ValueError when there is none, TypeError for a line, `InvalidROI` outside the plane.
        """
        roi = self.state.roi(roi_id)
        if roi is None:
            raise ValueError(f"there is no ROI {roi_id}")
        if not isinstance(roi, RectROI):
            raise TypeError(f"ROI {roi_id} is a line; a rectangle is needed")
        header = self.loader.header
        return roi.clipped(ImageBounds(header.size("X"), header.size("Y")))

    def crop(self, channel: int, roi: RectROI) -> NDArray[Any]:
        """Pixels (line, pixel) of a rectangle at z = 0, t = 0; `NoSuchChannel`."""
        if not 0 <= channel < self.loader.num_channels:
            raise NoSuchChannel(f"{self.loader.path.name} has no channel {channel}.")
        return self.loader.read_window(
            channel, (roi.line_start, roi.line_stop), (roi.pixel_start, roi.pixel_stop)
        )


def run(
    source: Source,
    key: AnalysisKey,
    parameters: Mapping[str, Any],
    context: RunContext | None = None,
) -> AnalysisRecord:
    """Compute a record; raises `CannotRun`, `InvalidParameter`, `Cancelled` or a read error."""
    context = context or RunContext()
    compute_on_one_thread()
    method = analysis(key.analysis_name)
    checked = _parsed(method, parameters)
    roi = source.rect(key.roi_id)
    parents = _parents(source.state, key, method)
    context.progress(0.0, "Reading pixels")
    pixels = source.crop(key.channel, roi)
    previous = source.state.record(key)
    corner = roi.line_start, roi.pixel_start
    inputs = Inputs(pixels, source.calibration, *corner, parents, previous)
    result = method.run(inputs, checked, context)
    ran = Provenance(
        parameters=asdict(checked),
        geometry=source.state.roi(key.roi_id).geometry,  # type: ignore[union-attr]
        steps=source.calibration.steps,
        time_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=_versions(method.version),
        pixels=_pixels(pixels, context),
        parents={
            name: parent.provenance.fingerprint
            for name, parent in parents.items()
            if parent.provenance is not None
        },
    )
    columns = _declared(method, result)
    table = ResultTable(columns) if method.columns else None
    return AnalysisRecord(key, dict(parameters), plain(result.summary), table, ran)


def _parsed(method: Analysis[Any], parameters: Mapping[str, Any]) -> Any:
    """As its dataclass; a stored record may hold what this version does not know."""
    try:
        return method.parse(parameters)
    except (KeyError, TypeError) as error:
        raise InvalidParameter(f"{method.title}: {error.args[0]}.") from error


def warm_up() -> None:
    """Load what runs compute with; for a worker, before the first run.

    An import cannot be stopped, and this one takes longer than a stop may.
    """
    for heavy in _HEAVY:
        import_module(heavy)


def _parents(state: AcqState, key: AnalysisKey, method: Analysis[Any]) -> dict[str, AnalysisRecord]:
    """Finished records that this analysis needs; `CannotRun` when one is missing."""
    found = {}
    for name in method.depends_on:
        parent = state.record(AnalysisKey(name, key.channel, key.roi_id))
        if parent is None or not parent.has_result:
            title = analysis(name).title
            raise CannotRun(f"{method.title} needs a result of {title} on the same ROI.")
        found[name] = parent
    return found


def _declared(method: Analysis[Any], result: Result) -> Columns:
    """Exactly the declared columns, numbers in double precision, so that a CSV keeps them."""
    names = tuple(column.name for column in method.columns)
    if tuple(result.table) != names:
        raise RuntimeError(f"{method.name} gave columns {tuple(result.table)}, not {names}")
    return {name: _storable(result.table[name]) for name in names}


def _storable(values: NDArray[Any]) -> NDArray[Any]:
    values = np.asarray(values)
    return values.astype(np.float64) if values.dtype.kind == "f" else values


def plain(summary: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values: Python numbers, and None for what is not a number."""
    return {str(name): _plain(value) for name, value in summary.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _versions(analysis_version: int) -> dict[str, str]:
    return {
        "analysis": str(analysis_version),
        "cloudscope": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _pixels(pixels: NDArray[Any], context: RunContext) -> dict[str, Any]:
    """Shape, type and hash of the crop; block by block, so that a stop is not kept waiting."""
    digest = hashlib.sha256()
    for start in range(0, len(pixels), _HASHED_LINES):
        context.progress(1.0, "Finishing")
        digest.update(np.ascontiguousarray(pixels[start : start + _HASHED_LINES]).data)
    return {
        "shape": list(pixels.shape),
        "dtype": str(pixels.dtype),
        "sha256": digest.hexdigest(),
    }
