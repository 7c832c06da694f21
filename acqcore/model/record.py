"""Analysis records: what ran, on which pixels and geometry, and what came out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import SidecarError

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, order=True)
class AnalysisKey:
    """Identity of a record within one image."""

    analysis_name: str
    channel: int
    roi_id: int

    def csv_filename(self, source_name: str) -> str:
        """Name of the CSV that holds all tables of this analysis of one file."""
        return f"{source_name}.{self.analysis_name}.csv"


class ResultTable:
    """Named columns of equal length, read-only, loaded when first asked for.

    A table read from disk keeps a function that fetches its columns: thousands of
    recordings can be listed without reading thousands of CSV files.
    """

    __slots__ = ("_columns", "_fetch", "source")

    def __init__(self, columns: Columns) -> None:
        self._columns: Columns | None = _read_only(columns)
        self._fetch: Callable[[], Columns] | None = None
        self.source: object = None

    @classmethod
    def deferred(cls, fetch: Callable[[], Columns], source: object) -> ResultTable:
        """A table whose columns `fetch` reads; equal sources mean equal tables."""
        table = cls({})
        table._columns, table._fetch, table.source = None, fetch, source
        return table

    @property
    def columns(self) -> Columns:
        """Arrays by name, in column order; fetches them the first time (SidecarError)."""
        if self._columns is None and self._fetch is not None:
            self._columns = _read_only(self._fetch())
        return self._columns or {}

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResultTable):
            return NotImplemented
        if self is other or (self.source is not None and self.source == other.source):
            return True
        try:
            return self.names == other.names and all(
                _same(self[name], other[name]) for name in self.names
            )
        except SidecarError:  # rows that cannot be read are like no others
            return False

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ResultTable({', '.join(self.names)}; {len(self)} rows)"

    def to_dataframe(self) -> Any:
        """The same columns as a `pandas.DataFrame`."""
        import pandas as pd  # heavy: only where a table leaves the program

        return pd.DataFrame({name: np.array(values) for name, values in self.columns.items()})


def _read_only(columns: Columns) -> Columns:
    frozen: dict[str, NDArray[Any]] = {}
    for name, values in columns.items():
        view = np.asarray(values).view()
        view.setflags(write=False)
        frozen[name] = view
    return MappingProxyType(frozen)


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape:
        return False
    if one.dtype.kind == "f" and other.dtype.kind == "f":
        return bool(np.array_equal(one, other, equal_nan=True))
    return bool(np.array_equal(one, other))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from.

    Attributes:
        parameters: What it ran with, defaults included.
        geometry: `ROI.geometry` at the time of the run.
        steps: `(step_y, step_x)` at the time of the run.
        time_utc: ISO text of the end of the run, or empty when not known.
        versions: Of this program and of the libraries that computed the numbers.
        pixels: Hash and size of the crop that was used.
        note: A sentence about the numbers, such as a formula that was mended.
        parents: Fingerprint of each record that it was computed from, by analysis name.
    """

    parameters: Mapping[str, Any]
    geometry: tuple[int, ...]
    steps: tuple[float, float]
    time_utc: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    pixels: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    parents: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Of what decided the numbers: equal after an identical run, at any time."""
        pixels = self.pixels.get("sha256", "")
        parts = (dict(self.parameters), self.geometry, self.steps, self.versions.get("analysis"))
        text = repr((sorted(parts[0].items()), *parts[1:], pixels, sorted(self.parents.items())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """One analysis of one channel and ROI, run or not yet run.

    Attributes:
        parameters: What the next run is asked to use; missing names mean the default.
        summary: Few numbers of the finished run, empty before it.
        table: Rows of the finished run, or None.
        provenance: None before the first run.
    """

    key: AnalysisKey
    parameters: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    table: ResultTable | None = None
    provenance: Provenance | None = None

    @property
    def has_result(self) -> bool:
        """Whether a run has finished."""
        return self.provenance is not None

    def with_parameters(self, parameters: Mapping[str, Any]) -> AnalysisRecord:
        """Ask the next run for these; the result stays and turns stale."""
        return replace(self, parameters=dict(parameters))

    def to_dict(self) -> dict[str, Any]:
        """The block of a sidecar's `analysis` list: neither table nor provenance."""
        return {
            "analysis_name": self.key.analysis_name,
            "channel": self.key.channel,
            "roi_id": self.key.roi_id,
            "detection_params": dict(self.parameters),
            "summary": dict(self.summary),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> AnalysisRecord:
        """Read `to_dict`, other keys ignored; KeyError, TypeError or ValueError if damaged."""
        name, channel, roi_id = (stored[key] for key in ("analysis_name", "channel", "roi_id"))
        parameters, summary = stored.get("detection_params") or {}, stored.get("summary") or {}
        if not isinstance(name, str) or type(channel) is not int or type(roi_id) is not int:
            raise TypeError(f"{name!r}, {channel!r}, {roi_id!r} are no name, channel and ROI")
        if not isinstance(parameters, Mapping) or not isinstance(summary, Mapping):
            raise TypeError("parameters and summary are not blocks of values")
        return cls(AnalysisKey(name, channel, roi_id), dict(parameters), dict(summary))

    def detached(self) -> AnalysisRecord:
        """The record with its rows in memory, so that it can be written anywhere."""
        table = ResultTable(self.table.columns) if self.table is not None else None
        return replace(self, table=table)


def stale_reason(
    record: AnalysisRecord, geometry: tuple[int, ...] | None, steps: tuple[float, float]
) -> str:
    """Why a finished run no longer describes its ROI; empty while it does.

    `geometry` is the ROI's now, None when it is gone; `steps` the calibration's now.
    """
    ran = record.provenance
    if ran is None:
        return ""
    if geometry is None:
        return "The ROI was deleted since this run"
    if ran.geometry != geometry:
        return f"ROI {record.key.roi_id} moved since this run"
    if ran.steps != steps:
        return "The calibration changed since this run"
    asked = {name: ran.parameters.get(name, value) for name, value in record.parameters.items()}
    if asked != dict(record.parameters):
        return "Parameters changed since this run"
    return ""
