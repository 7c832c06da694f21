"""The parts of both benchmarks by name, in the order in which they are printed."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from acqcore._version import __version__
from acqcore.bench.accuracy_calcium import calcium_tables
from acqcore.bench.accuracy_diameter import diameter_tables
from acqcore.bench.accuracy_drew import drew_tables
from acqcore.bench.accuracy_events import events_tables
from acqcore.bench.accuracy_faults import faults_tables
from acqcore.bench.accuracy_heart import heart_tables
from acqcore.bench.accuracy_kim import kim_tables
from acqcore.bench.accuracy_velocity import velocity_tables
from acqcore.bench.measuring import Say
from acqcore.bench.speed import speed_tables
from acqcore.bench.speed_manners import manners_tables
from acqcore.bench.speed_others import other_tables
from acqcore.bench.tables import Table

Section = Callable[[bool, Say], list[Table]]
"""Measures; takes whether to be quick, and what to tell of the progress."""

ACCURACY: Mapping[str, Section] = MappingProxyType(
    {
        "velocity": velocity_tables,
        "faults": faults_tables,
        "drew": drew_tables,
        "kim": kim_tables,
        "diameter": diameter_tables,
        "heart": heart_tables,
        "calcium": calcium_tables,
        "events": events_tables,
    }
)

SPEED: Mapping[str, Section] = MappingProxyType(
    {"velocity": speed_tables, "others": other_tables, "manners": manners_tables}
)


def tables_of(
    sections: Mapping[str, Section], names: Sequence[str], quick: bool, say: Say
) -> Iterator[Table]:
    """Tables of the named sections as they are ready."""
    for name in names:
        yield from sections[name](quick, say)


def setting() -> str:
    """What the figures were made with and on."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return f"CloudScope {__version__}, Python {platform.python_version()}, {libraries}; {machine}."


_LIBRARIES = ("numpy", "scipy", "scikit-image")


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
