"""An analysis in a folder of one's own is found everywhere, without another edit."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis import _plugins, analyses, analysis, plugin_folders, plugin_problems
from acqcore.batch import BatchJob, Outcome, run_batch
from acqcore.model.record import AnalysisKey
from cloudscope.cli import main

SPREAD = """
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
from acqcore.analysis.base import Analysis, Column, Curve, Inputs, Result, RunContext
from acqcore.model.schema import described


@dataclass(frozen=True, slots=True)
class SpreadParameters:
    scale: float = described(1.0, title="Scale", minimum=0.0, help="Factor.")


class Spread(Analysis[SpreadParameters]):
    name, title, Parameters = "spread", "Spread of a line", SpreadParameters
    columns = (Column("time_s", "s", "Time"), Column("spread", "", "Spread"))
    curves = (Curve("time_s", "spread", quantity="intensity", title="Spread"),)

    def run(self, inputs: Inputs, parameters: SpreadParameters, context: RunContext) -> Result:
        context.progress(0.5)
        spread = inputs.pixels.std(axis=1) * parameters.scale
        time_s = np.arange(len(spread)) * inputs.calibration.step_y
        return Result({"time_s": time_s, "spread": spread}, {"spread": float(spread.mean())})
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "my analyses"
    made.mkdir()
    monkeypatch.setenv("CLOUDSCOPE_PLUGINS", str(made))
    return made


def test_one_file_and_no_other_edit(folder: Path, make_tiff, capsys) -> None:
    """The registry, `analyses`, `analyze` and `batch` have it."""
    (folder / "spread.py").write_text(SPREAD)
    path = make_tiff("rec/a.tif", lines=64)
    assert analysis("spread").title == "Spread of a line"
    assert plugin_problems() == ()

    assert main(["analyses", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["parameters"][0]["name"] for one in listed if one["name"] == "spread"] == ["scale"]

    words = ["--analysis", "spread", "--param", "scale=2"]
    assert main(["analyze", str(path), *words, "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["summary"]["spread"] > 100

    # As a user would: another process, several workers.
    code = "import sys; from cloudscope.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "batch", str(path.parent), *words, "--workers", "2"]
    subprocess.run(command, check=True, capture_output=True)
    record = AcqImage(path).state.record(AnalysisKey("spread", 0, 1))
    assert record is not None
    assert record.summary["spread"] == done["summary"]["spread"]
    assert record.table is not None
    assert record.table.names == ("time_s", "spread")


def test_it_is_in_the_windows_list(folder: Path, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    pytest.importorskip("pytestqt")
    (folder / "spread.py").write_text(SPREAD)
    from cloudscope.views.analysis_choice import AnalysisChoice

    qtbot = request.getfixturevalue("qtbot")
    choice = AnalysisChoice()
    qtbot.addWidget(choice)
    assert choice.analysis_box.findText("Spread of a line") >= 0
    choice.show_choice("spread", (), None)
    assert choice.analysis_box.currentText() == "Spread of a line"


def test_the_users_own_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(_plugins, "user_folder", lambda: str(tmp_path / "own"))
    assert plugin_folders() == (str(tmp_path / "own"),)
    assert "spread" not in analyses()
    assert plugin_problems() == ()  # it need not be there
    made = tmp_path / "other"
    made.mkdir()
    (made / "spread.py").write_text(SPREAD)
    monkeypatch.setattr(_plugins, "user_folder", lambda: str(made))
    assert "spread" in analyses()


def test_user_folder_is_the_systems(monkeypatch) -> None:
    _plugins.user_folder.cache_clear()
    own = Path(_plugins.user_folder())
    assert own.parts[-2:] == ("cloudscope", "analyses")
    if sys.platform == "linux":
        assert str(own).startswith(os.environ["XDG_DATA_HOME"])


FAULTS = {
    "needs_a_package": ("import a_package_of_nobody", "a_package_of_nobody"),
    "syntax": ("def broken(:\n", "line 1"),
    "raises": ("raise ZeroDivisionError('oh')", "ZeroDivisionError: oh"),
    "own_error": ("class Own(Exception): pass\nraise Own('mine')", "Own: mine"),
    "exits": ("import sys; sys.exit(3)", "SystemExit"),
    "clash": (SPREAD.replace('"spread",', '"radon_velocity",', 1), "Velocity (Radon) already"),
    "bad_name": (SPREAD.replace('"spread",', '"../spread",', 1), "not a plain name"),
    "orphan": (SPREAD.replace("    columns", '    depends_on = ("x",)\n    columns'), "needs x"),
    "abstract": (SPREAD.replace("def run", "def walk"), "TypeError"),
    "no_form": (
        SPREAD.replace("described(1.0", "described(-1.0, choices=('x',)"),
        "cannot be used",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_plugin_is_a_sentence(folder: Path, name: str, capsys) -> None:
    """And the others work."""
    content, why = FAULTS[name]
    (folder / f"{name}.py").write_text(content)
    good = SPREAD.replace('"spread", "Spread of a line"', '"good", "Good"')
    (folder / "good.py").write_text(good)
    assert "good" in analyses()
    assert "spread" not in analyses()
    assert analyses()["radon_velocity"].title == "Velocity (Radon)"
    (problem,) = plugin_problems()
    assert why in problem
    assert problem.endswith(".")
    assert main(["analyses"]) == 0
    assert problem in capsys.readouterr().err


def test_a_folder_that_is_not_there(monkeypatch) -> None:
    monkeypatch.setenv("CLOUDSCOPE_PLUGINS", os.pathsep.join(["/no/such/folder", ""]))
    assert plugin_problems() == ("The folder of plug-ins /no/such/folder is not there.",)
    assert "radon_velocity" in analyses()


def test_files_of_one_name_and_parts(tmp_path: Path, monkeypatch) -> None:
    """Two folders, two files called alike; one of them imports a part beside it."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, name in zip(folders, ("first", "second"), strict=True):
        folder.mkdir()
        (folder / "mine.py").write_text(
            "from ._part import TITLE\n" + SPREAD.replace("from __future__ import annotations", "")
            .replace('"spread", "Spread of a line"', f'"{name}", TITLE')
        )  # fmt: skip
        (folder / "_part.py").write_text(f"TITLE = {name.title()!r}")
    monkeypatch.setenv("CLOUDSCOPE_PLUGINS", os.pathsep.join(map(str, folders)))
    assert plugin_problems() == ()
    assert analysis("first").title == "First"
    assert analysis("second").title == "Second"


def test_the_first_of_two_keeps_the_name(tmp_path: Path, monkeypatch) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        (folder / "spread.py").write_text(SPREAD)
    monkeypatch.setenv("CLOUDSCOPE_PLUGINS", os.pathsep.join(map(str, folders)))
    (problem,) = plugin_problems()
    assert "belongs to Spread of a line already" in problem


def test_an_imported_analysis_is_not_a_second_one(folder: Path) -> None:
    (folder / "reads.py").write_text("from acqcore.analysis.radon_velocity import RadonVelocity")
    assert plugin_problems() == ()


def test_objects_of_a_plugin_travel_to_another_process(folder: Path, tmp_path: Path) -> None:
    (folder / "spread.py").write_text(SPREAD)
    method = analysis("spread")
    file = tmp_path / "pickled"
    file.write_bytes(pickle.dumps((method, method.parse({"scale": 3.0}))))
    code = (
        "import pickle, sys; method, given = pickle.load(open(sys.argv[1], 'rb'));"
        "assert (method.name, given.scale) == ('spread', 3.0)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(file)], check=True)


def test_a_plugin_that_fails_in_a_batch(folder: Path, make_tiff) -> None:
    (folder / "spread.py").write_text(SPREAD.replace("context.progress(0.5)", "1 / 0"))
    (done,) = run_batch(BatchJob((("spread", {}),)), [make_tiff(lines=64)])
    assert done.outcome is Outcome.FAILED
    assert "ZeroDivisionError: division by zero (spread.py, line " in done.message
    assert "fault of the program or of the plug-in" in done.message
