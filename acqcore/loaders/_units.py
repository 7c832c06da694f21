"""Lengths and durations as microscope files spell them, in um and seconds."""

from __future__ import annotations

import math

_MICROMETRES = {
    "pm": 1e-6, "å": 1e-4, "angstrom": 1e-4, "nm": 1e-3, "nanometer": 1e-3,
    "um": 1.0, "µm": 1.0, "μm": 1.0, "\\u00b5m": 1.0, "micron": 1.0, "microns": 1.0,
    "micrometer": 1.0, "micrometers": 1.0, "micrometre": 1.0,
    "mm": 1e3, "millimeter": 1e3, "cm": 1e4, "centimeter": 1e4, "m": 1e6, "meter": 1e6,
    "in": 25_400.0, "inch": 25_400.0,
}  # fmt: skip

_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "\\u00b5s": 1e-6, "ms": 1e-3, "msec": 1e-3,
    "millisecond": 1e-3, "milliseconds": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0,
    "seconds": 1.0, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0,
}  # fmt: skip


def micrometres(value: object, unit: str) -> float | None:
    """A positive length in um; None when either part makes no sense."""
    return _scaled(value, _MICROMETRES.get(unit.strip().lower()))


def seconds(value: object, unit: str) -> float | None:
    """A positive duration in seconds; None when either part makes no sense."""
    return _scaled(value, _SECONDS.get(unit.strip().lower()))


def _scaled(value: object, factor: float | None) -> float | None:
    if factor is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        scaled = float(value) * factor
    except (ValueError, OverflowError):
        return None
    return scaled if math.isfinite(scaled) and scaled > 0 else None
