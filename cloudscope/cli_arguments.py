"""Words of the command line that name analyses and their parameters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from acqcore.analysis import analysis, plugin_problems
from acqcore.model.schema import FieldSchema, ValueType


def tell_plugin_problems() -> None:
    """Say which plug-ins could not be used, and go on without them."""
    for problem in plugin_problems():
        print(f"cloudscope: {problem}", file=sys.stderr)


def parameters_of(names: Sequence[str], texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Typed values by analysis, from words such as `window_width=32` or `event.threshold=2`.

    Without the name of an analysis, the parameter must belong to only one of `names`.
    KeyError or ValueError for anything else.
    """
    given: dict[str, dict[str, Any]] = {name: {} for name in names}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign:
            raise ValueError(f"{text!r} is not KEY=VALUE")
        name, field = _meant(names, key)
        given[name][field.name] = _typed(field, value)
    return given


def _meant(names: Sequence[str], key: str) -> tuple[str, FieldSchema]:
    name, dot, rest = key.rpartition(".")
    if dot:
        if name not in names:
            raise KeyError(f"{key} names an analysis that is not asked for")
        return name, analysis(name).schema().field(rest)
    owners = [one for one in names if rest in analysis(one).schema().field_names()]
    if len(owners) > 1:
        raise ValueError(f"{key} belongs to {' and '.join(owners)}; write {owners[0]}.{key}")
    owner = owners[0] if owners else names[0]  # whose schema says that it has no such field
    return owner, analysis(owner).schema().field(rest)


def _typed(field: FieldSchema, text: str) -> Any:
    if field.value_type is ValueType.BOOL:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in known:
            raise ValueError(f"{field.name} must be true or false, not {text!r}")
        return known[text.lower()]
    try:
        if field.value_type is ValueType.INT:
            return int(text)
        return float(text) if field.value_type is ValueType.FLOAT else text
    except ValueError:
        raise ValueError(f"{field.name} must be a number, not {text!r}") from None
