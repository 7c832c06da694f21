"""The noise table of Drew et al. 2010 (J Comput Neurosci 29:5), regenerated from Eq. 7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.bench.measuring import Floats, Say, measure
from acqcore.bench.other_side import NO_SCIKIT_IMAGE, scikit_image_radon, scikit_image_slopes
from acqcore.bench.published import DREW_BOUND_DEG, DREW_RADON_RMS_DEG, DREW_SVD_RMS_DEG
from acqcore.bench.tables import Row, Table, at_most
from acqcore.synthetic import PublishedPicture, drew_picture

_WINDOW = 96
_SNRS = (8, 4, 2, 1, 0.67, 0.5, 0.33)
_JUDGED_DOWN_TO = 0.67
_RATIO = 0.6


@dataclass(frozen=True, slots=True)
class Slopes:
    """What one estimator makes of all draws, (draw, window).

    Attributes:
        slope: Pixels per line.
        flagged: Windows that the estimator does not trust itself.
    """

    slope: Floats
    flagged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Truth:
    """One entry per window, in pixels per line.

    Attributes:
        line: Slope of the straight line that is nearest to the true path in the window.
        mean: Mean speed over the window, which differs from it where the speed curves.
    """

    line: Floats
    mean: Floats


def drew_tables(quick: bool, say: Say) -> list[Table]:
    """RMS of the angle against the truth, by noise."""
    rows = []
    draws, plain_draws = (1, 1) if quick else (6, 2)
    for snr in (8, 0.5) if quick else _SNRS:
        say(f"Drew's grating: SNR {snr:g}")
        rows.append(_row(snr, draws, plain_draws, 240 if quick else 1536))
    notes = [
        f"Windows of 96 x 96, step 24, exponential noise, {draws} draws of it ({plain_draws} for "
        "scikit-image); angle errors in degrees RMS. Against the truth: the straight line nearest "
        "to the true path within the window, which is what the slope of a streak can be. Ratios "
        "of the default to `classic` and to scikit-image, which is the same search, on the same "
        "pictures, flagged windows included.",
        "The speed of this grating curves within a window: against its mean speed, in its own "
        "column, every estimator is further off. As published: against the estimate without "
        "noise, which hides any bias; those figures are digitised. The bound is that of least "
        "squares.",
    ]
    if scikit_image_radon() is None:
        notes.append(NO_SCIKIT_IMAGE)
    columns = (
        "SNR", "scikit-image Radon", "classic", "default", "ratio", "ratio to scikit-image",
        "default, no flag", "flagged %", "default, mean speed", "default, as published",
        "published Radon", "published SVD", "bound", "speed bias %", "speed error %",
    )  # fmt: skip
    return [Table("velocity_drew", "Velocity: Drew's noise table", columns, tuple(rows),
                  tuple(notes))]  # fmt: skip


def _row(snr: float, draws: int, plain_draws: int, lines: int) -> Row:
    pictures = [drew_picture(snr, seed=seed, lines=lines) for seed in range(draws)]
    truth, quiet = _truth(pictures[0]), _measured("unbiased", [pictures[0].clean])
    pixels = [one.pixels for one in pictures]
    ours, classic = _measured("unbiased", pixels), _measured("classic", pixels)
    limit = _RATIO if snr >= _JUDGED_DOWN_TO else 1.0
    ratio = _rms(ours.slope, truth.line) / _rms(classic.slope, truth.line)
    checks = [at_most("ratio", ratio, limit)]
    found = same = np.nan
    if scikit_image_radon() is not None:
        starts = _starts(lines)
        plain = [scikit_image_slopes(one, starts, _WINDOW) for one in pixels[:plain_draws]]
        found = _rms(np.array(plain), truth.line)
        same = _rms(ours.slope[:plain_draws], truth.line) / found
        checks.append(at_most("ratio to scikit-image", same, limit))
    speed = ours.slope / truth.line - 1
    cells = (
        snr, found, _rms(classic.slope, truth.line), _rms(ours.slope, truth.line), ratio, same,
        _rms(np.where(ours.flagged, np.nan, ours.slope), truth.line, missing=np.nan),
        100 * float(ours.flagged.mean()), _rms(ours.slope, truth.mean),
        _rms(ours.slope, quiet.slope[0]), DREW_RADON_RMS_DEG[snr], DREW_SVD_RMS_DEG[snr],
        DREW_BOUND_DEG[snr], 100 * float(np.nanmedian(speed)),
        100 * float(np.nanmedian(np.abs(speed))),
    )  # fmt: skip
    return Row(cells, tuple(checks))


def _measured(estimator: str, pictures: Sequence[NDArray[np.float32]]) -> Slopes:
    runs = [
        measure("radon_velocity", one, estimator=estimator, window_width=_WINDOW)
        for one in pictures
    ]
    return Slopes(
        np.array([run["velocity"] for run in runs]), np.array([run["flag"] != "" for run in runs])
    )


def _starts(lines: int) -> NDArray[np.intp]:
    step = _WINDOW // 4
    return np.arange(lines // step - 3, dtype=np.intp) * step


def _truth(picture: PublishedPicture) -> Truth:
    place = np.concatenate([[0.0], np.cumsum(picture.velocity)])
    time = np.arange(_WINDOW) - (_WINDOW - 1) / 2
    paths = np.array([place[at : at + _WINDOW] for at in _starts(len(picture.pixels))])
    return Truth(paths @ time / (time @ time), (paths[:, -1] - paths[:, 0]) / (_WINDOW - 1))


def _rms(slopes: Floats, truth: Floats, missing: float = 90.0) -> float:
    """Degrees between slopes and truth; a window without a slope counts as `missing`."""
    off = np.rad2deg(np.arctan(slopes) - np.arctan(truth))
    # Directions repeat every half turn.
    folded = np.abs((off + 90) % 180 - 90)
    squares = np.where(np.isfinite(folded), folded, missing) ** 2
    known = squares[np.isfinite(squares)]
    return float(np.sqrt(np.mean(known))) if len(known) else np.nan
