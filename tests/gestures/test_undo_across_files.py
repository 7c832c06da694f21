"""Undo reaches the recording that it changes and shows it."""

from __future__ import annotations

from pathlib import Path

from acqcore.model.state import Review


def test_undo_travels(user, window, folder: Path) -> None:
    user.open(folder)
    first, second, _ = [image.file_id for image in window.session.images]
    window.controller.add_roi()
    window.controller.select(second)
    user.wait()
    window.controller.set_review(Review.REJECTED)
    undo = window.controller.undo_stack
    assert "b.tif" in undo.undoText()
    undo.undo()
    undo.undo()
    user.wait()
    assert window.controller.selection.file_id == first
    assert not window.session.dirty()
    undo.redo()
    assert window.session.image(first).is_dirty


def test_nothing_to_change_is_no_step(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.set_review(Review.UNDECIDED)
    window.controller.edit_contrast(user.image.get_image_contrast(0))
    window.controller.patch_metadata("experiment_metadata", {"note": ""})
    assert window.controller.undo_stack.count() == 0
