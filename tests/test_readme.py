"""The README is true: its tables come from the code, its example runs, its files exist.

Run this file as a script to write the tables into the README.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acqcore.analysis import analyses
from acqcore.model.schema import FieldSchema
from cloudscope.cli import main

README = Path(__file__).parents[1] / "README.md"


def parameter_table() -> str:
    rows = ["| parameter | default | unit | values | what it does |", "|---|---|---|---|---|"]
    for method in analyses().values():
        rows.append(f"| **{method.title}** (`{method.name}`) | | | | |")
        rows += [_parameter_row(field) for field in method.schema().fields]
    return "\n".join(rows)


def _parameter_row(field: FieldSchema) -> str:
    values = ", ".join(field.choices or ())
    if field.minimum is not None and field.maximum is not None:
        values = f"{field.minimum:g} to {field.maximum:g}"
    elif field.minimum is not None:
        values = f"{field.minimum:g} or more"
    if field.multiple_of:
        values += f", multiple of {field.multiple_of}"
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    told = field.description.replace("|", "/")
    return f"| `{field.name}` | {default} | {field.unit or ''} | {values} | {told} |"


def column_table() -> str:
    rows = ["| column | unit | meaning |", "|---|---|---|"]
    for method in analyses().values():
        rows.append(f"| **{method.title}** | | |")
        rows += [
            f"| `{one.name}` | {one.unit} | {one.help or one.title} |" for one in method.columns
        ]
    return "\n".join(rows)


def shortcut_table() -> str:
    pytest.importorskip("PySide6.QtGui", exc_type=ImportError)
    from PySide6.QtWidgets import QApplication

    from cloudscope.actions import ACTIONS, shortcut_text

    # Standard keys are the platform's, which only an application knows.
    app = QApplication.instance() or QApplication([])
    assert app is not None
    rows = ["| menu | command | keys |", "|---|---|---|"]
    for spec in ACTIONS:
        if spec.keys:
            rows.append(f"| {spec.menu} | {spec.text.rstrip('…')} | {shortcut_text(spec)} |")
    return "\n".join(rows)


TABLES = {"parameters": parameter_table, "columns": column_table, "shortcuts": shortcut_table}


def between(name: str, text: str) -> str:
    found = re.search(f"<!-- {name} -->\n(.*?)\n?<!-- /{name} -->", text, re.DOTALL)
    assert found, f"the README has no place for {name}"
    return found.group(1)


@pytest.mark.parametrize("name", TABLES)
def test_table_equals_the_code(name: str) -> None:
    assert between(name, README.read_text(encoding="utf-8")) == TABLES[name]()


def test_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    import tifffile

    line, pixel = np.mgrid[:300, :32]
    wave = 500 + 300 * np.sin((pixel - 0.7 * line) / 2.5)
    tifffile.imwrite(tmp_path / "example.tif", wave.astype(np.uint16))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(blocks[0], {})
    assert (tmp_path / "example.tif.radon_velocity.csv").is_file()
    shutil.copytree(tmp_path, tmp_path / "folder")
    exec(blocks[1], {})
    assert (tmp_path / "windows.csv").is_file()


def test_commands_run(make_tiff: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Every line of a shell block that starts with the program's name, but those for a window."""
    folder = make_tiff("folder/a.tif").parent
    shell = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [
        line for block in shell for line in block.splitlines() if line.startswith("cloudscope")
    ]
    assert {line.split()[1] for line in lines} >= {"info", "analyze", "batch"}
    for line in lines:
        words = [str(folder) if one in ("PATH...", "FOLDER") else one for one in line.split()[1:]]
        if "--workers" in words:  # processes take long to start
            words[words.index("--workers") + 1] = "1"
        assert main(words) == 0, line
    said = capsys.readouterr()
    assert "a.tif" in said.out
    assert "Traceback" not in said.err
    assert (folder / "a.tif.radon_velocity.csv").is_file()


def test_pictures_are_there() -> None:
    for target in re.findall(r"!\[.*?\]\((.*?)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / target).is_file()


def write() -> None:
    text = README.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        text = re.sub(
            f"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda found, table=table: f"{found.group(1)}{table()}\n{found.group(2)}",
            text,
            flags=re.DOTALL,
        )
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(README.parent))
    write()
