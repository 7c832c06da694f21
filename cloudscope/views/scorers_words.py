"""A comparison of two scorers in words: numbers with errors, tables, rows, and all as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acqcore.agreement import CATEGORIES, NONE, Kappa
from acqcore.scorers import Comparison, Pair, PlaceComparison
from acqcore.scoring import ScoredPlace
from cloudscope.views.quantities import MISSING, decimals_for, number

WORDS = {NONE: "None", "user": "User", "rise": "Rise", "fall": "Fall", "transient": "Transient"}
_95 = 1.96

Name = Callable[[ScoredPlace], str]
"""How a recording is called on screen."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One number: what it is, its value with error, and what stands behind it."""

    title: str
    value: str
    detail: str
    help: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """One event of the list.

    Attributes:
        start, length: In seconds, or in lines where these are not known.
        place: Of the open recording.
    """

    recording: str
    roi: str
    start: float
    length: float
    first: str
    second: str
    agrees: bool
    place: ScoredPlace
    lines: tuple[float, float]


def headlines(found: Comparison) -> tuple[Headline, ...]:
    """Kappa over time, events found, kappa of their types."""
    first, second, both = found.found.first, found.found.second, found.found.both
    total = float(found.time.sum())
    return (
        Headline(
            "Kappa over time",
            _two_digits(found.over_time.value, found.over_time.se),
            f"{_interval(found.over_time)} · agree {_part(found.over_time.observed)} of "
            f"{number(total, decimals_for(total, 3))} {found.unit}, "
            f"by chance {_part(found.over_time.expected)}",
            "Cohen's kappa of every moment: agreement on events and their types beyond chance. "
            "The error counts each event, and each stretch without one, once.",
        ),
        Headline(
            "Found by both",
            _two_digits(found.found.agreement, found.found.se),
            f"{both} of {first} ({_first(found)}) and {second} ({_second(found)})",
            "Positive agreement (F1): twice the events of both over all events of each",
        ),
        Headline(
            "Kappa of types",
            _two_digits(found.of_kinds.value, found.of_kinds.se),
            f"{_interval(found.of_kinds)} · {_events(found.of_kinds.n)} that both have",
            "Cohen's kappa of the types of the events that both have marked",
        ),
    )


def summary_sentence(found: Comparison) -> str:
    """Where both have looked, and where not."""
    said = [f"{_count(len(found.places), 'place')} scored by both"]
    for places, who in ((found.only_first, _first(found)), (found.only_second, _second(found))):
        if places:
            said.append(f"{len(places)} by {who} only")
    waiting = sum(one.first.unreviewed + one.second.unreviewed for one in found.places)
    if waiting:
        said.append(f"{_events(waiting)} without a verdict left out")
    return " · ".join(said)


def time_cells(found: Comparison) -> list[list[str]]:
    """Rows of the first scorer, columns of the second, in the order of `CATEGORIES`."""
    largest = float(found.time.max()) if found.time.size else 0.0
    decimals = min(decimals_for(largest, 3), 3)
    return [[number(value, decimals) if value else MISSING for value in row] for row in found.time]


def event_cells(found: Comparison) -> list[list[str]]:
    """The same for events; how many neither has seen nobody can know."""
    counts = {(one, other): 0 for one in CATEGORIES for other in CATEGORIES}
    for place in found.places:
        for pair in place.pairs:
            counts[_kind(pair, "first"), _kind(pair, "second")] += 1
    return [
        [str(counts[one, other]) if counts[one, other] else MISSING for other in CATEGORIES]
        for one in CATEGORIES
    ]


def pair_rows(found: Comparison, name: Name) -> list[PairRow]:
    """All events, recording by recording, in time order."""
    return [_row(place, pair, name) for place in found.places for pair in place.pairs]


def report(found: Comparison, name: Name) -> str:
    """Everything as text with tabs, for a spreadsheet."""
    lines = [f"First scorer\t{_first(found)}", f"Second scorer\t{_second(found)}", ""]
    for one, kappa in (("over time", found.over_time), ("of types", found.of_kinds)):
        lines.append(f"Kappa {one}\t{_plain(kappa.value)}\tSE\t{_plain(kappa.se)}\tn\t{kappa.n}")
    lines.append(
        f"Positive agreement\t{_plain(found.found.agreement)}\tSE\t{_plain(found.found.se)}"
        f"\tfirst, second, both\t{found.found.first}\t{found.found.second}\t{found.found.both}"
    )
    titles = "\t".join(WORDS[one] for one in CATEGORIES)
    lines += ["", f"Time ({found.unit}), rows: {_first(found)}\t{titles}"]
    for one, row in zip(CATEGORIES, found.time.tolist(), strict=True):
        lines.append("\t".join([WORDS[one], *(_plain(value) for value in row)]))
    lines += ["", *("\t".join(row) for row in pair_cells(found, name))]
    return "\n".join(lines) + "\n"


def pair_cells(found: Comparison, name: Name) -> Iterator[list[str]]:
    """Titles, then one row per event, for a file."""
    known = found.unit == "s"
    unit = "s" if known else "lines"
    yield ["Recording", "Channel", "ROI", f"Start ({unit})", f"Length ({unit})",
           _first(found), _second(found), "Agree"]  # fmt: skip
    for row in pair_rows(found, name):
        place = row.place
        yield [
            row.recording, str(place.channel), str(place.roi_id), _plain(row.start),
            _plain(row.length), row.first, row.second, "yes" if row.agrees else "no",
        ]  # fmt: skip


def scorer_names(found: Comparison) -> tuple[str, str]:
    """Of both, never empty."""
    return _first(found), _second(found)


def _first(found: Comparison) -> str:
    return found.first or "You"


def _second(found: Comparison) -> str:
    other = found.second or "Other"
    return other if other != _first(found) else f"{other} (file)"


def _kind(pair: Pair, side: str) -> str:
    event = pair.first if side == "first" else pair.second
    return event.kind if event is not None else NONE


def _row(place: PlaceComparison, pair: Pair, name: Name) -> PairRow:
    low, high = pair.span
    step = place.first.step_s or 1.0
    return PairRow(
        name(place.first), str(place.first.roi_id), low * step, (high - low) * step,
        WORDS[_kind(pair, "first")], WORDS[_kind(pair, "second")], pair.agrees, place.first,
        (low, high),
    )  # fmt: skip


def _two_digits(value: float, error: float) -> str:
    """Kappas are compared with each other: all have the same decimals."""
    if not math.isfinite(value):
        return MISSING
    tail = f" ± {number(error, 2)}" if math.isfinite(error) and error > 0 else ""
    return f"{number(value, 2)}{tail}"


def _interval(kappa: Kappa) -> str:
    if not math.isfinite(kappa.value):
        return "Cannot be told"
    if not math.isfinite(kappa.se):
        return "No interval"
    low, high = kappa.value - _95 * kappa.se, min(kappa.value + _95 * kappa.se, 1.0)
    return f"95 %: {number(max(low, -1.0), 2)} to {number(high, 2)}"


def _part(share: float) -> str:
    return f"{number(100 * share, 0)} %" if math.isfinite(share) else MISSING


def _events(count: int) -> str:
    return _count(count, "event")


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _plain(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""
