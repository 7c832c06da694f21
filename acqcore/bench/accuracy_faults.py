"""Windows that show no flow, or none that can be measured: a flag, and no made-up number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from acqcore.bench.measuring import Measured, Say, is_there, measure
from acqcore.bench.tables import Row, Table, is_true
from acqcore.synthetic import red_cells, speed_course

_LINES, _PIXELS, _WINDOW = 2_000, 64, 64
_FAULT = slice(800, 1_200)
_SPEED = 2.3
_STILL = 0.02
"""Part of the moving speed that counts as standing still; NaN does not."""

_ANALYSES = ("radon_velocity", "lspiv_velocity")
_FAULTS: dict[str, Callable[[NDArray[np.float32]], object]] = {
    "dark": lambda part: part.fill(0),
    "constant": lambda part: part.fill(1000),
    "not a number": lambda part: part.fill(np.nan),
    "saturated": lambda part: part.fill(4095),
}


def faults_tables(quick: bool, say: Say) -> list[Table]:
    """What each velocity analysis gives for windows without flow."""
    say("velocity: windows without flow")
    rows = []
    for name in filter(is_there, _ANALYSES):
        rows += [_fault_row(name, fault) for fault in _FAULTS]
        rows.append(_stall_row(name))
        rows.append(_static_row(name))
    rows.append(_static_classic_row())
    return [
        Table(
            "velocity_faults",
            "Velocity: windows without flow",
            ("analysis", "windows", "number", "with a velocity", "flags"),
            tuple(rows),
            (
                f"Recordings of {_LINES} x {_PIXELS}, windows of {_WINDOW} lines. The first four "
                "replace a fifth of the lines of a moving recording; a stall stops its cells.",
            ),
        )
    ]


def _moving(speed: object = _SPEED) -> NDArray[np.float32]:
    cells = red_cells(_LINES, _PIXELS, np.asarray(speed, float), snr=4.0, seed=5)
    return cells.pixels.astype(np.float32)


def _inside(run: Measured) -> NDArray[np.bool_]:
    """Windows that lie in the faulty lines wholly."""
    middle, half = run["time_index"], _WINDOW / 2
    return np.asarray((middle - half >= _FAULT.start) & (middle + half <= _FAULT.stop))


def _fault_row(name: str, fault: str) -> Row:
    pixels = _moving()
    _FAULTS[fault](pixels[_FAULT])
    if fault != "not a number":
        pixels = pixels.astype(np.uint16)
    run = measure(name, pixels, window_width=_WINDOW)
    where = _inside(run)
    known = np.isfinite(run["velocity"][where])
    told = bool((~known & (run["flag"][where] != "")).all())
    cells = (name, fault, int(where.sum()), int(known.sum()), _flags(run, where))
    return Row(cells, (is_true("velocity", "is NaN, with a flag", told),))


def _stall_row(name: str) -> Row:
    course = speed_course(_LINES, _SPEED, stalls=[(_FAULT.start, _FAULT.stop)])
    run = measure(name, _moving(course), window_width=_WINDOW)
    where = _inside(run)
    velocity = run["velocity"][where]
    still = float(np.median(np.abs(velocity))) <= _STILL * _SPEED
    cells = (
        name, "stalled", int(where.sum()), int(np.isfinite(velocity).sum()), _flags(run, where),
    )  # fmt: skip
    return Row(cells, (is_true("median speed", f"<= {_STILL:.0%} of the moving speed", still),))


def _static_row(name: str) -> Row:
    run = measure(name, _moving(0.0), window_width=_WINDOW)
    told = bool((run["flag"] == "static").all())
    everywhere = np.ones(len(run["flag"]), bool)
    known = int(np.isfinite(run["velocity"]).sum())
    cells = (name, "still throughout", len(everywhere), known, _flags(run, everywhere))
    return Row(cells, (is_true("flag", "is static", told),))


def _static_classic_row() -> Row:
    run = measure("radon_velocity", _moving(0.0), estimator="classic", window_width=_WINDOW)
    everywhere = np.ones(len(run["flag"]), bool)
    still = bool((run["velocity"] == 0).all())
    known = int(np.isfinite(run["velocity"]).sum())
    name = "radon_velocity, classic"
    cells = (name, "still throughout", len(everywhere), known, _flags(run, everywhere))
    return Row(cells, (is_true("velocity", "is 0", still),))


def _flags(run: Measured, where: NDArray[np.bool_]) -> str:
    return ", ".join(sorted(filter(None, set(run["flag"][where].tolist()))))
