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
        series: int = -1,
    ) -> None:
        """`changed` is told of the edit itself, `reveal` of every undo and redo after it.

        Edits of one series that follow each other are one step; -1 stands alone.
        """
        super().__init__()
        self._series = series
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

    def id(self) -> int:
        """What Qt knows a series by."""
        return self._series

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later edit of the series in."""
        if not isinstance(other, EditCommand):
            return False
        self.images += other.images
        self._before += other._before
        self._after += other._after
        self.retitle()
        return True

    def redo(self) -> None:
        """Qt calls this once on push, then on every redo."""
        self._put(list(zip(self.images, self._after, strict=True)))
        self._tell(self.images)
        self._tell = self._reveal

    def undo(self) -> None:
        """Put the earlier states back."""
        # Backwards: a recording that a series edits twice ends as it was before both.
        self._put(list(zip(self.images, self._before, strict=True))[::-1])
        self._reveal(self.images)

    @staticmethod
    def _put(edits: Sequence[Edit]) -> None:
        for image, state in edits:
            image.state = state
