"""Velocity of synthetic red cells over window sizes, speeds and noise, beside classic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from acqcore.bench.accuracy_response import response_table
from acqcore.bench.measuring import Floats, Say, measure, seed_of
from acqcore.bench.tables import Check, Outcome, Row, Table, at_most, close_to
from acqcore.bench.velocity_bound import best_velocities
from acqcore.synthetic import RedCells, red_cells

_SPEEDS = (0.31, 0.73, 1.47, 3.3, 6.7, 11.7)
_WINDOWS = {16: 320, 32: 240, 64: 160, 128: 100}
"""Height of a window: how many windows are measured per speed and noise."""
_WIDTHS = (16, 26, 64, 128)

_SWEEP = 0.05
_BIAS_PERCENT, _RATIO = 2.0, 0.6
_TELLING_ERROR = 0.2
_TELLING_FLAGS = 0.5

_REPORTED = (Outcome.HELD, Outcome.UNCLEAR, Outcome.TOLD, Outcome.BOUND, Outcome.MISSED)

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Point:
    """One place of the grid: window size, speed in pixels per line, contrast over noise."""

    lines: int
    width: int
    speed: float
    snr: float


@dataclass(frozen=True, slots=True)
class Found:
    """Velocities over the true one at a point, one entry per window.

    Attributes:
        ours, classic: Velocity over truth: 1 is right.
        error: Reported standard error over the true speed.
        good: Windows without a flag.
        best: Of the best possible estimator; only where a limit is missed without it.
    """

    point: Point
    ours: Floats
    error: Floats
    good: Bools
    classic: Floats
    best: Floats | None = None

    @property
    def flagged(self) -> float:
        """Part of the windows that have a flag."""
        return float(1 - self.good.mean())

    @property
    def bias(self) -> float:
        """Median relative error with its sign, of windows without a flag."""
        return _median(self.ours[self.good] - 1)

    @property
    def classic_bias(self) -> float:
        """The same of classic, on the same windows."""
        return _median(self.classic[self.good] - 1)

    @property
    def typical_error(self) -> float:
        """Median absolute relative error."""
        return _median(np.abs(self.ours[self.good] - 1))

    @property
    def classic_error(self) -> float:
        """The same of classic; a window without an answer is wrong by its whole speed."""
        wrong = np.abs(self.classic[self.good] - 1)
        return _median(np.where(np.isfinite(wrong), wrong, 1.0))

    @property
    def doubt(self) -> float:
        """Standard deviation of `bias`."""
        return _doubt_of_median(self.typical_error, self.good)

    @property
    def classic_doubt(self) -> float:
        """Standard deviation of `classic_bias`."""
        return _doubt_of_median(self.classic_error, self.good)

    @property
    def told(self) -> bool:
        """Whether the analysis says itself that these windows cannot measure this speed."""
        return self.flagged > _TELLING_FLAGS or _median(self.error[self.good]) > _TELLING_ERROR

    @property
    def ratio(self) -> float:
        """Typical error over that of classic."""
        return self.typical_error / max(self.classic_error, 1e-9)

    def checks(self) -> tuple[Check, Check, Check]:
        """Bias at most 2 %, not worse than classic, and the ratio of the errors."""
        bias, doubt = 100 * abs(self.bias), 100 * self.doubt
        # Most of its windows may have no answer at all.
        classic = 100 * float(np.nan_to_num(abs(self.classic_bias), nan=1.0))
        both = float(np.hypot(doubt, 100 * self.classic_doubt))
        share = 1.65 / np.sqrt(max(self.good.sum() / 4, 1))
        off = np.nan if self.best is None else (self.best - 1)[self.good]
        best_bias = 100 * abs(float(np.median(off)))
        best_ratio = float(np.median(np.abs(off))) / max(self.classic_error, 1e-9)
        told = self.told
        return (
            at_most("bias", bias, _BIAS_PERCENT, "%", doubt=doubt, told=told, best=best_bias),
            at_most("bias over classic", bias - classic, 0.0, "%", doubt=both, told=told),
            at_most(
                "ratio", self.ratio, _RATIO, doubt=self.ratio * share, told=told, best=best_ratio
            ),
        )

    def inside(self, sigmas: float) -> Bools:
        """Whether the interval of so many standard errors covers the truth; no flags."""
        return np.asarray(np.abs(self.ours - 1) <= sigmas * self.error)[self.good]


def velocity_tables(quick: bool, say: Say) -> list[Table]:
    """The grid by window size, its error bars, and every point of it for the CSV."""
    found: list[Found] = []
    for lines, width in product((16, 64) if quick else _WINDOWS, (26,) if quick else _WIDTHS):
        say(f"velocity: windows of {lines} lines x {width} px")
        found += _measured(list(_points(lines, width, quick)), 60 if quick else _WINDOWS[lines])
    return [
        _by_shape(found), response_table(quick, say), _coverage(found), _every_point(found)
    ]  # fmt: skip


def _points(lines: int, width: int, quick: bool) -> Iterator[Point]:
    speeds = (0.73, -3.3) if quick else [sign * v for v in _SPEEDS for sign in (1, -1)]
    for speed, snr in product(speeds, (1.0, 4.0) if quick else (0.67, 1.0, 2.0, 4.0, 8.0)):
        yield Point(lines, width, speed, snr)


def _measured(points: Sequence[Point], windows: int) -> list[Found]:
    """Ours recording by recording; classic in one stack, which it cannot tell apart.

    The projections of one window size are then prepared once.
    """
    lines = points[0].lines
    steps = windows + 3
    height = steps * lines // 4
    pictures = [_picture(one, height) for one in points]
    stack = np.concatenate([one.pixels for one in pictures])
    classic = measure("radon_velocity", stack, estimator="classic", window_width=lines)["velocity"]
    found = []
    for number, (point, picture) in enumerate(zip(points, pictures, strict=True)):
        run = measure("radon_velocity", picture.pixels, window_width=lines)
        theirs = classic[number * steps : number * steps + windows]
        good = (run["flag"] == "") & np.isfinite(run["velocity"])
        truth = _truth(picture, lines, windows)
        ours, error = run["velocity"] / truth, run["velocity_se"] / np.abs(truth)
        one = Found(point, ours, error, good, theirs / truth)
        if any(check.outcome is Outcome.MISSED for check in one.checks()):
            best = best_velocities(picture, lines, point.speed, point.snr, windows)
            one = one if best is None else replace(one, best=best * point.speed / truth)
        found.append(one)
    return found


def _picture(point: Point, height: int) -> RedCells:
    """Speeds sweep a little, so that no estimator meets only angles of its own grid."""
    course = point.speed * np.linspace(1 - _SWEEP, 1 + _SWEEP, height)
    return red_cells(height, point.width, course, snr=point.snr, seed=seed_of(point))


def _truth(picture: RedCells, lines: int, windows: int) -> Floats:
    """Mean speed between the first and the last line of every window."""
    place = np.concatenate([[0.0], np.cumsum(picture.velocity)])
    start = np.arange(windows) * (lines // 4)
    return np.asarray((place[start + lines - 1] - place[start]) / (lines - 1))


def _by_shape(found: Sequence[Found]) -> Table:
    shapes = dict.fromkeys((one.point.lines, one.point.width) for one in found)
    groups = [
        [one for one in found if (one.point.lines, one.point.width) == shape] for shape in shapes
    ]
    return Table(
        "velocity_grid",
        "Velocity: red cells, by window size",
        (
            "lines", "px", "median bias %", "worst bias %", "classic worst %", "median error %",
            "classic error %", "ratio", "worst ratio", "flagged %",
            "bias held/unclear/told/bound/missed", "ratio held/unclear/told/bound/missed",
        ),
        tuple(map(_shape_row, groups)),
        (
            f"Default estimator against `classic` on the same pictures: {len(groups[0])} speeds "
            "and noises per row, |v| from "
            f"{min(abs(one.point.speed) for one in found):g} to "
            f"{max(abs(one.point.speed) for one in found):g} px/line of both signs, SNR from "
            f"{min(one.point.snr for one in found):g} to {max(one.point.snr for one in found):g}; "
            f"each speed sweeps by +-{_SWEEP:.0%}.",
            "Medians over windows without a flag, worst over the speeds and noises that are not "
            "told. Told: the median reported standard error exceeds "
            f"{_TELLING_ERROR:.0%} of the speed, or more than {_TELLING_FLAGS:.0%} of the windows "
            "are flagged. Unclear: missed by less than two standard deviations of this sample. "
            "Bound: on the same pictures an estimator that is told the covariance of the cells, "
            "the noise and the speed to within a third misses the limit too; there `classic` is "
            "near the few speeds that it prefers in such windows, whatever the true one.",
        ),
    )  # fmt: skip


def _shape_row(group: Sequence[Found]) -> Row:
    told = [one for one in group if one.told]
    clear = [one for one in group if not one.told] or told
    bias, versus, ratio = zip(*(one.checks() for one in group), strict=True)
    first = group[0].point
    cells = (
        first.lines,
        first.width,
        100 * float(np.median([abs(one.bias) for one in clear])),
        100 * max(abs(one.bias) for one in clear),
        100 * max(abs(one.classic_bias) for one in clear),
        100 * float(np.median([one.typical_error for one in clear])),
        100 * float(np.median([one.classic_error for one in clear])),
        float(np.median([one.ratio for one in clear])),
        max(one.ratio for one in clear),
        100 * float(np.mean([one.flagged for one in group])),
        _counts(bias),
        _counts(ratio),
    )
    return Row(cells, (_worst(bias), _worst(versus), _worst(ratio)))


def _worst(checks: Iterable[Check]) -> Check:
    severity = list(Outcome)
    return max(checks, key=lambda check: severity.index(check.outcome))


def _counts(checks: Sequence[Check]) -> str:
    return "/".join(str(sum(one.outcome is kind for one in checks)) for kind in _REPORTED)


def _coverage(found: Sequence[Found]) -> Table:
    snrs = sorted({one.point.snr for one in found})
    rows = [
        _coverage_row(f"SNR {snr:g}", [one for one in found if one.point.snr == snr], False)
        for snr in snrs
    ]
    for lines in sorted({one.point.lines for one in found}):
        some = [one for one in found if one.point.snr >= 1 and one.point.lines == lines]
        rows.append(_coverage_row(f"{lines} lines, SNR >= 1", some, False))
    rows.append(_coverage_row("all, SNR >= 1", [one for one in found if one.point.snr >= 1], True))
    return Table(
        "velocity_coverage",
        "Velocity: how often the error bars cover the truth",
        ("windows", "number", "68 % interval", "95 % interval"),
        tuple(rows),
        ("Intervals of 1 and 1.96 reported standard errors, windows without a flag.",),
    )


def _coverage_row(name: str, group: Sequence[Found], judged: bool) -> Row:
    narrow = np.concatenate([one.inside(1.0) for one in group])
    wide = np.concatenate([one.inside(1.96) for one in group])
    seen = 100 * float(narrow.mean()), 100 * float(wide.mean())
    checks = (close_to("68 %", seen[0], 68.3, 3, "%"), close_to("95 %", seen[1], 95, 3, "%"))
    return Row((name, len(narrow), *seen), checks if judged else ())


def _every_point(found: Sequence[Found]) -> Table:
    return Table(
        "velocity_points",
        "Velocity: every point of the grid",
        (
            "lines", "px", "px/line", "SNR", "windows", "flagged %", "bias %", "bias doubt %",
            "classic bias %", "median error %", "classic error %", "ratio", "reported error %",
            "68 % interval", "95 % interval",
        ),
        tuple(Row(_point_cells(one), one.checks()) for one in found),
        printed=False,
    )  # fmt: skip


def _point_cells(one: Found) -> tuple[float, ...]:
    at = one.point
    percent = (
        one.flagged, one.bias, one.doubt, one.classic_bias, one.typical_error, one.classic_error,
    )  # fmt: skip
    return (
        at.lines, at.width, at.speed, at.snr, len(one.good), *(100 * part for part in percent),
        one.ratio, 100 * _median(one.error[one.good]),
        100 * _mean(one.inside(1.0)), 100 * _mean(one.inside(1.96)),
    )  # fmt: skip


def _doubt_of_median(typical_error: float, good: Bools) -> float:
    """Windows overlap fourfold, so a quarter of them counts."""
    return float(1.2533 * 1.4826 * typical_error / np.sqrt(max(good.sum() / 4, 1)))


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def _mean(values: Bools) -> float:
    return float(values.mean()) if len(values) else np.nan
