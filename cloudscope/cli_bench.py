"""`cloudscope bench`: how right and how fast the analyses are on this machine.

The measurements are in `acqcore.bench`. They print Markdown, so that a table can be
pasted anywhere, and say on stderr what they are at.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acqcore.bench.tables import Table

_INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended."""

_LIMITS = "give exit code 1 if a limit is missed"
_THREAD_COUNTS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)  # fmt: skip
_SINGLE = dict.fromkeys(_THREAD_COUNTS, "1")


def bench(words: list[str]) -> int:
    """Measure and print; gives the exit code."""
    options = _parser().parse_args(words)
    try:
        if options.kind == "speed" and not _is_single(os.environ):
            return _on_one_core(words)
        return _measured(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        print(f"cloudscope bench: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "cloudscope bench",
        description="Measure the analyses on synthetic recordings of known truth, and published "
        "algorithms on the same recordings.",
    )
    parser.add_argument("kind", choices=("accuracy", "speed"))
    parser.add_argument("--only", metavar="NAME,NAME", help="some sections; see --list")
    parser.add_argument("--list", action="store_true", help="name the sections and stop")
    parser.add_argument("--quick", action="store_true", help="a sample, in seconds")
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help="write every table there too")
    parser.add_argument("--json", action="store_true", help="one JSON object per row")
    parser.add_argument("--check", action="store_true", help=_LIMITS)
    return parser


def _is_single(environment: Mapping[str, str]) -> bool:
    return all(environment.get(name) == count for name, count in _SINGLE.items())


def _on_one_core(words: Sequence[str]) -> int:
    """Run the same command in a process whose libraries start with one thread.

    They read the number of threads when they are loaded, which has happened here.
    """
    home = str(Path(__file__).parents[1])
    paths = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | _SINGLE | {"PYTHONPATH": paths}
    command = [sys.executable, "-m", "cloudscope", "bench", *words]
    return subprocess.run(command, env=environment, check=False).returncode


def _pinned() -> None:
    """Stay on one processor, where the system lets a process choose."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measured(options: argparse.Namespace) -> int:
    # Late: no other command needs the analyses' generators and the tables.
    from acqcore.bench.sections import ACCURACY, SPEED, setting, tables_of
    from acqcore.bench.tables import verdict

    sections = ACCURACY if options.kind == "accuracy" else SPEED
    if options.list:
        print("\n".join(sections))
        return 0
    names = options.only.split(",") if options.only else list(sections)
    unknown = ", ".join(name for name in names if name not in sections)
    if unknown:
        known = ", ".join(sections)
        print(f"cloudscope bench: no section {unknown}; there are: {known}", file=sys.stderr)
        return 2
    if options.kind == "speed":
        _pinned()
    if options.csv:
        options.csv.mkdir(parents=True, exist_ok=True)
    out = sys.stderr if options.json else sys.stdout
    print(setting(), end="\n\n", file=out)
    tables = []
    for table in tables_of(sections, names, options.quick, _say):
        tables.append(table)
        _show(table, options)
    sentence, held = verdict(one for one in tables if one.printed)
    print(sentence, file=out)
    return int(options.check and not held)


def _show(table: Table, options: argparse.Namespace) -> None:
    if options.csv:
        table.write_csv(options.csv)
    if options.json:
        for line in table.json_lines():
            print(line, flush=True)
    elif table.printed:
        print(table.markdown(), end="\n\n", flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
