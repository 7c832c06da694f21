"""Diameter of a vessel from scans across it: where its two walls are at every line.

Neighbouring lines are joined to a brightness profile; each method reads two edges from
it. Positions count from the middle of the ROI's first pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._diameter_edges import (
    Edges,
    gradient_edges,
    half_maximum_edges,
    threshold_edges,
    without_gaps,
)
from acqcore.analysis._diameter_gate import Limits, gate, median_filtered
from acqcore.analysis._diameter_profiles import Profiles, percentiles, profile_blocks
from acqcore.analysis._diameter_quality import Faults, blank_profiles, flag_texts, scores
from acqcore.analysis._diameter_tables import diameter_summary, mended_diameters
from acqcore.analysis._windows import Floats, Indices, saturation_level
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Overlay, Result, RunContext
from acqcore.errors import CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import Columns
from acqcore.model.schema import described

_MIN_WIDTH = 4
_CLEAR_CONTRAST = 4.0
"""Contrast over the noise of the profile from which on there is a vessel."""
_ROWS_TO_CONFIRM = 4
"""Rows beyond a window that must agree on a jump for it to be real."""

_THRESHOLD = ("diameter_method", ("threshold_width",))
_GRADIENT = ("diameter_method", ("gradient_edges",))
_SMOOTHED = ("diameter_method", ("gradient_edges", "fwhm"))


@dataclass(frozen=True, slots=True)
class DiameterParameters:
    """Knobs of `Diameter`.

    Stored parameters without `edge_refinement` come from a program that knew only `integer`.
    """

    window_rows_odd: int = described(
        5, title="Lines joined", unit="lines", minimum=1, maximum=1001,
        suggestions=(1, 3, 5, 9, 15), help="Neighbouring lines per profile; an odd number.",
    )  # fmt: skip
    stride: int = described(
        1, title="Stride", unit="lines", minimum=1, help="Lines from one row to the next."
    )
    binning_method: str = described(
        "mean", title="Join lines by", choices=("mean", "median"),
        help="The median withstands single bright lines; the mean is quieter.",
    )  # fmt: skip
    polarity: str = described(
        "bright_on_dark", title="Polarity", choices=("bright_on_dark", "dark_on_bright"),
        help="Whether the lumen is brighter or darker than the tissue.",
    )  # fmt: skip
    diameter_method: str = described(
        "threshold_width", title="Method", choices=("threshold_width", "gradient_edges", "fwhm"),
        help="Threshold width: outermost crossings of one threshold. Gradient edges: steepest "
        "rise and fall. FWHM: half-way between tissue and lumen at each wall; the most "
        "accurate for a clear vessel, also if its brightness is uneven.",
    )  # fmt: skip
    post_filter_kernel_size: int = described(
        3, title="Median filter", unit="rows", minimum=3, maximum=1001,
        suggestions=(3, 5, 9), help="Rows of the filtered diameter's median; an odd number.",
    )  # fmt: skip
    threshold_mode: str = described(
        "half_max", title="Threshold", choices=("half_max", "absolute"), applies_when=_THRESHOLD,
        help="Half-way between the 10th and the 90th percentile of the profile, or a number. "
        "Percentiles need a ROI of which the vessel fills a fifth to four fifths.",
    )  # fmt: skip
    threshold_value: float = described(
        0.0, title="Threshold value", unit="counts", applies_when=("threshold_mode", ("absolute",)),
        help="For a dark lumen it counts down from the brightest pixel of the profile.",
    )  # fmt: skip
    gradient_sigma: float = described(
        1.5, title="Smoothing", unit="px", minimum=0.0, maximum=100.0, applies_when=_SMOOTHED,
        help="Standard deviation of the Gaussian along the line; best as wide as the blur.",
    )  # fmt: skip
    gradient_kernel: str = described(
        "central_diff", title="Gradient", choices=("central_diff",), applies_when=_GRADIENT,
        help="How the steepness is computed.",
    )  # fmt: skip
    gradient_min_edge_strength: float = described(
        0.02, title="Weakest edge", unit="counts/px", minimum=0.0, applies_when=_GRADIENT,
        help="Edges that are less steep are flagged, and so are those that noise may make.",
    )  # fmt: skip
    enable_motion_gating: bool = described(
        True, title="Reject jumps", applies_when=_SMOOTHED,
        help="Reject rows that jump away from the last accepted one; a change that lasts "
        "longer than a disturbed line can is accepted.",
    )  # fmt: skip
    max_edge_shift_um: float = described(
        2.0, title="Largest shift of an edge", unit="um", minimum=0.0, applies_when=_SMOOTHED,
        help="From one row to the next.",
    )  # fmt: skip
    max_diameter_change_um: float = described(
        2.0, title="Largest change of diameter", unit="um", minimum=0.0, applies_when=_SMOOTHED,
        help="From one row to the next.",
    )  # fmt: skip
    max_center_shift_um: float = described(
        2.0, title="Largest shift of the centre", unit="um", minimum=0.0, applies_when=_SMOOTHED,
        help="From one row to the next.",
    )  # fmt: skip
    edge_refinement: str = described(
        "subpixel", title="Edges", choices=("subpixel", "integer"),
        help="Integer: last pixels inside, one pixel short of the width, as older programs "
        "had it, and their summary, which counts flagged rows too. Subpixel: between the pixels.",
    )  # fmt: skip


class Diameter(Analysis[DiameterParameters]):
    """Distance of two walls, row by row."""

    name = "diameter"
    title = "Diameter"
    place = 30
    Parameters = DiameterParameters
    columns = (
        Column("time_s", "s", "Time", "Middle line of the row, from the first line of the ROI."),
        Column("center_row", "lines", "Line", "Middle line of the row, from the ROI's first."),
        Column("left_edge_px", "px", "Left edge", "0 is the middle of the ROI's first pixel."),
        Column("right_edge_px", "px", "Right edge", "0 is the middle of the ROI's first pixel."),
        Column("left_edge_um", "um", "Left edge", "From the middle of the ROI's first pixel."),
        Column("right_edge_um", "um", "Right edge", "From the middle of the ROI's first pixel."),
        Column("diameter_px", "px", "Diameter", "Right edge less left edge."),
        Column("diameter_um", "um", "Diameter", "Right edge less left edge."),
        Column("diameter_px_filt", "px", "Filtered diameter", "Median of neighbouring rows."),
        Column("diameter_um_filt", "um", "Filtered diameter", "Median of neighbouring rows."),
        Column("diameter_was_filtered", "", "Filtered", "Whether the median changed it."),
        Column("peak", "counts", "Peak", "90th percentile of the profile."),
        Column("baseline", "counts", "Baseline", "10th percentile of the profile."),
        Column("sum_intensity", "counts", "Sum", "Sum of the profile."),
        Column("edge_strength_left", "counts/px", "Left strength", "Of the gradient's edge."),
        Column("edge_strength_right", "counts/px", "Right strength", "Of the gradient's edge."),
        Column("qc_score", "", "Quality", "1 without any fault, down to 0."),
        Column("qc_edge_violation", "", "Edge fault", "An edge is missing, weak or jumped."),
        Column("qc_diameter_violation", "", "Diameter fault", "The diameter jumped."),
        Column("qc_center_violation", "", "Centre fault", "The centre jumped."),
        Column("diameter_se_um", "um", "Standard error", "One standard error of the diameter."),
        Column("flag", "", "Flag", "Why a row is not to be trusted; empty if it is."),
    )
    curves = (
        Curve(
            "time_s", "diameter_um_filt", error="diameter_se_um", flag="flag",
            quantity="diameter", title="Diameter",
        ),
    )  # fmt: skip
    overlays = (
        Overlay("diameter_left_edge", "time_s", "left_edge_um", "cyan", "Left edge"),
        Overlay("diameter_right_edge", "time_s", "right_edge_um", "magenta", "Right edge"),
    )
    unstated_parameters: ClassVar[Mapping[str, Any]] = {"edge_refinement": "integer"}
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Bright vessel": {"diameter_method": "fwhm", "polarity": "bright_on_dark"},
        "Dark vessel": {"diameter_method": "fwhm", "polarity": "dark_on_bright"},
        "Older numbers": {"diameter_method": "threshold_width", "edge_refinement": "integer"},
    }

    def run(self, inputs: Inputs, parameters: DiameterParameters, context: RunContext) -> Result:
        """One row per `stride` lines; `CannotRun` when the ROI is too narrow."""
        _check(inputs, parameters)
        rows = _measured(inputs.pixels, parameters, context)
        if parameters.enable_motion_gating and parameters.diameter_method in _SMOOTHED[1]:
            _reject_jumps(rows, parameters, inputs.calibration, context)
        table = _table(rows, parameters, inputs.calibration, context)
        extra = {
            "diameter_method": parameters.diameter_method,
            "edge_refinement": parameters.edge_refinement,
        }
        return Result(
            table, diameter_summary(table, parameters.edge_refinement == "integer") | extra
        )

    @classmethod
    def mended(
        cls, table: Columns, summary: Mapping[str, Any], calibration: Calibration
    ) -> tuple[Columns, Mapping[str, Any], str]:
        """Columns that another program's table lacks; its numbers stay as they are."""
        return mended_diameters(table, summary)


@dataclass(frozen=True, slots=True)
class _Rows:
    """One entry per row of the table, positions and errors in pixels."""

    center: Indices
    left: Floats
    right: Floats
    error: Floats
    left_strength: Floats
    right_strength: Floats
    peak: Floats
    baseline: Floats
    total: Floats
    faults: Faults


def _check(inputs: Inputs, parameters: DiameterParameters) -> None:
    odd = {
        "window_rows_odd": parameters.window_rows_odd,
        "post_filter_kernel_size": parameters.post_filter_kernel_size,
    }
    for name, value in odd.items():
        if value % 2 == 0:
            title = Diameter.schema().field(name).display_name
            raise InvalidParameter(f"{title}: Enter an odd number.")
    width = inputs.pixels.shape[1]
    if width < _MIN_WIDTH:
        raise CannotRun(f"The ROI is {width} pixels wide; the diameter needs {_MIN_WIDTH}.")


def _measured(pixels: NDArray[Any], parameters: DiameterParameters, context: RunContext) -> _Rows:
    """Edges and faults of every row, block by block."""
    center = np.arange(0, len(pixels), parameters.stride, dtype=np.intp)
    count = len(center)
    left, right, error, left_strength, right_strength = np.full((5, count), np.nan)
    peak, baseline, total = np.full((3, count), np.nan)
    rows = _Rows(
        center, left, right, error, left_strength, right_strength, peak, baseline, total,
        Faults.none(count),
    )  # fmt: skip
    context.progress(0.0, "Looking at the pixels")
    full_scale = saturation_level(pixels)
    half, median = parameters.window_rows_odd // 2, parameters.binning_method == "median"
    # A flat profile divides by 0 and an absurd one overflows: both end as NaN and a flag.
    with np.errstate(all="ignore"):
        for profiles in profile_blocks(pixels, center, half, median, full_scale):
            done = profiles.rows.start
            context.progress(0.9 * done / count, f"Row {done} of {count}")
            _measure(profiles, parameters, rows)
    return rows


def _measure(profiles: Profiles, parameters: DiameterParameters, rows: _Rows) -> None:
    """Fill in one block."""
    if parameters.polarity == "dark_on_bright":
        profiles = profiles.inverted()
    at, values = profiles.rows, profiles.values
    ordered = np.sort(values, axis=1)
    rows.baseline[at], rows.peak[at] = percentiles(ordered, (0.1, 0.9))
    blank = blank_profiles(ordered)
    known = np.isfinite(values)
    rows.total[at] = np.where(known.any(axis=1), np.sum(values, axis=1, where=known), np.nan)
    contrast = rows.peak[at] - rows.baseline[at]
    edges = _edges(profiles, parameters, rows.baseline[at], contrast)
    noise = np.sqrt(np.mean(np.nan_to_num(profiles.variance), axis=1))
    low = ~blank & ~(contrast > _CLEAR_CONTRAST * noise)
    # Older programs gave a width wherever a threshold was crossed.
    gone = blank | low if parameters.edge_refinement == "subpixel" else blank
    rows.left[at] = np.where(gone, np.nan, edges.left)
    rows.right[at] = np.where(gone, np.nan, edges.right)
    rows.error[at] = np.where(np.isfinite(edges.error), edges.error, np.nan)
    rows.left_strength[at] = np.where(blank, np.nan, edges.left_strength)
    rows.right_strength[at] = np.where(blank, np.nan, edges.right_strength)
    dark = parameters.polarity == "dark_on_bright"
    bright = values.shape[1] - edges.lit if dark else edges.lit
    faults = rows.faults
    faults.blank[at], faults.low_contrast[at] = blank, low
    faults.missing_left[at] = np.isnan(edges.left) & ~edges.wrong_order & ~blank
    faults.missing_right[at] = np.isnan(edges.right) & ~edges.wrong_order & ~blank
    faults.wrong_order[at] = edges.wrong_order & ~gone
    faults.weak[at], faults.double[at] = edges.weak & ~gone, edges.double & ~gone
    if profiles.full is not None:
        faults.saturated[at] = profiles.full.sum(axis=1) >= 0.5 * np.maximum(bright, 1)


def _edges(
    profiles: Profiles, parameters: DiameterParameters, baseline: Floats, contrast: Floats
) -> Edges:
    subpixel = parameters.edge_refinement == "subpixel"
    sigma = parameters.gradient_sigma
    if parameters.diameter_method == "gradient_edges":
        weakest = parameters.gradient_min_edge_strength
        filled = without_gaps(profiles.values)
        return gradient_edges(profiles, filled, sigma, weakest, subpixel)
    if parameters.diameter_method == "fwhm":
        return half_maximum_edges(profiles, without_gaps(profiles.values), sigma, subpixel)
    if parameters.threshold_mode == "absolute":
        given = np.full(len(baseline), parameters.threshold_value)
        return threshold_edges(profiles, given, np.zeros(len(baseline)), subpixel)
    # Both percentiles come from some tenths of the pixels.
    level = np.full(len(baseline), 2.0 / profiles.values.shape[1])
    return threshold_edges(profiles, baseline + 0.5 * contrast, level, subpixel)


def _reject_jumps(
    rows: _Rows, parameters: DiameterParameters, calibration: Calibration, context: RunContext
) -> None:
    limits = Limits(
        parameters.max_edge_shift_um / calibration.step_x,
        parameters.max_diameter_change_um / calibration.step_x,
        parameters.max_center_shift_um / calibration.step_x,
    )
    # One disturbed line is seen by all rows whose window holds it.
    confirm = -(-parameters.window_rows_odd // parameters.stride) + _ROWS_TO_CONFIRM
    gated = gate(
        rows.left, rows.right, limits, confirm, lambda: context.progress(0.9, "Rejecting jumps")
    )
    rows.left[:], rows.right[:] = gated.left, gated.right
    rows.faults.edge_jump[:] = gated.edge
    rows.faults.diameter_jump[:] = gated.diameter
    rows.faults.center_jump[:] = gated.center


def _table(
    rows: _Rows, parameters: DiameterParameters, calibration: Calibration, context: RunContext
) -> dict[str, NDArray[Any]]:
    um = calibration.step_x
    diameter = rows.right - rows.left
    filtered = median_filtered(
        diameter, parameters.post_filter_kernel_size, lambda: context.progress(0.95, "Filtering")
    )
    both = np.isfinite(diameter) & np.isfinite(filtered)
    faults = rows.faults
    return {
        "time_s": rows.center * calibration.step_y,
        "center_row": rows.center,
        "left_edge_px": rows.left,
        "right_edge_px": rows.right,
        "left_edge_um": rows.left * um,
        "right_edge_um": rows.right * um,
        "diameter_px": diameter,
        "diameter_um": diameter * um,
        "diameter_px_filt": filtered,
        "diameter_um_filt": filtered * um,
        "diameter_was_filtered": both & ~np.isclose(diameter, filtered),
        "peak": rows.peak,
        "baseline": rows.baseline,
        "sum_intensity": rows.total,
        "edge_strength_left": rows.left_strength,
        "edge_strength_right": rows.right_strength,
        "qc_score": scores(faults),
        "qc_edge_violation": faults.of_edges,
        "qc_diameter_violation": faults.diameter_jump,
        "qc_center_violation": faults.center_jump,
        "diameter_se_um": np.where(np.isfinite(diameter), rows.error * um, np.nan),
        "flag": flag_texts(faults),
    }
