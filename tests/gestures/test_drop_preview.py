"""Files that hang over the window: how many would be opened, what would be left out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication, QLabel


def hover(window, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(window, event)


def shown(window) -> list[str]:
    return [one.text() for one in window.view.empty.findChildren(QLabel) if one.isVisible()]


def test_recordings_and_what_is_left_out(user, window, folder: Path) -> None:
    for name in ("notes.md", "more.md", "table.xlsx", "a.tif.json", "a.tif.radon_velocity.csv"):
        (folder / name).write_text("")
    hover(window, folder)
    user.wait_until(lambda: "Drop to open 3 recordings" in shown(window))
    told = "3 other files are left out (.md, .xlsx) · Hold Ctrl to add to what is open"
    assert told in shown(window)
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert told not in shown(window)


def test_several_things_and_one_that_is_no_recording(user, window, folder: Path) -> None:
    (folder / "readme.txt.doc").write_text("")
    hover(window, folder / "a.tif", folder / "readme.txt.doc")
    user.wait_until(lambda: "Drop to open 1 recording" in shown(window))
    assert any("1 other file is left out (.doc)" in text for text in shown(window))
    QApplication.sendEvent(window, QDragLeaveEvent())


def test_a_drag_that_went_away_shows_nothing(user, window, folder: Path) -> None:
    hover(window, folder)
    QApplication.sendEvent(window, QDragLeaveEvent())
    user.wait()
    assert not any("Drop to open" in text for text in shown(window))
