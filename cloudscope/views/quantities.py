"""How stored numbers are written on screen: unit, scale, decimals, signs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from acqcore.analysis.base import Analysis, Curve
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord

MISSING = "–"
THIN_SPACE = "\u2009"
MINUS = "\u2212"

_SHOWN_UNITS = {"um/s": ("mm/s", 1e-3), "um": ("µm", 1.0)}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a curve's axis, caption and read-out say.

    Attributes:
        title: Such as "Velocity".
        unit: As shown; empty for a pure number.
        factor: Shown number = stored number * factor.
        token: Colour of the quantity in the theme.
    """

    title: str
    unit: str
    factor: float
    token: str

    @property
    def axis_title(self) -> str:
        """Title with the unit in brackets."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


def shown_curve(analysis: Analysis[Any], curve: Curve, calibration: Calibration) -> Shown:
    """How `curve` reads on a recording with this calibration."""
    column = next(one for one in analysis.columns if one.name == curve.y)
    stored = analysis.unit_of(column, calibration)
    unit, factor = shown_unit(stored)
    return Shown(curve.title or column.title, unit, factor, curve.quantity)


def shown_unit(stored: str) -> tuple[str, float]:
    """The unit on screen and the factor that takes stored numbers to it."""
    return _SHOWN_UNITS.get(stored, (stored.replace("um", "µm"), 1.0))


def ran_calibration(record: AnalysisRecord, now: Calibration) -> Calibration:
    """The calibration that a finished run used, which may not be the one in force.

    A record keeps the steps without their labels; a step of exactly 1 that is no longer
    in force is the stand-in for "not known".
    """
    if record.provenance is None or record.provenance.steps == now.steps:
        return now
    step_y, step_x = record.provenance.steps
    label_y = "seconds" if step_y != 1 else "Pixels"
    return Calibration(step_y, step_x, label_y, "um" if step_x != 1 else "Pixels", "the run")


def number(value: float, decimals: int) -> str:
    """Fixed decimals, a true minus and thin spaces between thousands."""
    if not math.isfinite(value):
        return MISSING
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN_SPACE)
    negative = value < 0 and any(digit in text for digit in "123456789")
    return f"{MINUS}{text}" if negative else text


def decimals_for(scale: float, digits: int = 1) -> int:
    """Decimals that show `digits` significant digits of a number of this size."""
    if not math.isfinite(scale) or scale == 0:
        return 2
    return min(max(digits - 1 - math.floor(math.log10(abs(scale))), 0), 6)


def measured(value: float, error: float, unit: str) -> str:
    """`0.43 ± 0.05 mm/s`; without a usable error three significant digits."""
    if not math.isfinite(value):
        return MISSING
    tail = f" {unit}" if unit else ""
    if not (math.isfinite(error) and error > 0):
        return f"{number(value, decimals_for(value, 3))}{tail}"
    # An error that starts with a 1 would lose up to half of itself to one digit.
    decimals = decimals_for(error, 2 if f"{error:e}".startswith("1") else 1)
    return f"{number(value, decimals)} ± {number(error, decimals)}{tail}"


def interval(low: float, high: float, unit: str) -> str:
    """`0.09 to 0.71 mm/s`, both ends with the same decimals."""
    larger = max(abs(low), abs(high))
    decimals = min(decimals_for(larger, 3), max(decimals_for(larger, 2), 2))
    tail = f" {unit}" if unit else ""
    return f"{number(low, decimals)} to {number(high, decimals)}{tail}"
