"""Speed of diameter, line-scan PIV, heart rate, intensity and events, on one core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis.base import RunContext
from acqcore.bench.measuring import Say, is_there, measure, velocity_record
from acqcore.bench.other_side import diameters_line_by_line, published_lspiv
from acqcore.bench.published import REFERENCE_DIAMETER_MS_PER_LINE
from acqcore.bench.tables import Row, Table, at_least
from acqcore.bench.timing import STEPS, Work, analysis_work, cpu_seconds, flashes, timed
from acqcore.run import warm_up
from acqcore.synthetic import pulse_trace, pulsing_vessel, red_cells

_DIAMETER_FASTER = 100.0


def other_tables(quick: bool, say: Say) -> list[Table]:
    """Diameter, line-scan PIV, heart rate and intensity."""
    warm_up()
    lines = 3_000 if quick else 30_000
    rows: list[Row] = []
    parts: Mapping[str, Callable[[int, int], list[Row]]] = {
        "diameter": _diameter_rows,
        "lspiv_velocity": _lspiv_rows,
        "heart_rate": _heart_rows,
        "sum_intensity": _intensity_rows,
        "event": _event_rows,
    }
    for name, part in parts.items():
        if is_there(name):
            say(f"speed: {name}")
            rows += part(lines, 1 if quick else 3)
    columns = (
        "analysis", "lines", "px", "first run s", "seconds", "us/line", "other side",
        "other side s", "times as fast",
    )  # fmt: skip
    notes = (
        "The laboratory's own program takes "
        f"{REFERENCE_DIAMETER_MS_PER_LINE} ms per line for a diameter. Line by line: the same "
        "width at half maximum in plain Python with numpy, 2,000 lines, extrapolated. LSPIV as "
        "published: with its least-squares Gaussian, windows of 64 lines by 16.",
    )
    return [Table("speed_others", "Speed: the other analyses", columns, tuple(rows), notes)]


def _row(
    name: str, shape: tuple[int, int], work: Work, repeats: int, other: tuple[str, float],
    least: float = 0.0,
) -> Row:  # fmt: skip
    mine = timed(work, repeats)
    ratio = other[1] / mine.usual_s
    cells = (
        name, *shape, mine.first_s, mine.usual_s, 1e6 * mine.usual_s / shape[0], other[0],
        None if np.isnan(other[1]) else other[1], None if np.isnan(ratio) else ratio,
    )  # fmt: skip
    return Row(cells, (at_least("times as fast", ratio, least),) if least else ())


def _diameter_rows(lines: int, repeats: int) -> list[Row]:
    width = 20 + 2 * np.sin(np.arange(lines) / 40)
    pixels = pulsing_vessel(lines, 64, width, seed=1)
    some = min(lines, 2_000)
    plain = cpu_seconds(lambda: diameters_line_by_line(pixels[:some])) * lines / some
    lab = REFERENCE_DIAMETER_MS_PER_LINE * lines / 1000
    rows = []
    for method in ("threshold_width", "gradient_edges", "fwhm"):
        work = analysis_work("diameter", pixels, diameter_method=method)
        name = f"diameter, {method}"
        rows.append(
            _row(name, pixels.shape, work, repeats, ("1.4 ms per line", lab), _DIAMETER_FASTER)
        )
        rows.append(_row(name, pixels.shape, work, repeats, ("line by line", plain)))
    return rows


def _lspiv_rows(lines: int, repeats: int) -> list[Row]:
    pixels = red_cells(lines, 128, 9.3, snr=3.0, seed=1).pixels
    some = pixels[: lines // 5]
    theirs = 5 * cpu_seconds(lambda: published_lspiv(some, 64, 16))
    work = analysis_work("lspiv_velocity", pixels, window_width=64)
    return [_row("lspiv_velocity", pixels.shape, work, repeats, ("LSPIV as published", theirs))]


def _heart_rows(lines: int, repeats: int) -> list[Row]:
    trace = pulse_trace(lines * 0.001, 8.0, seed=1, step_s=0.004)
    table = {"time_s": trace.time_s, "velocity": trace.velocity}
    return [_child_row("heart_rate", table, lines, repeats)]


def _event_rows(lines: int, repeats: int) -> list[Row]:
    trace = pulse_trace(lines * 0.001, 8.0, seed=1, step_s=0.004, pulse=0.05)
    table = {"time_s": trace.time_s, "velocity": trace.velocity}
    found = {f"detect_{kind}": True for kind in ("stalls", "reversals", "baseline_changes", "gaps")}
    return [_child_row("event", table, lines, repeats, **found)]


def _child_row(
    name: str, table: Mapping[str, NDArray[Any]], lines: int, repeats: int, **asked: Any
) -> Row:
    parents = {"radon_velocity": velocity_record(table, STEPS)}
    blank = np.zeros((1, 1), np.uint16)
    work = partial(_child_run, name, blank, parents, asked)
    return _row(name, (lines, 1), work, repeats, ("", np.nan))


def _child_run(
    name: str, pixels: NDArray[Any], parents: Any, asked: Mapping[str, Any], context: RunContext
) -> object:
    return measure(name, pixels, STEPS, parents, context, **asked)


def _intensity_rows(lines: int, repeats: int) -> list[Row]:
    pixels = flashes(lines)
    rows = []
    for method in ("derivative_threshold", "matched_filter"):
        work = analysis_work("sum_intensity", pixels, detection_method=method)
        rows.append(_row(f"sum_intensity, {method}", pixels.shape, work, repeats, ("", np.nan)))
    return rows
