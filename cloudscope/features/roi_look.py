"""How ROIs look on the picture: in which colour, whether at all, and the picture as a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication

from cloudscope.workbench import Feature, Workbench

_BLOCK = "roi_look"
_ROIS, _NAMES = "show_rois", "show_roi_names"


class RoiLook(Feature):
    """A colour is stored with its ROI; what is drawn at all is remembered for the user."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        stored = bench.settings.block(_BLOCK)
        self._shown = {name: stored.get(name) is not False for name in (_ROIS, _NAMES)}
        bench.panels.view.kymograph.roiDrawn.connect(self._show_what_was_drawn)
        self._apply()

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its actions call."""
        return {
            "next_roi_color": self._next_color,
            "copy_picture": self._copy_picture,
            _ROIS: lambda: self._switch(_ROIS),
            _NAMES: lambda: self._switch(_NAMES),
        }

    def _next_color(self) -> None:
        """Through the colours of ROIs, and back to the one by its place."""
        roi = self.bench.panels.scene.roi
        if roi is not None:
            order = ("", *self.bench.theme.roi_colors)
            place = order.index(roi.color) + 1 if roi.color in order else 0
            color = order[place % len(order)]
            self.bench.controller.edit_roi(replace(roi, color=color))

    def _copy_picture(self) -> None:
        QGuiApplication.clipboard().setImage(self.bench.panels.view.splitter.grab().toImage())
        self.bench.panels.status.jobs.set_result("Copied the picture")

    def _switch(self, name: str) -> None:
        self._shown[name] = not self._shown[name]
        self.bench.settings.set_block(_BLOCK, self._shown)
        self._apply()

    @Slot()
    def _show_what_was_drawn(self) -> None:
        if not self._shown[_ROIS]:
            self._switch(_ROIS)

    def _apply(self) -> None:
        regions = self.bench.panels.view.kymograph.regions
        regions.show(rois=self._shown[_ROIS], names=self._shown[_NAMES])
        for name, is_on in self._shown.items():
            self.bench.actions[name].setChecked(is_on)
