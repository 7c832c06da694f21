"""`cloudscope analyses`: which analyses there are, and their parameters."""

from __future__ import annotations

import argparse
import json
from typing import Any

from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis
from acqcore.model.schema import FieldSchema
from cloudscope.cli_arguments import tell_plugin_problems


def list_analyses(words: list[str]) -> int:
    """Print name, title, parameters and columns of each; gives the exit code."""
    parser = argparse.ArgumentParser(
        "cloudscope analyses", description="List the analyses and their parameters."
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args(words)
    tell_plugin_problems()
    for method in analyses().values():
        print(json.dumps(_about(method)) if options.json else _readable(method))
    return 0


def _about(method: Analysis[Any]) -> dict[str, Any]:
    return {
        "name": method.name,
        "title": method.title,
        "version": method.version,
        "depends_on": list(method.depends_on),
        "parameters": [field.to_dict() for field in method.schema().fields],
        "presets": {name: dict(values) for name, values in method.presets.items()},
        "columns": [
            {"name": one.name, "unit": one.unit, "title": one.title} for one in method.columns
        ],
    }


def _readable(method: Analysis[Any]) -> str:
    needs = f", needs {' and '.join(method.depends_on)}" if method.depends_on else ""
    rows = [_row(field) for field in method.schema().visible_fields()]
    return "\n".join([f"{method.name}  ({method.title}{needs})", *rows])


def _row(field: FieldSchema) -> str:
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    choices = f"  ({', '.join(field.choices)})" if field.choices else ""
    unit = f" {field.unit}" if field.unit else ""
    return f"    {field.name:24} {default}{unit}{choices}"
