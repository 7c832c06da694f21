"""Two people's events side by side: where they agree, and how far beyond chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.agreement import (
    LEAST_OVERLAP,
    Floats,
    Found,
    Kappa,
    cohens_kappa,
    kappa_over_time,
    kinds_table,
    matched,
)
from acqcore.scoring import ScoredEvent, ScoredPlace, Scoring


@dataclass(frozen=True, slots=True)
class Pair:
    """An event of one scorer, of the other, or of both."""

    first: ScoredEvent | None
    second: ScoredEvent | None

    @property
    def agrees(self) -> bool:
        """Whether both have it, as the same type."""
        there = self.first is not None and self.second is not None
        return there and self.first.kind == self.second.kind  # type: ignore[union-attr]

    @property
    def span(self) -> tuple[float, float]:
        """Lines that it covers in either scoring."""
        there = [one for one in (self.first, self.second) if one is not None]
        return min(one.line0 for one in there), max(one.line1 for one in there)


@dataclass(frozen=True, slots=True)
class PlaceComparison:
    """What both scorers marked where both have looked, in time order."""

    first: ScoredPlace
    second: ScoredPlace
    pairs: tuple[Pair, ...]

    @property
    def found(self) -> Found:
        """How many events each has, and both."""
        first = sum(pair.first is not None for pair in self.pairs)
        second = sum(pair.second is not None for pair in self.pairs)
        return Found(first, second, first + second - len(self.pairs))


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two scorings side by side.

    Attributes:
        over_time: Kappa of every moment; `time` the table behind it in `unit`, rows of the
            first scorer, in the order of `CATEGORIES`.
        of_kinds: Kappa of the types of the events that both have; `kinds` its table.
        only_first, only_second: Places that the other has not scored.
    """

    first: str
    second: str
    places: tuple[PlaceComparison, ...]
    found: Found
    over_time: Kappa
    time: Floats
    unit: str
    of_kinds: Kappa
    kinds: NDArray[np.int64]
    only_first: tuple[ScoredPlace, ...]
    only_second: tuple[ScoredPlace, ...]


def compared(first: Scoring, second: Scoring, least_overlap: float = LEAST_OVERLAP) -> Comparison:
    """Two people's events, where both have looked; an event outside of that is left out."""
    partners = list(_partners(first.places, second.places))
    places = tuple(_compared(one, other, least_overlap) for one, other in partners)
    known = all(place.first.step_s > 0 for place in places)
    stretches = [_stretch(place, place.first.step_s if known else 1.0) for place in places]
    over_time, time = kappa_over_time(stretches)
    both = [(pair.first, pair.second) for place in places for pair in place.pairs]
    kinds = kinds_table((one.kind, other.kind) for one, other in both if one and other)
    counts = [place.found for place in places]
    found = Found(
        sum(one.first for one in counts),
        sum(one.second for one in counts),
        sum(one.both for one in counts),
    )
    used = [set(map(id, side)) for side in zip(*partners, strict=True)] or [set(), set()]
    rest = [
        tuple(place for place in side.places if id(place) not in taken)
        for side, taken in zip((first, second), used, strict=True)
    ]
    return Comparison(
        first.scorer, second.scorer, places, found, over_time, time, "s" if known else "lines",
        cohens_kappa(kinds), kinds, *rest,
    )  # fmt: skip


def _partners(
    first: Sequence[ScoredPlace], second: Sequence[ScoredPlace]
) -> Iterator[tuple[ScoredPlace, ScoredPlace]]:
    """Places of one recording and channel that share the most; each is used once."""
    shared = [
        (_common(one, other), i, j)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if one.identity == other.identity and one.channel == other.channel
    ]
    taken: tuple[set[int], set[int]] = (set(), set())
    for common, i, j in sorted(shared, key=lambda one: (-one[0], one[1], one[2])):
        if common > 0 and i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            yield first[i], second[j]


def _common(one: ScoredPlace, other: ScoredPlace) -> float:
    """Shared part of both boxes together."""
    height = min(one.lines[1], other.lines[1]) - max(one.lines[0], other.lines[0])
    width = min(one.pixels[1], other.pixels[1]) - max(one.pixels[0], other.pixels[0])
    if height <= 0 or width <= 0:
        return 0.0
    areas = [
        (place.lines[1] - place.lines[0]) * (place.pixels[1] - place.pixels[0])
        for place in (one, other)
    ]
    return height * width / (sum(areas) - height * width)


def _compared(one: ScoredPlace, other: ScoredPlace, least: float) -> PlaceComparison:
    start, stop = max(one.lines[0], other.lines[0]), min(one.lines[1], other.lines[1])
    mine, theirs = (
        [event for event in place.events if event.line1 > start and event.line0 < stop]
        for place in (one, other)
    )
    both = dict(matched(_spans(mine), _spans(theirs), least))
    pairs = [Pair(event, theirs[both[i]] if i in both else None) for i, event in enumerate(mine)]
    left = set(range(len(theirs))) - set(both.values())
    pairs += [Pair(None, theirs[j]) for j in sorted(left)]
    return PlaceComparison(one, other, tuple(sorted(pairs, key=lambda pair: pair.span)))


def _spans(found: Sequence[ScoredEvent], step: float = 1.0) -> list[tuple[float, float, str]]:
    return [(one.line0 * step, one.line1 * step, one.kind) for one in found]


def _stretch(
    place: PlaceComparison, step: float
) -> tuple[list[tuple[float, float, str]], list[tuple[float, float, str]], float, float]:
    one, other = place.first, place.second
    start, stop = max(one.lines[0], other.lines[0]), min(one.lines[1], other.lines[1])
    return _spans(one.events, step), _spans(other.events, step), start * step, stop * step
