"""Save, close, reopen: everything is as it was; unsaved work is visible and asked for once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from acqcore.acq_image import AcqImage
from cloudscope.views.save_prompt_dialog import SavePromptDialog


def answer(press) -> list[SavePromptDialog]:
    """Answer the next prompt; gives the prompts that were shown."""
    shown: list[SavePromptDialog] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, SavePromptDialog):
            shown.append(dialog)
            press(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    return shown


def test_save_is_clean_and_comes_back(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    assert window.isWindowModified()
    assert "[*]" in window.windowTitle()
    window.commands.save()
    user.wait()
    assert not window.isWindowModified()
    assert AcqImage(user.image.path).state == user.image.state


def test_undo_back_to_saved_is_clean(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    window.commands.save()
    user.wait()
    window.controller.delete_roi(1)
    assert user.image.is_dirty
    window.controller.undo_stack.undo()
    assert not user.image.is_dirty
    assert not window.isWindowModified()


def test_save_all(user, window, folder: Path) -> None:
    user.open(folder)
    for image in list(window.session.images):
        window.controller.select(image.file_id)
        window.controller.add_roi()
    user.wait()
    window.actions_by_id["save_all"].trigger()
    user.wait()
    assert not window.session.dirty()
    assert len(list(folder.glob("*.json"))) == 3


def test_close_cancel_keeps_everything(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    shown = answer(lambda dialog: dialog.reject())
    window.close()
    assert len(shown) == 1
    assert window.isVisible()
    assert user.image.is_dirty


def test_close_save_writes_then_closes(user, window, folder: Path, qtbot) -> None:
    user.open(folder)
    window.controller.add_roi()
    answer(lambda dialog: dialog.save_button.click())
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)
    assert (folder / "a.tif.json").is_file()


def test_close_discard_writes_nothing(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    answer(lambda dialog: dialog.discard_button.click())
    window.close()
    assert not window.isVisible()
    assert not (folder / "a.tif.json").exists()


def test_failed_save_keeps_the_window_open(user, window, folder: Path, qtbot) -> None:
    user.open(folder)
    window.controller.add_roi()
    (folder / "a.tif.json").write_text("{}")  # another program was faster
    answer(lambda dialog: dialog.save_button.click())
    window.close()
    user.wait()
    assert window.isVisible()
    assert user.image.is_dirty
    assert "changed by another program" in window.view.messages.text
    assert (folder / "a.tif.json").read_text() == "{}"


def test_exception_while_closing_keeps_the_window(
    user, window, folder: Path, monkeypatch, qtbot
) -> None:
    user.open(folder)
    window.controller.add_roi()

    def broken(*args, **kwargs):
        raise RuntimeError("a bug in the prompt")

    monkeypatch.setattr("cloudscope.leaving.ask_save", broken)
    with qtbot.captureExceptions() as caught:
        try:
            window.close()
        except RuntimeError:
            caught.append("raised")
    assert caught
    assert window.isVisible()
    assert user.image.is_dirty


def test_opening_another_folder_asks_too(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    shown = answer(lambda dialog: dialog.reject())
    window.commands.open_paths([folder / "b.tif"])
    assert len(shown) == 1
    assert len(window.session.images) == 3
    shown = answer(lambda dialog: dialog.discard_button.click())
    window.commands.open_paths([folder / "b.tif"])
    user.wait()
    assert [image.name for image in window.session.images] == ["b.tif"]


def test_logout_waits_for_the_answer(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    answer(lambda dialog: dialog.reject())
    assert window.leaving.now("logging out") is False
    answer(lambda dialog: dialog.save_button.click())
    assert window.leaving.now("logging out") is True
    assert not user.image.is_dirty


def test_conflict_can_be_overwritten_with_the_other_kept(user, window, folder: Path) -> None:
    user.open(folder)
    window.controller.add_roi()
    (folder / "a.tif.json").write_text("{}")
    window.commands.save()
    user.wait()
    assert user.image.is_dirty
    window.saving.save([user.image], overwrite=True)
    user.wait()
    assert not user.image.is_dirty
    assert len(list(folder.glob("a.tif.json.other-*"))) == 1
