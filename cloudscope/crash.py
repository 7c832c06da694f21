"""What happens when something goes wrong: the user's problem, the outside's, or ours.

An `AcqError` is one sentence for the message bar. Everything else is a bug: it is logged
with its traceback and shown in one dialog that never stacks, and the application goes on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import logging
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from acqcore._version import __version__
from acqcore.errors import AcqError
from cloudscope.resources_path import writable

QUIET_S = 10.0
"""A bug that comes again sooner than this after its last time is only logged."""

_LOG_BYTES, _LOG_FILES = 1_000_000, 3
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("cloudscope")


class CrashDialog(QDialog):
    """Says that the program has a fault and offers to save before going on."""

    def __init__(self, report: str, save_all: Callable[[], None] | None) -> None:
        super().__init__()
        self._report, self._save_all = report, save_all
        self.setWindowTitle("CloudScope")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.setMinimumSize(560, 340)
        title = QLabel("CloudScope has a fault")
        title.setProperty("role", "title")
        words = QLabel(
            "The last command may not have been completed. Your recordings are still open: "
            "save them, then go on. The report holds no pixels."
        )
        words.setWordWrap(True)
        self.details = QPlainTextEdit(report)
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName("Report")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(words)
        column.addWidget(self.details, 1)
        column.addLayout(self._buttons())
        self.continue_button.setFocus()

    def _buttons(self) -> QHBoxLayout:
        self.copy_button = QPushButton("Copy Report")
        self.save_button = QPushButton("Save All")
        self.continue_button = QPushButton("Continue")
        self.copy_button.setToolTip("Copy the report as text, to send it to the authors")
        self.save_button.setToolTip("Save all recordings with unsaved changes")
        self.continue_button.setToolTip("Close this page and go on working (Esc)")
        self.continue_button.setProperty("kind", "primary")
        self.continue_button.setDefault(True)
        self.save_button.setVisible(self._save_all is not None)
        self.copy_button.clicked.connect(self._copy)
        self.save_button.clicked.connect(self._save)
        self.continue_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        row.addWidget(self.save_button)
        row.addWidget(self.continue_button)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)

    def _save(self) -> None:
        if self._save_all is not None:
            self.save_button.setEnabled(False)
            self._save_all()


class CrashGuard(QObject):
    """The hooks that `install` set; keep it, and `uninstall` it in tests."""

    # Delivered to the GUI thread, whichever thread they come from.
    _userError = Signal(object)
    _bug = Signal(object)

    def __init__(
        self,
        log_folder: Path,
        on_user_error: Callable[[AcqError], None],
        on_bug: Callable[[str], None],
        save_all: Callable[[], None] | None,
    ) -> None:
        super().__init__()
        self._on_user_error, self._on_bug, self._save_all = on_user_error, on_bug, save_all
        self._last_seen: dict[str, float] = {}
        self.dialog: CrashDialog | None = None
        self.log_folder = writable(log_folder)
        self._userError.connect(self._tell_user, Qt.ConnectionType.QueuedConnection)
        self._bug.connect(self._show_bug, Qt.ConnectionType.QueuedConnection)
        self._hook, self._thread_hook = sys.excepthook, threading.excepthook
        self._start_log()
        self._had_faulthandler = faulthandler.is_enabled()
        self._faults = (self.log_folder / "faults.log").open("a", encoding="utf-8")
        # A crash below Python (a truncated memory map, Qt) leaves its stack here.
        faulthandler.enable(self._faults)
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread
        self._qt_handler = qInstallMessageHandler(_log_qt)

    def uninstall(self) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook = self._hook, self._thread_hook
        qInstallMessageHandler(self._qt_handler)
        faulthandler.disable()
        if self._had_faulthandler and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
        self._faults.close()
        logging.getLogger().removeHandler(self._log_file)
        self._log_file.close()
        if self.dialog is not None:
            self.dialog.close()

    def _start_log(self) -> None:
        self._log_file = RotatingFileHandler(
            self.log_folder / "cloudscope.log",
            maxBytes=_LOG_BYTES,
            backupCount=_LOG_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._log_file.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
        )
        self._log_file.setLevel(logging.INFO)
        logging.getLogger().addHandler(self._log_file)
        _log.setLevel(logging.INFO)

    # --- any thread -------------------------------------------------------------------

    def _caught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, AcqError):
            _log.warning("%s: %s", kind.__name__, error)
            self._userError.emit(error)
        elif isinstance(error, Exception):
            self._bug.emit(error.with_traceback(trace))
        else:
            self._hook(kind, error, trace)

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)

    # --- GUI thread -------------------------------------------------------------------

    @Slot(object)
    def _tell_user(self, error: AcqError) -> None:
        self._on_user_error(error)

    @Slot(object)
    def _show_bug(self, error: Exception) -> None:
        """Log always; show unless the same bug was just there or a dialog is open."""
        report = report_of(error)
        known = _fingerprint(error)
        now = time.monotonic()
        again = now - self._last_seen.get(known, -QUIET_S) < QUIET_S
        self._last_seen[known] = now
        if again:
            _log.error("%r once more", error)
            return
        _log.error("%s", report)
        # If the journal of unsaved edits fails as well, the dialog must still come.
        with contextlib.suppress(Exception):
            self._on_bug(report)
        if self.dialog is None and QApplication.instance() is not None:
            self.dialog = CrashDialog(report, self._save_all)
            self.dialog.destroyed.connect(self._forget_dialog)
            self.dialog.show()

    @Slot()
    def _forget_dialog(self) -> None:
        self.dialog = None


def report_of(error: BaseException) -> str:
    """Versions, time and traceback as text."""
    trace = "".join(traceback.format_exception(error))
    return (
        f"CloudScope {__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"{platform.platform()}\n{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n\n{trace}"
    )


def _fingerprint(error: BaseException) -> str:
    """Same for the same fault at the same place, whatever the message says."""
    places = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    return hashlib.sha256("\n".join([type(error).__name__, *places]).encode()).hexdigest()


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", text)


def install(
    log_folder: Path,
    on_user_error: Callable[[AcqError], None],
    on_bug: Callable[[str], None],
    save_all: Callable[[], None] | None = None,
) -> CrashGuard:
    """Take over the exception hooks, Qt's messages and the log; call on the GUI thread.

    Both callbacks run on the GUI thread. `on_bug` gets the report and runs before the dialog
    is shown; without `save_all` the dialog does not offer to save.
    """
    return CrashGuard(log_folder, on_user_error, on_bug, save_all)
