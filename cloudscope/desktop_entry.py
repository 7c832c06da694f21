"""The entry in the desktop's menu and in "Open With" of the file manager (Linux, BSD)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cloudscope.resources_path import resource

MIME_TYPES = ("image/tiff", "image/x-tiff", "inode/directory")

_ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.5
Name=CloudScope
GenericName=Line-scan kymographs
Comment=Measure blood flow, diameter and calcium in line scans
Exec={command} %F
Icon=cloudscope
Terminal=false
Categories=Science;Biology;Graphics;
MimeType={types};
StartupWMClass=cloudscope
"""


_ESCAPED = frozenset('"`$\\')


def install_desktop_entry(data_home: Path | None = None) -> list[Path]:
    """Write entry and icons for this user; gives the files. OSError when that fails."""
    home = data_home or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = home / "applications" / "cloudscope.desktop"
    icons = home / "icons" / "hicolor"
    drawn = icons / "scalable" / "apps" / "cloudscope.svg"
    painted = icons / "256x256" / "apps" / "cloudscope.png"
    for path in (entry, drawn, painted):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(resource("cloudscope.svg"), drawn)
    shutil.copyfile(resource("cloudscope.png"), painted)
    text = _ENTRY.format(command=_command(), types=";".join(MIME_TYPES))
    entry.write_text(text, encoding="utf-8")
    _refresh(entry.parent)
    return [entry, drawn, painted]


def _command() -> str:
    """How the desktop starts this very installation, quoted as its standard says."""
    if Path(sys.argv[0]).name in ("cloudscope", "cloudscope-gui"):
        words = [str(Path(sys.argv[0]).resolve())]
    elif vars(sys).get("frozen"):
        words = [sys.executable]
    else:
        words = [sys.executable, "-m", "cloudscope"]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    escaped = "".join(f"\\{sign}" if sign in _ESCAPED else sign for sign in word)
    return '"' + escaped.replace("%", "%%") + '"'


def _refresh(folder: Path) -> None:
    """Tell the desktop, where it has the program for it."""
    program = shutil.which("update-desktop-database")
    if program is not None:
        subprocess.run([program, str(folder)], check=False, capture_output=True)
