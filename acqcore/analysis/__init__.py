"""One analysis method per file, found by being there."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from acqcore.analysis.base import Analysis


@cache
def analyses() -> Mapping[str, Analysis[Any]]:
    """Every analysis by name: the classes of the modules beside this one."""
    found: dict[str, Analysis[Any]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        leaf = module.name.rpartition(".")[2]
        if leaf == "base" or leaf.startswith("_"):
            continue
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Analysis) and "name" in vars(thing):
                found[thing.name] = thing()
    return MappingProxyType(found)


def analysis(name: str) -> Analysis[Any]:
    """The analysis of that name; KeyError lists the ones there are."""
    if name not in analyses():
        raise KeyError(f"no analysis {name!r}; there are: {', '.join(sorted(analyses()))}")
    return analyses()[name]
