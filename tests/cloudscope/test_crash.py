"""One sentence for the user's errors, one dialog for ours, and nothing is lost on the way."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading

import pytest
from PySide6.QtCore import QObject, Qt, QThread, qWarning
from PySide6.QtGui import QGuiApplication

from acqcore.errors import AcqError, InvalidROI
from cloudscope import crash
from cloudscope.crash import CrashDialog, report_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen


class Told(QObject):
    """Records what the guard hands over, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.errors, self.bugs, self.threads, self.saves = [], [], [], 0

    def error(self, error: AcqError) -> None:
        self.errors.append(str(error))
        self.threads.append(QThread.currentThread())

    def bug(self, report: str) -> None:
        self.bugs.append(report)
        self.threads.append(QThread.currentThread())

    def save(self) -> None:
        self.saves += 1


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def guard(qapp, told, tmp_path):
    guard = crash.install(tmp_path / "logs", told.error, told.bug, told.save)
    yield guard
    guard.uninstall()


def raised(error: Exception) -> Exception:
    """The error with a traceback of its own line."""
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - any kind is wanted here
        return caught


def give(error: BaseException) -> None:
    """What Python does with an exception that nobody caught."""
    sys.excepthook(type(error), error, error.__traceback__)


def log_text(guard) -> str:
    return (guard.log_folder / "cloudscope.log").read_text(encoding="utf-8")


def test_user_error_is_one_sentence_and_no_dialog(guard, told, qtbot):
    give(raised(InvalidROI("ROI 3 encloses no pixels of the image.")))
    qtbot.waitUntil(lambda: bool(told.errors))
    assert told.errors == ["ROI 3 encloses no pixels of the image."]
    assert told.bugs == []
    assert guard.dialog is None
    assert "InvalidROI" in log_text(guard)


def test_error_of_another_thread_arrives_on_the_gui_thread(guard, told, qtbot):
    def work() -> None:
        raise InvalidROI("from below")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(told.errors))
    assert told.errors == ["from below"]
    assert told.threads == [told.thread()]


def test_bug_of_another_thread_is_shown_as_well(guard, told, qtbot):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: guard.dialog is not None)
    assert "ZeroDivisionError" in told.bugs[0]
    assert told.threads == [told.thread()]


def test_a_storm_of_one_bug_is_logged_and_shown_once(guard, told, qtbot):
    for _ in range(61):
        give(raised(KeyError("lost")))
    qtbot.waitUntil(lambda: guard.dialog is not None)
    assert len(told.bugs) == 1
    assert log_text(guard).count("Traceback") == 1
    assert log_text(guard).count("once more") == 60


def test_another_bug_does_not_open_a_second_dialog(guard, told, qtbot):
    give(raised(KeyError("lost")))
    qtbot.waitUntil(lambda: guard.dialog is not None)
    first = guard.dialog
    give(raised(ValueError("other")))
    qtbot.waitUntil(lambda: len(told.bugs) == 2)
    assert guard.dialog is first


def test_same_bug_is_shown_again_after_a_quiet_while(guard, told, qtbot, monkeypatch):
    monkeypatch.setattr(crash, "QUIET_S", 0.0)
    for n in (1, 2):
        give(raised(KeyError("lost")))
        qtbot.waitUntil(lambda n=n: len(told.bugs) == n)
        guard.dialog.accept()
        qtbot.waitUntil(lambda: guard.dialog is None)


def test_dialog_still_comes_when_the_callback_fails(qapp, qtbot, tmp_path, told):
    def broken(report: str) -> None:
        raise RuntimeError("journal")

    guard = crash.install(tmp_path, told.error, broken)
    try:
        give(raised(KeyError("lost")))
        qtbot.waitUntil(lambda: guard.dialog is not None)
    finally:
        guard.uninstall()


def test_keyboard_interrupt_still_ends_the_program(qapp, told, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: seen.append(args[0]))
    guard = crash.install(tmp_path, told.error, told.bug)
    try:
        give(KeyboardInterrupt())
    finally:
        guard.uninstall()
    assert seen == [KeyboardInterrupt]
    assert told.bugs == []


def test_dialog_copies_saves_and_goes_on(qtbot, told):
    dialog = CrashDialog("the report", told.save)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "the report"
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert told.saves == 1
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_dialog_without_save_all_does_not_offer_it(qtbot):
    dialog = CrashDialog("the report", None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.save_button.isVisible()


def test_report_says_what_is_needed():
    report = report_of(raised(KeyError("lost")))
    for part in ("CloudScope", "Python", "Qt", "UTC", "KeyError: 'lost'", "test_crash.py"):
        assert part in report


def test_qt_messages_go_to_the_log(guard):
    qWarning("a warning of Qt")
    logging.getLogger("cloudscope").info("of ours")
    text = log_text(guard)
    assert "WARNING MainThread qt: a warning of Qt" in text
    assert "of ours" in text


def test_uninstall_puts_everything_back(qapp, told, tmp_path):
    before = sys.excepthook, threading.excepthook, list(logging.getLogger().handlers)
    guard = crash.install(tmp_path, told.error, told.bug)
    assert sys.excepthook is not before[0]
    assert faulthandler.is_enabled()
    guard.uninstall()
    after = sys.excepthook, threading.excepthook, list(logging.getLogger().handlers)
    assert before == after


def test_a_log_folder_that_cannot_be_made_is_no_obstacle(qapp, told, tmp_path):
    (tmp_path / "file").write_text("")
    guard = crash.install(tmp_path / "file" / "logs", told.error, told.bug)
    guard.uninstall()
    assert guard.log_folder.is_dir()
