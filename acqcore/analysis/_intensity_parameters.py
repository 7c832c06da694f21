"""The knobs of the line intensity: names and defaults of the reference program, and ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from acqcore.errors import InvalidParameter
from acqcore.model.schema import described

_PRE, _PEAK = "Preprocessing", "Peak Detection"


@dataclass(frozen=True, slots=True)
class SumIntensityParameters:
    """Knobs of `SumIntensity`; times are in ms, or in lines without a known line time."""

    window_radius_points: int = described(
        6, title="Window radius", unit="points", minimum=0, group=_PRE,
        help="Running mean over this many lines to either side; 0 turns it off.",
    )  # fmt: skip
    filter_method: str = described(
        "median", title="Filter method", choices=("none", "median"), group=_PRE,
        help="What removes single outliers.",
    )  # fmt: skip
    median_filter_kernel_points: int = described(
        3, title="Median filter kernel", unit="points", minimum=1, group=_PRE,
        applies_when=("filter_method", ("median",)),
        help="Lines per median; an even number takes one more.",
    )  # fmt: skip
    detrend_method: str = described(
        "single_exponential", title="Detrend method", choices=("none", "single_exponential"),
        group=_PRE, help="Subtract a fitted exponential decay: bleaching.",
    )  # fmt: skip
    baseline_method: str = described(
        "percentile", title="F0 baseline method", group=_PRE,
        choices=("percentile", "manual", "sliding_percentile"),
        help="One percentile of the whole trace, a number, or a percentile in a sliding window.",
    )  # fmt: skip
    baseline_percentile: float = described(
        20.0, title="F0 baseline percentile", minimum=0.0, maximum=100.0, group=_PRE,
        applies_when=("baseline_method", ("percentile", "sliding_percentile")),
        help="Part of the samples that lie below F0.",
    )  # fmt: skip
    manual_f0_baseline: float = described(
        1.0, title="Manual F0 baseline", unit="counts", group=_PRE,
        applies_when=("baseline_method", ("manual",)), help="F0 as a number; not 0.",
    )  # fmt: skip
    sliding_window_sec: float = described(
        10.0, title="Sliding window", unit="s", minimum=0.01, group=_PRE,
        applies_when=("baseline_method", ("sliding_percentile",)),
        help="Length of the window of a sliding F0; several events should fit into it.",
    )  # fmt: skip
    dark_offset_method: str = described(
        "none", title="Dark offset", choices=("none", "percentile", "manual"), group=_PRE,
        help="Subtract what the detector shows without light, before anything else.",
    )  # fmt: skip
    dark_offset_percentile: float = described(
        1.0, title="Dark offset percentile", minimum=0.0, maximum=100.0, group=_PRE,
        applies_when=("dark_offset_method", ("percentile",)),
        help="Percentile of all pixels of the ROI.",
    )  # fmt: skip
    dark_offset: float = described(
        0.0, title="Manual dark offset", unit="counts", group=_PRE,
        applies_when=("dark_offset_method", ("manual",)), help="Dark counts of one pixel.",
    )  # fmt: skip
    baseline_window_ms: float = described(
        100.0, title="Baseline window", unit="ms", minimum=0.0, group=_PRE,
        help="Stretch before an onset over which the event's own baseline is measured.",
    )  # fmt: skip
    baseline_min_value: float = described(
        1e-12, title="F0 minimum value", unit="counts", minimum=1e-300, visible=False,
        group=_PRE, help="An F0 nearer to zero than this gives no dF/F0.",
    )  # fmt: skip
    detection_method: str = described(
        "derivative_threshold", title="Detection method", group=_PEAK,
        choices=("derivative_threshold", "absolute_threshold", "matched_filter"),
        help="Matched filter measures the noise and finds what resembles a transient; the "
        "thresholds are fixed numbers.",
    )  # fmt: skip
    polarity: str = described(
        "positive", title="Polarity", choices=("positive", "negative"), group=_PEAK,
        help="Whether events rise or fall.",
    )  # fmt: skip
    detection_source: str = described(
        "df_f_signal", title="Detection source", group=_PEAK,
        choices=(
            "sum_intensity", "norm_sum_intensity", "filtered_norm_sum_intensity",
            "detrended_norm_sum_intensity", "df_f_signal",
        ),
        help="The trace on which events are found and measured.",
    )  # fmt: skip
    absolute_threshold: float = described(
        0.0, title="Absolute threshold", group=_PEAK,
        applies_when=("detection_method", ("absolute_threshold",)),
        help="Value of the source at which an event begins.",
    )  # fmt: skip
    derivative_threshold_per_sec: float = described(
        3.0, title="Derivative threshold", unit="1/s", group=_PEAK,
        applies_when=("detection_method", ("derivative_threshold",)),
        help="Slope of the source at which an event begins.",
    )  # fmt: skip
    noise_threshold: float = described(
        5.0, title="Noise threshold", unit="SD", minimum=2.0, maximum=100.0, group=_PEAK,
        applies_when=("detection_method", ("matched_filter",)),
        help="How far an event must stand out of the noise that the trace itself shows.",
    )  # fmt: skip
    onset_refinement: str = described(
        "none", title="Onset refinement", choices=("none", "fit"), group=_PEAK,
        applies_when=("detection_method", ("derivative_threshold", "absolute_threshold")),
        help="Fit rise and decay to place onsets between lines; a matched filter always does.",
    )  # fmt: skip
    refractory_period_ms: float = described(
        10.0, title="Refractory period", unit="ms", minimum=0.0, group=_PEAK,
        help="Least distance of two onsets.",
    )  # fmt: skip
    peak_search_window_ms: float = described(
        50.0, title="Peak search window", unit="ms", minimum=1e-6, group=_PEAK,
        help="How long after its onset an event may peak.",
    )  # fmt: skip
    width_search_window_ms: float = described(
        750.0, title="Width search window", unit="ms", minimum=1e-6, group=_PEAK,
        help="How long after its peak an event may take to come down.",
    )  # fmt: skip
    level_fractions: str = described(
        "0.1,0.2,0.5,0.8,0.9", title="Level fractions", visible=False, group=_PEAK,
        help="Parts of the height at which widths are measured, separated by commas.",
    )  # fmt: skip

    @property
    def fractions(self) -> tuple[float, ...]:
        """`level_fractions` as numbers; `InvalidParameter` if one is not between 0 and 1."""
        try:
            found = tuple(float(one) for one in self.level_fractions.split(","))
        except ValueError:
            found = ()
        if not found or not all(0 < one < 1 for one in found):
            raise InvalidParameter("Level fractions: Enter numbers between 0 and 1, with commas.")
        return found


def _kymograph_events(refractory: float, peak: float, width: float) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            "window_radius_points": 0,
            "derivative_threshold_per_sec": 1.0,
            "refractory_period_ms": refractory,
            "peak_search_window_ms": peak,
            "width_search_window_ms": width,
        }
    )


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "Fast events": _kymograph_events(10.0, 50.0, 150.0),
        "Medium events": _kymograph_events(250.0, 150.0, 500.0),
        "Slow events": _kymograph_events(500.0, 250.0, 750.0),
        "Adaptive": MappingProxyType(
            {
                "window_radius_points": 0,
                "filter_method": "none",
                "detection_method": "matched_filter",
                "refractory_period_ms": 10.0,
                "peak_search_window_ms": 250.0,
                "width_search_window_ms": 1500.0,
            }
        ),
    }
)
"""What differs from the defaults; the first three are the reference program's."""
