"""Analyses of the user's own: Python files in a folder, found by being there.

Each folder becomes a package, `acqcore.analysis.plugins_<hash of the folder>`: files of one
name in two folders stay apart, an analysis imports its parts with `from ._part import ...`,
and another process that meets a class of it by name imports the same file.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs

from acqcore._attempt import Attempt
from acqcore.analysis.base import Analysis

VARIABLE = "CLOUDSCOPE_PLUGINS"
"""Environment variable: folders with analyses, separated like those of PATH."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the folders gave.

    Attributes:
        analyses: By name, in the order of folders and files.
        problems: One sentence per file or folder that could not be used.
    """

    analyses: Mapping[str, Analysis[Any]]
    problems: tuple[str, ...]


@cache
def user_folder() -> str:
    """Where a user's own analyses lie, such as `~/.local/share/cloudscope/analyses`."""
    return str(platformdirs.user_data_path("cloudscope", appauthor=False) / "analyses")


def plugin_folders() -> tuple[str, ...]:
    """Folders that are searched: those of the environment, then the user's own."""
    named = (one for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one.strip())
    # Not Path's methods: this is asked each time that an analysis is looked up.
    full = [os.path.abspath(os.path.expanduser(one)) for one in named]  # noqa: PTH100, PTH111
    return tuple(dict.fromkeys([*full, user_folder()]))


def announce(folders: tuple[str, ...]) -> None:
    """Make the packages known; importing what is in them comes later, or never."""
    for folder in folders:
        name = package_name(folder)
        if name not in sys.modules:
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [folder]
            sys.modules[name] = module_from_spec(spec)


def package_name(folder: str) -> str:
    """The package that a folder is imported as."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return f"{__name__.rpartition('.')[0]}.plugins_{digest}"


def own_analyses(module: ModuleType) -> Iterator[type[Analysis[Any]]]:
    """The analyses that a module defines; those that it only imports are somebody else's."""
    for thing in vars(module).values():
        is_analysis = isinstance(thing, type) and issubclass(thing, Analysis)
        if is_analysis and "name" in vars(thing) and thing.__module__ == module.__name__:
            yield thing


def find_plugins(folders: tuple[str, ...], taken: Mapping[str, Analysis[Any]]) -> Found:
    """Import what lies in the folders; `taken` are the names that cannot be given again."""
    found: dict[str, Analysis[Any]] = {}
    problems: list[str] = []
    importlib.invalidate_caches()  # files may have come since the folder was last looked at
    announce(folders)
    for folder in folders:
        if not Path(folder).is_dir():
            if folder != user_folder():
                problems.append(f"The folder of plug-ins {folder} is not there.")
            continue
        for module in pkgutil.iter_modules([folder], f"{package_name(folder)}."):
            leaf = module.name.rpartition(".")[2]
            if not leaf.startswith("_"):
                problems += _add(module.name, Path(folder) / f"{leaf}.py", found, taken)
    return Found(found, (*problems, *_orphans(found, taken)))


def _add(
    name: str, file: Path, found: dict[str, Analysis[Any]], taken: Mapping[str, Analysis[Any]]
) -> list[str]:
    """Import one file; gives what is wrong with it."""
    problems: list[str] = []
    with Attempt() as attempt:
        for kind in own_analyses(importlib.import_module(name)):
            problems += _add_one(kind(), file, found, taken)
    if attempt.error is not None:
        problems.append(f"The plug-in {file.name} cannot be used: {_in_words(attempt.error)}.")
    return problems


def _add_one(
    method: Analysis[Any],
    file: Path,
    found: dict[str, Analysis[Any]],
    taken: Mapping[str, Analysis[Any]],
) -> list[str]:
    method.parse({})  # a form that cannot be made is found here, not when it is opened
    holder = taken.get(method.name) or found.get(method.name)
    if holder is not None:
        return [
            f"The plug-in {file.name} is left out: the name {method.name} "
            f"belongs to {holder.title} already."
        ]
    # The name becomes part of file names and of command lines.
    if not (method.name.isascii() and method.name.isidentifier()):
        return [f"The plug-in {file.name} is left out: {method.name!r} is not a plain name."]
    found[method.name] = method
    return []


def _orphans(found: dict[str, Analysis[Any]], taken: Mapping[str, Analysis[Any]]) -> list[str]:
    """Take out what needs an analysis that is not there, and what needs that in turn."""
    problems: list[str] = []
    while True:
        lacking = [
            (method, parent)
            for method in found.values()
            for parent in method.depends_on
            if parent not in found and parent not in taken
        ]
        if not lacking:
            return problems
        method, parent = lacking[0]
        del found[method.name]
        problems.append(f"The plug-in {method.title} is left out: it needs {parent}, not there.")


def _in_words(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    return f"{type(error).__name__}: {error}".rstrip(".")
