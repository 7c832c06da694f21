"""Plug-ins that could not be used: said once, when the window is there."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot

from acqcore.analysis import plugin_problems
from cloudscope.views.problems_dialog import show_problems
from cloudscope.workbench import Feature, Workbench


class PluginNews(Feature):
    """A message with the list of reasons; no message when there are none."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        QTimer.singleShot(0, self, self._tell)

    @Slot()
    def _tell(self) -> None:
        problems = plugin_problems()
        if not problems:
            return
        text = "An analysis plug-in could not be used."
        if len(problems) > 1:
            text = f"{len(problems)} analysis plug-ins could not be used."
        messages = self.bench.panels.view.messages
        messages.show_message("warn", text, [("Show List", self._list)])

    def _list(self) -> None:
        rows = [("", problem) for problem in plugin_problems()]
        show_problems(self.bench.window, self.bench.theme, "Plug-ins that could not be used", rows)
