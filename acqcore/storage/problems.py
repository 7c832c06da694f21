"""What was not understood in a document: told to the user, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from acqcore.model.record import AnalysisKey
from acqcore.model.state import AcqState

_Parsed = TypeVar("_Parsed")
_LONGEST_REASON = 200
LARGEST = 10**9
"""Of channels, lines, pixels and numbers of ROIs: beyond any recording, within every widget."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in or beside a recording that was not understood.

    Attributes:
        where: File name and place in it, such as `a.tif.json, rois[2]`.
        why: What is wrong, without a full stop.
    """

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}."


@dataclass
class Parsed:
    """What a document gave.

    Attributes:
        kept: Values that were not understood, by their place in the document.
        foreign: Keys of records that carry no provenance of ours: another program ran them.
        with_table: Keys of records that were saved with a table.
    """

    file_name: str
    state: AcqState = field(default_factory=AcqState)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    foreign: set[AnalysisKey] = field(default_factory=set)
    with_table: set[AnalysisKey] = field(default_factory=set)

    def report(self, place: str, why: str, value: object = None) -> None:
        """Note a fault and keep the value that stood there."""
        short = why if len(why) <= _LONGEST_REASON else f"{why[:_LONGEST_REASON]} …"
        self.problems.append(Problem(f"{self.file_name}, {place}", short))
        if value is not None:
            self.kept[place] = value

    def attempt(self, place: str, value: object, parse: Callable[[], _Parsed]) -> _Parsed | None:
        """Run a parser; a fault of the document becomes a problem and gives None."""
        try:
            return parse()
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            self.report(place, f"not understood ({reason.rstrip('.')[:_LONGEST_REASON]})", value)
            return None

    def block(
        self, document: Mapping[str, Any], name: str, *, needed: bool = False, within: str = ""
    ) -> Mapping[str, Any]:
        """A JSON object of that name; an empty one when it is missing or something else."""
        value = document.get(name)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.report(f"{within}{name}", "not a block of values", value)
        elif needed and name not in document:
            self.report(name, "the block is missing")
        return {}

    def items(
        self, document: Mapping[str, Any], name: str, *, needed: bool = False, within: str = ""
    ) -> list[tuple[str, Any]]:
        """Members of a JSON list of that name, each with its place; none when it is no list."""
        value = document.get(name)
        if isinstance(value, list):
            return [(f"{within}{name}[{place}]", one) for place, one in enumerate(value)]
        if value is not None:
            self.report(f"{within}{name}", "not a list", value)
        elif needed:
            self.report(name, "the list is missing")
        return []


def whole(value: object) -> int:
    """A whole number; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def index(value: object) -> int:
    """A whole number that a channel, a line, a pixel or a ROI may have; else ValueError."""
    number = whole(value)
    if abs(number) > LARGEST:
        raise ValueError("the number is beyond any recording")
    return number


def text(value: object) -> str:
    """A text; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """A block of values; TypeError for anything else."""
    if not isinstance(value, Mapping):
        raise TypeError("it is not a block of values")
    return value
