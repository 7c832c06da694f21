"""What a person orders in the batch window, and the same order for a terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from acqcore.analysis import analysis
from acqcore.batch import BatchJob, RoiKind, RoiRule


class Scope(Enum):
    """Which recordings."""

    SELECTED = "selected"
    VISIBLE = "visible"
    OPEN = "open"
    PLACE = "place"


class Existing(Enum):
    """What to do with results that are there."""

    KEEP = "keep"
    UPDATE = "update"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """A job and what it is for.

    Attributes:
        place: A folder or a list of recordings, for `Scope.PLACE`.
        skips_rejected: Leave out open recordings that are rejected.
        workers: Processes that measure side by side; 1 is this one.
    """

    job: BatchJob
    scope: Scope = Scope.SELECTED
    place: Path | None = None
    skips_rejected: bool = True
    workers: int = 1

    @property
    def title(self) -> str:
        """`Velocity (Radon), Events`."""
        return ", ".join(analysis(name).title for name, _ in self.job.ordered_steps)


def existing_of(job: BatchJob) -> Existing:
    """The choice that a job stands for."""
    if not job.replace:
        return Existing.KEEP
    return Existing.UPDATE if job.resume else Existing.REPLACE


def roi_text(rule: RoiRule) -> str:
    """As `RoiRule.parse` reads it."""
    if rule.kind is RoiKind.EXISTING:
        return str(rule.roi_id)
    if rule.kind is RoiKind.BOUNDS and rule.bounds is not None:
        box = rule.bounds
        return f"{box.dim0_start}:{box.dim0_stop},{box.dim1_start}:{box.dim1_stop}"
    return rule.kind.value


def command_words(order: BatchOrder, paths: Sequence[str | Path]) -> list[str]:
    """The command that does the same; parameters with their default value are left out."""
    job = order.job
    words = ["cloudscope", "batch", *map(str, paths)]
    for name, _ in job.steps:
        words += ["--analysis", name]
    for name, values in job.steps:
        fields = {one.name: one for one in analysis(name).schema().fields}
        for key, value in values.items():
            if value != fields[key].default:
                words += ["--param", f"{name}.{key}={_typed(value)}"]
    if job.channel:
        words += ["--channel", str(job.channel)]
    if job.roi.kind is not RoiKind.FULL:
        words += ["--roi", roi_text(job.roi)]
    words += ["--overwrite"] * job.replace + ["--resume"] * job.resume
    return [*words, "--workers", str(order.workers)]


def command_line(order: BatchOrder, paths: Sequence[str | Path]) -> str:
    """The words as the shell of this system wants them."""
    words = command_words(order, paths)
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
