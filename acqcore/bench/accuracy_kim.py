"""The speed ramp of Kim et al. 2012 (PLoS ONE 7:e38590), up to about 160 mm/s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acqcore.bench.measuring import (
    Floats,
    Say,
    is_there,
    measure,
    not_there,
    seconds_and_um,
)
from acqcore.bench.other_side import published_lspiv
from acqcore.bench.published import KIM_BIAS_PERCENT, KIM_MEDIAN_PERCENT
from acqcore.bench.tables import Check, Row, Table, at_most
from acqcore.synthetic import PublishedPicture, kim_ramp

_ANALYSIS = "lspiv_velocity"
_SNRS = (8.0, 1.0, 0.5, 0.33)
_JUDGED_SNR = 8.0
_FROM_S = 0.4
_RECOMMENDED = 8
_GROSS = 0.1
_MEDIAN_PERCENT, _BIAS_PERCENT = 0.2, 0.1
_PUBLISHED_HOP = 10


@dataclass(frozen=True, slots=True)
class Errors:
    """Relative errors of the velocities after the slow start.

    Attributes:
        mean: Against the mean speed of the lines compared; without flagged windows.
        middle: Against the speed at the middle of the window.
        flagged: Part of the windows with a flag or without a number.
        covered: Part of the intervals of one standard error that hold the truth, or NaN.
    """

    mean: Floats
    middle: Floats
    flagged: float
    covered: float = np.nan

    @property
    def median_percent(self) -> float:
        """Median absolute error."""
        return 100 * float(np.median(np.abs(self.mean))) if len(self.mean) else np.nan


def kim_tables(quick: bool, say: Say) -> list[Table]:
    """By noise and method."""
    if not is_there(_ANALYSIS):
        return [_table([], (not_there(_ANALYSIS),))]
    rows: list[Row] = []
    for snr in (_SNRS[0],) if quick else _SNRS:
        say(f"Kim's ramp: SNR {snr:g}")
        pictures = [kim_ramp(snr, seed=seed) for seed in range(1 if quick else 2)]
        rows += _rows(snr, pictures, (8,) if quick else (8, 16, 32))
    return [_table(rows, ())]


def _rows(snr: float, pictures: Sequence[PublishedPicture], heights: Sequence[int]) -> list[Row]:
    rows = []
    for lines in heights:
        plain = _joined([_published(one, lines) for one in pictures])
        ours = _joined([_ours(one, _ANALYSIS, lines) for one in pictures])
        slopes = _joined([_ours(one, "radon_velocity", lines) for one in pictures])
        checks = _checks(snr, ours, plain) if snr < _JUDGED_SNR or lines == _RECOMMENDED else ()
        rows += [
            _row(snr, _ANALYSIS, lines, ours, checks),
            _row(snr, "radon_velocity", lines, slopes, ()),
            _row(snr, "LSPIV as published", lines, plain, ()),
        ]
    return rows


def _checks(snr: float, ours: Errors, plain: Errors) -> tuple[Check, ...]:
    if snr < _JUDGED_SNR:
        worst = plain.median_percent
        return (at_most("median error", ours.median_percent, float(f"{worst:.3g}"), "%"),)
    return (
        at_most("median error", ours.median_percent, _MEDIAN_PERCENT, "%"),
        at_most("bias", abs(100 * float(np.mean(ours.mean))), _BIAS_PERCENT, "%"),
    )


def _ours(picture: PublishedPicture, name: str, lines: int) -> Errors:
    steps = seconds_and_um(picture.seconds_per_line, picture.um_per_pixel)
    run = measure(name, picture.pixels, steps, window_width=lines)
    per_line = steps.step_x / steps.step_y
    middle = run["time_index"]
    late = middle * steps.step_y > _FROM_S
    good = late & (run["flag"] == "") & np.isfinite(run["velocity"])
    speed, error = run["velocity"] / per_line, run["velocity_se"] / per_line
    truth = _mean_speed(picture, middle - lines / 2, lines)
    known = good & np.isfinite(error)
    return Errors(
        (speed / truth - 1)[good],
        # Times count from the start of the first line, the course from its middle.
        (speed / _speed_at(picture, middle - 0.5) - 1)[good],
        float(1 - good[late].mean()),
        float(np.mean((np.abs(speed - truth) <= error)[known])) if known.any() else np.nan,
    )


def _published(picture: PublishedPicture, lines: int) -> Errors:
    found = published_lspiv(picture.pixels, lines - 1, _PUBLISHED_HOP)
    late = found.line * picture.seconds_per_line > _FROM_S
    good = late & np.isfinite(found.velocity)
    truth = _mean_speed(picture, found.line - (lines - 1) / 2, lines)
    return Errors(
        (found.velocity / truth - 1)[good],
        (found.velocity / _speed_at(picture, found.line) - 1)[good],
        float(1 - good[late].mean()),
    )


def _mean_speed(picture: PublishedPicture, first: Floats, lines: int) -> Floats:
    """Mean over the pairs of neighbouring lines of windows that begin at these lines."""
    place = np.concatenate([[0.0], np.cumsum(picture.velocity)])
    start = np.rint(first).astype(np.intp)
    return np.asarray((place[start + lines - 1] - place[start]) / (lines - 1))


def _speed_at(picture: PublishedPicture, line: Floats) -> Floats:
    """The speed is how far the pattern moves until the next line: half a line later."""
    return np.asarray(np.interp(line - 0.5, np.arange(len(picture.velocity)), picture.velocity))


def _joined(parts: Sequence[Errors]) -> Errors:
    return Errors(
        np.concatenate([one.mean for one in parts]),
        np.concatenate([one.middle for one in parts]),
        float(np.mean([one.flagged for one in parts])),
        float(np.mean([one.covered for one in parts])),
    )


def _row(snr: float, method: str, lines: int, errors: Errors, checks: tuple[Check, ...]) -> Row:
    known = len(errors.mean) > 0
    size = np.abs(errors.mean)
    cells = (
        snr,
        method,
        lines,
        100 * float(np.mean(errors.mean)) if known else np.nan,
        errors.median_percent,
        100 * float(np.quantile(size, 0.95)) if known else np.nan,
        100 * float(np.median(np.abs(errors.middle))) if known else np.nan,
        100 * float(np.mean(size > _GROSS)) if known else np.nan,
        100 * errors.flagged,
        None if np.isnan(errors.covered) else 100 * errors.covered,
        KIM_BIAS_PERCENT[snr],
        KIM_MEDIAN_PERCENT[snr],
    )
    return Row(cells, checks)


def _table(rows: Sequence[Row], notes: tuple[str, ...]) -> Table:
    about = (
        "Particles at up to 160 mm/s, 2,600 lines per second, 0.5 um per pixel (not in the "
        f"paper), t > {_FROM_S:g} s. Errors in per cent of the mean speed of the lines compared, "
        "and of the speed at their middle, of windows without a flag; gross: more than "
        f"{_GROSS:.0%} off. For such flow the documentation recommends line-scan PIV with "
        f"{_RECOMMENDED} lines. At SNR below {_JUDGED_SNR:g} the published rows depend on what "
        "the paper does not give: there ours must not be worse than the published algorithm on "
        "the same pictures."
    )
    return Table(
        "velocity_kim",
        "Velocity: Kim's speed ramp",
        (
            "SNR", "method", "lines", "bias %", "median error %", "95th %",
            "error at middle %", "gross %", "flagged %", "68 % interval", "published bias %",
            "published median %",
        ),
        tuple(rows),
        (about, *notes),
    )  # fmt: skip
