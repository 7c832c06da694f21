"""Calcium transients with known onsets: what is found, and how exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from acqcore.analysis import analysis
from acqcore.bench.measuring import Say, is_there, measure, not_there, seconds_and_um, seed_of
from acqcore.bench.tables import Check, Row, Table, at_least, at_most
from acqcore.synthetic import CalciumTransients, calcium_transients

_ANALYSIS = "sum_intensity"
_ADAPTIVE, _FIXED = "Adaptive", "Fast"
_SECONDS, _PIXELS = 40.0, 16
_JUDGED_STRENGTH = 5.0
_FOUND_PERCENT, _ONSET_SAMPLES = 95.0, 1.0
_NEAR_SAMPLES, _NEAR_RISES = 4, 2.0


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Time constants of the transients and the line time, in seconds."""

    name: str
    rise: float
    decay: float
    line: float
    apart: tuple[float, float]


_KINDS = (
    Kinetics("fast", 0.01, 0.08, 0.004, (0.5, 1.5)),
    Kinetics("medium", 0.02, 0.2, 0.005, (1.0, 2.5)),
    Kinetics("slow", 0.06, 0.6, 0.015, (2.5, 5.0)),
)


@dataclass(slots=True)
class Score:
    """What was found of what there was; onset errors in samples, heights over truth."""

    true: int = 0
    found: int = 0
    right: int = 0
    late: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)


def calcium_tables(quick: bool, say: Say) -> list[Table]:
    """By kinetics, noise and detector."""
    if not is_there(_ANALYSIS):
        return [_table([], (not_there(_ANALYSIS),))]
    rows: list[Row] = []
    strengths = (5.0,) if quick else (3.0, 5.0, 10.0)
    kinds = _KINDS[1:2] if quick else _KINDS
    noises = ("gaussian",) if quick else ("gaussian", "poisson")
    for strength, kind, noise in product(strengths, kinds, noises):
        say(f"calcium: {kind.name}, peak/noise {strength:g}, {noise}")
        rows += _rows(strength, kind, noise, 1 if quick else 3)
    return [_table(rows, ())]


def _rows(strength: float, kind: Kinetics, noise: str, trials: int) -> list[Row]:
    pictures = [_picture(strength, kind, noise, trial) for trial in range(trials)]
    rows = []
    for preset in (_ADAPTIVE, _FIXED):
        score = Score()
        for one in pictures:
            _judge(one, kind, _events(one, kind, _parameters(preset)), score)
        rows.append(_row(strength, kind, noise, preset, score))
    return rows


def _picture(strength: float, kind: Kinetics, noise: str, trial: int) -> CalciumTransients:
    seed = seed_of(strength, kind.name, noise, trial)
    rng = np.random.default_rng([seed, 3])
    onsets = np.cumsum(rng.uniform(*kind.apart, round(_SECONDS / kind.apart[0])))
    onsets = onsets[onsets < _SECONDS - 4 * kind.decay]
    return calcium_transients(
        round(_SECONDS / kind.line), _PIXELS, seconds_per_line=kind.line, onsets_s=onsets,
        seed=seed, amplitude=rng.normal(0.4, 0.04, len(onsets)), rise_s=kind.rise,
        decay_s=kind.decay, bleach_s=60.0, peak_to_noise=strength, noise=noise,
    )  # fmt: skip


def _parameters(preset: str) -> Mapping[str, Any]:
    """The preset whose title begins with that word."""
    presets = analysis(_ANALYSIS).presets
    return next(values for title, values in presets.items() if title.startswith(preset))


def _events(
    picture: CalciumTransients, kind: Kinetics, asked: Mapping[str, Any]
) -> list[tuple[float, float]]:
    """Onset in seconds and height of every event that is not flagged."""
    run = measure(_ANALYSIS, picture.pixels, seconds_and_um(kind.line, 0.3), **asked)
    events = []
    for one, quality in zip(run.summary["peak_events"], run.summary["event_quality"], strict=True):
        if quality["flag"]:
            continue
        onset, height = quality["onset_refined_sec"], quality["fit_amplitude"]
        fitted = np.isfinite(onset)
        events.append(
            (onset, height) if fitted else (one["onset"]["time_sec"], one["peak"]["amplitude"])
        )
    return events


def _judge(
    picture: CalciumTransients,
    kind: Kinetics,
    events: Sequence[tuple[float, float]],
    score: Score,
) -> None:
    """Match each true onset with the nearest free event that is near enough."""
    near = max(_NEAR_SAMPLES * kind.line, _NEAR_RISES * kind.rise)
    left = list(events)
    score.true += len(picture.onsets_s)
    score.found += len(left)
    for onset, height in zip(picture.onsets_s, picture.amplitudes, strict=True):
        match = min(left, key=lambda one: abs(one[0] - onset), default=None)
        if match is not None and abs(match[0] - onset) <= near:
            left.remove(match)
            score.right += 1
            score.late.append((match[0] - onset) / kind.line)
            score.height.append(match[1] / height)


def _row(strength: float, kind: Kinetics, noise: str, preset: str, score: Score) -> Row:
    sensitivity = 100 * score.right / score.true
    precision = 100 * score.right / score.found if score.found else np.nan
    late = np.array(score.late) if score.late else np.array([np.nan])
    height = 100 * (np.array(score.height) - 1) if score.height else np.array([np.nan])
    typical = float(np.median(np.abs(late)))
    cells = (
        strength, noise, kind.name, preset, score.true, sensitivity, precision,
        float(np.median(late)), typical, float(np.quantile(np.abs(late), 0.95)),
        float(np.median(height)),
    )  # fmt: skip
    checks: tuple[Check, ...] = ()
    if preset == _ADAPTIVE and strength >= _JUDGED_STRENGTH:
        checks = (
            at_least("sensitivity", sensitivity, _FOUND_PERCENT, "%"),
            at_least("PPV", precision, _FOUND_PERCENT, "%"),
            at_most("onset error", typical, _ONSET_SAMPLES, "samples"),
        )
    return Row(cells, checks)


def _table(rows: Sequence[Row], notes: tuple[str, ...]) -> Table:
    kinds = "; ".join(
        f"{one.name}: rise {1000 * one.rise:g} ms, decay {1000 * one.decay:g} ms, lines of "
        f"{1000 * one.line:g} ms"
        for one in _KINDS
    )
    about = (
        f"Recordings of {_SECONDS:g} s with bleaching, heights scattered by 10 %; peak/noise is "
        f"the height over the noise of one line's mean. {kinds}. Adaptive: the preset with the "
        "matched filter; Fast: the fixed slope of the reference program's preset. Onset errors "
        f"in samples (lines); right: within {_NEAR_SAMPLES} samples or {_NEAR_RISES:g} rise times."
    )
    return Table(
        "calcium",
        "Calcium: transients found",
        (
            "peak/noise", "noise", "kinetics", "preset", "true events", "sensitivity %", "PPV %",
            "median late", "median onset error", "95 % within", "height bias %",
        ),
        tuple(rows),
        (about, *notes),
    )  # fmt: skip
