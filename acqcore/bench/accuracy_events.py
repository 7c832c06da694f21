"""Event detectors on velocities with known stalls, reversals, levels and gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from acqcore.bench.measuring import (
    Say,
    is_there,
    measure,
    not_there,
    seconds_and_um,
    seed_of,
    velocity_record,
)
from acqcore.bench.tables import Row, Table, at_least
from acqcore.model.record import AnalysisRecord
from acqcore.synthetic import FlowTrace, flow_trace, red_cells, speed_course

Span = tuple[float, float]

_ANALYSIS = "event"
_SECONDS = 30.0
_STEPS = seconds_and_um(0.001, 0.5)
_NOBODY = np.zeros((1, 1), np.uint16)
_CONTRAST = 600.0
_SHARED = 0.5
_LEVEL_STEP = 0.5
_JUDGED_NOISE = 0.1
_FOUND_PERCENT = 95.0

_DETECTORS = {
    "stall": "detect_stalls",
    "reversal": "detect_reversals",
    "baseline": "detect_baseline_changes",
    "gap": "detect_gaps",
}


@dataclass(slots=True)
class Score:
    """What was found of what there was; seconds from true to found begin.

    Attributes:
        unseen: True events left out because the picture shows nothing during them.
    """

    unseen: int = 0
    true: int = 0
    found: int = 0
    right: int = 0
    late_s: list[float] = field(default_factory=list)

    def add(self, truth: Sequence[Span], found: Sequence[Span]) -> None:
        """Match each true event with a finding that shares half of the shorter one."""
        left = list(found)
        self.true += len(truth)
        self.found += len(found)
        for begin, end in truth:
            match = next((one for one in left if _shares(one, (begin, end))), None)
            if match is not None:
                left.remove(match)
                self.right += 1
                # A change of level is found as a stretch that holds it.
                at = sum(match) / 2 if begin == end else match[0]
                self.late_s.append(at - begin)


def events_tables(quick: bool, say: Say) -> list[Table]:
    """By detector and noise, from simulated velocities and from pictures."""
    if not is_there(_ANALYSIS):
        return [_table([], (not_there(_ANALYSIS),))]
    rows: list[Row] = []
    trials = 2 if quick else 20
    for detector in _DETECTORS:
        for noise in (0.1,) if quick else (0.02, 0.1, 0.2, 0.3):
            say(f"events: {detector}, noise {noise:g}")
            rows.append(_row(detector, noise, "velocities", trials))
    for detector in ("stall", "reversal"):
        say(f"events: {detector}, from pixels")
        rows.append(_row(detector, None, "pixels", 1 if quick else 6))
    return [_table(rows, ())]


def _row(detector: str, noise: float | None, source: str, trials: int) -> Row:
    score = Score()
    for trial in range(trials):
        rng = np.random.default_rng(seed_of(detector, noise, trial))
        truth = _spans(detector, rng)
        if noise is None:
            parent, shown = _from_pixels(detector, truth, trial)
            score.unseen += len(truth) - len(shown)
            truth = shown
        else:
            parent = _from_trace(_MAKERS[detector](truth, noise, trial))
        score.add(_windows(detector, truth), _found(detector, parent))
    sensitivity = 100 * score.right / score.true
    precision = 100 * score.right / score.found if score.found else np.nan
    late = np.array(score.late_s) * 1000 if score.late_s else np.array([np.nan])
    cells = (
        detector, source, noise, score.unseen, score.true, sensitivity, precision,
        float(np.median(late)), float(np.quantile(np.abs(late), 0.95)),
    )  # fmt: skip
    judged = noise is None or noise <= _JUDGED_NOISE
    checks = (
        at_least("sensitivity", sensitivity, _FOUND_PERCENT, "%"),
        at_least("PPV", precision, _FOUND_PERCENT, "%"),
    )
    return Row(cells, checks if judged else ())


def _spans(detector: str, rng: np.random.Generator) -> list[Span]:
    """Where something happens: 0.3 to 1 s long; a level holds until the next one."""
    spans = list[Span]()
    at = float(rng.uniform(1.5, 3))
    rest = (5.0, 8.0) if detector == "baseline" else (1.5, 3.5)
    while True:
        length = float(rng.uniform(0.3, 1.0))
        if at + length > _SECONDS - 1.5:
            return spans
        spans.append((at, at + length))
        at += length + float(rng.uniform(*rest))


def _windows(detector: str, truth: Sequence[Span]) -> list[Span]:
    """A change of level is marked where it happens."""
    return [(a, a) for a, _ in truth] if detector == "baseline" else list(truth)


def _shares(found: Span, true: Span) -> bool:
    if true[0] == true[1]:
        middle = (found[0] + found[1]) / 2
        return abs(middle - true[0]) <= max(_LEVEL_STEP, (found[1] - found[0]) / 2)
    shared = min(found[1], true[1]) - max(found[0], true[0])
    return shared > _SHARED * min(found[1] - found[0], true[1] - true[0])


# --- sources -------------------------------------------------------------------------------


def _still(truth: Sequence[Span], noise: float, trial: int) -> FlowTrace:
    return flow_trace(_SECONDS, seed=trial, noise=noise, stalls=truth, flagged=0.02)


def _back(truth: Sequence[Span], noise: float, trial: int) -> FlowTrace:
    return flow_trace(_SECONDS, seed=trial, noise=noise, reversals=truth, flagged=0.02)


def _missing(truth: Sequence[Span], noise: float, trial: int) -> FlowTrace:
    return flow_trace(_SECONDS, seed=trial, noise=noise, gaps=truth)


def _stepped(truth: Sequence[Span], noise: float, trial: int) -> FlowTrace:
    # Up and down by turns.
    levels = [(begin, 1.4 ** (1 - 2 * (number % 2))) for number, (begin, _) in enumerate(truth)]
    return flow_trace(_SECONDS, seed=trial, noise=noise, levels=levels, flagged=0.02)


_MAKERS: dict[str, Callable[[Sequence[Span], float, int], FlowTrace]] = {
    "stall": _still, "reversal": _back, "baseline": _stepped, "gap": _missing,
}  # fmt: skip


def _from_trace(trace: FlowTrace) -> AnalysisRecord:
    table = {
        "time_s": trace.time_s,
        "velocity": trace.velocity,
        "velocity_se": trace.error,
        "flag": trace.flag,
    }
    return velocity_record(table, _STEPS)


def _from_pixels(
    detector: str, truth: Sequence[Span], trial: int
) -> tuple[AnalysisRecord, list[Span]]:
    """Cells at 2.3 px/line in a 64-px line, measured first; and the events that show.

    While the flow stands still one piece of the vessel stays in the line. If it holds no
    edge of a cell nothing tells a stall from flowing plasma.
    """
    lines = round(_SECONDS / _STEPS.step_y)
    spans = [(round(a / _STEPS.step_y), round(b / _STEPS.step_y)) for a, b in truth]
    stalls, reversals = (spans, []) if detector == "stall" else ([], spans)
    speed = speed_course(lines, 2.3, stalls=stalls, reversals=reversals)
    picture = red_cells(lines, 64, speed, snr=2.0, seed=trial, contrast=_CONTRAST)
    run = measure("radon_velocity", picture.pixels, _STEPS, window_width=64)
    shown = [
        span
        for span, (first, last) in zip(truth, spans, strict=True)
        if np.ptp(picture.clean[first:last]) > _CONTRAST / 2
    ]
    return velocity_record(run.table, _STEPS), shown


def _found(detector: str, parent: AnalysisRecord) -> list[Span]:
    asked: dict[str, Any] = {_DETECTORS[detector]: True}
    summary = measure(_ANALYSIS, _NOBODY, _STEPS, {"radon_velocity": parent}, **asked).summary
    return [(one["x0"], one["x1"]) for one in summary["events"]]


def _table(rows: Sequence[Row], notes: tuple[str, ...]) -> Table:
    about = (
        f"{_SECONDS:g} s with events of 0.3 to 1 s, changes of level by 40 %. Velocities: "
        "simulated, every 16 ms, pulsing by 20 %, 2 % flagged, noise as part of the mean. Pixels: "
        "red cells at SNR 2, measured by `radon_velocity` first. Right: shares half of the "
        f"shorter one (a level: within {_LEVEL_STEP:g} s). Unseen, and left out: stalls during "
        "which the line shows no edge of a cell, so that nothing tells them from flowing plasma."
    )
    return Table(
        "events",
        "Events: what the detectors find",
        (
            "detector", "source", "noise", "unseen", "true events", "sensitivity %", "PPV %",
            "median late ms", "95 % of begins within ms",
        ),
        tuple(rows),
        (about, *notes),
    )  # fmt: skip
