"""One analysis method per file, found by being there: beside this one, or in a plug-in folder.

Plug-in folders are those of the environment variable CLOUDSCOPE_PLUGINS and the user's own.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from acqcore.analysis._plugins import (
    VARIABLE,
    Found,
    announce,
    find_plugins,
    own_analyses,
    plugin_folders,
)
from acqcore.analysis.base import Analysis

# Before anything is looked up: another process may meet a class of a plug-in by name.
announce(plugin_folders())


def analyses() -> Mapping[str, Analysis[Any]]:
    """Every analysis by name: the ones beside this file, then the plug-ins.

    A folder is searched once; files that come later are found by the next start.
    """
    return _registry(plugin_folders()).analyses


def analysis(name: str) -> Analysis[Any]:
    """The analysis of that name; KeyError lists the ones there are."""
    if name not in analyses():
        raise KeyError(f"no analysis {name!r}; there are: {', '.join(sorted(analyses()))}")
    return analyses()[name]


def plugin_problems() -> tuple[str, ...]:
    """One sentence per plug-in that could not be used."""
    return _registry(plugin_folders()).problems


@cache
def _registry(folders: tuple[str, ...]) -> Found:
    own = _built_in()
    plugins = find_plugins(folders, own)
    every = dict(own) | dict(plugins.analyses)
    ordered = sorted(every.values(), key=lambda one: (one.place, one.name))
    return Found(MappingProxyType({one.name: one for one in ordered}), plugins.problems)


@cache
def _built_in() -> Mapping[str, Analysis[Any]]:
    found: dict[str, Analysis[Any]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        leaf = module.name.rpartition(".")[2]
        if leaf != "base" and not leaf.startswith("_"):
            found |= {kind.name: kind() for kind in own_analyses(import_module(module.name))}
    return MappingProxyType(found)


__all__ = ["VARIABLE", "analyses", "analysis", "plugin_folders", "plugin_problems"]
