"""Below the batch window: totals, how far it is, and the buttons that make sense now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from cloudscope.item_models.batch_table import Mark
from cloudscope.theme import Theme
from cloudscope.views.batch_words import BatchStatus, Phase, totals
from cloudscope.views.labels import ElidedLabel, push_button, show_progress
from cloudscope.wording import recordings

_BAR_STEPS = 1000
_COPY_TIP = "Copy the command that does the same (Ctrl+Shift+C)"


class BatchFoot(QWidget):
    """One main button at a time: Run, Stop or Resume; its owner connects them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.totals, self.bar, self.message = QLabel(), QProgressBar(), ElidedLabel("", "small")
        self.copy_button = push_button("Copy as Command Line", _COPY_TIP)
        self.close_button = push_button("Close", "Close the window; batches go on (Esc)")
        self.stop_button = push_button("Stop", "Stop; recordings that are done stay done (Ctrl+.)")
        self.resume_button = push_button(
            "Resume", "Measure the recordings that are left (Ctrl+R)", "primary"
        )
        self.run_button = push_button("Run", "Run the batch (Ctrl+R)", "primary")
        self.totals.setTextFormat(Qt.TextFormat.RichText)
        self.totals.setAccessibleName("Totals")
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(theme.px(150))
        self.bar.setAccessibleName("Progress of the batch")
        self._lay_out()
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def _draw_icons(self) -> None:
        self.stop_button.setIcon(self._theme.icon("stop"))
        for button in (self.run_button, self.resume_button):
            button.setIcon(self._theme.icon("run", "on_accent"))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 10)
        row.setSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.totals)
        row.addSpacing(8)
        row.addWidget(self.message, 1)
        for button in (self.copy_button, self.close_button, *self._main_buttons()):
            row.addWidget(button)

    def _main_buttons(self) -> tuple[QWidget, ...]:
        return self.stop_button, self.resume_button, self.run_button

    def show_status(self, status: BatchStatus) -> None:
        """Totals, bar and buttons."""
        draft = status.phase is Phase.DRAFT
        under_way = status.phase in (Phase.WAITING, Phase.RUNNING, Phase.STOPPING)
        self.totals.setText(totals(status))
        self.bar.setVisible(under_way)
        show_progress(self.bar, round(status.ended / max(status.total, 1) * _BAR_STEPS))
        had_focus = next((one for one in self._main_buttons() if one.hasFocus()), None)
        self.run_button.setVisible(draft)
        self.stop_button.setVisible(under_way)
        self.stop_button.setEnabled(status.phase is not Phase.STOPPING)
        self.resume_button.setVisible(status.can_resume)
        self.close_button.setText("Run in Background" if under_way else "Close")
        self._show_counts(status)
        if had_focus is not None and had_focus.isHidden():
            shown = [one for one in self._main_buttons() if not one.isHidden()]
            (shown or [self.close_button])[0].setFocus()

    def _show_counts(self, status: BatchStatus) -> None:
        left = status.count(Mark.CANCELLED, Mark.FAILED)
        self.resume_button.setText(f"Resume {recordings(left).title()}")
        runs, unknown = status.count(Mark.WILL_RUN, Mark.WILL_REPLACE), status.count(Mark.UNKNOWN)
        self.run_button.setEnabled(not status.fault and runs + unknown > 0)
        known = runs and not status.looking
        self.run_button.setText(f"Run {recordings(runs).title()}" if known else "Run")

    def set_copyable(self, reason: str) -> None:
        """Empty when there is a command line; else why there is none, as a tool tip."""
        self.copy_button.setEnabled(not reason)
        self.copy_button.setToolTip(reason or _COPY_TIP)

    def press_main(self) -> None:
        """Run or Resume, whichever is there."""
        for button in (self.run_button, self.resume_button):
            if not button.isHidden():
                button.click()
                return
