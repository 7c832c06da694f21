"""Heart rate of simulated velocities: error, gross errors, and which of them are flagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acqcore.bench.measuring import (
    Floats,
    Say,
    is_there,
    measure,
    not_there,
    seconds_and_um,
    seed_of,
    velocity_record,
)
from acqcore.bench.tables import Check, Row, Table, at_most
from acqcore.synthetic import PulseTrace, pulse_trace

_ANALYSIS = "heart_rate"
_SECONDS, _STEP_S = 10.0, 0.0046
_GROSS_BPM = 10.0
_MEDIAN_BPM = 0.4
_HZ = (5.0, 9.5)
_WANDER_HZ = 0.05
_OUTLIERS = 0.03
_NOBODY = np.zeros((1, 1), np.uint16)


@dataclass(frozen=True, slots=True)
class Case:
    """Amplitude of the pulse, noise, part of the samples missing in runs of so many."""

    pulse: float
    noise: float
    gaps: float
    run: int
    trials: int

    @property
    def strength(self) -> float:
        """Pulse over noise."""
        return self.pulse / self.noise


@dataclass(frozen=True, slots=True)
class Rates:
    """Errors in bpm, one per trial: NaN where no rate was reported.

    Attributes:
        peak: Error of the peak that was found, reported or not.
        lomb, welch: The published estimates, which always answer.
    """

    ours: Floats
    peak: Floats
    lomb: Floats
    welch: Floats


def heart_tables(quick: bool, say: Say) -> list[Table]:
    """By pulse over noise and gaps."""
    if not is_there(_ANALYSIS):
        return [_table([], not_there(_ANALYSIS))]
    rows = []
    for case in _cases(quick):
        say(f"heart rate: pulse/noise {case.strength:.2g}, {case.gaps:.0%} gaps of {case.run}")
        rows.append(_row(case, _rates(case)))
    return [_table(rows)]


def _cases(quick: bool) -> Sequence[Case]:
    few, many = (4, 6) if quick else (80, 200)
    amplitudes = ((0.1, 0.2), (0.05, 0.3)) if quick else ((0.2, 0.1), (0.1, 0.2), (0.05, 0.3))
    holes = ((0.3, 1),) if quick else ((0.0, 1), (0.3, 1), (0.3, 25))
    return [
        Case(pulse, noise, gaps, run, many if pulse / noise < 0.5 else few)
        for pulse, noise in amplitudes
        for gaps, run in holes
    ]


def _rates(case: Case) -> Rates:
    errors = np.array([_errors(_trace(case, trial)) for trial in range(case.trials)])
    return Rates(*errors.T)


def _trace(case: Case, trial: int) -> PulseTrace:
    seed = seed_of(case.pulse, case.noise, case.gaps, case.run, trial)
    rng = np.random.default_rng([seed, 7])
    hz = rng.uniform(*_HZ)
    course = hz + rng.uniform(-_WANDER_HZ, _WANDER_HZ, 5)
    return pulse_trace(
        _SECONDS, course, seed=seed, step_s=_STEP_S, pulse=case.pulse, noise=case.noise,
        gaps=case.gaps, gap_samples=case.run, outliers=_OUTLIERS,
    )  # fmt: skip


def _errors(trace: PulseTrace) -> tuple[float, float, float, float]:
    calibration = seconds_and_um(_STEP_S, 1.0)
    table = {"time_s": trace.time_s, "velocity": trace.velocity}
    parent = {"radon_velocity": velocity_record(table, calibration)}
    summary = measure(_ANALYSIS, _NOBODY, calibration, parent).summary

    def error(bpm: Any) -> float:
        return float(bpm) - trace.bpm if bpm is not None else np.nan

    found = (summary["bpm"], *(summary[name]["bpm"] for name in ("peak", "lomb", "welch")))
    ours, peak, lomb, welch = map(error, found)
    return ours, peak, lomb, welch


def _row(case: Case, rates: Rates) -> Row:
    reported = np.isfinite(rates.ours)
    gross = int(np.sum(np.abs(rates.ours[reported]) > _GROSS_BPM))
    median = _median(rates.ours)
    flagged = int(np.sum(~reported & ~(np.abs(rates.peak) <= _GROSS_BPM)))
    cells = (
        case.strength,
        f"{case.gaps:.0%}" + (f" in runs of {case.run}" if case.gaps and case.run > 1 else ""),
        case.trials,
        median,
        100 * float(reported.mean()),
        gross,
        flagged,
        _median(rates.lomb),
        int(np.sum(~(np.abs(rates.lomb) <= _GROSS_BPM))),
        _median(rates.welch),
        int(np.sum(~(np.abs(rates.welch) <= _GROSS_BPM))),
    )
    checks: tuple[Check, ...] = (at_most("unflagged gross errors", gross, 0),)
    if case.strength >= 0.5:
        checks = (at_most("median error", median, _MEDIAN_BPM, "bpm"), *checks)
    return Row(cells, checks)


def _median(errors: Floats) -> float:
    known = np.abs(errors[np.isfinite(errors)])
    return float(np.median(known)) if len(known) else np.nan


def _table(rows: Sequence[Row], note: str = "") -> Table:
    about = (
        f"{_SECONDS:g} s of velocities every {1000 * _STEP_S:g} ms, {_HZ[0]:g} to {_HZ[1]:g} Hz "
        f"wandering by {_WANDER_HZ:g} Hz, overtones, {_OUTLIERS:.0%} outliers. Gross: more than "
        f"{_GROSS_BPM:g} bpm off. Lomb-Scargle and Welch are the published estimates, which "
        "answer always."
    )
    return Table(
        "heart_rate",
        "Heart rate: error by pulse over noise",
        (
            "pulse/noise", "gaps", "trials", "median error bpm", "reported %", "gross, reported",
            "gross, flagged", "Lomb bpm", "Lomb gross", "Welch bpm", "Welch gross",
        ),
        tuple(rows),
        (about, note) if note else (about,),
    )  # fmt: skip
