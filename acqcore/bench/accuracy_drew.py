"""The noise table of Drew et al. 2010 (J Comput Neurosci 29:5), regenerated from Eq. 7."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from acqcore.bench.measuring import Floats, Say, measure
from acqcore.bench.other_side import NO_SCIKIT_IMAGE, scikit_image_radon, scikit_image_slopes
from acqcore.bench.published import DREW_BOUND_DEG, DREW_RADON_RMS_DEG, DREW_SVD_RMS_DEG
from acqcore.bench.tables import Check, Row, Table, at_most
from acqcore.synthetic import PublishedPicture, drew_picture

_WINDOW = 96
_SNRS = (8, 4, 2, 1, 0.67, 0.5, 0.33)
_JUDGED_DOWN_TO = 0.67
_RATIO = 0.6

Slopes = Callable[[PublishedPicture], Floats]


@dataclass(frozen=True, slots=True)
class Noise:
    """Errors in degrees, windows of all draws together; NaN counts as 90 degrees.

    Attributes:
        ours, classic, plain: Default, classic and scikit-image; `plain` is empty without it.
        speed: Relative error of the default's velocity.
    """

    snr: float
    ours: Floats
    classic: Floats
    plain: Floats
    speed: Floats


def drew_tables(quick: bool, say: Say) -> list[Table]:
    """RMS of the angle against the truth, by noise."""
    draws = 1 if quick else 6
    with_scikit = scikit_image_radon() is not None
    measured = []
    for snr in (8, 0.5) if quick else _SNRS:
        say(f"Drew's grating: SNR {snr:g}")
        plain = 0 if not with_scikit else 1 if quick else 2
        measured.append(_at_noise(snr, draws, plain, quick))
    return [_table(measured, draws, with_scikit)]


def _at_noise(snr: float, draws: int, plain_draws: int, quick: bool) -> Noise:
    pictures = [drew_picture(snr, seed=seed, lines=240 if quick else 1536) for seed in range(draws)]
    slopes: list[Slopes] = [partial(_slopes, "unbiased"), partial(_slopes, "classic")]
    ours, classic = ([measured(one) for one in pictures] for measured in slopes)
    plain = [_plain_slopes(one) for one in pictures[:plain_draws]]
    truth = _truth(pictures[0])
    return Noise(
        snr,
        _degrees_off(ours, truth),
        _degrees_off(classic, truth),
        _degrees_off(plain, truth),
        np.concatenate([one / truth - 1 for one in ours]),
    )


def _slopes(estimator: str, picture: PublishedPicture) -> Floats:
    run = measure("radon_velocity", picture.pixels, estimator=estimator, window_width=_WINDOW)
    return np.asarray(run["velocity"])


def _starts(picture: PublishedPicture) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    step = _WINDOW // 4
    return np.arange(len(picture.pixels) // step - 3, dtype=np.intp) * step


def _plain_slopes(picture: PublishedPicture) -> Floats:
    return scikit_image_slopes(picture.pixels, _starts(picture), _WINDOW)


def _truth(picture: PublishedPicture) -> Floats:
    """Mean speed between the first and the last line of every window."""
    return np.array([picture.velocity[at : at + _WINDOW - 1].mean() for at in _starts(picture)])


def _degrees_off(slopes: Sequence[Floats], truth: Floats) -> Floats:
    if not slopes:
        return np.empty(0)
    off = np.concatenate([np.arctan(one) - np.arctan(truth) for one in slopes])
    # Directions repeat every half turn.
    folded = np.abs((np.rad2deg(off) + 90) % 180 - 90)
    return np.where(np.isfinite(folded), folded, 90.0)


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else np.nan


def _table(measured: Sequence[Noise], draws: int, with_scikit: bool) -> Table:
    notes = [
        "Windows of 96 x 96, step 24, exponential noise; angle errors in degrees RMS against the "
        f"truth, {draws} draws of the noise; ratio of the default to plain Radon on the same "
        "pictures. Published values (digitised) are against the noiseless estimate, which hides "
        "any bias; the bound is that of least squares.",
    ]
    if not with_scikit:
        notes.append(NO_SCIKIT_IMAGE)
    return Table(
        "velocity_drew",
        "Velocity: Drew's noise table",
        (
            "SNR", "published Radon", "published SVD", "scikit-image Radon", "classic", "default",
            "ratio", "bound", "speed bias %", "speed error %",
        ),
        tuple(_row(one) for one in measured),
        tuple(notes),
    )  # fmt: skip


def _row(one: Noise) -> Row:
    # The same pictures for both: the first draws, or classic, which is the same search.
    plain = one.plain if len(one.plain) else one.classic
    ratio = _rms(one.ours[: len(plain)]) / _rms(plain)
    limit = _RATIO if one.snr >= _JUDGED_DOWN_TO else 1.0
    checks: tuple[Check, ...] = (at_most("ratio", ratio, limit),)
    cells = (
        one.snr,
        DREW_RADON_RMS_DEG[one.snr],
        DREW_SVD_RMS_DEG[one.snr],
        _rms(one.plain),
        _rms(one.classic),
        _rms(one.ours),
        ratio,
        DREW_BOUND_DEG[one.snr],
        100 * float(np.nanmedian(one.speed)),
        100 * float(np.nanmedian(np.abs(one.speed))),
    )
    return Row(cells, checks)
