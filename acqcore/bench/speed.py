"""How long the analyses take on one core, beside the published algorithms in the same run.

Times are processor time of one process. The caller sees to it that the numerical libraries
use one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.bench.measuring import Say
from acqcore.bench.other_side import NO_SCIKIT_IMAGE, scikit_image_radon, scikit_image_slopes
from acqcore.bench.tables import Row, Table, at_least
from acqcore.bench.timing import Work, analysis_work, cpu_seconds, timed
from acqcore.run import warm_up
from acqcore.synthetic import red_cells

_CLASSIC_FASTER = 80.0
_BUDGET_S = 8.0


@dataclass(frozen=True, slots=True)
class Case:
    """A recording and a window; the default must be so many times as fast as scikit-image."""

    lines: int
    width: int
    window: int
    faster: float

    @property
    def starts(self) -> NDArray[np.intp]:
        """First lines of all windows."""
        step = self.window // 4
        return np.arange(self.lines // step - 3, dtype=np.intp) * step


_CASES = (
    Case(30_000, 26, 64, 300),
    Case(30_000, 26, 16, 500),
    Case(30_000, 64, 64, 150),
    Case(12_000, 512, 64, 400),
)
_QUICK_CASES = (Case(3_000, 26, 64, 0),)


def speed_tables(quick: bool, say: Say) -> list[Table]:
    """Default and classic velocity against scikit-image's transform on the same windows."""
    warm_up()
    rows = []
    for case in _QUICK_CASES if quick else _CASES:
        say(f"speed: velocity of {case.lines} x {case.width}, windows of {case.window} lines")
        rows += _velocity_rows(case, quick)
    notes = [
        "scikit-image: the published search (180 and 17 angles per window) on windows spread "
        "over the same recording, their mean time multiplied by the number of windows. Ours: "
        "whole recordings, median of three runs; the first one beside it.",
    ]
    if scikit_image_radon() is None:
        notes.append(NO_SCIKIT_IMAGE)
    columns = (
        "lines", "px", "window", "estimator", "first run s", "seconds", "Mpx/s",
        "scikit-image windows", "scikit-image s", "times as fast",
    )  # fmt: skip
    return [Table("speed_velocity", "Speed: velocity", columns, tuple(rows), tuple(notes))]


def _velocity_rows(case: Case, quick: bool) -> list[Row]:
    pixels = red_cells(case.lines, case.width, 2.3, snr=3.0, seed=1).pixels
    sample, theirs = _scikit_image_seconds(pixels, case, 0.5 if quick else _BUDGET_S)
    rows = []
    for estimator in ("unbiased", "classic"):
        limit = case.faster if estimator == "unbiased" else _CLASSIC_FASTER
        mine = timed(_velocity(pixels, case.window, estimator), 1 if quick else 3)
        ratio = theirs / mine.usual_s
        judged = case.faster > 0 and np.isfinite(theirs)
        cells = (
            case.lines, case.width, case.window, estimator, mine.first_s, mine.usual_s,
            pixels.size / 1e6 / mine.usual_s, sample, theirs, ratio,
        )  # fmt: skip
        rows.append(Row(cells, (at_least("times as fast", ratio, limit),) if judged else ()))
    return rows


def _scikit_image_seconds(pixels: NDArray[Any], case: Case, budget_s: float) -> tuple[int, float]:
    """How many windows were timed, and what that makes for all; NaN without scikit-image."""
    if scikit_image_radon() is None:
        return 0, np.nan
    starts = case.starts

    def seconds(count: int) -> float:
        some = starts[np.linspace(0, len(starts) - 1, count).astype(np.intp)]
        return cpu_seconds(lambda: scikit_image_slopes(pixels, some, case.window))

    first = seconds(1)  # also loads what scikit-image loads late
    count = int(np.clip(budget_s / first, 2, 200))
    return count, seconds(count) / count * len(starts)


def _velocity(pixels: NDArray[Any], window: int, estimator: str) -> Work:
    return analysis_work("radon_velocity", pixels, estimator=estimator, window_width=window)
