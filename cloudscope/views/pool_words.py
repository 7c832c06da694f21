"""What the pool window says about rows that are not there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses
from acqcore.model.state import Review
from cloudscope.views.pool_numbers import Keep
from cloudscope.views.pool_rows import EVENTS, PoolTable
from cloudscope.wording import recordings

Codes = NDArray[np.intp]


def nothing_there(table: PoolTable, rows: Codes, keep: Keep, opened: int, filtered: str) -> str:
    """Why there is nothing to plot and what to do, or empty when there is something."""
    if rows.size:
        return ""
    if not opened:
        return "No recording is open. Open a folder, and its results come together here."
    if not len(table):
        method = analyses().get(table.wish.analysis)
        if table.wish.rows == EVENTS and table.keys:
            return "No result has events."
        what = f"a result of {method.title}" if method else "a result"
        many = "The recording has not" if opened == 1 else f"None of {recordings(opened)} has"
        return f"{many} {what} yet. Run an analysis, and it appears here."
    if filtered:
        return f"No row matches “{filtered}”."
    return f"Every row is left out. {left_out(table, keep)}"


def left_out(table: PoolTable, keep: Keep) -> str:
    """`12 rows left out: 3 rejected, 9 out of date`; empty when there are none."""
    if not len(table):
        return " ".join(table.unread[:1])
    review, stale = table.frame["review"].to_numpy(object), table.frame["stale"].to_numpy(object)
    reasons = {
        "not accepted": (review != Review.ACCEPTED.value) & keep.accepted_only,
        "rejected": (review == Review.REJECTED.value) & (not keep.rejected),
        "out of date": (stale != "") & (not keep.stale),
        "flagged": table.flagged & (not keep.flagged),
    }
    out = np.zeros(len(table), bool)
    parts = []
    for words, mask in reasons.items():
        fresh = mask & ~out
        if fresh.any():
            parts.append(f"{fresh.sum()} {words}")
        out |= mask
    sentence = ""
    if parts:
        many = int(out.sum())
        sentence = f"{many} row{'s' * (many != 1)} left out: {', '.join(parts)}"
    return ". ".join([one for one in (sentence, *table.unread[:1]) if one])
