"""Shared by the tests of the core."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGIN = """
from __future__ import annotations
import time
from dataclasses import dataclass
import numpy as np
from acqcore.analysis.base import Analysis, Column, Inputs, Result, RunContext
from acqcore.model.schema import described


@dataclass(frozen=True, slots=True)
class SlowParameters:
    wait_s: float = described(0.0, help="Time to wait.")
    fail: bool = described(False, help="Divide by zero.")


class Slow(Analysis[SlowParameters]):
    name, title, Parameters = "slow", "Slow mean", SlowParameters
    columns = (Column("time_s", "s", "Time"), Column("mean", "", "Mean"))

    def run(self, inputs: Inputs, parameters: SlowParameters, context: RunContext) -> Result:
        for step in range(round(parameters.wait_s / 0.01)):
            context.progress(0.0)
            time.sleep(0.01)
        if parameters.fail:
            1 / 0
        mean = inputs.pixels.mean(axis=1)
        time_s = np.arange(len(mean)) * inputs.calibration.step_y
        return Result({"time_s": time_s, "mean": mean}, {"mean": float(mean.mean())})


class Child(Slow):
    name, title, depends_on = "child", "Child of slow", ("slow",)
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plug-in that waits, fails and has a child."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "slow.py").write_text(PLUGIN)
    monkeypatch.setenv("CLOUDSCOPE_PLUGINS", str(folder))
    return folder
