"""`info` and `analyze` work without Qt and say what they did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from cloudscope.cli import main


def test_info(make_tiff, capsys) -> None:
    path = make_tiff()
    assert main(["info", str(path)]) == 0
    told = capsys.readouterr().out
    assert str(path) in told
    assert "uint16" in told
    assert main(["info", "--json", str(path)]) == 0
    about = json.loads(capsys.readouterr().out)
    assert about["shape"] == [400, 32]
    assert about["units"] == ["seconds", "um"]


def test_info_reports_a_bad_file_and_goes_on(make_tiff, tmp_path: Path, capsys) -> None:
    path = make_tiff()
    (tmp_path / "bad.tif").write_bytes(b"II*\0")
    assert main(["info", str(tmp_path)]) == 1
    done = capsys.readouterr()
    assert "bad.tif" in done.err
    assert str(path) in done.out


def test_analyze_saves_what_the_window_would_show(make_tiff, capsys) -> None:
    path = make_tiff()
    words = ["analyze", str(path), "--analysis", "radon_velocity", "--param", "window_width=32"]
    assert main([*words, "--roi", "0:200,0:32", "--save", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["parameters"]["window_width"] == 32
    assert done["units"]["velocity"] == "um/s"
    assert done["summary"]["velocity_median"] == pytest.approx(0.7 * 0.25 / 0.002, rel=0.03)
    image = AcqImage(path)
    assert image.rois.get(1).geometry == (0, 200, 0, 32)
    assert image.analysis_set.as_list()[0].has_table
    assert main([*words, "--roi", "1", "--save"]) == 0
    assert main([*words, "--roi", "0:200,0:32"]) == 0
    assert len(AcqImage(path).rois) == 1  # the same region is used again


def test_without_save_nothing_is_written(make_tiff, tmp_path: Path) -> None:
    path = make_tiff()
    before = sorted(tmp_path.iterdir())
    assert main(["analyze", str(path), "--analysis", "radon_velocity"]) == 0
    assert sorted(tmp_path.iterdir()) == before


def test_failures_are_sentences_and_exit_codes(make_tiff, capsys) -> None:
    path = make_tiff(lines=20)
    assert main(["analyze", str(path), "--analysis", "radon_velocity", "--json"]) == 1
    assert "error" in json.loads(capsys.readouterr().out)
    assert main(["analyze", str(path), "--analysis", "radon_velocity", "--roi", "9"]) == 1
    for words in (["--param", "nonsense=1"], ["--param", "window_width=63"], ["--roi", "x"]):
        with pytest.raises(SystemExit) as stop:
            main(["analyze", str(path), "--analysis", "radon_velocity", *words])
        assert stop.value.code == 2


def test_commands_do_not_import_qt(make_tiff) -> None:
    code = (
        "import sys; from cloudscope.cli import main; main(['analyze', sys.argv[1], '--analysis',"
        " 'radon_velocity']); assert not [m for m in sys.modules if m.startswith('PySide6')"
        " or m == 'pyqtgraph']"
    )
    subprocess.run([sys.executable, "-c", code, str(make_tiff())], check=True, capture_output=True)


def test_without_a_display_one_sentence(monkeypatch, capsys) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        assert main([]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_version(capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert "CloudScope" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["x", "1280", "0x800", "99999999999x9", "1x2x3", "wide"])
def test_a_size_that_no_window_has(size: str, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--size", size])
    assert stop.value.code == 2
    assert "--size" in capsys.readouterr().err


def test_numbers_that_no_machine_holds(make_tiff, capsys) -> None:
    path = str(make_tiff())
    for words in (
        ["--param", "window_width=" + "9" * 400],
        ["--param", "window_width=" + "9" * 5000],
    ):
        with pytest.raises(SystemExit) as stop:
            main(["analyze", path, "--analysis", "radon_velocity", *words])
        assert stop.value.code == 2
    assert main(["analyze", path, "--analysis", "radon_velocity", "--channel", "7"]) == 1
    assert main(["info", "x" * 300 + ".tif"]) == 1
    assert "Traceback" not in capsys.readouterr().err
