"""Keys of the commands: the page that lists them, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QKeySequence

from cloudscope.actions import ACTIONS, own_key_text, usual_keys
from cloudscope.roi_actions import ROI_KEYS
from cloudscope.views.shortcuts_dialog import show_shortcuts
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.views.keys_dialog import KeysDialog

BLOCK = "keys"


class Keys(Feature):
    """The user's keys are stored by command; what no longer exists is left out."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dialog: KeysDialog | None = None
        for name, key in self._own().items():
            bench.actions[name].setShortcuts([QKeySequence(key)] if key else [])

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Look and change."""
        return {"shortcuts": self._show, "change_keys": self._open}

    def _own(self) -> dict[str, str]:
        stored = self.bench.settings.block(BLOCK)
        known = {name: key for name, key in stored.items() if name in self.bench.actions}
        return {name: key for name, key in known.items() if isinstance(key, str)}

    def _show(self) -> None:
        rows = [(one.menu, one.text, own_key_text(self.bench.actions[one.id])) for one in ACTIONS]
        show_shortcuts(self.bench.window, self.bench.theme, [*rows, *ROI_KEYS])

    def _open(self) -> None:
        from cloudscope.views.keys_dialog import KeyRow, KeysDialog  # when it is first wanted

        if self.dialog is None:
            rows = [KeyRow(one.id, one.menu, one.text, usual_keys(one)) for one in ACTIONS]
            self.dialog = KeysDialog(self.bench.theme, rows, self.bench.window)
            self.dialog.keyChosen.connect(self._give)
            self.dialog.resetWanted.connect(self._reset)
        self._tell()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self.dialog.filter.setFocus()

    @Slot(str, str)
    def _give(self, name: str, key: str) -> None:
        self.bench.settings.set_block(BLOCK, self._own() | {name: key})
        self.bench.actions[name].setShortcuts([QKeySequence(key)] if key else [])
        self._tell()

    @Slot(object)
    def _reset(self, names: Sequence[str]) -> None:
        """Usual keys come back, except where another command has got them meanwhile."""
        own = {name: key for name, key in self._own().items() if name not in names}
        taken = set(own.values())
        self.bench.settings.set_block(BLOCK, own)
        for spec in ACTIONS:
            if spec.id in names:
                keys = [key for key in usual_keys(spec) if key not in taken]
                self.bench.actions[spec.id].setShortcuts([QKeySequence(key) for key in keys])
        self._tell()

    def _tell(self) -> None:
        self.usableChanged.emit()  # tool tips name the key
        if self.dialog is not None:
            self.dialog.show_keys(
                {
                    name: tuple(key.toString() for key in action.shortcuts())
                    for name, action in self.bench.actions.items()
                }
            )
