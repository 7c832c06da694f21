"""Sentences of the batch window: outcomes, totals, and the time that is left."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from typing import Any

from acqcore.analysis import analysis
from acqcore.analysis.base import Column
from acqcore.batch import FileOutcome, Outcome
from acqcore.model.header import Calibration
from cloudscope.item_models.batch_table import BatchRow, Mark
from cloudscope.views.quantities import measured, shown_unit
from cloudscope.views.result_words import HEADLINES, WORDS

UNSAVED = "Skipped: unsaved edits"
REJECTED = "Skipped: rejected"
_MARKS = {Outcome.OK: Mark.DONE, Outcome.FAILED: Mark.FAILED, Outcome.CANCELLED: Mark.CANCELLED}


class Phase(Enum):
    """How far a batch is; `DRAFT` is one that is still being put together."""

    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What the window says below the table.

    Attributes:
        fault: Why nothing can be run, or empty.
        looking: Whether the preview is still being made.
        unsaved: Recordings that are left out for their unsaved edits.
        seconds_left: Of a batch that runs, or None while that cannot be told.
    """

    phase: Phase = Phase.DRAFT
    counts: Mapping[Mark, int] = field(default_factory=Counter)
    fault: str = ""
    looking: bool = False
    unsaved: int = 0
    seconds_left: float | None = None

    def count(self, *marks: Mark) -> int:
        """Rows with one of these marks."""
        return sum(self.counts.get(mark, 0) for mark in marks)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Rows that a batch has done with."""
        return self.total - self.count(Mark.WAITING, Mark.RUNNING)

    @property
    def can_resume(self) -> bool:
        """Whether recordings are left that it did not measure."""
        left = self.count(Mark.CANCELLED, Mark.FAILED)
        return self.phase is Phase.ENDED and left > 0


def row_of(outcome: FileOutcome, calibration: Calibration | None = None) -> BatchRow:
    """What the core says about a file, as a row.

    Numbers have units only where the calibration is known, so without it there are none.
    """
    rois = ", ".join(map(str, outcome.roi_ids))
    message = outcome.message.strip().removesuffix(".")
    if len(outcome.roi_ids) == 1:  # it stands in its own column
        message = message.replace(f" on ROI {rois}", "")
    if outcome.outcome is Outcome.PENDING:
        mark = Mark.WILL_REPLACE if outcome.replaces else Mark.WILL_RUN
        return BatchRow(outcome.path, mark, message, rois)
    if outcome.outcome.is_skip:
        return BatchRow(outcome.path, Mark.SKIPPED, f"Skipped: {_lowered(message)}", rois)
    if outcome.outcome is Outcome.OK:
        numbers = "" if calibration is None else ", ".join(_numbers(outcome, calibration))
        return BatchRow(outcome.path, Mark.DONE, f"Done: {numbers or message}", rois)
    return BatchRow(outcome.path, _MARKS[outcome.outcome], message, rois)


def _lowered(sentence: str) -> str:
    """After a colon; names of analyses keep their capital."""
    return sentence[:1].lower() + sentence[1:] if sentence.startswith("There ") else sentence


def _numbers(outcome: FileOutcome, calibration: Calibration) -> list[str]:
    """One number per run: its headline, or the median of its first curve."""
    told = []
    for key, summary in outcome.results:
        method = analysis(key.analysis_name)
        name = next((one for one in HEADLINES if _is_number(summary.get(one))), "")
        if name:
            word = WORDS[name]
            told.append(measured(float(summary[name]), math.nan, word.unit or word.title.lower()))
            continue
        for curve in method.curves[:1]:
            value = summary.get(f"{curve.y}_median")
            value = summary.get("velocity_median") if value is None else value
            if isinstance(value, int | float) and math.isfinite(value):
                unit = next((one.unit for one in method.columns if one.name == curve.y), "")
                shown, factor = shown_unit(method.unit_of(Column("", unit, ""), calibration))
                told.append(measured(float(value) * factor, math.nan, shown))
    return told


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def totals(status: BatchStatus) -> str:
    """Counts with bold numbers, as rich text."""
    if status.fault:
        return escape(status.fault)
    count = status.count
    if status.phase is Phase.DRAFT:
        replaced = count(Mark.WILL_REPLACE)
        parts = [_part(count(Mark.WILL_RUN, Mark.WILL_REPLACE), "will run", always=True)]
        if replaced:
            parts[0] += f", <b>{replaced}</b> of them replace{'s' * (replaced == 1)} a result"
        parts += [_part(count(Mark.SKIPPED), "skipped"), _part(count(Mark.FAILED), "cannot run")]
        parts += [_part(count(Mark.UNKNOWN), "not looked at yet")]
    else:
        left = _part(count(Mark.WAITING, Mark.RUNNING), "left")
        seconds = status.seconds_left
        left += f", about {duration(seconds)}" if left and seconds is not None else ""
        parts = [
            _part(count(Mark.DONE), "done", always=True),
            _part(count(Mark.FAILED), "failed"),
            _part(count(Mark.SKIPPED), "skipped"),
            _part(count(Mark.CANCELLED), "cancelled"),
            left,
        ]
    return " · ".join(part for part in parts if part)


def plain_totals(status: BatchStatus) -> str:
    """The same without marks, for lists and messages."""
    return totals(status).replace("<b>", "").replace("</b>", "")


def _part(number: int, words: str, *, always: bool = False) -> str:
    return f"<b>{number}</b> {words}" if number or always else ""


def duration(seconds: float) -> str:
    """`20 s`, `3 min`, `2 h 10 min`."""
    if seconds < 90:
        return f"{max(math.ceil(seconds), 1)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
