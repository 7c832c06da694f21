"""What lies between two places of a recording: time, distance, velocity, angle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from acqcore.model.header import Calibration
from acqcore.model.roi import LineEndpoints
from cloudscope.views.quantities import MISSING, decimals_for, number

DT, RATE, DX, SPEED, ANGLE = "Δt", "1/Δt", "Δx", "Δx/Δt", "∠"


@dataclass(frozen=True, slots=True)
class Slope:
    """From one place to another.

    Attributes:
        lines: Scan lines between them; negative when the second is earlier.
        pixels: Pixels between them, upwards positive; None where only moments are known.
    """

    lines: float
    pixels: float | None
    calibration: Calibration = Calibration()

    @classmethod
    def between(cls, ends: LineEndpoints, calibration: Calibration) -> Slope:
        """From the earlier end of a line to the later one."""
        first, second = sorted(((ends.row0, ends.col0), (ends.row1, ends.col1)))
        return cls(second[0] - first[0], second[1] - first[1], calibration)

    @property
    def time(self) -> float:
        """Seconds, or lines where the line time is not known."""
        return self.lines * (self.calibration.step_y if self.calibration.time_known else 1.0)

    @property
    def distance(self) -> float:
        """Micrometres, or pixels where their size is not known; NaN without places."""
        if self.pixels is None:
            return math.nan
        step = self.calibration.step_x if self.calibration.distance_known else 1.0
        return self.pixels * step

    @property
    def rate(self) -> float:
        """One over the time, without a sign; NaN for the same moment."""
        return 1 / abs(self.time) if self.time else math.nan

    @property
    def speed(self) -> float:
        """mm/s as the velocity analyses have it, or pixels per line; NaN for one moment."""
        if not self.lines or self.pixels is None:
            return math.nan
        if not self._is_calibrated:
            return self.pixels / self.lines
        return self.distance / self.time / 1000

    @property
    def angle_deg(self) -> float:
        """As `theta_deg` of a result: 0 to 180, its tangent is pixels per line."""
        if self.pixels is None or (not self.pixels and not self.lines):
            return math.nan
        return math.degrees(math.atan2(self.pixels, self.lines)) % 180

    @property
    def _is_calibrated(self) -> bool:
        return self.calibration.time_known and self.calibration.distance_known

    @property
    def units(self) -> Mapping[str, str]:
        """By the name of the number."""
        steps = self.calibration
        return {
            DT: "s" if steps.time_known else "lines",
            RATE: "Hz" if steps.time_known else "per line",
            DX: "µm" if steps.distance_known else "px",
            SPEED: "mm/s" if self._is_calibrated else "px/line",
            ANGLE: "°",
        }

    @property
    def values(self) -> Mapping[str, float]:
        """By the same names; NaN where there is none."""
        return {
            DT: self.time,
            RATE: self.rate,
            DX: self.distance,
            SPEED: self.speed,
            ANGLE: self.angle_deg,
        }

    @property
    def texts(self) -> Mapping[str, str]:
        """As the read-out says them, with units."""
        steps = self.calibration
        places = {
            DT: decimals_for(steps.step_y) if steps.time_known else 0,
            RATE: decimals_for(self.rate, 4),
            DX: min(decimals_for(steps.step_x), 3) if steps.distance_known else 1,
            SPEED: decimals_for(self.speed, 3),
            ANGLE: 1,
        }
        return {name: self._text(name, value, places[name]) for name, value in self.values.items()}

    def _text(self, name: str, value: float, decimals: int) -> str:
        if not math.isfinite(value):
            return MISSING
        gap = "" if name == ANGLE else " "
        return f"{number(value, decimals)}{gap}{self.units[name]}"

    @property
    def label(self) -> str:
        """Velocity and angle, for beside the line."""
        return f"{self.texts[SPEED]}, {self.texts[ANGLE]}"

    @property
    def table(self) -> str:
        """Two rows with tabs between the cells, for a spreadsheet."""
        names = "\t".join(f"{name} ({self.units[name]})" for name in self.values)
        cells = (f"{one:.6g}" if math.isfinite(one) else "" for one in self.values.values())
        return f"{names}\n" + "\t".join(cells) + "\n"
