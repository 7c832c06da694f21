"""Calcium sparks and waves in the plane of time and position.

dF/F0 of every pixel is correlated with sparks of several sizes (a matched filter), what
stands out of the noise is fitted with a surface, taken out, and the rest searched again.
Bright regions that run along the line are waves and are measured by their front.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._intensity_kinetics import Kinetics
from acqcore.analysis._intensity_traces import Notes, Tick
from acqcore.analysis._sparks_fit import FittedSpark, fitted_sparks
from acqcore.analysis._sparks_plane import (
    Plane,
    RestingPlane,
    Scale,
    resemblance,
    resting_plane,
    separate_peaks,
)
from acqcore.analysis._sparks_waves import FoundWave, waves
from acqcore.analysis._windows import saturation_level
from acqcore.analysis.base import Analysis, Column, Inputs, Result, RunContext
from acqcore.errors import CannotRun
from acqcore.model.schema import described

_ROUNDS = 2
_MOST_SPARKS = 3000
_LEAST_LINES, _LEAST_PIXELS = 8, 4
_WAVE_SCORE = 0.7  # of the threshold: a wave is followed to where it is dim
_UNKNOWN_LINE_S, _UNKNOWN_PIXEL_UM = 0.001, 1.0


@dataclass(frozen=True, slots=True)
class SparkParameters:
    """Knobs of `CalciumSparkDetection`; without calibration ms are lines and um are px."""

    noise_threshold: float = described(
        5.0, title="Noise threshold", unit="SD", minimum=2.0, maximum=100.0, group="Detection",
        help="How far a spark must stand out of the noise, after the matched filter.",
    )  # fmt: skip
    spark_width_um: float = described(
        2.0, title="Spark width", unit="um", minimum=0.05, group="Detection",
        help="Expected full width at half maximum; 0.6 to 1.8 times as wide are sought.",
    )  # fmt: skip
    spark_duration_ms: float = described(
        30.0, title="Spark duration", unit="ms", minimum=0.01, group="Detection",
        help="Expected full duration at half maximum; 0.4 to 2.2 times as long are sought.",
    )  # fmt: skip
    wave_length_um: float = described(
        12.0, title="Wave length", unit="um", minimum=0.1, group="Detection",
        help="A connected bright region at least this long is a wave.",
    )  # fmt: skip
    drift_window_sec: float = described(
        2.0, title="Drift window", unit="s", minimum=0.01, group="Preprocessing",
        help="Changes of the whole line that are slower than this are no events.",
    )  # fmt: skip
    dark_offset: float = described(
        0.0, title="Dark offset", unit="counts", group="Preprocessing",
        help="Counts of a pixel without light.",
    )  # fmt: skip


class CalciumSparkDetection(Analysis[SparkParameters]):
    """One table row per spark or wave."""

    name = "calcium_sparks"
    title = "Calcium sparks"
    place = 70
    Parameters = SparkParameters
    columns = (
        Column("spark_id", "", "Event", "From 1, in order of time."),
        Column("kind", "", "Kind", "`spark` or `wave`."),
        Column("time_sec", "s", "Time", "Brightest moment; of a wave, when its front starts."),
        Column("onset_sec", "s", "Onset", "When it begins."),
        Column("position_um", "um", "Position", "Centre, from the ROI's first pixel."),
        Column("amplitude", "", "Amplitude", "Peak dF/F0 of the fitted surface."),
        Column("amplitude_se", "", "Standard error", "One standard error of the amplitude."),
        Column("fwhm_um", "um", "Width", "Full width at half maximum; length of a wave."),
        Column("fdhm_sec", "s", "Duration", "Full duration at half maximum."),
        Column("speed_um_per_s", "um/s", "Speed", "Of a wave's front."),
        Column("snr", "", "SNR", "Amplitude over its standard error."),
        Column("flag", "", "Flag", "Why an event is not to be trusted; empty if it is."),
    )

    def run(self, inputs: Inputs, parameters: SparkParameters, context: RunContext) -> Result:
        """One row per event; `CannotRun` for a ROI of fewer than 8 lines or 4 pixels."""
        lines, width = inputs.pixels.shape
        if lines < _LEAST_LINES or width < _LEAST_PIXELS:
            raise CannotRun(
                f"The ROI has {lines} lines of {width} pixels; sparks need at least "
                f"{_LEAST_LINES} lines of {_LEAST_PIXELS} pixels."
            )
        look = _Look.of(inputs, parameters)

        def tick() -> None:
            context.progress(look.done, "Looking for sparks")

        plane = resting_plane(
            inputs.pixels, look.lines(1000 * parameters.drift_window_sec),
            parameters.dark_offset, tick,
        )  # fmt: skip
        look.done = 0.3
        sparks, found_waves = _search(plane, look, parameters, tick)
        level = saturation_level(inputs.pixels)
        rows = [_wave_row(one, look) for one in found_waves]
        rows += [_spark_row(one, look, inputs.pixels, level) for one in sparks]
        return Result(_table(rows), _summary(rows, plane, look, inputs))


@dataclass(slots=True)
class _Look:
    """Sizes in lines and pixels, and how far the run is.

    Attributes:
        line, pixel: Steps of the table's times and places.
        line_s, pixel_um: What a line and a pixel count for in parameters.
    """

    line: float
    pixel: float
    line_s: float
    pixel_um: float
    done: float = 0.0

    @classmethod
    def of(cls, inputs: Inputs, parameters: SparkParameters) -> _Look:
        steps = inputs.calibration
        return cls(
            steps.step_y,
            steps.step_x,
            steps.step_y if steps.time_known else _UNKNOWN_LINE_S,
            steps.step_x if steps.distance_known else _UNKNOWN_PIXEL_UM,
        )

    def lines(self, milliseconds: float) -> int:
        return max(1, round(milliseconds / 1000 / self.line_s))

    def expected(self, parameters: SparkParameters) -> Scale:
        duration = parameters.spark_duration_ms / 1000 / self.line_s
        # A rise of a fifth of the decay lasts 1.2 decays at half of its height.
        decay = max(duration / 1.2, 0.8)
        width = parameters.spark_width_um / self.pixel_um
        return Scale(Kinetics(max(decay / 5, 0.3), decay), max(width, 1.0) / 2.355)


def _search(
    plane: RestingPlane, look: _Look, parameters: SparkParameters, tick: Tick
) -> tuple[list[FittedSpark], list[FoundWave]]:
    expected = look.expected(parameters)
    found = resemblance(plane, expected, tick)
    look.done = 0.5
    least = parameters.wave_length_um / look.pixel_um
    smooth = max(1, round(expected.kinetics.decay / 4))
    level = _WAVE_SCORE * parameters.noise_threshold
    found_waves, taken = waves(plane, found.score, level, least, smooth, tick)
    rest: Plane = np.where(taken, np.float32(0), plane.relative)
    sparks: list[FittedSpark] = []
    for _ in range(_ROUNDS):
        places = separate_peaks(found, parameters.noise_threshold, taken, _MOST_SPARKS)
        places = [one for one in places if _is_free(one, sparks)]
        scaled = [(at, found.scales[found.scale[at]]) for at in places]
        fresh = fitted_sparks(plane, rest, scaled, parameters.noise_threshold, tick)
        sparks += fresh
        if not fresh:
            break
        found = resemblance(RestingPlane(rest, plane.noise), expected, tick)
        look.done = 0.8
    return sparks, found_waves


def _is_free(place: tuple[int, int], sparks: Sequence[FittedSpark]) -> bool:
    """Whether no spark that was found already stands there: what is left is its misfit."""
    line, column = place
    return not any(
        abs(column - one.place) < one.fwhm
        and one.onset - 2 * one.kinetics.rise - 2 < line < one.peak + one.kinetics.decay
        for one in sparks
    )


# --- table and summary -----------------------------------------------------------------


def _spark_row(one: FittedSpark, look: _Look, pixels: NDArray[Any], level: float) -> dict[str, Any]:
    lines, columns = one.box(pixels.shape)
    box = pixels[lines, columns]
    flag = "edge" if one.at_edge else ""
    if math.isfinite(level) and box.size and (box >= level).mean() > 0.02:
        flag = "saturated"
    return {
        "kind": "spark",
        "time_sec": one.peak * look.line,
        "onset_sec": one.onset * look.line,
        "position_um": one.place * look.pixel,
        "amplitude": one.amplitude,
        "amplitude_se": one.amplitude_se,
        "fwhm_um": one.fwhm * look.pixel,
        "fdhm_sec": one.fdhm * look.line,
        "speed_um_per_s": math.nan,
        "snr": one.evidence,
        "flag": flag,
    }


def _wave_row(one: FoundWave, look: _Look) -> dict[str, Any]:
    known = look.line_s == look.line and look.pixel_um == look.pixel
    step = look.pixel / look.line if known else 1.0
    return {
        "kind": "wave",
        "time_sec": one.start * look.line,
        "onset_sec": one.start * look.line,
        "position_um": one.place * look.pixel,
        "amplitude": one.amplitude,
        "amplitude_se": math.nan,
        "fwhm_um": one.length * look.pixel,
        "fdhm_sec": one.duration * look.line,
        "speed_um_per_s": one.speed * step,
        "snr": math.nan,
        "flag": "" if math.isfinite(one.speed) else "no_speed",
    }


def _table(rows: Sequence[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    ordered = sorted(rows, key=lambda one: float(one["time_sec"]))
    table: dict[str, NDArray[Any]] = {"spark_id": np.arange(1, len(rows) + 1, dtype=np.int64)}
    for column in CalciumSparkDetection.columns[1:]:
        kind = str if column.name in ("kind", "flag") else float
        table[column.name] = np.array([one[column.name] for one in ordered], dtype=kind)
    return table


def _summary(
    rows: Sequence[dict[str, Any]], plane: RestingPlane, look: _Look, inputs: Inputs
) -> dict[str, Any]:
    sparks = [one for one in rows if one["kind"] == "spark"]
    steps, notes = inputs.calibration, Notes()
    lines, width = inputs.pixels.shape
    known = steps.time_known and steps.distance_known
    if not known:
        notes.warnings.append("The recording is not calibrated: ms count lines, um pixels.")
    lit = plane.noise[np.isfinite(plane.noise)]
    if len(lit) == 0:
        notes.errors.append("No pixel of the ROI has a resting brightness.")
    scanned = lines * look.line * width * look.pixel / 100
    good = [one for one in sparks if one["flag"] == ""]
    medians = {
        f"{name}_median": float(np.median([one[name] for one in good])) if good else None
        for name in ("amplitude", "fwhm_um", "fdhm_sec")
    }
    return {
        "status": notes.status,
        "num_sparks": len(sparks),
        "num_waves": len(rows) - len(sparks),
        "num_flagged": sum(one["flag"] != "" for one in rows),
        "sparks_per_100um_per_s": len(sparks) / scanned if known and len(lit) else None,
        **medians,
        "pixel_noise_sd": float(np.median(lit)) if len(lit) else None,
        "warnings": notes.warnings,
        "errors": notes.errors,
    }
