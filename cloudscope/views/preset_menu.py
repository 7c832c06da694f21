"""What can be done with a set of parameters: keep, rename, delete."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class PresetMenu(QToolButton):
    """A small button with a menu; built-in presets can be neither renamed nor deleted.

    Signals:
        saveRequested, renameRequested, deleteRequested: What was chosen.
    """

    saveRequested = Signal()
    renameRequested = Signal()
    deleteRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("…")
        self.setProperty("kind", "bare")
        self.setAccessibleName("Presets")
        self.setToolTip("Save, rename or delete a preset")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.save = menu.addAction("Save as Preset…", self.saveRequested.emit)
        self.rename = menu.addAction("Rename Preset…", self.renameRequested.emit)
        self.delete = menu.addAction("Delete Preset", self.deleteRequested.emit)
        self.setMenu(menu)
        self.set_own(False)

    def set_own(self, own: bool) -> None:
        """Whether the preset that is shown is the user's."""
        self.rename.setEnabled(own)
        self.delete.setEnabled(own)
