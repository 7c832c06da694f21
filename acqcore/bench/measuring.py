"""How a benchmark runs an analysis: on arrays, without a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis import analyses, analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Columns, Provenance, ResultTable

Floats = NDArray[np.float64]
Say = Callable[[str], None]
"""Told what is being measured; may raise to stop."""

PIXELS_AND_LINES = Calibration()
"""Velocities come out in pixels per line."""

MOST_RANDOM = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run gave: columns by name, and the summary."""

    table: Columns
    summary: Mapping[str, Any]

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.table[column]


def is_there(name: str) -> bool:
    """Whether this installation has the analysis."""
    return name in analyses()


def measure(
    name: str,
    pixels: NDArray[Any],
    calibration: Calibration = PIXELS_AND_LINES,
    parents: Mapping[str, AnalysisRecord] = MappingProxyType({}),
    context: RunContext | None = None,
    **parameters: Any,
) -> Measured:
    """Run an analysis; raises what its `run` raises."""
    method = analysis(name)
    inputs = Inputs(pixels, calibration, parents=parents)
    result = method.run(inputs, method.parse(parameters), context or RunContext())
    return Measured(result.table, result.summary)


def seconds_and_um(seconds_per_line: float, um_per_pixel: float) -> Calibration:
    """The calibration of a synthetic recording."""
    return Calibration(seconds_per_line, um_per_pixel, "seconds", "um", "synthetic")


def velocity_record(table: Columns, calibration: Calibration) -> AnalysisRecord:
    """A finished velocity record with that table, for analyses that build on one."""
    ran = Provenance({}, (0, 1, 0, 1), calibration.steps)
    key = AnalysisKey("radon_velocity", 0, 1)
    return AnalysisRecord(key, {}, {}, ResultTable(table), ran)


def not_there(name: str) -> str:
    """Why a table is empty."""
    return f"This installation has no analysis called {name}."


def seed_of(*what: object) -> int:
    """The same number for the same words; `hash` of a text differs between processes."""
    return crc32(" ".join(map(str, what)).encode()) % MOST_RANDOM
