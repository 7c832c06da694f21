"""Whether the answer follows the true speed where a window shows little, or a favourite one."""

from __future__ import annotations

import numpy as np

from acqcore.bench.measuring import Floats, Say, measure, seed_of
from acqcore.bench.tables import Row, Table, close_to
from acqcore.synthetic import red_cells

_CASES = ((16, 16), (32, 16), (64, 16), (16, 26), (32, 26))
_PARTS = np.array([0.38, 0.42, 0.46, 0.5])
"""True speeds, as part of the width per line."""
_SNR = 2.0
_WINDOWS = 400
_REACH = 0.2


def response_table(quick: bool, say: Say) -> Table:
    """Change of the median answer over change of the true speed, by window size."""
    rows = []
    for lines, width in _CASES[:1] if quick else _CASES:
        say(f"velocity: windows of {lines} lines x {width} px, does the answer follow")
        speeds = _PARTS * width
        ours, classic = (
            np.array([_median(name, lines, width, v, 60 if quick else _WINDOWS) for v in speeds])
            for name in ("unbiased", "classic")
        )
        response = _slope(speeds, ours)
        cells = (
            lines, width, speeds[0], ours[0], classic[0], speeds[-1], ours[-1], classic[-1],
            response, _slope(speeds, classic),
        )  # fmt: skip
        rows.append(Row(cells, () if quick else (close_to("response", response, 1, _REACH),)))
    return Table(
        "velocity_response",
        "Velocity: does the answer follow the true speed?",
        (
            "lines", "px", "slowest px/line", "default", "classic", "fastest px/line",
            "default there", "classic there", "response", "response of classic",
        ),
        tuple(rows),
        (
            f"Medians of {_WINDOWS} windows at SNR {_SNR:g} and four speeds at which a streak "
            "crosses the width in two to three lines. Response: change of the median over that of "
            "the true speed, 1 for an estimator without preference.",
        ),
    )  # fmt: skip


def _median(estimator: str, lines: int, width: int, speed: float, windows: int) -> float:
    height = (windows + 3) * lines // 4
    seed = seed_of("response", lines, width, speed)
    pixels = red_cells(height, width, speed, snr=_SNR, seed=seed).pixels
    run = measure("radon_velocity", pixels, estimator=estimator, window_width=lines)
    return float(np.nanmedian(run["velocity"]))


def _slope(speeds: Floats, answers: Floats) -> float:
    return float(np.polyfit(speeds, answers, 1)[0])
