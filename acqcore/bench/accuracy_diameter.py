"""Diameter of synthetic vessels: methods, noise, brightness gradients, sub-pixel positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType

import numpy as np

from acqcore.bench.measuring import (
    Floats,
    Say,
    is_there,
    measure,
    not_there,
    seconds_and_um,
    seed_of,
)
from acqcore.bench.other_side import diameters_line_by_line
from acqcore.bench.published import DIAMETER_ERROR_PERCENT
from acqcore.bench.tables import Check, Row, Table, at_most
from acqcore.synthetic.vessel import Vessel, vessel

_ANALYSIS = "diameter"
_METHODS: Mapping[str, str] = MappingProxyType(
    {"fwhm": "fwhm", "threshold": "threshold_width", "gradient": "gradient_edges"}
)
_PUBLISHED_NOISE = 0.07
_DIAMETERS_PX = (12.3, 20.0, 34.7)
_WIDTH_PX = 72
_BAND_PX, _BAND_REACH_PX = 20.0, 0.1
_STEPS = seconds_and_um(0.001, 0.3)


def diameter_tables(quick: bool, say: Say) -> list[Table]:
    """Errors by noise and method, then a band at sub-pixel positions."""
    if not is_there(_ANALYSIS):
        return [Table("diameter_noise", "Diameter", (), (), (not_there(_ANALYSIS),))]
    return [_by_noise(quick, say), _by_position(quick, say)]


# --- noise ---------------------------------------------------------------------------------


def _by_noise(quick: bool, say: Say) -> Table:
    noises = (0.07,) if quick else (0.0, 0.07, 0.15, 0.3)
    rows = []
    for noise, gradient in product(noises, (0.0,) if quick else (0.0, 0.4)):
        say(f"diameter: noise/signal {noise:g}, brightness gradient {gradient:g}")
        pictures = [_picture(one, noise, gradient, 200 if quick else 2000) for one in _DIAMETERS_PX]
        rows += [_method_row(name, noise, gradient, pictures) for name in _METHODS]
        rows.append(_plain_row(noise, gradient, pictures))
    return Table(
        "diameter_noise",
        "Diameter: error by method and noise",
        (
            "noise/signal", "gradient", "method", "mean error %", "median abs error %", "spread %",
            "flagged %", "68 % interval", "published mean error %",
        ),
        tuple(rows),
        (
            f"Pulsing vessels of {', '.join(f'{one:g}' for one in _DIAMETERS_PX)} px, walls "
            "blurred by 1.5 px, 5 lines joined; mean error is the mean over the vessels of the "
            "absolute error of the mean diameter, spread the standard deviation of the single "
            "lines' errors. Gradient: brightness of one wall less that of the other. Plain: "
            "whole pixels, line by line.",
        ),
    )  # fmt: skip


def _picture(diameter: float, noise: float, gradient: float, lines: int) -> Vessel:
    pulse = 1 + 0.05 * np.sin(2 * np.pi * np.arange(lines) / 120)
    middle = (_WIDTH_PX - 1) / 2 + 2 * np.sin(2 * np.pi * np.arange(lines) / 700)
    seed = seed_of(diameter, noise, gradient)
    return vessel(
        lines, _WIDTH_PX, diameter * pulse, seed=seed, center_px=middle, gradient=gradient,
        noise_to_signal=noise,
    )  # fmt: skip


def _method_row(name: str, noise: float, gradient: float, pictures: Sequence[Vessel]) -> Row:
    errors, covered, flagged = [], [], []
    for one in pictures:
        run = measure(_ANALYSIS, one.pixels, _STEPS, diameter_method=_METHODS[name])
        good = run["flag"] == ""
        off = run["diameter_px"] - one.diameter_px
        errors.append((off / one.diameter_px)[good])
        covered.append(np.abs(off * _STEPS.step_x)[good] <= run["diameter_se_um"][good])
        flagged.append(1 - good.mean())
    inside = 100 * float(np.concatenate(covered).mean()) if noise else None
    published = DIAMETER_ERROR_PERCENT[name] if noise == _PUBLISHED_NOISE else None
    mean, median, spread = _percents(errors)
    checks: tuple[Check, ...] = ()
    if published is not None and not gradient:
        checks = (at_most("mean error", mean, published, "%"),)
    cells = (
        noise, gradient, name, mean, median, spread, 100 * float(np.mean(flagged)), inside,
        published,
    )  # fmt: skip
    return Row(cells, checks)


def _plain_row(noise: float, gradient: float, pictures: Sequence[Vessel]) -> Row:
    errors = [diameters_line_by_line(one.pixels) / one.diameter_px - 1 for one in pictures]
    return Row((noise, gradient, "plain", *_percents(errors), None, None, None))


def _percents(errors: Sequence[Floats]) -> tuple[float, float, float]:
    """Mean error, median absolute error and spread, of relative errors by vessel."""
    known = [one[np.isfinite(one)] for one in errors]
    if not all(map(len, known)):
        return np.nan, np.nan, np.nan
    together = np.concatenate(known)
    mean = float(np.mean([abs(one.mean()) for one in known]))
    return 100 * mean, 100 * float(np.median(np.abs(together))), 100 * float(together.std())


# --- position ------------------------------------------------------------------------------


def _by_position(quick: bool, say: Say) -> Table:
    say("diameter: a band at sub-pixel positions")
    shifts = np.arange(0, 1, 0.25 if quick else 0.05)
    rows = [
        _position_row(name, edge, refinement, shifts)
        for name, edge in product(_METHODS, (1.5,) if quick else (0.7, 1.0, 1.5, 2.5))
        for refinement in ("subpixel", "integer")
    ]
    return Table(
        "diameter_position",
        f"Diameter: a band of {_BAND_PX:g} px at any sub-pixel position",
        ("method", "edges", "blur px", "smallest px", "largest px", "largest error px"),
        tuple(rows),
        (f"{len(shifts)} positions over one pixel, without noise. Integer: as older programs.",),
    )


def _position_row(name: str, edge_px: float, refinement: str, shifts: Floats) -> Row:
    found = []
    for shift in shifts:
        one = vessel(
            9, 64, _BAND_PX, center_px=31.5 + float(shift), edge_px=edge_px, noise_to_signal=0.0
        )
        run = measure(
            _ANALYSIS, one.pixels, _STEPS, diameter_method=_METHODS[name],
            edge_refinement=refinement,
        )  # fmt: skip
        found.append(float(run["diameter_px"][4]))
    worst = float(np.max(np.abs(np.array(found) - _BAND_PX)))
    checks = (at_most("error", worst, _BAND_REACH_PX, "px"),) if refinement == "subpixel" else ()
    return Row((name, refinement, edge_px, min(found), max(found), worst), checks)
