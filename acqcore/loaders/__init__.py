"""One file format per file, found by being there; heavy imports stay inside methods."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from acqcore.errors import UnreadableFile, UnsupportedFormat
from acqcore.loaders.base import Loader, whole_stream

_LONGEST_MAGIC = 64


@cache
def loaders() -> tuple[type[Loader], ...]:
    """Every loader: the classes of the modules beside this one."""
    found: list[type[Loader]] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        leaf = module.name.rpartition(".")[2]
        if leaf == "base" or leaf.startswith("_"):
            continue
        for thing in vars(import_module(module.name)).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, Loader)
                and thing.__module__ == module.name
            ):
                found.append(thing)
    return tuple(found)


def supported_suffixes() -> tuple[str, ...]:
    """Every suffix that a loader claims, lower case with the dot, sorted."""
    return tuple(sorted({suffix for loader in loaders() for suffix in loader.suffixes}))


def is_recording_name(name: str) -> bool:
    """Whether a file name looks like a recording; hidden files are none."""
    return not name.startswith(".") and name.lower().endswith(supported_suffixes())


def loader_class(path: Path) -> type[Loader]:
    """The loader for a file: by suffix, unless its first bytes say otherwise.

    `UnsupportedFormat` when neither is known.
    """
    return _chosen(path, _first_bytes(path))


def _chosen(path: Path, head: bytes) -> type[Loader]:
    named = _by_suffix(path)
    if named is not None and head.startswith(named.magic):
        return named
    chosen = _by_magic(head) or named
    if chosen is None:
        raise UnsupportedFormat(path)
    return chosen


def hidden_behind(path: Path | str) -> Path | None:
    """The file that stands for this one in lists, when it is only a part of a recording.

    Looks at the files beside it, so a bare name is not enough.
    """
    named = _by_suffix(Path(path))
    try:
        return named.hidden_behind(Path(path)) if named is not None else None
    except OSError:  # nobody may look there, or no name can be so long: opening it will tell
        return None


def open_loader(path: Path) -> Loader:
    """Read the header of a recording; `UnsupportedFormat` or `UnreadableFile`."""
    named = _by_suffix(path)
    if named is None:
        return loader_class(path)(path)
    try:
        return named(path)
    except UnreadableFile:
        # Asked only now: of 10,000 files that are what their names say, none is opened twice.
        chosen = loader_class(path)
        if chosen is named:
            raise
        return chosen(path)


def open_stream(stream: BinaryIO, filename: str) -> Loader:
    """Read the header of a recording that comes as a stream; errors as of `open_loader`."""
    path, content = Path(filename), whole_stream(stream, filename)
    return _chosen(path, content[:_LONGEST_MAGIC])(path, content)


def _by_suffix(path: Path) -> type[Loader] | None:
    name = path.name.lower()
    return next((loader for suffix, loader in _longest_first() if name.endswith(suffix)), None)


@cache
def _longest_first() -> tuple[tuple[str, type[Loader]], ...]:
    pairs = [(suffix, loader) for loader in loaders() for suffix in loader.suffixes]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _by_magic(head: bytes) -> type[Loader] | None:
    return next((loader for loader in loaders() if head.startswith(loader.magic)), None)


def _first_bytes(path: Path) -> bytes:
    try:
        # Never opened unless regular: a named pipe would wait for ever.
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_LONGEST_MAGIC)
    except OSError:
        return b""
