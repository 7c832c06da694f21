"""The velocities of all compared recordings in one plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent

from cloudscope.theme import Theme
from cloudscope.views.compare_tile import TOKENS, Pinned, moment_at
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_item import TraceItem

_HEIGHT = 160


class CompareTrace(TimePlot):
    """One line per recording in its colour; another unit than the first one's is left out.

    Signals:
        hovered: Place on the time axis under the mouse, None outside.
    """

    hovered = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.items = tuple(TraceItem() for _ in TOKENS)
        self.cursor = pg.InfiniteLine(angle=90)
        self.cursor.hide()
        for item in (*self.items, self.cursor):
            self.plot_item.addItem(item, ignoreBounds=True)
        self.drawn: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Velocities")
        self.setFixedHeight(theme.px(_HEIGHT))
        self.plot_item.showGrid(x=False, y=True, alpha=0.2)
        self._recolor_traces()

    def show_pinned(self, pinned: Sequence[Pinned], in_seconds: bool) -> None:
        """Draw their velocities; hidden when there is none."""
        unit = next((one.trace_unit for one in pinned if one.trace is not None), "")
        drawn, ranges = [], []
        for place, item in enumerate(self.items):
            one = pinned[place] if place < len(pinned) else None
            if one is None or one.trace is None or one.trace_unit != unit:
                item.set_samples(None)
                continue
            item.set_samples(replace(one.trace, x=one.trace.x * one.step(in_seconds)))
            drawn.append(one.file_id)
            ranges.append(one.trace.robust_range())
        self.drawn = tuple(drawn)
        self.setVisible(bool(drawn))
        if ranges:
            low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
            self.view_box.setYRange(low, high, padding=0)
        self.value_axis.set_title(unit or "Velocity")
        self.set_time_step(1.0, in_seconds)

    @Slot(object)
    def set_cursor(self, at: float | None) -> None:
        """Mark a moment of the common axis."""
        self.cursor.setVisible(at is not None)
        if at is not None:
            self.cursor.setPos(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a moment."""
        super().mouseMoveEvent(event)
        self.hovered.emit(moment_at(self, event))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def recolor(self) -> None:
        """Lines follow the theme."""
        super().recolor()
        self._recolor_traces()

    def _recolor_traces(self) -> None:
        for item, token in zip(self.items, TOKENS, strict=True):
            item.recolor(self._theme, token)
        self.cursor.setPen(pg.mkPen(self._theme.color("text2")))
