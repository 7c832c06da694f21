"""`AcqAnalysis`: one analysis of an image, as scripts see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses, analysis
from acqcore.analysis import event as edits
from acqcore.analysis.base import Curve
from acqcore.analysis.event import Event, Events, Span
from acqcore.errors import CannotRun
from acqcore.model.record import AnalysisKey, AnalysisRecord, ResultTable
from acqcore.model.schema import SchemaDefinition
from acqcore.model.state import AcqState
from acqcore.run import Source


@dataclass(frozen=True, slots=True)
class AnalysisPlotData:
    """One trace, ready to plot: equally long tuples in the units of the labels."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    series_name: str = "analysis"

    def __post_init__(self) -> None:
        _same_length(self.x, self.y)


@dataclass(frozen=True, slots=True)
class AnalysisOverlayTraceData:
    """A line to draw over the picture.

    Attributes:
        x: Seconds from the first line of the ROI (lines when not calibrated).
        y: Micrometres from its first column (pixels when not calibrated).
    """

    trace_id: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    color: str
    name: str
    visible: bool = True

    def __post_init__(self) -> None:
        _same_length(self.x, self.y)


def _same_length(x: tuple[float, ...], y: tuple[float, ...]) -> None:
    if len(x) != len(y):
        raise ValueError("x and y differ in length")


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """Summary and table of the finished run; empty and None before it."""

    summary: Mapping[str, Any]
    table: ResultTable | None


class AcqAnalysis:
    """One analysis of an image; always shows the state as it is now."""

    def __init__(
        self,
        key: AnalysisKey,
        source: Callable[[], Source],
        get_saved: Callable[[], AcqState],
        set_state: Callable[[AcqState], None],
    ) -> None:
        self.key = key
        self._source, self._saved, self._set = source, get_saved, set_state

    @property
    def record(self) -> AnalysisRecord:
        """What the state holds; KeyError after it was removed."""
        found = self._source().state.record(self.key)
        if found is None:
            raise KeyError(f"{self.key} was removed")
        return found

    @property
    def is_dirty(self) -> bool:
        """Whether it differs from the saved one."""
        return self.record != self._saved().record(self.key)

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
        source = self._source()
        return source.state.stale_reason(self.record, source.loader.header.calibration)

    @property
    def is_stale(self) -> bool:
        """Whether ROI, parameters or calibration changed since the run."""
        return bool(self.stale_reason)

    def get_detection_schema(self) -> SchemaDefinition:
        """The form of the parameters; KeyError for an analysis that is not known here."""
        return analysis(self.key.analysis_name).schema()

    def get_default_detection_params(self) -> dict[str, Any]:
        """Defaults by name; empty for an analysis that is not known here."""
        method = analyses().get(self.key.analysis_name)
        return {f.name: f.default for f in method.schema().fields} if method else {}

    def validate_detection_params(self, parameters: Mapping[str, Any]) -> None:
        """KeyError for an unknown name, TypeError, or `InvalidParameter` (a ValueError)."""
        analysis(self.key.analysis_name).parse(parameters)

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
        """A DataFrame with the columns `channel` and `roi_id` in front.

        ValueError without a table, or when it has such columns already.
        """
        frame = self._table().to_dataframe()
        frame.insert(0, "roi_id", self.key.roi_id)
        frame.insert(0, "channel", self.key.channel)
        return frame

    def to_json_dict(self) -> dict[str, Any]:
        """The block of a sidecar's `analysis` list, with every parameter stated."""
        return self.record.to_dict() | {"detection_params": self.detection_params}

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

    def get_overlay_traces(self) -> tuple[AnalysisOverlayTraceData, ...]:
        """Lines to draw over the picture, missing values left out; empty before a run."""
        method = analyses().get(self.key.analysis_name)
        if method is None or not self.has_table:
            return ()
        traces = []
        for overlay in method.overlays:
            x, y = self.get_column(overlay.x), self.get_column(overlay.y)
            there = np.isfinite(x) & np.isfinite(y)
            points = tuple(x[there].tolist()), tuple(y[there].tolist())
            traces.append(
                AnalysisOverlayTraceData(overlay.trace_id, *points, overlay.color, overlay.title)
            )
        return tuple(traces)

    def _label(self, curve: Curve, name: str) -> str:
        method = analysis(self.key.analysis_name)
        column = next(one for one in method.columns if one.name == name)
        title = curve.title if name == curve.y and curve.title else column.title
        return f"{title} ({method.unit_of(column, self._source().calibration)})"

    def _table(self) -> ResultTable:
        if self.record.table is None:
            raise ValueError(f"{self.key.analysis_name} has no table yet")
        return self.record.table


class AcqEventAnalysis(AcqAnalysis):
    """Events of an image: draw, change and delete, each one edit of the state.

    Statistics come from the velocity in the state, or from `plot_data` where that is given.
    Errors as in `acqcore.analysis.event`.
    """

    def get_events(self) -> tuple[Event, ...]:
        """All events by number."""
        return edits.events(self.record)

    def add_event(
        self,
        x0: float,
        x1: float,
        *,
        plot_data: AnalysisPlotData | None = None,
        event_type: str = "user",
        event_id: int | None = None,
    ) -> Event:
        """Draw one between two times, in seconds from the first line of the ROI."""
        before = {event.id for event in self.get_events()}
        parent = self._parent(plot_data)
        self._put(
            edits.add_event(self.record, parent, x0, x1, event_type=event_type, event_id=event_id)
        )
        return next(event for event in self.get_events() if event.id not in before)

    def add_events(
        self, spans: Iterable[Span], *, plot_data: AnalysisPlotData | None = None
    ) -> None:
        """Draw several, `(x0, x1)` or `(x0, x1, event_type)`, as one edit."""
        self._put(edits.add_events(self.record, self._parent(plot_data), spans))

    def update_event(
        self,
        event_id: int,
        *,
        plot_data: AnalysisPlotData | None = None,
        x0: float | None = None,
        x1: float | None = None,
        event_type: str | None = None,
        note: str | None = None,
    ) -> None:
        """Change what is given of one event; KeyError when there is none."""
        parent = self._parent(plot_data)
        changed = {"event_type": event_type, "note": note}
        self._put(edits.update_event(self.record, parent, event_id, x0=x0, x1=x1, **changed))

    def delete_event(self, event_id: int) -> None:
        """Remove one; KeyError when there is none."""
        self._put(edits.delete_event(self.record, event_id))

    def _put(self, record: AnalysisRecord) -> None:
        self._set(self._source().state.with_record(record))

    def _parent(self, plot_data: AnalysisPlotData | None) -> AnalysisRecord:
        (name,) = Events.depends_on
        parent = self._source().state.record(replace(self.key, analysis_name=name))
        if parent is None:
            raise CannotRun("Events need the velocities of the same ROI, which are not there.")
        if plot_data is None:
            return parent
        curve = analysis(name).curves[0]
        columns = {curve.x: np.array(plot_data.x), curve.y: np.array(plot_data.y)}
        return replace(parent, table=ResultTable(columns))


def tables_by_name(found: Iterable[AcqAnalysis]) -> dict[str, Any]:
    """Rows of all channels and ROIs as one DataFrame per analysis that has any."""
    import pandas as pd  # heavy: only where a table leaves the program

    frames: dict[str, list[Any]] = {}
    for one in found:
        if one.has_table:
            frames.setdefault(one.key.analysis_name, []).append(one.table_with_bookkeeping())
    return {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}
