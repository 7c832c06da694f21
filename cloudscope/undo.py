"""Undo: two snapshots of each state serve every edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QUndoCommand

from acqcore.acq_image import AcqImage
from acqcore.model.state import AcqState

Edit = tuple[AcqImage, AcqState]
"""A recording and the state that it gets."""

Images = tuple[AcqImage, ...]


class EditCommand(QUndoCommand):
    """One reversible step of one image, or of several together.

    What the sidecar stores is undoable; zoom, selection and layout are not.
    """

    def __init__(
        self,
        edits: Sequence[Edit],
        text: str,
        label: Callable[[AcqImage], str],
        changed: Callable[[Images], None],
        reveal: Callable[[Images], None],
    ) -> None:
        """`changed` is told of the edit itself, `reveal` of every undo and redo after it."""
        super().__init__()
        self.images: Images = tuple(image for image, _ in edits)
        self._before = [image.state for image, _ in edits]
        self._after = [after for _, after in edits]
        self._text, self._label = text, label
        self._tell, self._reveal = changed, reveal
        self.retitle()

    def retitle(self) -> None:
        """Name what it changes, as recordings are named now."""
        count = len(self.images)
        what = self._label(self.images[0]) if count == 1 else f"{count} recordings"
        self.setText(f"{self._text} in {what}")

    def redo(self) -> None:
        """Qt calls this once on push, then on every redo."""
        self._put(self._after)
        self._tell(self.images)
        self._tell = self._reveal

    def undo(self) -> None:
        """Put the earlier states back."""
        self._put(self._before)
        self._reveal(self.images)

    def _put(self, states: Sequence[AcqState]) -> None:
        for image, state in zip(self.images, states, strict=True):
            image.state = state
