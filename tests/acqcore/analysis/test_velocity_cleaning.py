"""Faults of a velocity set aside, by rules that say so; the measured velocity stays."""

from __future__ import annotations

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis import analysis
from acqcore.analysis.base import Inputs, RunContext
from acqcore.errors import CannotRun
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord
from acqcore.synthetic import red_cells

CLEANING = analysis("velocity_cleaning")


def record_of(velocity, error=0.1, flag=None):
    count = len(velocity)
    table = {
        "time_s": 0.016 * np.arange(count),
        "time_index": 16.0 * np.arange(count),
        "velocity": np.asarray(velocity, float),
        "velocity_se": np.full(count, error),
        "flag": np.full(count, "", "U12") if flag is None else np.asarray(flag, "U12"),
    }
    return record(table)


def clean(velocity_record, **parameters):
    inputs = Inputs(np.zeros((8, 8)), Calibration(), parents={"radon_velocity": velocity_record})
    return CLEANING.run(inputs, CLEANING.parse(parameters), RunContext())


def pulsing(count=300):
    rng = np.random.default_rng(1)
    return 3 + np.sin(np.arange(count) / 9) + rng.normal(0, 0.1, count)
