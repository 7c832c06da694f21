"""The adaptive detector against transients whose onsets are known."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.analysis.sum_intensity import preset_parameters
from acqcore.model.header import Calibration
from acqcore.run import plain
from acqcore.synthetic import calcium_transients

INTENSITY = analysis("sum_intensity")


def onsets_of(rate, seconds, seed):
    """Random times at least 0.15 s apart."""
    rng = np.random.default_rng(seed)
    gaps = 0.15 + rng.exponential(1 / rate, 1000)
    times = 0.5 + np.cumsum(gaps)
    return times[times < seconds - 0.5]


def measured(recording, line_s, **parameters):
    steps = Calibration(line_s, 0.25, "seconds", "um", "user")
    asked = INTENSITY.parse(preset_parameters("adaptive") | parameters)
    return INTENSITY.run(Inputs(recording.pixels, steps), asked, RunContext()).summary


def matched(truth, found, reach):
    """Errors of the found onsets that belong to a true one."""
    free, errors = list(found), []
    for onset in truth:
        near = min(free, key=lambda one: abs(one - onset), default=np.inf)
        if abs(near - onset) <= reach:
            errors.append(near - onset)
            free.remove(near)
    return errors


SECONDS = 9
GRID = [
    # line time, events per second, 10-90 % rise, decay, bleaching, noise
    (0.001, 1.0, 0.005, 0.05, np.inf, "gaussian"),
    (0.002, 2.0, 0.02, 0.2, 20.0, "poisson"),
    (0.004, 0.5, 0.05, 0.8, np.inf, "poisson"),
    (0.004, 2.0, 0.005, 0.8, 20.0, "gaussian"),
    (0.004, 1.0, 0.02, 0.1, 20.0, "exponential"),
    (0.01, 1.0, 0.05, 0.2, 20.0, "poisson"),
    (0.01, 1.0, 0.01, 0.5, np.inf, "gaussian"),
]


def test_the_adaptive_preset_finds_events_at_five_noise_sds():
    true, found, errors, z = 0, 0, [], []
    for number, (line_s, rate, rise, decay, bleach, noise) in enumerate(GRID):
        truth = onsets_of(rate, SECONDS, number)
        recording = calcium_transients(
            round(SECONDS / line_s), 12, seconds_per_line=line_s, onsets_s=truth, seed=number,
            amplitude=0.3, rise_s=rise / 2.2, decay_s=decay, bleach_s=bleach, noise=noise,
        )  # fmt: skip
        quality = measured(recording, line_s)["event_quality"]
        refined = [one["onset_refined_sec"] for one in quality]
        here = matched(truth, refined, max(0.05, 3 * line_s))
        true, found = true + len(truth), found + len(refined)
        errors += [one / line_s for one in here]
        for one in quality:
            nearest = float(truth[np.abs(truth - one["onset_refined_sec"]).argmin()])
            z.append((one["onset_refined_sec"] - nearest) / one["onset_se_sec"])
        print(f"{line_s} {rate} {rise} {decay}: {len(here)} of {len(truth)}, found {len(refined)}")
    error = np.abs(errors)
    print(f"sensitivity {len(errors) / true:.3f}, PPV {len(errors) / found:.3f}")
    print(f"onset: median {np.median(error):.2f}, 95 % {np.percentile(error, 95):.2f} samples")
    within = [np.mean(np.abs(z) < many) for many in (1, 2)]
    print(f"within one and two standard errors: {within[0]:.2f}, {within[1]:.2f}")
    assert len(errors) / true >= 0.95
    assert len(errors) / found >= 0.95
    assert np.median(error) <= 1
    assert within[1] > 0.85


def test_no_events_in_noise():
    found = 0
    for seed in range(10):
        recording = calcium_transients(5000, 8, seconds_per_line=0.002, onsets_s=[], seed=seed)
        found += measured(recording, 0.002)["num_peaks"]
    print(f"{found} false events in 100 s of noise")
    assert found <= 3


def test_kinetics_and_heights_come_out():
    truth = np.arange(1.0, 19.0, 1.5)
    recording = calcium_transients(
        5000, 10, seconds_per_line=0.004, onsets_s=truth, seed=3, amplitude=0.5, rise_s=0.02,
        decay_s=0.3, peak_to_noise=15,
    )  # fmt: skip
    quality = measured(recording, 0.004)["event_quality"]
    assert len(quality) == len(truth)
    median = {
        name: np.median([one[name] for one in quality]) for name in quality[0] if name != "flag"
    }
    assert median["fit_rise_sec"] == pytest.approx(0.02, rel=0.1)
    assert median["fit_decay_sec"] == pytest.approx(0.3, rel=0.1)
    assert median["snr"] == pytest.approx(15, rel=0.15)


def test_dips_are_found_too():
    truth = np.arange(1.0, 9.0, 1.0)
    recording = calcium_transients(
        4000, 10, seconds_per_line=0.0025, onsets_s=truth, seed=4, amplitude=-0.3, peak_to_noise=8
    )
    found = measured(recording, 0.0025, polarity="negative")
    times = [one["onset_refined_sec"] for one in found["event_quality"]]
    assert times == pytest.approx(truth, abs=0.01)


def test_a_threshold_detector_may_have_its_onsets_refined():
    truth = np.arange(1.0, 9.0, 1.0)
    recording = calcium_transients(
        2500, 10, seconds_per_line=0.004, onsets_s=truth, seed=5, rise_s=0.03, peak_to_noise=60
    )
    asked = preset_parameters("medium") | {"onset_refinement": "fit", "filter_method": "none",
        "derivative_threshold_per_sec": 6.0}  # fmt: skip
    quality = plain(measured(recording, 0.004, **asked))["event_quality"]
    refined = np.array([one["onset_refined_sec"] for one in quality])
    assert len(refined) == len(truth)
    assert np.abs(refined - truth).max() < 0.004
    assert all(one["onset_se_sec"] < 0.004 for one in quality)


def test_saturated_events_are_flagged():
    recording = calcium_transients(
        2000,
        10,
        seconds_per_line=0.004,
        onsets_s=[2.0, 5.0],
        seed=6,
        amplitude=1.0,
        peak_to_noise=20,
    )
    clipped = np.minimum(recording.pixels, 1600).astype(np.uint16)
    clipped[clipped == 1600] = 4095
    recording.pixels[:] = clipped
    found = measured(recording, 0.004)
    assert "saturated" in {one["flag"] for one in found["event_quality"]}
    assert "saturated" in found["warnings"][0]
