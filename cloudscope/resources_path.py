"""Where icons, colours and the style sheet are, and where files of our own can go."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(*parts: str) -> Path:
    """Path of a shipped file: inside an installed wheel, else beside the package."""
    shipped = _PACKAGE / "resources"
    root = shipped if shipped.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)


def writable(folder: Path) -> Path:
    """The folder, made if needed, or a temporary one: a read-only home must not stop the start."""
    import tempfile  # slow to load, and not needed by every start

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="cloudscope-"))
