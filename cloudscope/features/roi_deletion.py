"""A ROI that was deleted with results: said at once, with the way back."""

from __future__ import annotations

from PySide6.QtCore import Slot

from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench


class RoiDeletion(Feature):
    """Nobody is asked before a deletion: it is one step of undo.

    The scene of an edit comes before Qt has counted the step; only then is it told.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._scene, self._step = Scene(), 0
        self._loss = ""
        bench.controller.sceneChanged.connect(self._follow)
        bench.controller.undo_stack.indexChanged.connect(self._count)

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        before, self._scene = self._scene, scene
        same = before.selection.file_id == scene.selection.file_id
        self._loss = _loss(before, scene) if same else ""

    @Slot(int)
    def _count(self, step: int) -> None:
        """One step on; an undo that takes a ROI away has no results of it left."""
        went_on, loss = step == self._step + 1, self._loss
        self._step, self._loss = step, ""
        if went_on and loss:
            messages = self.bench.panels.view.messages
            messages.show_message("info", loss, [("Undo", lambda: self._undo(step))])

    def _undo(self, step: int) -> None:
        if self._step == step:  # else the last step is another one
            self.bench.controller.undo_stack.undo()


def _loss(before: Scene, now: Scene) -> str:
    """What went with a ROI, or empty: without results there is little to lose."""
    left = {roi.id for roi in now.rois}
    for roi in before.rois:
        count = sum(one.record.key.roi_id == roi.id for one in before.records)
        if roi.id not in left and count:
            results = "its result" if count == 1 else f"its {count} results"
            return f"ROI {roi.label} was deleted with {results}."
    return ""
