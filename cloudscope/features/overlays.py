"""Results on the picture: each kind has its own switch, which is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Slot

from cloudscope.scene import Scene
from cloudscope.views.result_overlay import ResultOverlay
from cloudscope.views.result_overlay_content import EDGES, KINDS, SPARKS, overlay_content
from cloudscope.workbench import Feature, Workbench

_BLOCK = "overlays"
_AT_FIRST = (EDGES, SPARKS)
"""What is a place on the picture and shown nowhere else."""


class Overlays(Feature):
    """Draws the results of the selected channel and ROI."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        stored = bench.settings.block(_BLOCK)
        self.kinds = {one for one in KINDS if stored.get(one, one in _AT_FIRST) is True}
        self.item = ResultOverlay()
        self._shown: tuple[object, ...] = ()
        bench.panels.view.kymograph.plot_item.addItem(self.item, ignoreBounds=True)
        self._check()
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """One switch each."""
        return {f"overlay_{kind}": self._switch(kind) for kind in KINDS}

    def _switch(self, kind: str) -> Callable[[], object]:
        return lambda: self.toggle(kind)

    def toggle(self, kind: str) -> None:
        """Show a kind of results, or take it away."""
        self.kinds ^= {kind}
        self.bench.settings.set_block(_BLOCK, {one: one in self.kinds for one in KINDS})
        self._check()
        self._follow(self.bench.panels.scene)

    def _check(self) -> None:
        for kind in KINDS:
            self.bench.actions[f"overlay_{kind}"].setChecked(kind in self.kinds)

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Arrays are made again only when results, selection or switches differ."""
        wanted = (scene.records, scene.selection, scene.loading, scene.plane, frozenset(self.kinds))
        same = self._shown and wanted[1:] == self._shown[1:] and _same(wanted[0], self._shown[0])
        if not same:
            self._shown = wanted
            self.item.set_content(overlay_content(scene, self.kinds))


def _same(records: object, others: object) -> bool:
    """The very same records: comparing their tables would take longer than drawing them."""
    assert isinstance(records, tuple)
    assert isinstance(others, tuple)
    return len(records) == len(others) and all(
        one.record is other.record and one.stale == other.stale
        for one, other in zip(records, others, strict=True)
    )
