"""`AcqAnalysisSet`: the analyses of one image, by name, channel and ROI.

A façade over the state, like `RoiSet`. A run changes nothing until it has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from acqcore.acq_analysis import (
    AcqAnalysis,
    AcqEventAnalysis,
    AnalysisOverlayTraceData,
    AnalysisPlotData,
    AnalysisResult,
    tables_by_name,
)
from acqcore.analysis import analyses, analysis
from acqcore.analysis.base import RunContext
from acqcore.analysis.event import Events
from acqcore.errors import MissingDependency
from acqcore.foreign import mended
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from acqcore.model.state import AcqState
from acqcore.run import Source, run
from acqcore.storage.document import EXCLUSIVE
from acqcore.storage.tables import CsvFile

PRIMARY_KYMOGRAPH = "primary_kymograph"
"""Group of the analyses of which the reference program allows one per channel and ROI."""


class AcqAnalysisSet:
    """Analyses in the order of creation."""

    def __init__(
        self,
        source: Callable[[], Source],
        set_state: Callable[[AcqState], None],
        get_saved: Callable[[], AcqState] = AcqState,
    ) -> None:
        self._source, self._set, self._saved = source, set_state, get_saved

    @property
    def state(self) -> AcqState:
        """The state of the image now."""
        return self._source().state

    @property
    def calibration(self) -> Calibration:
        """The calibration in force."""
        return self._source().calibration

    @property
    def is_dirty(self) -> bool:
        """Whether the analyses differ from the saved ones."""
        return self.state.records != self._saved().records

    def create(
        self,
        analysis_name: str,
        *,
        channel: int,
        roi_id: int,
        detection_params: Mapping[str, Any] | None = None,
    ) -> AcqAnalysis:
        """Add an analysis that has not run yet.

        KeyError for an unknown name or parameter, ValueError for a missing ROI, a bad
        parameter or a second analysis of the same name, channel and ROI;
        `MissingDependency` (one too) when it needs an analysis that is not there.
        """
        key = AnalysisKey(analysis_name, channel, roi_id)
        return self.add(AnalysisRecord(key, dict(detection_params or {})))

    def add(self, record: AnalysisRecord) -> AcqAnalysis:
        """Add a record; errors as in `create`."""
        self._check(record)
        self._set(self.state.with_record(record))
        return self._one(record.key)

    def _check(self, record: AnalysisRecord, *, may_exist: bool = False) -> None:
        """Parameters, ROI and dependencies of a record that is about to be added."""
        analysis(record.key.analysis_name).parse(record.parameters)
        if self.state.roi(record.key.roi_id) is None:
            raise ValueError(f"there is no ROI {record.key.roi_id}")
        if not may_exist and self.get(record.key):
            raise ValueError(f"{record.key} exists")
        self._parents(record.key)

    def _one(self, key: AnalysisKey) -> AcqAnalysis:
        kind = AcqEventAnalysis if key.analysis_name == Events.name else AcqAnalysis
        return kind(key, self._source, self._saved, self._set)

    def get_or_create(
        self,
        analysis_name: str,
        *,
        channel: int,
        roi_id: int,
        detection_params: Mapping[str, Any] | None = None,
    ) -> AcqAnalysis:
        """The one that is there, or a new one; parameters count only for a new one."""
        found = self.get(AnalysisKey(analysis_name, channel, roi_id))
        return found or self.create(
            analysis_name, channel=channel, roi_id=roi_id, detection_params=detection_params
        )

    def create_and_run(
        self,
        analysis_name: str,
        *,
        channel: int,
        roi_id: int,
        detection_params: Mapping[str, Any] | None = None,
        replace_existing: bool = False,
        context: RunContext | None = None,
    ) -> AcqAnalysis:
        """Add an analysis with its result, or leave the set as it is.

        Errors as in `create` and `run_analysis`; a second one is a ValueError unless
        `replace_existing`.
        """
        key, given = AnalysisKey(analysis_name, channel, roi_id), dict(detection_params or {})
        self._check(AnalysisRecord(key, given), may_exist=replace_existing)
        self._set(self.state.with_record(run(self._source(), key, given, context)))
        return self._one(key)

    def get(self, key: AnalysisKey) -> AcqAnalysis | None:
        """The analysis of that key, or None."""
        return self._one(key) if self.state.record(key) is not None else None

    def get_required(self, key: AnalysisKey) -> AcqAnalysis:
        """The analysis of that key; KeyError when there is none."""
        found = self.get(key)
        if found is None:
            raise KeyError(f"there is no {key}")
        return found

    def get_primary_kymograph_analysis(self, *, channel: int, roi_id: int) -> AcqAnalysis | None:
        """Velocity or diameter of a channel and ROI: of two, the one that ran last."""
        keys = [AnalysisKey(name, channel, roi_id) for name in EXCLUSIVE]
        found = [one for one in map(self.get, keys) if one is not None]
        return max(found, key=lambda one: _run_time(one.record), default=None)

    def get_exclusive_group_analysis(
        self, *, group: str, channel: int, roi_id: int
    ) -> AcqAnalysis | None:
        """Same for a group by name; None for a group that is not known."""
        if group != PRIMARY_KYMOGRAPH:
            return None
        return self.get_primary_kymograph_analysis(channel=channel, roi_id=roi_id)

    def require_dependencies(self, one: AcqAnalysis) -> dict[str, AcqAnalysis]:
        """What an analysis needs, by name; `MissingDependency` (a ValueError) if not there."""
        return {key.analysis_name: self._one(key) for key in self._parents(one.key)}

    def _parents(self, key: AnalysisKey) -> list[AnalysisKey]:
        method = analysis(key.analysis_name)
        parents = [replace(key, analysis_name=name) for name in method.depends_on]
        for parent in parents:
            if self.state.record(parent) is None:
                title = analysis(parent.analysis_name).title
                raise MissingDependency(f"{method.title} needs {title} on the same ROI.")
        return parents

    def remove(self, key: AnalysisKey) -> bool:
        """Delete one; tells whether it was there. What depends on it stays."""
        there = self.state.record(key) is not None
        self._set(self.state.without_record(key))
        return there

    def delete_roi(self, roi_id: int) -> int:
        """Delete the analyses of a ROI, every channel; gives how many there were."""
        keys, state = self._of_roi(roi_id), self.state
        for key in keys:
            state = state.without_record(key)
        self._set(state)
        return len(keys)

    def edit_roi(self, roi_id: int) -> int:
        """How many analyses of a ROI are out of date; nothing is deleted."""
        return sum(self._one(key).is_stale for key in self._of_roi(roi_id))

    def _of_roi(self, roi_id: int) -> list[AnalysisKey]:
        return [one.key for one in self.state.records if one.key.roi_id == roi_id]

    def as_list(self) -> list[AcqAnalysis]:
        """All, in the order of creation."""
        return [self._one(record.key) for record in self.state.records]

    def __iter__(self) -> Iterator[AcqAnalysis]:
        return iter(self.as_list())

    def __len__(self) -> int:
        return len(self.state.records)

    def run_analysis(self, key: AnalysisKey, *, context: RunContext | None = None) -> AcqAnalysis:
        """Run with the parameters of the record; on any error the old result stays."""
        asked = self.get_required(key).record.parameters
        self._set(self.state.with_record(run(self._source(), key, asked, context)))
        return self._one(key)

    def verify(self, key: AnalysisKey) -> bool:
        """Run again as it ran before and compare, number by number; changes nothing."""
        record = self.get_required(key).record
        if record.provenance is None:
            raise ValueError(f"{key} has not run yet")
        again = run(self._source(), key, record.provenance.parameters)
        return again.table == record.table and again.summary == record.summary

    def set_parameters(self, key: AnalysisKey, parameters: Mapping[str, Any]) -> None:
        """Ask the next run for these; checked like in `create`."""
        analysis(key.analysis_name).parse(parameters)
        record = self.get_required(key).record
        self._set(self.state.with_record(record.with_parameters(parameters)))

    def stale_reason(self, key: AnalysisKey) -> str:
        """Why a result is out of date, or an empty text."""
        return self.get_required(key).stale_reason

    def serialize_json_analysis(self) -> list[dict[str, Any]]:
        """All as blocks of a sidecar, what others depend on first."""
        ordered = sorted(self.as_list(), key=lambda one: _depth(one.key.analysis_name))
        return [one.to_json_dict() for one in ordered]

    def load_json_analysis(self, stored: Iterable[Mapping[str, Any]]) -> None:
        """Put these in the place of all there are, in any order, as one edit.

        KeyError, TypeError or ValueError for a block that is not understood or comes
        twice; then nothing has changed. A result that is here already stays whole; another
        one has no table yet and counts as that of its ROI as it is now. Analyses that are
        not known here are kept.
        """
        state = replace(self.state, records=())
        for record in map(AnalysisRecord.from_dict, stored):
            if state.record(record.key) is not None:
                raise ValueError(f"{record.key} occurs twice")
            here = self.get(record.key)
            if here is not None and here.to_json_dict() == record.to_dict():
                state = state.with_record(here.record)
            else:
                state = self._with_foreign(state, record)
        self._set(state)

    def load_all_results_dfs_from_csv(self, source: str | Path) -> None:
        """Take tables from the CSVs beside `source`, for results that did not run here.

        Numbers that another program computed wrongly are put right. `SidecarError` for a
        file that is no table of results; then nothing has changed.
        """
        state, files = self.state, dict[Path, CsvFile]()
        for record in self.state.records:
            path = self.analysis_csv_path(source, record.key.analysis_name)
            if path.is_file() and not _ran_here(record):
                table = files.setdefault(path, CsvFile(path, None)).table(record.key)
                filled = replace(record, table=table if len(table) else None)
                state = self._with_foreign(state, filled)
        self._set(state)

    def _with_foreign(self, state: AcqState, record: AnalysisRecord) -> AcqState:
        """Add a result; one that does not say how it was made belongs to its ROI as it is."""
        roi, ran = state.roi(record.key.roi_id), record.provenance
        if roi is None:
            return state.with_record(record)
        if record.summary or record.table is not None:
            ran = Provenance(dict(record.parameters), roi.geometry, self.calibration.steps)
        state = state.with_record(replace(record, provenance=ran))
        return mended(state, record.key, self.calibration)

    @staticmethod
    def analysis_csv_path(source: str | Path, analysis_name: str) -> Path:
        """Where the tables of one analysis of a recording are stored."""
        return Path(source).with_name(f"{Path(source).name}.{analysis_name}.csv")

    def results_tables_by_name(self) -> dict[str, Any]:
        """Rows of all channels and ROIs as one DataFrame per analysis that has any."""
        return tables_by_name(self.as_list())


def _run_time(record: AnalysisRecord) -> str:
    return record.provenance.time_utc if record.provenance else ""


def _ran_here(record: AnalysisRecord) -> bool:
    return record.provenance is not None and bool(record.provenance.versions)


def _depth(name: str) -> int:
    """How many analyses stand above this one."""
    method = analyses().get(name)
    return 1 + max(map(_depth, method.depends_on), default=0) if method else 0


__all__ = [
    "AcqAnalysis", "AcqAnalysisSet", "AcqEventAnalysis", "AnalysisOverlayTraceData",
    "AnalysisPlotData", "AnalysisResult",
]  # fmt: skip
