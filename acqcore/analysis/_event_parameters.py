"""Knobs of the events: the window of the statistics, and what the detectors look for."""

from __future__ import annotations

from dataclasses import dataclass

from acqcore.model.schema import described


@dataclass(frozen=True, slots=True)
class EventParameters:
    """Knobs of `Events`; seconds are lines in a recording without known line time."""

    pre_post_win_sec: float = described(
        1.0,
        title="Pre/post window",
        unit="s",
        minimum=0.0,
        help="How much of the trace before and after an event is measured beside it.",
    )
    standard_errors: float = described(
        3.0,
        title="Standard errors",
        minimum=0.5,
        help="A stall is zero velocity, a reversal opposite velocity, both to within or "
        "beyond so many standard errors.",
    )
    detect_stalls: bool = described(
        False,
        title="Find stalls",
        help="Velocity zero to within its error, where the error is small enough to tell.",
    )
    stall_min_sec: float = described(
        0.1,
        title="Shortest stall",
        unit="s",
        minimum=0.0,
        applies_when=("detect_stalls", ("True",)),
        help="Shorter ones are left out.",
    )
    detect_reversals: bool = described(
        False,
        title="Find reversals",
        help="Flow against the prevailing direction, clear on both sides of the change.",
    )
    reversal_min_sec: float = described(
        0.1,
        title="Shortest reversal",
        unit="s",
        minimum=0.0,
        applies_when=("detect_reversals", ("True",)),
        help="Shorter ones are left out.",
    )
    detect_baseline_changes: bool = described(
        False,
        title="Find baseline changes",
        help="Lasting rises and falls of the speed, whatever its direction.",
    )
    baseline_min_sec: float = described(
        1.0,
        title="Level duration",
        unit="s",
        minimum=0.0,
        applies_when=("detect_baseline_changes", ("True",)),
        help="The speed is compared over so long before and after; several heart beats at least.",
    )
    baseline_min_percent: float = described(
        20.0,
        title="Smallest change",
        unit="%",
        minimum=0.0,
        applies_when=("detect_baseline_changes", ("True",)),
        help="Change of the speed as part of the level before; smaller ones are left out.",
    )
    baseline_chance: float = described(
        0.05,
        title="Chance",
        minimum=1e-9,
        maximum=0.5,
        applies_when=("detect_baseline_changes", ("True",)),
        help="Accepted probability that a trace without any change gives an event.",
    )
    detect_gaps: bool = described(
        False,
        title="Find gaps",
        help="Stretches in which velocities are missing or flagged.",
    )
    gap_min_sec: float = described(
        0.1,
        title="Shortest gap",
        unit="s",
        minimum=0.0,
        applies_when=("detect_gaps", ("True",)),
        help="Shorter ones are left out.",
    )
