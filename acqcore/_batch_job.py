"""What a batch is asked to do, and what became of each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from acqcore.analysis import analysis
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import RectRoiBounds

Step = tuple[str, Mapping[str, Any]]
"""Name of an analysis and its parameters; those that are missing take their defaults."""


class Outcome(StrEnum):
    """What became of a file, or would become of it."""

    PENDING = "pending"
    OK = "ok"
    SKIPPED_DONE = "skipped_done"
    SKIPPED_EXISTING = "skipped_existing"
    SKIPPED_MISSING_ROI = "skipped_missing_roi"
    SKIPPED_MISSING_CHANNEL = "skipped_missing_channel"
    SKIPPED_MISSING_PARENT = "skipped_missing_parent"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_skip(self) -> bool:
        """Whether the file was left as it is on purpose."""
        return self.value.startswith("skipped")


class RoiKind(StrEnum):
    """Where a batch measures in each file."""

    FULL = "full"
    EXISTING = "existing"
    ALL = "all"
    BOUNDS = "bounds"


@dataclass(frozen=True, slots=True)
class RoiRule:
    """Which ROIs of a file are measured; made by the class methods.

    A rectangle that is added is clipped to the image, and one of the same bounds that is
    there already is used again.
    """

    kind: RoiKind = RoiKind.FULL
    roi_id: int | None = None
    bounds: RectRoiBounds | None = None

    def __post_init__(self) -> None:
        if (self.roi_id is not None) != (self.kind is RoiKind.EXISTING):
            raise ValueError("an existing ROI, and nothing else, is named by its number")
        if (self.bounds is not None) != (self.kind is RoiKind.BOUNDS):
            raise ValueError("a template of bounds, and nothing else, has bounds")

    @classmethod
    def full(cls) -> Self:
        """One rectangle over the whole image, added where it is not there."""
        return cls()

    @classmethod
    def existing(cls, roi_id: int) -> Self:
        """The rectangle of that number; files without it are skipped."""
        return cls(RoiKind.EXISTING, roi_id)

    @classmethod
    def every(cls) -> Self:
        """All rectangles of a file; files without one are skipped."""
        return cls(RoiKind.ALL)

    @classmethod
    def inside(cls, bounds: RectRoiBounds) -> Self:
        """The same rectangle in each file, added where it is not there."""
        return cls(RoiKind.BOUNDS, None, bounds)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`full`, `all`, the number of a ROI, or `L0:L1,P0:P1`; ValueError for anything else."""
        if text in (RoiKind.FULL, RoiKind.ALL):
            return cls(RoiKind(text))
        if text.isdecimal():
            return cls.existing(int(text))
        try:
            (l0, l1), (p0, p1) = (
                [int(edge) for edge in part.split(":")] for part in text.split(",")
            )
        except ValueError:
            raise ValueError(f"{text!r} is not full, all, a number or L0:L1,P0:P1") from None
        return cls.inside(RectRoiBounds(l0, l1, p0, p1))


@dataclass(frozen=True, slots=True)
class BatchJob:
    """Analyses to run on each file; checked when it is made.

    KeyError for an unknown analysis or parameter, TypeError for a parameter of the wrong
    type, ValueError for one out of range, for no analysis, one that comes twice, or a channel
    below 0.

    Attributes:
        steps: In any order; they run in the order in which they need each other.
        channel: From 0.
        save: Write sidecar and CSVs; without it only the summaries come back.
        replace: Run again where there is a result already.
        resume: With `replace`, still skip files that hold just what this job would give.
    """

    steps: tuple[Step, ...]
    channel: int = 0
    roi: RoiRule = field(default_factory=RoiRule)
    save: bool = True
    replace: bool = False
    resume: bool = False

    def __post_init__(self) -> None:
        names = [name for name, _ in self.steps]
        if not names or len(set(names)) < len(names):
            raise ValueError("a batch has at least one analysis, and each only once")
        if self.channel < 0:
            raise ValueError("channels count from 0")
        for name, parameters in self.steps:
            analysis(name).parse(parameters)

    @property
    def ordered_steps(self) -> tuple[Step, ...]:
        """The steps, each after those that it depends on."""
        rest, ordered = list(self.steps), list[Step]()
        while rest:
            names = {name for name, _ in rest}
            free = next(
                (one for one in rest if not names & set(analysis(one[0]).depends_on)), rest[0]
            )
            rest.remove(free)
            ordered.append(free)
        return tuple(ordered)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file, or would become of it.

    Attributes:
        message: A sentence or two, for people.
        channel: The one that the job names.
        roi_ids: The ROIs that were measured or would be; an added one counts.
        results: Summaries of what ran, in order.
        replaces: How many of the runs take the place of a result.
    """

    path: str
    outcome: Outcome
    message: str
    channel: int = 0
    roi_ids: tuple[int, ...] = ()
    results: tuple[tuple[AnalysisKey, Mapping[str, Any]], ...] = ()
    replaces: int = 0
