"""Linear algebra on one thread: for workers beside each other, and for the same bits anywhere.

How many threads share a matrix product decides the order of its sums, and with it the last
bits of the result; a file must not depend on the worker that wrote it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# As the wheels of numpy and scipy name it, with long and with short indices.
_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


@cache
def compute_on_one_thread() -> int:
    """From now on, in the whole process; gives how many libraries took it.

    Those of numpy's and scipy's wheels; others (MKL, Accelerate) follow their own variables,
    such as MKL_NUM_THREADS, which have to be set before Python starts.
    """
    return sum(_limit(path) for path in _libraries())


def _libraries() -> Iterator[Path]:
    for package in ("numpy", "scipy"):
        found = find_spec(package)
        if found is not None and found.origin is not None:
            inside = Path(found.origin).parent
            for folder in (inside.with_name(f"{package}.libs"), inside / ".dylibs"):
                yield from sorted(folder.glob("*openblas*"))


def _limit(path: Path) -> bool:
    with suppress(OSError):
        library = ctypes.CDLL(str(path))
        for name in _SETTERS:
            with suppress(AttributeError):
                library[name](1)
                return True
    return False
