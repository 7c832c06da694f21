"""`cloudscope batch` and `cloudscope analyses`: words, output, exit codes, Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from cloudscope.cli import main
from cloudscope.cli_arguments import parameters_of
from cloudscope.progress_bar import ProgressBar

CLI = "import sys; from cloudscope.cli import main; sys.exit(main(sys.argv[1:]))"
RADON = ["--analysis", "radon_velocity", "--param", "window_width=32"]


@pytest.fixture
def folder(make_tiff) -> Path:
    paths = [make_tiff(f"rec/r{k}.tif", lines=128, pixels=16, seed=k) for k in range(4)]
    return paths[0].parent


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_run_resume_overwrite(folder: Path, capsys) -> None:
    words = ["batch", str(folder), *RADON, "--workers", "1", "--json"]
    assert main([*words, "--dry-run"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"pending"}
    assert not list(folder.glob("*.json"))

    assert main(words) == 0
    done = lines(capsys)
    assert {one["outcome"] for one in done} == {"ok"}
    assert done[0]["results"][0]["summary"]["velocity_median"] is not None
    assert done[0]["results"][0]["analysis"] == "radon_velocity"
    assert AcqImage(folder / "r0.tif").analysis_set.as_list()[0].has_table

    assert main([*words, "--resume"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"skipped_done"}
    assert main([*words, "--param", "window_width=64"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"skipped_existing"}
    assert main([*words, "--param", "window_width=64", "--overwrite"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"ok"}
    assert main([*words, "--param", "window_width=64", "--overwrite", "--resume"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"skipped_done"}


def test_several_analyses_and_named_parameters(slow: Path, folder: Path, capsys) -> None:
    words = ["batch", str(folder), "--analysis", "child", "--analysis", "slow", "--workers", "1"]
    assert main([*words, "--param", "slow.fail=no", "--json"]) == 0
    assert [one["analysis"] for one in lines(capsys)[0]["results"]] == ["slow", "child"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--param", "fail=no"])
    assert stop.value.code == 2
    assert "belongs to child and slow; write child.fail" in capsys.readouterr().err


def test_a_failed_file_gives_one(folder: Path, capsys) -> None:
    (folder / "bad.tif").write_bytes(b"II*\0")
    assert main(["batch", str(folder), *RADON, "--workers", "1"]) == 1
    told = capsys.readouterr()
    assert "bad.tif failed" in told.out
    assert told.err.strip() == "5 recordings: 1 failed, 4 ok."


@pytest.mark.parametrize(
    "words",
    [
        ["--param", "nonsense=1"],
        ["--param", "window_width"],
        ["--param", "window_width=many"],
        ["--param", "diameter.window_width=32"],
        ["--param", "window_width=63"],
        ["--roi", "x"],
        ["--channel", "-1"],
        ["--workers", "0"],
        ["--workers", "2", "--cluster", "tcp://127.0.0.1:1"],
    ],
)
def test_wrong_calls_give_two(folder: Path, words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["batch", str(folder), "--analysis", "radon_velocity", *words])
    assert stop.value.code == 2
    assert capsys.readouterr().err.strip()


def test_nothing_to_do_is_a_wrong_call(tmp_path: Path, capsys) -> None:
    for words in ([str(tmp_path)], [str(tmp_path), "--analysis", "nonsense"]):
        with pytest.raises(SystemExit) as stop:
            main(["batch", "--analysis", "radon_velocity", *words])
        assert stop.value.code == 2
    assert "there is no recording" in capsys.readouterr().err


def test_a_cluster_that_is_not_there(folder: Path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ["batch", str(folder), *RADON, "--cluster", "tcp://127.0.0.1:1"]
    assert main(words) == 2
    assert "pip install 'cloudscope[cluster]'" in capsys.readouterr().err


def test_roi_all(folder: Path, capsys) -> None:
    words = ["batch", str(folder), *RADON, "--workers", "1", "--json"]
    assert main([*words, "--roi", "0:128,2:14"]) == 0
    assert main([*words, "--roi", "full"]) == 0
    lines(capsys)
    assert main([*words, "--roi", "all"]) == 0
    assert [one["roi_ids"] for one in lines(capsys)] == [[1, 2]] * 4
    assert main([*words, "--roi", "7"]) == 0
    assert {one["outcome"] for one in lines(capsys)} == {"skipped_missing_roi"}


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_cleanly(slow: Path, make_tiff, workers: str) -> None:
    """All processes of a terminal get the signal; what is done is whole, nothing is left over."""
    paths = [make_tiff(f"rec/r{k}.tif", lines=64, seed=k) for k in range(12)]
    folder = paths[0].parent
    words = ["--analysis", "slow", "--param", "wait_s=0.3", "--workers", workers]
    running = subprocess.Popen(
        [sys.executable, "-c", CLI, "batch", str(folder), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline().startswith("ok")
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "--resume" in err
    assert "Traceback" not in err
    assert "cancelled" in out
    done = 1 + sum(line.startswith("ok") for line in out.splitlines())
    assert len(list(folder.glob("*.json"))) == done
    assert not list(folder.glob(".*"))


def test_no_qt_is_imported(folder: Path) -> None:
    code = (
        "import sys; from cloudscope.cli import main; main(sys.argv[1:]); assert not [m for m in"
        " sys.modules if m.startswith('PySide6') or m == 'pyqtgraph']"
    )
    for words in (["batch", str(folder), *RADON, "--workers", "1"], ["analyses"]):
        subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True)


def test_a_reader_that_goes_away(folder: Path) -> None:
    command = f'{sys.executable} -c "{CLI}" analyses | true'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_analyses_for_people(slow: Path, capsys) -> None:
    assert main(["analyses"]) == 0
    told = capsys.readouterr().out
    assert "radon_velocity  (Velocity (Radon))" in told
    assert "window_width" in told
    assert "child  (Child of slow, needs slow)" in told


def test_parameters_have_the_types_of_the_form() -> None:
    given = parameters_of(
        ["radon_velocity"], ["remove_stripes=no", "window_width=32", "scan_speed_correction=2"]
    )
    assert given == {
        "radon_velocity": {
            "remove_stripes": False, "window_width": 32, "scan_speed_correction": 2.0,
        }
    }  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar(monkeypatch) -> None:
    shown, silent = Terminal(), io.StringIO()
    bar, none = ProgressBar(shown, 4), ProgressBar(silent, 4)
    for outcome in ("ok", "ok", "failed", "skipped_done"):
        bar.count(outcome)
        none.count(outcome)
    assert silent.getvalue() == ""
    assert bar.text(10.0) == f"[{'#' * 24}]  4/4  ok 2  failed 1  skipped done 1"
    assert shown.getvalue().endswith("skipped done 1")
    bar.clear()
    assert shown.getvalue().endswith("\r")
    half = ProgressBar(silent, 4)
    half.count("ok")
    assert half.text(30.0).endswith("1/4  ok 1  1:30 left")
