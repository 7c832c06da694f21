"""`AcqAnalysisSet`: the analyses of one image, by name, channel and ROI.

A façade over the state, like `RoiSet`. A run changes nothing until it has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from acqcore.analysis import analyses, analysis
from acqcore.analysis.base import Curve, RunContext
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
from acqcore.model.state import AcqState
from acqcore.run import Source, run


@dataclass(frozen=True, slots=True)
class AnalysisPlotData:
    """One trace, ready to plot: equally long tuples in the units of the labels."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    series_name: str = "analysis"

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError("x and y differ in length")


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """Summary and table of the finished run; empty and None before it."""

    summary: Mapping[str, Any]
    table: ResultTable | None


class AcqAnalysis:
    """One analysis of an image; always shows the state as it is now."""

    def __init__(self, owner: AcqAnalysisSet, key: AnalysisKey) -> None:
        self._owner, self.key = owner, key

    @property
    def record(self) -> AnalysisRecord:
        """What the state holds; KeyError after it was removed."""
        found = self._owner.state.record(self.key)
        if found is None:
            raise KeyError(f"{self.key} was removed")
        return found

    @property
    def detection_params(self) -> dict[str, Any]:
        """Parameters of the next run, with defaults for those that were not given."""
        return self.get_default_detection_params() | dict(self.record.parameters)

    @property
    def result(self) -> AnalysisResult:
        """What the last run gave."""
        return AnalysisResult(self.record.summary, self.record.table)

    @property
    def stale_reason(self) -> str:
        """Why the result no longer describes its ROI, or an empty text."""
        return self._owner.stale_reason(self.key)

    @property
    def is_stale(self) -> bool:
        """Whether ROI, parameters or calibration changed since the run."""
        return bool(self.stale_reason)

    def get_default_detection_params(self) -> dict[str, Any]:
        """Defaults by name; empty for an analysis that is not known here."""
        method = analyses().get(self.key.analysis_name)
        return {f.name: f.default for f in method.schema().fields} if method else {}

    @property
    def has_table(self) -> bool:
        """Whether there are rows."""
        return self.record.table is not None

    def get_table_columns(self) -> list[str]:
        """Column names; ValueError without a table."""
        return list(self._table().names)

    def get_column(self, name: str) -> NDArray[Any]:
        """One column; ValueError without a table, KeyError for an unknown name."""
        return self._table()[name]

    def table_with_bookkeeping(self) -> Any:
        """A DataFrame with the columns `channel` and `roi_id` in front."""
        frame = self._table().to_dataframe()
        frame.insert(0, "roi_id", self.key.roi_id)
        frame.insert(0, "channel", self.key.channel)
        return frame

    def get_plot_data(self) -> AnalysisPlotData | None:
        """The first trace, missing values included, or None before a run.

        x is in seconds from the first line of the ROI; units stand in the labels.
        """
        method = analyses().get(self.key.analysis_name)
        if method is None or not method.curves or not self.has_table:
            return None
        curve, table = method.curves[0], self._table()
        x, y = table[curve.x].tolist(), table[curve.y].tolist()
        labels = self._label(curve, curve.x), self._label(curve, curve.y)
        return AnalysisPlotData(tuple(x), tuple(y), *labels, series_name=method.title)

    def _label(self, curve: Curve, name: str) -> str:
        method = analysis(self.key.analysis_name)
        column = next(one for one in method.columns if one.name == name)
        title = curve.title if name == curve.y and curve.title else column.title
        return f"{title} ({method.unit_of(column, self._owner.calibration)})"

    def _table(self) -> ResultTable:
        if self.record.table is None:
            raise ValueError(f"{self.key.analysis_name} has no table yet")
        return self.record.table


class AcqAnalysisSet:
    """Analyses in the order of creation."""

    def __init__(self, source: Callable[[], Source], set_state: Callable[[AcqState], None]) -> None:
        self._source, self._set = source, set_state

    @property
    def state(self) -> AcqState:
        """The state of the image now."""
        return self._source().state

    @property
    def calibration(self) -> Calibration:
        """The calibration in force."""
        return self._source().calibration

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
        parameter or a second analysis of the same name, channel and ROI.
        """
        key, given = AnalysisKey(analysis_name, channel, roi_id), dict(detection_params or {})
        analysis(analysis_name).parse(given)
        if self.state.record(key) is not None:
            raise ValueError(f"{analysis_name} exists on channel {channel}, ROI {roi_id}")
        if self.state.roi(roi_id) is None:
            raise ValueError(f"there is no ROI {roi_id}")
        self._set(self.state.with_record(AnalysisRecord(key, given)))
        return AcqAnalysis(self, key)

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

    def get(self, key: AnalysisKey) -> AcqAnalysis | None:
        """The analysis of that key, or None."""
        return AcqAnalysis(self, key) if self.state.record(key) is not None else None

    def get_required(self, key: AnalysisKey) -> AcqAnalysis:
        """The analysis of that key; KeyError when there is none."""
        found = self.get(key)
        if found is None:
            raise KeyError(f"there is no {key}")
        return found

    def remove(self, key: AnalysisKey) -> bool:
        """Delete one; tells whether it was there."""
        there = self.state.record(key) is not None
        self._set(self.state.without_record(key))
        return there

    def as_list(self) -> list[AcqAnalysis]:
        """All, in the order of creation."""
        return [AcqAnalysis(self, record.key) for record in self.state.records]

    def __iter__(self) -> Iterator[AcqAnalysis]:
        return iter(self.as_list())

    def __len__(self) -> int:
        return len(self.state.records)

    def run_analysis(self, key: AnalysisKey, *, context: RunContext | None = None) -> AcqAnalysis:
        """Run with the parameters of the record; on any error the old result stays."""
        asked = self.get_required(key).record.parameters
        self._set(self.state.with_record(run(self._source(), key, asked, context)))
        return AcqAnalysis(self, key)

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
        source = self._source()
        record = self.get_required(key).record
        return source.state.stale_reason(record, source.loader.header.calibration)
