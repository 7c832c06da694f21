"""Brightness of every scan line as dF/F0, and the calcium transients in it.

Sum over the line, running mean, median filter, bleaching removed, divided by F0; events
by a fixed threshold or by a detector that adapts to the noise, with peak, widths and
kinetics. The numbers of the reference program come out alike where its own are right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_access import (
    FEATURES,
    TRACES,
    event_points,
    event_table,
    intensity_trace,
    peak_events,
    percentile_f0_baseline,
    summary_value,
    width_trace,
)
from acqcore.analysis._intensity_events import EventRules, Record, Source, event_records
from acqcore.analysis._intensity_found import FOUND_COLUMNS, found_peaks
from acqcore.analysis._intensity_kinetics import Transient
from acqcore.analysis._intensity_onsets import (
    matched_transients,
    noise_of,
    refined,
    threshold_onsets,
)
from acqcore.analysis._intensity_parameters import PRESETS, SumIntensityParameters
from acqcore.analysis._intensity_quality import event_quality
from acqcore.analysis._intensity_traces import (
    Floats,
    Notes,
    Tick,
    dark_percentile,
    line_sums,
    median_filtered,
    relative,
    rolling_mean,
    sliding_percentile,
    slope,
    without_bleaching,
)
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord, Columns

__all__ = [
    "FEATURES", "TRACES", "SumIntensity", "SumIntensityParameters", "event_points",
    "event_table", "intensity_trace", "peak_events", "percentile_f0_baseline",
    "preset_parameters", "summary_value", "width_trace",
]  # fmt: skip

_UNKNOWN_LINE_S = 0.001  # a line counts as this long where its duration is not known


class SumIntensity(Analysis[SumIntensityParameters]):
    """Line intensity, dF/F0 and its transients; one table row per line."""

    name = "sum_intensity"
    title = "Intensity (dF/F0)"
    place = 60
    Parameters = SumIntensityParameters
    found_title, found_span = "Peaks", ("onset_time_sec", "peak_time_sec")
    found_columns = FOUND_COLUMNS
    columns = (
        Column("time_index", "lines", "Line", "From the first line of the ROI."),
        Column("time_sec", "s", "Time", "From the first line of the ROI."),
        Column("sum_intensity", "counts", "Intensity sum", "Sum of the line, after the mean."),
        Column("norm_sum_intensity", "counts", "Mean line intensity", "The sum per pixel."),
        Column("filtered_norm_sum_intensity", "counts", "Filtered intensity", "Median filtered."),
        Column("detrended_norm_sum_intensity", "counts", "Detrended intensity", "Unbleached."),
        Column("f0_baseline", "counts", "F0", "What the intensity is divided by."),
        Column("df_f_signal", "", "dF/F0", "(intensity - F0) / F0."),
        Column("d_df_f_signal", "1/s", "Slope of dF/F0", "Derivative in time."),
        Column("is_onset", "", "Onset", "Whether an event begins on this line."),
        Column("is_peak", "", "Peak", "Whether an event peaks on this line."),
        Column("onset_index", "lines", "Onset line", "Of the first event marked here."),
        Column("peak_id", "", "Event", "Number of the first event marked here."),
        Column("event_ids", "", "Events", "All events that begin or peak here, with `;`."),
    )
    curves = (
        Curve("time_sec", "df_f_signal", quantity="intensity", title="dF/F0"),
        Curve("time_sec", "norm_sum_intensity", quantity="intensity", title="Intensity"),
        Curve(
            "time_sec", "filtered_norm_sum_intensity",
            quantity="intensity", title="Filtered intensity",
        ),
        Curve(
            "time_sec", "detrended_norm_sum_intensity",
            quantity="intensity", title="Detrended intensity",
        ),
        Curve("time_sec", "f0_baseline", quantity="intensity", title="F0"),
        Curve("time_sec", "sum_intensity", quantity="intensity", title="Intensity sum"),
        Curve("time_sec", "d_df_f_signal", quantity="intensity", title="Slope of dF/F0"),
    )  # fmt: skip
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = PRESETS

    def run(
        self, inputs: Inputs, parameters: SumIntensityParameters, context: RunContext
    ) -> Result:
        """One row per line and one record per event; `CannotRun` for an empty ROI."""
        notes = Notes()
        trial = _Trial(inputs, parameters, notes, lambda: context.progress(trial.done, "Measuring"))
        _check(inputs, parameters)
        traces = _traces(trial)
        trial.done = 0.3
        source = _source(traces, trial)
        found = _found(source, trial)
        trial.done = 0.9
        records = event_records(source, found.onsets, _rules(trial), trial.tick)
        shared = _share_rows(records, notes)
        table = dict(traces.columns) | _marks(records, shared, len(inputs.pixels))
        return Result(table, _summary(traces, records, found, trial))

    def found(self, record: AnalysisRecord) -> Columns:
        """Transients with their kinetics, the earliest first."""
        return found_peaks(record)

    def unit_of(self, column: Column, calibration: Calibration) -> str:
        """Slopes are per line where the line time is not known."""
        unit = super().unit_of(column, calibration)
        return "1/line" if unit == "1/s" and not calibration.time_known else unit


def preset_parameters(name: str) -> dict[str, Any]:
    """Every parameter of a preset, as a copy; KeyError for an unknown name.

    `fast`, `medium`, `slow` and `adaptive` are short for the names in the form.
    """
    short = {title.split()[0].lower(): title for title in PRESETS}
    return asdict(SumIntensityParameters()) | dict(PRESETS[short.get(name, name)])


@dataclass(slots=True)
class _Trial:
    """One run on its way.

    Attributes:
        tick: Reports progress and stops a run that is not wanted any more.
        done: Part of the work behind us.
    """

    inputs: Inputs
    parameters: SumIntensityParameters
    notes: Notes
    tick: Tick
    done: float = 0.0

    @property
    def line_s(self) -> float:
        """Duration of a line for parameters in ms."""
        known = self.inputs.calibration.time_known
        return self.inputs.calibration.step_y if known else _UNKNOWN_LINE_S

    @property
    def sign(self) -> int:
        return 1 if self.parameters.polarity == "positive" else -1

    @property
    def independent(self) -> int:
        """Distance at which smoothing leaves samples independent."""
        asked = self.parameters
        kernel = asked.median_filter_kernel_points if asked.filter_method == "median" else 1
        return 2 * asked.window_radius_points + kernel

    def points(self, milliseconds: float) -> int:
        """Nearest number of lines."""
        return max(0, round(milliseconds / 1000.0 / self.line_s))


def _check(inputs: Inputs, parameters: SumIntensityParameters) -> None:
    if inputs.pixels.ndim != 2 or inputs.pixels.size == 0:
        raise CannotRun("The ROI holds no pixels.")
    if parameters.baseline_method == "manual" and parameters.manual_f0_baseline == 0:
        raise InvalidParameter("Manual F0 baseline: Enter a number that is not 0.")
    if parameters.fractions and parameters.peak_search_window_ms <= 0:
        raise InvalidParameter("Peak search window: Enter a number above 0.")


# --- traces ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Traces:
    columns: Mapping[str, NDArray[Any]]
    saturated: NDArray[np.bool_]


def _traces(trial: _Trial) -> _Traces:
    """Columns of the table up to the derivative, in order."""
    asked, notes, pixels = trial.parameters, trial.notes, trial.inputs.pixels
    sums = line_sums(pixels, _dark(trial), trial.tick)
    trial.done = 0.1
    _remark(trial, sums.total, sums.saturated)
    seconds = np.arange(len(pixels), dtype=np.float64) * float(trial.inputs.calibration.step_y)
    total = rolling_mean(sums.total, asked.window_radius_points)
    mean = total / pixels.shape[1]
    filtered = median_filtered(mean, _kernel(trial), trial.tick)
    detrended = filtered
    if asked.detrend_method == "single_exponential":
        detrended = without_bleaching(filtered, seconds, notes, trial.tick)
    f0 = _baseline(detrended, trial)
    df_f = relative(detrended, f0, asked.baseline_min_value, notes)
    columns = {
        "time_index": np.arange(len(pixels), dtype=np.int64),
        "time_sec": seconds,
        "sum_intensity": total,
        "norm_sum_intensity": mean,
        "filtered_norm_sum_intensity": filtered,
        "detrended_norm_sum_intensity": detrended.copy(),
        "f0_baseline": f0,
        "df_f_signal": df_f,
        "d_df_f_signal": slope(df_f, seconds),
    }
    return _Traces(columns, sums.saturated)


def _dark(trial: _Trial) -> float:
    asked = trial.parameters
    if asked.dark_offset_method == "percentile":
        return dark_percentile(trial.inputs.pixels, asked.dark_offset_percentile)
    return asked.dark_offset if asked.dark_offset_method == "manual" else 0.0


def _remark(trial: _Trial, total: Floats, saturated: NDArray[np.bool_]) -> None:
    """Say what is odd about the recording."""
    warnings, count = trial.notes.warnings, len(total)
    unknown = int(np.count_nonzero(~np.isfinite(total)))
    if 0 < unknown < count:
        warnings.append(f"{unknown} of {count} lines have no known pixel and stay empty.")
    if saturated.any():
        warnings.append(f"{int(saturated.sum())} of {count} lines are saturated.")
    if not trial.inputs.calibration.time_known:
        warnings.append("The line time is not known: parameters in ms count lines instead.")
    if count < 2:
        warnings.append("The ROI has one line, so there are no slopes and no events.")


def _kernel(trial: _Trial) -> int:
    asked = trial.parameters
    if asked.filter_method == "none":
        return 1
    kernel = asked.median_filter_kernel_points
    if kernel % 2 == 0:
        trial.notes.warnings.append(
            f"The median filter needs an odd kernel: {kernel + 1} was used instead of {kernel}."
        )
        kernel += 1
    return kernel


def _baseline(values: Floats, trial: _Trial) -> Floats:
    """F0 for every line."""
    asked, count = trial.parameters, len(values)
    if asked.baseline_method == "manual":
        return np.full(count, asked.manual_f0_baseline)
    if asked.baseline_method == "sliding_percentile":
        window = trial.points(1000 * asked.sliding_window_sec)
        return sliding_percentile(values, asked.baseline_percentile, window, trial.tick)
    known = values[np.isfinite(values)]
    level = np.percentile(known, asked.baseline_percentile) if known.size else math.nan
    return np.full(count, float(level))


# --- events ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """Onsets in order, the fits that belong to them (or None), and the noise of a sample."""

    onsets: Sequence[int]
    fits: Sequence[Transient | None]
    noise: float


def _source(traces: _Traces, trial: _Trial) -> Source:
    values = traces.columns[trial.parameters.detection_source]
    seconds: Floats = traces.columns["time_sec"]
    return Source(values, slope(values, seconds), seconds)


def _rules(trial: _Trial) -> EventRules:
    asked = trial.parameters
    return EventRules(
        trial.sign,
        trial.points(asked.peak_search_window_ms),
        trial.points(asked.width_search_window_ms),
        trial.points(asked.baseline_window_ms),
        asked.fractions,
        asked.detection_method,
        stop_at_next=asked.detection_method == "matched_filter",
    )


def _found(source: Source, trial: _Trial) -> _Found:
    asked = trial.parameters
    up, gap = trial.sign * source.values, trial.points(asked.refractory_period_ms)
    noise = noise_of(up, trial.independent)
    # Neighbours that share noise count for as many fewer.
    shared_noise = noise * math.sqrt(trial.independent)
    if asked.detection_method == "matched_filter":
        fits = matched_transients(
            up, shared_noise, asked.noise_threshold, gap, trial.line_s, trial.tick
        )
        last = len(up) - 1
        return _Found([min(max(round(one.onset), 0), last) for one in fits], fits, noise)
    onsets = _threshold_onsets(source, gap, trial)
    if asked.onset_refinement == "none" or not onsets:
        return _Found(onsets, [None] * len(onsets), noise)
    fits = refined(up, shared_noise, onsets, trial.line_s, trial.tick)
    return _Found(onsets, fits or [None] * len(onsets), noise)


def _threshold_onsets(source: Source, gap: int, trial: _Trial) -> list[int]:
    asked = trial.parameters
    if asked.detection_method == "absolute_threshold":
        return threshold_onsets(source.values, asked.absolute_threshold, trial.sign, gap)
    # The slope is per step of the time axis, which is a line where its duration is not known.
    per_step = 1.0 if trial.inputs.calibration.time_known else _UNKNOWN_LINE_S
    threshold = asked.derivative_threshold_per_sec * per_step
    return threshold_onsets(source.slope, threshold, trial.sign, gap)


def _share_rows(records: Sequence[Record], notes: Notes) -> dict[int, list[int]]:
    """Events marked on each line; an event that shares a line says so."""
    marked: dict[int, list[int]] = {}
    for record in records:
        for row in {record["onset"]["index"], record["peak"]["index"]}:
            marked.setdefault(row, []).append(record["peak_id"])
    shared = 0
    for record in records:
        others = {
            other
            for row in (record["onset"]["index"], record["peak"]["index"])
            for other in marked[row]
            if other != record["peak_id"]
        }
        if others:
            listed = ", ".join(map(str, sorted(others)))
            record["warnings"].append(f"Begins or peaks on the same line as event {listed}.")
            shared += 1
    if shared:
        notes.warnings.append(f"{shared} events share the line of an onset or a peak.")
    return marked


def _marks(
    records: Sequence[Record], marked: Mapping[int, Sequence[int]], count: int
) -> dict[str, NDArray[Any]]:
    is_onset, is_peak = np.zeros((2, count), bool)
    onset_index, peak_id = np.full((2, count), np.nan)
    texts = [""] * count
    for row, ids in marked.items():
        peak_id[row], texts[row] = ids[0], ";".join(map(str, ids))
        onset_index[row] = records[ids[0] - 1]["onset"]["index"]
    is_onset[[one["onset"]["index"] for one in records]] = True
    is_peak[[one["peak"]["index"] for one in records]] = True
    return {
        "is_onset": is_onset,
        "is_peak": is_peak,
        "onset_index": onset_index,
        "peak_id": peak_id,
        "event_ids": np.array(texts, dtype=str),
    }


# --- summary ---------------------------------------------------------------------------


def _summary(
    traces: _Traces, records: Sequence[Record], found: _Found, trial: _Trial
) -> dict[str, Any]:
    asked, notes = trial.parameters, trial.notes
    calibration = trial.inputs.calibration
    heights = [one["peak"]["amplitude"] for one in records if one["status"] == "ok"]
    f0 = traces.columns["f0_baseline"]
    known = f0[np.isfinite(f0)]
    quality = [
        event_quality(record, fit, found.noise, calibration.step_y, traces.saturated)
        for record, fit in zip(records, found.fits, strict=True)
    ]
    return {
        "status": notes.status,
        "num_timepoints": len(f0),
        "num_peaks": len(records),
        "num_space_pixels": trial.inputs.pixels.shape[1],
        "seconds_per_line": calibration.step_y if calibration.time_known else None,
        "f0_baseline": float(np.median(known)) if known.size else None,
        "baseline_method": asked.baseline_method,
        "baseline_percentile": asked.baseline_percentile,
        "manual_f0_baseline": asked.manual_f0_baseline,
        "peak_amplitude_mean": float(np.mean(heights)) if heights else None,
        "peak_amplitude_median": float(np.median(heights)) if heights else None,
        "warnings": notes.warnings,
        "errors": notes.errors,
        "detrend_method": asked.detrend_method,
        "detection_method": asked.detection_method,
        "detection_source": asked.detection_source,
        "peak_search_window_ms": asked.peak_search_window_ms,
        "width_search_window_ms": asked.width_search_window_ms,
        "baseline_window_ms": asked.baseline_window_ms,
        "peak_events": list(records),
        "noise_sd": found.noise,
        "num_flagged_events": sum(one["flag"] != "" for one in quality),
        "event_quality": quality,
    }
