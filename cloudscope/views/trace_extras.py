"""Lines beside the trace of a result: what it was before a rerun, what a run would give."""

from __future__ import annotations

import pyqtgraph as pg

from cloudscope.theme import Theme
from cloudscope.views.trace_item import TraceItem
from cloudscope.views.trace_samples import TraceSamples

BEFORE, PREVIEW = "before", "preview"
_LOOK = {BEFORE: ("text3", True, -1), PREVIEW: ("accent", False, 5)}
"""Colour, dashed and height over the trace."""


class TraceExtras:
    """One thin line per kind, made when it is first wanted; no band and no rings."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self._items: dict[str, TraceItem] = {}
        self.samples: dict[str, TraceSamples] = {}

    def show(self, kind: str, samples: TraceSamples | None, theme: Theme) -> bool:
        """Draw it in lines of the recording, or take it away; whether that changed anything."""
        if self.samples.get(kind) is samples:
            return False
        token, dashed, height = _LOOK[kind]
        if kind not in self._items:
            item = self._items[kind] = TraceItem(width=1.0)
            item.setZValue(height)
            self._plot.addItem(item, ignoreBounds=True)
            item.recolor(theme, token)
        self.samples.pop(kind, None)
        if samples is not None:
            self.samples[kind] = samples
        self._items[kind].set_samples(samples, dashed=dashed)
        return True

    def recolor(self, theme: Theme) -> None:
        """Take the colours again."""
        for kind, item in self._items.items():
            item.recolor(theme, _LOOK[kind][0])
