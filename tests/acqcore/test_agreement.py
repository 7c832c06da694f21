"""Agreement of two scorers against examples worked by hand, published ones, and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from acqcore.agreement import (
    CATEGORIES,
    Found,
    cohens_kappa,
    kappa_over_time,
    kinds_table,
    matched,
)


@pytest.mark.parametrize(
    ("counts", "kappa", "se", "digits"),
    [
        # By hand: 35 of 50 agree; 0.5 * 0.6 + 0.5 * 0.4 by chance.
        ([[20, 5], [10, 15]], 0.4, 0.126996, 1e-5),
        # Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions: two raters
        # who sort 100 patients into three diagnoses.
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.68, 0.087, 0.01),
        # Agresti, Categorical Data Analysis: 91 couples; R's vcd gives these digits.
        ([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]], 0.1293, 0.0686, 1e-3),
        # Stata's kapci, whose analytical interval is 0.28967 to 0.39273.
        ([[1395, 118], [261, 158]], 0.3411969207847, 0.02629137196604, 1e-10),
    ],
)
def test_published_examples(counts, kappa: float, se: float, digits: float) -> None:
    found = cohens_kappa(counts)
    assert found.value == pytest.approx(kappa, rel=digits)
    assert found.se == pytest.approx(se, rel=digits)
    assert found.n == np.sum(counts)


def test_by_hand() -> None:
    found = cohens_kappa([[20, 5], [10, 15]])
    assert found.observed == pytest.approx(0.7)
    assert found.expected == pytest.approx(0.5)
    assert cohens_kappa([[5, 0], [0, 5]]) == cohens_kappa(np.diag([5, 5]))
    assert cohens_kappa(np.diag([5, 5])).value == 1
    assert cohens_kappa([[0, 5], [5, 0]]).value == pytest.approx(-1)


def test_what_cannot_be_told_is_no_number() -> None:
    nothing = cohens_kappa(np.zeros((3, 3)))
    assert math.isnan(nothing.value)
    assert nothing.n == 0
    always = cohens_kappa([[9, 0], [0, 0]])  # chance alone agrees completely
    assert math.isnan(always.value)
    assert always.observed == 1
    assert math.isnan(cohens_kappa([[1, 0], [0, 0]]).se)
    for wrong in ([[1, 2]], [[1, -1], [0, 2]], [[math.nan, 1], [1, 1]], [1, 2]):
        with pytest.raises(ValueError, match=r"table|count"):
            cohens_kappa(wrong)


# --- events, one to one --------------------------------------


def spans(*pairs, kind: str = "rise"):
    return [(float(low), float(high), kind) for low, high in pairs]


def test_events_that_share_enough_are_the_same() -> None:
    mine, theirs = spans((0, 10), (20, 30), (50, 60)), spans((1, 11), (29, 40), (100, 110))
    assert matched(mine, theirs) == ((0, 0),)  # 9 of 11; 1 of 20; nothing
    assert matched(mine, theirs, 0.01) == ((0, 0), (1, 1))
    assert matched(mine, theirs, 0.9) == ()
    assert matched(mine, []) == matched([], theirs) == ()


def test_each_event_is_used_once_and_as_many_as_can_be() -> None:
    """The best pair alone would leave two events without a partner."""
    mine, theirs = spans((0, 10), (8, 18)), spans((3, 13), (-6, 4))
    # (0, 10) with (3, 13): 7 of 13; with (-6, 4): 4 of 16. (8, 18) with (3, 13): 5 of 15.
    assert matched(mine, theirs) == ((0, 1), (1, 0))
    one, split = spans((0, 10)), spans((0, 6), (6, 10))
    assert matched(one, split) == ((0, 0),)


def test_touching_is_not_sharing() -> None:
    assert matched(spans((0, 10)), spans((10, 20)), 0.0) == ()


def test_positive_agreement() -> None:
    found = Found(10, 8, 6)
    assert found.agreement == pytest.approx(12 / 18)
    share = 6 / 12
    assert found.se == pytest.approx(2 / (1 + share) ** 2 * math.sqrt(share * 0.5 / 12))
    assert math.isnan(Found(0, 0, 0).agreement)
    assert Found(3, 3, 3).agreement == 1
    assert kinds_table([("rise", "fall"), ("rise", "rise")]).tolist() == [
        [0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0],
    ]  # fmt: skip


# --- over time ---------------------------------------------


def test_time_by_hand() -> None:
    """10 s: both mark 2 to 4, one alone 4 to 5: 9 of 10 s agree, chance gives 0.62."""
    found, table = kappa_over_time([(spans((2, 5)), spans((2, 4)), 0, 10)])
    rise = CATEGORIES.index("rise")
    assert table[0, 0] == 7
    assert table[rise, rise] == 2
    assert table[rise, 0] == 1
    assert table.sum() == 10
    assert found.expected == pytest.approx(0.3 * 0.2 + 0.7 * 0.8)
    assert found.value == pytest.approx((0.9 - 0.62) / 0.38)
    assert found.n == 3  # nothing, the event, nothing
    assert found.se > 0


def test_types_count_and_what_lies_outside_does_not() -> None:
    mine, theirs = spans((-5, 5), kind="rise"), spans((0, 5), (9, 99), kind="fall")
    found, table = kappa_over_time([(mine, theirs, 0, 10)])
    assert table.sum() == 10
    assert table[CATEGORIES.index("rise"), CATEGORIES.index("fall")] == 5
    assert found.observed == pytest.approx(0.4)
    nothing, _ = kappa_over_time([])
    assert math.isnan(nothing.value)
    quiet, _ = kappa_over_time([([], [], 0, 10)])
    assert math.isnan(quiet.value)
    assert quiet.observed == 1


def test_of_events_on_top_of_each_other_the_last_to_begin_counts() -> None:
    mine = spans((0, 10), kind="rise") + spans((4, 6), kind="fall")
    _, table = kappa_over_time([(mine, [], 0, 10)])
    assert table[CATEGORIES.index("rise"), 0] == 8
    assert table[CATEGORIES.index("fall"), 0] == 2


def test_the_error_is_the_spread_that_it_promises() -> None:
    """Scorers who miss some events, and see their ends somewhere else."""
    rng = np.random.default_rng(7)
    values, errors = [], []
    for _ in range(150):
        scored: tuple[list, list] = ([], [])
        at = 0.0
        while at < 120:
            at += rng.exponential(3.0)
            long = rng.gamma(4.0, 0.3)
            for side in scored:
                low, high = at + rng.normal(0, 0.1), at + long + rng.normal(0, 0.1)
                if rng.random() > 0.15 and high > low:
                    side.append((low, high, "rise"))
            at += long
        found, _ = kappa_over_time([(*scored, 0.0, 120.0)])
        values.append(found.value)
        errors.append(found.se)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)
