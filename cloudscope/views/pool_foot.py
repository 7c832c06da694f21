"""The lower edge of the pool window: what is left out, progress, and what can be taken along."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, push_button, restyle, show_progress, tool_button

EXPORTS = {
    "points": ("Numbers Behind the Plot…", "Write what each point of the plot is, as CSV"),
    "summary": ("Summary…", "Write the statistics of the groups, as CSV"),
    "shown": ("Shown Rows…", "Write the rows of the table with all columns, as CSV or Parquet"),
    "all": ("All Rows…", "Write also rows that are left out, as CSV or Parquet"),
    "plot": ("Plot…", "Write the plot on white, as SVG, PDF or PNG"),
}
_STEPS = 1000
_ROLES = {"": "field", "ok": "field", "warn": "warnText", "err": "errText"}


class PoolFoot(QWidget):
    """Says one sentence; shows a bar only while something is gathered.

    Signals:
        refreshRequested, cancelRequested, copyRequested, copySummaryRequested: Buttons.
        exportRequested: A key of `EXPORTS`.
    """

    refreshRequested = Signal()
    cancelRequested = Signal()
    copyRequested = Signal()
    copySummaryRequested = Signal()
    exportRequested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = ElidedLabel("", "field")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setFixedWidth(theme.px(120))
        self.bar.setAccessibleName("Gathering results")
        self.cancel_button = tool_button(theme, "close", "Stop gathering results", 12)
        self.refresh_button = push_button("Refresh", "Gather the results again (F5)")
        self.copy_button = push_button("Copy Table", "Copy the rows of the table for a spreadsheet")
        self.export_button = self._export_button()
        self.cancel_button.clicked.connect(self.cancelRequested)
        self.refresh_button.clicked.connect(self.refreshRequested)
        self.copy_button.clicked.connect(self.copyRequested)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(8)
        row.addWidget(self.message, 1)
        row.addWidget(self.bar)
        row.addWidget(self.cancel_button)
        for button in (self.refresh_button, self.copy_button, self.export_button):
            row.addWidget(button)
        self.show_progress(None)

    def _export_button(self) -> QPushButton:
        button = push_button("Export", "Write tables, numbers and plots into files")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for name, (text, tip) in EXPORTS.items():
            action = menu.addAction(text)
            action.setToolTip(tip)
            action.triggered.connect(lambda on=False, name=name: self.exportRequested.emit(name))
        menu.addSeparator()
        copy = menu.addAction("Copy Summary")
        copy.setToolTip("Copy the statistics of the groups for a spreadsheet")
        copy.triggered.connect(self.copySummaryRequested)
        button.setMenu(menu)
        return button

    def show_progress(self, fraction: float | None, step: str = "") -> None:
        """A bar while there is something to wait for."""
        there = fraction is not None
        self.bar.setVisible(there)
        self.cancel_button.setVisible(there)
        self.refresh_button.setEnabled(not there)
        self.bar.setToolTip(step)
        show_progress(self.bar, round((fraction or 0.0) * _STEPS))

    def say(self, kind: str, sentence: str) -> None:
        """`ok`, `warn`, `err` or plain."""
        self.message.setText(sentence)
        role = _ROLES[kind]
        if self.message.property("role") != role:
            self.message.setProperty("role", role)
            restyle(self.message)
