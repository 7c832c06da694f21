"""Paths in a drag from the file manager."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl


def dropped_paths(mime: QMimeData) -> list[Path]:
    """Local files and folders, in order; other addresses are left out."""
    return [_path(url) for url in mime.urls() if url.isLocalFile()]


def _path(url: QUrl) -> Path:
    # `toLocalFile` loses names that are not UTF-8; the encoded form keeps every byte.
    if os.name == "nt":
        return Path(url.toLocalFile())
    return Path(os.fsdecode(unquote_to_bytes(bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded).encode()))))  # fmt: skip


def described(paths: list[Path]) -> str:
    """What would be opened, for the drop sign."""
    return paths[0].name if len(paths) == 1 else f"{len(paths)} items"
