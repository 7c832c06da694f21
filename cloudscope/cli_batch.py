"""`cloudscope batch`: many recordings, several processes or a cluster, resumable."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from pathlib import Path
from types import FrameType

from acqcore.acq_image_list import DEFAULT_DEPTH, LoadWarning, find_recordings
from acqcore.analysis import analyses
from acqcore.batch import (
    BatchJob,
    FileOutcome,
    Outcome,
    RoiRule,
    preview,
    process_pool,
    run_batch,
)
from cloudscope.cli_arguments import parameters_of, tell_plugin_problems
from cloudscope.progress_bar import ProgressBar

_IN_FLIGHT_PER_WORKER = 4
_INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended."""


class _NoCluster(Exception):
    """One sentence why the cluster cannot be used."""


def batch_parser() -> argparse.ArgumentParser:
    """Options of `batch`."""
    parser = argparse.ArgumentParser(
        "cloudscope batch",
        description="Run analyses on all recordings in folders and save the results beside them.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER", help="folders or files")
    parser.add_argument(
        "--analysis", action="append", required=True, choices=sorted(analyses()), metavar="NAME",
        help="may be given often; runs in the order in which they need each other",
    )  # fmt: skip
    parser.add_argument(
        "--param", action="append", default=[], metavar="[NAME.]KEY=VALUE",
        help="may be given often",
    )  # fmt: skip
    parser.add_argument("--channel", type=int, default=0, metavar="N", help="from 0")
    parser.add_argument(
        "--roi", default="full", metavar="full|ID|all|L0:L1,P0:P1",
        help="whole image, one ROI by its number, every rectangle, or the same one everywhere",
    )  # fmt: skip
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="processes; 1 is this one")
    where.add_argument("--cluster", metavar="ADDRESS", help="of a dask scheduler: tcp://host:8786")
    parser.add_argument("--resume", action="store_true", help="skip what is done already")
    parser.add_argument("--overwrite", action="store_true", help="replace results that are there")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    return parser


def batch(words: list[str]) -> int:
    """Measure all recordings; gives the exit code: 1 if a file failed, 130 after Ctrl-C."""
    tell_plugin_problems()
    parser = batch_parser()
    options = parser.parse_args(words)
    try:
        job = _job(options)
    except (KeyError, ValueError, TypeError) as error:
        parser.error(str(error.args[0]))
    if options.workers is not None and options.workers < 1:
        parser.error("--workers starts at 1")
    found = list(find_recordings(options.paths, DEFAULT_DEPTH))
    if not found:
        parser.error("there is no recording in these folders")
    paths = [one for one in found if isinstance(one, Path)]
    unlisted = [_unlisted(one) for one in found if isinstance(one, LoadWarning)]
    try:
        with ExitStack() as stack, _stop_on_ctrl_c() as stop:
            outcomes = _outcomes(options, job, paths, stop, stack)
            counts = _told(unlisted, outcomes, len(found), options.json)
    except _NoCluster as error:
        print(f"cloudscope: {error}", file=sys.stderr)
        return 2
    return _ended(counts)


def _job(options: argparse.Namespace) -> BatchJob:
    given = parameters_of(options.analysis, options.param)
    steps = tuple((name, given[name]) for name in options.analysis)
    return BatchJob(
        steps,
        options.channel,
        RoiRule.parse(options.roi),
        replace=options.overwrite,
        resume=options.resume,
    )


def _unlisted(warning: LoadWarning) -> FileOutcome:
    return FileOutcome(warning.path or "", Outcome.FAILED, warning.message)


def _outcomes(
    options: argparse.Namespace,
    job: BatchJob,
    paths: Sequence[Path],
    stop: threading.Event,
    stack: ExitStack,
) -> Iterator[FileOutcome]:
    if options.dry_run:
        return takewhile(lambda _: not stop.is_set(), preview(job, paths))
    workers = options.workers or min(_processors(), len(paths))
    executor: Executor | None = None
    if options.cluster:
        executor, workers = stack.enter_context(_cluster(options.cluster))
    elif workers > 1:
        executor = stack.enter_context(process_pool(workers))
    in_flight = _IN_FLIGHT_PER_WORKER * workers
    return run_batch(job, paths, executor, in_flight=in_flight, is_cancelled=stop.is_set)


def _processors() -> int:
    """Those that this program may use: a cluster's queue often gives fewer than there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    else:  # noqa: RET505 - the checker must not see what the other systems lack
        return os.cpu_count() or 1


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor over all workers of a dask scheduler, and how many threads they have."""
    try:
        from distributed import Client  # an extra, and heavy
    except ImportError:
        raise _NoCluster(
            "--cluster needs dask.distributed; run: pip install 'cloudscope[cluster]'"
        ) from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise _NoCluster(f"the scheduler {address} does not answer ({error})") from error
    with client:
        yield client.get_executor(), max(sum(client.nthreads().values()), 1)


@contextmanager
def _stop_on_ctrl_c() -> Iterator[threading.Event]:
    """The first Ctrl-C asks for a clean end; the second one interrupts as usual."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _told(
    first: Sequence[FileOutcome], rest: Iterator[FileOutcome], total: int, as_json: bool
) -> Counter[Outcome]:
    """Print each outcome as it comes; counts them."""
    bar, counts = ProgressBar(sys.stderr, total), Counter[Outcome]()
    for outcomes in (first, rest):
        for one in outcomes:
            counts[one.outcome] += 1
            bar.clear()
            print(_as_json(one) if as_json else _readable(one), flush=True)
            bar.count(one.outcome.value)
    bar.clear()
    return counts


def _as_json(one: FileOutcome) -> str:
    results = [
        {"analysis": key.analysis_name, "roi_id": key.roi_id, "summary": dict(summary)}
        for key, summary in one.results
    ]
    return json.dumps(
        {
            "path": one.path,
            "outcome": one.outcome.value,
            "message": one.message,
            "channel": one.channel,
            "roi_ids": list(one.roi_ids),
            "results": results,
        }
    )


def _readable(one: FileOutcome) -> str:
    return f"{one.outcome.value:12} {one.path}  {one.message}"


def _ended(counts: Counter[Outcome]) -> int:
    """The last word and the exit code."""
    parts = [f"{count} {name.value.replace('_', ' ')}" for name, count in sorted(counts.items())]
    print(f"{sum(counts.values())} recordings: {', '.join(parts)}.", file=sys.stderr)
    if counts[Outcome.CANCELLED]:
        print(
            "Stopped. Files that are done are whole; give the same command with --resume to go on.",
            file=sys.stderr,
        )
        return _INTERRUPTED
    return int(counts[Outcome.FAILED] > 0)
