"""The list of edits: what was done, and a way back to any of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolBar, QWidget

from cloudscope.views.history_panel import HistoryPanel
from cloudscope.workbench import Feature, Workbench


class History(Feature):
    """Opens the list under the Undo button, by key or with the right mouse button."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._panel: HistoryPanel | None = None
        bar = bench.window.findChild(QToolBar, "tool bar")
        assert isinstance(bar, QToolBar)
        self._button = bar.widgetForAction(bench.actions["undo"])
        for name in ("undo", "redo"):
            self._offer(bar.widgetForAction(bench.actions[name]))

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its action calls."""
        return {"history": self._open}

    def _offer(self, button: QWidget) -> None:
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(self.bench.actions["history"].trigger)

    def _open(self) -> None:
        if self._panel is None:
            stack = self.bench.controller.undo_stack
            self._panel = HistoryPanel(self.bench.theme, stack, self.bench.window)
        below = self._button.mapTo(self.bench.window, QPoint(0, self._button.height()))
        self._panel.open(below)
