"""Run, Stop and the progress of the run that is shown."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button, show_progress

_BAR_STEPS = 1000
_RUN_TIP = "Run the analysis (Ctrl+R)"
_FIRST_ESTIMATE_S = 0.7
"""Before this a remaining time would jump about."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is.

    Attributes:
        started: Monotonic seconds of its first report.
    """

    started: float
    fraction: float = 0.0
    text: str = ""

    @classmethod
    def begun(cls) -> RunProgress:
        """A run that has just reported for the first time."""
        return cls(time.monotonic())

    def at(self, fraction: float, text: str) -> RunProgress:
        """The same run, further on."""
        return replace(self, fraction=fraction, text=text)

    def time_left(self, now: float) -> str:
        """`2 s left`, or empty while that cannot be told."""
        elapsed = now - self.started
        if elapsed < _FIRST_ESTIMATE_S or self.fraction < 0.02:
            return ""
        seconds = elapsed * (1 - self.fraction) / self.fraction
        if seconds < 90:
            return f"{max(math.ceil(seconds), 1)} s left"
        return f"{math.ceil(seconds / 60)} min left"


class RunControls(QWidget):
    """One primary button, which becomes Stop while the shown run is under way.

    Signals:
        runClicked, stopClicked, rerunClicked: What the user pressed.
        previewToggled: Whether to show at once what the parameters would give.
    """

    runClicked = Signal()
    stopClicked = Signal()
    rerunClicked = Signal()
    previewToggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run_button = push_button("Run", _RUN_TIP, "primary")
        self.run_button.setIcon(theme.icon("run", "on_accent"))
        self.stop_button = push_button("Stop", "Stop the run and keep the result before it")
        self.stop_button.setIcon(theme.icon("stop"))
        self.rerun_button = push_button("", "Rerun every out-of-date analysis of this recording")
        for button in (self.run_button, self.stop_button):
            button.setMinimumWidth(theme.px(76))
        policy = self.rerun_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # else the panel grows when a result gets old
        self.rerun_button.setSizePolicy(policy)
        self._bar = QProgressBar()
        self._bar.setRange(0, _BAR_STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the run")
        self.preview = QCheckBox("Preview")
        self.preview.setToolTip("Run on the visible part while parameters change; stores nothing")
        self.preview_words = label("", "small")
        self.preview_words.setWordWrap(True)
        self.preview_words.hide()
        self.preview.toggled.connect(self.previewToggled)
        self.needs = label("", "small")
        self.needs.setWordWrap(True)
        self.needs.hide()
        self._text, self._left = label("", "small"), label("", "small")
        self._progress = QWidget()
        self._lay_out()
        self.run_button.clicked.connect(self.runClicked)
        self.stop_button.clicked.connect(self.stopClicked)
        self.rerun_button.clicked.connect(self.rerunClicked)
        QWidget.setTabOrder(self.preview, self.run_button)
        self.show_state(None, 0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.run_button, self.stop_button, self.rerun_button):
            buttons.addWidget(button)
        buttons.addStretch()
        words = QHBoxLayout()
        words.addWidget(self._text, 1)
        words.addWidget(self._left)
        below = QVBoxLayout(self._progress)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(6)
        below.addWidget(self._bar)
        below.addLayout(words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.preview)
        column.addWidget(self.preview_words)
        column.addWidget(self.needs)
        column.addLayout(buttons)
        column.addWidget(self._progress)

    def show_state(self, progress: RunProgress | None, stale_count: int) -> None:
        """Running with this progress, or at rest with None."""
        running = progress is not None
        had_focus = self.run_button.hasFocus() or self.stop_button.hasFocus()
        self.run_button.setVisible(not running)
        self.stop_button.setVisible(running)
        if had_focus:
            (self.stop_button if running else self.run_button).setFocus()
        self.rerun_button.setVisible(stale_count > 0)
        self.rerun_button.setEnabled(not running)
        self.rerun_button.setText(f"Rerun {stale_count} Out of Date")
        self._progress.setVisible(running)
        if progress is not None:
            show_progress(self._bar, round(progress.fraction * _BAR_STEPS))
            self._text.setText(progress.text or "Running…")
            self._left.setText(progress.time_left(time.monotonic()))

    def say_preview(self, text: str) -> None:
        """Why there is no preview, or empty."""
        self.preview_words.setText(text)
        self.preview_words.setVisible(bool(text))

    def set_runnable(self, reason: str) -> None:
        """Empty when Run works; else why it does not, as words above it and as its tool tip."""
        self.run_button.setEnabled(not reason)
        self.run_button.setToolTip(reason or _RUN_TIP)
        self.needs.setText(reason)

    def set_parent(self, parent: str, title: str) -> None:
        """What has to run first, by title, or empty; `set_runnable` comes before it."""
        self.run_button.setText(f"Run {parent} First" if parent else "Run")
        if parent and self.run_button.isEnabled():
            self.needs.setText(f"{title} reads {parent}, which has not run on this ROI.")
            self.run_button.setToolTip(f"Run {parent}, then {title} (Ctrl+R)")
        self.needs.setVisible(bool(self.needs.text()))
