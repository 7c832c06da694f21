"""Metadata out of file names: `{date}_{note}_{condition}` and what it finds."""

from __future__ import annotations

import re
from collections.abc import Collection

_FIELD = re.compile(r"\{(\w*)\}|(\*)")


class PatternError(ValueError):
    """A pattern that cannot be used; `str()` is one sentence."""


def compiled(pattern: str, names: Collection[str]) -> re.Pattern[str]:
    """A pattern for whole names: `{field}` takes some text, `*` and `{}` skip some.

    The last part of a name without its ending may be left over. `PatternError` for a field
    that is not in `names`, for one that occurs twice, and for a pattern without any.
    """
    parts, seen, last = list[str](), set[str](), 0
    for found in _FIELD.finditer(pattern):
        parts.append(re.escape(pattern[last : found.start()]))
        parts.append(_group(found[1] or "", names, seen))
        last = found.end()
    if not seen:
        raise PatternError(f"Name a field in braces, such as {{{next(iter(names))}}}")
    return re.compile("".join(parts) + re.escape(pattern[last:]))


def _group(name: str, names: Collection[str], seen: set[str]) -> str:
    if not name:
        return ".*?"
    if name not in names:
        raise PatternError(f"There is no field {name}; the fields are {', '.join(names)}")
    if name in seen:
        raise PatternError(f"{name} stands there twice")
    seen.add(name)
    return f"(?P<{name}>.+?)"


def values_in(pattern: re.Pattern[str], name: str) -> dict[str, str]:
    """Texts by field; empty when the name does not fit. Ending and blanks do not count."""
    stem = name
    while "." in stem and stem.rpartition(".")[2].lower() in _ENDINGS:
        stem = stem.rpartition(".")[0]
    found = pattern.fullmatch(stem)
    return {field: text.strip() for field, text in found.groupdict().items()} if found else {}


_ENDINGS = {"tif", "tiff", "lsm", "oir", "czi", "nd2", "zarr", "zip", "ome"}
