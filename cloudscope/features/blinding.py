"""Blinded mode: on screen every recording goes by a number, and its metadata is hidden."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from PySide6.QtCore import Slot

from cloudscope.undo import EditCommand
from cloudscope.workbench import Feature, Workbench

_log = logging.getLogger("cloudscope")


class Blinding(Feature):
    """Switches `session.blind` and has everything said again that tells a name."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        for bar in (bench.panels.view.messages, bench.panels.status.jobs):
            bar.wording = bench.session.blind.mask
        if bench.settings.blinded:  # a restart must not tell what a judge must not know
            bench.session.blind.hide(())
            bench.actions["blind"].setChecked(True)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """One switch."""
        return {"blind": self._switch}

    @Slot()
    def _switch(self) -> None:
        bench, blind = self.bench, self.bench.session.blind
        if bench.actions["blind"].isChecked():
            blind.hide(image.file_id for image in bench.session.images)
        else:
            blind.show()
        bench.settings.blinded = blind.on
        _log.info("Names of recordings are %s", "hidden" if blind.on else "shown")
        self._say_again()

    def _say_again(self) -> None:
        """What was said before tells names, or numbers that no longer help."""
        bench, undo = self.bench, self.bench.controller.undo_stack
        for place in range(undo.count()):
            command = undo.command(place)
            if isinstance(command, EditCommand):
                command.retitle()
        bench.panels.view.messages.clear()
        bench.panels.status.jobs.set_result("")
        bench.feed.say_again()
        bench.controller.refresh()
        bench.commands.show_recents(bench.panels.view.empty)
