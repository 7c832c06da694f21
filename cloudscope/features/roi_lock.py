"""Locked ROIs: the mouse and the arrow keys leave them where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Slot

from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench

_BLOCK = "locked_rois"
_MOST_RECORDINGS = 1000


class RoiLock(Feature):
    """Remembers locks in the settings: a sidecar has no place for them, and needs none.

    A lock keeps a hand from slipping. It is not an edit, and numbers can still be typed.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._locked = _readable(bench.settings.block(_BLOCK))
        bench.panels.rois.add_tools([bench.actions["lock_roi"]])
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its action calls."""
        return {"lock_roi": self._toggle}

    def _toggle(self) -> None:
        where = self.bench.controller.selection
        if where.roi_id is not None:
            others = self._locked.pop(where.file_id, frozenset())
            locked = others ^ {where.roi_id}
            if locked:
                self._locked[where.file_id] = locked  # the latest at the end
            kept = list(self._locked.items())[-_MOST_RECORDINGS:]
            self.bench.settings.set_block(_BLOCK, {one: sorted(ids) for one, ids in kept})
        self._follow(self.bench.panels.scene)
        self.usableChanged.emit()

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        where = scene.selection
        locked = self._locked.get(where.file_id, frozenset())
        self.bench.panels.view.kymograph.regions.lock(locked)
        self.bench.actions["lock_roi"].setChecked(where.roi_id in locked)


def _readable(stored: Mapping[str, object]) -> dict[str, frozenset[int]]:
    """What is damaged was not locked."""
    return {
        file_id: frozenset(one for one in ids if isinstance(one, int))
        for file_id, ids in stored.items()
        if isinstance(ids, list)
    }
