"""The benchmarks: their tables, the other side's algorithms, and the command."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from acqcore.bench import sections
from acqcore.bench.accuracy_response import response_table
from acqcore.bench.measuring import is_there, measure, seed_of
from acqcore.bench.other_side import (
    diameters_line_by_line,
    published_lspiv,
    scikit_image_radon,
    scikit_image_slopes,
)
from acqcore.bench.sections import ACCURACY, tables_of
from acqcore.bench.tables import (
    Outcome,
    Row,
    Table,
    at_least,
    at_most,
    close_to,
    shown,
    verdict,
)
from acqcore.bench.timing import longest_deafness, peak_memory
from acqcore.bench.velocity_bound import best_velocities
from acqcore.synthetic import red_cells, vessel
from cloudscope.cli import main

ROOT = Path(__file__).parents[2]


def silent(text: str) -> None:
    pass


# --- tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (at_most("bias", 2.0, 2.0, "%"), Outcome.HELD),
        (at_most("bias", 2.1, 2.0, "%"), Outcome.MISSED),
        (at_most("bias", math.nan, 2.0), Outcome.MISSED),
        (at_most("bias", 2.1, 2.0, doubt=0.1), Outcome.UNCLEAR),
        (at_most("bias", 2.3, 2.0, doubt=0.1), Outcome.MISSED),
        (at_most("bias", 9.0, 2.0, told=True), Outcome.TOLD),
        (at_most("bias", 9.0, 2.0, best=2.1), Outcome.BOUND),
        (at_most("bias", 9.0, 2.0, best=1.9), Outcome.MISSED),
        (at_most("bias", 1.0, 2.0, best=2.1), Outcome.HELD),
        (at_least("PPV", 95.0, 95.0, "%"), Outcome.HELD),
        (at_least("PPV", 94.0, 95.0, "%"), Outcome.MISSED),
        (close_to("68 %", 0.3, 0.1, 0.2), Outcome.HELD),
        (close_to("68 %", 64.0, 68.3, 3, "%"), Outcome.MISSED),
    ],
)
def test_a_limit_is_held_or_not(check, outcome):
    assert check.outcome is outcome


def test_a_row_names_what_was_missed():
    row = Row((1.0,), (at_most("bias", 3, 2, "%"), at_most("ratio", 0.5, 0.6)))

    assert row.limit == "bias <= 2 %; ratio <= 0.6"
    assert row.outcome == "MISSED: bias"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("fwhm", "fwhm"), (math.nan, "-"), (0.123456, "0.123"), (12.345, "12.3"),
        (1234.5, "1,234"), (30000, "30,000"), (1e-15, "0"), (8, "8"),
    ],
)  # fmt: skip
def test_three_digits_are_enough_to_read(cell, text):
    assert shown(cell) == text


@pytest.fixture
def table() -> Table:
    rows = (
        Row(("ours", 0.5, 30000), (at_most("error", 0.5, 1.0, "%"),)),
        Row(("theirs", math.nan, None)),
    )
    return Table("example", "An example", ("method", "error %", "lines"), rows, ("A note.",))


def test_markdown_is_aligned(table):
    title, note, grid = table.markdown().split("\n\n")

    assert (title, note) == ("### An example", "A note.")
    lines = grid.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert " ".join(lines[0].split()) == "| method | error % | lines | must hold | outcome |"
    assert lines[1].startswith("| ------ | ------: | -----: |")
    assert "| error <= 1 % | held    |" in lines[2]


def test_a_csv_keeps_every_digit(table, tmp_path):
    path = table.write_csv(tmp_path)

    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["method", "error %", "lines", "limit", "outcome"]
    assert rows[1] == ["ours", "0.5", "30000", "error <= 1 %", "held"]
    assert rows[2] == ["theirs", "nan", "", "", ""]


def test_json_has_no_nan(table):
    first, second = map(json.loads, table.json_lines())

    assert first["error %"] == 0.5
    assert second["error %"] is None


def test_the_verdict_counts(table):
    missed = Table("other", "", ("x",), (Row((1,), (at_most("x", 2, 1),)),))

    assert verdict([table]) == ("Limits: 1 held.", True)
    assert verdict([table, missed]) == ("Limits: 1 held, 1 MISSED.", False)


# --- the other side ------------------------------------------------------------------------


def test_classic_is_what_scikit_image_finds():
    pytest.importorskip("skimage")
    pixels = red_cells(160, 26, 1.7, snr=3.0, seed=4).pixels

    theirs = scikit_image_slopes(pixels, np.array([0, 16, 32]), 64)

    ours = measure("radon_velocity", pixels, estimator="classic", window_width=64)["velocity"]
    np.testing.assert_allclose(theirs, ours[:3], rtol=1e-6)


@pytest.mark.parametrize("speed", [-9.4, 9.4])
def test_the_published_correlation_finds_the_speed(speed):
    # The ends of the line stand still and draw its peak towards zero.
    pixels = red_cells(300, 128, speed, snr=8.0, seed=2).pixels

    found = published_lspiv(pixels, 60, 20)

    assert np.nanmedian(found.velocity) == pytest.approx(speed, rel=0.05)


def test_nothing_finds_the_speed_better_than_who_knows_the_cells():
    picture = red_cells(16 * 30, 16, 6.7, snr=2.0, seed=3)
    best = best_velocities(picture, 16, 6.7, 2.0, 100)
    ours = measure("radon_velocity", picture.pixels, window_width=16)["velocity"][:100] / 6.7
    error = np.median(np.abs(best - 1))
    assert 0.03 < error < 1.1 * np.median(np.abs(ours - 1))
    assert best_velocities(picture, 128, 6.7, 2.0, 1) is None


def test_classic_has_favourite_speeds_where_little_is_seen():
    table = response_table(True, silent)
    ours, classic = table.rows[0].cells[-2:]
    assert abs(ours - 1) < 0.4
    assert classic < 0.6


def test_diameters_line_by_line_are_whole_pixels():
    band = vessel(30, 64, 20.0, noise_to_signal=0.0).pixels

    assert set(diameters_line_by_line(band)) == {19.0}


# --- timing --------------------------------------------------------------------------------


def test_a_run_that_listens_is_not_deaf():
    def listening(context):
        for _ in range(100):
            context.progress(0.5)

    def deaf(context):
        sum(number**2 for number in range(300_000))

    assert longest_deafness(listening) < longest_deafness(deaf)


def test_memory_is_what_a_run_holds_at_once():
    peak = peak_memory(lambda context: np.ones(1_000_000).sum())

    assert 8e6 <= peak < 9e6


def test_seeds_do_not_change():
    assert seed_of("velocity", 0.31) == seed_of("velocity", 0.31) != seed_of("velocity", 0.32)


# --- sections ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACCURACY)
def test_every_section_gives_tables(name):
    tables = list(tables_of(ACCURACY, [name], True, silent))

    assert tables
    for table in tables:
        assert table.markdown().startswith("### ")
        assert table.rows or not is_there(name)


def test_the_same_figures_every_time():
    first, second = (list(tables_of(ACCURACY, ["events"], True, silent)) for _ in range(2))

    assert first == second


def test_without_scikit_image_a_sentence_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.transform", None)
    scikit_image_radon.cache_clear()
    try:
        (table,) = tables_of(ACCURACY, ["drew"], True, silent)
    finally:
        scikit_image_radon.cache_clear()

    assert "scikit-image is not installed" in table.notes[-1]
    assert all(math.isnan(row.cells[table.columns.index("scikit-image Radon")])
               for row in table.rows)  # fmt: skip


# --- the command ---------------------------------------------------------------------------


def one_table(quick, say):
    say("measuring")
    rows = (Row((2.0,), (at_most("x", 2.0, 1.0),)),)
    return [Table("only", "Only", ("x",), rows)]


@pytest.fixture
def one_section(monkeypatch):
    monkeypatch.setattr(sections, "ACCURACY", {"only": one_table})


@pytest.mark.usefixtures("one_section")
class TestCommand:
    def test_a_missed_limit_fails_only_when_asked(self):
        assert main(["bench", "accuracy"]) == 0
        assert main(["bench", "accuracy", "--check"]) == 1

    def test_tables_go_out_and_progress_beside(self, capsys):
        main(["bench", "accuracy"])

        out, err = capsys.readouterr()
        assert "### Only" in out
        assert "Limits: 1 MISSED." in out
        assert err == "measuring\n"

    def test_json_is_alone_on_its_stream(self, capsys):
        main(["bench", "accuracy", "--json"])

        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line) == {
            "table": "only", "x": 2.0, "limit": "x <= 1", "outcome": "MISSED: x",
        }  # fmt: skip

    def test_csv_makes_its_folder(self, tmp_path):
        main(["bench", "accuracy", "--csv", str(tmp_path / "new" / "folder")])

        assert (tmp_path / "new" / "folder" / "only.csv").exists()

    def test_an_unknown_section_is_named(self, capsys):
        assert main(["bench", "accuracy", "--only", "magic"]) == 2
        assert "no section magic; there are: only" in capsys.readouterr().err

    def test_a_folder_that_cannot_be_made_is_said(self, tmp_path, capsys):
        (tmp_path / "file").write_text("")

        assert main(["bench", "accuracy", "--csv", str(tmp_path / "file")]) == 2
        assert "file" in capsys.readouterr().err


def test_speed_runs_in_its_own_process_with_one_thread(capfd):
    assert main(["bench", "speed", "--quick", "--only", "manners"]) == 0

    assert "### Stops and memory" in capfd.readouterr().out


def test_no_qt_is_needed():
    code = (
        "import sys; from cloudscope.cli import main; main(['bench', 'accuracy', '--list']);"
        "sys.exit(any(name.startswith(('PySide6', 'pyqtgraph')) for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "velocity" in done.stdout.split()
