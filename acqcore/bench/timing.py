"""Processor time, time until a stop is heard, and peak memory of one run."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis.base import RunContext
from acqcore.bench.measuring import measure, seconds_and_um
from acqcore.synthetic import calcium_transients

Work = Callable[[RunContext], object]

STEPS = seconds_and_um(0.001, 0.3)
"""Calibration of everything that is timed."""


def analysis_work(name: str, pixels: NDArray[Any], **parameters: Any) -> Work:
    """One run of an analysis."""

    def run(context: RunContext) -> object:
        return measure(name, pixels, STEPS, context=context, **parameters)

    return run


def flashes(lines: int) -> NDArray[np.uint16]:
    """A calcium recording with a transient every 1.5 s."""
    onsets = np.arange(1.0, lines * STEPS.step_y - 1, 1.5)
    recording = calcium_transients(
        lines, 64, seconds_per_line=STEPS.step_y, onsets_s=onsets, seed=1
    )
    return recording.pixels


@dataclass(frozen=True, slots=True)
class Timed:
    """Processor seconds: of the first run, and the median of all."""

    first_s: float
    usual_s: float


def timed(work: Work, repeats: int) -> Timed:
    """Run it that often."""
    seconds = [cpu_seconds(lambda: work(RunContext())) for _ in range(repeats)]
    return Timed(seconds[0], median(seconds))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor time of this process: other programs on the machine do not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


@dataclass(slots=True)
class _Listener:
    """Notes the longest time in which a run did not ask whether to stop."""

    last: float = field(default_factory=time.process_time)
    longest: float = 0.0

    def asked(self) -> bool:
        now = time.process_time()
        self.longest = max(self.longest, now - self.last)
        self.last = now
        return False


def longest_deafness(work: Work) -> float:
    """Seconds that a stop may go unheard, at worst, wherever in the run it comes."""
    listener = _Listener()
    work(RunContext(is_cancelled=listener.asked))
    listener.asked()
    return listener.longest


def peak_memory(work: Work) -> float:
    """Bytes allocated at the worst moment of the run, over what there was before it."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work(RunContext())
        return float(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
