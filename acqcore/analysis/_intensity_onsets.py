"""Where events begin: fixed thresholds, or a detector that measures the noise first.

The detector correlates the trace with transients of several speeds (a matched filter, as
Kong et al. 2008 found to beat thresholds at low signal), each freed of a straight line so
that drift does not count, fits what stands out, subtracts it and looks again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from acqcore.analysis._intensity_kinetics import (
    Expectation,
    Kinetics,
    Transient,
    expectation_of,
    jointly_fitted,
    scanned,
    usual_kinetics,
)
from acqcore.analysis._intensity_traces import Floats, Tick, bridged

_SPEEDS_S = ((0.004, 0.05), (0.01, 0.15), (0.025, 0.06), (0.025, 0.3), (0.05, 0.8))
_ROUNDS = 6
_MOST_TOGETHER = 24
_MAX_EVENTS = 2000
_CLIP = 3.5
_GAUSS = 1.4826  # SD of a normal distribution over its median absolute deviation


def threshold_onsets(trace: Floats, threshold: float, sign: int, refractory: int) -> list[int]:
    """First sample of each run at or beyond the threshold, at least `refractory` apart."""
    beyond = trace >= threshold if sign > 0 else trace <= -abs(threshold)
    starts = np.flatnonzero(beyond & ~np.concatenate([[False], beyond[:-1]]))
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or start > kept[-1] + refractory:
            kept.append(start)
    return kept


def noise_of(trace: Floats, apart: int = 1) -> float:
    """SD of the noise of one sample, from second differences: slow signals cancel.

    `apart` is the distance at which samples are independent, more than 1 after smoothing.
    """
    known = trace[np.isfinite(trace)]
    if len(known) < 2 * apart + 1:
        return math.nan
    bend = known[2 * apart :] - 2 * known[apart:-apart] + known[: -2 * apart]
    return _GAUSS * float(np.median(np.abs(bend))) / math.sqrt(6)


@dataclass(frozen=True, slots=True)
class _Search:
    """What the detector knows of the trace.

    Attributes:
        noise: SD of one sample.
        threshold: Least evidence, in noise SDs.
        gap: Least distance of two onsets, in samples.
    """

    noise: float
    threshold: float
    gap: float
    step_s: float


def matched_transients(
    trace: Floats, noise: float, threshold: float, gap: int, step_s: float, tick: Tick
) -> list[Transient]:
    """Events that rise, in time order; empty where the trace has no noise or no event.

    `noise` is the SD of a sample, `threshold` a number of those, `gap` the least distance
    of two onsets.
    """
    if len(trace) < 8 or not noise > 0:
        return []
    y = bridged(trace)
    search = _Search(noise, threshold, max(2.0, float(gap)), step_s)
    expected = usual_kinetics(step_s)
    events: list[Transient] = []
    for _ in range(_ROUNDS):
        rest = _rest(y, events)
        fresh = _candidates(rest, events, search, tick)
        if not fresh:
            break
        fresh = [scanned(rest, one) for one in fresh]
        events = _settled(y, [*events, *fresh], search, expected, tick)
        expected = expectation_of(events, usual_kinetics(step_s))
    return _settled(y, events, search, expected, tick)


def refined(
    trace: Floats, noise: float, onsets: Sequence[int], step_s: float, tick: Tick
) -> list[Transient]:
    """Fit a transient at each onset that another method found; none where nothing can be."""
    if len(trace) < 8 or not noise > 0:
        return []
    y, usual = bridged(trace), usual_kinetics(step_s)
    search = _Search(noise, 0.0, 0.0, step_s)
    starts = [Transient(float(onset), usual.kinetics, noise) for onset in onsets]
    rough = _grouped_fit(y, [scanned(y, one) for one in starts], search, usual, tick)
    return _grouped_fit(y, rough, search, expectation_of(rough, usual), tick)


def _by_onset(event: Transient) -> float:
    return event.onset


def _rest(y: Floats, events: Sequence[Transient]) -> Floats:
    rest = y.copy()
    for event in events:
        event.subtract_from(rest)
    return rest


# --- the matched filter ----------------------------------------------------------------


def _candidates(
    rest: Floats, events: Sequence[Transient], search: _Search, tick: Tick
) -> list[Transient]:
    """Places in what the known events leave that resemble a transient."""
    score = np.full(len(rest), -np.inf)
    speed = np.zeros(len(rest), int)
    bank = [
        Kinetics(max(r / search.step_s, 0.3), max(d / search.step_s, 1.0)) for r, d in _SPEEDS_S
    ]
    for number, kinetics in enumerate(bank):
        tick()
        one = _filtered(rest, kinetics, search.noise)
        better = one > score
        score[better], speed[better] = one[better], number
    places = _separate_peaks(score, search.threshold, bank, speed)
    taken = np.array([event.onset for event in events])
    found = []
    for place in places[:_MAX_EVENTS]:
        kinetics = bank[speed[place]]
        if taken.size and np.abs(taken - place).min() < search.gap:
            continue
        found.append(Transient(float(place), kinetics, score[place] * search.noise))
    return found


def _filtered(y: Floats, kinetics: Kinetics, noise: float) -> Floats:
    """Correlation with a transient whose onset is at each sample, in its own noise SDs."""
    before = math.ceil(max(4.0, 2 * kinetics.rise, 0.3 * kinetics.decay))
    after = math.ceil(max(4.0, kinetics.peak + 0.7 * kinetics.decay))
    while before + after + 1 > len(y):
        before, after = max(1, before // 2), max(2, after // 2)
        if before + after + 1 <= 4:
            return np.full(len(y), -np.inf)
    at = np.arange(-before, after + 1, dtype=float)
    template = _without_line(kinetics.curve(at))
    template /= math.sqrt(float(template @ template))
    padded = np.pad(y - np.median(y), (before, after), mode="edge")
    score = (
        np.correlate(padded, template, mode="valid") if len(at) < 64 else _fast(padded, template)
    )
    return np.asarray(score / max(noise, _clipped_sd(score)))


def _fast(padded: Floats, template: Floats) -> Floats:
    size = 1 << (len(padded) + len(template)).bit_length()
    spectrum = np.fft.rfft(padded, size) * np.conj(np.fft.rfft(template, size))
    return np.fft.irfft(spectrum, size)[: len(padded) - len(template) + 1]


def _without_line(curve: Floats) -> Floats:
    at = np.arange(len(curve)) - (len(curve) - 1) / 2
    return np.asarray(curve - curve.mean() - at * float(at @ curve) / float(at @ at))


def _clipped_sd(score: Floats) -> float:
    """SD of the part of a score that is noise: events are cut away until nothing changes."""
    part = score
    for _ in range(6):
        spread = _GAUSS * float(np.median(np.abs(part - np.median(part))))
        kept = part[np.abs(part) < _CLIP * spread]
        if len(kept) in (0, len(part)):
            return spread
        part = kept
    return spread


def _separate_peaks(
    score: Floats, threshold: float, bank: Sequence[Kinetics], speed: np.ndarray
) -> list[int]:
    """Highest samples above the threshold; each hides the flanks of its own response."""
    order = np.flatnonzero(score >= threshold)
    order = order[np.argsort(-score[order], kind="stable")]
    hidden = np.zeros(len(score), bool)
    kept: list[int] = []
    for place in order.tolist():
        if hidden[place]:
            continue
        kept.append(place)
        kinetics = bank[speed[place]]
        reach = math.ceil(kinetics.peak + 0.5 * kinetics.decay + 3)
        hidden[max(0, place - reach) : place + reach + 1] = True
    return sorted(kept)


# --- fitting all events together -------------------------------------------------------


def _settled(
    y: Floats, events: Sequence[Transient], search: _Search, expected: Expectation, tick: Tick
) -> list[Transient]:
    """Fit, drop what the noise explains and what stands too close, until all may stay."""
    current = list(events)
    for _ in range(_ROUNDS):
        found = _grouped_fit(y, current, search, expected, tick)
        clear = [one for one in found if one.evidence >= search.threshold]
        clear = [one for one in clear if one.amplitude > search.noise]
        current = _apart(clear, search.gap)
        if len(current) == len(found):
            break
    return current


def _grouped_fit(
    y: Floats, events: Sequence[Transient], search: _Search, expected: Expectation, tick: Tick
) -> list[Transient]:
    """Joint fits of stretches with a limited number of events, from left to right."""
    ordered = sorted(events, key=_by_onset)
    rest, done = y.copy(), list[Transient]()
    while ordered:
        size = _group_size(ordered)
        group, ordered = ordered[:size], ordered[size:]
        first = _between(done[-1], group[0]) if done else 0
        last = _between(group[-1], ordered[0]) if ordered else len(y)
        moved = [replace(one, onset=one.onset - first) for one in group]
        part = rest[first : max(last, first + 8)]
        fit = jointly_fitted(part, moved, search.noise, expected, search.step_s, tick)
        fit = [replace(one, onset=one.onset + first) for one in fit]
        for one in fit:
            one.subtract_from(rest)
        done += fit
    return sorted(done, key=_by_onset)


def _group_size(ordered: Sequence[Transient]) -> int:
    """Where the widest gap is, so that stretches influence each other little."""
    if len(ordered) <= _MOST_TOGETHER:
        return len(ordered)
    gaps = [
        ordered[n].onset - ordered[n - 1].onset for n in range(_MOST_TOGETHER // 2, _MOST_TOGETHER)
    ]
    return _MOST_TOGETHER // 2 + int(np.argmax(gaps))


def _between(one: Transient, other: Transient) -> int:
    """Shortly before the second onset: most of the gap tells about the first event."""
    return max(0, math.floor(other.onset - 0.2 * max(other.onset - one.onset, 0.0)))


def _apart(events: Sequence[Transient], gap: float) -> list[Transient]:
    """Of two events closer than `gap`, the clearer one."""
    drop = set()
    for (first, one), (second, other) in pairwise(enumerate(events)):
        if other.onset - one.onset < gap:
            drop.add(first if one.evidence < other.evidence else second)
    return [event for number, event in enumerate(events) if number not in drop]
