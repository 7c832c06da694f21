"""Metadata of many recordings in one table, applied as one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Slot

from acqcore.acq_image import AcqImage
from acqcore.model.metadata import EXPERIMENT
from cloudscope.item_models.metadata_grid import GridRow
from cloudscope.scene import Scene
from cloudscope.views.metadata_table import MetadataTable
from cloudscope.workbench import Feature, Workbench


class Describing(Feature):
    """The selected recordings, or all that the list shows when fewer than two are selected."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dialog: MetadataTable | None = None

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Open the table."""
        return {"metadata_table": self._open}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Metadata tells what is blinded."""
        session = self.bench.session
        return {"visible": len(session.images) > 0 and not session.blind.on}

    def _images(self) -> list[AcqImage]:
        chosen = self.bench.targets()
        if len(chosen) > 1:
            return list(chosen)
        shown = self.bench.panels.tree.model.visible_file_ids()
        found = [self.bench.session.image(one) for one in shown]
        return [image for image in found if image is not None] or list(chosen)

    def _open(self) -> None:
        rows = [GridRow(one.file_id, one.name, one.state.experiment) for one in self._images()]
        if rows:
            dialog = MetadataTable(self.bench.theme, rows, self.bench.window)
            dialog.applied.connect(self._apply)
            dialog.destroyed.connect(self._forget)
            self.dialog = dialog
            dialog.open()

    def _forget(self) -> None:
        self.dialog = None

    @Slot(object)
    def _apply(self, patches: Mapping[str, Mapping[str, Any]]) -> None:
        found = [(self.bench.session.image(one), patch) for one, patch in patches.items()]
        edits = [(image, image.patched(EXPERIMENT, patch)) for image, patch in found if image]
        self.bench.controller.edit_many(edits, "Describe recordings")
        names = {name for _, patch in found for name in patch}
        self.bench.panels.suggest(self.bench.session.images, names)
