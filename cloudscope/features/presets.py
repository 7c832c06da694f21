"""Sets of parameters that the user has given a name, kept in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot

from acqcore.analysis import analyses
from acqcore.errors import InvalidParameter
from cloudscope.workbench import Feature, Workbench

OwnPresets = dict[str, dict[str, dict[str, Any]]]
"""Every parameter by analysis and name of the preset."""

_BLOCK = "presets"


class Presets(Feature):
    """Saves, renames and deletes; the form lists them beside the built-in ones."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._own = usable_presets(bench.settings.block(_BLOCK))
        form = bench.panels.analysis.form
        form.presetSaved.connect(self._save)
        form.presetRenamed.connect(self._rename)
        form.presetDeleted.connect(self._delete)
        form.set_own_presets(self._own)

    @Slot(str, str, dict)
    def _save(self, analysis_name: str, name: str, values: dict[str, Any]) -> None:
        kept = {**self._own.get(analysis_name, {}), name: dict(values)}
        self._keep(analysis_name, kept)

    @Slot(str, str, str)
    def _rename(self, analysis_name: str, old: str, name: str) -> None:
        before = self._own.get(analysis_name, {})
        kept = {name if one == old else one: values for one, values in before.items()}
        self._keep(analysis_name, kept)

    @Slot(str, str)
    def _delete(self, analysis_name: str, name: str) -> None:
        before = self._own.get(analysis_name, {})
        kept = {one: values for one, values in before.items() if one != name}
        self._keep(analysis_name, kept)

    def _keep(self, analysis_name: str, presets: dict[str, dict[str, Any]]) -> None:
        self._own = {**self._own, analysis_name: presets}
        stored = self.bench.settings.block(_BLOCK)  # of plug-ins that are not there now as well
        self.bench.settings.set_block(_BLOCK, {**stored, analysis_name: presets})
        self.bench.panels.analysis.form.set_own_presets(self._own)


def usable_presets(stored: Mapping[str, Any]) -> OwnPresets:
    """What fits the analyses there are; a parameter that is new since has its default."""
    own: OwnPresets = {}
    for analysis_name, presets in stored.items():
        method = analyses().get(analysis_name)
        if method is None or not isinstance(presets, dict):
            continue
        for name, values in presets.items():
            if isinstance(values, dict):
                known = {one: values[one] for one in method.schema().field_names() if one in values}
                try:
                    method.parse(known)
                except (InvalidParameter, TypeError, ValueError):
                    continue
                own.setdefault(analysis_name, {})[name] = known
    return own
