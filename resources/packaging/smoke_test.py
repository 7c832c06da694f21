"""Try a bundle in an empty environment: no Python on the path, no variables but HOME.

    python resources/packaging/smoke_test.py DIST/cloudscope

It must list every analysis and format that the source has, open the demo and then a folder
in a window and photograph them, measure a recording, and do a batch with two worker processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main(bundle: Path) -> None:
    """Raises AssertionError with what went wrong."""
    program = bundle / ("cloudscope.exe" if os.name == "nt" else "cloudscope")
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "QT_QPA_PLATFORM": "offscreen"}

        def run(*words: object, timeout: float = 180) -> str:
            done = subprocess.run(
                [str(program), *map(str, words)],
                env=environment, cwd=home, capture_output=True, text=True, timeout=timeout,
            )  # fmt: skip
            assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
            return done.stdout

        for listed in (("analyses", "--json"), ("formats", "--json")):
            assert run(*listed) == _source(*listed), f"{listed}: not what the source says"
        picture = Path(home) / "demo.png"
        run("--demo", "--screenshot", picture, "--quit-after", 3000)
        assert picture.stat().st_size > 50_000, "the picture of the demo is empty"
        recordings = next(Path(home).rglob("*cap01.tif")).parent
        picture.unlink()
        run(recordings, "--screenshot", picture, "--quit-after", 3000)
        assert picture.stat().st_size > 50_000, "the picture of a folder is empty"
        one = sorted(recordings.glob("*.tif"))[0]
        told = json.loads(run("analyze", one, "--analysis", "radon_velocity", "--json"))
        assert told["summary"]["num_windows"] > 100
        run("batch", recordings, "--analysis", "diameter", "--workers", 2, "--roi", "full")
        tables = list(recordings.glob("*.diameter.csv"))
        count = len([*recordings.glob("*.tif"), *recordings.glob("*.czi")])
        assert len(tables) == count, "the batch left files out"
    print("The bundle works.")


def _source(*words: str) -> str:
    """What the program says that is installed here."""
    command = [sys.executable, "-m", "cloudscope", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
