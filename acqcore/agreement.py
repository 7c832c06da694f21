"""How far two people agree about events: kappa, and events matched one to one.

Kappa (Cohen 1960) is the agreement beyond chance. Over time every moment counts, with
`none` where a scorer marked nothing; moments of one event belong together, so that error
comes from whole stretches. Events that nobody marked cannot be counted, so whether events
were found at all is told by the positive agreement (Hripcsak and Rothschild 2005), the
F1 score, which needs no chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from acqcore.analysis.event import EVENT_TYPES

Floats = NDArray[np.float64]

NONE = "none"
CATEGORIES = (NONE, *EVENT_TYPES)
LEAST_OVERLAP = 0.2
"""Share of the time that two events cover together which they must have in common."""

_Span = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance: 1 is complete, 0 is what chance gives.

    Attributes:
        value: NaN where chance alone agrees completely, or nothing was rated.
        se: One standard error; NaN with fewer than two items.
        observed, expected: Share of agreement, and what chance would give.
        n: Items that are independent of each other.
    """

    value: float
    se: float
    observed: float
    expected: float
    n: int


@dataclass(frozen=True, slots=True)
class Found:
    """How many events each of two scorers has, and how many both have.

    Attributes:
        agreement: Positive agreement 2 both / (first + second), NaN without events.
        se: One standard error of it, NaN without events.
    """

    first: int
    second: int
    both: int

    @property
    def agreement(self) -> float:
        """Between 0 and 1."""
        total = self.first + self.second
        return 2 * self.both / total if total else math.nan

    @property
    def se(self) -> float:
        """By the delta method, from the share of all events that both have."""
        every = self.first + self.second - self.both
        if not every:
            return math.nan
        share = self.both / every
        return 2 / (1 + share) ** 2 * math.sqrt(share * (1 - share) / every)


def cohens_kappa(counts: ArrayLike) -> Kappa:
    """Of a square table of counts, rows of the first scorer and columns of the second.

    The error is that of a kappa which may be any (Fleiss, Cohen and Everitt 1969), not
    that of a test against chance. ValueError for another shape or negative counts.
    """
    table = _checked(counts)
    total = float(table.sum())
    if total == 0:
        return Kappa(math.nan, math.nan, math.nan, math.nan, 0)
    share = table / total
    value, observed, expected, influence = _kappa(share)
    se = math.nan
    if total > 1 and math.isfinite(value):
        se = math.sqrt(float((share * influence**2).sum()) / total)
    return Kappa(value, se, observed, expected, round(total))


def kappa_over_time(
    stretches: Sequence[tuple[Sequence[_Span], Sequence[_Span], float, float]],
) -> tuple[Kappa, Floats]:
    """Kappa of every moment, and the time in each pair of categories.

    A stretch is what both scorers marked, (start, stop, type) each, and from when to when
    both have looked. All stretches are put together; `n` counts the runs of time in which
    somebody or nobody marked something, which the error takes as the independent items.
    """
    table = np.zeros((len(CATEGORIES), len(CATEGORIES)))
    runs: list[Floats] = []
    for first, second, start, stop in stretches:
        for run in _runs(first, second, start, stop):
            table += run
            runs.append(run)
    total = float(table.sum())
    if total == 0:
        return Kappa(math.nan, math.nan, math.nan, math.nan, 0), table
    value, observed, expected, influence = _kappa(table / total)
    se = math.nan
    if len(runs) > 1 and math.isfinite(value):
        sums = np.array([(run * influence).sum() for run in runs]) / total
        se = math.sqrt(len(runs) / (len(runs) - 1) * float((sums**2).sum()))
    return Kappa(value, se, observed, expected, len(runs)), table


def matched(
    first: Sequence[_Span], second: Sequence[_Span], least: float = LEAST_OVERLAP
) -> tuple[tuple[int, int], ...]:
    """Places of events of both that are the same one, in the order of the first.

    Two can be the same when what they have in common is at least `least` of what they
    cover together. Each event is used once, and the total of these shares is as large as
    it can be.
    """
    if not first or not second:
        return ()
    from scipy.optimize import linear_sum_assignment  # heavy: only where scorers are compared

    a0, a1 = (np.array([one[end] for one in first]) for end in (0, 1))
    b0, b1 = (np.array([one[end] for one in second]) for end in (0, 1))
    common = np.minimum(a1[:, None], b1) - np.maximum(a0[:, None], b0)
    together = np.maximum(a1[:, None], b1) - np.minimum(a0[:, None], b0)
    share = np.where(common > 0, common / np.where(together > 0, together, 1.0), 0.0)
    good = (share >= least) & (share > 0)
    rows, columns = linear_sum_assignment(np.where(good, share, 0.0), maximize=True)
    return tuple((int(i), int(j)) for i, j in zip(rows, columns, strict=True) if good[i, j])


def kinds_table(pairs: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
    """Counts of pairs of types, in the order of `EVENT_TYPES`."""
    counts = np.zeros((len(EVENT_TYPES), len(EVENT_TYPES)), np.int64)
    for one, other in pairs:
        counts[EVENT_TYPES.index(one), EVENT_TYPES.index(other)] += 1
    return counts


def _checked(counts: ArrayLike) -> Floats:
    table = np.asarray(counts, np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not np.isfinite(table).all():
        raise ValueError("a table of agreement is square and without gaps")
    if (table < 0).any():
        raise ValueError("a count is not negative")
    return table


def _kappa(share: Floats) -> tuple[float, float, float, Floats]:
    """Kappa, observed and expected agreement, and how much one item of each cell moves it."""
    first, second = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float(np.trace(share)), float(first @ second)
    beyond = 1 - expected
    if beyond < 1e-12:
        return math.nan, observed, expected, np.zeros_like(share)
    of_observed = np.eye(len(share)) - observed
    of_expected = second[:, None] + first[None, :] - 2 * expected
    influence = of_observed / beyond - (1 - observed) / beyond**2 * of_expected
    return (observed - expected) / beyond, observed, expected, influence


def _runs(
    first: Sequence[_Span], second: Sequence[_Span], start: float, stop: float
) -> list[Floats]:
    """Time in each pair of categories, one table for each run of marked or empty time."""
    if not stop > start:
        return []
    ends = [end for one in (*first, *second) for end in one[:2] if start < end < stop]
    cuts = np.unique([start, *ends, stop])
    middles, lengths = (cuts[:-1] + cuts[1:]) / 2, np.diff(cuts)
    rows, columns = _categories(first, middles), _categories(second, middles)
    empty = (rows == 0) & (columns == 0)
    borders = np.flatnonzero(np.diff(empty.astype(np.int8))) + 1
    runs = []
    for part in np.split(np.arange(middles.size), borders):
        table = np.zeros((len(CATEGORIES), len(CATEGORIES)))
        np.add.at(table, (rows[part], columns[part]), lengths[part])
        runs.append(table)
    return runs


def _categories(spans: Sequence[_Span], at: Floats) -> NDArray[np.intp]:
    """What was marked at each moment; of events on top of each other the last to begin."""
    found = np.zeros(at.size, np.intp)
    for low, high, kind in sorted(spans):
        inside = slice(*np.searchsorted(at, (low, high)))
        found[inside] = CATEGORIES.index(kind)
    return found
