"""In the status bar: what is being computed, how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, push_button, show_progress, tool_button

_STEPS = 1000


@dataclass(frozen=True, slots=True)
class JobLine:
    """One running job.

    Attributes:
        text: A sentence without full stop: "Velocity batch: 12 of 47 recordings".
        fraction: 0..1, or None while it cannot be told.
    """

    id: int
    text: str
    fraction: float | None


class _JobRow(QWidget):
    """Sentence, bar and cross of one job."""

    cancelRequested = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._job_id = -1
        self._text = ElidedLabel("", "field")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _STEPS)
        self._bar.setFixedWidth(120)
        self._cancel: QToolButton = tool_button(theme, "close", "Stop this job", 12)
        self._cancel.clicked.connect(lambda: self.cancelRequested.emit(self._job_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)

    def show_job(self, job: JobLine) -> None:
        """Show where it is; nothing moves while that is not known."""
        self._job_id = job.id
        self._text.setText(job.text)
        self._cancel.setAccessibleName(f"Stop: {job.text}")
        self._bar.setAccessibleName(job.text)
        self._bar.setVisible(job.fraction is not None)
        show_progress(self._bar, round(min(max(job.fraction or 0.0, 0.0), 1.0) * _STEPS))


class JobBar(QWidget):
    """One job with its bar, several as a number that opens a list, else the last result.

    Signals:
        cancelRequested: Id of the job that the user wants stopped.
    """

    cancelRequested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.wording: Callable[[str], str] = str  # leaves out what must not be told
        self._jobs: tuple[JobLine, ...] = ()
        self._list: _JobList | None = None
        self._result = ElidedLabel("", "field")
        self._one = _JobRow(theme)
        self._several = push_button("", "Show the running jobs", "link")
        self._one.cancelRequested.connect(self.cancelRequested)
        self._several.clicked.connect(self._open_list)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._result, self._one, self._several):
            row.addWidget(widget)
        row.addStretch(1)
        self.set_jobs(())

    def set_jobs(self, jobs: Sequence[JobLine]) -> None:
        """Show what runs now."""
        jobs = self._jobs = tuple(replace(one, text=self.wording(one.text)) for one in jobs)
        self._result.setVisible(not jobs)
        self._one.setVisible(len(jobs) == 1)
        self._several.setVisible(len(jobs) > 1)
        self._several.setText(f"{len(jobs)} jobs")
        if len(jobs) == 1:
            self._one.show_job(jobs[0])
        if self._list is not None:
            self._list.show_jobs(self._jobs)

    def set_result(self, text: str) -> None:
        """The sentence that stands here while nothing runs."""
        self._result.setText(self.wording(text))

    def _open_list(self) -> None:
        self._list = _JobList(self._theme, self)
        self._list.cancelRequested.connect(self.cancelRequested)
        self._list.destroyed.connect(self._forget_list)
        self._list.show_jobs(self._jobs)
        self._list.adjustSize()
        self._list.move(self.mapToGlobal(QPoint(10, -self._list.height())))
        self._list.show()

    def _forget_list(self) -> None:
        self._list = None


class _JobList(QFrame):
    """All running jobs above the status bar; closes by itself when none is left."""

    cancelRequested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._rows: list[_JobRow] = []
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(theme.px(420))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 6, 8)

    def show_jobs(self, jobs: Sequence[JobLine]) -> None:
        """Show what runs now, with the rows that are there."""
        while len(self._rows) < len(jobs):
            row = _JobRow(self._theme)
            row.cancelRequested.connect(self.cancelRequested)
            self._column.addWidget(row)
            self._rows.append(row)
        for row, job in zip(self._rows, jobs, strict=False):
            row.show_job(job)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(jobs))
        if not jobs:
            self.close()
        self.adjustSize()
