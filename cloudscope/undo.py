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
        self,
        image: AcqImage,
        after: AcqState,
        text: str,
        changed: Callable[[AcqImage], None],
        reveal: Callable[[AcqImage], None],
    ) -> None:
        """`changed` is told of the edit itself, `reveal` of every undo and redo after it."""
        super().__init__(f"{text} in {image.name}")
        self._image, self._before, self._after = image, image.state, after
        self._tell, self._reveal = changed, reveal

    def redo(self) -> None:
        """Qt calls this once on push, then on every redo."""
        self._image.state = self._after
        self._tell(self._image)
        self._tell = self._reveal

    def undo(self) -> None:
        """Put the earlier state back."""
        self._image.state = self._before
        self._reveal(self._image)
