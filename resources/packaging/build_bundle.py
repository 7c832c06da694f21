"""Make a folder that runs CloudScope on a machine without Python.

    python resources/packaging/build_bundle.py DIST

Needs `pip install pyinstaller` and CloudScope itself in the same environment. The folder
`DIST/cloudscope` then holds the program `cloudscope`; zip it, or wrap it for the platform.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Analyses and loaders are found by being there, so nothing imports them by name.
PACKAGES = ("acqcore", "cloudscope")
# Readers come with their own data; they are loaded by name at run time.
READERS = (
    "tifffile", "imagecodecs", "nd2", "czifile", "oirfile", "pylibCZIrw", "zarr", "numcodecs",
)  # fmt: skip
LEFT_OUT = (
    "PyQt5", "PyQt6", "matplotlib", "IPython", "tkinter", "pytest", "_pytest", "hypothesis",
    "skimage", "dask", "distributed", "mypy", "ruff", "PyInstaller", "setuptools", "pip",
    "PySide6.QtQml", "PySide6.QtQuick",
)  # fmt: skip


def main(dist: Path) -> int:
    """Build; gives PyInstaller's exit code."""
    work = dist / "work"
    work.mkdir(parents=True, exist_ok=True)
    start = work / "cloudscope_start.py"
    start.write_text(
        "import multiprocessing, sys\n"
        "from cloudscope.cli import main\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.freeze_support()  # batches start this program again as workers\n"
        "    sys.exit(main())\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    words += ["--onedir", "--name", "cloudscope", "--contents-directory", "parts"]
    words += ["--paths", str(ROOT)]
    words += ["--distpath", str(dist), "--workpath", str(work), "--specpath", str(work)]
    words += ["--add-data", f"{ROOT / 'resources'}:cloudscope/resources"]
    for package in PACKAGES:
        words += ["--collect-submodules", package]
    for reader in (one for one in READERS if _is_here(one)):
        words += ["--collect-submodules", reader, "--collect-data", reader]
        words += ["--copy-metadata", reader]
    for module in LEFT_OUT:
        words += ["--exclude-module", module]
    return subprocess.run([*words, str(start)], cwd=ROOT, check=False).returncode


def _is_here(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
