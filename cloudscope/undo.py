"""Undo: two snapshots of a state serve every edit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from acqcore.acq_image import AcqImage
from acqcore.model.state import AcqState


class EditCommand(QUndoCommand):
    """One reversible step of one image.

    What the sidecar stores is undoable; zoom, selection and layout are not.
    """

    def __init__(
        self, image: AcqImage, after: AcqState, text: str, show: Callable[[AcqImage], None]
    ) -> None:
        super().__init__(f"{text} in {image.name}")
        self._image, self._before, self._after = image, image.state, after
        self._show = show

    def redo(self) -> None:
        """Qt calls this once on push, then on every redo."""
        self._image.state = self._after
        self._show(self._image)

    def undo(self) -> None:
        """Put the earlier state back."""
        self._image.state = self._before
        self._show(self._image)
